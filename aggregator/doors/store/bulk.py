"""Many small rows at once."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Dialect, Table


def insert(tx: Connection, into: Table, rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert whole rows, in the order of the table's columns, of values that the drivers take as they are: what
    SQLAlchemy does for each of them takes longer than what the database does."""
    if rows:
        tx.exec_driver_sql(_statement(tx.dialect, into), rows)


@lru_cache(maxsize=100)
def _statement(dialect: Dialect, into: Table) -> str:
    prepared = dialect.identifier_preparer
    names = ", ".join(map(prepared.format_column, into.columns))
    marks = ", ".join(["?" if dialect.paramstyle == "qmark" else "%s"] * len(into.columns))
    return f"INSERT INTO {prepared.format_table(into)} ({names}) VALUES ({marks})"  # noqa: S608  names of ours
