"""The one spelling of a URL."""

import re
from urllib.parse import quote, unquote, urljoin, urlsplit, urlunsplit

MAX_LENGTH = 4096
_PORTS = {"http": 80, "https": 443}

# Characters that mean the same escaped or not (RFC 3986, 2.3); everything else keeps its escape.
_UNRESERVED = re.compile(r"%([0-9A-Fa-f]{2})")
# Absolute as it stands: what urljoin would give back unchanged, at a tenth of its cost.
_PLAIN = re.compile(
    r"https?://[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+(?::[0-9]{1,5})?"
    r"(?:/[A-Za-z0-9_.~!$&'()*+,=:@%/-]{0,2000})?(?:\?[A-Za-z0-9_.~!$&'()*+,=:@%/?-]{1,1500})?"
)
_SPACE = re.compile(r"[\t\r\n]")


def absolute(base: str, url: str) -> str | None:
    """The http(s) address that `url` means on a page at `base`; None where it is none."""
    if is_plain(url):
        return url
    try:
        joined = urljoin(base, _SPACE.sub("", url.strip()))
        parts = urlsplit(joined)
        usable = parts.scheme in _PORTS and parts.hostname
    except ValueError:
        return None
    joined = parts.scheme + joined[len(parts.scheme) :]  # in lower case
    joined = (
        joined
        if joined.isprintable()
        else "".join(c if c.isprintable() else quote(c, errors="replace") for c in joined)
    )
    return joined if usable and len(joined) <= MAX_LENGTH else None


def is_plain(url: str) -> bool:
    """Whether it is absolute, and spelled as urljoin would give it back."""
    return len(url) <= MAX_LENGTH and bool(_PLAIN.fullmatch(url))


def normal(url: str) -> str:
    """The same address in its one spelling (RFC 3986, 6.2); `url` is absolute http(s). Raises ValueError otherwise."""
    parts = urlsplit(_SPACE.sub("", url.strip()))
    if parts.scheme not in _PORTS or not parts.hostname:
        raise ValueError(f"not an http or https address: {url!r}")
    netloc = _host(parts.hostname)
    if parts.port and parts.port != _PORTS[parts.scheme]:
        netloc += f":{parts.port}"
    if parts.username is not None:
        netloc = f"{parts.netloc.rpartition('@')[0]}@{netloc}"
    path = quote(_dots(_unescape(parts.path)), safe="/%:@!$&'()*+,;=~-._[]|") or "/"
    query = quote(_unescape(parts.query), safe="/%:@!$&'()*+,;=~-._[]|?{}")
    return urlunsplit((parts.scheme, netloc, path, query, parts.fragment))


def host(url: str) -> str:
    """The host and port that are asked for this address; "" where it has none."""
    try:
        return urlsplit(url).netloc.rpartition("@")[2].lower()
    except ValueError:
        return ""


def _host(hostname: str) -> str:
    name = _ascii(hostname.lower()).rstrip(".")
    if not name:
        raise ValueError(f"not a host: {hostname!r}")
    return f"[{name}]" if ":" in name else name


def _ascii(name: str) -> str:
    """As browsers do it (UTS 46, not transitional): "ß" is a letter of its own, and an emoji may be a name."""
    if name.isascii():
        return name
    import idna  # its large tables, for the few hosts that need them

    labels = idna.uts46_remap(name, std3_rules=False, transitional=False).split(".")  # an IDNAError is a ValueError
    if "" in labels[:-1]:
        raise ValueError(f"not a host: {name!r}")
    return ".".join(label if label.isascii() else f"xn--{label.encode('punycode').decode()}" for label in labels)


def _unescape(text: str) -> str:
    def plain(match: re.Match[str]) -> str:
        character = unquote(match[0], errors="replace")
        return character if character.isascii() and (character.isalnum() or character in "-._~") else match[0].upper()

    return _UNRESERVED.sub(plain, text)


def _dots(path: str) -> str:
    """RFC 3986, 5.2.4: remove dot segments."""
    if "/." not in path:
        return path
    out: list[str] = []
    segments = path.split("/")
    for segment in segments:
        if segment == "..":
            if len(out) > 1:
                out.pop()
        elif segment != ".":
            out.append(segment)
    if segments[-1] in (".", ".."):
        out.append("")
    return "/".join(out)
