"""Under which hashes of its wording an article is found by its copies (docs/decisions/0038-keys-in-two-tables.md)."""

from collections.abc import Collection, Iterable, Sequence
from functools import cache
from itertools import groupby, islice, pairwise
from math import isqrt, log
from operator import itemgetter

from sqlalchemy import CompoundSelect, Connection, Insert, Select, bindparam, delete, or_, select, union

from aggregator.doors.store import bulk, dialect
from aggregator.doors.store.tables import recent_text_keys, text_keys

SLICES = 64
"""Parts of the 32 bits of a key, each with about as many keys as any other."""

STEEPNESS = 14
"""A key is one of the smallest hashes of a text, so few are large: in archives some 1 - exp(-14 x) of them lie in the
lowest x of the 32 bits."""


def keep(tx: Connection, found: Iterable[tuple[int, Iterable[int]]]) -> None:
    """Keys by the ids of their articles; in the order of the index, where there are many."""
    bulk.insert(tx, recent_text_keys, sorted((key, id) for id, keys in found for key in keys))


def change(tx: Connection, id: int, keys: Sequence[int], before: Sequence[int]) -> None:
    """To those of an edited text, or to none."""
    if gone := set(before) - set(keys):
        for statement in _DROP:
            tx.execute(statement, {"keys": list(gone), "of": id})
    keep(tx, [(id, set(keys) - set(before))])


def oldest(tx: Connection, keys: Sequence[int], most: int) -> list[tuple[int, int]]:
    """These keys with the articles that have them; of a key that very many have, the oldest."""
    found = sorted((key, id) for key, id in dialect.first_of_each(tx, _TABLES, keys, most))
    return [pair for _, under in groupby(found, itemgetter(0)) for pair in islice(under, most)]


def known(tx: Connection, keys: Collection[int]) -> set[int]:
    """Of these keys those that some article has."""
    return set(tx.scalars(_known(tx.dialect.name), {"keys": list(keys)}))


def having(keys: Collection[int]) -> CompoundSelect[int]:
    """A query for the ids of the articles that have one of these keys."""
    return union(*(select(of.c.article_id).where(of.c.key.in_(keys)) for of in _TABLES))


def put_away(tx: Connection, before: int, last: int) -> None:
    """For the new articles of these ids, move a slice of the recent keys, or a few, to where all others stand: many at
    a time change one page there. At a million articles it is a slice for each 250, and 16,000 articles are recent;
    both grow with the square root, as the cost of either does."""
    first, count = isqrt(SLICES * before), isqrt(SLICES * last) - isqrt(SLICES * before)
    begin, end = first % SLICES, first % SLICES + min(count, SLICES)
    for some in (_BOUNDS[begin:end], _BOUNDS[: max(end - SLICES, 0)]):
        if some:
            asked = {"low": some[0][0], "high": some[-1][1]}
            tx.execute(_copy(tx.dialect.name), asked)
            tx.execute(_CLEAR, asked)


def _bounds() -> list[tuple[int, int]]:
    """The first and the last key of each slice: equal parts of the keys as they are distributed, not of the 32 bits."""
    ends = [min(-log(1 - n / SLICES) / STEEPNESS, 1) for n in range(SLICES)] + [1]
    return [(low, high - 1) for low, high in pairwise(int(end * 2**32) - 2**31 for end in ends)]


_BOUNDS = _bounds()
_TABLES = (text_keys, recent_text_keys)

# Made once, as in likenesses.
_DROP = [
    delete(of).where(of.c.key.in_(bindparam("keys", expanding=True)), of.c.article_id == bindparam("of"))
    for of in _TABLES
]
_c = recent_text_keys.c
_OF_SLICE = _c.key.between(bindparam("low"), bindparam("high"))
_CLEAR = delete(recent_text_keys).where(_OF_SLICE)


@cache
def _known(name: str) -> Select[int]:
    asked = dialect.each_of(name, "keys")
    return select(asked.c.value).where(
        or_(*(select(of.c.key).where(of.c.key == asked.c.value).exists() for of in _TABLES))
    )


@cache
def _copy(name: str) -> Insert:
    slice = select(recent_text_keys).where(_OF_SLICE).order_by(_c.key, _c.article_id)
    return dialect.ignore_conflict(dialect.insert(name, text_keys).from_select(["key", "article_id"], slice))
