"""Disk: whole files at once, and the lock of a home."""

import asyncio
import contextlib
import fcntl
import hashlib
import os
import re
import shutil
import stat
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO, Self

from aggregator.errors import ServeError, StoreError
from aggregator.model import Part

_AT_ONCE, _BYTES_AT_ONCE = os.sysconf("SC_IOV_MAX"), 2**22
_BESIDE = re.compile(r"\.(.+)\.([0-9]+)-[0-9]+\.tmp")


def replace(path: Path, *parts: Part) -> bool:
    """Whoever reads sees the old file or the new one, never a part; False: it said the same already. What the disk lost
    when the power went is made again. Raises StoreError."""
    try:
        return _replace(path, parts)
    except OSError as error:
        raise _unwritten(path, error) from error


class Together:
    """Replaces files without keeping the event loop: what is wanted while a thread writes is written by the next."""

    def __init__(self) -> None:
        self._wanted: dict[Path, Sequence[Part]] = {}
        self._next: asyncio.Task[dict[Path, bool | StoreError]] | None = None
        self._turn = asyncio.Lock()

    async def replace(self, wanted: Mapping[Path, Sequence[Part]]) -> list[bool]:
        """`replace` for each of these. Raises StoreError."""
        self._wanted |= wanted
        if self._next is None:
            self._next = asyncio.create_task(self._write())
        writing = self._next
        try:
            told = await asyncio.shield(writing)  # whoever is cancelled does not stop the others
        except asyncio.CancelledError:
            await asyncio.wait((writing,))  # nor takes away what it put aside
            raise
        for path in wanted:
            if isinstance(error := told[path], StoreError):
                raise error
        return [told[path] is True for path in wanted]

    async def _write(self) -> dict[Path, bool | StoreError]:
        async with self._turn:
            wanted, self._wanted, self._next = self._wanted, {}, None
            return await asyncio.to_thread(_replace_all, wanted)


class Aside:
    """Puts bytes aside, into a file without a name, until the end of `with`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file: BinaryIO | None = None
        self._size = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file:
            self._file.close()

    def put(self, said: Part) -> Part:
        """Raises StoreError."""
        try:
            if self._file is None:
                self._file = TemporaryFile(dir=self._folder, buffering=0)  # noqa: SIM115  closed by __exit__
            rest = memoryview(bytes(said))
            while rest:
                rest = rest[self._file.write(rest) :]
        except OSError as error:
            raise _unwritten(self._folder, error) from error
        self._size += len(said)
        return _Elsewhere(self._file, self._size - len(said), len(said))


@dataclass(frozen=True, slots=True)
class _Elsewhere:
    file: BinaryIO
    at: int
    size: int

    def __len__(self) -> int:
        return self.size

    def __bytes__(self) -> bytes:
        return os.pread(self.file.fileno(), self.size, self.at)


@contextlib.contextmanager
def beside(path: Path) -> Iterator[Path]:
    """A new file that takes the place of `path` once it is whole; where that fails, nothing is left of it."""
    new = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}.tmp")
    try:
        yield new
        new.replace(path)
    except BaseException:
        new.unlink(missing_ok=True)
        raise


def sweep(folder: Path, name: str | None = None) -> None:
    """Remove what processes left in the middle of `beside`, of all files or of one, when they were killed."""
    for path in folder.glob(".*.tmp") if folder.is_dir() else ():
        found = _BESIDE.fullmatch(path.name)
        if found and name in (None, found[1]) and not _runs(int(found[2])):
            path.unlink(missing_ok=True)


def free(folder: Path) -> int:
    """Bytes that can still be written."""
    return shutil.disk_usage(folder).free


def size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def sha256(path: Path) -> str | None:
    """The hash of what it holds; None where it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None


def writable(folder: Path) -> bool:
    return os.access(folder, os.W_OK)


def others_read(path: Path) -> bool:
    """Whether everybody may read it."""
    return path.exists() and bool(path.stat().st_mode & stat.S_IROTH)


def remove(path: Path) -> None:
    path.unlink(missing_ok=True)


def keep(folder: Path, *names: str) -> None:
    """All else in it goes."""
    for each in folder.iterdir() if folder.is_dir() else ():
        if each.name not in names:
            shutil.rmtree(each, ignore_errors=True)


def _unwritten(path: Path, error: OSError) -> StoreError:
    return StoreError(str(path), f"cannot be written: {error.strerror or error}")


def _replace_all(wanted: Mapping[Path, Sequence[Part]]) -> dict[Path, bool | StoreError]:
    told: dict[Path, bool | StoreError] = {}
    for path, parts in wanted.items():
        try:
            told[path] = replace(path, *parts)
        except StoreError as error:
            told[path] = error
    return told


def _replace(path: Path, parts: Sequence[Part]) -> bool:
    with contextlib.suppress(FileNotFoundError):
        if path.stat().st_size == sum(map(len, parts)) and _says(path, parts):
            return False
    with beside(path) as new:
        try:
            _write(new, parts)
        except FileNotFoundError:
            path.parent.mkdir(parents=True, exist_ok=True)
            _write(new, parts)
    return True


def _says(path: Path, parts: Sequence[Part]) -> bool:
    """Read as far as the first difference: what is new in a feed stands near its beginning."""
    with path.open("rb") as file:
        return all(file.read(len(part)) == bytes(part) for part in parts)


def _write(path: Path, parts: Sequence[Part]) -> None:
    """Not joined: to copy what is published by fifty topics costs more than all else of it that we do."""
    with path.open("wb", buffering=0) as file:
        for some in _together(parts):
            written = os.writev(file.fileno(), some)
            if written < sum(map(len, some)):  # the disk is full, or nearly: the rest says so
                rest = memoryview(b"".join(some))[written:]
                while rest:
                    rest = rest[file.write(rest) :]


def _together(parts: Sequence[Part]) -> Iterator[list[bytes]]:
    """What is written at once."""
    some: list[bytes] = []
    size = 0
    for part in parts:
        if some and (len(some) == _AT_ONCE or size + len(part) > _BYTES_AT_ONCE):
            yield some
            some, size = [], 0
        some.append(bytes(part))
        size += len(part)
    if some:
        yield some


@contextlib.contextmanager
def lock(path: Path) -> Iterator[None]:
    """One aggregator for a home at a time; the kernel lets go when a process dies, so no lock is stale."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        opened = path.open("a+b", buffering=0)
    except OSError as error:
        raise _unwritten(path, error) from error
    with opened as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            pid = file.read(20).decode("ascii", "replace").strip() or "unknown"
            reason = f"another aggregator is running on this home (pid {pid}); stop it first"
            raise ServeError(str(path.parent), reason) from None
        file.truncate(0)
        with contextlib.suppress(OSError):  # the disk is full: the lock holds, and nobody can read whose it is
            file.write(b"%d" % os.getpid())
        try:
            yield
        finally:
            # Emptied, not removed: one process could lock the removed file, and another a new one.
            file.truncate(0)


def locked(path: Path) -> bool:
    """Whether a process holds it."""
    try:
        with lock(path):
            return False
    except ServeError:
        return True


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        pass
    return True
