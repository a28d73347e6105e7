"""doors.store.packing and dictionaries: what is kept small comes back as it was"""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, func, select, text

from aggregator.doors.store import Store, articles, dictionaries, packing, tables
from aggregator.doors.store import entries as entry_rows
from aggregator.errors import StoreError
from aggregator.model import Article
from tests.doors.seeds import FEED, arrive, article, entry, follow, keep
from tests.fakes import WORDS

TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"))


async def many(store: Store, n: int) -> list[int]:
    """Archive as many articles as train a dictionary, one and the same sort of text; returns their ids."""
    (source,) = await follow(store, FEED)
    ids = await arrive(store, source, *(entry(str(id)) for id in range(n)))
    kept = [_numbered(n) for n in range(len(ids))]
    return [(await keep(store, id, a))[0] for id, a in zip(ids, kept, strict=True)]


def _numbered(n: int) -> Article:
    said = " ".join(f"{word}{(n * 7919 + at * 104729) % 9973}" for at, word in enumerate(WORDS.split()))
    return article(f"https://site.example/{n}", said, title=f"Number {n}", html=f"<p>{said}</p>")


def sizes(tx: Connection) -> tuple[int, int]:
    """How many dictionaries there are, and the bytes of all bodies."""
    of_bodies = tx.scalar(text("SELECT sum(length(body)) FROM articles"))
    return tx.scalar(select(func.count()).select_from(tables.dictionaries)) or 0, int(of_bodies or 0)


@given(TEXTS)
def test_a_text_that_was_packed_comes_back(said: str) -> None:
    assert packing.unpack(packing.pack(said, None)) == said
    assert len(packing.pack(said, None)) <= len(said.encode())


@pytest.mark.parametrize(
    ("said", "html"),
    [("", ""), ("A\n\nB & C", "<p>A</p><p>B &amp; C</p>"), ("A", ""), ("", "<p></p>"), (WORDS, f"<p><b>{WORDS}</b></p>"),
     ("A\n\nB", "<p>A</p>\n<p>B</p>"), ("(µ", "(µ")],
)  # fmt: skip
async def test_text_and_html_come_back_each_as_it_was(store: Store, said: str, html: str) -> None:
    (source,) = await follow(store, FEED)
    (entry_id,) = await arrive(store, source, entry("a"))
    id, _ = await keep(store, entry_id, article(text=said, html=html))
    (kept,) = await store.read(articles.get, [id])
    assert (kept.article.text, kept.article.html) == (said, html)


async def test_html_that_only_says_the_text_takes_no_room(store: Store) -> None:
    plain = packing.pack(packing.joined(packing.Body(WORDS, f"<p>{WORDS}</p>")), None)
    assert plain == packing.pack(WORDS, None)


async def test_the_archive_trains_a_dictionary_and_packs_all_with_it(store: Store, database: str) -> None:
    few = await many(store, dictionaries.FIRST - 1)
    none, before = await store.read(sizes)
    (source,) = await follow(store, FEED)
    last, later = await arrive(store, source, entry("last"), entry("later"))
    await keep(store, last, _numbered(dictionaries.FIRST))
    one, after = await store.read(sizes)
    assert (none, one) == (0, 1)
    assert after < 0.8 * before
    id, _ = await keep(store, later, _numbered(dictionaries.FIRST + 1))  # packed with it
    assert await store.read(sizes) > (1, after)
    other = Store(database)
    (first, newest) = await other.read(articles.get, [few[0], id])
    assert first.article == _numbered(0)
    assert newest.article == _numbered(dictionaries.FIRST + 1)
    await other.close()


async def test_no_dictionary_is_trained_on_articles_without_words(store: Store) -> None:
    (source,) = await follow(store, FEED)
    ids = await arrive(store, source, *(entry(f"e{n}") for n in range(dictionaries.FIRST)))
    for n, id in enumerate(ids):
        said = WORDS if n == len(ids) - 1 else ""  # of those before it libzstd would make nothing, and crash
        await keep(store, id, replace(_numbered(n), text=said, html=""))
    assert (await store.read(sizes))[0] == 0


async def test_what_another_process_packed_is_read_by_one_that_was_open_before(store: Store, database: str) -> None:
    other = Store(database)
    assert await other.read(sizes) == (0, 0)
    ids = await many(store, dictionaries.FIRST)
    (kept,) = await other.read(articles.get, [ids[7]])
    assert kept.article == _numbered(7)
    await other.close()


async def test_a_dictionary_of_a_change_that_failed_packs_nothing(store: Store) -> None:
    ids = await many(store, dictionaries.FIRST - 1)

    def fail(tx: Connection) -> None:
        dictionaries.grow(tx, dictionaries.FIRST)
        assert sizes(tx)[0] == 1
        raise LookupError

    with pytest.raises(LookupError):
        await store.write(fail)
    (source,) = await follow(store, FEED)
    (entry_id,) = await arrive(store, source, entry("x"))
    assert (await store.read(sizes))[0] == 0
    (kept,) = await store.read(articles.get, [ids[0]])
    assert kept.article == _numbered(0)
    await store.write(dictionaries.grow, dictionaries.FIRST)
    await store.write(dictionaries.grow, dictionaries.FIRST)  # and once is enough
    assert (await store.read(sizes))[0] == 1
    assert await store.read(entry_rows.to_archive, entry_id) is not None


async def test_what_was_packed_with_a_new_dictionary_is_read_in_the_transaction_that_trained_it(store: Store) -> None:
    ids = await many(store, dictionaries.FIRST - 1)

    def train(tx: Connection) -> Article:
        dictionaries.grow(tx, dictionaries.FIRST)
        return articles.get(tx, [ids[3]])[0].article

    assert await store.write(train) == _numbered(3)


async def test_a_change_that_meets_a_dictionary_of_another_process_is_run_again(store: Store) -> None:
    await many(store, dictionaries.FIRST)
    id = (await store.read(lambda tx: tx.scalars(select(tables.dictionaries.c.id)).all()))[0]
    runs = []

    def met(tx: Connection) -> int:
        runs.append(1)
        if len(runs) == 1:
            packing._known.pop(id)  # as if it had been trained since
        return len(articles.get(tx, [1]))

    assert await store.write(met) == 1
    assert len(runs) == 2


async def test_without_its_dictionary_a_text_is_a_clear_error() -> None:
    trained = packing.train([WORDS.encode() + bytes([65 + n % 20]) * n for n in range(300)], 4096)
    frame = packing.pack(WORDS, packing.Dictionary(trained.dict_id, 1, trained))
    with pytest.raises(StoreError, match=f"dictionary {trained.dict_id}: is not in the archive"):
        packing.unpack(frame)


@pytest.mark.parametrize("kept", [packing.pack(WORDS, None)[:40], packing.pack(WORDS, None)[:6], b"\xff not UTF-8"])
def test_a_damaged_text_is_a_clear_error(kept: bytes) -> None:
    with pytest.raises(StoreError, match="a text of the archive: is damaged: `aggregator verify` says whose it is"):
        packing.unpack(kept)
