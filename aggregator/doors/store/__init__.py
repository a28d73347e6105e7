"""SQL: all of it. The store runs questions and changes; what they are stands in the modules beside it."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from aggregator.doors.store import dialect, schema
from aggregator.errors import StoreError

P = ParamSpec("P")
R = TypeVar("R")

MAX_GROUP = 256
"""Changes that one commit takes at most: a commit costs more than a poll, and where it fails, fails them all."""


@dataclass(frozen=True, slots=True)
class _Change:
    run: Callable[[Connection], Any]
    done: "Future[Any]"


class Store:
    """An open archive: `await read(question, …)` and `await write(change, …)`, functions whose first argument is the
    transaction. One thread writes, all that waits in one commit, a savepoint each."""

    def __init__(self, url: str) -> None:
        self._reading, self._writing = dialect.engines(url)
        self.name = self._writing.url.render_as_string(hide_password=True)
        try:
            schema.upgrade(self._writing)
        except DBAPIError as error:
            self._dispose()
            raise StoreError(self.name, f"cannot be opened: {_line(error)}") from error
        except StoreError:
            self._dispose()
            raise
        self._readers = ThreadPoolExecutor(max_workers=4, thread_name_prefix="read")
        self._changes: SimpleQueue[_Change | None] = SimpleQueue()
        self._writer = threading.Thread(target=self._write_all, name="write", daemon=True)
        self._writer.start()

    async def read(self, question: Callable[Concatenate[Connection, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """The question's answer, from one consistent view of the archive."""

        def run() -> R:
            try:
                with self._reading.connect() as tx:
                    return question(tx, *args, **kwargs)
            except DBAPIError as error:
                raise StoreError(self.name, f"cannot be read: {_line(error)}") from error

        return await asyncio.get_running_loop().run_in_executor(self._readers, run)

    async def write(self, change: Callable[Concatenate[Connection, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """The change's result, once it is committed; all of it, or nothing where it raises."""
        done: Future[R] = Future()
        self._changes.put(_Change(lambda tx: change(tx, *args, **kwargs), done))
        # A change that is under way is not torn: whoever is cancelled only stops waiting for it.
        return await asyncio.wrap_future(done)

    async def close(self) -> None:
        """Waits for every change that was handed in."""
        self._changes.put(None)
        await asyncio.to_thread(self._writer.join)
        self._readers.shutdown()
        self._dispose()

    def _dispose(self) -> None:
        self._writing.dispose()
        self._reading.dispose()

    def _write_all(self) -> None:
        while (first := self._changes.get()) is not None:
            group, last = [first], False
            while len(group) < MAX_GROUP:
                try:
                    change = self._changes.get_nowait()
                except Empty:
                    break
                if change is None:
                    last = True
                    break
                group.append(change)
            self._commit([c for c in group if c.done.set_running_or_notify_cancel()])
            if last:
                return

    def _commit(self, group: list[_Change]) -> None:
        results: list[tuple[_Change, Any, Exception | None]] = []
        try:
            with self._writing.begin() as tx:
                results.extend(self._one(tx, change) for change in group)
        except Exception as error:  # noqa: BLE001  whoever waits for the change gets it
            results = [(change, None, error) for change in group]
        for change, result, failure in results:
            if failure is None:
                change.done.set_result(result)
            else:
                change.done.set_exception(self._told(failure))

    def _told(self, error: Exception) -> Exception:
        if not isinstance(error, DBAPIError):
            return error
        told = StoreError(self.name, f"cannot be written: {_line(error)}")
        told.__cause__ = error
        return told

    @staticmethod
    def _one(tx: Connection, change: _Change) -> tuple[_Change, Any, Exception | None]:
        savepoint = tx.begin_nested()
        try:
            result = change.run(tx)
        except Exception as error:  # it fails alone
            if isinstance(error, DBAPIError) and error.connection_invalidated:
                raise  # and with the connection all that was not committed is gone
            try:
                savepoint.rollback()
            except DBAPIError:
                raise error from None  # SQLite, out of disk, took the whole transaction back
            return change, None, error
        savepoint.commit()
        return change, result, None


def _line(error: DBAPIError) -> str:
    """What the database said; PostgreSQL says it in several lines."""
    return " ".join(str(error.orig).split())
