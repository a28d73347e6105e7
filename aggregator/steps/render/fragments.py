"""Entries as every format has them."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from aggregator.model import Part
from aggregator.steps.render import jsonfeed, xml
from aggregator.steps.render.entry import Rendered

FORMATS = ("atom", "rss", "json")
PAGED = ("atom", "json")
"""Formats of archive pages: RSS names those in Atom."""

TOGETHER = 300_000
"""Characters of entries that are rendered together: what renders them holds several times that at once."""


class Fragment(NamedTuple):
    """An entry in every format."""

    id: str
    is_given: bool
    updated: datetime
    language: str | None
    said: Mapping[str, Part]  # by format

    @property
    def size(self) -> int:
        return sum(map(len, self.said.values()))


def fragments(entries: Sequence[Rendered], formats: Sequence[str] = FORMATS) -> list[Fragment]:
    return [fragment for some in together(entries) for fragment in _fragments(some, formats)]


def together(entries: Sequence[Rendered]) -> Iterator[list[Rendered]]:
    """As many at a time as are rendered together."""
    some: list[Rendered] = []
    size = 0
    for entry in entries:
        size += len(entry.content)
        if some and size > TOGETHER:
            yield some
            some, size = [], len(entry.content)
        some.append(entry)
    yield some


def _fragments(entries: Sequence[Rendered], formats: Sequence[str]) -> list[Fragment]:
    said = {f: jsonfeed.entries(entries) if f == "json" else xml.entries(entries, f) for f in formats}
    return [
        Fragment(entry.id, entry.is_given, entry.updated, entry.language, {f: said[f][n] for f in formats})
        for n, entry in enumerate(entries)
    ]
