"""The normal form of a URL, and the key under which one page is known."""

import re
from urllib.parse import parse_qsl, quote, unquote, urlencode, urljoin, urlsplit, urlunsplit

MAX_LENGTH = 4096
_PORTS = {"http": 80, "https": 443}

# Parameters that say where a reader came from, never what the page shows. Exact names and prefixes that trackers own;
# a parameter that any site uses to choose its content ("id", "p", "page", "ref") is not here.
_TRACKERS = frozenset(
    """fbclid gclid dclid gbraid wbraid msclkid yclid twclid ttclid igshid mc_cid mc_eid mkt_tok oly_enc_id oly_anon_id
    _hsenc _hsmi vero_id wickedid s_cid ncid cmpid at_medium at_campaign xtor ocid""".split()  # noqa: SIM905  a word list
)
_TRACKER_PREFIXES = ("utm_", "pk_", "mtm_", "hsa_", "__hs")
# Characters that mean the same escaped or not (RFC 3986, 2.3); everything else keeps its escape.
_UNRESERVED = re.compile(r"%([0-9A-Fa-f]{2})")
_SPACE = re.compile(r"[\t\r\n]")


def absolute(base: str, url: str) -> str | None:
    """The http(s) address that `url` means on a page at `base`; None where it is none."""
    try:
        joined = urljoin(base, _SPACE.sub("", url.strip()))
        parts = urlsplit(joined)
        usable = parts.scheme in _PORTS and parts.hostname
    except ValueError:
        return None
    return joined if usable and len(joined) <= MAX_LENGTH else None


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


def page_key(url: str) -> str:
    """What two addresses of one page share: scheme, www., default port, trackers, parameter order and plain fragment
    do not count. A fragment that a script routes by ("#!", "#/") does."""
    try:
        parts = urlsplit(normal(url))
    except ValueError:
        return url
    host = (parts.netloc.rpartition("@")[2]).removeprefix("www.")
    query = urlencode(sorted(p for p in parse_qsl(parts.query, keep_blank_values=True) if not _tracks(p[0])))
    fragment = f"#{parts.fragment}" if parts.fragment.startswith(("!", "/")) else ""
    path = parts.path if parts.path == "/" else parts.path.rstrip("/")
    return f"{host}{path}{'?' + query if query else ''}{fragment}"


def host(url: str) -> str:
    """The host and port that are asked for this address; "" where it has none."""
    try:
        return urlsplit(url).netloc.rpartition("@")[2].lower()
    except ValueError:
        return ""


def _tracks(parameter: str) -> bool:
    name = parameter.lower()
    return name in _TRACKERS or name.startswith(_TRACKER_PREFIXES)


def _host(hostname: str) -> str:
    name = hostname.lower().rstrip(".")
    if not name:
        raise ValueError(f"not a host: {hostname!r}")
    if ":" in name:
        return f"[{name}]"
    try:
        return name.encode("ascii").decode()
    except UnicodeEncodeError:
        return name.encode("idna").decode()  # UnicodeError is a ValueError


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
