"""Processes: where a step runs that could take too long, or take its process down with it."""

import asyncio
import multiprocessing
import pickle
import resource
import signal
import traceback
import zlib
from collections.abc import Callable
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from datetime import timedelta
from typing import ParamSpec, TypeVar

import pebble

from aggregator.errors import AggregatorError, StepTimeout

P = ParamSpec("P")
R = TypeVar("R")

TASKS_PER_PROCESS = 500  # lxml and feedparser do not give all memory back

HEAVY = 2 * 2**20
"""Bytes of work that is done one at a time, by a process that ends with it: memory has room for one that needs all that
it may take, and gets it back."""

# A step that has to be ended is deep in C and hears no SIGTERM; pebble would wait 3 s for it before SIGKILL,
# and look after no other task meanwhile.
pebble.CONSTS.term_timeout = 0.1


class Cpu:
    """`await cpu(step, *args)`; a step is a module-level function, its arguments and result picklable.

    Each process is a pool of its own: a second one is started when the first is at work, not before."""

    def __init__(self, workers: int, timeout: timedelta, max_memory_bytes: int) -> None:
        self._workers = workers
        self._timeout = timeout.total_seconds()
        self._max_memory_bytes = max_memory_bytes
        self._turn = asyncio.Semaphore(max(workers, 1))
        self._idle: list[pebble.ProcessPool] = []
        self._busy: dict[pebble.ProcessPool, pebble.ProcessFuture[bytes] | None] = {}
        self._heavy = asyncio.Semaphore(1)
        self._closed = False

    async def __call__(self, step: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """The errors of the step come back as themselves; one that was ended, or died, is a StepTimeout."""
        if self._workers == 0:
            return await inline(step, *args, **kwargs)
        # Pickled here and unpickled by _run: where that fails in pebble's own threads, the pool breaks.
        work = pickle.dumps((step, args, kwargs), pickle.HIGHEST_PROTOCOL)
        name = getattr(step, "__name__", repr(step))
        try:
            if len(work) > HEAVY:
                async with self._heavy:
                    work = await asyncio.to_thread(zlib.compress, work, 1)  # it is copied on its way, here and there
                    answer = await self._submit(_run_packed, work)
            else:
                answer = await self._submit(_run, work)
        except TimeoutError:
            raise StepTimeout(name, f"ended after {self._timeout:g} s (cpu_timeout)") from None
        except (pebble.ProcessExpired, BrokenProcessPool):
            reason = "ended, for the program ends" if self._closed else "its process died (out of memory?)"
            raise StepTimeout(name, reason) from None
        result, error = pickle.loads(answer)  # noqa: S301 - it comes from our own process
        if isinstance(error, MemoryError):
            raise StepTimeout(
                name, f"needs more than {self._max_memory_bytes / 2**20:g} MiB of memory (cpu_memory)"
            ) from None
        if error is not None:
            try:
                raise error
            finally:
                del error  # else this frame, with all that it was given, and the error would hold each other
        return result  # type: ignore[no-any-return]

    async def close(self) -> None:
        """Ends what runs; it does not wait for it."""
        self._closed = True
        busy, idle, self._idle = dict(self._busy), self._idle, []
        await asyncio.gather(*(asyncio.to_thread(_end, pool) for pool in (*busy, *idle)))
        for future in busy.values():  # pebble forgets them
            if future and not future.done():
                future.set_exception(BrokenProcessPool())

    async def _submit(self, run: Callable[[bytes], bytes], work: bytes) -> bytes:
        async with self._turn:
            with suppress(BrokenProcessPool):
                return await self._wait(self._idle.pop() if self._idle else self._start(), run, work)
            # A process that had no task was killed, and pebble gave up its pool.
            return await self._wait(self._start(), run, work)

    def _start(self) -> pebble.ProcessPool:
        if self._closed:
            raise BrokenProcessPool
        return pebble.ProcessPool(
            max_workers=1,
            max_tasks=TASKS_PER_PROCESS,
            initializer=_prepare,
            initargs=(self._max_memory_bytes,),
            context=multiprocessing.get_context("spawn"),
        )

    async def _wait(self, pool: pebble.ProcessPool, run: Callable[[bytes], bytes], work: bytes) -> bytes:
        """Cancelled, it cancels the task, and pebble ends the process that has it."""
        self._busy[pool] = None
        try:
            try:
                future = self._busy[pool] = pool.schedule(run, args=(work,), timeout=self._timeout)
            except RuntimeError as error:
                raise BrokenProcessPool from error
            return await asyncio.wrap_future(future)
        finally:
            del self._busy[pool]
            if pool.active and not self._closed and run is not _run_packed:
                self._idle.append(pool)
            else:
                await asyncio.to_thread(_end, pool)


async def inline(step: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """What tests and `cpu_workers = 0` have in place of a pool: no limit of time or memory."""
    return step(*args, **kwargs)


def _run(work: bytes) -> bytes:
    """(result, None) or (None, error), pickled."""
    try:
        step, args, kwargs = pickle.loads(work)  # noqa: S301 - it comes from our own process
        del work  # the step may need the room
        return pickle.dumps((step(*args, **kwargs), None), pickle.HIGHEST_PROTOCOL)
    except MemoryError:
        pass  # with the error go its frames, and all that the step held: there is room for an answer again
    except Exception as error:  # noqa: BLE001 - raised again where the step was asked for
        if not isinstance(error, AggregatorError):
            error.add_note("In the step's process:\n" + traceback.format_exc())
        return _pickled(error)
    return _pickled(MemoryError())


def _run_packed(work: bytes) -> bytes:
    return _run(zlib.decompress(work))


def _pickled(error: Exception) -> bytes:
    """An error that does not come back (keyword-only arguments) becomes a RuntimeError that quotes it."""
    try:
        answer = pickle.dumps((None, error), pickle.HIGHEST_PROTOCOL)
        pickle.loads(answer)  # noqa: S301 - made on the line above
    except Exception:  # noqa: BLE001 - whatever its __reduce__ may do
        quoted = RuntimeError("".join(traceback.format_exception(error)))
        return pickle.dumps((None, quoted), pickle.HIGHEST_PROTOCOL)
    return answer


def _prepare(max_memory_bytes: int) -> None:
    # Ctrl-C and systemd signal the whole group; the parent ends us when it has saved what we made.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if max_memory_bytes:
        # A process that fails here would be started again for ever. macOS refuses the limit, and does without.
        with suppress(ValueError, OSError):
            _, most = resource.getrlimit(resource.RLIMIT_AS)
            limit = max_memory_bytes if most == resource.RLIM_INFINITY else min(max_memory_bytes, most)
            resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def _end(pool: pebble.ProcessPool) -> None:
    pool.stop()  # type: ignore[no-untyped-call]
    pool.join()
