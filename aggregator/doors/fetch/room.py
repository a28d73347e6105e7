"""Room for large answers: so many jobs at a time hold one, whatever strangers send."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar

LARGE = 2**19
"""Bytes from which on an answer needs room; most feeds and pages are far below."""

JOBS = 1
"""How many may hold answers of http.max_body each, with what is made of them: ten times that, in the end."""

_held: ContextVar[ExitStack | None] = ContextVar("held", default=None)


@contextmanager
def whole_job() -> Iterator[None]:
    """What is read inside takes one place, from its first large answer on until the end; no second one, for two jobs
    that wait for each other's would wait for ever."""
    with ExitStack() as held:
        token = _held.set(held)
        held.callback(_held.reset, token)
        yield


class Room:
    """Commands that read one answer after the other need none."""

    def __init__(self, jobs: int = JOBS) -> None:
        self._places = asyncio.Semaphore(jobs)
        self._inside: set[int] = set()

    async def enter(self) -> None:
        """Returns when there is room for a large answer."""
        held = _held.get()
        if held is None or id(held) in self._inside:
            return
        await self._places.acquire()
        self._inside.add(id(held))
        held.callback(self._leave, id(held))

    def _leave(self, job: int) -> None:
        self._inside.discard(job)
        self._places.release()
