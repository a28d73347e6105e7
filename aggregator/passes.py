"""Passes over what is due, whoever makes them: the daemon, or a command that ends."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import get_args

from aggregator.app import App
from aggregator.doors.store import due, sources
from aggregator.jobs import Done
from aggregator.model import Job, Kind, Source
from aggregator.runners.local import Local
from aggregator.steps import urls

_KINDS: tuple[Kind, ...] = get_args(Kind)


async def drain(app: App, runner: Local, kinds: Sequence[Kind] = _KINDS, until_empty: bool = True) -> None:
    """Claim what is due and run it while there is room; until nothing is due and all is done, or one round."""
    kinds = [kind for kind in kinds if kind != "picture" or app.config.settings.pictures.keep]
    try:
        while True:
            runner.freed.clear()
            found: tuple[Job, ...] = ()
            if (room := runner.free()) > 0:
                per_host = app.config.settings.http.per_host
                found = await app.store.write(due.claim_each, kinds, app.now(), room, per_host, runner.busy())
                for job in found:
                    await runner.submit(job)
            if not found and not (until_empty and await _more(app, runner, kinds)):
                return
    finally:
        # Interrupted: whoever comes next need not wait for the lease.
        if until_empty and (left := await runner.stop(0)):
            await app.store.write(due.release, left, app.now())


async def _more(app: App, runner: Local, kinds: Sequence[Kind]) -> bool:
    """Returns when a job has ended; False: none runs, and none will be due."""
    if runner.running():
        await runner.room()
        return True
    # a job that ended while we asked may have held the host of one that is due
    return runner.freed.is_set() or ("publish" in kinds and await app.store.write(due.hasten, app.now()) > 0)


async def held_back(app: App, wanted: Collection[int], since: datetime) -> list[Done]:
    """Of the ids of sources that were due, those that nobody has asked since: their hosts answered 429 to another
    source, or for a page, and are left alone for longer than a lease."""
    ids = sorted(wanted)
    found = await app.store.read(sources.get_each, ids)
    return [
        Done(
            job=Job("poll", source.id or 0, host := urls.host(source.url)),
            subject=source.name or source.url,
            outcome="unchanged",
            error=f"not asked: {host} answered 429, again at {state.poll_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        )
        for source, state in filter(None, found)
        if state.poll_at and state.poll_at > since + due.LEASE and (state.polled_at is None or state.polled_at < since)
    ]


async def named(app: App, done: Sequence[Done]) -> list[Done]:
    """With the names of the sources whose polls broke off."""
    ids = sorted({each.job.id for each in done if not each.subject})
    found = await app.store.read(sources.get_each, ids) if ids else []
    names = {each[0].id: each[0].name or each[0].url for each in found if each}
    return [replace(each, subject=each.subject or names.get(each.job.id, "")) for each in done]


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
