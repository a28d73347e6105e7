"""Guids made present, distinct and of bounded length, and what an entry says as a hash."""

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from operator import attrgetter

from aggregator.model import Entry, Image, kept_guid
from aggregator.steps.measure import MAX_LANGUAGE, Measure

MAX_TYPE = 200  # characters


def settled(
    entries: Iterable[Entry], clock: datetime | None, seen: int = 0, measure: Measure | None = None
) -> tuple[Entry, ...]:
    """The entries with hash and guid, what the document says twice once.

    A guid that several have is the guid of none: who comes first changes with every poll. `clock` is the feed's own
    `updated`: where all entries were updated at that moment, it is when the document was made, and no part of what
    they say. `seen` entries of the document are not among these.
    """
    entries = list(entries)
    ticking = not seen and len(entries) > 1 and clock is not None and all(e.updated == clock for e in entries)
    measure = measure or Measure()
    bounded = [_bounded(e, measure) for e in entries]
    said = _once([replace(e, hash=_hash(replace(e, updated=None) if ticking else e)) for e in bounded])
    kept: dict[str, int] = {}
    left = dict(enumerate(said))
    for name in (attrgetter("guid"), _link, _made, _made_at):
        names = {n: name(e) for n, e in left.items()}
        held = Counter(names.values())
        own = {key: n for n, key in names.items() if key and held[key] == 1 and key not in kept}
        kept |= own
        left = {n: e for n, e in left.items() if names[n] not in own}
    for n, entry in left.items():
        kept.setdefault(_made_at(entry), n)
    in_order = sorted(kept.items(), key=lambda of: of[1])
    return tuple(said[n] if said[n].guid == key else replace(said[n], guid=key) for key, n in in_order)


def _once(entries: list[Entry]) -> list[Entry]:
    """Without what is said again word for word. Of one guid, link and title the version that was updated last is the
    entry (RFC 4287, 4.1.1), else the first."""
    kept: dict[tuple[str | None, ...], Entry] = {}
    for entry in entries:
        same = (entry.guid, entry.url, entry.title)
        key = same if all(same) else (entry.guid, entry.hash)
        before = kept.setdefault(key, entry)
        if entry.updated and before.updated and entry.updated > before.updated:
            kept[key] = entry
    return list(kept.values())


def _bounded(entry: Entry, measure: Measure) -> Entry:
    """A longer guid is known by its digest; what goes on for pages is no title, name or word."""
    said = entry.categories
    if not measure.holds("max_categories", len(said)):
        said = said[: measure.limits.max_categories]
    return replace(
        entry,
        guid=kept_guid(entry.guid),
        title=measure.cut("max_title", entry.title),
        author=measure.cut("max_author", entry.author),
        language=entry.language and entry.language[:MAX_LANGUAGE],
        categories=tuple(dict.fromkeys(filter(None, (measure.cut("max_category", each) for each in said)))),
        images=tuple(_image(each, measure) for each in entry.images),
        enclosures=tuple(replace(each, type=each.type and each.type[:MAX_TYPE]) for each in entry.enclosures),
    )


def _image(image: Image, measure: Measure) -> Image:
    caption, credit = (measure.cut("max_caption", said) for said in (image.caption, image.credit))
    return replace(image, caption=caption, credit=credit)


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


def _link(entry: Entry) -> str | None:
    return entry.url and kept_guid(entry.url)


def _made(entry: Entry) -> str:
    """A guid of title and content alone: dates and files change, and it would become another entry."""
    said = repr((entry.title, entry.content or entry.summary, entry.enclosures[:1]))
    return hashlib.sha256(said.encode("utf-8", "replace")).hexdigest()[:32]


def _made_at(entry: Entry) -> str:
    """For those that say the same at several times."""
    return hashlib.sha256(f"{_made(entry)} {entry.published or entry.updated}".encode()).hexdigest()[:32]
