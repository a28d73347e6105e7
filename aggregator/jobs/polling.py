"""Polling: what a source says now, what a hub tells of it, and its past."""

import logging
import re
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from hashlib import sha256
from itertools import count
from typing import Literal

from aggregator.app import App
from aggregator.doors.store import entries, namesakes, sources
from aggregator.errors import AggregatorError, ParseError, StepTimeout
from aggregator.jobs import arriving, hubs, loops
from aggregator.jobs.common import Done, asked, ease, host_of_page
from aggregator.model import Feed, History, Job, PollState, Response, Source
from aggregator.steps import dedup, pace, parse, text, urls

_RENAMED = "%s: %d of its %d entries came under new guids: known by page, title and words, and not doubled"

log = logging.getLogger(__name__)


async def poll(app: App, source: Source, state: PollState, had: Response | None = None) -> Done:
    """Fetch a source, unless its answer is `had` already; keep what is new, and say when to come back."""
    # Before it is asked for: with a large answer it would wait in the place of another.
    async with app.hanging if _hung(state) else nullcontext():
        return await _poll(app, source, state, had)


def _hung(state: PollState) -> bool:
    """Such a source may take a process for all its time again: one at a time, or they would hold up all others."""
    return (state.error or "").endswith("(cpu_timeout)")


async def _poll(app: App, source: Source, state: PollState, had: Response | None) -> Done:
    bounds = app.config.settings.poll
    url = state.address or source.url
    job = Job("poll", source.id or 0, urls.host(url))
    try:
        response = had or await app.web.get(
            url,
            etag=state.etag,
            last_modified=state.last_modified,
            access=asked(app, source),
            robots=app.config.settings.http.robots == "all",
        )
    except AggregatorError as failure:
        # The error has no name there: with one, it and its frame would hold each other, and the response.
        return await _failed(app, source, state, job, failure, None, "")
    body_hash = sha256(response.body).hexdigest()
    if response.not_modified or body_hash == state.body_hash:
        state = pace.unchanged(source, state, response, app.now(), bounds, await hubs.is_told(app, source))
        await app.store.write_each(sources.polled_each, (source, state))
        return Done(job=job, subject=source.name or source.url, outcome="unchanged", status=response.status)
    async with app.reading:
        body = f"{body_hash} {app.version}"  # a later version may read it
        try:
            if body == state.broken:
                subject, _, reason = (state.error or url).partition(": ")
                raise ParseError(subject, reason)
            feed = await _read(app, state, response)
        except AggregatorError as failure:
            return await _failed(app, source, state, job, failure, response.status, body)
        response = replace(response, body=b"")  # it is read, and others wait with theirs
        return await _kept(app, job, source, state, response, body_hash, feed)


async def _read(app: App, state: PollState, response: Response) -> Feed:
    """What is new in a document that is not the last one again, but for what came from us."""
    most, limits = app.config.settings.poll.max_entries, app.config.settings.entry
    feed = parse.quick(response, state.marks, most, limits)
    if feed is None:
        feed = await app.cpu(parse.feed, response, state.marks, most, limits)
    return await loops.foreign(app, feed, response.url)


async def _kept(
    app: App, job: Job, source: Source, state: PollState, response: Response, body_hash: str, feed: Feed
) -> Done:
    """Keep what is new, and say when to come back."""
    bounds, is_told = app.config.settings.poll, await hubs.is_told(app, source)
    known = await app.store.read(namesakes.among, source, feed.entries) if feed.entries else ()
    changes = dedup.changes(feed, known, is_past=state.body_hash is None, is_whole=True)
    new, changed = len(changes.new), len(changes.changed)
    before = state
    unread = feed.unread and f"{response.url}: {feed.unread}"
    for words in feed.cut:
        log.warning("%s: %s", source.name or source.url, words)
    state = pace.polled(
        source, state, response, feed, new, body_hash, app.now(), bounds, is_told, changes.renamed, unread
    )
    if state.renamed_at != before.renamed_at:
        # A warning once: the feeds that do so do it at every poll.
        level = logging.INFO if before.renamed_at else logging.WARNING
        log.log(level, _RENAMED, source.name or source.url, changes.renamed, len(feed.entries) + feed.seen)
    if new or changed or changes.again:
        await arriving.keep(app, source, changes, state)
    else:
        await app.store.write_each(sources.polled_each, (source, state))
    name = source.name or await app.store.write(sources.name, source, names(feed.title, source.url))
    outcome: Literal["new", "unchanged"] = "new" if new or changed else "unchanged"
    await hubs.offered(app, source, response, feed)
    missed = state.missed_at == state.polled_at
    return Done(
        job=job,
        subject=name,
        outcome=outcome,
        status=response.status,
        new=new,
        changed=changed,
        missed=missed,
        error=unread,
    )


async def _failed(
    app: App, source: Source, state: PollState, job: Job, failure: AggregatorError, status: int | None, body: str
) -> Done:
    """Keeps that a poll failed; `body` is the mark of what cannot be read."""
    # Which step was ended is no matter to who follows the source.
    error = StepTimeout(state.address or source.url, failure.reason) if isinstance(failure, StepTimeout) else failure
    broken = body if isinstance(error, ParseError) else None
    state = pace.failed(source, state, error, app.now(), app.config.settings.poll, status, broken)
    await app.store.write_each(sources.polled_each, (source, state))
    await ease(app, job.host, error)
    return Done(job=job, subject=source.name or source.url, outcome="failed", status=state.status, error=str(error))


async def told(app: App, source: Source, state: PollState, response: Response) -> Done:
    """What a hub sent of a feed, often no more than is new; kept as a poll would keep it."""
    job = Job("poll", source.id or 0)
    feed = await _whole(app, response, response.url)
    changes = dedup.changes(feed, await app.store.read(namesakes.among, source, feed.entries))
    new, changed = len(changes.new), len(changes.changed)
    await arriving.keep(app, source, changes, pace.told(state, new, app.now()))
    outcome: Literal["new", "unchanged"] = "new" if new or changed else "unchanged"
    return Done(job=job, subject=source.name or source.url, outcome=outcome, new=new, changed=changed)


async def history(app: App, source: Source, at: History) -> Done | None:
    """One page of a feed's past: keep what is not known, and say which page is next, if any."""
    url, pages = at.history_url, at.history_pages + 1
    assert url is not None
    job = Job("history", source.id or 0, urls.host(url))
    access, robots = asked(app, source), app.config.settings.http.robots == "all"
    try:
        feed = await _whole(app, await app.web.get(url, access=access, robots=robots), url)
    except AggregatorError as error:
        await app.store.write(sources.walked, source, pace.history_failed(at, error, app.now()))
        await ease(app, job.host, error)
        return Done(job=job, subject=source.name or url, outcome="failed", error=str(error))
    changes = dedup.changes(feed, await app.store.read(namesakes.among, source, feed.entries), is_past=True)
    further = feed.prev_archive_url or feed.next_url
    after = pace.history(further if further != url and (changes.new or pages < 3) else None, pages, app.now())
    count = await app.store.write(entries.save_past, source, changes, after, host_of_page(app, source), app.now())
    return Done(job=job, subject=source.name or url, outcome="walked", new=count)


def names(title: str | None, url: str) -> Iterator[str]:
    """Names for a source, the best first, without end: short, lower case, of a-z, 0-9 and hyphens."""
    words = re.findall(r"[a-z0-9]+", text.fold(title or ""))
    base = "-".join(words)[:40].strip("-") or re.sub(r"[^a-z0-9]+", "-", urls.host(url).removeprefix("www.")).strip("-")
    return numbered(base or "source")


def numbered(name: str) -> Iterator[str]:
    """The name, then with a number behind it: for one that others have already."""
    yield name
    for n in count(2):
        yield f"{name}-{n}"


async def _whole(app: App, response: Response, url: str) -> Feed:
    """All that the document says, within our bounds, but for what came from us."""
    settings = app.config.settings
    feed = await app.cpu(parse.feed, response, b"", settings.poll.max_entries, settings.entry)
    return await loops.foreign(app, feed, url)
