"""Archives that an older program left, brought to the schema of this one"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, select, text

from aggregator.doors.store import Store, articles, dialect, namesakes, schema
from aggregator.doors.store import entries as entry_rows
from aggregator.doors.store.tables import days
from aggregator.doors.store.types import Instant
from aggregator.model import Source
from aggregator.steps import match
from tests.doors.seeds import FEED, entry
from tests.fakes import WORDS


@contextmanager
def at_schema(url: str, revision: str) -> Iterator[Connection]:
    """The archive as an older program left it."""
    reading, writing = dialect.engines(url)
    with writing.begin() as tx:
        config = Config()
        config.set_main_option("script_location", str(Path(schema.__file__).parent / "migrations"))
        config.attributes["connection"] = tx
        command.upgrade(config, revision)
        yield tx
    writing.dispose()
    reading.dispose()


def put(tx: Connection, table: str, **values: Any) -> None:
    names = ", ".join(f":{name}" for name in values)
    columns = ", ".join(f'"{name}"' for name in values)
    tx.execute(text(f"INSERT INTO {table} ({columns}) VALUES ({names})"), values)


async def test_an_archive_from_before_is_packed(unmigrated: str) -> None:
    at = "2026-01-02 03:04:05.000006"
    with at_schema(unmigrated, "0009") as tx:
        put(tx, "sources", id=1, url=FEED, name="site", named=False, host="site.example", tags="[]", paused=False,
            removed=False, failures=0, gone=False, reason="", )  # fmt: skip
        for id in range(1, 431):
            put(tx, "entries", id=id, source_id=1, guid=str(id), host="", summary="Gist", content=None if id % 2 else WORDS,
                images="[]", enclosures="[]", categories="[]", hash="h", first_seen=at, archive_failures=0)  # fmt: skip
            put(tx, "articles", id=id, entry_id=id, source_id=1, url=f"https://a/{id}", page_key=f"a/{id}", title="T",
                text=f"{WORDS} {id}", html=f"<p>{WORDS} <b>{id}</b></p>", origin="page", captions="", story_id=id,
                relation="first", first_seen=at, revisions=2, published="2025-12-31 00:00:00.000000",
                verdict="a copy" if id % 2 else "no article of the archive has this page or this text")  # fmt: skip
            put(tx, "revisions", article_id=id, number=1, seen_at=at, title="T", text=f"{WORDS} before", captions="[]")
    store = Store(unmigrated)
    kept = await store.read(articles.get, range(1, 431))
    assert [a.article.text for a in kept] == [f"{WORDS} {id}" for id in range(1, 431)]
    assert {a.first_seen for a in kept} == {datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC)}
    assert {(a.article.published, a.revised_at) for a in kept} == {(datetime(2025, 12, 31, tzinfo=UTC), None)}
    assert {a.verdict.reason for a in kept} == {"no article of the archive has this page or this text", "a copy"}
    assert kept[-1].article.html == f"<p>{WORDS} <b>430</b></p>"
    assert [r.text for r in await store.read(articles.history, 430)] == [f"{WORDS} before"]
    for id, content in ((429, None), (430, WORDS)):
        work = await store.read(entry_rows.to_archive, id)
        assert work is not None
        assert (work.entry.summary, work.entry.content) == ("Gist", content)
    await store.close()


OLD_INDEX = {
    "sqlite": """CREATE VIRTUAL TABLE articles_fts USING fts5(title, text, captions, byline, content='',
                 tokenize="unicode61 remove_diacritics 0 categories 'L* N* Co M*'")""",
    "postgresql": "CREATE TABLE articles_fts (rowid integer PRIMARY KEY, words tsvector NOT NULL)",
}
OLD_ROW = {
    "sqlite": "INSERT INTO articles_fts(rowid, title, text, captions, byline) VALUES (:id, 'storm', :text, 'dock 東 京', 'jo')",
    "postgresql": """INSERT INTO articles_fts VALUES (:id, setweight(to_tsvector('simple', 'storm'), 'A') || setweight(
                     to_tsvector('simple', :text), 'B') || setweight(to_tsvector('simple', 'dock 東 京'), 'C')
                     || setweight(to_tsvector('simple', 'jo'), 'D'))""",
}


@pytest.mark.parametrize(
    ("query", "finds"),
    [("harbour", True), ("storm", True), ("title:storm", True), ("title:harbour", False), ("caption:dock", True),
     ("caption:東京", True), ("byline:jo", True), ("byline:dock", False), ("harb*", True), ("w7", True), ("w8", False)],
)  # fmt: skip
def test_the_index_is_made_of_the_words_of_the_one_before(unmigrated: str, query: str, finds: bool) -> None:
    prefilter = match.prefilter(match.parse(query))
    assert prefilter is not None
    with at_schema(unmigrated, "0011") as tx:
        dialect.drop_index(tx)
        tx.execute(text(OLD_INDEX[tx.dialect.name]))
        for id in range(1, 250):
            tx.execute(text(OLD_ROW[tx.dialect.name]), {"id": id, "text": f"the harbour w{id}"})
    reading, writing = dialect.engines(unmigrated)
    schema.upgrade(writing)
    with reading.connect() as tx:
        assert (7 in tx.scalars(dialect.found(tx, prefilter)).all()) == finds
    reading.dispose()
    writing.dispose()


async def test_pages_addresses_and_titles_are_found_by_their_hashes(unmigrated: str) -> None:
    at = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    with at_schema(unmigrated, "0020") as tx:
        seen = at if tx.dialect.name == "postgresql" else int(at.timestamp()) * 10**6
        put(tx, "sources", id=1, url=FEED, name="site", named=False, host="site.example", tags="[]", paused=False,
            keep_most=0, removed=False, marks=b"", failures=0, gone=False, reason="", arrivals=0.0, watched=0, window=0,
            skip_hours="[]", skip_days="[]", history_pages=0)  # fmt: skip
        for id in range(1, 4):
            put(tx, "entries", id=id, source_id=1, guid=str(id), url=f"https://a/{id}", title=f"T{id}", host="", images="[]",
                enclosures="[]", categories="[]", podcast="", hash="h", first_seen=seen, archive_failures=0)  # fmt: skip
            put(tx, "articles", id=id, entry_id=id, source_id=1, url=f"https://a/{id}", page_key=f"a/{id}", title="T",
                body=WORDS.encode(), origin="page", story_id=id, relation="first", verdict="", first_seen=seen, revisions=1,
                version=1)  # fmt: skip
    store = Store(unmigrated)
    found = await store.read(articles.named, "https://a/2", "a/2")
    assert found is not None
    assert found.id == 2
    assert await store.read(articles.named, "https://a/4", "a/4") is None
    arrived = [entry("x", url="https://a/2", title="T3"), entry("y", url=None, title=None)]
    known = await store.read(namesakes.among, Source(id=1, url=FEED), arrived)
    assert [k.id for k in known] == [2, 3]
    await store.close()


async def test_articles_are_found_by_their_dates(unmigrated: str) -> None:
    at = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    dates = {1: at, 2: None, 127: datetime(1969, 12, 31, 23, tzinfo=UTC), 128: at, 5121: at, 5122: at}
    with at_schema(unmigrated, "0025") as tx:
        as_kept = Instant().bind_processor(tx.dialect) or (lambda date: date)
        put(tx, "sources", id=1, url=FEED, name="site", named=False, host="site.example", tags="[]", paused=False,
            keep_most=0, removed=False, marks=b"", failures=0, gone=False, reason="", arrivals=0.0, watched=0, window=0,
            skip_hours="[]", skip_days="[]", history_pages=0)  # fmt: skip
        for id, date in dates.items():
            seen, published = as_kept(at), as_kept(date)
            put(tx, "entries", id=id, source_id=1, guid=str(id), host="", images="[]", enclosures="[]", categories="[]",
                podcast="", hash="h", first_seen=seen, archive_failures=0)  # fmt: skip
            put(tx, "articles", id=id, entry_id=id, source_id=1, url="https://a/", page_key=id, title="T", body=b"",
                origin="page", story_id=id, relation="first", verdict="", first_seen=seen, published=published, revisions=1,
                version=1)  # fmt: skip
    store = Store(unmigrated)
    known = await store.read(lambda tx: tx.execute(select(days).order_by(*days.primary_key)).all())
    assert [(*row,) for row in known] == [(0, -1), (0, 20455), (1, 20455), (40, 20455)]
    await store.close()
