"""doors.store.days"""

from datetime import timedelta

import pytest
from sqlalchemy import delete

from aggregator.doors.store import Store, articles, candidates, days, tables
from aggregator.model import Archived
from aggregator.steps import match
from tests.doors.seeds import FEED, arrive, article, entry, follow, keep
from tests.fakes import START

AGES = (400, 400, 1, None, 1, 2, 400, 9, 9, -3, 9, 8, 1, 0, None, 400)
"""Days before START on which articles were published, if that is said."""


async def archive(store: Store) -> tuple[Archived, ...]:
    (source,) = await follow(store, FEED)
    entries = await arrive(store, source, *(entry(str(n)) for n in range(len(AGES))))
    for n, (id, age) in enumerate(zip(entries, AGES, strict=True)):
        published = None if age is None else START - timedelta(days=age)
        await keep(store, id, article(f"https://site.example/{n}", published=published))
    return await store.read(articles.get, range(1, len(AGES) + 1))


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks so small that a few articles are many."""
    for name, value in (("BLOCK", 2), ("FIRST", 1), ("BRIDGED", 0)):
        monkeypatch.setattr(days, name, value)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(
    "query",
    ["before:2026", "harbour before:2026", "after:2026", "harbour after:2026-02-22", "after:2026-02-21 before:2026-02-23",
     "harbour after:2026-02-21 before:2026-02-23", "before:2026 OR after:2026-03-01", "within:3d", "harbour within:3d",
     "within:3d lang:en", "before:2000", "after:2027", "lang:en", "harbour"],
)  # fmt: skip
async def test_who_asks_for_dates_finds_all_of_them_in_order_however_many_at_a_time(store: Store, query: str) -> None:
    node = match.parse(query)
    matching = [a.id for a in await archive(store) if match.matches(node, a, match.Context(now=START))]
    pre, limits = match.prefilter(node), match.limits(node, START)
    for limit in (1, 3, 50):
        upwards, after = list[int](), 0
        while some := await store.read(candidates.ids, pre, after=after, limit=limit, limits=limits):
            upwards, after = [*upwards, *some], some[-1]
        assert upwards == matching
        downwards, before = list[int](), len(AGES) + 1
        while some := await store.read(candidates.ids, pre, before=before, limit=limit, limits=limits):
            downwards, before = [*downwards, *some], some[-1]
        assert downwards == matching[::-1]


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(
    ("query", "newest_first"),
    [("before:2026", [(16, 16), (6, 7), (2, 3), (1, 1)]), ("after:2026-02-21 before:2026-02-23", [(12, 13), (8, 11)]),
     ("harbour OR before:2026", [(1, 16)]), ("before:2000", [])],
)  # fmt: skip
async def test_other_articles_are_not_looked_at(store: Store, query: str, newest_first: list[tuple[int, int]]) -> None:
    await archive(store)
    limits = match.limits(match.parse(query), START)
    asked = await store.read(lambda tx: [*days.ranges(tx, limits, 1, 16, newest_first=True)])
    assert asked == newest_first
    upwards = await store.read(lambda tx: [*days.ranges(tx, limits, 1, 16, newest_first=False)])
    assert sorted(upwards) == upwards
    assert {n for low, high in upwards for n in range(low, high + 1)} == {
        n for low, high in asked for n in range(low, high + 1)
    }


@pytest.mark.usefixtures("small")
async def test_blocks_that_are_near_are_read_together(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(days, "FIRST", 64)
    monkeypatch.setattr(days, "BRIDGED", 2)
    await archive(store)
    limits = match.limits(match.parse("before:2026"), START)
    assert await store.read(lambda tx: [*days.ranges(tx, limits, 1, 16, newest_first=True)]) == [(16, 16), (1, 7)]


async def test_an_article_is_found_by_the_date_that_an_edit_gave_it(store: Store) -> None:
    (source,) = await follow(store, FEED)
    (id,) = await arrive(store, source, entry("a"))
    await keep(store, id, article(published=START))
    await keep(store, id, article(published=START - timedelta(days=400)))
    limits = match.limits(match.parse("before:2026"), START)
    assert await store.read(candidates.ids, None, limits=limits) == (1,)


async def test_what_a_program_kept_that_knows_no_days_is_found_once_this_one_is_started(store: Store) -> None:
    await archive(store)
    limits = match.limits(match.parse("before:2026"), START)
    before = await store.read(candidates.ids, None, limits=limits)
    await store.write(lambda tx: tx.execute(delete(tables.days)))
    assert await store.read(candidates.ids, None, limits=limits) == ()
    await store.write(days.catch_up)
    assert await store.read(candidates.ids, None, limits=limits) == before != ()
