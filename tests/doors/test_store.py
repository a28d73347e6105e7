"""doors.store: reading, writing, opening, and the schema"""

import asyncio
import shutil
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, create_engine, insert, inspect, literal, select, text, update

from aggregator.doors.store import CROWD, Store, dialect, schema, sources
from aggregator.doors.store.schema import HEAD
from aggregator.doors.store.tables import metadata
from aggregator.doors.store.tables import sources as table
from aggregator.errors import ConfigError, StoreError
from aggregator.model import Source
from aggregator.steps import urls
from tests.doors import seeds
from tests.fakes import START


def add(tx: Connection, name: str) -> None:
    values = {"url": f"https://{name}/", "name": name, "host": name, "tags": []}
    tx.execute(insert(table).values(values))


def names(tx: Connection) -> set[str]:
    return set(tx.scalars(select(table.c.name)))


def fail(tx: Connection, name: str) -> None:
    add(tx, name)
    raise LookupError(name)


async def together(store: Store, *changes: Callable[[Connection], object]) -> list[object]:
    """What becomes of changes that wait for one commit."""
    go, begun = threading.Event(), threading.Event()

    def hold(tx: Connection) -> None:
        begun.set()
        assert go.wait(10)

    holding = asyncio.ensure_future(store.write(hold))
    await asyncio.to_thread(begun.wait, 10)
    group = asyncio.gather(*map(store.write, changes), return_exceptions=True)
    await asyncio.sleep(0)
    go.set()
    await holding
    return await group


async def test_a_write_is_seen_by_the_next_read(store: Store) -> None:
    await store.write(add, "one")
    assert await store.read(names) == {"one"}


async def test_a_write_returns_what_the_change_returns(store: Store) -> None:
    assert await store.write(lambda tx: tx.scalar(select(literal(7)))) == 7


async def test_of_changes_that_wait_together_one_that_fails_fails_alone(store: Store) -> None:
    good, bad, twice, also = await together(
        store,
        partial(add, name="before"),
        partial(fail, name="bad"),
        partial(add, name="before"),  # it is taken
        partial(add, name="after"),
    )
    assert good is None
    assert also is None
    assert isinstance(bad, LookupError)
    assert isinstance(twice, StoreError)
    assert await store.read(names) == {"before", "after"}


async def test_more_changes_than_one_commit_takes_are_all_kept(store: Store) -> None:
    await asyncio.gather(*(store.write(add, f"s{n}") for n in range(600)))
    assert len(await store.read(names)) == 600


async def test_who_is_cancelled_while_the_change_waits_takes_it_back(store: Store) -> None:
    go, begun = threading.Event(), threading.Event()

    def hold(tx: Connection) -> None:
        begun.set()
        assert go.wait(10)

    holding = asyncio.ensure_future(store.write(hold))
    await asyncio.to_thread(begun.wait, 10)
    waiting = asyncio.ensure_future(store.write(add, "never"))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    go.set()
    await holding
    await store.write(add, "next")
    assert await store.read(names) == {"next"}


async def test_who_is_cancelled_while_the_change_runs_only_stops_waiting(store: Store) -> None:
    go, begun = threading.Event(), threading.Event()

    def slow(tx: Connection) -> None:
        begun.set()
        assert go.wait(10)
        add(tx, "kept")

    running = asyncio.ensure_future(store.write(slow))
    await asyncio.to_thread(begun.wait, 10)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    go.set()
    await store.write(add, "next")
    assert await store.read(names) == {"kept", "next"}


def refused(tx: Connection) -> None:
    """Both databases call this operational, as they do a deadlock or a full disk."""
    add(tx, "half")
    words = "SELECT 1 FROM no_such_table" if tx.dialect.name == "sqlite" else (
        "SELECT to_tsvector('simple', string_agg(n::text || 'x', ' ')) FROM generate_series(1, 200000) n"
    )  # fmt: skip
    tx.execute(text(words))


def lost(tx: Connection) -> None:
    """The transaction ends under us: the connection dies, or SQLite takes all back as it does when the disk is full."""
    wrong = "ROLLBACK" if tx.dialect.name == "sqlite" else "SELECT pg_terminate_backend(pg_backend_pid())"
    tx.execute(text(wrong))


async def test_a_change_that_the_database_refuses_fails_alone(store: Store) -> None:
    before, bad, after = await together(store, partial(add, name="one"), refused, partial(add, name="two"))
    assert (before, after) == (None, None)
    assert isinstance(bad, StoreError)
    assert "cannot be written" in str(bad)
    assert await store.read(names) == {"one", "two"}


async def test_when_the_transaction_is_lost_everyone_in_it_hears_it_and_the_writer_goes_on(store: Store) -> None:
    results = await together(store, partial(add, name="one"), lost, partial(add, name="two"))
    assert all(isinstance(each, StoreError) and "cannot be written" in str(each) for each in results)
    await store.write(add, "after")
    assert await store.read(names) == {"after"}


async def test_what_does_not_fit_on_the_disk_is_not_kept_and_what_comes_after_is(
    migrated: Path, tmp_path: Path
) -> None:
    shutil.copy(migrated, tmp_path / "archive.db")
    store = Store(f"sqlite:///{tmp_path}/archive.db")

    def fill(tx: Connection) -> None:
        tx.exec_driver_sql(f"PRAGMA max_page_count = {tx.exec_driver_sql('PRAGMA page_count').scalar_one() + 2}")
        try:
            add(tx, "x" * 100_000)
        finally:
            tx.exec_driver_sql("PRAGMA max_page_count = 1000000")

    _, bad, _ = await together(store, partial(add, name="one"), fill, partial(add, name="two"))
    assert "database or disk is full" in str(bad)
    await store.write(add, "after")
    assert "after" in await store.read(names)
    assert len(await store.read(names)) in (1, 3)  # the whole group, or the one
    await store.close()


async def test_a_question_that_the_database_cannot_answer_is_a_store_error(store: Store) -> None:
    with pytest.raises(StoreError, match=r"cannot be read: .*no_such_table"):
        await store.read(lambda tx: tx.execute(text("SELECT 1 FROM no_such_table")))


async def test_a_damaged_archive_is_a_store_error(migrated: Path, tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    shutil.copy(migrated, path)
    store = Store(f"sqlite:///{path}")
    body = path.read_bytes()
    path.write_bytes(body[:4096] + b"\xff" * (len(body) - 4096))
    with pytest.raises(StoreError, match=r"cannot be read: .*malformed"):
        await store.read(names)
    with pytest.raises(
        StoreError, match=r"cannot be written: .*malformed; `aggregator restore FILE` puts a backup back"
    ):
        await store.write(add, "one")
    await store.close()


async def test_what_is_asked_at_the_same_time_is_one_question(store: Store) -> None:
    asked: list[list[int]] = []

    def doubled(tx: Connection, numbers: list[int]) -> list[int]:
        asked.append(numbers)
        return [int(tx.scalar(select(literal(n * 2))) or 0) for n in numbers]

    assert await asyncio.gather(*(store.read_each(doubled, n) for n in range(3))) == [0, 2, 4]
    assert asked == [[0, 1, 2]]


async def test_a_question_about_many_that_cannot_be_answered_is_an_error_for_each(store: Store) -> None:
    def unknown(tx: Connection, numbers: list[int]) -> list[int]:
        return list(tx.scalars(text("SELECT n FROM no_such_table")))

    def wrong(tx: Connection, numbers: list[int]) -> list[int]:
        raise LookupError

    found = await asyncio.gather(
        *(store.read_each(question, n) for question in (unknown, wrong) for n in range(2)), return_exceptions=True
    )
    assert [type(each) for each in found] == [StoreError, StoreError, LookupError, LookupError]


def add_each(tx: Connection, wanted: list[str]) -> list[int]:
    for name in wanted:
        if name == "wrong":
            raise LookupError(name)
        add(tx, name)
    return [len(wanted)] * len(wanted)


async def test_what_is_to_be_written_at_the_same_time_is_one_change(store: Store) -> None:
    assert await asyncio.gather(*(store.write_each(add_each, name) for name in ("a", "b", "c"))) == [3, 3, 3]
    assert await store.write_each(add_each, "d") == 1
    assert await store.read(names) == {"a", "b", "c", "d"}


async def test_where_many_came_together_one_waits_for_the_next(store: Store) -> None:
    async def add_late(name: str) -> int:
        await asyncio.sleep(0.01)
        return await store.write_each(add_each, name, 0.5)

    await asyncio.gather(*(store.write_each(add_each, str(n)) for n in range(CROWD)))
    first, second = await asyncio.gather(store.write_each(add_each, "a", 0.5), add_late("b"))
    assert (first, second) == (2, 2)


async def test_of_what_is_written_together_one_that_fails_fails_alone(store: Store) -> None:
    results = await asyncio.gather(
        *(store.write_each(add_each, name) for name in ("a", "a", "wrong", "b")), return_exceptions=True
    )
    assert results[0] == 1
    assert isinstance(results[1], StoreError)
    assert isinstance(results[2], LookupError)
    assert results[3] == 1
    assert await store.read(names) == {"a", "b"}


async def test_of_what_is_written_together_what_was_taken_back_is_left_out(store: Store) -> None:
    go = threading.Event()
    held = asyncio.ensure_future(store.write(lambda _: go.wait(60)))  # the writer is not quicker than who takes back
    waiting = [asyncio.ensure_future(store.write_each(add_each, name)) for name in ("a", "b", "c")]
    alone = asyncio.ensure_future(store.write(add, "d"))
    await asyncio.sleep(0)
    for change in (waiting[0], waiting[2], alone):
        change.cancel()
    go.set()
    assert await held
    assert await waiting[1] == 1
    assert await store.read(names) == {"b"}


async def test_close_waits_for_the_changes_that_were_handed_in(database: str) -> None:
    store = Store(database)
    written = [asyncio.ensure_future(store.write(add, f"s{n}")) for n in range(19)]
    last = asyncio.ensure_future(store.write_each(add_each, "s19"))
    await asyncio.sleep(0)
    await store.close()
    await asyncio.gather(*written, last)
    again = Store(database)
    assert len(await again.read(names)) == 20
    await again.close()


async def test_a_read_sees_one_state_of_the_archive(store: Store) -> None:
    await store.write(add, "one")
    begun, go = threading.Event(), threading.Event()

    def twice(tx: Connection) -> tuple[set[str], set[str]]:
        before = names(tx)
        begun.set()
        assert go.wait(10)
        return before, names(tx)

    reading = asyncio.ensure_future(store.read(twice))
    await asyncio.to_thread(begun.wait, 10)
    await store.write(add, "two")
    go.set()
    before, after = await reading
    assert before == after == {"one"}


@pytest.mark.parametrize(
    "url",
    ["sqlite:////nowhere/at/all/archive.db", "sqlite:///{tmp}", "sqlite:///{tmp}/text.db", "sqlite:///file:{tmp}/ro.db?mode=ro&uri=true",
     "postgresql+psycopg://nobody:secret@127.0.0.1:1/none"],
)  # fmt: skip
def test_a_database_that_cannot_be_opened_is_a_store_error(url: str, tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("this is not a database " * 100)
    with pytest.raises(StoreError) as caught:
        Store(url.format(tmp=tmp_path))
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "reason"),
    [("sqlite://", "in memory would be lost: name a file"), ("sqlite:///", "in memory"), ("sqlite:///:memory:", "in memory"),
     ("mysql://me:secret@localhost/x", "mysql is no database we know"), ("no url", "database URL"),
     ("nodriver+x://me:secret@y", "no database we know")],
)  # fmt: skip
def test_an_address_that_names_no_database_of_ours_is_refused(url: str, reason: str) -> None:
    with pytest.raises(ConfigError, match=reason) as caught:
        Store(url)
    assert "secret" not in str(caught.value)


def test_a_database_that_a_newer_program_wrote_is_left_alone(database: str) -> None:
    engine = create_engine(database)
    with engine.begin() as tx:
        tx.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(StoreError, match=f"newer aggregator .schema 9999, this program knows {HEAD}.: upgrade"):
        Store(database)


async def test_a_new_database_is_made_ready(unmigrated: str) -> None:
    store = Store(unmigrated)
    await store.write(add, "one")
    await store.close()
    again = Store(unmigrated)
    assert await again.read(names) == {"one"}
    await again.close()


def test_the_migrations_are_one_row_that_ends_at_the_head() -> None:
    numbers = sorted(path.name[:4] for path in Path(schema.__file__).parent.glob("migrations/versions/0*.py"))
    assert numbers == [f"{n:04}" for n in range(1, int(HEAD) + 1)]


def test_the_migrations_lead_to_the_schema(database: str) -> None:
    engine = create_engine(database)

    def ours(object: Any, name: str | None, kind: str, *_: object) -> bool:
        return not (kind == "table" and str(name).startswith("articles_fts"))

    with engine.connect() as tx:
        context = MigrationContext.configure(tx, opts={"include_object": ours, "compare_type": True})
        found = compare_metadata(context, metadata)
        assert inspect(tx).has_table("articles_fts")
    engine.dispose()
    assert found == []


@pytest.mark.parametrize(
    "at",
    [START, datetime(2026, 7, 1, 12, 0, 0, 123456, tzinfo=timezone(timedelta(hours=9))),
     datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)],
)  # fmt: skip
async def test_a_time_comes_back_as_utc(store: Store, at: datetime) -> None:
    await store.write(add, "one")
    await store.write(lambda tx: tx.execute(update(table).values(polled_at=at)) and None)
    back = await store.read(lambda tx: tx.scalar(select(table.c.polled_at)))
    assert back == at
    assert back is not None
    assert back.utcoffset() == timedelta()


async def test_a_time_without_a_zone_is_refused(store: Store) -> None:
    with pytest.raises(Exception, match="naive datetime"):
        await store.write(lambda tx: tx.execute(update(table).values(polled_at=datetime(2026, 1, 1))) and None)


async def test_the_tidy_runs(store: Store) -> None:
    await store.write(dialect.tidy)


async def test_two_stores_write_to_one_archive(database: str) -> None:
    one, two = Store(database), Store(database)
    await asyncio.gather(*(s.write(add, f"{i}-{n}") for n in range(20) for i, s in enumerate((one, two))))
    assert len(await one.read(names)) == 40
    await one.close()
    await two.close()


async def test_a_password_is_never_shown(database: str) -> None:
    store = Store(database)
    assert "secret" not in store.name
    await store.write(sources.sync, [Source(url=seeds.FEED)], urls.host, START)
    await store.close()
