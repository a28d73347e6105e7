"""What the pages of a host say again and again: a paragraph that stands around different articles is none of them."""

import json
from collections.abc import Collection, Mapping, Sequence
from hashlib import blake2b
from typing import NamedTuple, TypeAlias

from aggregator.steps import text, urls
from aggregator.steps.extract.blocks import Block
from aggregator.steps.extract.metadata import Metadata

OTHERS = 2
"""Other articles that must have stood beside a paragraph before it is taken for the site's own. (In the benchmark
one is enough to do good on four pages of 164, and harm on none; a daemon sees more, where twice may be chance.)"""

MAX_BLOCKS = 600  # of a host
MAX_LEARNED = 60  # of a page, which a page of thousands of lines would fill the memory with otherwise
LEAST_WORDS = 4
LEAST_CHANCE = 0.2
"""What the trees take for hopeless needs no memory: it is no text already."""

MOST = 1 / 3
"""The share of an article's words that may be the site's own; where more recurs, it is the same article again."""


class Place(NamedTuple):
    """An article, by the two things that make it known: its address and its headline."""

    url: int
    title: int

    def is_same(self, other: "Place") -> bool:
        return self.url == other.url or self.title == other.title


Memory: TypeAlias = Mapping[int, tuple[Place, ...]]
"""By a paragraph's key the first few articles that it stood beside; what was seen last stands last."""


def place(url: str, title: str) -> Place:
    return Place(_key(urls.page_key(url)) >> 16, _key(text.fold(title)) >> 16)


def learned(blocks: Sequence[Block], chances: Sequence[float]) -> tuple[int, ...]:
    """The paragraphs of a page that are worth remembering."""
    keys = (
        _key(b.folded)
        for b, chance in zip(blocks, chances, strict=True)
        if chance > LEAST_CHANCE and b.words >= LEAST_WORDS
    )
    return tuple(dict.fromkeys(keys))[:MAX_LEARNED]


def repeated(
    blocks: Sequence[Block], chosen: Sequence[int], memory: Memory, here: Place, said: Metadata
) -> dict[int, int]:
    """Which chosen paragraphs stood beside at least OTHERS other articles, and beside how many. What the page itself
    calls its description or its article's body is its own; a heading goes only with what it heads."""
    found: dict[int, int] = {}
    own = text.fold(f"{said.description or ''} {said.body or ''}")
    for i in chosen:
        others = sum(not here.is_same(p) for p in memory.get(_key(blocks[i].folded), ()))
        if others >= OTHERS and blocks[i].folded not in own:
            found[i] = others
    kept = [i for i in chosen if i not in found or blocks[i].kind[0] == "h"]
    for i, following in zip(kept, [*kept, None][1:], strict=True):
        if i in found and following is not None and following not in found:
            del found[i]
    whole = sum(blocks[i].words for i in chosen)
    return found if sum(blocks[i].words for i in found) <= whole * MOST else {}


def remember(memory: Memory, keys: Collection[int], here: Place) -> dict[int, tuple[Place, ...]]:
    """The memory with one page more, within its bounds: what only one article had goes first, the longest unseen."""
    fresh = set(keys)
    after = {key: places for key, places in memory.items() if key not in fresh}
    for key in keys:
        places = memory.get(key, ())
        is_new = len(places) <= OTHERS and not any(here.is_same(p) for p in places)
        after[key] = (*places, here) if is_new else places
    surplus = len(after) - MAX_BLOCKS
    if surplus > 0:
        for key in sorted(after, key=lambda key: len(after[key]) > 1)[:surplus]:
            del after[key]
    return after


def known(memory: Memory) -> Memory:
    """What of a memory can say anything."""
    return {key: places for key, places in memory.items() if len(places) >= OTHERS}


def packed(memory: Memory) -> str:
    return json.dumps([[key, *map(list, places)] for key, places in memory.items()], separators=(",", ":"))


def unpacked(said: str | None) -> Memory:
    return {key: tuple(Place(*p) for p in places) for key, *places in json.loads(said or "[]")}


def _key(said: str) -> int:
    """48 bits, which JSON's numbers hold."""
    return int.from_bytes(blake2b(said.encode("utf-8", "replace"), digest_size=6).digest(), "big")
