"""Questions and changes about entries."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, update

from aggregator.doors.store import articles, dialect, namesakes, said, sources
from aggregator.doors.store.tables import entries, tombstones
from aggregator.model import (
    Changes,
    Enclosure,
    Entry,
    History,
    Image,
    PollState,
    Source,
    ToArchive,
    Validators,
)

Key = tuple[int, str]
"""By its source's id and its guid an entry is known."""

# What the feed says anew is joined with the page, whether that changed or not.
_NOT_ASKED = {"page_etag": None, "page_last_modified": None}

_LIVES = ~select(tombstones.c.entry_id).where(tombstones.c.entry_id == entries.c.id).exists()
"""Its article was not deleted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Polled:
    """What a poll found, with the state that it leaves behind; None: there is more of it to come."""

    source: Source
    changes: Changes
    state: PollState | None
    host: Callable[[Entry], str]  # which one archiving an entry will ask
    now: datetime
    whole: Mapping[str, str] = field(default_factory=dict)  # by guid, the HTML of articles that the caller keeps


def save(
    tx: Connection,
    source: Source,
    changes: Changes,
    state: PollState | None,
    host: Callable[[Entry], str],
    now: datetime,
    whole: Mapping[str, str] = {},
) -> dict[str, int]:
    """Keep what a poll found, with its state; what is new or changed is due to be archived, but for the guids of
    `whole`: the articles of these, with this HTML, the caller keeps at once. Returns the ids of what is new."""
    found = Polled(source=source, changes=changes, state=state, host=host, now=now, whole=whole)
    return {guid: id for (_, guid), id in save_each(tx, [found]).items()}


def save_each(tx: Connection, polls: Sequence[Polled]) -> dict[Key, int]:
    """The same for many."""
    sources.polled_each(tx, [(p.source, p.state) for p in polls if p.state])
    ids = _insert(tx, [row for p in polls for row in _new(p.source, p.changes, p.host, p.now, p.whole)])
    namesakes.rename(tx, [(e.id or 0, p.source.id or 0, e.url, e.title) for p in polls for e in p.changes.changed])
    for p in polls:
        for entry in p.changes.changed:
            values = _row(entry) | {"host": p.host(entry), "archive_at": p.now, "archive_failures": 0} | _NOT_ASKED
            tx.execute(update(entries).where(entries.c.id == entry.id, _LIVES).values(values))
    _known_again(tx, [again for p in polls for again in p.changes.again])
    return ids


def save_past(
    tx: Connection,
    source: Source,
    changes: Changes,
    history: History,
    host: Callable[[Entry], str],
    now: datetime,
) -> int:
    """Keep what a page of the feed's past has that is not known, and how far it was walked. What it says of entries
    that are known is older than what is kept."""
    sources.walked(tx, source, history)
    _insert(tx, list(_new(source, changes, host, now)))
    _known_again(tx, changes.again)
    return len(changes.new)


def load(tx: Connection, wanted: Sequence[Entry], now: datetime) -> tuple[dict[Key, int], set[Key]]:
    """Keep entries that did not come from a poll, archived by who loads them; returns the id of each, and which are
    new. They may be of many sources: a batch has a few lines of each."""
    by_key = {(e.source_id or 0, e.guid): e for e in wanted}
    new = _insert(tx, [_row(e) | {"source_id": key[0], "first_seen": now} for key, e in by_key.items()])
    known = {key: tx.scalars(_ID, {"of": key[0], "is": key[1]}).one() for key in by_key if key not in new}
    return new | known, set(new)


def to_archive(tx: Connection, id: int) -> ToArchive | None:
    """None where there is no such entry, or its article was deleted."""
    row = tx.execute(_LIVING, {"is": id}).one_or_none()
    if row is None:
        return None
    found = sources.get(tx, row.source_id)
    assert found is not None
    known = articles.of_entry(tx, id)
    return ToArchive(
        entry=_entry(row, known.article.html if known else None),
        source=found[0],
        first_seen=row.first_seen,
        failures=row.archive_failures,
        known=known,
        page=Validators(etag=row.page_etag, last_modified=row.page_last_modified),
    )


def archived(
    tx: Connection,
    entry: Entry,
    failures: int,
    error: str | None,
    again: datetime | None,
    page: Validators | None = None,
) -> None:
    """The entry's page was asked: when it is wanted again, if at all. One that the feed changed meanwhile stays due."""
    values: dict[str, Any] = {"archive_at": again, "archive_failures": failures, "archive_error": error}
    if page:
        values |= {"page_etag": page.etag, "page_last_modified": page.last_modified}
    tx.execute(update(entries).where(entries.c.id == entry.id, entries.c.hash == entry.hash, _LIVES).values(values))


def first_seen(entry: Entry, changes: Changes, now: datetime) -> datetime:
    return min(entry.published or entry.updated or now, now) if changes.is_past else now


def _new(
    source: Source,
    changes: Changes,
    host: Callable[[Entry], str],
    now: datetime,
    whole: Mapping[str, str] = {},
) -> Iterable[dict[str, Any]]:
    """Rows for what is new."""
    for e in changes.new:
        yield (
            _row(e)
            | said.columns(e, whole.get(e.guid))
            | {
                "source_id": source.id,
                "host": host(e),
                "first_seen": first_seen(e, changes, now),
                "archive_at": None if e.guid in whole else now,
            }
        )


def _insert(tx: Connection, rows: Sequence[dict[str, Any]]) -> dict[Key, int]:
    """The ids of those that were not there."""
    if not rows:
        return {}
    insert = dialect.ignore_conflict(dialect.insert(tx.dialect.name, entries))
    insert = insert.returning(entries.c.source_id, entries.c.guid, entries.c.id)
    ids = {(row.source_id, row.guid): row.id for row in tx.execute(insert, rows)}
    new = [(id, row) for row in rows if (id := ids.get((row["source_id"], row["guid"])))]
    namesakes.keep(tx, [(id, row["source_id"], row["url"], row["title"]) for id, row in new])
    return ids


def _known_again(tx: Connection, again: Sequence[tuple[int, str]]) -> None:
    if again:
        mine = update(entries).where(entries.c.id == bindparam("mine")).values(again=bindparam("how"))
        tx.execute(mine, [{"mine": id, "how": how} for id, how in again])


def _row(entry: Entry) -> dict[str, Any]:
    return {
        "guid": entry.guid,
        "url": entry.url,
        "title": entry.title,
        "author": entry.author,
        "published": entry.published,
        "updated": entry.updated,
        "summary": entry.summary,
        "content": entry.content,
        "images": [asdict(i) for i in entry.images],
        "enclosures": [asdict(e) for e in entry.enclosures],
        "categories": list(entry.categories),
        "language": entry.language,
        "feed_updated": entry.feed_updated,
        "podcast": entry.podcast,
        "hash": entry.hash,
    }


def _entry(row: Row[Any], html: str | None) -> Entry:
    return Entry(
        id=row.id,
        source_id=row.source_id,
        guid=row.guid,
        url=row.url,
        title=row.title,
        author=row.author,
        published=row.published,
        updated=row.updated,
        summary=said.summary(row, html),
        content=said.content(row, html),
        images=tuple(Image(**i) for i in row.images),
        enclosures=tuple(Enclosure(**e) for e in row.enclosures),
        categories=tuple(row.categories),
        language=row.language,
        feed_updated=row.feed_updated,
        podcast=row.podcast,
        hash=row.hash,
    )


_LIVING = select(entries).where(entries.c.id == bindparam("is"), _LIVES)
_ID = select(entries.c.id).where(entries.c.source_id == bindparam("of"), entries.c.guid == bindparam("is"))
