"""steps.dedup"""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from aggregator.model import Article, Changes, Entry, Feed, Image, KnownEntry, said_hash
from aggregator.steps import dedup
from tests.fakes import START, WORDS

ENTRY = Entry(guid="g", url="https://site.example/a", title="Title", published=START, hash="h")
ARTICLE = Article(url="https://site.example/a", title="Title", text=WORDS)


def known(id: int = 1, **changes: Any) -> KnownEntry:
    values = {"guid": "g", "url": ENTRY.url, "title": "Title", "published": START, "hash": "h"}
    return KnownEntry(id=id, **(values | changes))


def changes(entries: list[Entry], *stored: KnownEntry) -> Changes:
    return dedup.changes(Feed(format="rss20", entries=tuple(entries)), stored)


def test_what_is_not_known_is_new() -> None:
    assert changes([ENTRY]) == Changes(new=(ENTRY,))


def test_what_hashes_as_before_is_nothing() -> None:
    assert changes([ENTRY], known()) == Changes()


def test_what_hashes_otherwise_changed() -> None:
    assert changes([ENTRY], known(hash="old")) == Changes(changed=(replace(ENTRY, id=1),))


def test_a_moved_guid_with_the_same_hash_and_page_is_nothing_and_said_once() -> None:
    said = "came again under the guid new: page and words are as before"
    assert changes([replace(ENTRY, guid="new")], known()) == Changes(again=((1, said),), renamed=1)
    assert changes([replace(ENTRY, guid="newer")], known(again=said)) == Changes(renamed=1)


def test_a_moved_guid_with_title_link_and_date_keeps_the_old_guid() -> None:
    moved = replace(ENTRY, guid="new", hash="other", url="http://www.site.example/a?utm_source=x", title="TITLE")
    said = "came again under the guid new: title, date and link are as before"
    assert changes([moved], known()) == Changes(
        changed=(replace(moved, id=1, guid="g"),), again=((1, said),), renamed=1
    )


def test_a_title_written_anew_that_makes_another_guid_is_an_edit() -> None:
    before = known(words=said_hash("Some words."))
    retold = replace(ENTRY, guid="new", hash="x", title="Another", summary="Some words.")
    found = changes([retold], before)
    assert found.changed == (replace(retold, id=1, guid="g"),)
    assert found.again == ((1, "came again under the guid new: page, date and words are as before"),)
    later, wordless = replace(retold, published=START + timedelta(hours=1)), replace(retold, summary=None)
    for other in (later, wordless, replace(retold, url="https://site.example/b")):
        assert changes([other], before).new == (other,)
    home = "https://site.example/"
    assert changes([replace(retold, url=home)], replace(before, url=home)).new
    assert len(changes([retold, replace(retold, guid="newer", title="A third")], before).new) == 2


def test_a_title_alone_does_not_make_two_entries_one() -> None:
    weekly = replace(ENTRY, guid="new", hash="x", url="https://site.example/b")
    later = replace(ENTRY, guid="new", hash="x", published=START + timedelta(days=7))
    untitled = replace(ENTRY, guid="new", hash="x", title=None)
    for entry in (weekly, later, untitled):
        assert changes([entry], known()).new == (entry,)


def test_an_entry_that_is_still_in_the_feed_is_not_one_that_moved() -> None:
    second = replace(ENTRY, guid="new", hash="x")
    assert changes([ENTRY, second], known()).new == (second,)


def test_two_that_moved_to_one_are_one_change() -> None:
    one, two = replace(ENTRY, guid="n1", hash="x"), replace(ENTRY, guid="n2", hash="y")
    assert len(changes([one, two], known()).changed) == 1


def test_an_entry_on_a_site_that_moved_keeps_its_guid() -> None:
    moved = replace(ENTRY, guid="new", hash="other", url="https://new.example/a")
    assert changes([moved], known()).changed == (replace(moved, id=1, guid="g"),)
    elsewhere = replace(moved, url="https://new.example/b")
    assert changes([elsewhere], known()).new == (elsewhere,)
    undated = replace(moved, published=None)
    assert changes([undated], known(published=None)).new == (undated,)


def numbered(n: int, **changes: Any) -> Entry:
    values = {"guid": f"new {n}", "url": f"https://new.example/{n}", "title": f"Title {n}", "hash": f"n{n}"}
    return Entry(**({"published": START + timedelta(days=9)} | values | changes))


def stored(n: int, **changes: Any) -> KnownEntry:
    return known(n, **({"guid": f"old {n}", "url": f"https://site.example/{n}", "title": f"Title {n}"} | changes))


def test_a_feed_that_floods_after_a_move_brings_nothing_new() -> None:
    flood = [numbered(n) for n in range(1, 5)]
    fresh = numbered(9)
    found = changes([fresh, *flood], *(stored(n) for n in range(1, 5)))
    assert found.new == (fresh,)
    assert [(e.id, e.guid) for e in found.changed] == [(n, f"old {n}") for n in range(1, 5)]
    assert all("the feed says many old entries again" in how for _, how in found.again)


def test_a_feed_that_moves_with_new_guids_links_and_words_brings_nothing_new() -> None:
    moved = [numbered(n, url=f"https://site.example/posts/{n}", published=START) for n in range(1, 5)]
    fresh = numbered(9)
    before = [stored(n, url=f"https://site.example/?p={n}") for n in range(1, 5)]
    assert changes([fresh, *moved], *before).new == (fresh,)
    assert len(changes(moved[:2], *before[:2]).new) == 2
    assert len(changes([replace(e, published=START + timedelta(days=7)) for e in moved], *before).new) == 4


def test_a_few_old_titles_among_many_new_ones_are_no_flood() -> None:
    arrived = [numbered(n) for n in range(1, 9)]
    assert changes(arrived, *(stored(n) for n in range(1, 4))).new == tuple(arrived[::-1])
    assert changes(arrived[:2], stored(1), stored(2)).new == tuple(arrived[1::-1])


def test_a_title_that_several_have_tells_nothing_in_a_flood() -> None:
    arrived = [numbered(n, title="Weekly", url="https://new.example/weekly") for n in range(1, 5)]
    assert changes(arrived, stored(1, title="Weekly", url="https://site.example/weekly")).new == tuple(arrived[::-1])
    before = [stored(n, title="Weekly", url="https://site.example/weekly") for n in range(1, 5)]
    assert changes(arrived, *before).new == tuple(arrived[::-1])


def shifting(n: int, **changes: Any) -> Entry:
    return numbered(n, **({"content": f"Words {n}", "url": f"https://site.example/{n}?r=new{n}"} | changes))


def kept(n: int, **changes: Any) -> KnownEntry:
    words = said_hash(changes.pop("words", f"Words {n}"))
    return stored(n, **({"words": words, "url": f"https://site.example/{n}?r=old{n}"} | changes))


def test_guids_dates_and_parameters_that_a_feed_makes_up_at_every_poll_are_no_news_and_no_edit() -> None:
    found = changes([shifting(n) for n in range(4)], *(kept(n) for n in range(4)))
    assert (found.new, found.changed, found.renamed) == ((), (), 4)
    assert all(how.endswith("title and words are as before") for _, how in found.again)
    undated = changes(
        [shifting(n, published=None, url=f"https://site.example/new{n}") for n in range(4)],
        *(kept(n, published=None, again="x: title and words are as before") for n in range(4)),
    )
    assert (undated.new, undated.changed, undated.renamed) == ((), (), 4)


def test_one_entry_with_the_words_of_another_must_have_its_page_or_its_date_too() -> None:
    assert changes([shifting(1)], kept(1)).new == (shifting(1),)
    assert changes([shifting(1, published=START)], kept(1)).new == ()
    assert changes([shifting(1, url="https://site.example/1?r=old1")], kept(1)).new == ()


def test_the_puzzles_of_a_day_are_not_those_of_the_day_before() -> None:
    puzzles = [shifting(n, url=f"https://site.example/today/{n}") for n in range(4)]
    assert changes(puzzles, *(kept(n) for n in range(4))).renamed == 0


def test_what_was_doubled_once_is_not_doubled_further() -> None:
    twice = [kept(n, words="Same", title="Same", url="https://site.example/s") for n in range(8)]
    arrived = [shifting(n, content="Same", title="Same", url=f"https://site.example/s?r={n}") for n in range(4)]
    assert changes(arrived, *twice).new == ()


def alone(entry: Entry, *before: KnownEntry, seen: int = 0, is_whole: bool = True) -> Changes:
    return dedup.changes(Feed(format="rss20", entries=(entry,), seen=seen), before, is_whole=is_whole)


NEXT = numbered(2, guid="g", content="Other words")


def test_the_next_entry_of_a_feed_of_one_under_one_guid_is_known_by_its_link() -> None:
    first = known(words=said_hash("Words"))
    new = replace(NEXT, guid=NEXT.url or "")
    assert alone(NEXT, first) == Changes(new=(new,))
    second = known(2, guid=new.guid, url=new.url, title=new.title, published=new.published, hash=new.hash)
    assert alone(NEXT, first, second) == Changes()
    edited = replace(NEXT, title="Better title", hash="edited")
    assert alone(edited, first, second).changed == (replace(edited, id=2, guid=new.guid),)
    third = numbered(3, guid="g", content="More", published=START + timedelta(days=20))
    assert [e.guid for e in alone(third, first, second).new] == [third.url]
    assert alone(replace(ENTRY, hash="h"), first, second) == Changes()


@pytest.mark.parametrize(
    "edit",
    [
        {"url": "http://www.site.example/a?utm_source=x"}, {"title": "TITLE"}, {"content": "Words"},
        {"published": START}, {"published": None}, {"title": None}, {"url": None},
    ],
)  # fmt: skip
def test_an_entry_of_which_anything_is_as_before_was_edited(edit: dict[str, Any]) -> None:
    entry, first = replace(NEXT, **edit), known(words=said_hash("Words"))
    assert alone(entry, first).changed == (replace(entry, id=1),)


def test_among_others_or_in_a_part_of_a_feed_an_entry_with_a_known_guid_was_edited() -> None:
    first = known(words=said_hash("Words"))
    for found in (alone(NEXT, first, seen=1), alone(NEXT, first, is_whole=False)):
        assert found.changed == (replace(NEXT, id=1),)
    taken = replace(ENTRY, guid=NEXT.url or "", url="https://site.example/c", hash="c")
    assert changes([NEXT, taken], first).new == (taken,)


def test_by_what_an_entry_is_known_is_said() -> None:
    page = "https://site.example/a"
    assert dedup.known_by("urn:7", page, None) == "known by its guid urn:7"
    assert dedup.known_by(page, page, None) == "known by its link"
    for made in ("0123456789abcdef" * 2, "g#" + "0123456789abcdef" * 2):
        assert "no guid of its own" in dedup.known_by(made, page, None)
    assert dedup.known_by("g", page, "came again") == "known by its guid g; it came again"


def test_an_edit_is_what_a_reader_sees() -> None:
    seen = [
        replace(ARTICLE, title="Other"), replace(ARTICLE, text=WORDS + "More."),
        replace(ARTICLE, images=(Image(url="i", caption="New"),)),
    ]  # fmt: skip
    unseen = [
        replace(ARTICLE, title="  title "), replace(ARTICLE, byline="X"), replace(ARTICLE, html="<p>"),
        replace(ARTICLE, images=(Image(url="i"),)), replace(ARTICLE, text=WORDS.replace(" ", "\n")),
    ]  # fmt: skip
    assert [dedup.revised(ARTICLE, other) for other in seen] == [True] * 3
    assert [dedup.revised(ARTICLE, other) for other in unseen] == [False] * 5


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Updated 4 minutes ago", "Updated 3 hours ago"), ("1,204 views · 17 comments", "1,377 views · 21 comments"),
        ("By Jo Doe | Updated just now", "By Jo Doe | Last updated on Nov 25, 2026 at 14:05 GMT"), ("3h ago", "2 days ago"),
        ("Stand: 25.11.2026, 14:05 Uhr", "Stand: 25.11.2026, 16:20 Uhr"), ("vor 4 Minuten aktualisiert", "vor einer Stunde"),
        ("Mis à jour il y a 4 minutes", "Mis à jour il y a 2 heures"), ("hace 4 minutos", "hace 3 horas"), ("4 ore fa", ""),
        ("Обновлено 4 минуты назад", "Обновлено 3 часа назад"), ("4分钟前", "3小时前"), ("阅读 1204 次", "阅读 1377 次"),
        ("", "Sign up for our morning newsletter and never miss a story"), ("", "Melden Sie sich für unseren Newsletter an"),
        ("", "Recevez chaque matin notre newsletter"), ("", "Get the day’s top stories in your inbox."), ("", "Newsletter"),
    ],
)  # fmt: skip
def test_lines_that_change_by_themselves_are_no_edit(one: str, other: str) -> None:
    before, after = (replace(ARTICLE, text=f"{said}\n\n{WORDS}") for said in (one, other))
    assert not dedup.revised(before, after)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("25 November 2026", "26 November 2026"), ("It cost 4 crowns", "It cost 5 crowns"), ("3 - 1", "3 - 2"), ("-5", "5"),
        ("Now 4 ships are missing", "Now 5 ships are missing"), ("He read the newsletter", "He wrote the newsletter"),
        ("Updated: the mayor was first", "Updated: the mayor was last"), ("Get out", "Go out"), ("Four views", "Five views"),
    ],
)  # fmt: skip
def test_short_lines_that_say_something_are_edited(one: str, other: str) -> None:
    before, after = (replace(ARTICLE, text=f"{said}\n\n{WORDS}") for said in (one, other))
    assert dedup.revised(before, after)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Tomas", "Tomáš"),
        ("los anos", "los años"),
        ("schon da", "schön da"),
        ("us troops", "US troops"),
        ("مدرسة", "مدرّسة"),
    ],
)
def test_a_name_that_gets_its_accents_is_an_edit(one: str, other: str) -> None:
    before, after = (replace(ARTICLE, text=f"{WORDS} It was {said}.") for said in (one, other))
    assert dedup.revised(before, after)
    assert dedup.revised(replace(ARTICLE, title="Tomas"), replace(ARTICLE, title="Tomáš"))
    again = replace(before, text=before.text.replace("The", "\u201cThe").replace(" - ", " \u2013 "))
    assert not dedup.revised(again, replace(again, text=again.text.replace("\u201c", '"').replace("\u2013", "-")))


@pytest.mark.parametrize(
    ("left", "is_cut"),
    [
        ("Please verify that you are a human. Enable JavaScript and cookies to continue.", True),
        ("The harbour of the old town was closed on Monday after\n\nSubscribe now to continue reading. Log in.", True),
        ("The harbour of the old town was closed on Monday", True),
        (f"{'Something else happened there. ' * 20}\n\nSubscribe.", False),
        (WORDS, False), ("", True), ("Este artículo ha sido retirado por la redacción.", False), ("本文已撤回。", False),
        ("This article has been retracted: its author invented quotations. The editors apologise.", False),
        ("Cet article a été retiré.", False), ("Der Beitrag wurde zurückgezogen.", False),
    ],
)  # fmt: skip
def test_a_text_of_which_a_notice_or_the_first_lines_are_left_was_cut(left: str, is_cut: bool) -> None:
    before = replace(ARTICLE, text=WORDS + "The divers found two of the boxes. ")
    assert dedup.cut(before, replace(ARTICLE, text=left)) is is_cut


def test_a_short_text_that_is_written_anew_was_not_cut() -> None:
    brief = replace(ARTICLE, text="The ferry is late. " * 10)
    assert not dedup.cut(brief, replace(ARTICLE, text="The ferry has come."))


def test_what_is_new_comes_oldest_first() -> None:
    undated = [Entry(guid=g, url=f"https://a.example/{g}", hash=g) for g in "cba"]  # the newest on top
    assert [e.guid for e in changes(undated).new] == ["a", "b", "c"]
    days = {"c": 1, "b": 3, "a": 2}
    dated = [replace(e, published=START + timedelta(days=days[e.guid])) for e in undated]
    assert [e.guid for e in changes(dated).new] == ["c", "a", "b"]
