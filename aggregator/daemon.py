"""The heartbeat: claims what is due and hands it to a runner; takes up changes; stops cleanly."""

import asyncio
import contextlib
import logging
import os
import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import get_args

from aiohttp import web
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from aggregator import config, jobs, serve
from aggregator.app import App
from aggregator.doors import files
from aggregator.doors.store import dialect, due, sources, topics
from aggregator.errors import AggregatorError, ConfigError, ServeError
from aggregator.hubs import Hubs
from aggregator.model import Job, Kind, Source, Topic
from aggregator.questions import Questions
from aggregator.runners.local import Local
from aggregator.steps import match, render, urls

log = logging.getLogger(__name__)

PATIENCE = 6.0
"""Seconds that running jobs have to finish after TERM; with closing the doors it stays under ten."""

RESPITE = 30.0
"""Seconds of rest after the database failed: a full disk must not fill the log as well."""

_KINDS: tuple[Kind, ...] = get_args(Kind)


async def sync(app: App) -> None:
    """Make the archive's sources and topics those of the home's files. Raises ConfigError for a rule that cannot be
    read."""
    for topic in app.config.topics:
        check(topic)
    now = app.now()
    followed = _by_address(app.config.sources)
    wanted = [replace(source, url=url) for url, source in followed.items()]
    app.asking = {url: app.config.asking[s.url] for url, s in followed.items() if s.url in app.config.asking}
    for url, asking in app.asking.items():
        if not asking.verify_tls:
            log.warning("%s: whoever sits in between can change what it says (verify_tls = false)", url)
    await app.store.write(sources.sync, wanted, urls.host, now)
    for name in await app.store.write(topics.sync, app.config.topics, now):
        for ending in render.FORMATS:
            files.remove(app.config.feeds_out / f"{name}.{ending}")
    await jobs.publish_index(app)


def _by_address(followed: Iterable[Source]) -> dict[str, Source]:
    """By normal address: two spellings of one are one source, the first."""
    found: dict[str, Source] = {}
    for source in followed:
        try:
            found.setdefault(urls.normal(source.url), source)
        except ValueError as error:
            raise ConfigError("sources.toml", f"{source.url!r} cannot be asked: {error}") from error
    return found


def check(topic: Topic) -> None:
    """Raises ConfigError where a topic's rule cannot be read."""
    for rule in (topic.match, topic.exclude) if topic.exclude else (topic.match,):
        try:
            match.parse(rule)
        except AggregatorError as error:
            raise ConfigError(f"topics.toml: topic {topic.name!r}", str(error)) from error


async def drain(app: App, runner: Local, kinds: Sequence[Kind] = _KINDS, until_empty: bool = True) -> None:
    """Claim what is due and run it while there is room; until nothing is due and all is done, or one round."""
    try:
        while True:
            runner.freed.clear()
            claimed = 0
            for kind in kinds:
                if (room := runner.free()) > 0:
                    per_host = app.config.settings.http.per_host
                    found = await app.store.write(due.claim, kind, app.now(), room, per_host, runner.busy())
                    claimed += len(found)
                    for job in found:
                        await runner.submit(job)
            # a job that ended while we asked may have held the host of one that is due
            if claimed or (until_empty and runner.freed.is_set()):
                continue
            if not runner.running() or not until_empty:
                return
            await runner.freed.wait()
    finally:
        # Interrupted: whoever comes next need not wait for the lease.
        if until_empty and (left := await runner.stop(0)):
            await app.store.write(due.release, left, app.now())


async def pass_over(app: App, runner: Local, wanted: Sequence[Source]) -> None:
    """Poll these sources, due or not, a host's own one after the other."""
    waiting = list(wanted)
    while waiting:
        runner.freed.clear()
        busy = set(runner.busy())
        later: list[Source] = []
        for source in waiting:
            host = urls.host(source.url)
            if runner.free() > 0 and host not in busy:
                await runner.submit(Job("poll", source.id or 0, host))
                busy = set(runner.busy())
            else:
                later.append(source)
        waiting = later
        if waiting:
            await runner.freed.wait()
    await runner.idle()


class Daemon:
    """The schedule and the HTTP server of one home."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._runner = Local(app, limit=2 * app.config.settings.http.connections)
        self._stamp = config.stamp(app.config.home)
        self._stop = asyncio.Event()
        self._beat = asyncio.Lock()

    async def run(self) -> None:
        """Until TERM or INT; raises ServeError where another daemon holds the home or the address is taken."""
        with files.lock(self._app.config.storage / "daemon.lock"), self._signals():
            await sync(self._app)
            await self._app.store.write(topics.due_now, None, self._app.now())
            site = await self._listen()
            scheduler = AsyncIOScheduler(timezone="UTC")
            scheduler.add_job(self._tick, "interval", seconds=1, coalesce=True, max_instances=2)
            scheduler.add_job(self._tidy, "cron", hour=3, minute=17, coalesce=True, misfire_grace_time=3600)
            scheduler.start()
            log.info("running home=%s url=%s", self._app.config.home, self._app.config.settings.public_url)
            try:
                await self._stop.wait()
            finally:
                log.info("stopping: running jobs have %d s to finish", PATIENCE)
                self._stop.set()
                self._runner.freed.set()  # which wakes the tick
                scheduler.pause()
                await site.cleanup()
                async with self._beat:  # nothing more is claimed; shutting down would cancel a tick, with a traceback
                    scheduler.shutdown(wait=False)
                left = await self._runner.stop(PATIENCE)
                await self._app.store.write(due.release, left, self._app.now())

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
                await drain(self._app, self._runner, until_empty=False)
                if not self._runner.running():
                    return
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._runner.freed.wait(), timeout=1)
        except AggregatorError as error:
            log.error("cannot go on, trying again in %d s: %s", RESPITE, error)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), timeout=RESPITE)

    async def _tidy(self) -> None:
        await self._app.store.write(dialect.vacuum)

    async def _reload(self) -> None:
        """Take up what changed in the files; a mistake in them is said, and what ran before goes on."""
        self._stamp = config.stamp(self._app.config.home)
        before = self._app.config
        try:
            self._app.config = config.load(before.home)
            await sync(self._app)
        except AggregatorError as error:
            self._app.config = before
            log.error("configuration not taken up: %s", error)
            return
        log.info("configuration taken up: %d sources, %d topics", len(self._app.config.sources),
                 len(self._app.config.topics))  # fmt: skip
        if self._app.config.settings != before.settings:
            log.warning("aggregator.toml changed: database, cpu_workers, [http] and listen need a restart")

    async def _listen(self) -> web.AppRunner:
        settings = self._app.config.settings
        pages = serve.application(Questions(self._app), Hubs(self._app), settings.http.max_body)
        runner = web.AppRunner(pages, access_log=None, handle_signals=False)
        await runner.setup()
        host, _, port = self._app.config.settings.server.listen.rpartition(":")
        try:
            await web.TCPSite(runner, host.strip("[]"), int(port), shutdown_timeout=1).start()
        except (OSError, ValueError, OverflowError) as error:
            await runner.cleanup()
            listen = self._app.config.settings.server.listen
            raise ServeError(listen, f"cannot be listened on ({error}); set server.listen to another") from error
        return runner

    @contextlib.contextmanager
    def _signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()

        def stop() -> None:
            if self._stop.is_set():
                log.warning("stopped at once: jobs that ran will be done again")
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
