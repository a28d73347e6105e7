"""The key under which one page is known, whatever way its address was written."""

import re
from functools import lru_cache
from unicodedata import normalize
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlencode, urlsplit

from aggregator.steps.urls import rules
from aggregator.steps.urls.spelling import normal

_WRAPPED = 3  # a link to an archived redirect of a redirect
_FRONT_ENDS = frozenset({"www", "m", "mobile", "touch", "amp"})
_INDEX = re.compile(r"/(index\.(html?|php|aspx?|jsp|cfm)|default\.(aspx?|html?))$", re.IGNORECASE)
_AMP = re.compile(r"(?<=[^/])/amp$|\.amp$|\.amp(?=\.html?$)")
# WordPress gives the comments of a post a feed, and some feeds link to it. The feed of a site is another thing.
_COMMENT_FEED = re.compile(r"(?<=/)(\d{4}/\d{2}/.+)/feed$")
_SESSION = re.compile(r";jsessionid=[^/;]*", re.IGNORECASE)
_BEYOND_ASCII = re.compile(r"[A-Za-z]?(?:%[89A-F][0-9A-F])+")
_YES = frozenset({"", "1", "true", "yes", "y"})


@lru_cache(maxsize=4096)
def page_key(url: str) -> str:
    """What the addresses of one page share. Scheme, front end (www., m., amp.), default port, trackers, the order of
    parameters, index pages and plain fragments do not count; a redirector's address is that of its target. A parameter
    that may choose the content counts, and so does a fragment that a script routes by ("#!", "#/")."""
    try:
        parts = urlsplit(_unwrapped(_absolute(url)))
    except ValueError:
        return url
    host, path, query = _site(parts), _path(parts.path), parse_qsl(parts.query, keep_blank_values=True)
    if host == "youtu.be" and len(path) > 1:
        host, path, query = "youtube.com", "/watch", [("v", path[1:])]
    trackers, _ = rules.of_host(parts.netloc)
    kept = sorted((pair for pair in query if not _tracks(trackers, *pair)), key=lambda pair: pair[0])
    fragment = f"#{parts.fragment}" if parts.fragment.startswith(("!", "/")) else ""
    return f"{host}{path}{'?' + urlencode(kept) if kept else ''}{fragment}"


def _absolute(url: str) -> str:
    said = url.strip().replace("&amp;", "&")
    return normal(f"https:{said}" if said.startswith("//") else said)


def _unwrapped(url: str) -> str:
    for _ in range(_WRAPPED):
        inner = _target(urlsplit(url))
        if inner is None:
            break
        url = inner
    return url


def _target(parts: SplitResult) -> str | None:
    place = f"{parts.netloc}{parts.path}"
    whole = f"{place}?{parts.query}" if parts.query else place
    for pattern in rules.WRAPPED:
        if found := pattern.match(whole):
            inner = re.sub(r"^(https?):/+", r"\1://", found[1])
            return _address(inner if inner.startswith(("http://", "https://")) else f"https://{inner}")
    names = next((names for pattern, names in rules.WRAPPERS if pattern.match(place)), ())
    said = dict(parse_qsl(parts.query))
    wanted = names or rules.of_host(parts.netloc)[1]
    return next(filter(None, (_address(said.get(name, "")) for name in wanted)), None)


def _address(said: str) -> str | None:
    try:
        return normal(said)
    except ValueError:
        return None


def _site(parts: SplitResult) -> str:
    """The host without its front ends, as long as a name is left ("m.example.org", "en.m.wikipedia.org")."""
    labels = parts.netloc.rpartition("@")[2].split(".")
    while len(labels) > 2 and labels[0] in _FRONT_ENDS:
        del labels[0]
    if len(labels) > 3 and labels[1] in ("m", "mobile"):
        del labels[1]
    host = ".".join(labels)
    return rules.SITES.get(host, host)


def _path(path: str) -> str:
    plain = _SESSION.sub("", re.sub("//+", "/", _BEYOND_ASCII.sub(_composed, path)))
    plain = _INDEX.sub("/", plain.rstrip("/") or "/").rstrip("/")
    plain = _COMMENT_FEED.sub(r"\1", _AMP.sub("", plain))
    return plain.rstrip("/") or "/"


def _composed(escapes: re.Match[str]) -> str:
    """NFD and NFC are one name: file systems serve both, and feeds mix them."""
    try:
        return quote(normalize("NFC", unquote(escapes[0], errors="strict")))
    except UnicodeDecodeError:
        return escapes[0]


def _tracks(trackers: frozenset[str], parameter: str, value: str) -> bool:
    name = parameter.lower()
    if name in trackers or name.startswith(rules.PREFIXES):
        return True
    if name in ("amp", "print"):
        return value.lower() in _YES
    return name == "outputtype" and value == "amp"
