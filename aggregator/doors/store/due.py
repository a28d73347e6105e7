"""What is due, and claiming it: the queue is a column."""

from collections.abc import Collection
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Column, Connection, Integer, Table, Text, bindparam, cast, func, or_, select, union_all, update
from sqlalchemy.sql import ColumnElement, literal
from sqlalchemy.sql.dml import ReturningUpdate

from aggregator.doors.store.tables import entries, pictures, reports, sources, subscriptions, topics
from aggregator.model import Job, Kind

LEASE = timedelta(minutes=10)
"""How long a claimed row is left alone: a job that crashed is claimed again after it."""

GATHERED = timedelta(seconds=10)
"""How long what is published waits for more of what arrives: a poll brings many articles, one by one."""

FAR = timedelta(days=400)
"""A due time this far ahead was set by a clock that was wrong: the row counts as due."""

_QUEUES: dict[Kind, tuple[Table, Column[datetime]]] = {
    "poll": (sources, sources.c.poll_at),
    "history": (sources, sources.c.history_at),
    "subscribe": (subscriptions, subscriptions.c.renew_at),
    "archive": (entries, entries.c.archive_at),
    "publish": (topics, topics.c.publish_at),
    "report": (reports, reports.c.publish_at),
    "picture": (pictures, pictures.c.picture_at),
}


def claim(
    tx: Connection, kind: Kind, now: datetime, limit: int, per_host: int, busy: Collection[str] = ()
) -> tuple[Job, ...]:
    """Up to `limit` due rows, at most `per_host` of one host and none of a `busy` one, leased to the caller."""
    said = {
        "now": now,
        "far": now + FAR,
        "lease": now + LEASE,
        "limit": limit,
        "looked_at": 8 * limit,
        "per_host": per_host,
        "busy": list(busy),
    }
    return tuple(Job(kind, row.id, row.host) for row in tx.execute(_claim(kind), said))


@cache
def _claim(kind: Kind) -> ReturningUpdate[Any]:
    """Made once: to put it together takes longer than to answer it."""
    table, at = _QUEUES[kind]
    now, far = bindparam("now", type_=at.type), bindparam("far", type_=at.type)
    # A feed of ours is a host of its own: one job at a time, or an older state of its files could be written last.
    host = table.c.host if "host" in table.c else literal(f"{kind} ").concat(cast(table.c.id, Text))
    # Ranking must not look at more than a few claims' worth, however much is due.
    idle = (
        select(table.c.id, at.label("at"), host.label("host"))
        .where(or_(host == "", host.not_in(bindparam("busy", expanding=True))))
        .order_by(at, table.c.id)
        .limit(bindparam("looked_at", type_=Integer))
    )
    # Apart, because for an OR in order SQLite would walk the whole index, all that is never due with it.
    ranges = (idle.where(at <= now).subquery(), idle.where(at > far).subquery())
    near = union_all(*(select(r) for r in ranges)).subquery()
    rank = func.row_number().over(partition_by=near.c.host, order_by=(near.c.at, near.c.id))
    ranked = select(near.c.id, near.c.host, near.c.at, rank.label("rank")).subquery()
    fair = (
        select(ranked.c.id)
        .where(or_(ranked.c.host == "", ranked.c.rank <= bindparam("per_host", type_=Integer)))
        .order_by(ranked.c.at, ranked.c.id)
        .limit(bindparam("limit", type_=Integer))
    )
    # PostgreSQL refuses FOR UPDATE beside a window function: ranked inside, locked outside; and looked at once more
    # under the lock, for another daemon may have claimed the row in between.
    locked = select(table.c.id).where(table.c.id.in_(fair), _due(at, now, far)).with_for_update(skip_locked=True)
    lease = bindparam("lease", type_=at.type)
    return update(table).where(table.c.id.in_(locked)).values({at: lease}).returning(table.c.id, host.label("host"))


def soon(tx: Connection, kind: Kind, which: ColumnElement[bool], now: datetime) -> None:
    """These are published once more has gathered, unless they are due sooner; a claimed one is published again."""
    table, at = _QUEUES[kind]
    sleeping = or_(at.is_(None), at > now + GATHERED)
    tx.execute(update(table).where(which, sleeping).values({at: now + GATHERED}))


def hasten(tx: Connection, now: datetime) -> int:
    """Nothing more arrives: what waits for it to be published is due. Returns how many."""
    return sum(
        tx.execute(update(table).where(at > now, at <= now + GATHERED).values({at: now})).rowcount
        for table, at in (_QUEUES["publish"], _QUEUES["report"])
    )


def postpone(tx: Connection, job: Job, until: datetime) -> None:
    """Its files could not be written: tried again, but not at once; unless it is not wanted any more."""
    table, at = _QUEUES[job.kind]
    tx.execute(update(table).where(table.c.id == job.id, at.is_not(None)).values({at: until}))


def release(tx: Connection, jobs: Collection[Job], now: datetime) -> None:
    """Give claimed rows back, due at once: the daemon stops before it came to them."""
    for kind, (table, at) in _QUEUES.items():
        ids = [job.id for job in jobs if job.kind == kind]
        if ids:
            tx.execute(update(table).where(table.c.id.in_(ids)).values({at: now}))


def ease(tx: Connection, host: str, until: datetime) -> None:
    """Nothing of this host is due before `until`."""
    for table, at in _QUEUES.values():
        if "host" in table.c:
            tx.execute(update(table).where(at < until, table.c.host == host).values({at: until}))


def waiting(tx: Connection, now: datetime) -> dict[Kind, int]:
    """How many rows of each kind are due."""
    return {
        kind: tx.scalar(select(func.count()).where(_due(at, now, now + FAR))) or 0 for kind, (_, at) in _QUEUES.items()
    }


def _due(at: Column[datetime], now: Any, far: Any) -> ColumnElement[bool]:
    return or_(at <= now, at > far)
