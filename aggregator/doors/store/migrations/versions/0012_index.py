"""The full-text index no longer says where words stand. The new one is made of the old one's words."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any

import sqlalchemy as sa
from alembic import op

from aggregator.doors.store import dialect

revision = "0012"
down_revision = "0011"

_BATCH = 200


def upgrade() -> None:
    tx = op.get_bind()
    if tx.dialect.name == "postgresql":
        _unweigh(tx)
    elif "title" in {column["name"] for column in sa.inspect(tx).get_columns("articles_fts")}:
        _rebuild(tx)


def _unweigh(tx: sa.Connection) -> None:
    marked = " ".join(
        f"UNION SELECT '{dialect.MARKS[field]}' || lexeme FROM unnest(words) WHERE '{weight}' = ANY (weights)"  # noqa: S608
        for field, weight in (("title", "A"), ("captions", "C"), ("byline", "D"))
    )
    lexemes = f"SELECT lexeme FROM unnest(words) {marked}"  # noqa: S608  names of ours
    tx.exec_driver_sql(f"UPDATE articles_fts SET words = array_to_tsvector(ARRAY({lexemes}))")  # noqa: S608


def _rebuild(tx: sa.Connection) -> None:
    dialect.create_index(tx, "articles_fts_new")
    tx.exec_driver_sql("CREATE VIRTUAL TABLE temp.old_words USING fts5vocab('main', 'articles_fts', 'instance')")
    rows = tx.exec_driver_sql("SELECT DISTINCT doc, term, col FROM temp.old_words ORDER BY doc")
    for some in _batches((doc, _tokens(of_doc)) for doc, of_doc in groupby(_each(rows), key=itemgetter(0))):
        dialect.index_tokens(tx, some, "articles_fts_new")
    tx.exec_driver_sql("DROP TABLE temp.old_words")
    tx.exec_driver_sql("DROP TABLE articles_fts")
    tx.exec_driver_sql("ALTER TABLE articles_fts_new RENAME TO articles_fts")


def _each(rows: sa.CursorResult[Any]) -> Iterator[tuple[int, str, str]]:
    for some in rows.partitions(5000):
        yield from ((row.doc, row.term, row.col) for row in some)


def _tokens(of_doc: Iterable[tuple[int, str, str]]) -> set[str]:
    return {token for _, term, column in of_doc for token in (term, dialect.MARKS.get(column, "") + term)}


def _batches(docs: Iterator[tuple[int, set[str]]]) -> Iterator[list[tuple[int, set[str]]]]:
    some: list[tuple[int, set[str]]] = []
    for doc in docs:
        some.append(doc)
        if len(some) == _BATCH:
            yield some
            some = []
    if some:
        yield some
