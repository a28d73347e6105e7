"""doors.store.backups"""

import asyncio
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, text

from aggregator.doors.store import Store, backups, dialect, schema, sources
from aggregator.doors.store.schema import HEAD
from aggregator.errors import StoreError
from aggregator.model import Source
from aggregator.steps import urls
from tests import postgres
from tests.doors import seeds
from tests.fakes import START


@pytest.fixture(autouse=True)
def client_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of the server that the tests run."""
    monkeypatch.setenv("PATH", f"{postgres.programs()}{os.pathsep}{os.environ['PATH']}")


async def names(url: str) -> set[str]:
    store = Store(url)
    found = await store.read(sources.names)
    await store.close()
    return set(found)


async def follow(url: str, *names: str) -> None:
    store = Store(url)
    wanted = [Source(url=f"https://{name}.example/", name=name) for name in names]
    await store.write(sources.sync, wanted, urls.host, START)
    await store.close()


async def test_what_was_saved_comes_back_and_what_was_there_is_kept(database: str, tmp_path: Path) -> None:
    saved, kept = tmp_path / "saved", tmp_path / "kept"
    await follow(database, "one")
    assert backups.save(database, saved) == HEAD
    await follow(database, "one", "two")
    assert backups.restore(database, saved, kept) == HEAD
    assert await names(database) == {"one"}
    backups.restore(database, kept, tmp_path / "again")
    assert await names(database) == {"one", "two"}


async def test_an_archive_is_saved_as_it_was_at_one_moment_while_others_write(database: str, tmp_path: Path) -> None:
    store = Store(database)
    await seeds.follow(store, Source(url=seeds.FEED, name="a"))

    def both(tx: object, n: int) -> None:
        """Two rows that must agree."""
        for of in (1, 2):
            tx.execute(text("INSERT INTO chrome VALUES (:host, :n)"), {"host": f"{n} {of}", "n": "x" * 5000})  # type: ignore[attr-defined]

    async def write() -> None:
        for n in range(300):
            await store.write(both, n)

    writing = asyncio.ensure_future(write())
    await asyncio.sleep(0.01)
    await asyncio.to_thread(backups.save, database, tmp_path / "saved")
    await writing
    await store.close()
    backups.restore(database, tmp_path / "saved", tmp_path / "kept")
    engine = create_engine(database)
    with engine.connect() as tx:
        hosts = {str(host).split()[0] for host in tx.scalars(text("SELECT host FROM chrome"))}
        assert tx.scalar(text("SELECT count(*) FROM chrome")) == 2 * len(hosts) < 600
    engine.dispose()


def test_a_backup_of_a_newer_program_is_refused_and_nothing_is_changed(database: str, tmp_path: Path) -> None:
    engine = create_engine(database)
    with engine.begin() as tx:
        tx.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    backups.save(database, tmp_path / "saved")
    with pytest.raises(StoreError, match=r"written by a newer aggregator .schema 9999.*: upgrade"):
        backups.restore(database, tmp_path / "saved", tmp_path / "kept")
    assert not (tmp_path / "kept").exists()


@pytest.mark.parametrize("body", [b"", b"no archive", b"SQLite format 3\x00" + b"\xff" * 5000, None])
async def test_what_is_no_backup_is_refused_and_nothing_is_changed(
    database: str, tmp_path: Path, body: bytes | None
) -> None:
    await follow(database, "one")
    if body is not None:
        (tmp_path / "saved").write_bytes(body)
    with pytest.raises(StoreError, match="saved: ") as caught:
        backups.restore(database, tmp_path / "saved", tmp_path / "kept")
    assert "\n" not in str(caught.value)
    assert await names(database) == {"one"}


async def test_a_backup_whose_end_is_missing_is_refused_and_nothing_is_changed(database: str, tmp_path: Path) -> None:
    await follow(database, "one")
    backups.save(database, saved := tmp_path / "saved")
    os.truncate(saved, saved.stat().st_size * 2 // 3)
    with pytest.raises(StoreError):
        backups.restore(database, saved, tmp_path / "kept")
    assert await names(database) == {"one"}


async def test_an_archive_that_somebody_uses_is_not_replaced(migrated: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/archive.db"
    shutil.copy(migrated, tmp_path / "archive.db")
    store = Store(url)
    await seeds.follow(store, seeds.FEED)
    backups.save(url, tmp_path / "saved")
    with pytest.raises(StoreError, match="in use by another program"):
        backups.restore(url, tmp_path / "saved", tmp_path / "kept")
    assert len(await store.read(sources.followed)) == 1
    await store.close()


def test_a_damaged_archive_is_replaced_and_kept_as_it_is(migrated: Path, tmp_path: Path) -> None:
    url, archive = f"sqlite:///{tmp_path}/archive.db", tmp_path / "archive.db"
    archive.write_bytes(b"\xff" * 5000)
    backups.restore(url, migrated, tmp_path / "kept")
    assert (tmp_path / "kept").read_bytes() == b"\xff" * 5000
    with closing(sqlite3.connect(archive)) as tx:
        assert tx.execute("SELECT version_num FROM alembic_version").fetchone() == (HEAD,)


def test_a_damaged_archive_is_not_saved_as_if_it_were_whole(migrated: Path, tmp_path: Path) -> None:
    archive = tmp_path / "archive.db"
    shutil.copy(migrated, archive)
    with closing(sqlite3.connect(archive)) as tx:
        tx.execute("INSERT INTO chrome VALUES ('a', 'b')")
        tx.execute("PRAGMA writable_schema = ON")
        size = tx.execute("PRAGMA page_size").fetchone()[0]
        page = tx.execute("SELECT rootpage FROM sqlite_master WHERE name = 'sqlite_autoindex_chrome_1'").fetchone()[0]
        tx.commit()
        tx.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with archive.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * size)
    with pytest.raises(StoreError, match=r"damaged|malformed"):
        backups.save(f"sqlite:///{archive}", tmp_path / "saved")


def test_without_the_programs_of_postgresql_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(StoreError, match=r"pg_dump is not installed here: .*postgresql-client") as caught:
        backups.save("postgresql+psycopg://me:secret@127.0.0.1:1/none", tmp_path / "saved")
    assert "secret" not in str(caught.value)


@pytest.fixture
def older(tmp_path: Path) -> Path:
    """An archive of a former program, with a source."""
    archive = tmp_path / "archive.db"
    reading, writing = dialect.engines(f"sqlite:///{archive}")
    config = Config()
    config.set_main_option("script_location", str(Path(schema.__file__).with_name("migrations")))
    with writing.begin() as tx:
        config.attributes["connection"] = tx
        command.upgrade(config, "0006")
        tx.execute(text("INSERT INTO sources (url, name, named, host, tags, paused, removed, failures, gone, reason) "
                        "VALUES ('https://one.example/', 'one', 1, 'one.example', '[]', 0, 0, 0, 0, '')"))  # fmt: skip
    writing.dispose()
    reading.dispose()
    return archive


async def test_before_its_schema_is_changed_an_archive_is_kept_as_it_was(older: Path) -> None:
    url = f"sqlite:///{older}"
    assert await names(url) == {"one"}
    kept = older.with_name("archive.db.schema-0006")
    assert backups.sqlite.schema(older) == HEAD
    assert backups.sqlite.schema(kept) == "0006"
    assert list(older.parent.glob("archive.db.*")) == [kept]
    backups.restore(url, kept, older.with_name("later"))
    assert await names(url) == {"one"}


async def test_of_the_copies_of_former_schemas_the_last_stays(older: Path) -> None:
    for name in ("archive.db.schema-0003", "archive.db.schema-mine", "archive.db.replaced-20260101T000000Z"):
        older.with_name(name).write_bytes(b"former")
    await Store(f"sqlite:///{older}").close()
    found = {path.name for path in older.parent.glob("archive.db.*")}
    assert found >= {"archive.db.schema-0006", "archive.db.schema-mine", "archive.db.replaced-20260101T000000Z"}
    assert "archive.db.schema-0003" not in found


def test_a_migration_that_fails_on_the_copy_leaves_the_archive_as_it_was(older: Path) -> None:
    with closing(sqlite3.connect(older)) as tx:
        tx.execute("CREATE TABLE chrome (unexpected)")
    with pytest.raises(StoreError, match=r"its schema is not changed, a copy did not take that: .*already exists"):
        Store(f"sqlite:///{older}")
    assert backups.sqlite.schema(older) == "0006"
    assert not list(older.parent.glob("archive.db.schema*"))


def test_an_archive_whose_folder_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"cannot be opened: .* there is no folder .*/nowhere"):
        Store(f"sqlite:///{tmp_path}/nowhere/archive.db")
