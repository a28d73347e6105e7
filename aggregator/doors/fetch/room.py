"""Room for large answers: so many jobs at a time hold one, whatever strangers send."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar

PLACES = ((2**19, 4), (2**21, 1))
"""Bytes from which on an answer needs a place, and how many there are: most feeds and pages are far below, and of one
of http.max_body ten times that is made in the end."""


class Crowded(Exception):
    """An answer of over so many bytes found no room: it is to be asked for again when there is some. To wait with what
    came of it would take a connection, its host's turn and most of a megabyte for each that waits."""

    def __init__(self, size: int) -> None:
        super().__init__(size)
        self.size = size


class Job:
    """What one job has taken."""

    def __init__(self) -> None:
        self.stack = ExitStack()
        self.places = 0  # of the smallest size first

    @property
    def is_large(self) -> bool:
        return self.places > 1


_held: ContextVar[Job | None] = ContextVar("held", default=None)


@contextmanager
def whole_job() -> Iterator[Job]:
    """What is read inside takes one place of each size, from its first answer of that size on until the end; no second
    one, for two jobs that wait for each other's would wait for ever."""
    job = Job()
    with job.stack:
        token = _held.set(job)
        job.stack.callback(_held.reset, token)
        yield job


class Room:
    """Commands that read one answer after the other need none."""

    def __init__(self, places: tuple[tuple[int, int], ...] = PLACES) -> None:
        self._places = [(size, asyncio.Semaphore(count)) for size, count in places]

    def is_open(self, size: int) -> bool:
        """Whether an answer of so many bytes need not wait."""
        return all(not places.locked() for places in self._wanted(size))

    async def enter(self, size: int) -> None:
        """Returns when there is room for it. The smaller places are taken first, so that nobody who has one waits for a
        smaller."""
        job = _held.get()
        for places in self._wanted(size):
            assert job is not None
            await places.acquire()
            job.places += 1
            job.stack.callback(places.release)

    def _wanted(self, size: int) -> list[asyncio.Semaphore]:
        job = _held.get()
        return [] if job is None else [places for over, places in self._places[job.places :] if size > over]
