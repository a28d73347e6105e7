"""Guids made present, distinct and of bounded length, and what an entry says as a hash."""

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from aggregator.model import Entry

MAX_GUID = 1000  # characters; PostgreSQL indexes no more than 2,700 bytes
MAX_TITLE = 1000


def settled(entries: Iterable[Entry], clock: datetime | None, seen: int = 0) -> tuple[Entry, ...]:
    """The entries with hash and guid, what the document says twice once.

    Of entries with one guid the first keeps it. `clock` is the feed's own `updated`: where all entries were
    updated at that moment, it is when the document was made, and no part of what they say. `seen` entries of the
    document are not among these.
    """
    entries = list(entries)
    ticking = not seen and len(entries) > 1 and clock is not None and all(e.updated == clock for e in entries)
    kept: dict[str, Entry] = {}
    for entry in map(_bounded, entries):
        entry = replace(entry, hash=_hash(replace(entry, updated=None) if ticking else entry))
        guid = entry.guid or entry.url or _made(entry)
        if guid in kept:
            if kept[guid].hash == entry.hash:
                continue
            guid = entry.url if entry.url and entry.url not in kept else f"{guid}#{_made(entry)}"
        if guid not in kept:
            kept[guid] = replace(entry, guid=guid)
    return tuple(kept.values())


def _bounded(entry: Entry) -> Entry:
    """A longer guid is known by its digest; what goes on for pages is no title."""
    if len(entry.guid) <= MAX_GUID and len(entry.title or "") <= MAX_TITLE:
        return entry
    guid = (
        entry.guid if len(entry.guid) <= MAX_GUID else hashlib.sha256(entry.guid.encode("utf-8", "replace")).hexdigest()
    )
    return replace(entry, guid=guid, title=entry.title and entry.title[:MAX_TITLE])


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
    said = (words, times, images, files, entry.podcast) if entry.podcast else (words, times, images, files)
    return hashlib.sha256(repr(said).encode("utf-8", "replace")).hexdigest()


def _made(entry: Entry) -> str:
    """A guid of title and content alone: dates and files change, and it would become another entry."""
    said = repr((entry.title, entry.content or entry.summary, entry.enclosures[:1]))
    return hashlib.sha256(said.encode("utf-8", "replace")).hexdigest()[:32]
