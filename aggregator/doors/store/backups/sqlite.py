"""A SQLite archive to a file and back."""

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Connection, make_url
from sqlalchemy.exc import SQLAlchemyError

from aggregator.doors.store import dialect
from aggregator.errors import StoreError

PAGES = 1024
"""Pages that are copied in one go: 4 MiB."""

BESIDE = ("", "-wal", "-shm")
PATIENCE = 5
"""Seconds that another program has to leave the archive."""


def save(url: str, to: Path, step: Callable[[int], None]) -> None:
    path = _path(url)
    if not path.is_file():
        raise StoreError(str(path), "there is no archive yet")
    with _told(to, "cannot be written"):
        _copy(path, to, step)


def restore(url: str, backup: Path, kept: Path, step: Callable[[int], None]) -> None:
    path = _path(url)
    if path.exists() and backup.samefile(path):
        raise StoreError(str(backup), "is the archive itself: name a backup")
    new = path.with_name(f"{path.name}.restoring")
    try:
        with _told(path, "cannot be restored"):
            path.parent.mkdir(parents=True, exist_ok=True)
            new.unlink(missing_ok=True)
            _copy(backup, new, step)
            if path.exists():
                _set_aside(path, kept)
            new.replace(path)
            _sync(path.parent)
    finally:
        new.unlink(missing_ok=True)


def rehearse(url: str, version: str, migrate: Callable[[Connection], None]) -> None:
    """The copy that stays is the one that the migrations were tried on, and taken back; those of schemas before go."""
    path = _path(url)
    kept = path.with_name(f"{path.name}.schema-{version}")
    new = kept.with_name(f"{kept.name}.new")
    try:
        with _told(path, f"cannot be copied before its schema is changed ({path.stat().st_size >> 20} MiB are needed)"):
            new.unlink(missing_ok=True)
            _copy(path, new, lambda of: None)
        _try(new, path, migrate)
        with _told(kept, "cannot be kept"):
            with closing(sqlite3.connect(new)) as copy:
                copy.execute("PRAGMA journal_mode = DELETE")
            new.replace(kept)
            _sync(kept.parent)
            for former in path.parent.glob(f"{path.name}.schema-[0-9][0-9][0-9][0-9]"):
                if former != kept:
                    former.unlink()
    finally:
        for ending in BESIDE:
            new.with_name(new.name + ending).unlink(missing_ok=True)


def schema(backup: Path) -> str | None:
    """The schema of an archive, None where it is none."""
    with _told(backup, "is no backup of an archive"), closing(_opened(backup)) as source:
        if not source.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone():
            return None
        row = source.execute("SELECT version_num FROM alembic_version").fetchone()
        return str(row[0]) if row else None


def _copy(path: Path, to: Path, step: Callable[[int], None]) -> None:
    with closing(_opened(path)) as source, closing(sqlite3.connect(to)) as copy:
        # One reading transaction for all of it: what others write meanwhile neither shows nor makes it begin again.
        source.execute("BEGIN")
        source.execute("SELECT 1 FROM sqlite_master").fetchone()
        source.backup(copy, pages=PAGES, progress=lambda _status, _left, total: step(-(-total // PAGES)))
        copy.execute("PRAGMA journal_mode = DELETE")  # a single file, readable where nothing can be written
        if (wrong := copy.execute("PRAGMA integrity_check(1)").fetchone()[0]) != "ok":
            raise StoreError(str(path), f"is damaged: {' '.join(wrong.split())}; `aggregator verify` says where")
    _sync(to)


def _try(copy: Path, path: Path, migrate: Callable[[Connection], None]) -> None:
    reading, writing = dialect.engines(f"sqlite:///{copy}")
    try:
        with writing.connect() as tx, tx.begin() as trial:
            migrate(tx)
            wrong = tx.exec_driver_sql("PRAGMA integrity_check(1)").scalar_one()
            if wrong != "ok":
                raise StoreError(str(path), f"its schema is not changed, a copy was damaged by that: {wrong}")
            trial.rollback()
    except SQLAlchemyError as error:
        reason = f"its schema is not changed, a copy did not take that: {getattr(error, 'orig', error)}"
        raise StoreError(str(path), reason) from error
    finally:
        writing.dispose()
        reading.dispose()


def _set_aside(path: Path, kept: Path) -> None:
    """A second name for the archive, so that at no moment there is none."""
    try:
        with closing(sqlite3.connect(path, timeout=PATIENCE)) as there:
            there.execute("PRAGMA journal_mode = DELETE")  # takes in the write-ahead log, where nobody else is there
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise StoreError(str(path), "is in use by another program; stop it first") from error
        raise
    except sqlite3.DatabaseError:
        pass  # damaged: kept as it is
    for ending in BESIDE:
        one, two = path.with_name(path.name + ending), kept.with_name(kept.name + ending)
        if one.exists():
            try:
                two.hardlink_to(one)
            except FileExistsError:
                raise
            except OSError:  # a file system without
                shutil.copy2(one, two)
    for ending in BESIDE[1:]:
        path.with_name(path.name + ending).unlink(missing_ok=True)


def _path(url: str) -> Path:
    return Path(make_url(url).database or "")


def _opened(path: Path) -> sqlite3.Connection:
    address = f"file:{quote(str(path.absolute()))}?mode=ro"
    source = sqlite3.connect(address, uri=True, isolation_level=None, timeout=PATIENCE)
    try:
        source.execute("SELECT 1 FROM sqlite_master").fetchone()
    except sqlite3.OperationalError:
        source.close()
        if os.access(path.parent, os.W_OK) or path.with_name(f"{path.name}-wal").exists():
            raise
        # Where nothing can be written SQLite cannot note that it reads; nobody else can write there either.
        return sqlite3.connect(f"{address}&immutable=1", uri=True, isolation_level=None)
    return source


def _sync(path: Path) -> None:
    at = os.open(path, os.O_RDONLY)
    try:
        os.fsync(at)
    finally:
        os.close(at)


@contextmanager
def _told(subject: Path, words: str) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise StoreError(str(subject), f"{words}: {error}") from error
    except OSError as error:
        raise StoreError(str(subject), f"{words}: {error.strerror or error}") from error
