"""Questions and changes about sources."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, case, func, insert, or_, select, update

from aggregator.doors.store import dialect
from aggregator.doors.store.tables import entries, sources
from aggregator.model import Followed, History, PollState, Source

_STATE = tuple(f.name for f in fields(PollState))
_UNNAMED = "?{}"
_PARKED = or_(sources.c.removed.is_(True), sources.c.paused.is_(True))
_BY_ID = select(sources).where(sources.c.id.in_(bindparam("ids", expanding=True)))
_SETTINGS = ("id", "url", "name", "named", "tags", "interval", "full_text", "paused", "keep_for", "keep_most")
# To read the state of a thousand sources takes as long as some of their polls: here that alone which settings change.
_SYNCED = select(*(sources.c[name] for name in (*_SETTINGS, "removed", "gone", "poll_at", "rest")))
_POLLED = (
    update(sources)
    .where(sources.c.id == bindparam("of"))
    .values(
        {name: bindparam(name) for name in _STATE}
        | {"poll_at": case((_PARKED, None), else_=bindparam("poll_at", type_=sources.c.poll_at.type))}
    )
)


def sync(tx: Connection, wanted: Sequence[Source], host: Callable[[str], str], now: datetime) -> None:
    """Make the followed sources those of `wanted`: new ones are due at once, others that left are polled no more."""
    stored = {row.url: row for row in tx.execute(_SYNCED)}
    urls = {source.url for source in wanted}
    left = [row.id for row in stored.values() if row.url not in urls and not row.removed]
    for ids in dialect.batches(left):
        tx.execute(update(sources).where(sources.c.id.in_(ids)).values(removed=True, poll_at=None, history_at=None))
    changed = [s for s in wanted if s.url not in stored or _differs(stored[s.url], s)]
    freed = _free_names(tx, stored, {s.name: s.url for s in changed if s.name})
    added = [s for s in changed if s.url not in stored]
    if added:
        at = {s.url: None if s.paused else now for s in added}
        rows = [
            _row(s, _UNNAMED.format(s.url), False) | {"url": s.url, "host": host(s.url), "poll_at": at[s.url]}
            for s in added
        ]
        tx.execute(insert(sources), rows)
    for source in changed:
        if row := stored.get(source.url):
            at_once = (row.removed or row.paused) and not source.paused and not row.gone
            poll_at = None if source.paused else now if at_once or _sooner(source, row) else row.poll_at
            name = _UNNAMED.format(row.url) if row.id in freed else row.name
            values = _row(source, name, row.named and row.id not in freed) | {"poll_at": poll_at}
            tx.execute(update(sources).where(sources.c.id == row.id).values(values))


def get(tx: Connection, id: int) -> tuple[Source, PollState] | None:
    return get_each(tx, [id])[0]


def get_each(tx: Connection, ids: list[int]) -> list[tuple[Source, PollState] | None]:
    """The sources with these ids, in this order, each with its state."""
    answers = (tx.execute(_BY_ID, {"ids": some}) for some in dialect.batches(ids))
    found = {row.id: row for rows in answers for row in rows}
    return [(_source(row), _state(row)) if (row := found.get(id)) else None for id in ids]


def history(tx: Connection, id: int) -> History | None:
    row = tx.execute(select(sources).where(sources.c.id == id, sources.c.removed.is_(False))).one_or_none()
    return _history(row) if row else None


def walked(tx: Connection, source: Source, history: History) -> None:
    """Keep how far a source's past was walked, or where to begin."""
    tx.execute(update(sources).where(sources.c.id == source.id).values(asdict(history)))


def followed(tx: Connection, names: Collection[str] | None = None) -> tuple[Followed, ...]:
    """All sources that are followed, by name, or those of these names or addresses, new ones too."""
    counts = select(entries.c.source_id, func.count().label("n")).group_by(entries.c.source_id).subquery()
    query = (
        select(sources, func.coalesce(counts.c.n, 0).label("entries"))
        .outerjoin(counts, counts.c.source_id == sources.c.id)
        .where(sources.c.removed.is_(False))
        .order_by(sources.c.name)
    )
    if names is not None:
        query = query.where(or_(*(c.in_(names) for c in (sources.c.name, sources.c.url, sources.c.moved_to))))
    return tuple(
        Followed(source=_source(r), state=_state(r), entries=r.entries, history=_history(r)) for r in tx.execute(query)
    )


def names(tx: Connection) -> frozenset[str]:
    """Every name that is taken, those of removed sources too: their articles still carry them."""
    return frozenset(tx.scalars(select(sources.c.name)))


def former_name(tx: Connection, url: str) -> str | None:
    """What a source that is no longer followed was called."""
    query = select(sources.c.name).where(sources.c.url == url, sources.c.removed, sources.c.named)
    return tx.scalar(query)


def loaded(tx: Connection, name: str) -> Source:
    """The source that articles from elsewhere are said to be from; made, and never polled, where there is none."""
    row = tx.execute(select(sources).where(sources.c.name == name)).one_or_none()
    if row is None:
        url = f"load:{name}"
        values = _row(Source(url=url, name=name), name, True) | {"url": url, "host": "", "removed": True}
        row = tx.execute(insert(sources).values(values).returning(sources)).one()
    return _source(row)


def due_now(tx: Connection, ids: Collection[int] | None, now: datetime) -> None:
    """Set these sources due at once, or all that are followed. One that is gone is asked once more."""
    query = update(sources).where(sources.c.removed.is_(False), sources.c.paused.is_(False)).values(poll_at=now)
    for some in dialect.batches(list(ids)) if ids is not None else [None]:
        tx.execute(query if some is None else query.where(sources.c.id.in_(some)))


def due(tx: Connection, now: datetime) -> frozenset[int]:
    """The ids of those that want to be polled."""
    return frozenset(tx.scalars(select(sources.c.id).where(sources.c.poll_at <= now)))


def polled(tx: Connection, source: Source, state: PollState) -> None:
    """Keep what a poll left behind; a source that was paused or removed meanwhile stays so."""
    polled_each(tx, [(source, state)])


def polled_each(tx: Connection, polls: list[tuple[Source, PollState]]) -> list[None]:
    """The same for many, in one statement."""
    if polls:
        tx.execute(
            _POLLED, [{name: getattr(state, name) for name in _STATE} | {"of": source.id} for source, state in polls]
        )
    return [None] * len(polls)


def name(tx: Connection, source: Source, candidates: Iterable[str]) -> str:
    """Give a source that has none the first of these names that is free."""
    row = tx.execute(select(sources.c.name, sources.c.named).where(sources.c.id == source.id)).one()
    if row.named:
        return str(row.name)
    for candidate in candidates:
        if tx.scalar(select(sources.c.id).where(sources.c.name == candidate, sources.c.id != source.id)) is None:
            tx.execute(update(sources).where(sources.c.id == source.id).values(name=candidate, named=True))
            return candidate
    raise AssertionError("the candidates are endless")


def _free_names(tx: Connection, stored: dict[str, Any], taken: dict[str, str]) -> set[int]:
    """A name that the user now gives to another source is taken from the one that has it; returns whose were."""
    freed: set[int] = set()
    for row in stored.values():
        if taken.get(row.name, row.url) != row.url:
            values = {"name": _UNNAMED.format(row.url), "named": False}
            tx.execute(update(sources).where(sources.c.id == row.id).values(values))
            freed.add(row.id)
    return freed


def _sooner(source: Source, row: Row[Any]) -> bool:
    """Whether the user's interval became shorter than what the source now waits."""
    return bool(source.interval and row.poll_at and row.rest and source.interval < row.rest)


def _row(source: Source, name: str, named: bool) -> dict[str, Any]:
    return {
        "name": source.name or name,
        "tags": list(source.tags),
        "interval": source.interval,
        "full_text": source.full_text,
        "paused": source.paused,
        "keep_for": source.keep_for,
        "keep_most": source.keep_most,
        "removed": False,
        "named": named or bool(source.name),
    }


def _differs(row: Row[Any], source: Source) -> bool:
    return any(getattr(row, key) != value for key, value in _row(source, row.name, row.named).items())


def _source(row: Row[Any]) -> Source:
    return Source(
        id=row.id,
        url=row.url,
        name="" if row.name == _UNNAMED.format(row.url) else row.name,
        tags=tuple(row.tags),
        interval=row.interval,
        full_text=row.full_text,
        paused=row.paused,
        keep_for=row.keep_for,
        keep_most=row.keep_most,
    )


def _history(row: Row[Any]) -> History:
    return History(**{f.name: getattr(row, f.name) for f in fields(History)})


def _state(row: Row[Any]) -> PollState:
    values = {name: getattr(row, name) for name in _STATE}
    return PollState(**(values | {name: tuple(values[name]) for name in ("skip_hours", "skip_days")}))
