"""Questions and changes about what topics decided of articles."""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Insert, Integer, Select, bindparam, func, select, tuple_, update

from aggregator.doors.store import dialect, due, pages
from aggregator.doors.store.tables import articles, decisions, topics
from aggregator.doors.store.topics import stamp
from aggregator.model import Decision, Hit, Judged, LiveTopic, Topic

Found = tuple[int, Decision, datetime, datetime]
"""What was decided of an article: id, decision, first_seen, dated."""

_NOT_THERE = Decision(selected=False, reason="not selected: the words that its rule asks for are not there")


def decide_new(tx: Connection, new: Sequence[tuple[int, Judged, datetime, datetime]], now: datetime) -> None:
    """`decide` for articles that no topic has seen yet: (id, judged, first_seen, dated)."""
    rows: list[dict[str, Any]] = []
    current = stamp(tx)
    for id, judged, first_seen, dated in new:
        heard = judged.versions.keys() if judged.stamp == current else _leave(tx, id, judged, now)
        rows += [
            _row(topic, judged.versions[topic], id, d, first_seen, dated, now)
            for topic, d in judged.decisions.items()
            if topic in heard and (d.selected or d.until)
        ]
    _keep(tx, rows, now)


def decide(
    tx: Connection, article_id: int, judged: Judged, first_seen: datetime, dated: datetime, now: datetime
) -> None:
    """Keep what the topics said of an article; those that take it, or took it, are due for publication. A topic that
    changed meanwhile looks at it again."""
    heard = judged.versions.keys() if judged.stamp == stamp(tx) else _leave(tx, article_id, judged, now)
    taken = set(tx.scalars(_TAKING, {"of": article_id})).intersection(heard)
    said = dict.fromkeys(taken, _NOT_THERE) | {topic: d for topic, d in judged.decisions.items() if topic in heard}
    keep = {topic: d for topic, d in said.items() if d.selected or d.until or topic in taken}
    rows = [_row(topic, judged.versions[topic], article_id, d, first_seen, dated, now) for topic, d in keep.items()]
    _keep(tx, rows, now)


def replayed(
    tx: Connection,
    live: LiveTopic,
    found: Sequence[Found],
    to: int,
    now: datetime,
) -> bool:
    """Keep what a rule says of old articles, judged up to the id `to`; False: the rule changed meanwhile, and nothing
    is kept."""
    mine = (topics.c.id == live.topic.id) & (topics.c.version == live.version)
    if tx.execute(update(topics).where(mine).values(replayed_to=to)).rowcount == 0:
        return False
    topic = live.topic.id or 0
    pages.touch(tx, [id for id, decision, *_ in found if not decision.selected])
    _upsert(tx, [_row(topic, live.version, id, d, first_seen, dated, now) for id, d, first_seen, dated in found])
    return True


def outdated(tx: Connection, live: LiveTopic, now: datetime, limit: int = 200) -> tuple[int, ...]:
    """Articles that an older version of the rule took, and this one has not judged; and those of which it may say
    something else by now."""
    c = decisions.c
    mine = select(c.article_id).where(c.topic_id == live.topic.id)
    older = mine.where(c.selected, c.version < live.version).limit(limit)
    aged = mine.where(c.until <= now).limit(limit)
    return tuple(dict.fromkeys([*tx.scalars(older), *tx.scalars(aged)]))[:limit]


def touch(tx: Connection, article_ids: Sequence[int], now: datetime) -> None:
    """The stories of these articles changed: topics that took one of them choose anew, and name other copies."""
    if article_ids:
        tx.execute(_SHOW_ANEW, {"ids": article_ids})
        pages.touch(tx, article_ids)
        due.soon(tx, "publish", _TAKERS, {"ids": article_ids}, now)


def selected(tx: Connection, live: LiveTopic, limit: int) -> tuple[int, ...]:
    """Ids of the articles that the topic shows, in their order; of a story the first that it takes, if it wants no
    more, and of a source no more than it wants."""
    topic = replace(live.topic, limit=limit)
    return selected_each(tx, [topic])[topic.id]


def selected_each(tx: Connection, wanted: Iterable[Topic]) -> dict[int | None, tuple[int, ...]]:
    """`selected`, for topics as long as each says: one statement for all that choose alike."""
    alike: dict[tuple[str, str, bool, int, int], list[int | None]] = {}
    for topic in wanted:
        shape = topic.copies, topic.order, "edits" in topic.only, topic.per_source, topic.limit
        alike.setdefault(shape, []).append(topic.id)
    found: dict[int | None, tuple[int, ...]] = {}
    for (copies, order, edits, per_source, limit), ids in alike.items():
        query = _selected(tx.dialect.name, copies, order, edits, per_source > 0)
        said = {"topics": ids, "limit": limit} | ({"per_source": per_source} if per_source else {})
        found |= {row[0]: tuple(row[1]) for row in tx.execute(query, said)}
    return found


@cache
def _selected(dialect_name: str, copies: str, order: str, edits: bool, capped: bool) -> Select[Any]:
    """Made once: to put it together takes longer than to answer it."""
    c, a = decisions.c, articles.c
    first = [c.score.desc()] * (order == "best") + [a.revised_at.desc()] * edits
    by = (*first, c.first_seen.desc(), c.dated.desc(), c.article_id.desc())
    query = select(c.article_id).where(c.topic_id == topics.c.id, c.selected).correlate(topics)
    if copies == "first" or edits or capped:
        query = query.join(articles, a.id == c.article_id)
    if copies == "first":
        query = query.where(is_first())
    if capped:
        place = func.row_number().over(order_by=by).label("place")
        ranked = query.add_columns(func.row_number().over(partition_by=a.source_id, order_by=by).label("rank"), place)
        found = ranked.subquery()
        query = select(found.c.article_id).where(found.c.rank <= bindparam("per_source", type_=Integer))
        query = query.order_by(found.c.place)
    else:
        query = query.order_by(*by)
    shown = dialect.listed(dialect_name, query.limit(bindparam("limit", type_=Integer)))
    return select(topics.c.id, shown).where(topics.c.id.in_(bindparam("topics", expanding=True)))


def is_first() -> ColumnElement[bool]:
    """Of the articles of its story, the topic of the decision takes none before it."""
    a, other_d, other_a = articles.c, decisions.alias(), articles.alias()
    # One inside the other, not joined: SQLite would walk all that the topic takes, for each article.
    taken = select(other_d.c.article_id).where(
        other_d.c.topic_id == decisions.c.topic_id, other_d.c.article_id == other_a.c.id, other_d.c.selected
    )
    taken = taken.correlate(decisions, other_a)  # said, for two levels up it is not seen: any topic's would count
    earlier = (
        select(other_a.c.id)
        .where(other_a.c.story_id == a.story_id)
        .where(tuple_(other_a.c.first_seen, other_a.c.id) < tuple_(a.first_seen, a.id))
        .where(taken.exists())  # last, for it costs most
    )
    return ~earlier.exists()


def standing(tx: Connection, topic_id: int, article_id: int) -> int | None:
    """The article that the topic shows in this one's place, where it shows of a story only the first that it takes."""
    other, mine = articles.c, articles.alias()
    query = (
        select(other.id)
        .join(mine, mine.c.story_id == other.story_id)
        .join(decisions, (decisions.c.article_id == other.id) & (decisions.c.topic_id == topic_id))
        .where(mine.c.id == article_id, decisions.c.selected)
        .order_by(other.first_seen, other.id)
        .limit(1)
    )
    first = tx.scalar(query)
    return None if first == article_id else first


def taken(tx: Connection, name: str) -> frozenset[int]:
    """Ids of all articles that the topic of this name takes by now, whatever it shows of them."""
    query = select(decisions.c.article_id).join(topics, topics.c.id == decisions.c.topic_id)
    return frozenset(tx.scalars(query.where(topics.c.name == name, ~topics.c.removed, decisions.c.selected)))


def of_article(tx: Connection, article_id: int) -> tuple[tuple[str, Decision], ...]:
    """What was decided on an article, topic by topic, where one takes or took it."""
    query = (
        select(topics.c.name, decisions)
        .join(topics, topics.c.id == decisions.c.topic_id)
        .where(decisions.c.article_id == article_id, topics.c.removed.is_(False))
        .order_by(topics.c.name)
    )
    return tuple(
        (
            row.name,
            Decision(
                selected=row.selected,
                reason=row.reason,
                hits=tuple(Hit(*h) for h in row.hits),
                score=row.score,
                until=row.until,
                version=row.version,
                decided_at=row.decided_at,
            ),
        )
        for row in tx.execute(query)
    )


def _leave(tx: Connection, article_id: int, judged: Judged, now: datetime) -> Set[int]:
    """Leave the article to the replay of those topics that changed since they were asked; returns the others."""
    query = select(topics.c.id, topics.c.version).where(~topics.c.removed)
    current: Mapping[int, int] = {row.id: row.version for row in tx.execute(query)}
    heard = {id for id, version in current.items() if judged.versions.get(id) == version}
    later = dialect.greatest(tx, topics.c.replay_to, article_id)
    unheard = topics.c.id.in_(current.keys() - heard)
    tx.execute(update(topics).where(unheard).values(replay_to=later, publish_at=now))
    return heard


def _keep(tx: Connection, rows: list[dict[str, Any]], now: datetime) -> None:
    """With the topics due that said so."""
    _upsert(tx, rows)
    if rows:
        due.soon(tx, "publish", _THESE, {"ids": list({row["topic_id"] for row in rows})}, now)


def _upsert(tx: Connection, rows: list[dict[str, Any]]) -> None:
    if rows:
        tx.execute(_replacing(tx.dialect.name), rows)


@cache
def _replacing(dialect_name: str) -> Insert:
    new = dialect.insert(dialect_name, decisions)
    kept = {c.name: c for c in new.excluded if not c.primary_key and c.name != "first_seen"}
    return new.on_conflict_do_update(index_elements=list(decisions.primary_key), set_=kept)


def _row(
    topic: int,
    version: int,
    article_id: int,
    decision: Decision,
    first_seen: datetime,
    dated: datetime,
    now: datetime,
) -> dict[str, Any]:
    return {
        "topic_id": topic,
        "article_id": article_id,
        "selected": decision.selected,
        "reason": decision.reason,
        "hits": [list(hit) for hit in decision.hits],
        "version": version,
        "decided_at": now,
        "until": decision.until,
        "score": decision.score,
        "first_seen": first_seen,
        "dated": dated,
    }


# Made once: to put them together takes longer than to answer them.
_IDS = bindparam("ids", expanding=True, type_=Integer)
_TAKING = select(decisions.c.topic_id).where(decisions.c.article_id == bindparam("of", type_=Integer))
_SHOW_ANEW = update(articles).where(articles.c.id.in_(_IDS)).values(version=articles.c.version + 1)
_THESE = topics.c.id.in_(_IDS)
_TAKERS = topics.c.id.in_(select(decisions.c.topic_id).where(decisions.c.article_id.in_(_IDS), decisions.c.selected))
