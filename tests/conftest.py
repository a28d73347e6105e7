"""app, web, now, store, database, home: the fixtures that almost every test uses."""

import shutil
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

import hypothesis
import pytest

from aggregator import config
from aggregator.app import App
from aggregator.doors.store import Store
from tests import postgres
from tests.fakes import Clock, FakeWeb, write_home
from tests.postgres import PostgreSQL

hypothesis.settings.register_profile("tests", deadline=None, database=None)
hypothesis.settings.load_profile("tests")

pytest_plugins = ["tests.commands"]

Tables = Iterable[Mapping[str, Any]]
Listed = Iterable[str | Mapping[str, Any]]


class Home(Protocol):
    """`home(sources=…, topics=…)` writes a home's three files, and returns its folder."""

    def __call__(
        self, *, database: str = ..., sources: Listed = ..., topics: Tables = ..., settings: str = ...
    ) -> Path: ...


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    with postgres.server() as server:
        yield server


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite archive as it is on the first day."""
    path = tmp_path_factory.mktemp("migrated") / "archive.db"
    postgres.migrate(f"sqlite:///{path}")
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
