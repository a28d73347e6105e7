"""The one thread that writes: what waits together is committed together."""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from aggregator.doors.store import packing
from aggregator.errors import StoreError

MAX_GROUP = 256
"""Changes that one commit takes at most: a commit costs more than a poll, and where it fails, fails them all."""


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be done for each item, all at once; each has somebody who waits for its result."""

    run: Callable[[Connection, list[Any]], Sequence[Any]]
    waiting: Sequence[tuple[Any, "asyncio.Future[Any]"]]


Outcome = tuple["asyncio.Future[Any]", Any, Exception | None]


class Writer:
    """Takes changes from the event loop until it is closed."""

    def __init__(self, engine: Engine, name: str) -> None:
        self._engine = engine
        self._name = name
        self._changes: SimpleQueue[Change | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._write_all, name="write", daemon=True)
        self._thread.start()

    def hand_in(self, change: Change) -> None:
        self._changes.put(change)

    async def close(self) -> None:
        """Waits for every change that was handed in."""
        self._changes.put(None)
        await asyncio.to_thread(self._thread.join)

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
            settle(self._commit(group))
            if last:
                return

    def _commit(self, group: list[Change]) -> list[Outcome]:
        try:
            with self._engine.begin() as tx:
                outcomes = [outcome for change in group for outcome in _run(tx, change)]
        except Exception as error:  # noqa: BLE001  whoever waits for the change gets it
            outcomes = [(future, None, error) for change in group for _, future in change.waiting]
        return [(future, result, error and self._told(error)) for future, result, error in outcomes]

    def _told(self, error: Exception) -> Exception:
        if not isinstance(error, DBAPIError):
            return error
        told = StoreError(self._name, f"cannot be written: {line(error)}")
        told.__cause__ = error
        return told


_SAVEPOINT = "one_change"
"""Said to the driver: SQLAlchemy puts the statement together anew each time, which takes longer than many a change."""

_DAMAGED = "`aggregator restore FILE` puts a backup back"
_WAYS_OUT = {
    "malformed": _DAMAGED,
    "not a database": _DAMAGED,
    "disk is full": "make room on its disk: nothing of what is archived is lost",
}


def settle(outcomes: Sequence[Outcome]) -> None:
    """Tell those who wait; one call into their loop for all of them, for each wakes it with a system call."""
    loops: dict[asyncio.AbstractEventLoop, list[Outcome]] = {}
    for outcome in outcomes:
        loops.setdefault(outcome[0].get_loop(), []).append(outcome)
    for loop, some in loops.items():
        with contextlib.suppress(RuntimeError):  # closed: nobody waits any more
            loop.call_soon_threadsafe(_tell, some)


def line(error: DBAPIError) -> str:
    """What the database said, PostgreSQL in several lines; and the way out, where there is one."""
    said = " ".join(str(error.orig).split())
    return said + next((f"; {way_out}" for words, way_out in _WAYS_OUT.items() if words in said), "")


def _run(tx: Connection, change: Change) -> list[Outcome]:
    """In a savepoint, so that one that fails fails alone: of items that were taken together, too."""
    # A change that is under way is not torn: whoever is cancelled later only stops waiting for it.
    wanted = [(item, future) for item, future in change.waiting if not future.cancelled()]
    if not wanted:
        return []
    tx.exec_driver_sql(f"SAVEPOINT {_SAVEPOINT}")
    try:
        results = change.run(tx, [item for item, _ in wanted])
    except Exception as error:  # it fails alone
        if isinstance(error, DBAPIError) and error.connection_invalidated:
            raise  # and with the connection all that was not committed is gone
        try:
            tx.exec_driver_sql(f"ROLLBACK TO {_SAVEPOINT}")
            tx.exec_driver_sql(f"RELEASE {_SAVEPOINT}")
        except DBAPIError:
            raise error from None  # SQLite, out of disk, took the whole transaction back
        if isinstance(error, packing.UnknownDictionary) and packing.refresh(tx):
            return _run(tx, change)
        if len(wanted) == 1:
            return [(wanted[0][1], None, error)]
        return [outcome for one in wanted for outcome in _run(tx, Change(change.run, (one,)))]
    tx.exec_driver_sql(f"RELEASE {_SAVEPOINT}")
    return [(future, result, None) for (_, future), result in zip(wanted, results, strict=True)]


def _tell(outcomes: Sequence[Outcome]) -> None:
    for future, result, failure in outcomes:
        if future.done():
            continue
        if failure is None:
            future.set_result(result)
        else:
            future.set_exception(failure)
