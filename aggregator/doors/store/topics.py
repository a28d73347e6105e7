"""Questions and changes about topics and what they decided."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Integer, Row, Select, bindparam, func, insert, select, tuple_, update

from aggregator.doors.store import dialect, due, reports
from aggregator.doors.store.tables import articles, decisions, topics
from aggregator.model import INDEX, Decision, Hit, LiveTopic, Topic

_SELECTING = ("match", "exclude", "sources", "languages")


def sync(tx: Connection, wanted: Sequence[Topic], now: datetime) -> tuple[str, ...]:
    """Make the live topics those of `wanted`; a new or changed rule is due to run over the whole archive. Returns the
    names of those that are no longer wanted."""
    stored = {row.name: row for row in tx.execute(select(topics))}
    last = tx.scalar(select(func.max(articles.c.id))) or 0
    for topic in wanted:
        rule = _rule(topic)
        row = stored.get(topic.name)
        if row is None:
            tx.execute(insert(topics).values(name=topic.name, rule=rule, replay_to=last, publish_at=now))
        elif row.removed or any(row.rule.get(key) != rule[key] for key in _SELECTING):
            again = {
                "version": row.version + 1,
                "replayed_to": 0,
                "replay_to": last,
                "removed": False,
                "publish_at": now,
            }
            tx.execute(update(topics).where(topics.c.id == row.id).values(rule=rule, **again))
        elif row.rule != rule:
            tx.execute(update(topics).where(topics.c.id == row.id).values(rule=rule, publish_at=now))
    names = {topic.name for topic in wanted}
    left = [row for row in stored.values() if row.name not in names and not row.removed]
    for row in left:
        tx.execute(update(topics).where(topics.c.id == row.id).values(removed=True, publish_at=None))
    return tuple(row.name for row in left)


def live(tx: Connection) -> tuple[LiveTopic, ...]:
    rows = tx.execute(select(topics).where(topics.c.removed.is_(False)).order_by(topics.c.name))
    return tuple(_live(row) for row in rows)


def get(tx: Connection, id: int) -> LiveTopic | None:
    row = tx.execute(select(topics).where(topics.c.id == id, topics.c.removed.is_(False))).one_or_none()
    return _live(row) if row else None


def decide_new(
    tx: Connection, new: Sequence[tuple[int, Mapping[LiveTopic, Decision], datetime, datetime]], now: datetime
) -> None:
    """`decide` for articles that no topic has seen yet: (id, decided, first_seen, dated)."""
    current = _versions(tx)
    rows: list[dict[str, Any]] = []
    for id, decided, first_seen, dated in new:
        _leave(tx, id, current, decided, now)
        rows += [
            _decision(t, id, d, first_seen, dated, now)
            for t, d in decided.items()
            if d.selected and current.get(t.topic.id or 0) == t.version
        ]
    _upsert(tx, rows)
    if rows:
        due.soon(tx, "publish", topics.c.id.in_({r["topic_id"] for r in rows}), now)


def decide(
    tx: Connection,
    article_id: int,
    decided: Mapping[LiveTopic, Decision],
    first_seen: datetime,
    dated: datetime,
    now: datetime,
) -> None:
    """Keep what the topics said of an article; those that take it, or took it, are due for publication. A topic that
    changed meanwhile looks at it again."""
    said = _leave(tx, article_id, _versions(tx), decided, now)
    if not said:
        return
    taken = {row.topic_id for row in tx.execute(
        select(decisions.c.topic_id).where(decisions.c.article_id == article_id, decisions.c.selected)
    )}  # fmt: skip
    keep = {t: d for t, d in decided.items() if t.topic.id in said and (d.selected or t.topic.id in taken)}
    _upsert(tx, [_decision(t, article_id, d, first_seen, dated, now) for t, d in keep.items()])
    if keep:
        due.soon(tx, "publish", topics.c.id.in_([t.topic.id for t in keep]), now)


def replayed(
    tx: Connection,
    live: LiveTopic,
    found: Sequence[tuple[int, Decision, datetime, datetime]],
    to: int,
    now: datetime,
) -> bool:
    """Keep what a rule says of old articles (id, decision, first_seen, dated), judged up to the id `to`; False: the
    rule changed meanwhile, and nothing is kept."""
    mine = (topics.c.id == live.topic.id) & (topics.c.version == live.version)
    if tx.execute(update(topics).where(mine).values(replayed_to=to)).rowcount == 0:
        return False
    _upsert(tx, [_decision(live, id, d, first_seen, dated, now) for id, d, first_seen, dated in found])
    return True


def outdated(tx: Connection, live: LiveTopic, limit: int = 200) -> tuple[int, ...]:
    """Articles that an older version of the rule took, and this one has not judged."""
    c = decisions.c
    query = select(c.article_id).where(c.topic_id == live.topic.id, c.selected, c.version < live.version).limit(limit)
    return tuple(tx.scalars(query))


def published(tx: Connection, live: LiveTopic, changed: int, now: datetime) -> None:
    """The files are written as of `live`, and so many changed; nothing more to do, unless something came meanwhile: it
    moved publish_at."""
    if changed:
        reports.touch(tx, INDEX, now)
    tx.execute(update(topics).where(topics.c.id == live.topic.id).values(published_at=now))
    done = (topics.c.version == live.version) & (topics.c.publish_at == live.publish_at)
    tx.execute(update(topics).where(topics.c.id == live.topic.id, done).values(publish_at=None))


def touch(tx: Connection, article_ids: Sequence[int], now: datetime) -> None:
    """The stories of these articles changed: topics that took one of them choose anew, and name other copies."""
    c = decisions.c
    taken = select(c.topic_id).where(c.article_id.in_(article_ids), c.selected)
    if article_ids:
        anew = update(articles).where(articles.c.id.in_(article_ids))
        tx.execute(anew.values(version=articles.c.version + 1))
        due.soon(tx, "publish", topics.c.id.in_(taken), now)


def due_now(tx: Connection, names: Sequence[str] | None, now: datetime) -> None:
    query = update(topics).where(topics.c.removed.is_(False)).values(publish_at=now)
    tx.execute(query if names is None else query.where(topics.c.name.in_(names)))


def selected(tx: Connection, live: LiveTopic, limit: int) -> tuple[int, ...]:
    """Ids of the newest articles that the topic takes; of a story the first that it takes, if it wants no more."""
    return tuple(tx.scalars(_selected(live.topic.copies), {"topic": live.topic.id, "limit": limit}))


@cache
def _selected(copies: str) -> Select[Any]:
    """Made once: to put it together takes longer than to answer it."""
    c, a, topic = decisions.c, articles.c, bindparam("topic", type_=Integer)
    query = (
        select(c.article_id)
        .where(c.topic_id == topic, c.selected)
        .order_by(c.first_seen.desc(), c.dated.desc(), c.article_id.desc())
        .limit(bindparam("limit", type_=Integer))
    )
    if copies == "first":
        other_d, other_a = decisions.alias(), articles.alias()
        # One inside the other, not joined: SQLite would walk all that the topic takes, for each article.
        taken = select(other_d.c.article_id).where(
            other_d.c.topic_id == topic, other_d.c.article_id == other_a.c.id, other_d.c.selected
        )
        earlier = (
            select(other_a.c.id)
            .where(other_a.c.story_id == a.story_id, taken.exists())
            .where(tuple_(other_a.c.first_seen, other_a.c.id) < tuple_(a.first_seen, a.id))
        )
        query = query.join(articles, a.id == c.article_id).where(~earlier.exists())
    return query


def of_article(tx: Connection, article_id: int) -> tuple[tuple[str, Decision], ...]:
    """What was decided on an article, topic by topic, where one takes or took it."""
    query = (
        select(topics.c.name, decisions)
        .join(topics, topics.c.id == decisions.c.topic_id)
        .where(decisions.c.article_id == article_id, topics.c.removed.is_(False))
        .order_by(topics.c.name)
    )
    return tuple(
        (row.name, Decision(selected=row.selected, reason=row.reason, hits=tuple(Hit(*h) for h in row.hits)))
        for row in tx.execute(query)
    )


def counts(tx: Connection) -> dict[str, int]:
    """How many articles each topic takes."""
    query = select(topics.c.name, func.count()).join(decisions, decisions.c.topic_id == topics.c.id)
    rows = tx.execute(query.where(decisions.c.selected, topics.c.removed.is_(False)).group_by(topics.c.name))
    return {str(row[0]): int(row[1]) for row in rows}


def _versions(tx: Connection) -> dict[int, int]:
    return {row.id: row.version for row in tx.execute(select(topics.c.id, topics.c.version).where(~topics.c.removed))}


def _leave(
    tx: Connection, article_id: int, current: Mapping[int, int], decided: Mapping[LiveTopic, Decision], now: datetime
) -> set[int | None]:
    """Leave the article to the replay of those topics that changed since; returns the others."""
    said = {t.topic.id for t in decided if current.get(t.topic.id or 0) == t.version}
    if unheard := [id for id in current if id not in said]:
        later = dialect.greatest(tx, topics.c.replay_to, article_id)
        tx.execute(update(topics).where(topics.c.id.in_(unheard)).values(replay_to=later, publish_at=now))
    return said


def _upsert(tx: Connection, rows: list[dict[str, Any]]) -> None:
    if rows:
        new = dialect.insert(tx, decisions)
        kept = {k: new.excluded[k] for k in rows[0] if k not in ("topic_id", "article_id", "first_seen")}
        tx.execute(new.on_conflict_do_update(index_elements=["topic_id", "article_id"], set_=kept), rows)


def _decision(
    live: LiveTopic, article_id: int, decision: Decision, first_seen: datetime, dated: datetime, now: datetime
) -> dict[str, Any]:
    return {
        "topic_id": live.topic.id,
        "article_id": article_id,
        "selected": decision.selected,
        "reason": decision.reason,
        "hits": [list(hit) for hit in decision.hits],
        "version": live.version,
        "decided_at": now,
        "first_seen": first_seen,
        "dated": dated,
    }


def _rule(topic: Topic) -> dict[str, Any]:
    rule = asdict(replace(topic, id=None))
    return rule | {"sources": list(topic.sources), "languages": list(topic.languages)}


def _live(row: Row[Any]) -> LiveTopic:
    rule = row.rule | {"sources": tuple(row.rule["sources"]), "languages": tuple(row.rule["languages"])}
    topic = Topic(**(rule | {"id": row.id}))
    return LiveTopic(
        topic=topic,
        version=row.version,
        replayed_to=row.replayed_to,
        replay_to=row.replay_to,
        publish_at=row.publish_at,
    )
