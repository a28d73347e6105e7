"""What a feed says of an entry, where its article says the same"""

from typing import Any

import pytest
from sqlalchemy import Connection, select, type_coerce
from sqlalchemy.types import LargeBinary

from aggregator.doors.store import Store, articles, deletion, entries, namesakes
from aggregator.doors.store.tables import entries as table
from aggregator.doors.store.tables import tombstones
from aggregator.jobs import THINKING
from aggregator.model import Changes, Entry, PollState, said_hash
from tests.doors.seeds import FEED, article, entry, follow, judged, keep
from tests.fakes import START, WORDS

HTML = f"<p>{WORDS}</p><p>The <b>second</b> of two.</p>"
ONCE = 10
"""Bytes; the words take more, however they are packed."""


async def arrived(store: Store, said: Entry, html: str = HTML) -> int:
    """An entry and its article, as a poll keeps them where no page is fetched."""
    (source,) = await follow(store, FEED)
    new = Changes(new=(said,))
    ids = await store.write(entries.save, source, new, PollState(), lambda _: "", START, {said.guid: html})
    await keep(store, ids[said.guid], article(html=html, origin="feed"))
    return ids[said.guid]


async def words(store: Store, id: int) -> tuple[str | None, str | None]:
    work = await store.read(entries.to_archive, id)
    assert work is not None
    return work.entry.content, work.entry.summary


def kept(tx: Connection, id: int) -> list[int]:
    """The bytes that content and summary take."""
    query = select(*(type_coerce(table.c[name], LargeBinary) for name in ("content", "summary")))
    return [len(said or b"") for said in tx.execute(query.where(table.c.id == id)).one()]


@pytest.mark.parametrize(
    "said", [{"content": HTML}, {"summary": HTML}, {"content": HTML, "summary": "Gist"}, {"content": HTML, "summary": HTML}]
)  # fmt: skip
async def test_what_the_article_says_is_kept_once_and_read_as_it_was(store: Store, said: dict[str, Any]) -> None:
    id = await arrived(store, entry("1", **said))
    assert await words(store, id) == (said.get("content"), said.get("summary"))
    assert min(n for n in await store.read(kept, id) if n) < ONCE


async def test_words_that_are_not_the_articles_stay(store: Store) -> None:
    id = await arrived(store, entry("1", content=HTML, summary="Gist"), html=f"<figure></figure>{HTML}")
    assert await words(store, id) == (HTML, "Gist")


@pytest.mark.parametrize("said", [{"content": HTML}, {"summary": HTML}])
async def test_an_article_that_says_something_else_later_leaves_the_feeds_words(
    store: Store, said: dict[str, Any]
) -> None:
    id = await arrived(store, entry("1", **said))
    await keep(store, id, article(html="<p>The page.</p>", text="The page.", origin="page"))
    assert await words(store, id) == (said.get("content"), said.get("summary"))
    await keep(store, id, article(html=HTML, origin="feed"))
    assert await words(store, id) == (said.get("content"), said.get("summary"))
    assert max(await store.read(kept, id)) < ONCE


async def test_words_that_the_feed_changed_meanwhile_are_the_feeds(store: Store) -> None:
    id = await arrived(store, entry("1", content=HTML))
    (source,) = await follow(store, FEED)
    work = await store.read(entries.to_archive, id)
    assert work is not None
    edited = entry("1", id=id, content="<p>New.</p>", hash="new")
    await store.write(entries.save, source, Changes(changed=(edited,)), PollState(), lambda _: "", START)
    page = article(html="<p>The page.</p>", text="The page.", origin="page")
    await store.write(articles.save, work, page, THINKING, judged({}), START)
    assert await words(store, id) == ("<p>New.</p>", None)


async def test_an_entry_is_known_again_by_words_that_stand_in_its_article(store: Store) -> None:
    await arrived(store, entry("1", content=HTML))
    (source,) = await follow(store, FEED)
    (known,) = await store.read(namesakes.among, source, [entry("2", title="Title 1")])
    assert known.words == said_hash(HTML)


async def test_a_tombstone_has_the_hash_of_words_that_stood_in_the_article(store: Store) -> None:
    id = await arrived(store, entry("1", content=HTML))
    await arrived(store, entry("2", content=HTML))  # the newest article stays
    of_entry = await store.read(articles.of_entry, id)
    assert of_entry is not None
    await store.write(deletion.delete_all, [of_entry.id or 0], THINKING, START)
    assert await store.read(lambda tx: tx.scalar(select(tombstones.c.words))) == said_hash(HTML)
