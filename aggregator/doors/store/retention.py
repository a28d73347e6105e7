"""Which articles may go: what a source or a topic is told to be rid of, and nobody else wants."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Column, Connection, Select, Tuple, literal, select, tuple_

from aggregator.doors.store import deletion, topics
from aggregator.doors.store.likenesses import Thinking
from aggregator.doors.store.tables import articles, decisions, sources, stars
from aggregator.doors.store.tables import topics as topic_rows

Kind = Literal["source", "topic"]
Place = tuple[Any, ...]
"""Where an article stands among those of its source or its topic, the oldest first; its id is the last of it."""

_FIRST = datetime(1, 1, 1, tzinfo=UTC)
_PLACE: dict[Kind, tuple[Column[Any], ...]] = {
    "source": (articles.c.first_seen, articles.c.id),
    "topic": (decisions.c.first_seen, decisions.c.dated, decisions.c.article_id),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """A source or topic, and the place before which its articles go."""

    kind: Kind
    id: int
    name: str
    before: Place


def behind(tx: Connection) -> tuple[str, ...]:
    """Topics that have not judged the whole archive: they may want what would go."""
    return tuple(live.topic.name for live in topics.live(tx) if live.judged < 1)


def cuts(tx: Connection, now: datetime) -> tuple[Cut, ...]:
    """Of the sources that are followed, and of the topics, those that are told to be rid of something."""
    c = sources.c
    followed = tx.execute(select(c.id, c.name, c.keep_for, c.keep_most).where(~c.removed).order_by(c.name))
    asked: list[tuple[Kind, int, str, timedelta | None, int]] = [("source", *row) for row in followed]
    asked += [("topic", t.id or 0, t.name, t.keep_for, t.keep_most) for t in (live.topic for live in topics.live(tx))]
    return tuple(
        Cut(kind=kind, id=id, name=name, before=before)
        for kind, id, name, keep_for, keep_most in asked
        if (before := _before(tx, kind, id, keep_for, keep_most, now))
    )


def going(
    tx: Connection, cut: Cut, among: Sequence[Cut], after: Place | None, limit: int
) -> tuple[list[int], Place | None]:
    """The next articles that go by one of these cuts, and the place up to which was looked; None: to the end."""
    query = _own(cut.kind, cut.id).where(_place(cut.kind) < _at(cut.kind, cut.before)).limit(limit)
    if after:
        query = query.where(_place(cut.kind) > _at(cut.kind, after))
    places = [tuple(row) for row in tx.execute(query.order_by(*_PLACE[cut.kind]))]
    wanted = _wanted(tx, [place[-1] for place in places], among)
    return [place[-1] for place in places if place[-1] not in wanted], places[-1] if len(places) == limit else None


def prune(
    tx: Connection, cut: Cut, among: Sequence[Cut], after: Place | None, limit: int, think: Thinking, now: datetime
) -> tuple[int, Place | None]:
    """Delete what `going` says; returns how many."""
    ids, place = going(tx, cut, among, after, limit)
    return deletion.delete_all(tx, ids, think, now), place


def _wanted(tx: Connection, ids: Collection[int], among: Sequence[Cut]) -> set[int]:
    """Those of these articles that are starred, that a topic takes which does not let them go itself, or that is the
    last of all."""
    before = {cut.id: cut.before for cut in among if cut.kind == "topic"}
    starred = set(tx.scalars(select(stars.c.article_id).where(stars.c.article_id.in_(ids))))
    taken = (
        select(decisions.c.topic_id, *_PLACE["topic"])
        .join(topic_rows, topic_rows.c.id == decisions.c.topic_id)
        .where(decisions.c.article_id.in_(ids), decisions.c.selected, ~topic_rows.c.removed)
    )
    wanted = {
        place[-1] for topic, *place in tx.execute(taken) if not (topic in before and tuple(place) < before[topic])
    }
    return starred | wanted | {deletion.newest(tx)}


def _before(
    tx: Connection, kind: Kind, id: int, keep_for: timedelta | None, keep_most: int, now: datetime
) -> Place | None:
    places: list[Place] = []
    if keep_for is not None and keep_for < now - _FIRST:
        places.append((now - keep_for, *([_FIRST] if kind == "topic" else []), 0))
    if keep_most:
        newest = _own(kind, id).order_by(*(c.desc() for c in _PLACE[kind])).offset(keep_most - 1).limit(1)
        places += [tuple(row) for row in tx.execute(newest)]
    return max(places, default=None)


def _own(kind: Kind, id: int) -> Select[Any]:
    query = select(*_PLACE[kind])
    if kind == "source":
        return query.where(articles.c.source_id == id)
    return query.where(decisions.c.topic_id == id, decisions.c.selected)


def _place(kind: Kind) -> Tuple:
    return tuple_(*_PLACE[kind])


def _at(kind: Kind, place: Place) -> Tuple:
    return tuple_(*(literal(said, c.type) for said, c in zip(place, _PLACE[kind], strict=True)))
