"""Every row of the archive as plain values, and back into an empty one, on either database (docs/keeping.md)."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Table, delete, func, insert, literal, select, tuple_
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from aggregator.doors.store import articles as archived
from aggregator.doors.store import days, dialect, namesakes, schema, textkeys
from aggregator.doors.store import tables as t
from aggregator.doors.store.likenesses import Thinking
from aggregator.doors.store.plain import plain, value
from aggregator.doors.store.writer import line
from aggregator.errors import StoreError

Row = dict[str, Any]

FIRST = (t.dictionaries,)
"""These are there before all others: with them the texts are packed."""

TABLES = (
    *FIRST,
    *(t.sources, t.topics, t.reports, t.chrome, t.entries, t.articles, t.images, t.revisions, t.stars, t.likenesses),
    *(t.decisions, t.pages, t.tombstones, t.withdrawn, t.ledger),
)
"""Each behind those that its rows belong to. The indexes are made again; what we have with hubs is secret, and asked
for again."""

BATCH = 100


def counts(tx: Connection) -> dict[str, int]:
    """The rows of each table."""
    return {table.name: tx.scalar(select(func.count()).select_from(table)) or 0 for table in TABLES}


def rows(tx: Connection) -> Iterator[Row]:
    """All rows of all tables, in one order on all databases."""
    for table in TABLES:
        keys = tuple(table.primary_key.columns)
        query = select(table).order_by(*keys).limit(BATCH)
        found = tx.execute(query).all()
        while found:
            for row in found:
                yield {"table": table.name} | {c.name: plain(row._mapping[c.name]) for c in table.c}
            last = tuple_(*(literal(found[-1]._mapping[c.name], c.type) for c in keys))
            found = tx.execute(query.where(tuple_(*keys) > last)).all()


def empty(tx: Connection, name: str) -> None:
    """Make room: what a home has before anything was polled. Raises StoreError where there is more."""
    for table in (t.entries, t.articles):
        if tx.scalar(select(table.c.id).limit(1)) is not None:
            raise StoreError(name, "is not empty: a whole archive is loaded into a new home only")
    for table in (t.subscriptions, *reversed(TABLES)):
        tx.execute(delete(table))


def load(
    tx: Connection, wanted: Iterator[tuple[int, Row]], refused: Callable[[int, str], None], step: Callable[[], None]
) -> dict[str, int]:
    """Keep numbered rows; one that cannot be kept is refused alone. Returns how many each table took."""
    kept = dict.fromkeys((table.name for table in TABLES), 0)
    batch: list[tuple[int, Row]] = []
    table: Table | None = None
    for number, row in wanted:
        step()
        try:
            into, values = _values(row)
        except ValueError as error:
            refused(number, str(error))
            continue
        if (
            batch
            and table is not None
            and (into is not table or len(batch) == BATCH or values.keys() != batch[0][1].keys())
        ):
            kept[table.name] += _keep(tx, table, batch, refused)
            batch = []
        table = into
        batch.append((number, values))
    if batch and table is not None:
        kept[table.name] += _keep(tx, table, batch, refused)
    return kept


def index(tx: Connection, think: Thinking, step: Callable[[], None]) -> None:
    """Make again what is made of the articles and the entries; from here on new rows get new ids."""
    after = 0
    while found := archived.dump(tx, after, BATCH):
        dialect.index(tx, [(a.id or 0, think.words(a.article)) for a in found])
        textkeys.keep(tx, [(a.id or 0, think.text_keys(a.article)) for a in found])
        textkeys.put_away(tx, after, found[-1].id or 0)
        days.keep(tx, [(a.id or 0, a.article.published, a.first_seen) for a in found])
        for _ in found:
            step()
        after = found[-1].id or 0
    names = select(t.entries.c.id, t.entries.c.source_id, t.entries.c.url, t.entries.c.title)
    for some in tx.execute(names.execution_options(yield_per=10 * BATCH)).partitions():
        namesakes.keep(tx, [(*row,) for row in some])
    for table in TABLES:
        if table.autoincrement_column is not None:
            dialect.go_on(tx, table)


def _keep(tx: Connection, table: Table, batch: Sequence[tuple[int, Row]], refused: Callable[[int, str], None]) -> int:
    savepoint = tx.begin_nested()
    try:
        tx.execute(insert(table), [values for _, values in batch])
    except SQLAlchemyError as error:
        if isinstance(error, DBAPIError) and error.connection_invalidated:
            raise
        savepoint.rollback()
        if len(batch) > 1:
            return sum(_keep(tx, table, [one], refused) for one in batch)
        refused(batch[0][0], f"{table.name}: {line(error) if isinstance(error, DBAPIError) else error}")
        return 0
    savepoint.commit()
    return len(batch)


def _values(row: Row) -> tuple[Table, Row]:
    """The table that a row is of, and its columns. Raises ValueError, worded for the user."""
    table = next((each for each in TABLES if each.name == row.get("table")), None)
    if table is None:
        raise ValueError(f"table: {row.get('table')!r} is none of an archive of schema {schema.HEAD}")
    values: Row = {}
    for name, said in row.items():
        if name == "table":
            continue
        if name not in table.c:
            raise ValueError(f"{table.name} has no column {name!r}")
        try:
            values[name] = value(table.c[name], said)
        except (ValueError, TypeError, OverflowError) as error:
            raise ValueError(f"{table.name}: {name}: {error}") from error
    return table, values
