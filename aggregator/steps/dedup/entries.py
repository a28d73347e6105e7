"""The same entry again: what of a feed is new, what changed, by guid and where guids fail by what else agrees."""

import re
from collections import Counter
from collections.abc import Callable, Collection, Hashable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from aggregator.model import Changes, Entry, Feed, KnownEntry, kept_guid, said_hash
from aggregator.steps.text import fold
from aggregator.steps.urls import page_key

FLOOD = 3
"""Entries that come back at once under new guids and new dates or links, at least, and half of all that look new: a
feed that moved says everything again. One alone may be a column, which has the same title every week."""

E = TypeVar("E", Entry, KnownEntry)

_SAID = "title and words are as before"

_MADE = re.compile(r"(?:^|#)[0-9a-f]{32}$")  # parse.guids


def changes(feed: Feed, known: tuple[KnownEntry, ...], *, is_past: bool = False, is_whole: bool = False) -> Changes:
    """The feed's entries against those stored for its source; an entry stored under another guid keeps its old one.
    `is_past`: they were there before the source was followed. `is_whole`: this is all that the feed says now."""
    by_guid = {k.guid: k for k in known}
    only = is_whole and len(feed.entries) + feed.seen == 1
    said = {e.guid for e in feed.entries}
    arrived = [_by_link(e, by_guid, said, only) for e in feed.entries]
    here = {e.guid for e in arrived}
    # Only an entry whose own guid is absent from the document can have come back under another one.
    left = [k for k in known if k.guid not in here]
    before = {e.guid: by_guid[e.guid] for e in arrived if e.guid in by_guid}
    under_new_guids = _again([e for e in arrived if e.guid not in by_guid], left) if left else {}
    before |= {guid: stored for guid, (stored, _) in under_new_guids.items()}
    changed: dict[str, Entry] = {}
    for entry in arrived:
        stored = before.get(entry.guid)
        if stored is None or stored.deleted or stored.hash == entry.hash:
            continue
        if not _shifts(entry, *under_new_guids.get(entry.guid, (stored, ""))):
            changed[stored.guid] = replace(entry, id=stored.id, guid=stored.guid)
    return Changes(
        new=_oldest_first([e for e in arrived if e.guid not in before]),
        changed=tuple(changed.values()),
        # Once, not at each poll: there are feeds whose guids are new each time.
        again=tuple(
            (stored.id, f"came again under the guid {guid}: {how}")
            for guid, (stored, how) in under_new_guids.items()
            if not (stored.again or "").endswith(how)
        ),
        renamed=len(under_new_guids),
        is_past=is_past,
    )


def known_by(guid: str, url: str, again: str | None) -> str:
    """By what an entry is known when its feed says it again."""
    made = "by title and text, for its feed gives it no guid of its own"
    how = "by its link" if guid == kept_guid(url) else made if _MADE.search(guid) else f"by its guid {guid}"
    return f"known {how}{f'; it {again}' if again else ''}"


def _by_link(entry: Entry, by_guid: Mapping[str, KnownEntry], taken: Collection[str], only: bool) -> Entry:
    """A guid that a feed of one entry at a time gives to each of them is the guid of none: all but the first are known
    by their links."""
    stored = by_guid.get(entry.guid)
    if stored is None or entry.url is None or _same_page(entry, stored):
        return entry
    link = kept_guid(entry.url)
    is_its_own = link not in taken and (link in by_guid or (only and _is_another(entry, stored)))
    return replace(entry, guid=link) if is_its_own else entry


def _is_another(entry: Entry, stored: KnownEntry) -> bool:
    """Whether nothing of an entry at another page is as it was, and it is younger. Of an edit something stays."""
    if not (entry.title and stored.title and entry.published and stored.published):
        return False
    words = said_hash(entry.content or entry.summary)
    later = entry.published > stored.published and fold(entry.title) != fold(stored.title)
    return later and (not words or words != stored.words)


def _oldest_first(new: list[Entry]) -> tuple[Entry, ...]:
    """By their dates where all have one; else as feeds list them, the newest on top."""
    upwards = new[::-1]
    dated = [(e.published, n, e) for n, e in enumerate(upwards) if e.published]
    return tuple(e for _, _, e in sorted(dated)) if len(dated) == len(new) else tuple(upwards)


def _again(new: list[Entry], left: list[KnownEntry]) -> dict[str, tuple[KnownEntry, str]]:
    """By guid what entries that look new were, and how that is known."""
    by_hash = {(k.hash, _page(k.url)): k for k in left}
    by_title = {_title_key(k): k for k in left}
    by_title.pop(None, None)
    found: dict[str, tuple[KnownEntry, str]] = {}
    for entry in new:
        if stored := by_hash.get((entry.hash, _page(entry.url))):
            found[entry.guid] = stored, "page and words are as before"
        elif stored := by_title.get(_title_key(entry)):
            found[entry.guid] = stored, "title, date and link are as before"
    taken = {stored.id for stored, _ in found.values()}
    new, free = [e for e in new if e.guid not in found], [k for k in left if k.id not in taken]
    before = _only(free, _retold)
    for key, entry in _only(new, _retold).items():
        if stored := before.get(key):
            found[entry.guid] = stored, "page, date and words are as before"
            free.remove(stored)
    said = _said_again([e for e in new if e.guid not in found], free)
    found |= {guid: (stored, _SAID) for guid, stored in said.items()}
    moved = _flood([e for e in new if e.guid not in found], left)
    how = "title and path or date are as before, and the feed says many old entries again"
    return found | {guid: (stored, how) for guid, stored in moved.items()}


def _said_again(new: list[Entry], left: list[KnownEntry]) -> dict[str, KnownEntry]:
    """What entries that look new were, by title and words. One alone must have its page or its date too; not so many
    at once, whose feed makes up guids, dates and the parameters of links at every poll. Each is one that is stored, so
    that a feed with ten such entries has ten for ever."""
    stored: dict[tuple[str, str], list[KnownEntry]] = {}
    for k in sorted(left, key=lambda k: k.id):
        if k.words:
            stored.setdefault((fold(k.title or ""), k.words), []).append(k)
    keys = [(e, (fold(e.title or ""), said_hash(e.content or e.summary))) for e in new]
    pairs = [(e, stored[key].pop()) for e, key in keys if stored.get(key)]
    sure = {e.guid: k for e, k in pairs if _same_page(e, k) or (e.published and e.published == k.published)}
    # Dated ones at other places may be a day's puzzles: their titles and words are those of yesterday's.
    many = {e.guid: k for e, k in pairs if _same_place(e, k) or e.published is k.published is None}
    return sure | many if len(sure | many) >= max(FLOOD, len(new) / 2) else sure


def _shifts(entry: Entry, stored: KnownEntry, how: str) -> bool:
    """Whether what differs is only what its feed makes up at every poll: to take that for an edit would fetch its page
    each time. A link to another place is taken once."""
    return how == _SAID and (_same_place(entry, stored) or (stored.again or "").endswith(_SAID))


def _same_page(entry: Entry, stored: KnownEntry) -> bool:
    return entry.url is not None and _page(entry.url) == _page(stored.url)


def _same_place(entry: Entry, stored: KnownEntry) -> bool:
    """Whether only the host or the parameters of the links differ, if anything; or there are none."""
    place = _path(entry).partition("?")[0]
    return place == _path(stored).partition("?")[0] if place else entry.url is stored.url is None


def _flood(new: list[Entry], left: list[KnownEntry]) -> dict[str, KnownEntry]:
    """What entries that look new were, where so many of them have an old title with its path or its date that the feed
    has moved."""
    found: dict[str, KnownEntry] = {}
    for name in (_place, _moment):
        before, now = _only(left, name), _only(new, name)
        pairs = {e.guid: before[key] for key, e in now.items() if key in before}
        taken = {k.id for k in found.values()}
        found |= {guid: k for guid, k in pairs.items() if guid not in found and k.id not in taken}
    return found if len(found) >= max(FLOOD, len(new) / 2) else {}


def _only(entries: list[E], name: Callable[[E], Hashable]) -> dict[Hashable, E]:
    """By name, those whose name no other has."""
    names = Counter(map(name, entries))
    return {key: e for e in entries if (key := name(e)) and names[key] == 1}


def _page(url: str | None) -> str | None:
    return page_key(url) if url else None


def _path(entry: Entry | KnownEntry) -> str:
    """Where a site keeps it, whatever the site is called now."""
    return page_key(entry.url).partition("/")[2] if entry.url else ""


def _place(entry: Entry | KnownEntry) -> tuple[str, str] | None:
    return (fold(entry.title), _path(entry)) if entry.title and _path(entry) else None


def _moment(entry: Entry | KnownEntry) -> tuple[str, datetime] | None:
    return (fold(entry.title), entry.published) if entry.title and entry.published else None


def _retold(entry: Entry | KnownEntry) -> tuple[str, datetime | None, str] | None:
    """What stays where only the title is written anew, from which some feeds make their guids. A home page is that of
    all entries, and so may be a day and a phrase."""
    words = said_hash(entry.content or entry.summary) if isinstance(entry, Entry) else entry.words
    page = entry.url and _path(entry) and _page(entry.url)
    return (page, entry.published, words) if page and words else None


def _title_key(entry: Entry | KnownEntry) -> tuple[str, str | None, str | None] | None:
    """Title, link and date must all agree: a weekly column has one title for ever, a "now" page one link. Where there
    is a date the link may be on another host: the site has moved."""
    published = entry.published.isoformat() if entry.published else None
    if not (entry.title and (entry.url or published)):
        return None
    return fold(entry.title), _path(entry) if published else _page(entry.url), published
