"""What a person says of a site's pages, in the format of FiveFilters' ftr-site-config."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

MAX_RULES = 500
MAX_LENGTH = 2000  # characters of a rule

XPATHS = ("title", "body", "author", "date", "strip", "single_page_link", "next_page_link")
WORDS = ("strip_id_or_class", "strip_image_src", "test_url", "test_contains")
SWITCHES = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}

_LINE = re.compile(
    r"(?P<name>[a-z_]+)\s*(?:\((?P<of>.*?)\))?\s*:(?:\s+|$)(?P<said>.*)|(?P<bare>[a-z_]+)\s*:(?P<rest>.*)"
)
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, 5.6.2
# What the client itself says of a connection and a body.
_CLIENTS = frozenset({"host", "connection", "content-length", "transfer-encoding", "te", "upgrade", "accept-encoding"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The rules of one file, each kind in the order of its lines; `tidy` is not among them: every page is mended when
    it is read."""

    name: str  # as a reader of reasons may look it up
    title: tuple[str, ...] = ()  # XPath, like the next six; the first that finds something counts
    body: tuple[str, ...] = ()
    author: tuple[str, ...] = ()
    date: tuple[str, ...] = ()
    strip: tuple[str, ...] = ()  # all of them
    single_page_link: tuple[str, ...] = ()
    next_page_link: tuple[str, ...] = ()
    strip_id_or_class: tuple[str, ...] = ()  # parts of an id or class
    strip_image_src: tuple[str, ...] = ()  # parts of a picture's address
    test_url: tuple[str, ...] = ()  # for whoever looks after the file, as the next
    test_contains: tuple[str, ...] = ()
    replaced: tuple[tuple[str, str], ...] = ()  # in the page's source
    http_header: tuple[tuple[str, str], ...] = ()
    prune: bool = True  # what is no text goes from the body too


@dataclass(slots=True)
class _Reading:
    rules: dict[str, list[str]] = field(default_factory=dict)
    finds: list[str] = field(default_factory=list)
    replaces: list[str] = field(default_factory=list)
    replaced: list[tuple[str, str]] = field(default_factory=list)
    headers: list[tuple[str, str]] = field(default_factory=list)
    prune: bool = True


def parse(name: str, text: str) -> tuple[Rules, tuple[str, ...]]:
    """The rules of a file, and a warning for each line that is none."""
    reading = _Reading()
    warnings = [f"{name}:{number}: {reason}" for number, reason in _read(text, reading)]
    if len(reading.finds) != len(reading.replaces):
        warnings.append(f"{name}: find_string and replace_string come in pairs; what is left over is ignored")
    pairs = zip(reading.finds, reading.replaces, strict=False)
    known = {key: tuple(said) for key, said in reading.rules.items()}
    rules = Rules(
        name=name,
        replaced=(*pairs, *reading.replaced),
        http_header=tuple(reading.headers),
        prune=reading.prune,
        **known,
    )
    return rules, tuple(warnings)


def _read(text: str, reading: _Reading) -> Iterator[tuple[int, str]]:
    """Line number and reason of what cannot be taken."""
    for number, line in enumerate(text.splitlines(), 1):
        said = line.strip()
        if not said or said.startswith("#"):
            continue
        if number > MAX_RULES:
            yield number, f"more than {MAX_RULES} lines; the rest is ignored"
            return
        reason = "a rule is too long" if len(said) > MAX_LENGTH else _take(said, reading)
        if reason:
            yield number, f"{reason}; ignored"


def _take(line: str, reading: _Reading) -> str | None:
    """Why the line was not taken; None: it was."""
    found = _LINE.fullmatch(line)
    if found is None:
        return f"no rule: {line[:60]!r}"
    name, of, said = found["name"] or found["bare"], found["of"], (found["said"] or found["rest"] or "").strip()
    if name in XPATHS and of is None:
        return _xpath(name, said, reading)
    if name in WORDS and of is None:
        reading.rules.setdefault(name, []).append(
            said if name.startswith("test_") else said.replace('"', "").replace("'", "")
        )
        return None if said else f"{name} says nothing"
    if name in ("prune", "tidy") and of is None:
        if said.lower() not in SWITCHES:
            return f"{name} is yes or no, not {said[:60]!r}"
        reading.prune = SWITCHES[said.lower()] if name == "prune" else reading.prune
        return None
    if name == "http_header" and of:
        return _header(of, said, reading)
    if name == "replace_string" and of:
        reading.replaced.append((of, said))
    elif name == "find_string" and of is None and said:
        reading.finds.append(said)
    elif name == "replace_string" and of is None:
        reading.replaces.append(said)
    else:
        return f"unknown rule {name!r}" if name != "find_string" else "find_string says nothing"
    return None


def _xpath(name: str, said: str, reading: _Reading) -> str | None:
    try:
        etree.XPath(said, regexp=False)(etree.Element("html"))
    except (etree.XPathError, ValueError) as error:
        return f"{name}: not XPath: {error}"
    reading.rules.setdefault(name, []).append(said)
    return None


def _header(name: str, said: str, reading: _Reading) -> str | None:
    if not _HEADER.fullmatch(name) or not said or not (said.isascii() and said.isprintable()):
        return f"http_header({name[:60]}) cannot be sent: only printable ASCII is"
    if name.lower() in _CLIENTS:
        return f"http_header({name[:60]}) is not for a page to choose"
    reading.headers.append((name.lower(), said))
    return None
