"""All that SQLite and PostgreSQL say differently."""

import json
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import (
    ARRAY,
    JSON,
    BigInteger,
    BindParameter,
    Column,
    ColumnElement,
    CompoundSelect,
    Connection,
    Engine,
    Insert,
    Integer,
    Row,
    Select,
    Table,
    TableValuedAlias,
    and_,
    asc,
    bindparam,
    create_engine,
    desc,
    event,
    literal,
    make_url,
    select,
    text,
    true,
    union_all,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.sql import cast, column, func, literal_column, table

from aggregator.doors.store.types import Instant
from aggregator.errors import ConfigError

_GREATEST: ColumnElement[int] = literal_column("9223372036854775807")

MAX_INDEXED_WORDS = 50_000
"""Words of one field that are in the full-text index: PostgreSQL refuses a tsvector of over 1 MiB."""
MAX_WORD = 64

T = TypeVar("T")

Words = tuple[str, str, str, str]

Prefilter = tuple[Any, ...]
"""("term", field | None, words, is_prefix), ("and", parts) or ("or", parts); fields: title, text, captions, byline."""

MARKS = {"title": "\ue000", "captions": "\ue001", "byline": "\ue002"}
"""Before a word that stands in this field; no word begins with a character for private use."""

_index = table("articles_fts", column("rowid"), column("words"))

READ_CACHE, WRITE_CACHE = 4000, 16_000
"""KiB of pages that a connection of SQLite keeps. Four of them read, and the system keeps the file's pages for all."""


def engines(url: str) -> tuple[Engine, Engine]:
    """One engine for reading, one for writing. Raises ConfigError where the URL names no database we know."""
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() not in ("sqlite", "postgresql"):
            reason = f"{parsed.drivername} is no database we know: use sqlite:///… or postgresql+psycopg://…"
            raise ConfigError("database", reason)
        if parsed.get_backend_name() == "postgresql":
            engine = create_engine(parsed, pool_size=6, max_overflow=4, pool_pre_ping=True)
            # A question of several queries sees one state, as it does in SQLite.
            return engine.execution_options(isolation_level="REPEATABLE READ"), engine
        if parsed.database in (None, "", ":memory:"):
            raise ConfigError(
                "database", "an archive in memory would be lost: name a file, sqlite:///storage/archive.db"
            )
        _create(parsed.database)
        reading = create_engine(parsed, pool_size=4, json_deserializer=_read)
        writing = create_engine(parsed, pool_size=1, max_overflow=1, json_deserializer=_read)
    except (ArgumentError, NoSuchModuleError) as error:
        raise ConfigError("database", f"cannot be read as a database URL: {error}") from error
    _sqlite(reading, "BEGIN", READ_CACHE)
    # A transaction that writes takes its lock at once: one that reads first and writes then can fail half-way.
    _sqlite(writing, "BEGIN IMMEDIATE", WRITE_CACHE)
    return reading, writing


def _read(said: str) -> Any:
    """JSON, most of which is empty lists."""
    return [] if said == "[]" else json.loads(said)


def _create(database: str | None) -> None:
    """A new file is its owner's alone: it holds the addresses of private feeds, and what they say."""
    with suppress(OSError):  # SQLite says better what is wrong with it
        os.close(os.open(database or "", os.O_CREAT | os.O_WRONLY, 0o600))


def unopened(engine: Engine, said: str) -> str:
    """What the database said when it was opened, and what of that is the folder's fault."""
    if engine.dialect.name != "sqlite":
        return said
    folder = Path(engine.url.database or "").parent
    if not folder.is_dir():
        return f"{said}: there is no folder {folder}"
    return said if os.access(folder, os.W_OK) else f"{said}: nothing can be written to {folder}; it must be writable"


def at_begin(engine: Engine, do: Callable[[Connection], object]) -> None:
    """Have this done at the beginning of every transaction."""
    event.listen(engine, "begin", do)


def _sqlite(engine: Engine, begin: str, cache: int) -> None:
    @event.listens_for(engine, "connect")
    def pragmas(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        cursor = connection.cursor()
        cursor.execute("PRAGMA busy_timeout = 30000")
        # Of a new file: two packed articles of 1,500 bytes would leave a quarter of a page of 4 KiB empty.
        cursor.execute("PRAGMA page_size = 8192")
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = NORMAL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute(f"PRAGMA cache_size = -{cache}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def start(connection: Connection) -> None:
        connection.exec_driver_sql(begin)


def insert(name: str, into: Table) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that knows on_conflict_do_nothing and on_conflict_do_update, which both spell alike."""
    return sqlite.insert(into) if name == "sqlite" else postgresql.insert(into)


def batches(of: Sequence[T], size: int = 500) -> Iterator[Sequence[T]]:
    """So many at a time as a statement takes values, with room for others."""
    return (of[i : i + size] for i in range(0, len(of), size))


def greatest(tx: Connection, *values: Any) -> ColumnElement[Any]:
    """The greatest of several values of one row."""
    return func.max(*values) if tx.dialect.name == "sqlite" else func.greatest(*values)


def listed(name: str, query: Select[Any]) -> ColumnElement[list[int]]:
    """The values of a query's one column, in its order, as one value of a row outside."""
    if name == "sqlite":
        return select(func.json_group_array(query.subquery().exported_columns[0], type_=JSON)).scalar_subquery()
    return func.array(query.scalar_subquery(), type_=ARRAY(Integer))


def first_of_each(
    tx: Connection, tables: tuple[Table, ...], keys: Sequence[int], most: int, newest: bool = False
) -> Iterable[Row[*tuple[int, int]]]:
    """These keys with the smallest values under them, or the largest, `most` of each in each table: their columns are
    the key and the value."""
    return tx.execute(_first(tx.dialect.name, tables, most, newest), {"keys": list(keys)}) if keys else ()


@lru_cache(maxsize=100)
def _first(name: str, tables: tuple[Table, ...], most: int, newest: bool) -> CompoundSelect[int, int]:
    """One statement for however many keys: to put it together takes longer than to answer it."""
    return union_all(*(_first_in(name, of, most, newest) for of in tables))


def _first_in(name: str, of: Table, most: int, newest: bool) -> Select[int, int]:
    key, value = of.c
    asked, order = each_of(name, "keys"), (desc if newest else asc)
    if name == "sqlite":  # which knows no LATERAL
        other = of.alias()
        under = select(other.c[value.name]).where(other.c[key.name] == asked.c.value)
        last = under.order_by(order(other.c[value.name])).limit(1).offset(most - 1).scalar_subquery()
        bounded = value >= func.coalesce(last, 0) if newest else value <= func.coalesce(last, _GREATEST)
        return select(key, value).select_from(asked.join(of, and_(key == asked.c.value, bounded)))
    first = select(key, value).where(key == asked.c.value).order_by(order(value)).limit(most).lateral()
    return select(first).select_from(asked).join(first, true())


def each_of(name: str, said: str) -> TableValuedAlias:
    """The integers of a list as rows with a `value`; bound as one parameter, for thousands take longer to be bound than
    to be looked up."""
    if name == "sqlite":
        return func.json_each(bindparam(said, type_=JSON)).table_valued("value")
    return func.unnest(bindparam(said, type_=ARRAY(BigInteger))).table_valued("value").render_derived(name="asked")


def exclusive(tx: Connection, what: int) -> None:
    """Until the end of this transaction nobody else decides the same thing; SQLite's writer is alone as it is."""
    if tx.dialect.name == "postgresql":
        tx.execute(text("SELECT pg_advisory_xact_lock(:what)"), {"what": what})


def next_ids(tx: Connection, table: Table, n: int) -> list[int]:
    """The ids of so many rows that are about to be inserted, where one transaction at a time does so: one that writes
    its own id down elsewhere need not be written twice."""
    if tx.dialect.name == "sqlite":
        last = tx.scalar(select(func.max(table.c.id))) or 0
        return list(range(last + 1, last + 1 + n))
    drawn = text("SELECT nextval(pg_get_serial_sequence(:name, 'id')) FROM generate_series(1, :n)")
    return list(tx.scalars(drawn, {"name": table.name, "n": n}))


def go_on(tx: Connection, table: Table) -> None:
    """After rows that brought their ids the next gets one of its own; SQLite goes on from the highest."""
    if tx.dialect.name == "postgresql":
        query = f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), max(id)) FROM {table.name}"  # noqa: S608
        tx.exec_driver_sql(query)


def tidy(tx: Connection) -> None:
    """Once a night: SQLite's planner learns how the tables grew. PostgreSQL does so by itself."""
    if tx.dialect.name == "sqlite":
        tx.exec_driver_sql("PRAGMA optimize")


def merge_index(tx: Connection) -> bool:
    """A tenth of a second of the work that makes two parts of the full-text index one; False: there was none to do.
    FTS5 itself leaves up to three parts of each size, and many words in each. PostgreSQL keeps one index."""
    if tx.dialect.name != "sqlite":
        return False
    tx.exec_driver_sql("INSERT INTO articles_fts(articles_fts, rank) VALUES ('usermerge', 2)")
    before: int = tx.exec_driver_sql("SELECT total_changes()").scalar_one()
    tx.exec_driver_sql("INSERT INTO articles_fts(articles_fts, rank) VALUES ('merge', 500)")
    after: int = tx.exec_driver_sql("SELECT total_changes()").scalar_one()
    return after - before > 1  # the command is one


def shown(tx: Connection, table: str, column: Column[Any]) -> str:
    """A time of a table, as it is called in the query, as people read it: SQLite keeps some as microseconds, and others
    as texts."""
    if tx.dialect.name != "sqlite":
        return f"{table}.{column.name}"
    since = " / 1000000, 'unixepoch'" if isinstance(column.type, Instant) else ""
    return f"strftime('%Y-%m-%dT%H:%M:%SZ', {table}.{column.name}{since})"


def damage(tx: Connection) -> list[str]:
    """What the database finds wrong with itself; PostgreSQL keeps checksums, and says so where a row is read."""
    if tx.dialect.name != "sqlite":
        return []
    wrong = [str(said) for said in tx.exec_driver_sql("PRAGMA integrity_check(100)").scalars() if said != "ok"]
    strays = tx.exec_driver_sql("PRAGMA foreign_key_check").fetchmany(100)
    return wrong + [f"row {row[1]} of {row[0]} belongs to a row of {row[2]} that is not there" for row in strays]


def create_index(tx: Connection, name: str = "articles_fts") -> None:
    """The full-text index. It says which words an article has, and which of them in title, captions and byline; where
    they stand would take as much room as the texts (docs/decisions/0017-an-index-without-places.md)."""
    if tx.dialect.name == "sqlite":
        tx.exec_driver_sql(
            f"CREATE VIRTUAL TABLE {name} USING fts5(words, content='', detail=none, columnsize=0, "
            "tokenize=\"unicode61 remove_diacritics 0 categories 'L* N* Co M*'\")"
        )
    else:
        tx.exec_driver_sql(f"CREATE TABLE {name} (rowid integer PRIMARY KEY, words tsvector NOT NULL)")
        tx.exec_driver_sql(f"CREATE INDEX ix_{name}_words ON {name} USING gin (words)")


def drop_index(tx: Connection) -> None:
    tx.exec_driver_sql("DROP TABLE articles_fts")


def index(tx: Connection, saved: Sequence[tuple[int, Words]]) -> None:
    """Put the words of articles (title, text, captions, byline) into the index."""
    index_tokens(tx, ((id, _tokens(fields)) for id, fields in saved))


def index_tokens(tx: Connection, saved: Iterable[tuple[int, Collection[str]]], name: str = "articles_fts") -> None:
    if tx.dialect.name == "sqlite":
        rows = [{"id": id, "words": " ".join(tokens)} for id, tokens in saved]
        tx.execute(text(f"INSERT INTO {name}(rowid, words) VALUES (:id, :words)"), rows)  # noqa: S608  a name of ours
    else:
        rows = [{"id": id, "words": list(tokens)} for id, tokens in saved]
        tx.execute(text(f"INSERT INTO {name}(rowid, words) VALUES (:id, array_to_tsvector(CAST(:words AS text[]))) "  # noqa: S608
                        "ON CONFLICT (rowid) DO UPDATE SET words = excluded.words"), rows)  # fmt: skip


def unindex(tx: Connection, id: int, before: Words) -> None:
    """Take an article's words out of the index, as they were put in."""
    if tx.dialect.name == "sqlite":
        tx.execute(text("INSERT INTO articles_fts(articles_fts, rowid, words) VALUES ('delete', :id, :words)"),
                   {"id": id, "words": " ".join(_tokens(before))})  # fmt: skip
    else:
        tx.execute(text("DELETE FROM articles_fts WHERE rowid = :id"), {"id": id})


def found(tx: Connection, prefilter: Prefilter) -> Select[Any]:
    """The ids of the articles that the index says may match."""
    return finding(tx.dialect.name, literal(spelled(tx.dialect.name, prefilter)))


def finding(name: str, asked: BindParameter[str]) -> Select[Any]:
    """`found`, of what is asked as `spelled` has it."""
    if name == "sqlite":
        return select(_index.c.rowid).where(literal_column("articles_fts").op("MATCH")(asked))
    return select(_index.c.rowid).where(_index.c.words.op("@@")(cast(asked, postgresql.TSQUERY)))


def spelled(name: str, prefilter: Prefilter) -> str:
    if name == "sqlite":
        return _asked(prefilter, '"{}"', '"{}" *', " AND ", " OR ")
    return _asked(prefilter, "'{}'", "'{}':*", " & ", " | ")


def _tokens(fields: Words) -> Collection[str]:
    """Each word once, and once more behind a mark where it stands in a field that can be asked for."""
    title, body, captions, byline = map(_bounded, fields)
    tokens = dict.fromkeys(chain(title, body, captions, byline))
    for mark, words in zip(MARKS.values(), (title, captions, byline), strict=True):
        tokens |= dict.fromkeys(mark + word for word in words)
    return tokens.keys()


def _bounded(words: str) -> list[str]:
    split = words.split(" ", MAX_INDEXED_WORDS)[:MAX_INDEXED_WORDS]
    if all(split) and max(map(len, split)) <= MAX_WORD:
        return split
    return [word[:MAX_WORD] for word in split if word]


def _asked(node: Prefilter, word: str, opening: str, both: str, either: str) -> str:
    """The query as a database spells it. A phrase is all of its words."""
    if node[0] == "term":
        _, field, words, is_prefix = node
        tokens = [MARKS.get(field, "") + each[:MAX_WORD] for each in words]
        last = (opening if is_prefix else word).format(tokens.pop())
        return "(" + both.join([*map(word.format, tokens), last]) + ")"
    joint = both if node[0] == "and" else either
    return "(" + joint.join(_asked(part, word, opening, both, either) for part in node[1]) + ")"


def ignore_conflict(statement: sqlite.Insert | postgresql.Insert) -> Insert:
    return statement.on_conflict_do_nothing()
