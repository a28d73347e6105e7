"""Questions about what a topic's feed and its archive pages hold, that read no text of an article."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from sqlalchemy import Connection, Integer, Select, bindparam, select, union_all

from aggregator.doors.store import pages
from aggregator.doors.store.decisions import is_first, selected
from aggregator.doors.store.tables import articles, decisions, entries, sources, withdrawn
from aggregator.model import LiveTopic, Page, Placed, Standing

PAGE = 100
"""Entries of an archive page."""

MOST_LEFT = 50
"""Tombstones of a feed."""


def standing(tx: Connection, live: LiveTopic) -> Standing:
    ids = selected(tx, live, live.topic.limit)
    stamps = {id: tuple(stamp) for id, *stamp in tx.execute(_STAMPS, {"ids": ids})}
    left = tuple((row.url, row.guid, row.at) for row in tx.execute(_LEFT, {"topic": live.topic.id, "most": MOST_LEFT}))
    found = Standing(placed=tuple(Placed(id, stamps[id]) for id in ids), left=left)
    if not live.topic.history:
        return found
    return replace(
        found,
        page=pages.newest(tx, live),
        is_behind=bool(_behind(tx, live, ids, pages.end(tx, live)[2])),
        stale=pages.stale(tx, live),
    )


def cut(tx: Connection, live: LiveTopic, most: int = 200) -> bool:
    """Pages for what is in neither the feed nor a page; False: that is all. A page that is full stays as it is: what
    leaves it leaves a gap."""
    ids = selected(tx, live, live.topic.limit)
    number, after, last = pages.end(tx, live)
    if number and (some := _behind(tx, live, ids, last)[: PAGE - len(on_page(tx, live, Page(number, after, last, 0)))]):
        last = some[-1]
        pages.extend(tx, live, number, last)
    cuts: list[tuple[int, int]] = []
    while len(cuts) < most and (some := _behind(tx, live, ids, last)):
        cuts.append((last, some[-1]))
        last = some[-1]
    pages.add(tx, live, number, cuts)
    return len(cuts) == most


def on_page(tx: Connection, live: LiveTopic, page: Page) -> tuple[int, ...]:
    """The newest first."""
    said = {"topic": live.topic.id, "after": page.after_id, "to": page.last_id, "limit": 10 * PAGE}
    return tuple(tx.scalars(_taken(live.topic.copies), said))[::-1]


def _behind(tx: Connection, live: LiveTopic, shown: Sequence[int], after: int) -> list[int]:
    """The articles of the next page; none, as long as the feed has all that no page has."""
    limit = max(PAGE, len(shown) + 1)
    rest = list(
        tx.scalars(_taken(live.topic.copies), {"topic": live.topic.id, "after": after, "to": 2**31 - 1, "limit": limit})
    )
    return [] if set(rest) <= set(shown) else rest[:PAGE]


@cache
def _taken(copies: str) -> Select[Any]:
    """Ids of articles that a topic takes, in the order in which they were archived."""
    c, topic = decisions.c, bindparam("topic", type_=Integer)
    query = (
        select(c.article_id)
        .where(c.topic_id == topic, c.selected)
        .where(c.article_id > bindparam("after", type_=Integer), c.article_id <= bindparam("to", type_=Integer))
        .order_by(c.article_id)
        .limit(bindparam("limit", type_=Integer))
    )
    if copies == "first":
        query = query.join(articles, articles.c.id == c.article_id).where(is_first(topic))
    return query


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
_topic, _most = bindparam("topic", type_=Integer), bindparam("most", type_=Integer)
_dropped = (
    select(articles.c.entry_id, decisions.c.decided_at.label("at"))
    .join(articles, articles.c.id == decisions.c.article_id)
    .where(decisions.c.topic_id == _topic, ~decisions.c.selected)
    .order_by(decisions.c.first_seen.desc(), decisions.c.dated.desc(), decisions.c.article_id.desc())
    .limit(_most)
    .subquery()
)
_left = union_all(
    select(withdrawn.c.entry_id, withdrawn.c.at).where(withdrawn.c.topic_id == _topic), select(_dropped)
).subquery()
_LEFT = (
    select(sources.c.url, entries.c.guid, _left.c.at)
    .join(entries, entries.c.id == _left.c.entry_id)
    .join(sources, sources.c.id == entries.c.source_id)
    .order_by(_left.c.at.desc(), _left.c.entry_id.desc())
    .limit(_most)
)
