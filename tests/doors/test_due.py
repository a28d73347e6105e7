"""doors.store.due"""

import threading
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, get_args

import pytest
from sqlalchemy import Connection, Engine, event, insert, select, update

from aggregator.doors.store import Store, dialect, due
from aggregator.doors.store import sources as stored
from aggregator.doors.store.tables import entries, sources
from aggregator.model import Job, Kind, PollState, Source, Topic
from tests.doors.seeds import FEED, arrive, entry, follow, publish
from tests.fakes import START

LATER = START + timedelta(minutes=1)


def fill(tx: Connection, number: int, hosts: int, at: Any = START) -> None:
    rows = [
        {"url": f"https://h{n}/", "name": str(n), "host": f"h{n % hosts}", "tags": [], "poll_at": at}
        for n in range(number)
    ]
    tx.execute(insert(sources), rows)


@pytest.fixture
def engine(database: str) -> Iterator[Engine]:
    reading, writing = dialect.engines(database)
    yield writing
    writing.dispose()
    reading.dispose()


async def test_no_more_are_claimed_than_asked_for_and_none_twice(store: Store) -> None:
    await store.write(fill, 10, 10)
    first = await store.write(due.claim, "poll", START, 4, 1)
    second = await store.write(due.claim, "poll", START, 100, 1)
    assert (len(first), len(second)) == (4, 6)
    assert not set(first) & set(second)
    assert await store.write(due.claim, "poll", START, 100, 1) == ()


async def test_the_longest_due_come_first(store: Store) -> None:
    await store.write(fill, 5, 5)
    old = START - timedelta(days=1)
    await store.write(lambda tx: tx.execute(update(sources).where(sources.c.id == 4).values(poll_at=old)) and None)
    assert await store.write(due.claim, "poll", START, 1, 1) == (Job("poll", 4, "h3"),)


@pytest.mark.parametrize(("per_host", "expected"), [(1, 3), (2, 6), (99, 30)])
async def test_of_a_host_only_so_many(store: Store, per_host: int, expected: int) -> None:
    await store.write(fill, 30, 3)
    jobs = await store.write(due.claim, "poll", START, 30, per_host)
    assert len(jobs) == expected
    assert max(Counter(job.host for job in jobs).values()) <= max(per_host, min(per_host, 10))


async def test_none_of_a_busy_host(store: Store) -> None:
    await store.write(fill, 30, 3)
    jobs = await store.write(due.claim, "poll", START, 30, 1, ["h0", "h2"])
    assert {job.host for job in jobs} == {"h1"}


async def test_a_host_with_much_to_do_does_not_hold_up_the_others_for_ever(store: Store) -> None:
    await store.write(fill, 100, 1, START - timedelta(hours=1))
    one = [{"url": "https://z/", "name": "z", "host": "z", "tags": [], "poll_at": START}]
    await store.write(lambda tx: tx.execute(insert(sources), one) and None)
    first = await store.write(due.claim, "poll", START, 2, 1)
    second = await store.write(due.claim, "poll", START, 2, 1, [job.host for job in first])
    assert [job.host for job in (*first, *second)] == ["h0", "z"]


async def test_what_waits_for_no_host_is_not_limited_by_it(store: Store) -> None:
    (source,) = await follow(store, FEED)
    await arrive(store, source, *(entry(f"e{n}", url=None) for n in range(5)))
    assert len(await store.write(due.claim, "archive", START, 10, 1, ["site.example"])) == 5


async def test_all_kinds_are_claimed_together_up_to_one_limit(store: Store) -> None:
    await publish(store, *(Topic(name=f"t{n}", match="x") for n in range(3)))
    kinds: tuple[Kind, ...] = get_args(Kind)
    first = await store.write(due.claim_each, kinds, START, 4, 9)
    assert [job.kind for job in first] == ["publish", "publish", "publish", "report"]
    rest = await store.write(due.claim_each, kinds, START, 4, 9)
    assert [job.kind for job in rest] == ["report", "report"]
    assert await store.write(due.claim_each, kinds, START, 4, 9) == ()


async def test_a_host_that_is_to_be_polled_is_not_asked_for_a_page_meanwhile(store: Store) -> None:
    (source,) = await follow(store, FEED)
    await arrive(store, source, entry("a", url="https://h0/a"))
    await store.write(fill, 1, 1)
    both: tuple[Kind, ...] = ("poll", "archive")
    (first,) = await store.write(due.claim_each, both, START, 9, 1)
    assert (first.kind, first.host) == ("poll", "h0")
    (second,) = await store.write(due.claim_each, both, START, 9, 1)
    assert (second.kind, second.host) == ("archive", "h0")


async def test_a_claimed_row_is_left_alone_until_its_lease_ends(store: Store) -> None:
    await follow(store, FEED)
    (job,) = await store.write(due.claim, "poll", START, 10, 1)
    assert await store.write(due.claim, "poll", START + due.LEASE - timedelta(seconds=1), 10, 1) == ()
    assert await store.write(due.claim, "poll", START + due.LEASE, 10, 1) == (job,)


async def test_what_is_given_back_is_due_at_once(store: Store) -> None:
    (source,) = await follow(store, FEED)
    await arrive(store, source, entry("a"))
    await publish(store, Topic(name="t", match="x"))
    kinds: tuple[Kind, ...] = get_args(Kind)
    claimed = [job for kind in kinds for job in await store.write(due.claim, kind, START, 9, 9)]
    # arrive() saved a state with no poll_at
    assert [job.kind for job in claimed] == ["archive", "publish", "report", "report", "report"]
    none = dict.fromkeys(kinds, 0)
    assert await store.read(due.waiting, START) == none
    await store.write(due.release, claimed, START)
    assert await store.read(due.waiting, START) == none | {"archive": 1, "publish": 1, "report": 3}
    await store.write(due.release, [], START)


@pytest.mark.parametrize("days", [0.1, 3, 100, 5000])
async def test_what_a_clock_that_was_ahead_put_off_is_due(store: Store, days: float) -> None:
    ahead = START + timedelta(days=days)
    (source,) = await follow(store, FEED, now=ahead)
    await store.write(stored.polled, source, PollState(polled_at=ahead, poll_at=ahead + timedelta(hours=1)))
    assert await store.write(due.claim, "poll", START, 1, 1) == ()
    assert await store.write(due.put_back, START) == 1
    assert len(await store.write(due.claim, "poll", START, 1, 1)) == 1
    assert await store.write(due.put_back, START) == 0  # what is at work is left to it


async def test_what_waits_for_long_with_reason_is_not_due(store: Store) -> None:
    (source,) = await follow(store, FEED)
    rest = timedelta(days=900)
    await store.write(stored.polled, source, PollState(polled_at=START, poll_at=START + rest))
    await publish(store, Topic(name="port", match="port"), now=START + rest)
    assert await store.write(due.put_back, START) == 0
    waiting = await store.read(due.waiting, START + timedelta(days=800))
    assert (waiting["poll"], waiting["publish"]) == (0, 0)


async def test_what_is_due_later_or_never_is_not_claimed(store: Store) -> None:
    await follow(store, Source(url=FEED, paused=True))
    await follow(store, Source(url=FEED, paused=True), "https://other.example/", now=LATER)
    assert await store.write(due.claim, "poll", START, 9, 1) == ()


def test_two_that_claim_at_once_never_claim_the_same(engine: Engine) -> None:
    """Two daemons: each with its own connection, in small bites."""
    with engine.begin() as tx:
        fill(tx, 300, 300)
    ready = threading.Barrier(2)
    claimed: list[Job] = []

    def claim() -> None:
        ready.wait(10)
        while True:
            with engine.begin() as tx:
                jobs = due.claim(tx, "poll", START, 7, 1)
            claimed.extend(jobs)
            if not jobs:
                with engine.connect() as tx:
                    if not due.waiting(tx, START)["poll"]:
                        return

    threads = [threading.Thread(target=claim) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(claimed) == len(set(claimed)) == 300


def test_a_claim_passes_over_what_another_holds(engine: Engine) -> None:
    if engine.dialect.name == "sqlite":
        return  # one writer at a time: there is no other
    with engine.begin() as tx:
        fill(tx, 4, 4)
    with engine.begin() as one, engine.begin() as two:
        first = due.claim(one, "poll", START, 2, 1)
        second = due.claim(two, "poll", START, 4, 1)
    assert len(first) == 2
    assert len(second) == 2
    assert not set(first) & set(second)


@pytest.mark.parametrize("kind", ["poll", "archive"])
def test_a_claim_does_not_look_at_every_row(engine: Engine, kind: Kind) -> None:
    said: list[tuple[str, Any]] = []
    with engine.begin() as tx:
        fill(tx, 20_000, 500, START + timedelta(hours=1))
        if kind == "archive":
            fields: dict[str, Any] = {"images": [], "enclosures": [], "categories": []}
            rows = [{"source_id": 1, "guid": str(n), "hash": "", "first_seen": START, **fields} for n in range(20_000)]
            tx.execute(insert(entries), rows)
    with engine.begin() as tx:
        tx.exec_driver_sql("ANALYZE")

    @event.listens_for(engine, "before_cursor_execute")
    def hear(_c: Any, _u: Any, statement: str, parameters: Any, *_: Any) -> None:
        said.append((statement, parameters))

    with engine.begin() as tx:
        due.claim(tx, kind, START, 50, 1, ["h1"])
        update_ = next((s, p) for s, p in said if s.startswith("UPDATE"))
        explain = "EXPLAIN QUERY PLAN " if tx.dialect.name == "sqlite" else "EXPLAIN "
        plan = "\n".join(str(row) for row in tx.exec_driver_sql(explain + update_[0], update_[1]))
    assert "ix_sources_due" in plan or "ix_entries_due" in plan, plan
    assert "SCAN sources" not in plan, plan
    assert "SCAN entries" not in plan, plan
    assert "Seq Scan" not in plan, plan


async def test_a_claim_changes_nothing_but_the_due_time(store: Store) -> None:
    (source,) = await follow(store, Source(url=FEED, name="site"))
    before = await store.read(lambda tx: tx.execute(select(sources)).one()._asdict())
    await store.write(due.claim, "poll", START, 1, 1)
    after = await store.read(lambda tx: tx.execute(select(sources)).one()._asdict())
    assert after == before | {"poll_at": START + due.LEASE}
    assert PollState().poll_at is None
    assert source.id == after["id"]
