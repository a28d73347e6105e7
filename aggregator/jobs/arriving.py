"""What polls find, kept: entries, and the articles of those whose pages nobody wants."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from sqlalchemy import Connection

from aggregator.app import App
from aggregator.doors.store import arrivals, entries
from aggregator.errors import StoreError
from aggregator.jobs import judging, pictures
from aggregator.jobs.archiving import THINKING, arrival
from aggregator.jobs.common import host_of_page
from aggregator.model import Changes, Entry, PollState, Source, ToArchive
from aggregator.steps import compose

T = TypeVar("T")

BATCH = 500
"""New entries of one poll that are made ready for the database at a time; of several polls, so many at least."""

LONG = 2000
"""Characters of an entry from which on it counts for two, and so on: words take ten times what their text does."""

LINGER = 0.3
"""Seconds that a poll waits for others that found something: nine in ten find nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What a poll found, and the articles that are kept with it."""

    app: App
    polled: entries.Polled
    new: Sequence[arrivals.New]


async def keep(app: App, source: Source, changes: Changes, state: PollState | None) -> None:
    """What many polls found at a time is one change; of each the articles are in the transaction of its entries. What
    is very much is kept in parts, the poll's state with the last: where that is not reached, the next poll finds the
    rest."""
    *parts, last = _batches(changes.new, _weight) or [[]]
    for some in parts:
        await _keep(app, source, Changes(new=tuple(some), is_past=changes.is_past), None)
    await _keep(app, source, replace(changes, new=tuple(last)), state)


async def _keep(app: App, source: Source, changes: Changes, state: PollState | None) -> None:
    host, now = host_of_page(app, source), app.now()
    known = await judging.rules(app)
    whole = [
        ToArchive(entry=e, source=source, first_seen=entries.first_seen(e, changes, now), failures=0, known=None)
        for e in changes.new
        if not host(e)
    ]
    new = []
    for work in whole:
        await asyncio.sleep(0)  # others have their turn: thousands may come at once
        new.append(arrival(known, work, compose.of_entry(work.entry, source.url), now))
    polled = entries.Polled(
        source=source,
        changes=changes,
        state=state,
        host=host,
        now=now,
        whole={n.work.entry.guid: n.article.html for n in new},
    )
    try:
        await app.store.write_each(_save_each, _Found(app=app, polled=polled, new=new), LINGER)
    except StoreError:
        if not new:
            raise
        # One of the articles is refused: each has a job of its own then, so that this one fails alone.
        await app.store.write(entries.save, source, changes, state, host, now)


def _save_each(tx: Connection, found: list[_Found]) -> list[None]:
    for some in _batches(found, lambda f: sum(map(_weight, f.polled.changes.new))):
        ids = entries.save_each(tx, [f.polled for f in some])
        kept = [
            replace(n, work=replace(n.work, entry=replace(n.work.entry, id=id)))
            for f in some
            for n in f.new
            if (id := ids.pop((f.polled.source.id or 0, n.work.entry.guid), None))  # once, if two found it
        ]
        if kept:
            saved = arrivals.save(tx, kept, THINKING, max(f.polled.now for f in some))
            pictures.want(some[0].app, tx, [(id, n.article) for id, n in zip(saved, kept, strict=True)])
    return [None] * len(found)


def _weight(entry: Entry) -> int:
    return 1 + len(entry.content or entry.summary or "") // LONG


def _batches(found: Sequence[T], weight: Callable[[T], int]) -> list[list[T]]:
    batches: list[list[T]] = []
    size = BATCH
    for each in found:
        if size >= BATCH:
            batches.append([])
            size = 0
        batches[-1].append(each)
        size += weight(each)
    return batches
