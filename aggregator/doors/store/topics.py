"""Questions and changes about topics; what they decided is in decisions.py."""

from collections.abc import Sequence
from dataclasses import asdict, fields, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Integer, Row, bindparam, case, func, insert, select, update

from aggregator.doors.store import dialect, pages, reports
from aggregator.doors.store.tables import articles, decisions, topics
from aggregator.model import INDEX, LiveTopic, Topic

_SELECTING = (
    "match",
    "exclude",
    "mute",
    "sources",
    "languages",
    "threshold",
    "window",
    "min_words",
    "only",
)
"""What tells whether a topic takes an article; the rest tells how those are shown."""


def sync(tx: Connection, wanted: Sequence[Topic], now: datetime) -> tuple[str, ...]:
    """Make the live topics those of `wanted`; a new or changed rule is due to run over the whole archive. Returns the
    names of those that are no longer wanted."""
    stored = {row.name: row for row in tx.execute(select(topics))}
    last = tx.scalar(select(func.max(articles.c.id))) or 0
    for topic in wanted:
        row = stored.get(topic.name)
        if row is None:
            tx.execute(insert(topics).values(name=topic.name, rule=_rule(topic), replay_to=last, publish_at=now))
            continue
        before = _topic(row)
        values = {"rule": _rule(topic), "publish_at": now}
        if row.removed or any(getattr(before, key) != getattr(topic, key) for key in _SELECTING):
            values |= {"version": row.version + 1, "replayed_to": 0, "replay_to": last, "removed": False}
        elif before == replace(topic, id=row.id):
            continue
        else:
            pages.again(tx, row.id)
        tx.execute(update(topics).where(topics.c.id == row.id).values(values))
    names = {topic.name for topic in wanted}
    left = [row for row in stored.values() if row.name not in names and not row.removed]
    for row in left:
        tx.execute(update(topics).where(topics.c.id == row.id).values(removed=True, publish_at=None))
    return tuple(row.name for row in left)


def live(tx: Connection) -> tuple[LiveTopic, ...]:
    rows = tx.execute(select(topics).where(topics.c.removed.is_(False)).order_by(topics.c.name))
    return tuple(_live(row) for row in rows)


def get(tx: Connection, id: int) -> LiveTopic | None:
    return get_each(tx, [id])[0]


def get_each(tx: Connection, ids: list[int]) -> list[LiveTopic | None]:
    """The topics with these ids, in this order, each with when its rule says something else of what is there."""
    found = {
        row.id: _live(row, row.turn_at) for some in dialect.batches(ids) for row in tx.execute(_EACH, {"ids": some})
    }
    return [found.get(id) for id in ids]


def stamp(tx: Connection) -> tuple[int, int]:
    """Another whenever another topic is live, or one has another version: how many are, and the sum of all versions,
    which never falls."""
    one = tx.execute(_STAMP).one()
    return int(one[0]), int(one[1])


def published_each(tx: Connection, done: list[tuple[LiveTopic, int, datetime]]) -> list[None]:
    """The files of each are written as of how it was read, and so many changed; nothing more to do until an article
    leaves or comes by its age, unless something came meanwhile: it moved publish_at."""
    if written := [now for _, changed, now in done if changed]:
        reports.touch(tx, INDEX, max(written))
    said = [
        {"topic": live.topic.id, "was": live.version, "claimed": live.publish_at, "now": now} for live, _, now in done
    ]
    tx.execute(_PUBLISHED, said)
    return [None] * len(done)


def due_now(tx: Connection, names: Sequence[str] | None, now: datetime) -> None:
    query = update(topics).where(topics.c.removed.is_(False)).values(publish_at=now)
    tx.execute(query if names is None else query.where(topics.c.name.in_(names)))


def counts(tx: Connection) -> dict[str, int]:
    """How many articles each topic takes."""
    query = select(topics.c.name, func.count()).join(decisions, decisions.c.topic_id == topics.c.id)
    rows = tx.execute(query.where(decisions.c.selected, topics.c.removed.is_(False)).group_by(topics.c.name))
    return {str(row[0]): int(row[1]) for row in rows}


def _rule(topic: Topic) -> dict[str, Any]:
    lists = {key: list(getattr(topic, key)) for key in _LISTS}
    times = {key: _seconds(getattr(topic, key)) for key in _TIMES}
    return asdict(replace(topic, id=None)) | lists | times


def _topic(row: Row[Any]) -> Topic:
    """What an older version did not know of is as it is where nothing is said."""
    rule = row.rule | {key: tuple(row.rule[key]) for key in _LISTS if key in row.rule}
    times = {key: timedelta(seconds=rule[key]) for key in _TIMES if rule.get(key)}
    return Topic(**(rule | {"id": row.id} | times))


def _seconds(said: timedelta | None) -> float | None:
    return said.total_seconds() if said else None


def _live(row: Row[Any], turn_at: datetime | None = None) -> LiveTopic:
    return LiveTopic(
        topic=_topic(row),
        version=row.version,
        replayed_to=row.replayed_to,
        replay_to=row.replay_to,
        publish_at=row.publish_at,
        turn_at=turn_at,
    )


_TIMES = ("window", "keep_for")
_LISTS = tuple(f.name for f in fields(Topic) if isinstance(f.default, tuple))
# Made once: to put a statement together takes longer than to run it.
_STAMP = select(
    func.coalesce(func.sum(topics.c.removed.is_(False).cast(Integer)), 0), func.coalesce(func.sum(topics.c.version), 0)
)
_TURN = select(func.min(decisions.c.until)).where(decisions.c.topic_id == topics.c.id).scalar_subquery()
_EACH = select(topics, _TURN.label("turn_at")).where(
    topics.c.id.in_(bindparam("ids", expanding=True)), topics.c.removed.is_(False)
)
_as_read = (topics.c.version == bindparam("was")) & topics.c.publish_at.is_not_distinct_from(bindparam("claimed"))
_PUBLISHED = (
    update(topics)
    .where(topics.c.id == bindparam("topic"))
    .values(published_at=bindparam("now"), publish_at=case((_as_read, _TURN), else_=topics.c.publish_at))
)
