"""Many small rows at once."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Literal

from sqlalchemy import Connection, Dialect, Table


def insert(
    tx: Connection, into: Table, rows: Sequence[tuple[Any, ...]], there: Literal["keep", "replace"] | None = None
) -> None:
    """Insert whole rows, in the order of the table's columns, of values that the drivers take as they are: what
    SQLAlchemy does for each of them takes longer than what the database does. A row that is `there` already, by its
    primary key, is an error unless it is said what becomes of it."""
    if rows:
        tx.exec_driver_sql(_statement(tx.dialect, into, there), rows)


@lru_cache(maxsize=100)
def _statement(dialect: Dialect, into: Table, there: str | None) -> str:
    prepared = dialect.identifier_preparer
    names = ", ".join(map(prepared.format_column, into.columns))
    marks = ", ".join(["?" if dialect.paramstyle == "qmark" else "%s"] * len(into.columns))
    statement = f"INSERT INTO {prepared.format_table(into)} ({names}) VALUES ({marks})"  # noqa: S608  names of ours
    if there is None:
        return statement
    key = ", ".join(map(prepared.format_column, into.primary_key))
    kept = [prepared.format_column(c) for c in into.columns if not c.primary_key]
    new = ", ".join(f"{name} = excluded.{name}" for name in kept)
    return f"{statement} ON CONFLICT ({key}) DO {'NOTHING' if there == 'keep' else f'UPDATE SET {new}'}"
