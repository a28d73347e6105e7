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


def atom(entries: Sequence[Rendered]) -> list[Fragment]:
    """For archive pages, which are Atom alone."""
    said = xml.entries(entries, "atom")
    return [Fragment(entry.updated, entry.language, {"atom": a}) for entry, a in zip(entries, said, strict=True)]
