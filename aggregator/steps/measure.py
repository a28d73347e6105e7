"""How much of a document is kept, and what of it was too much."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TypeVar

from aggregator.model import EntryLimits, Feed

MAX_AUTHORS = 50
MAX_DESCRIPTION = 5000  # of a feed
MAX_LANGUAGE = 100  # characters; the longest tag in use has some thirty

T = TypeVar("T")

_ENTRIES = "entries"
_WORDS = {
    "max_characters": "an entry has over {:,} characters",
    "max_depth": "the markup of an entry is more than {:,} elements deep",
    "max_attributes": "an element has more than {:,} attributes",
    "max_pictures": "an entry has more than {:,} pictures or files",
    "max_title": "a title has over {:,} characters",
    "max_author": "the names of authors have over {:,} characters",
    "max_categories": "an entry has more than {:,} categories",
    "max_category": "a category has over {:,} characters",
    "max_caption": "a caption or credit has over {:,} characters",
}

# What XML 1.0 forbids; beside it the lone surrogates, which no encoder takes, and what Unicode calls no character.
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_SPACES = re.compile(r"\s{64,}")
_OF_SPACES = re.compile(r"\s{8}")  # in every eighth character, where 64 spaces are
_TOKEN = re.compile(r"<(/?)([A-Za-z][^\s/>]{0,40})([^<>]*)>?")
# Pictures inside the page: never kept, and megabytes long.
_DATA = re.compile(r"""(=\s{0,9}["']?)data:[^\s"'<>]{100,}""")
_ATTRIBUTE = re.compile(r"""(?<=[\s"'])[^\s="'/]{1,64}\s{0,9}=\s{0,9}(?:"[^"]*"|'[^']*'|[^\s"']+)""")
# Elements without an end, and those that a sibling ends: they do not add to the depth.
_FLAT = frozenset(
    """
    area base br col embed hr img input link meta param source track wbr p li dt dd td th tr tbody thead
    tfoot option
    """.split()  # noqa: SIM905  a word list
)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_EDGE = re.compile(r"<(/?)([A-Za-z][^\s/>]{0,40})")
_LONG = re.compile(r"<[A-Za-z][^<>]{400,}")


@dataclass(frozen=True, slots=True)
class Measure:
    """Of one document: the limits, and which of them were met."""

    limits: EntryLimits = field(default_factory=EntryLimits)
    entries: int | None = None  # None: all
    over: set[str] = field(default_factory=set)

    def holds(self, limit: str, count: int) -> bool:
        """Whether so many are within the limit; where not, that is noted."""
        if count <= getattr(self.limits, limit):
            return True
        self.over.add(limit)
        return False

    def cut(self, limit: str, said: str | None) -> str | None:
        """As much of a text as is within the limit."""
        return said if not said or self.holds(limit, len(said)) else said[: getattr(self.limits, limit)]

    def first(self, entries: Sequence[T]) -> Sequence[T]:
        """Those that are read."""
        if self.entries is None or len(entries) <= self.entries:
            return entries
        self.over.add(_ENTRIES)
        return entries[: self.entries]

    def of(self, feed: Feed) -> Feed:
        """The feed, with what was too much of its document."""
        unread = f"only its first {self.entries} entries are read (poll.max_entries)" if _ENTRIES in self.over else None
        return replace(feed, unread=unread, cut=self._cut())

    def _cut(self) -> tuple[str, ...]:
        said = ((name, words) for name, words in _WORDS.items() if name in self.over)
        return tuple(f"{words.format(getattr(self.limits, name))}, cut (entry.{name})" for name, words in said)


def bounded(html: str, measure: Measure | None = None) -> str:
    """The same page, cut to what nh3 and lxml take in bounded time.

    100,000 nested tags cost nh3 over 90 s, 2.4 MB of spaces 11 s; many attributes cost others as much.
    """
    measure = measure or Measure()
    html = _DATA.sub(r"\1", html) if "data:" in html else html
    if not measure.holds("max_characters", len(html)):
        html = html[: measure.limits.max_characters]
    html = FORBIDDEN.sub("", html)
    if len(html) > 20_000 and _OF_SPACES.search(html[::8]):
        html = _SPACES.sub("\n", html)
    if "<!--" in html:
        html = _COMMENT.sub("", html)
    if html.count("&") > 100_000:  # no article; 900,000 of them cost nh3 9 s
        html = html.replace("&", "")
    if (html.count("<") <= measure.limits.max_depth and len(html) < 10_000) or _is_bounded(html, measure.limits):
        return html
    return _TOKEN.sub(_limits(measure), html)


def _is_bounded(html: str, limits: EntryLimits) -> bool:
    """Whether no tag is too deep or has too many attributes, by what patterns find at once; no comments in it."""
    if any(tag[0].count("=") > limits.max_attributes or len(tag[0]) > 5000 for tag in _LONG.finditer(html)):
        return False
    if html.count("<") - html.count("</") <= limits.max_depth:
        return True
    opened: Counter[str] = Counter()
    depth = 0
    for end, said in _EDGE.findall(html):
        name = said.lower()
        if name in _FLAT:
            continue
        if not end:
            opened[name] += 1
            depth += 1
            if depth > limits.max_depth:
                return False
        elif opened[name]:
            opened[name] -= 1
            depth -= 1
    return True


def _limits(measure: Measure) -> Callable[[re.Match[str]], str]:
    """Tags beyond the depth go, and the end tags that lost their start."""
    open_tags: Counter[str] = Counter()
    depth, most = 0, measure.limits.max_attributes

    def limit(tag: re.Match[str]) -> str:
        nonlocal depth
        end, name, attributes = tag.groups()
        name = name.lower()
        if end:
            if name in _FLAT:
                return tag[0]
            if not open_tags[name]:
                return ""
            open_tags[name] -= 1
            depth -= 1
            return tag[0]
        if name not in _FLAT and not attributes.endswith("/"):
            if not measure.holds("max_depth", depth + 1):
                return ""
            open_tags[name] += 1
            depth += 1
        if attributes.count("=") <= most and len(attributes) < 10_000:
            return tag[0]
        kept = [a[0] for a in islice(_ATTRIBUTE.finditer(attributes[:100_000]), most + 1)]
        if not measure.holds("max_attributes", len(kept)):
            kept.pop()
        return f"<{name} {' '.join(kept)}>"

    return limit
