"""Questions about what a topic's feed and its archive pages hold, that read no text of an article."""

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from sqlalchemy import Connection, Integer, Row, Select, bindparam, func, select, tuple_

from aggregator.doors.store import dialect, pages
from aggregator.doors.store.decisions import is_first, selected, selected_each
from aggregator.doors.store.tables import articles, decisions, entries, sources, topics, withdrawn
from aggregator.doors.store.tables import pages as page_rows
from aggregator.model import Left, LiveTopic, Page, Placed, Standing, Topic

PAGE = 100
"""Entries of an archive page."""

MOST_LEFT = 50
"""Tombstones of a feed."""


def standing(tx: Connection, live: LiveTopic) -> Standing:
    return standings(tx, [live])[0]


def standings(tx: Connection, lives: Sequence[LiveTopic]) -> list[Standing]:
    """How each of these topics stands: a few statements for all of them."""
    shown = selected_each(tx, (live.topic for live in lives))
    stamps = _stamps(tx, {id for ids in shown.values() for id in ids})
    around = _around(tx, [live.topic for live in lives])
    left = _left(tx, {id: row.dropped for id, row in around.items()})
    found = []
    for topic in (live.topic for live in lives):
        placed = tuple(Placed(id, stamps[id]) for id in shown[topic.id])
        one, row = Standing(placed=placed, left=left.get(topic.id, ())), around[topic.id]
        if topic.history:
            is_behind = not set(row.unpaged) <= set(shown[topic.id])
            one = replace(one, page=row.newest or 0, is_behind=is_behind, is_stale=row.is_stale)
        found.append(one)
    return found


def _stamps(tx: Connection, ids: Collection[int]) -> dict[int, tuple[Hashable, ...]]:
    """What a fragment depends on beside the topic; what many have in common, their source, is kept once."""
    found: dict[int, tuple[Hashable, ...]] = {}
    same: dict[Hashable, Hashable] = {}
    for some in dialect.batches(sorted(ids)):
        for id, version, hash, *said in tx.execute(_STAMPS, {"ids": some}):
            source = tuple(said)
            found[id] = version, hash, same.setdefault(source, source)
    return found


def _around(tx: Connection, wanted: Sequence[Topic]) -> dict[int | None, Row[Any]]:
    """What is to be known of topics beside what they show, by their ids."""
    found: dict[int | None, Row[Any]] = {}
    for copies in {topic.copies for topic in wanted}:
        some = [topic for topic in wanted if topic.copies == copies]
        said = {"topics": [t.id for t in some], "most": MOST_LEFT, "limit": max(t.limit for t in some) + 1}
        found |= {row.id: row for row in tx.execute(_beside(tx.dialect.name, copies), said)}
    return found


def _left(tx: Connection, dropped: Mapping[int | None, Sequence[int]]) -> dict[int | None, tuple[Left, ...]]:
    """What topics showed and show no more, the newest first."""
    rows = list(tx.execute(_WITHDRAWN, {"topics": list(dropped)}))
    pairs = [(topic, id) for topic, ids in dropped.items() for id in ids]
    for some in dialect.batches(pairs):
        rows += tx.execute(_DROPPED, {"pairs": some})
    found: dict[int | None, list[Left]] = {}
    for row in sorted(rows, key=lambda row: (row.at, row.entry_id), reverse=True):
        found.setdefault(row.topic_id, []).append(Left(row.url, row.guid, row.at))
    return {topic: tuple(left[:MOST_LEFT]) for topic, left in found.items()}


def cut(tx: Connection, live: LiveTopic, most: int = 200) -> bool:
    """Pages for what is in neither the feed nor a page; False: that is all. A page that is full stays as it is: what
    leaves it leaves a gap."""
    ids = selected(tx, live, live.topic.limit)
    number, after, last = pages.end(tx, live)
    if number and (
        some := _behind(tx, live, ids, last)[: PAGE - len(_on_page(tx, live, Page(number, after, last, 0)))]
    ):
        last = some[-1]
        pages.extend(tx, live, number, last)
    cuts: list[tuple[int, int]] = []
    while len(cuts) < most and (some := _behind(tx, live, ids, last)):
        cuts.append((last, some[-1]))
        last = some[-1]
    pages.add(tx, live, number, cuts)
    return len(cuts) == most


def on_page(tx: Connection, live: LiveTopic, page: Page) -> tuple[Placed, ...]:
    """The newest first."""
    ids = _on_page(tx, live, page)
    stamps = _stamps(tx, ids)
    return tuple(Placed(id, stamps[id]) for id in ids[::-1])


def _on_page(tx: Connection, live: LiveTopic, page: Page) -> list[int]:
    said = {"topic": live.topic.id, "after": page.after_id, "to": page.last_id, "limit": 10 * PAGE}
    return list(tx.scalars(_taken(live.topic.copies), said))


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
    c = decisions.c
    return (
        _of_topic(copies)
        .where(c.topic_id == bindparam("topic", type_=Integer))
        .where(c.article_id > bindparam("after", type_=Integer), c.article_id <= bindparam("to", type_=Integer))
    )


def _of_topic(copies: str) -> Select[Any]:
    c, limit = decisions.c, bindparam("limit", type_=Integer)
    query = select(c.article_id).where(c.selected).order_by(c.article_id).limit(limit)
    if copies == "first":
        query = query.join(articles, articles.c.id == c.article_id).where(is_first())
    return query


@cache
def _beside(dialect_name: str, copies: str) -> Select[Any]:
    """Of topics: what they dropped, the newest first; the archive page that is newest, whether one is to be written,
    and what they take that is on none."""
    c, p, most = decisions.c, page_rows.c, bindparam("most", type_=Integer)
    dropped = (
        select(c.article_id)
        .where(c.topic_id == topics.c.id, ~c.selected)
        .order_by(c.first_seen.desc(), c.dated.desc(), c.article_id.desc())
        .limit(most)
    )
    mine = (p.topic_id == topics.c.id) & (p.version == topics.c.version)
    end = select(func.coalesce(func.max(p.last_id), 0)).where(mine).correlate(topics).scalar_subquery()
    unpaged = _of_topic(copies).where(c.topic_id == topics.c.id, c.article_id > end)
    return select(
        topics.c.id,
        dialect.listed(dialect_name, dropped.correlate(topics)).label("dropped"),
        select(func.max(p.number)).where(mine, p.written).scalar_subquery().label("newest"),
        select(p.number).where(mine, p.stale > 0).exists().label("is_stale"),
        dialect.listed(dialect_name, unpaged.correlate(topics)).label("unpaged"),
    ).where(topics.c.id.in_(bindparam("topics", expanding=True)))


def origins(tx: Connection, page_keys: Sequence[str]) -> tuple[tuple[str, str, int], ...]:
    """The address of the feed, the guid in it, and how many revisions there are, of articles of these pages: what the
    ids are made of that we gave them."""
    rows = tx.execute(_ORIGINS, {"keys": list(page_keys)})
    return tuple((row.url, row.guid, row.revisions) for row in rows)


# Made once: to put it together takes longer than to answer it.
_SOURCE = sources.c.name, sources.c.title, sources.c.url, sources.c.feed_id
_STAMPS = (
    select(articles.c.id, articles.c.version, entries.c.hash, *_SOURCE)
    .join(entries, entries.c.id == articles.c.entry_id)
    .join(sources, sources.c.id == articles.c.source_id)
    .where(articles.c.id.in_(bindparam("ids", expanding=True)))
)
_ORIGINS = (
    select(sources.c.url, entries.c.guid, articles.c.revisions)
    .join(entries, entries.c.source_id == sources.c.id)
    .join(articles, articles.c.entry_id == entries.c.id)
    .where(articles.c.page_key.in_(bindparam("keys", expanding=True)))
    .limit(5000)
)
_of = entries.join(sources, sources.c.id == entries.c.source_id)
_WITHDRAWN = (
    select(withdrawn.c.topic_id, withdrawn.c.entry_id, withdrawn.c.at, sources.c.url, entries.c.guid)
    .select_from(_of.join(withdrawn, withdrawn.c.entry_id == entries.c.id))
    .where(withdrawn.c.topic_id.in_(bindparam("topics", expanding=True)))
)
_DROPPED = (
    select(decisions.c.topic_id, articles.c.entry_id, decisions.c.decided_at.label("at"), sources.c.url, entries.c.guid)
    .select_from(_of.join(articles, articles.c.entry_id == entries.c.id))
    .join(decisions, decisions.c.article_id == articles.c.id)
    .where(tuple_(decisions.c.topic_id, decisions.c.article_id).in_(bindparam("pairs", expanding=True)))
)
