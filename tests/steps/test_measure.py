"""What of a document is too much is cut, and said in words of its own."""

import json

import pytest

from aggregator.model import EntryLimits, Feed, Response
from aggregator.steps import parse
from aggregator.steps.measure import bounded
from tests.hostile.feeds import atom, entry, item, rss

URL = "https://site.example/feed"
LIMITS = EntryLimits(
    max_characters=1000,
    max_depth=5,
    max_attributes=3,
    max_pictures=2,
    max_title=50,
    max_author=30,
    max_categories=3,
    max_category=20,
    max_caption=40,
)
MEDIA = 'xmlns:media="http://search.yahoo.com/mrss/"'
PICTURES = "".join(f'<media:content url="/{n}.jpg" medium="image"/>' for n in range(3))
FILES = "".join(f'<enclosure url="/{n}.mp3" length="9" type="audio/mpeg"/>' for n in range(3))
NAMED, LONG = (" ".join(f'data-{n}="{"x" * size}"' for n in range(4)) for size in (110, 400))

CHARACTERS = "an entry has over 1,000 characters, cut (entry.max_characters)"
DEPTH = "the markup of an entry is more than 5 elements deep, cut (entry.max_depth)"
ATTRIBUTES = "an element has more than 3 attributes, cut (entry.max_attributes)"
MANY = "an entry has more than 2 pictures or files, cut (entry.max_pictures)"
TITLE = "a title has over 50 characters, cut (entry.max_title)"
AUTHOR = "the names of authors have over 30 characters, cut (entry.max_author)"
CATEGORIES = "an entry has more than 3 categories, cut (entry.max_categories)"
CATEGORY = "a category has over 20 characters, cut (entry.max_category)"
CAPTION = "a caption or credit has over 40 characters, cut (entry.max_caption)"
ENTRIES = "only its first 2 entries are read (poll.max_entries)"


def read(said: str, most: int | None = None) -> Feed:
    return parse.feed(Response(url=URL, status=200, body=said.encode()), b"", most, LIMITS)


def described(markup: str) -> str:
    return rss(item(1, f"<description><![CDATA[{markup}]]></description>"))


def captioned(name: str) -> str:
    return f'<media:content url="/1.jpg" medium="image"><{name}>{"words " * 10}</{name}></media:content>'


def as_json(**said: object) -> str:
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": [{"id": "1", **said}]})


@pytest.mark.parametrize(
    ("said", "cut"),
    [
        (described("word " * 201), CHARACTERS),
        (described("<div>" * 6 + "word" + "</div>" * 6), DEPTH),
        (described(f"<p {NAMED}>word</p>" + "<br>" * 6), ATTRIBUTES),
        (atom(entry(1, f'<content type="html">{"word " * 201}</content>')), CHARACTERS),
        (rss(item(1, f"<x {LONG}/>")), ATTRIBUTES),
        (rss(item(1, PICTURES), extra=MEDIA), MANY),
        (rss(item(1, FILES)), MANY),
        (as_json(content_html="word " * 201), CHARACTERS),
        (as_json(content_html="<div>" * 6 + "word"), DEPTH),
        (rss(item()).replace("Entry 1", "t" * 51), TITLE),
        (rss(item()).replace("Row", "t" * 51), TITLE),
        (rss(item(1, f"<author>{'a' * 31}</author>")), AUTHOR),
        (rss(item(1, "".join(f"<category>c{n}</category>" for n in range(4)))), CATEGORIES),
        (rss(item(1, f"<category>{'c' * 21}</category>")), CATEGORY),
        (rss(item(1, captioned("media:description")), extra=MEDIA), CAPTION),
        (rss(item(1, captioned("media:credit")), extra=MEDIA), CAPTION),
        (as_json(title="t" * 51), TITLE),
        (as_json(authors=[{"name": "a" * 31}]), AUTHOR),
        (as_json(tags=["c1", "c2", "c3", "c4"]), CATEGORIES),
        (as_json(tags=["c" * 21]), CATEGORY),
        (as_json(attachments=[{"url": f"/{n}.mp3", "mime_type": "audio/mpeg"} for n in range(3)]), MANY),
    ],
)
def test_each_limit_has_words_of_its_own(said: str, cut: str) -> None:
    feed = read(said)
    assert (len(feed.entries), feed.cut) == (1, (cut,))


@pytest.mark.parametrize(
    "said",
    [
        rss(*map(item, range(3))),
        rss(*map(item, range(3))).replace("</item>", "</item >"),  # which cannot be parted
        rss(*map(item, range(3))).replace("</title>", "&</title>"),  # nor read by lxml
        atom(*map(entry, range(3))),
        json.dumps({"version": "https://jsonfeed.org/version/1", "items": [{"id": str(n)} for n in range(3)]}),
    ],
)
def test_of_many_entries_the_first_are_read(said: str) -> None:
    whole, cut = read(said), read(said, 2)
    assert (len(whole.entries), whole.unread) == (3, None)
    assert (cut.entries, cut.unread) == (whole.entries[:2], ENTRIES)


def test_what_is_within_the_limits_is_no_matter() -> None:
    assert read(rss(item(1, "<description>word</description>" + FILES[: len(FILES) // 3]))).cut == ()


@pytest.mark.parametrize("name", ["title", "language", "author"])
def test_words_of_an_entry_have_an_end(name: str) -> None:
    (read_json,) = read(as_json(**{name: {"name": "x" * 10**6} if name == "author" else "x" * 10**6})).entries
    assert 0 < len(getattr(read_json, name)) <= 1000


def test_the_categories_of_an_entry_have_an_end() -> None:
    (one,) = read(as_json(tags=[f"{n} {'x' * 300}" for n in range(1000)])).entries
    assert (len(one.categories), max(map(len, one.categories))) == (3, 20)


@pytest.mark.parametrize("at", range(8))
def test_a_run_of_spaces_is_found_wherever_it_stands(at: int) -> None:
    run = " \t\n\xa0" * 16
    assert bounded("a" * at + run + "b c " * 6000) == "a" * at + "\n" + "b c " * 6000
