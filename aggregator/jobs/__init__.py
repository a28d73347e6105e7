"""The jobs: poll, archive and publish; each in a file that alone knows the order of its steps."""

from functools import partial

from aggregator.app import App
from aggregator.doors import memory
from aggregator.doors.fetch import whole_job
from aggregator.doors.store import due, entries, reports, sources, subscriptions, topics
from aggregator.doors.store import pictures as picture_rows
from aggregator.errors import AggregatorError
from aggregator.jobs import hubs, pictures
from aggregator.jobs.archiving import THINKING, archive, archived, arrival
from aggregator.jobs.common import Done
from aggregator.jobs.health import findings
from aggregator.jobs.judging import context, judged, named, prefilter, rules
from aggregator.jobs.polling import history, names, numbered, poll, told
from aggregator.jobs.publishing import publish, publish_index, report
from aggregator.model import Job, Source
from aggregator.steps import pace, websub

__all__ = [
    "THINKING",
    "Done",
    "archive",
    "archived",
    "arrival",
    "context",
    "crashed",
    "findings",
    "history",
    "judged",
    "named",
    "names",
    "numbered",
    "poll",
    "prefilter",
    "publish",
    "publish_index",
    "report",
    "rules",
    "run",
    "told",
]


async def run(app: App, job: Job) -> Done | None:
    """Do one job, whoever asks for it; None where what it was for is gone."""
    with whole_job() as held:
        done = await _run(app, job)
    if held.is_large:
        memory.trim()
    return done


async def _run(app: App, job: Job) -> Done | None:
    if job.kind == "poll":
        found = await app.store.read_each(sources.get_each, job.id)
        return await poll(app, *found) if found else None
    if job.kind == "subscribe":
        subscription = await app.store.read(subscriptions.get, job.id)
        return await hubs.subscribe(app, subscription) if subscription else None
    if job.kind == "history":
        at = await app.store.read(sources.history, job.id)
        found = await app.store.read(sources.get, job.id)
        return await history(app, found[0], at) if found and at and at.history_url else None
    if job.kind == "archive":
        work = await app.store.read(entries.to_archive, job.id)
        return await archive(app, work) if work else None
    if job.kind == "report":
        wanted = [each for each in await app.store.read(reports.every) if each.id == job.id]
        return await report(app, wanted[0]) if wanted else None
    if job.kind == "picture":
        picture = await app.store.read(picture_rows.get, job.id)
        return await pictures.fetch(app, picture) if picture else None
    live = await app.store.read_each(topics.get_each, job.id)
    return await publish(app, live) if live else None


async def crashed(app: App, job: Job, error: Exception) -> None:
    """A job ended by a mistake of ours, or by the store's or the disk's no: keep that it did, and let it wait longer
    each time, as after a failure."""
    reason = error
    if not isinstance(reason, AggregatorError):
        reason = AggregatorError("internal error", f"{type(error).__name__}: {error}; please report it")
    if job.kind == "history" and (at := await app.store.read(sources.history, job.id)):
        after = pace.history_failed(at, reason, app.now())
        await app.store.write(sources.walked, Source(url="", id=job.id), after)
    elif job.kind == "poll" and (found := await app.store.read(sources.get, job.id)):
        state = pace.failed(*found, reason, app.now(), app.config.settings.poll)
        await app.store.write(sources.polled, found[0], state)
    elif job.kind == "archive" and (work := await app.store.read(entries.to_archive, job.id)):
        again = pace.retry(work.failures + 1, app.now())
        await app.store.write(entries.archived, work.entry, work.failures + 1, str(reason), again)
    elif job.kind == "subscribe":
        await app.store.write(subscriptions.change, job.id, partial(websub.refused, now=app.now()))
    elif job.kind in ("publish", "report", "picture"):
        await app.store.write(due.postpone, job, app.now() + due.LEASE)
