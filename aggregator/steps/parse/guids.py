"""Guids made present and distinct, and what an entry says as a hash."""

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from aggregator.model import Entry


def settled(entries: Iterable[Entry], clock: datetime | None) -> tuple[Entry, ...]:
    """The entries with hash and guid, what the document says twice once.

    Of entries with one guid the first keeps it. `clock` is the feed's own `updated`: where all entries were
    updated at that moment, it is when the document was made, and no part of what they say.
    """
    entries = list(entries)
    ticking = len(entries) > 1 and clock is not None and all(e.updated == clock for e in entries)
    kept: dict[str, Entry] = {}
    for entry in entries:
        entry = replace(entry, hash=_hash(replace(entry, updated=None) if ticking else entry))
        guid = entry.guid or entry.url or _made(entry)
        if guid in kept:
            if kept[guid].hash == entry.hash:
                continue
            guid = entry.url if entry.url and entry.url not in kept else f"{guid}#{_made(entry)}"
        if guid not in kept:
            kept[guid] = replace(entry, guid=guid)
    return tuple(kept.values())


def _hash(entry: Entry) -> str:
    """Named one by one: a field that Entry gains must not make every stored entry a changed one."""
    times = [time and time.isoformat() for time in (entry.published, entry.updated)]
    images = [(i.url, i.caption, i.credit) for i in entry.images]
    files = [(e.url, e.type, e.length) for e in entry.enclosures]
    words = (
        entry.url,
        entry.title,
        entry.author,
        entry.summary,
        entry.content,
        entry.categories,
        entry.language,
    )
    return hashlib.sha256(repr((words, times, images, files)).encode("utf-8", "replace")).hexdigest()


def _made(entry: Entry) -> str:
    """A guid of title and content alone: dates and files change, and it would become another entry."""
    said = repr((entry.title, entry.content or entry.summary, entry.enclosures[:1]))
    return hashlib.sha256(said.encode("utf-8", "replace")).hexdigest()[:32]
