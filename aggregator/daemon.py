"""The heartbeat: claims what is due and hands it to a runner; takes up changes; stops cleanly."""

import asyncio
import contextlib
import logging
import os
import signal
from collections.abc import Callable, Iterator

from aiohttp import web
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from aggregator import config, serve
from aggregator.app import App, web_of
from aggregator.doors import files, memory
from aggregator.doors.fetch import Web
from aggregator.doors.store import days, dialect, due, reports, topics
from aggregator.errors import AggregatorError, ServeError
from aggregator.hubs import Hubs
from aggregator.jobs import pictures
from aggregator.model import CHANGES, HEALTH, INDEX
from aggregator.passes import drain
from aggregator.pruning import prune
from aggregator.questions import Questions
from aggregator.runners.local import Local
from aggregator.sync import sync

log = logging.getLogger(__name__)

PATIENCE = 6.0
"""Seconds that running jobs have to finish after TERM; with closing the doors it stays under ten."""

RESPITE = 30.0
"""Seconds of rest after the database failed: a full disk must not fill the log as well."""

MERGES = 100
"""Steps of a night that make the full-text index smaller: ten seconds, at most. What is left waits for the next."""


class Daemon:
    """The schedule and the HTTP server of one home."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._runner = Local(app, limit=2 * app.config.settings.http.connections)
        self._stamp = config.stamp(app.config.home)
        self._fixed = _fixed(app.config.settings)
        self._stop = asyncio.Event()
        self._beat = asyncio.Lock()
        self._night = asyncio.Lock()
        self._seen = app.now()  # a clock that is put back while we run
        self._webs: list[Web] = []  # of settings that were changed; jobs may still ask them

    async def run(self) -> None:
        """Until TERM or INT; raises ServeError where another daemon holds the home or the address is taken."""
        with files.lock(self._app.config.storage / "daemon.lock"), self._signals():
            files.sweep(self._app.config.feeds_out)
            await sync(self._app)
            await self._app.store.write(days.catch_up)
            await self._app.store.write(topics.due_now, None, self._app.now())
            for name in (INDEX, CHANGES, HEALTH):
                await self._app.store.write(reports.touch, name, self._app.now())
            site = await self._listen()
            scheduler = AsyncIOScheduler(timezone="UTC")
            scheduler.add_job(self._tick, "interval", seconds=1, coalesce=True, max_instances=2)
            scheduler.add_job(self.tidy, "cron", hour=3, minute=17, coalesce=True, misfire_grace_time=3600)
            scheduler.start()
            memory.settle()
            log.info("running home=%s url=%s", self._app.config.home, self._app.config.settings.public_url)
            try:
                await self._stop.wait()
            finally:
                log.info("stopping: running jobs have %d s to finish", PATIENCE)
                self._stop.set()
                self._runner.freed.set()  # which wakes the tick
                scheduler.pause()
                await site.cleanup()
                # Nothing more is claimed, or deleted; shutting down would cancel either, with a traceback.
                async with self._beat, self._night:
                    scheduler.shutdown(wait=False)
                left = await self._runner.stop(PATIENCE)
                await self._close_webs()
                await self._app.store.write(due.release, left, self._app.now())

    async def _close_webs(self) -> None:
        while self._webs:
            await self._webs.pop().close()

    async def _tick(self) -> None:
        """A tick while one is at work is nothing. APScheduler would warn of it each second, at max_instances=1."""
        if not self._beat.locked():
            async with self._beat:
                await self._work()

    async def _work(self) -> None:
        """Everything that became due, until nothing runs."""
        try:
            while not self._stop.is_set():
                if config.stamp(self._app.config.home) != self._stamp:
                    await self._reload()
                await self._look_at_the_clock()
                await drain(self._app, self._runner, until_empty=False)
                if not self._runner.running():
                    await self._close_webs()
                    return
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._runner.room(), timeout=1)
        except AggregatorError as error:
            log.error("cannot go on, trying again in %d s: %s", RESPITE, error)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), timeout=RESPITE)

    async def _look_at_the_clock(self) -> None:
        before, self._seen = self._seen, self._app.now()
        if self._seen < before - due.LEASE:
            await self._app.store.write(due.put_back, self._seen)
            log.warning("the clock was put back by %s: what was put off by it is due", before - self._seen)

    async def tidy(self) -> None:
        """Once a night: delete what may go, and let the database look after itself."""
        async with self._night:
            try:
                if count := await prune(self._app, is_over=self._stop.is_set):
                    log.info("pruned articles=%d", count)
                await pictures.sweep(self._app)
            except AggregatorError as error:
                log.warning("nothing more is deleted tonight: %s", error)
            await self._app.store.write(dialect.tidy)
            for _ in range(MERGES):
                if self._stop.is_set() or not await self._app.store.write(dialect.merge_index):
                    break
            await self._app.store.write(reports.touch, HEALTH, self._app.now())

    async def _reload(self) -> None:
        """Take up what changed in the files; a mistake in them is said, and what ran before goes on."""
        self._stamp = config.stamp(self._app.config.home)
        before = self._app.config
        try:
            self._app.config = after = config.load(before.home)
            anew = web_of(after, self._app.now) if _asking(after.settings) != _asking(before.settings) else None
            await sync(self._app)
        except AggregatorError as error:
            self._app.config = before
            log.error("configuration not taken up: %s", error)
            return
        if anew:
            self._webs.append(self._app.web)
            self._app.web = anew
        log.info("configuration taken up: %d sources, %d topics", len(self._app.config.sources),
                 len(self._app.config.topics))  # fmt: skip
        if _fixed(self._app.config.settings) != self._fixed:
            log.warning("aggregator.toml changed: database, cpu_* and [server] need a restart")

    async def _listen(self) -> web.AppRunner:
        settings = self._app.config.settings
        pages = serve.application(
            Questions(self._app), Hubs(self._app), settings.server.public_url, settings.http.max_body
        )
        runner = web.AppRunner(
            pages,
            access_log=None,
            logger=serve.log(),
            handle_signals=False,
            keepalive_timeout=serve.HEADER_SECONDS,
            shutdown_timeout=1,
        )
        await runner.setup()
        try:
            await web.TCPSite(runner, *config.address(settings.server.listen)).start()
        except OSError as error:
            await runner.cleanup()
            reason = f"cannot be listened on ({error.strerror or error}); set server.listen to another"
            raise ServeError(settings.server.listen, reason) from error
        return runner

    @contextlib.contextmanager
    def _signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()

        def stop() -> None:
            if self._stop.is_set():
                log.warning("stopped at once: jobs that ran are done again in %d min", due.LEASE.total_seconds() // 60)
                os._exit(1)
            self._stop.set()

        def reload() -> None:
            self._stamp = ()

        handlers: dict[int, Callable[[], None]] = {signal.SIGTERM: stop, signal.SIGINT: stop, signal.SIGHUP: reload}
        for number, handler in handlers.items():
            loop.add_signal_handler(number, handler)
        try:
            yield
        finally:
            for number in handlers:
                loop.remove_signal_handler(number)


def _asking(settings: config.Settings) -> tuple[object, ...]:
    """What a Web is made of."""
    return settings.http, settings.raw


def _fixed(settings: config.Settings) -> tuple[object, ...]:
    """What a running daemon cannot change."""
    cpu = settings.cpu_workers, settings.cpu_timeout, settings.cpu_memory
    return settings.database, cpu, settings.server
