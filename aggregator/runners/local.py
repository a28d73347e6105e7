"""Jobs as tasks of this process."""

import asyncio
import contextlib
import logging
import time
from collections import Counter
from collections.abc import Callable, Collection

from aggregator import jobs
from aggregator.app import App
from aggregator.errors import AggregatorError
from aggregator.model import Job

_SAID = {
    "poll": "polled %s outcome={done.outcome} status={done.status} new={done.new} changed={done.changed}",
    "history": "walked %s outcome={done.outcome} new={done.new}",
    "subscribe": "asked %s outcome={done.outcome}",
    "archive": "archived %s outcome={done.outcome}",
    "publish": "published %s entries={done.new} files={done.changed}",
    "picture": "pictured %s outcome={done.outcome}",
    "report": "published %s entries={done.new} files={done.changed}",
}

log = logging.getLogger(__name__)

CLAIM_PAUSE = 0.1
"""Seconds that a free place waits for others before it is filled again."""


class Local:
    """Runs up to `limit` jobs at a time; `report` hears how each one ended (without a subject where it broke off),
    `freed` that there is room again."""

    def __init__(self, app: App, limit: int, report: Callable[[jobs.Done], None] = lambda done: None) -> None:
        self._app = app
        self._limit = limit
        self._report = report
        self._tasks: dict[asyncio.Task[None], Job] = {}
        self._hosts: Counter[str] = Counter()
        self.freed = asyncio.Event()

    def free(self) -> int:
        return self._limit - len(self._tasks)

    def busy(self) -> Collection[str]:
        most = self._app.config.settings.http.per_host
        return [host for host, n in self._hosts.items() if n >= most]

    def running(self) -> tuple[Job, ...]:
        return tuple(self._tasks.values())

    async def room(self) -> None:
        """Returns when a job has ended, and others after it: a claim costs as much as many polls."""
        await self.freed.wait()
        if self._tasks:
            self.freed.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._fewer(len(self._tasks) // 2), CLAIM_PAUSE)
            self.freed.set()

    async def _fewer(self, most: int) -> None:
        while len(self._tasks) > most:
            await self.freed.wait()
            self.freed.clear()

    async def submit(self, job: Job) -> None:
        task = asyncio.create_task(self._run(job), name=f"{job.kind} {job.id}")
        self._tasks[task] = job
        if job.host:
            self._hosts[job.host] += 1
        task.add_done_callback(self._ended)

    async def idle(self) -> None:
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def stop(self, patience: float) -> tuple[Job, ...]:
        """Wait `patience` seconds, then cancel what still runs; returns the jobs that were not finished."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=patience)
        left = dict(self._tasks)
        for task in left:
            task.cancel()
        if left:
            await asyncio.wait(left)
        return tuple(left.values())

    def _ended(self, task: asyncio.Task[None]) -> None:
        job = self._tasks.pop(task)
        if job.host:
            self._hosts[job.host] -= 1
            if not self._hosts[job.host]:
                del self._hosts[job.host]
        self.freed.set()

    async def _run(self, job: Job) -> None:
        start = time.perf_counter()
        try:
            done = await jobs.run(self._app, job)
        except AggregatorError as error:
            log.error("%s id=%d failed: %s", job.kind, job.id, error)
            await self._keep(job, error)
            self._report(jobs.Done(job=job, subject="", outcome="failed", error=str(error)))
            return
        except Exception as error:
            log.exception("%s id=%d: a mistake of ours", job.kind, job.id)
            await self._keep(job, error)
            self._report(jobs.Done(job=job, subject="", outcome="failed", error=f"{type(error).__name__}: {error}"))
            return
        if done:
            _log(done, round(1000 * (time.perf_counter() - start)))
            self._report(done)

    async def _keep(self, job: Job, error: Exception) -> None:
        """Nobody awaits a job's task: what goes wrong here is said, for it would be lost."""
        try:
            await jobs.crashed(self._app, job, error)
        except AggregatorError as again:
            log.error("%s id=%d: its failure could not be kept: %s", job.kind, job.id, again)
        except Exception:
            log.exception("%s id=%d: its failure could not be kept", job.kind, job.id)


def _log(done: jobs.Done, ms: int) -> None:
    """One line a job; a healthy hour is quiet at WARNING."""
    level = logging.WARNING if done.error or done.missed else logging.INFO
    words = _SAID[done.job.kind].format(done=done)
    error = f" error={done.error!r}" if done.error else " entries_missed" if done.missed else ""
    log.log(level, words + " ms=%d%s", done.subject, ms, error)
