"""On which days the articles of each block of ids were published: who asks for dates need not look at the others
(docs/decisions/0039-days-of-blocks.md)."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, Connection, and_, or_, select

from aggregator.doors.store import bulk, dialect
from aggregator.doors.store.likenesses import DECIDING
from aggregator.doors.store.limits import Limits
from aggregator.doors.store.tables import articles, days

BLOCK = 128
"""Ids of a block."""

FIRST = 64
"""Blocks that are looked up first, then twice as many: the newest often have enough."""

BRIDGED = 4
"""Blocks between two that are read with them: to ask the index once more takes as long."""

LATELY = 10_000
"""Articles that an older program may have kept beside this one."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Dated = tuple[int, datetime | None, datetime]
"""Of an article: its id, when it was published and first seen."""


def keep(tx: Connection, dated: Iterable[Dated]) -> None:
    """So that these are found by their dates. What a block had once stays: it may say more than there is."""
    bulk.insert(tx, days, sorted(set(map(_place, dated))), there="keep")


def catch_up(tx: Connection) -> None:
    """So that what an older program kept lately is found by its dates: one that was running when this one brought the
    archive to its schema knows of no days."""
    dialect.exclusive(tx, DECIDING)  # as whoever saves an article: rows in another order would be waited for both ways
    c = articles.c
    newest = select(c.id, c.published, c.first_seen).order_by(c.id.desc()).limit(LATELY)
    keep(tx, map(tuple, tx.execute(newest)))


def missing(tx: Connection, dated: Sequence[Dated]) -> list[int]:
    """Of some articles, in the order of their ids, those that are not found by their dates."""
    blocks = days.c.block.between(dated[0][0] // BLOCK, dated[-1][0] // BLOCK)
    there = {(row.block, row.day) for row in tx.execute(select(days).where(blocks))}
    return [each[0] for each in dated if _place(each) not in there]


def ranges(
    tx: Connection, limits: Limits | None, low: int, high: int, *, newest_first: bool
) -> Iterator[tuple[int, int]]:
    """From where to where, in this order, ids from `low` to `high` may be of articles that keep to the limits."""
    held, block, size = _held(limits) if limits else None, days.c.block, FIRST
    if held is None:
        yield low, high
        return
    query = select(block).distinct().where(held).order_by(block.desc() if newest_first else block)
    first, last = low // BLOCK, high // BLOCK
    while blocks := tx.scalars(query.where(block.between(first, last)).limit(size)).all():
        for least, most in _runs(blocks):
            yield max(low, least * BLOCK), min(high, most * BLOCK + BLOCK - 1)
        first, last = (first, blocks[-1] - 1) if newest_first else (blocks[-1] + 1, last)
        size *= 2


def _place(dated: Dated) -> tuple[int, int]:
    id, published, first_seen = dated
    return id // BLOCK, _day(published or first_seen)


def _held(limits: Limits) -> ColumnElement[bool] | None:
    """Holds for the day of every article that keeps to the limits; None: so may any day."""
    what, value = limits
    match what:
        case "and":
            some = [held for part in value if (held := _held(part)) is not None]
            return and_(*some) if some else None
        case "or":
            every = [held for part in value if (held := _held(part)) is not None]
            return or_(*every) if len(every) == len(value) else None
        case "before":
            return days.c.day <= _day(value)
        case "after" | "since":
            return days.c.day >= _day(value)
    return None


def _runs(blocks: Sequence[int]) -> Iterator[tuple[int, int]]:
    """The first and the last of those that are close together."""
    start = 0
    for n, block in enumerate(blocks, 1):
        if n == len(blocks) or abs(blocks[n] - block) > BRIDGED + 1:
            yield min(blocks[start], block), max(blocks[start], block)
            start = n


def _day(at: datetime) -> int:
    return (at - _EPOCH).days
