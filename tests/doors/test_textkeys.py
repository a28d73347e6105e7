"""doors.store.textkeys"""

from itertools import pairwise

from sqlalchemy import Connection, func, select

from aggregator.doors.store import Store, textkeys
from aggregator.doors.store.tables import recent_text_keys, text_keys

LEAST, MOST = -(2**31), 2**31 - 1


async def test_keys_are_found_before_and_after_they_are_put_away(store: Store) -> None:
    await store.write(textkeys.keep, [(1, [LEAST, 5, MOST]), (2, [5, 6])])
    before = await _told(store, [LEAST, 5, 6, 7, MOST])
    assert before == ({LEAST, 5, 6, MOST}, [(LEAST, 1), (5, 1), (5, 2), (6, 2), (MOST, 1)], {1, 2})
    await store.write(textkeys.put_away, 0, 10**6)
    assert await store.read(_counts) == (5, 0)
    assert await _told(store, [LEAST, 5, 6, 7, MOST]) == before


async def test_the_oldest_under_a_key_are_those_of_both_tables(store: Store) -> None:
    await store.write(textkeys.keep, [(2, [5]), (4, [5])])
    await store.write(textkeys.put_away, 0, 10**6)
    await store.write(textkeys.keep, [(3, [5]), (1, [5])])
    assert await store.read(textkeys.oldest, [5], 3) == [(5, 1), (5, 2), (5, 3)]


async def test_an_edit_takes_keys_from_where_they_stand(store: Store) -> None:
    await store.write(textkeys.keep, [(1, [5, 6])])
    await store.write(textkeys.put_away, 0, 10**6)
    await store.write(textkeys.change, 1, [6, 7], [5, 6])
    assert await store.read(textkeys.oldest, [5, 6, 7], 9) == [(6, 1), (7, 1)]
    await store.write(textkeys.change, 1, [], [6, 7])
    assert await store.read(_counts) == (0, 0)


async def test_articles_put_a_part_of_the_keys_away_and_many_all_of_them(store: Store) -> None:
    keys = range(LEAST, MOST, 2**20)
    await store.write(textkeys.keep, [(1, keys)])
    await store.write(textkeys.put_away, 10**6, 10**6 + 1000)
    away, recent = await store.read(_counts)
    assert 0 < away < recent
    assert away + recent == len(keys)
    for first in range(10**6 + 1000, 10**6 + 17_000, 1000):
        await store.write(textkeys.put_away, first, first + 1000)
    assert await store.read(_counts) == (len(keys), 0)


def test_every_key_is_in_one_slice() -> None:
    bounds = textkeys._BOUNDS
    assert (bounds[0][0], bounds[-1][1]) == (LEAST, MOST)
    assert len(bounds) == textkeys.SLICES
    assert all(low <= high for low, high in bounds)
    assert all(before[1] + 1 == after[0] for before, after in pairwise(bounds))


async def _told(store: Store, keys: list[int]) -> tuple[set[int], list[tuple[int, int]], set[int]]:
    """What the three questions answer."""
    having = await store.read(lambda tx: set(tx.scalars(textkeys.having(keys))))
    return await store.read(textkeys.known, keys), await store.read(textkeys.oldest, keys, 9), having


def _counts(tx: Connection) -> tuple[int, int]:
    return (
        tx.scalar(select(func.count()).select_from(text_keys)) or 0,
        tx.scalar(select(func.count()).select_from(recent_text_keys)) or 0,
    )
