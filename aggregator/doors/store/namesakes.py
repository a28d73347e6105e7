"""Which entries of a source those that arrive may be: asked at every poll, of archives of decades."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, bindparam, delete, select, union_all

from aggregator.doors.store import bulk, dialect, said
from aggregator.doors.store.tables import articles, entries, entry_keys, tombstones
from aggregator.doors.store.types import hashed
from aggregator.model import Entry, KnownEntry, Source, said_hash

NAMESAKES = 200
"""Entries of one source that are read under one address or title, the newest: a daily column has one for years."""

Named = tuple[int, int, str | None, str | None]
"""Of an entry: its id, its source's, its address and its title."""


def among(tx: Connection, source: Source, arrived: Sequence[Entry]) -> tuple[KnownEntry, ...]:
    """What is remembered of a source's entries that may be one of those that arrived: same guid, link or title."""
    found: dict[int, KnownEntry] = {}
    for some in dialect.batches(arrived):
        # Each once: the entries of a column have all one title.
        keys = sorted({key for e in some for key in _keys(source.id or 0, e.url, e.title)})
        named = dialect.first_of_each(tx, (entry_keys,), keys, NAMESAKES, newest=True)
        asked = {"of": source.id, "guids": [e.guid for e in some], "ids": [row.entry_id for row in named]}
        found.update({row.id: KnownEntry(**row._mapping) for row in tx.execute(_known(tx.dialect.name), asked)})
    here = {e.guid for e in arrived} if len(arrived) > 1 else set()
    return _with_words(tx, found, here, 2 * len(arrived))


def keep(tx: Connection, named: Iterable[Named]) -> None:
    """By what each is found from now on."""
    bulk.insert(tx, entry_keys, sorted(_rows(named)), there="keep")


def rename(tx: Connection, named: Sequence[Named]) -> None:
    """By what those are found that are about to be edited, and no longer by what they are called until then: some
    titles tell the time, and are others at each poll."""
    for some in dialect.batches(named):
        before = _rows((*row,) for row in tx.execute(_NAMED, {"ids": [id for id, *_ in some]}))
        after = _rows(some)
        if gone := before - after:
            tx.execute(_FORGET, [{"gone": key, "of": id} for key, id in sorted(gone)])
        bulk.insert(tx, entry_keys, sorted(after - before), there="keep")


def _rows(named: Iterable[Named]) -> set[tuple[int, int]]:
    return {(key, id) for id, source, url, title in named for key in _keys(source, url, title)}


def _keys(source: int, url: str | None, title: str | None) -> list[int]:
    return [hashed(f"{source} {what} {name}") for what, name in (("url", url), ("title", title)) if name]


def _with_words(
    tx: Connection, found: dict[int, KnownEntry], here: Collection[str], most: int
) -> tuple[KnownEntry, ...]:
    """The newest of those that did not arrive under their guids have their words: usually there are none. So has what
    arrives alone: it may be another entry under the guid of the last."""
    gone = sorted((id for id, k in found.items() if k.guid not in here), reverse=True)[:most]
    for some in dialect.batches(gone):
        for row in tx.execute(_WORDS, {"ids": list(some)}):
            words = row.words or said_hash(said.words(row))
            found[row.id] = replace(found[row.id], words=words or None)
    return tuple(found.values())


@cache
def _known(name: str) -> Select[*tuple[Any, ...]]:
    """Of one source by these guids, and of all by these ids. PostgreSQL uses no index for an OR of the two."""
    by_guid = select(entries.c.id).where(
        entries.c.source_id == bindparam("of"), entries.c.guid.in_(bindparam("guids", expanding=True))
    )
    wanted = union_all(by_guid, select(dialect.each_of(name, "ids").c.value)).subquery()
    return (
        select(
            *(entries.c[name] for name in ("id", "guid", "url", "title", "published", "hash", "again")),
            tombstones.c.entry_id.is_not(None).label("deleted"),
        )
        .outerjoin(tombstones, tombstones.c.entry_id == entries.c.id)
        .where(entries.c.id.in_(select(wanted.c.id)))
    )


# Made once, as that: to put them together takes longer than to answer them.
_NAMED = select(entries.c.id, entries.c.source_id, entries.c.url, entries.c.title).where(
    entries.c.id.in_(bindparam("ids", expanding=True))
)
_FORGET = delete(entry_keys).where(entry_keys.c.key == bindparam("gone"), entry_keys.c.entry_id == bindparam("of"))
_WORDS = (
    select(entries.c.id, entries.c.content, entries.c.summary, tombstones.c.words, articles.c.body)
    .outerjoin(tombstones, tombstones.c.entry_id == entries.c.id)
    .outerjoin(articles, articles.c.entry_id == entries.c.id)
    .where(entries.c.id.in_(bindparam("ids", expanding=True)))
)
