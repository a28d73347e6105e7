"""steps.dedup"""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from aggregator.model import Alike, Article, Changes, Entry, Feed, Image, KnownEntry
from aggregator.steps import dedup
from tests.fakes import START, WORDS

ENTRY = Entry(guid="g", url="https://site.example/a", title="Title", published=START, hash="h")
ARTICLE = Article(url="https://site.example/a", title="Title", text=WORDS)


def known(id: int = 1, **changes: Any) -> KnownEntry:
    values = {"guid": "g", "url": ENTRY.url, "title": "Title", "published": START, "hash": "h"}
    return KnownEntry(id=id, **(values | changes))


def changes(entries: list[Entry], *stored: KnownEntry) -> Changes:
    return dedup.changes(Feed(format="rss20", entries=tuple(entries)), stored)


def alike(**changes: Any) -> Alike:
    values: dict[str, Any] = {
        "id": 7, "story": 5, "source_id": 1, "url": "https://site.example/a", "title": "Title", "origin": "page",
        "same_page": False, "same_text": False,
    }  # fmt: skip
    return Alike(**(values | changes))


def test_what_is_not_known_is_new() -> None:
    assert changes([ENTRY]) == Changes(new=(ENTRY,))


def test_what_hashes_as_before_is_nothing() -> None:
    assert changes([ENTRY], known()) == Changes()


def test_what_hashes_otherwise_changed() -> None:
    assert changes([ENTRY], known(hash="old")) == Changes(changed=(replace(ENTRY, id=1),))


def test_a_moved_guid_with_the_same_hash_and_page_is_nothing() -> None:
    assert changes([replace(ENTRY, guid="new")], known()) == Changes()


def test_a_moved_guid_with_title_link_and_date_keeps_the_old_guid() -> None:
    moved = replace(ENTRY, guid="new", hash="other", url="http://www.site.example/a?utm_source=x", title="TITLE")
    assert changes([moved], known()) == Changes(changed=(replace(moved, id=1, guid="g"),))


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


def test_an_article_like_no_other_is_first() -> None:
    assert dedup.judge(ARTICLE, 1, []).relation == "first"


def test_the_same_page_is_the_same_article() -> None:
    for other in (
        alike(same_page=True, same_text=True),
        alike(same_page=True),
        alike(same_page=True, source_id=2, title="X"),
    ):
        verdict = dedup.judge(ARTICLE, 1, [other])
        assert (verdict.relation, verdict.story, verdict.copy_of) == ("same", 5, 7)
        assert other.url in verdict.reason


def test_one_feed_that_says_several_things_of_one_page_has_several_articles() -> None:
    assert dedup.judge(ARTICLE, 1, [alike(same_page=True, title="Another")]).relation == "first"


def test_the_same_text_elsewhere_is_a_copy_of_the_oldest() -> None:
    others = [alike(same_text=True), alike(same_text=True, id=9, url="https://third.example/")]
    verdict = dedup.judge(ARTICLE, 2, others)
    assert (verdict.relation, verdict.story, verdict.copy_of) == ("copy", 5, 7)


def test_the_same_page_goes_before_an_older_copy() -> None:
    verdict = dedup.judge(ARTICLE, 1, [alike(same_text=True), alike(same_page=True, id=9)])
    assert (verdict.relation, verdict.copy_of) == ("same", 9)


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
