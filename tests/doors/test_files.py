"""doors.files"""

import asyncio
import os
import resource
import threading
from pathlib import Path

import pytest

from aggregator.doors import files
from aggregator.errors import ServeError, StoreError


def test_a_file_is_replaced_as_a_whole_in_a_folder_that_is_made(tmp_path: Path) -> None:
    path = tmp_path / "feeds_out" / "a.atom"
    assert files.replace(path, b"one")
    before = path.stat().st_ino
    assert files.replace(path, b"two")
    assert path.read_bytes() == b"two"
    assert path.stat().st_ino != before
    assert list(path.parent.iterdir()) == [path]


def test_a_file_of_many_parts_is_those_parts_one_after_the_other(tmp_path: Path) -> None:
    parts = [str(n).encode() for n in range(3000)]
    assert files.replace(tmp_path / "a.atom", *parts)
    assert (tmp_path / "a.atom").read_bytes() == b"".join(parts)
    assert not files.replace(tmp_path / "a.atom", *parts)


def test_the_same_bytes_leave_the_file_untouched(tmp_path: Path) -> None:
    path = tmp_path / "a.atom"
    files.replace(path, b"one")
    before = path.stat()
    assert not files.replace(path, b"one")
    after = path.stat()  # read it was: its atime may differ
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


@pytest.mark.parametrize("parts", [(b"one", b"two!"), (b"one!", b"two"), (b"o", b"", b"netw0", b"o")])
def test_a_file_of_the_same_size_that_says_something_else_is_replaced(tmp_path: Path, parts: tuple[bytes, ...]) -> None:
    path = tmp_path / "a.atom"
    files.replace(path, b"one two")
    assert files.replace(path, *parts)
    assert path.read_bytes() == b"".join(parts)


def test_a_failure_leaves_the_old_file_and_nothing_beside_it(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "in the way").touch()
    with pytest.raises(StoreError, match="cannot be written") as caught:
        files.replace(tmp_path / "a", b"body")
    assert caught.value.subject == str(tmp_path / "a")
    assert list(tmp_path.iterdir()) == [tmp_path / "a"]


def test_remove_is_content_with_what_is_not_there(tmp_path: Path) -> None:
    files.replace(tmp_path / "a", b"")
    files.remove(tmp_path / "a")
    files.remove(tmp_path / "a")
    assert not (tmp_path / "a").exists()


def test_a_home_is_locked_once_and_free_again_afterwards(tmp_path: Path) -> None:
    path = tmp_path / "storage" / "lock"
    with files.lock(path):
        assert path.read_text() == str(os.getpid())
        with pytest.raises(ServeError) as caught, files.lock(path):
            pass
        reason = f"another aggregator is running on this home (pid {os.getpid()}); stop it first"
        assert str(caught.value) == f"{path.parent}: {reason}"
        assert path.read_text() == str(os.getpid())
    with files.lock(path):
        pass
    assert path.read_text() == ""


def test_a_home_on_a_full_disk_is_locked_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, limits[1]))  # as a full disk: nothing more fits into any file
    try:
        with files.lock(path), pytest.raises(ServeError, match="pid unknown"), files.lock(path):
            pass
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_what_a_process_left_that_was_killed_is_swept_away(tmp_path: Path) -> None:
    (tmp_path / ".a.atom.99999999-1.tmp").write_text("half")
    (tmp_path / f".b.atom.{os.getpid()}-1.tmp").write_text("at work")
    (tmp_path / ".mine.tmp").write_text("of somebody else")
    files.sweep(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [f".b.atom.{os.getpid()}-1.tmp", ".mine.tmp"]


def test_a_folder_that_cannot_be_written_to_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "storage").write_text("a file")
    with (
        pytest.raises(StoreError, match=r"daemon\.lock: cannot be written"),
        files.lock(tmp_path / "storage/daemon.lock"),
    ):
        pass


def test_what_was_put_aside_is_written_as_all_else(tmp_path: Path) -> None:
    with files.Aside(tmp_path) as aside:
        parts = [b"one ", aside.put(b"two "), aside.put(bytes(5 * 2**20)), b" three"]
        assert not list(tmp_path.iterdir())  # it has no name
        assert files.replace(tmp_path / "a.atom", *parts)
        assert not files.replace(tmp_path / "a.atom", *parts)
    assert (tmp_path / "a.atom").read_bytes() == b"one two " + bytes(5 * 2**20) + b" three"


class Slow(bytes):
    """A part that is asked for, and had when it is let go."""

    def __init__(self, _: bytes) -> None:
        self.asked, self.let_go = threading.Event(), threading.Event()

    def __bytes__(self) -> bytes:
        self.asked.set()
        self.let_go.wait(60)
        return bytes(self[:])


async def test_what_was_put_aside_is_there_until_it_is_written_whoever_is_cancelled(tmp_path: Path) -> None:
    together, slow = files.Together(), Slow(b"one ")

    async def publish() -> None:
        with files.Aside(tmp_path) as aside:
            await together.replace({tmp_path / "a.atom": [slow, aside.put(b"two")]})

    publishing = asyncio.create_task(publish())
    await asyncio.to_thread(slow.asked.wait, 60)
    publishing.cancel()
    await asyncio.wait((publishing,), timeout=0.05)
    slow.let_go.set()
    await asyncio.wait((publishing,))
    assert publishing.cancelled()
    assert (tmp_path / "a.atom").read_bytes() == b"one two"


def test_nothing_is_put_aside_where_nothing_can_be_written(tmp_path: Path) -> None:
    with files.Aside(tmp_path / "gone") as aside, pytest.raises(StoreError, match="cannot be written"):
        aside.put(b"one")
