"""SQL: all of it. The store runs questions and changes; what they are stands in the modules beside it."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from aggregator.doors.store import backups, dialect, packing, schema
from aggregator.doors.store.writer import Change, Writer, line, settle
from aggregator.errors import StoreError

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")

Waiting = list[tuple[Any, "asyncio.Future[Any]"]]

LINGER = 0.1
"""Seconds that an item waits for others, where many came together the last time: what many polls leave behind is one
statement. Longer, and jobs that wait would hold up others: of 128 that ask hosts 50 ms away 850 a second still end."""

CROWD = 6
"""Items that are many. After fewer the next wait is shorter, after one it is half of what it was: of what arrives at a
time, changes of one kind may be rare."""


class Store:
    """An open archive: `await read(question, …)` and `await write(change, …)`, functions whose first argument is the
    transaction. One thread writes, all that waits in one commit, a savepoint each."""

    def __init__(self, url: str) -> None:
        self._reading, self._writing = dialect.engines(url)
        self.name = self._writing.url.render_as_string(hide_password=True)
        try:
            schema.upgrade(self._writing, partial(backups.rehearse, url))
        except DBAPIError as error:
            self._dispose()
            raise StoreError(self.name, f"cannot be opened: {dialect.unopened(self._writing, line(error))}") from error
        except StoreError:
            self._dispose()
            raise
        # By their dialects: with PostgreSQL the two are one, but for an option.
        for engine in {each.dialect: each for each in (self._reading, self._writing)}.values():
            dialect.at_begin(engine, packing.refresh)
        self._readers = ThreadPoolExecutor(max_workers=4, thread_name_prefix="read")
        self._writer = Writer(self._writing, self.name)
        self._asked: dict[Callable[..., Any], Waiting] = {}
        self._changed: dict[Callable[..., Any], Waiting] = {}
        self._crowded = 0.0  # from 0 to 1

    async def read(self, question: Callable[Concatenate[Connection, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """The question's answer, from one consistent view of the archive."""

        def run() -> R:
            try:
                with self._reading.connect() as tx:
                    return question(tx, *args, **kwargs)
            except DBAPIError as error:
                raise self._unread(error) from error

        return await asyncio.get_running_loop().run_in_executor(self._readers, run)

    async def write(self, change: Callable[Concatenate[Connection, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """The change's result, once it is committed; all of it, or nothing where it raises."""
        done: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._writer.hand_in(Change(lambda tx, _: (change(tx, *args, **kwargs),), ((None, done),)))
        return await done

    async def read_each(self, question: Callable[[Connection, list[T]], Sequence[R]], item: T) -> R:
        """The answer for one item of a question about many: what is asked at the same time goes together."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[R] = loop.create_future()
        waiting = self._asked.setdefault(question, [])
        waiting.append((item, done))
        if len(waiting) == 1:
            loop.call_soon(self._ask, question)
        return await done

    async def write_each(
        self, change: Callable[[Connection, list[T]], Sequence[R]], item: T, linger: float = LINGER
    ) -> R:
        """The result for one item of a change that takes many: what waits is one statement. Where that fails, each is
        tried alone, so that one that fails fails alone."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[R] = loop.create_future()
        waiting = self._changed.setdefault(change, [])
        waiting.append((item, done))
        if len(waiting) == 1:
            loop.call_later(self._crowded * linger, self._hand_in, change)
        return await done

    async def close(self) -> None:
        """Waits for every change that was handed in."""
        for change in tuple(self._changed):
            self._hand_in(change)
        await self._writer.close()
        self._readers.shutdown()
        self._dispose()

    def _ask(self, question: Callable[[Connection, list[Any]], Sequence[Any]]) -> None:
        waiting = self._asked.pop(question)

        def run() -> None:
            try:
                with self._reading.connect() as tx:
                    answers = question(tx, [item for item, _ in waiting])
            except Exception as error:  # noqa: BLE001  whoever asked gets it
                told = self._unread(error) if isinstance(error, DBAPIError) else error
                settle([(done, None, told) for _, done in waiting])
            else:
                settle([(done, answer, None) for (_, done), answer in zip(waiting, answers, strict=True)])

        self._readers.submit(run)

    def _hand_in(self, change: Callable[[Connection, list[Any]], Sequence[Any]]) -> None:
        if waiting := self._changed.pop(change, None):
            self._crowded = min(max((len(waiting) - 1) / (CROWD - 1), self._crowded / 2), 1.0)
            self._writer.hand_in(Change(change, waiting))

    def _unread(self, error: DBAPIError) -> StoreError:
        return StoreError(self.name, f"cannot be read: {line(error)}")

    def _dispose(self) -> None:
        self._writing.dispose()
        self._reading.dispose()
