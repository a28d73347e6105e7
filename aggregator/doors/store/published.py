"""Questions about what a topic's feed holds, that cost no more than to see what is not as it was."""

from sqlalchemy import Connection, bindparam, select

from aggregator.doors.store import topics
from aggregator.doors.store.tables import articles, entries, sources
from aggregator.model import LiveTopic, Placed


def placed(tx: Connection, live: LiveTopic) -> tuple[Placed, ...]:
    """What stands in the feed of a topic, in its order."""
    ids = topics.selected(tx, live, live.topic.limit)
    stamps = {id: tuple(stamp) for id, *stamp in tx.execute(_STAMPS, {"ids": ids})}
    return tuple(Placed(id, stamps[id]) for id in ids)


# Made once: to put it together takes longer than to answer it.
_STAMPS = (
    select(articles.c.id, articles.c.version, entries.c.hash, sources.c.name, sources.c.title, sources.c.url)
    .join(entries, entries.c.id == articles.c.entry_id)
    .join(sources, sources.c.id == articles.c.source_id)
    .where(articles.c.id.in_(bindparam("ids", expanding=True)))
)
