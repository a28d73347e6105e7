"""doors.store.ledger and doors.store.integrity"""

from datetime import timedelta
from hashlib import sha256

import pytest
from sqlalchemy import Connection, LargeBinary, delete, insert, select, text, type_coerce, update

from aggregator.doors.store import Store, articles, dialect, integrity, ledger
from aggregator.doors.store.tables import articles as table
from aggregator.doors.store.tables import ledger as lines
from aggregator.doors.store.tables import revisions, tombstones
from aggregator.model import Finding, Image
from aggregator.steps import compose
from tests.doors import seeds
from tests.fakes import START, WORDS


async def fill(store: Store) -> None:
    """Three articles, the first of them revised, the third without a word."""
    (source,) = await seeds.follow(store, seeds.FEED)
    one, two, three = await seeds.arrive(store, source, seeds.entry("1"), seeds.entry("2"), seeds.entry("3"))
    first = seeds.article(
        "https://site.example/1", images=(Image(url="https://site.example/1.jpg", caption="A crane"),)
    )
    await seeds.keep(store, one, first)
    await seeds.keep(store, two, seeds.article("https://site.example/2", title="Ferries sail again", byline="Ann Lee"))
    await seeds.keep(store, three, seeds.article("https://site.example/3", title="", text=""))
    await seeds.keep(store, one, seeds.article("https://site.example/1", text=WORDS.replace("Monday", "Friday")))


async def verify(store: Store) -> list[str]:
    found: list[Finding] = []
    await store.read(integrity.check, compose.words, found.append, lambda of: None)
    return [f"{each.subject} {each.words}" for each in found]


async def test_what_the_archive_did_itself_is_whole(store: Store) -> None:
    await fill(store)
    assert await verify(store) == []
    assert await store.read(integrity.damage) == ()
    checked = await store.read(integrity.check, compose.words, print, lambda of: None)
    assert (checked.articles, checked.revisions, checked.lines, checked.head[0]) == (3, 4, 4, 4)


def an_article(tx: Connection) -> None:
    tx.execute(update(table).where(table.c.id == 2).values(title="Sunshine everywhere"))


def a_caption(tx: Connection) -> None:
    tx.execute(text("INSERT INTO images (article_id, number, url, caption, position) VALUES (2, 0, '', 'A lie', 0)"))


def an_old_revision(tx: Connection) -> None:
    tx.execute(update(revisions).values(title="Sunshine"))


def half_a_text(tx: Connection) -> None:
    kept = type_coerce(table.c.body, LargeBinary)
    body = tx.scalar(select(kept).where(table.c.id == 2))
    assert body
    tx.execute(text("UPDATE articles SET body = :body WHERE id = 2"), {"body": body[:40]})


def half_an_old_text(tx: Connection) -> None:
    body = tx.scalar(select(type_coerce(revisions.c.text, LargeBinary)))
    assert body
    tx.execute(text("UPDATE revisions SET text = :text"), {"text": body[:40]})


def half_of_what_a_feed_said(tx: Connection) -> None:
    tx.execute(text("UPDATE entries SET summary = :said WHERE id = 2"), {"said": b"\x28\xb5\x2f\xfd\x20"})


def no_old_revision(tx: Connection) -> None:
    tx.execute(delete(revisions))


def no_article(tx: Connection) -> None:
    tx.execute(delete(table).where(table.c.id == 2))


def a_line(tx: Connection) -> None:
    tx.execute(update(lines).where(lines.c.id == 2).values(content=sha256(b"else").digest()))


def no_line(tx: Connection) -> None:
    tx.execute(delete(lines).where(lines.c.id == 2))


def no_last_line(tx: Connection) -> None:
    tx.execute(delete(lines).where(lines.c.id == 4))


def a_line_of_nothing(tx: Connection) -> None:
    ledger.append(tx, [ledger.Line("kept", 77, 1, bytes(32))])


def a_line_of_what_is_there(tx: Connection) -> None:
    ledger.append(tx, [ledger.Line("deleted", 2, 1, ledger.NOTHING)])


def a_tombstone(tx: Connection) -> None:
    tx.execute(insert(tombstones).values(entry_id=2, article_id=1, deleted_at=START, words=""))


def no_words(tx: Connection) -> None:
    (found,) = articles.get(tx, [2])
    dialect.unindex(tx, 2, compose.words(found.article))


def no_day(tx: Connection) -> None:
    tx.execute(update(table).where(table.c.id == 2).values(published=START - timedelta(days=9)))


@pytest.mark.parametrize(
    ("tamper", "said"),
    [
        (an_article, ["article 2, revision 1 is not what was kept", "article 2 is not found by its words in the full-text index"]),
        (a_caption, ["article 2, revision 1 is not what was kept", "article 2 is not found by its words in the full-text index"]),
        (an_old_revision, ["article 1, revision 1 is not what was kept"]),
        (half_a_text, ["article 2, revision 1 cannot be read: what is kept of it is damaged"]),
        (half_an_old_text, ["article 1, revision 1 cannot be read: what is kept of it is damaged"]),
        (half_of_what_a_feed_said, ["entry 2 cannot be read: what is kept of its feed's words is damaged"]),
        (no_old_revision, ["article 1, revision 1 is gone"]),
        (no_article, ["article 2 is gone, and no line of the ledger says that it was deleted"]),
        (a_line, ["ledger, line 2 was changed, or does not follow from the line before it", "article 2, revision 1 is not what was kept"]),
        (no_line, ["ledger, line 3 stands where line 2 should", "ledger, line 3 was changed, or does not follow from the line before it",
                   "article 2 has 1 revisions, of which the ledger has 0"]),
        (no_last_line, ["article 1 has 2 revisions, of which the ledger has 1"]),
        (a_line_of_nothing, ["ledger, line 5 tells of article 77, which never was"]),
        (a_line_of_what_is_there, ["article 2 is there, and the ledger says that it was deleted"]),
        (a_tombstone, ["article 2 is of an entry whose article was deleted"]),
        (no_day, ["article 2 is not found by its date"]),
        (no_words, ["article 2 is not found by its words in the full-text index"]),
    ],
)  # fmt: skip
async def test_what_was_changed_later_is_named(store: Store, tamper: object, said: list[str]) -> None:
    await fill(store)
    if tamper is no_article and store.name.startswith("postgresql"):
        await store.write(
            lambda tx: tx.execute(text("ALTER TABLE images DROP CONSTRAINT fk_images_article_id")) and None
        )
    await store.write(tamper)  # type: ignore[arg-type]
    assert sorted(await verify(store)) == sorted(said)


async def test_a_line_holds_the_hash_of_its_content_and_of_all_before_it(store: Store) -> None:
    await fill(store)
    told = await store.read(lambda tx: [line for batch in ledger.read(tx, 3) for line in batch])
    assert [(line.what, line.article_id, line.number) for _, _, line in told] == [
        ("kept", 1, 1), ("kept", 2, 1), ("kept", 3, 1), ("revised", 1, 2)
    ]  # fmt: skip
    said = sha256(bytes(32) + b"1 kept 1 1 " + told[0][2].content).digest()
    assert told[0][1] == said
    assert told[1][1] == sha256(said + b"2 kept 2 1 " + told[1][2].content).digest()
    shown = '["Ferries sail again","Ann Lee","' + WORDS + '",[]]'
    assert told[1][2].content == sha256(shown.encode()).digest()
    assert await store.read(ledger.head) == (4, told[3][1])


async def test_what_is_said_better_has_a_line_and_what_differs_in_markup_has_none(store: Store) -> None:
    (source,) = await seeds.follow(store, seeds.FEED)
    (one,) = await seeds.arrive(store, source, seeds.entry("1"))
    await seeds.keep(store, one, seeds.article(text="A teaser.", origin="feed"))
    await seeds.keep(store, one, seeds.article())
    await seeds.keep(store, one, seeds.article(html="<p>else</p>"))
    told = await store.read(lambda tx: [line.what for batch in ledger.read(tx) for _, _, line in batch])
    assert told == ["kept", "improved"]
    assert await verify(store) == []
