"""What is due, and claiming it: the queue is a column."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import Column, Connection, Integer, Table, Text, bindparam, cast, exists, func, or_, select, update
from sqlalchemy.sql import ColumnElement, literal
from sqlalchemy.sql.dml import ReturningUpdate, Update

from aggregator.doors.store.tables import entries, pictures, reports, sources, subscriptions, topics
from aggregator.model import Job, Kind

LEASE = timedelta(minutes=10)
"""How long a claimed row is left alone: a job that crashed is claimed again after it."""

GATHERED = timedelta(seconds=10)
"""How long what is published waits for more of what arrives: a poll brings many articles, one by one."""

RETRY = timedelta(days=4)
"""Longer than a page that failed is left alone."""

LONGEST: dict[Kind, timedelta] = {
    "poll": timedelta(days=2),  # of a source that was never polled: its host may have asked for a day
    "history": timedelta(days=2),
    "subscribe": timedelta(days=35),
    "archive": timedelta(days=35),
    "picture": timedelta(days=35),
}
"""What is due later than this was put off by a clock that was wrong. Topics wait until an article becomes too old, and
sources as long as their user likes: of them it is known when they were polled."""

_QUEUES: dict[Kind, tuple[Table, Column[datetime]]] = {
    "poll": (sources, sources.c.poll_at),
    "history": (sources, sources.c.history_at),
    "subscribe": (subscriptions, subscriptions.c.renew_at),
    "archive": (entries, entries.c.archive_at),
    "publish": (topics, topics.c.publish_at),
    "report": (reports, reports.c.publish_at),
    "picture": (pictures, pictures.c.picture_at),
}
_PUBLISHED: tuple[Kind, ...] = ("publish", "report")
_NOW = bindparam("now", type_=sources.c.poll_at.type)
_ARE_DUE = select(*(exists().where(at <= _NOW).label(kind) for kind, (_, at) in _QUEUES.items()))
"""Whether there is something of each kind."""


def claim(
    tx: Connection, kind: Kind, now: datetime, limit: int, per_host: int, busy: Collection[str] = ()
) -> tuple[Job, ...]:
    """Up to `limit` due rows, at most `per_host` of one host and none of a `busy` one, leased to the caller."""
    said = {
        "now": now,
        "lease": now + LEASE,
        "limit": limit,
        "looked_at": 8 * limit,
        "per_host": per_host,
        "busy": list(busy),
    }
    return tuple(Job(kind, row.id, row.host) for row in tx.execute(_claim(kind), said))


def claim_each(
    tx: Connection, kinds: Iterable[Kind], now: datetime, limit: int, per_host: int, busy: Collection[str] = ()
) -> tuple[Job, ...]:
    """`claim` for one kind after the other, as far as the limit goes: a host that one has jobs for is busy for the
    next. One transaction, which costs more than a claim that finds nothing; and that costs more than to ask of all."""
    are_due = tx.execute(_ARE_DUE, {"now": now}).one()._mapping
    found: list[Job] = []
    for kind in kinds:
        if are_due[kind] and len(found) < limit:
            found += claim(tx, kind, now, limit - len(found), per_host, {*busy, *(job.host for job in found)})
    return tuple(found)


@cache
def _claim(kind: Kind) -> ReturningUpdate[Any]:
    """Made once: to put it together takes longer than to answer it."""
    table, at = _QUEUES[kind]
    now = bindparam("now", type_=at.type)
    # A feed of ours is a host of its own: one job at a time, or an older state of its files could be written last.
    host = table.c.host if "host" in table.c else literal(f"{kind} ").concat(cast(table.c.id, Text))
    # Ranking must not look at more than a few claims' worth, however much is due.
    near = (
        select(table.c.id, at.label("at"), host.label("host"))
        .where(at <= now, or_(host == "", host.not_in(bindparam("busy", expanding=True))))
        .order_by(at, table.c.id)
        .limit(bindparam("looked_at", type_=Integer))
        .subquery()
    )
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
    locked = select(table.c.id).where(table.c.id.in_(fair), at <= now).with_for_update(skip_locked=True)
    lease = bindparam("lease", type_=at.type)
    return update(table).where(table.c.id.in_(locked)).values({at: lease}).returning(table.c.id, host.label("host"))


def soon(tx: Connection, kind: Kind, which: ColumnElement[bool], asked: Mapping[str, Any], now: datetime) -> None:
    """These are published once more has gathered, unless they are due sooner; a claimed one is published again. `which`
    is a condition that was made once, with parameters that are `asked`."""
    tx.execute(_soon(kind, which), {**asked, "then": now + GATHERED})


@lru_cache(maxsize=16)
def _soon(kind: Kind, which: ColumnElement[bool]) -> Update:
    table, at = _QUEUES[kind]
    then = bindparam("then", type_=at.type)
    return update(table).where(which, or_(at.is_(None), at > then)).values({at: then})


def hasten(tx: Connection, now: datetime) -> int:
    """Nothing more arrives: what waits for it to be published is due. Returns how many."""
    waiting = ((kind, _QUEUES[kind][1]) for kind in _PUBLISHED)
    return sum(_hasten(tx, kind, (at > now) & (at <= now + GATHERED), now) for kind, at in waiting)


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


def ease(tx: Connection, host: str, until: datetime, reason: str) -> None:
    """Nothing of this host is due before `until`; its sources say for what `reason`."""
    for kind, (table, at) in _QUEUES.items():
        if "host" in table.c:
            said = {sources.c.reason: reason} if kind == "poll" else {}
            tx.execute(update(table).where(at < until, table.c.host == host).values({at: until, **said}))


def waiting(tx: Connection, now: datetime) -> dict[Kind, int]:
    """How many rows of each kind are due."""
    return {kind: tx.scalar(select(func.count()).where(at <= now)) or 0 for kind, (_, at) in _QUEUES.items()}


def put_back(tx: Connection, now: datetime) -> int:
    """What a clock that was ahead put off for longer than anything waits is due; returns how many rows."""
    c = sources.c
    ahead = (c.polled_at > now + LEASE) & (c.poll_at > now + LEASE)
    late = {kind: at > now + LONGEST[kind] for kind, (_, at) in _QUEUES.items() if kind in LONGEST}
    late["poll"] = ahead | (c.polled_at.is_(None) & late["poll"])
    count = sum(_hasten(tx, kind, which, now) for kind, which in late.items())
    if count:  # so it was: what failed or was claimed then waits too, and to publish once more changes nothing
        _hasten(tx, "archive", (entries.c.archive_failures > 0) & (entries.c.archive_at > now + RETRY), now)
        for kind in _PUBLISHED:
            _hasten(tx, kind, _QUEUES[kind][1] > now + LEASE, now)
    return count


def _hasten(tx: Connection, kind: Kind, which: ColumnElement[bool], now: datetime) -> int:
    table, at = _QUEUES[kind]
    return tx.execute(update(table).where(which).values({at: now})).rowcount
