"""Disk: whole files at once, and the lock of a home."""

import contextlib
import fcntl
import os
import threading
from collections.abc import Iterator
from pathlib import Path

from aggregator.errors import ServeError, StoreError


def replace(path: Path, body: bytes) -> bool:
    """Whoever reads sees the old file or the new one, never a part; False: it said the same already. Raises
    StoreError."""
    try:
        return _replace(path, body)
    except OSError as error:
        raise StoreError(str(path), f"cannot be written: {error.strerror or error}") from error


def remove(path: Path) -> None:
    path.unlink(missing_ok=True)


def _replace(path: Path, body: bytes) -> bool:
    with contextlib.suppress(FileNotFoundError):
        if path.stat().st_size == len(body) and path.read_bytes() == body:
            return False
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}.tmp")
    try:
        with beside.open("wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    return True


@contextlib.contextmanager
def lock(path: Path) -> Iterator[None]:
    """One aggregator for a home at a time; the kernel lets go when a process dies, so no lock is stale."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="ascii", errors="replace") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            pid = file.read(20).strip() or "unknown"
            reason = f"another aggregator is running on this home (pid {pid}); stop it first"
            raise ServeError(str(path.parent), reason) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        try:
            yield
        finally:
            # Emptied, not removed: one process could lock the removed file, and another a new one.
            file.truncate(0)
