"""Entries as every format has them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from aggregator.steps.render import jsonfeed, xml
from aggregator.steps.render.entry import Rendered


class Fragment(NamedTuple):
    """An entry in every format."""

    updated: datetime
    language: str | None
    said: Mapping[str, bytes]  # by format

    @property
    def size(self) -> int:
        return sum(map(len, self.said.values()))


def fragments(entries: Sequence[Rendered]) -> list[Fragment]:
    atom, rss, json = xml.entries(entries, "atom"), xml.entries(entries, "rss"), jsonfeed.entries(entries)
    return [
        Fragment(entry.updated, entry.language, {"atom": a, "rss": r, "json": j})
        for entry, a, r, j in zip(entries, atom, rss, json, strict=True)
    ]


def of_pages(entries: Sequence[Rendered]) -> list[Fragment]:
    """In the formats that archive pages have."""
    atom, json = xml.entries(entries, "atom"), jsonfeed.entries(entries)
    return [
        Fragment(entry.updated, entry.language, {"atom": a, "json": j})
        for entry, a, j in zip(entries, atom, json, strict=True)
    ]
