"""All that SQLite and PostgreSQL say differently."""

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    Column,
    ColumnElement,
    CompoundSelect,
    Connection,
    Engine,
    Insert,
    Integer,
    Select,
    Table,
    bindparam,
    create_engine,
    event,
    make_url,
    select,
    text,
    true,
    union_all,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.sql import column, func, literal_column, table

from aggregator.errors import ConfigError

MAX_INDEXED_WORDS = 50_000
"""Words of one field that are in the full-text index: PostgreSQL refuses a tsvector of over 1 MiB."""
MAX_WORD = 64

Words = tuple[str, str, str, str]

Prefilter = tuple[Any, ...]
"""("term", field | None, words, is_prefix), ("and", parts) or ("or", parts); fields: title, text, captions, byline."""

_WEIGHTS = {"title": "A", "text": "B", "captions": "C", "byline": "D"}
_index = table("articles_fts", column("rowid"), column("words"))


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
        reading = create_engine(parsed, pool_size=4)
        writing = create_engine(parsed, pool_size=1, max_overflow=1)
    except (ArgumentError, NoSuchModuleError) as error:
        raise ConfigError("database", f"cannot be read as a database URL: {error}") from error
    _sqlite(reading, "BEGIN")
    # A transaction that writes takes its lock at once: one that reads first and writes then can fail half-way.
    _sqlite(writing, "BEGIN IMMEDIATE")
    return reading, writing


def at_begin(engine: Engine, do: Callable[[Connection], None]) -> None:
    """Have this done at the beginning of every transaction."""
    event.listen(engine, "begin", do)


def _sqlite(engine: Engine, begin: str) -> None:
    @event.listens_for(engine, "connect")
    def pragmas(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        cursor = connection.cursor()
        cursor.execute("PRAGMA busy_timeout = 30000")
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = NORMAL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute("PRAGMA cache_size = -16000")
        cursor.close()

    @event.listens_for(engine, "begin")
    def start(connection: Connection) -> None:
        connection.exec_driver_sql(begin)


def insert(tx: Connection, into: Table) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that knows on_conflict_do_nothing and on_conflict_do_update, which both spell alike."""
    return sqlite.insert(into) if tx.dialect.name == "sqlite" else postgresql.insert(into)


def greatest(tx: Connection, *values: Any) -> ColumnElement[Any]:
    """The greatest of several values of one row."""
    return func.max(*values) if tx.dialect.name == "sqlite" else func.greatest(*values)


def first_of_each(
    tx: Connection, key: Column[int], keys: Sequence[int], value: Column[int], most: int
) -> Iterable[int]:
    """The smallest values under each of these keys, `most` of each."""
    if not keys:
        return ()
    if tx.dialect.name == "sqlite":
        return tx.scalars(_branches(key, value, most, len(keys)), {f"key{n}": said for n, said in enumerate(keys)})
    return tx.scalars(_laterally(key, value, most), {"keys": list(keys)})


@lru_cache(maxsize=100)
def _branches(key: Column[int], value: Column[int], most: int, n: int) -> CompoundSelect[int]:
    """One after the other, since SQLite knows no LATERAL."""
    return union_all(*(select(_first(key, bindparam(f"key{i}"), value, most).subquery().c[0]) for i in range(n)))


@lru_cache(maxsize=100)
def _laterally(key: Column[int], value: Column[int], most: int) -> Select[int]:
    """To plan as many branches as keys takes PostgreSQL three times as long as all the rest."""
    asked = func.unnest(bindparam("keys", type_=ARRAY(Integer))).table_valued("key").render_derived(name="asked")
    first = _first(key, asked.c.key, value, most).lateral()
    return select(first.c[0]).select_from(asked).join(first, true())


def _first(key: Column[int], said: ColumnElement[int], value: Column[int], most: int) -> Select[int]:
    return select(value).where(key == said).order_by(value).limit(most)


def exclusive(tx: Connection, what: int) -> None:
    """Until the end of this transaction nobody else decides the same thing; SQLite's writer is alone as it is."""
    if tx.dialect.name == "postgresql":
        tx.execute(text("SELECT pg_advisory_xact_lock(:what)"), {"what": what})


def tidy(tx: Connection) -> None:
    """Once a night: SQLite's planner learns how the tables grew. PostgreSQL does so by itself."""
    if tx.dialect.name == "sqlite":
        tx.exec_driver_sql("PRAGMA optimize")


def damage(tx: Connection) -> list[str]:
    """What the database finds wrong with itself; PostgreSQL keeps checksums, and says so where a row is read."""
    if tx.dialect.name != "sqlite":
        return []
    wrong = [str(said) for said in tx.exec_driver_sql("PRAGMA integrity_check(100)").scalars() if said != "ok"]
    strays = tx.exec_driver_sql("PRAGMA foreign_key_check").fetchmany(100)
    return wrong + [f"row {row[1]} of {row[0]} belongs to a row of {row[2]} that is not there" for row in strays]


def create_index(tx: Connection) -> None:
    """The full-text index. Its words come folded and separated by single spaces: the databases only split at those."""
    if tx.dialect.name == "sqlite":
        # contentless: the words are in `articles` already
        tx.exec_driver_sql(
            "CREATE VIRTUAL TABLE articles_fts USING fts5(title, text, captions, byline, content='', "
            "tokenize=\"unicode61 remove_diacritics 0 categories 'L* N* Co M*'\")"
        )
    else:
        tx.exec_driver_sql("CREATE TABLE articles_fts (rowid integer PRIMARY KEY, words tsvector NOT NULL)")
        tx.exec_driver_sql("CREATE INDEX ix_articles_fts_words ON articles_fts USING gin (words)")


def drop_index(tx: Connection) -> None:
    tx.exec_driver_sql("DROP TABLE articles_fts")


def index(tx: Connection, saved: Sequence[tuple[int, Words]]) -> None:
    """Put the words of articles (title, text, captions, byline) into the index."""
    new = [_row(id, fields) for id, fields in saved]
    if tx.dialect.name == "sqlite":
        tx.execute(text("INSERT INTO articles_fts(rowid, title, text, captions, byline) "
                        "VALUES (:id, :title, :text, :captions, :byline)"), new)  # fmt: skip
    else:
        words = " || ".join(f"setweight(to_tsvector('simple', :{f}), '{w}')" for f, w in _WEIGHTS.items())
        tx.execute(text(f"INSERT INTO articles_fts(rowid, words) VALUES (:id, {words}) "  # noqa: S608  only names of ours
                        "ON CONFLICT (rowid) DO UPDATE SET words = excluded.words"), new)  # fmt: skip


def unindex(tx: Connection, id: int, before: Words) -> None:
    """Take an article's words out of the index, as they were put in."""
    if tx.dialect.name == "sqlite":
        tx.execute(text("INSERT INTO articles_fts(articles_fts, rowid, title, text, captions, byline) "
                        "VALUES ('delete', :id, :title, :text, :captions, :byline)"), _row(id, before))  # fmt: skip


def found(tx: Connection, prefilter: Prefilter) -> Select[Any]:
    """The ids of the articles that the index says may match."""
    if tx.dialect.name == "sqlite":
        query = literal_column("articles_fts").op("MATCH")(_fts5(prefilter))
        return select(literal_column("rowid")).select_from(_index).where(query)
    return select(_index.c.rowid).where(_index.c.words.op("@@")(func.to_tsquery("simple", _tsquery(prefilter))))


def _row(id: int, fields: Words) -> dict[str, Any]:
    return dict(zip(_WEIGHTS, map(_bounded, fields), strict=True)) | {"id": id}


def _bounded(words: str) -> str:
    split = words.split(" ", MAX_INDEXED_WORDS)[:MAX_INDEXED_WORDS]
    if len(words) < MAX_INDEXED_WORDS and max(map(len, split)) <= MAX_WORD:
        return words
    return " ".join(word[:MAX_WORD] for word in split)


def _fts5(node: Prefilter) -> str:
    if node[0] == "term":
        _, field, words, is_prefix = node
        phrase = '"' + " ".join(word[:MAX_WORD] for word in words) + '"' + (" *" if is_prefix else "")
        return f"{{{field}}} : {phrase}" if field else phrase
    joint = " AND " if node[0] == "and" else " OR "
    return "(" + joint.join(_fts5(part) for part in node[1]) + ")"


def _tsquery(node: Prefilter) -> str:
    """Phrases become "all of these words": a tsvector forgets where words past the 16,383rd stand."""
    if node[0] == "term":
        _, field, words, is_prefix = node
        weight = _WEIGHTS[field] if field else ""
        marks = [("*" if is_prefix and i == len(words) - 1 else "") + weight for i in range(len(words))]
        return (
            "("
            + " & ".join(f"'{w[:MAX_WORD]}'" + (f":{m}" if m else "") for w, m in zip(words, marks, strict=True))
            + ")"
        )
    joint = " & " if node[0] == "and" else " | "
    return "(" + joint.join(_tsquery(part) for part in node[1]) + ")"


def ignore_conflict(statement: sqlite.Insert | postgresql.Insert) -> Insert:
    return statement.on_conflict_do_nothing()
