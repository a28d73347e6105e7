"""Questions about what a topic's feed holds, that cost no more than to see what is not as it was."""

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, select

from aggregator.doors.store import decisions
from aggregator.doors.store.tables import articles, entries, sources
from aggregator.model import LiveTopic, Placed


def placed(tx: Connection, live: LiveTopic) -> tuple[Placed, ...]:
    """What stands in the feed of a topic, in its order."""
    ids = decisions.selected(tx, live, live.topic.limit)
    stamps = {id: tuple(stamp) for id, *stamp in tx.execute(_STAMPS, {"ids": ids})}
    return tuple(Placed(id, stamps[id]) for id in ids)


def origins(tx: Connection, page_keys: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """The address of the feed, and the guid in it, of articles of these pages: what the ids are made of that we gave
    them."""
    return tuple((row.url, row.guid) for row in tx.execute(_ORIGINS, {"keys": list(page_keys)}))


# Made once: to put it together takes longer than to answer it.
_STAMPS = (
    select(articles.c.id, articles.c.version, entries.c.hash, sources.c.name, sources.c.title, sources.c.url)
    .join(entries, entries.c.id == articles.c.entry_id)
    .join(sources, sources.c.id == articles.c.source_id)
    .where(articles.c.id.in_(bindparam("ids", expanding=True)))
)
_ORIGINS = (
    select(sources.c.url, entries.c.guid)
    .join(entries, entries.c.source_id == sources.c.id)
    .join(articles, articles.c.entry_id == entries.c.id)
    .where(articles.c.page_key.in_(bindparam("keys", expanding=True)))
    .limit(5000)
)
