"""The same entry again: what of a feed is new, what changed, by guid and where guids fail by what else agrees."""

from dataclasses import replace

from aggregator.model import Changes, Entry, Feed, KnownEntry
from aggregator.steps.text import fold
from aggregator.steps.urls import page_key


def changes(feed: Feed, known: tuple[KnownEntry, ...], is_past: bool = False) -> Changes:
    """The feed's entries against those stored for its source; an entry stored under another guid keeps its old one.
    `is_past`: they were there before the source was followed."""
    by_guid = {k.guid: k for k in known}
    here = {e.guid for e in feed.entries}
    # Only an entry whose own guid is absent from the document can have come back under another one.
    left = [k for k in known if k.guid not in here]
    by_hash = {(k.hash, _page(k.url)): k for k in left}
    by_title = {_title_key(k): k for k in left if k.title and (k.url or k.published)}
    new: list[Entry] = []
    changed: list[Entry] = []
    for entry in feed.entries:
        before = by_guid.get(entry.guid)
        if before is None and left:
            before = by_hash.get((entry.hash, _page(entry.url))) or by_title.get(_title_key(entry))
        if before is None:
            new.append(entry)
        elif before.hash != entry.hash:
            changed.append(replace(entry, id=before.id, guid=before.guid))
    return Changes(new=_oldest_first(new), changed=tuple({e.guid: e for e in changed}.values()), is_past=is_past)


def _oldest_first(new: list[Entry]) -> tuple[Entry, ...]:
    """By their dates where all have one; else as feeds list them, the newest on top."""
    upwards = new[::-1]
    dated = [(e.published, n, e) for n, e in enumerate(upwards) if e.published]
    return tuple(e for _, _, e in sorted(dated)) if len(dated) == len(new) else tuple(upwards)


def _page(url: str | None) -> str | None:
    return page_key(url) if url else None


def _title_key(entry: Entry | KnownEntry) -> tuple[str, str | None, str | None]:
    """Title, link and date must all agree: a weekly column has one title for ever, a "now" page one link."""
    published = entry.published.isoformat() if entry.published else None
    return fold(entry.title or ""), _page(entry.url), published
