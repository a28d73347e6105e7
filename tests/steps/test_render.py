import io
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import feedparser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from aggregator.model import Archived, Article, Enclosure, Image, Topic
from aggregator.steps import render

BASE = "http://127.0.0.1:8080"
TOPIC = Topic(name="korea", match="korea", title="North Korea")
SEEN = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
NS = {
    "a": "http://www.w3.org/2005/Atom",
    "m": "http://search.yahoo.com/mrss/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "content": "http://purl.org/rss/1.0/modules/content/",
}
XML_FORMATS = ("atom", "rss")


def article(**changes: Any) -> Article:
    said: dict[str, Any] = {
        "url": "https://example.org/a?x=1&y=2",
        "title": "Kim & Co. meet",
        "text": "First.\n\nSecond <b>.",
        "byline": "Jo Doe",
        "published": SEEN - timedelta(days=1),
        "language": "en",
        "summary": "In short: a < b",
        "images": (
            Image(url="https://example.org/1.jpg", caption="A caption & more", credit="AFP", position=1),
            Image(url="https://example.org/2.jpg", caption="Another", position=2),
        ),
    }
    return Article(**(said | changes))


def archived(*, of: Article | None = None, **changes: Any) -> Archived:
    said: dict[str, Any] = {
        "article": of or article(),
        "source": "example",
        "guid": "tag:1",
        "categories": ("Asia", "Politics"),
        "enclosures": (
            Enclosure(url="https://example.org/a.mp3", type="audio/mpeg", length=1234),
            Enclosure(url="https://example.org/b.ogg"),
        ),
        "first_seen": SEEN,
        "id": 7,
    }
    return Archived(**(said | changes))


def feed(
    format: str, *articles: Archived, topic: Topic = TOPIC, base: str = BASE, also: Mapping[int, list[Archived]] = {}
) -> bytes:
    said = [render.rendered(a, also.get(a.id or 0, ()), topic.full_text) for a in articles]
    return b"".join(map(bytes, render.document(format, render.head(topic, base), render.fragments(said))))


def entry_id(each: Archived) -> str:
    return render.rendered(each).id


def root(format: str, *articles: Archived, **more: Any) -> etree._Element:
    return etree.fromstring(feed(format, *articles, **more))


def entry(format: str, *articles: Archived, **more: Any) -> etree._Element:
    found = root(format, *articles, **more).find("a:entry" if format == "atom" else "channel/item", NS)
    assert found is not None
    return found


def item(*articles: Archived, **more: Any) -> Any:
    return json.loads(feed("json", *articles, **more))["items"][0]


@pytest.mark.parametrize("format", XML_FORMATS)
def test_feedparser_reads_back_what_was_said(format: str) -> None:
    parsed = feedparser.parse(io.BytesIO(feed(format, archived())))
    assert not parsed.bozo
    assert parsed.feed.title == "North Korea"
    assert parsed.feed.language == "en"
    [read] = parsed.entries
    assert read.id == entry_id(archived())
    assert read.title == "Kim & Co. meet" or read.title == "Kim &amp; Co. meet"
    assert read.link == "https://example.org/a?x=1&y=2"
    assert read.author == "Jo Doe"
    assert [t.term for t in read.tags] == ["Asia", "Politics"]
    assert read.published_parsed[:4] == (2026, 2, 28, 12)
    assert "A caption &amp; more AFP" in read.content[0].value
    assert (read.enclosures[0].href, read.enclosures[0].type, read.enclosures[0].length) == (
        "https://example.org/a.mp3",
        "audio/mpeg",
        "1234",
    )
    assert [m["url"] for m in read.media_content if m.get("medium") == "image"] == [
        "https://example.org/1.jpg",
        "https://example.org/2.jpg",
    ]


@pytest.mark.parametrize("format", XML_FORMATS)
def test_each_image_keeps_its_own_caption_and_credit(format: str) -> None:
    media = entry(format, archived()).findall("m:content[@medium='image']", NS)
    said = [(m.get("url"), m.findtext("m:description", None, NS), m.findtext("m:credit", None, NS)) for m in media]
    assert said == [
        ("https://example.org/1.jpg", "A caption & more", "AFP"),
        ("https://example.org/2.jpg", "Another", None),
    ]
    assert entry(format, archived()).find("m:group", NS) is None


def test_json_feed_says_the_same() -> None:
    said = archived(feed_url="https://example.org/feed")
    read = item(said)
    assert read["id"] == entry_id(said)
    assert read["title"] == "Kim & Co. meet"
    assert read["_media"][0] == {
        "url": "https://example.org/1.jpg",
        "caption": "A caption & more",
        "credit": "AFP",
    }
    assert read["attachments"] == [
        {"url": "https://example.org/a.mp3", "mime_type": "audio/mpeg", "size_in_bytes": 1234},
        {"url": "https://example.org/b.ogg", "mime_type": "application/octet-stream"},
    ]
    assert read["_source"] == {"name": "example", "url": "https://example.org/feed"}
    assert read["authors"] == [{"name": "Jo Doe"}]
    assert read["date_modified"] == "2026-03-01T12:00:00+00:00"


def test_json_feed_leaves_out_what_is_not_known() -> None:
    plain = Article(url="", title="", text="")
    read = item(Archived(article=plain, source="example", first_seen=SEEN))
    assert set(read) == {"id", "title", "content_html", "date_modified", "_source"}
    assert read["title"] == "Untitled"


def test_the_content_is_the_same_in_every_format() -> None:
    written = item(archived())["content_html"]
    assert entry("atom", archived()).findtext("a:content", None, NS) == written
    assert entry("rss", archived()).findtext("content:encoded", None, NS) == written


@pytest.mark.parametrize("format", render.FORMATS)
def test_the_same_input_gives_the_same_bytes(format: str) -> None:
    written = feed(format, archived())
    assert written == feed(format, archived(), base=BASE + "/")
    assert b"2026-0" in written or b"2026 " in written
    assert written != feed(format, archived(revised_at=SEEN + timedelta(hours=1)))


@pytest.mark.parametrize("format", render.FORMATS)
def test_control_characters_are_left_out_everywhere(format: str) -> None:
    dirty = "a\x00b\x0b\ud800c\ufffe"
    of = article(
        title=dirty,
        text=dirty,
        html=f"<p>{dirty}</p>",
        byline=dirty,
        summary=dirty,
        url=f"https://example.org/{dirty}",
        images=(Image(url=f"https://example.org/{dirty}", caption=dirty, credit=dirty),),
    )
    each = archived(
        of=of, source=dirty, guid=dirty, categories=(dirty,), enclosures=(Enclosure(url="http://a/" + dirty),)
    )
    topic = Topic(name="korea", match="", title=dirty)
    written = feed(format, each, topic=topic, also={7: [each]}).decode()
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe]", written)
    if format != "json":
        etree.fromstring(written.encode())


@pytest.mark.parametrize(
    ("title", "text", "url", "expected"),
    [
        ("  ", "The first words.", "https://a/", "The first words."),
        ("\x00", "word " * 50, "https://a/", "word " * 15 + "word…"),
        ("", "", "https://a/", "https://a/"),
        ("", "", "", "Untitled"),
    ],
)
def test_a_title_is_never_empty(title: str, text: str, url: str, expected: str) -> None:
    each = archived(of=article(title=title, text=text, url=url))
    assert entry("atom", each).findtext("a:title", None, NS) == expected
    assert entry("rss", each).findtext("title") == expected


def test_a_renamed_source_keeps_the_ids_of_its_entries() -> None:
    address = "https://example.org/feed"
    id = item(archived(feed_url=address))["id"]
    assert id == item(archived(source="renamed", feed_url=address))["id"]
    assert id != item(archived(feed_url=f"{address}2"))["id"]


def test_an_id_rests_on_what_the_publisher_said_alone() -> None:
    id = entry_id(archived())
    assert id == entry_id(archived(id=99, of=article(title="Edited"), revisions=2))
    assert id != entry_id(archived(source="other"))
    assert id != entry_id(archived(guid="tag:2"))
    assert entry_id(archived(guid=None)) != entry_id(archived(guid=None, of=article(url="https://b/")))
    assert re.fullmatch("urn:aggregator:article:[0-9a-f]{64}", id)


def test_atom_keeps_the_rules_of_rfc_4287() -> None:
    feed = root("atom", archived(), archived(guid="tag:2", of=article(byline=None)))
    for element in [feed, *feed.findall("a:entry", NS), *feed.findall("a:entry/a:source", NS)]:
        for name in ("id", "title", "updated"):
            assert len(element.findall(f"a:{name}", NS)) == 1, name
            assert element.findtext(f"a:{name}", None, NS)
        times = [datetime.fromisoformat(t.text or "") for t in element.findall("a:updated", NS)]
        assert all(t.tzinfo for t in times)
    assert feed.findtext("a:author/a:name", None, NS) == "North Korea"
    assert feed.find("a:link[@rel='self']", NS).get("href") == f"{BASE}/feeds/korea.atom"  # type: ignore[union-attr]
    enclosures = entry("atom", archived()).findall("a:link[@rel='enclosure']", NS)
    assert [(e.get("type"), e.get("length")) for e in enclosures] == [("audio/mpeg", "1234"), (None, None)]
    alternates = [
        e for e in entry("atom", archived()).findall("a:link", NS) if e.get("rel", "alternate") == "alternate"
    ]
    assert len(alternates) == 1


def test_an_entry_without_byline_names_its_source_as_author_not_us() -> None:
    each = entry("atom", archived(of=article(byline=None)))
    assert each.find("a:author", NS) is None
    assert each.findtext("a:source/a:author/a:name", None, NS) == "example"


def test_rss_keeps_its_rules() -> None:
    channel = root("rss", archived()).find("channel")
    assert channel is not None
    assert channel.findtext("link") == f"{BASE}/"
    assert channel.find("a:link[@rel='self']", NS).get("href") == f"{BASE}/feeds/korea.rss"  # type: ignore[union-attr]
    assert parsedate_to_datetime(channel.findtext("lastBuildDate") or "") == SEEN
    each = entry("rss", archived())
    assert parsedate_to_datetime(each.findtext("pubDate") or "") == SEEN - timedelta(days=1)
    assert each.find("guid").get("isPermaLink") == "false"  # type: ignore[union-attr]
    assert each.findtext("dc:creator", None, NS) == "Jo Doe"
    assert each.findtext("description") == "In short: a &lt; b"
    assert len(each.findall("enclosure")) == 1
    assert each.find("m:content[@url='https://example.org/b.ogg']", NS) is not None


@pytest.mark.parametrize(
    ("feed_url", "url"), [("", "https://example.org/"), ("https://example.org/feed", "https://example.org/feed")]
)
def test_the_source_is_named_with_its_feed_or_else_its_site(feed_url: str, url: str) -> None:
    source = entry("rss", archived(feed_url=feed_url)).find("source")
    assert source is not None
    assert (source.get("url"), source.text) == (url, "example")
    assert entry("atom", archived(feed_url=feed_url)).findtext("a:source/a:id", None, NS) == url


def test_the_source_has_the_id_and_the_time_that_its_feed_said() -> None:
    each = archived(
        feed_url="https://example.org/feed", feed_id="tag:example.org,2024:all", feed_updated=SEEN - timedelta(days=1)
    )
    source = entry("atom", each).find("a:source", NS)
    assert source is not None
    assert source.findtext("a:id", None, NS) == "tag:example.org,2024:all"
    assert source.findtext("a:updated", None, NS) == (SEEN - timedelta(days=1)).isoformat()
    said = item(each)["_source"]
    assert (said["id"], said["updated"]) == ("tag:example.org,2024:all", (SEEN - timedelta(days=1)).isoformat())


@pytest.mark.parametrize(
    ("feed_url", "feed_id"),
    [
        ("https://example.org/feed", "no address at all"),
        ("https://example.org/feed", "https://example.org/feed?token=5ecret"),
        ("https://example.org/feed?token=5ecret", "https://example.org/5ecret"),
    ],
)
def test_what_a_feed_calls_itself_by_is_left_out_where_it_is_no_id_or_may_be_a_secret(
    feed_url: str, feed_id: str
) -> None:
    each = archived(feed_url=feed_url, feed_id=feed_id)
    said = entry("atom", each).findtext("a:source/a:id", None, NS)
    assert said in ("https://example.org/feed", "https://example.org/")
    assert "id" not in item(each)["_source"]


def test_an_article_from_nowhere_has_no_links() -> None:
    each = archived(of=article(url="urn:x"), enclosures=(Enclosure(url="javascript:alert(1)"),))
    assert entry("rss", each).find("source") is None
    assert entry("rss", each).find("enclosure") is None
    assert entry("atom", each).find("a:link", NS) is None
    assert entry("atom", archived(of=article(url="http://[bad"))).find("a:source/a:link", NS) is None


def test_only_the_summary_is_published_where_the_topic_says_so() -> None:
    topic = Topic(name="korea", match="", full_text=False)
    read = json.loads(feed("json", archived(), archived(guid="2", of=article(summary=None)), topic=topic))
    assert read["title"] == "korea"
    assert [i["content_html"] for i in read["items"]] == ["<p>In short: a &lt; b</p>", "<p>First.</p>"]


def test_copies_are_named_only_when_given() -> None:
    copy = archived(id=8, source="o<ther", of=article(url='https://o.org/"'))
    line = '<p class="also">Also in: <a href="https://o.org/%22">o&lt;ther</a></p>'
    assert item(archived(), also={7: [archived(), copy]})["content_html"].endswith(line)
    assert "Also in" not in item(archived(), also={9: [copy]})["content_html"]
    assert "Also in" not in item(archived())["content_html"]


def test_pictures_stand_between_the_paragraphs_of_an_article_without_html() -> None:
    far = article(images=(Image(url="https://a/1"), Image(url="https://a/2", caption="<i>", position=99)))
    assert render.html(far) == (
        '<figure><img referrerpolicy="no-referrer" src="https://a/1" alt=""></figure>\n<p>First.</p>\n<p>Second &lt;b&gt;.</p>\n'
        '<figure><img referrerpolicy="no-referrer" src="https://a/2" alt=""><figcaption>&lt;i&gt;</figcaption></figure>'
    )
    assert render.html(article(html="<p>Mine</p>")) == "<p>Mine</p>"


@pytest.mark.parametrize("format", render.FORMATS)
def test_an_empty_topic_is_a_sound_feed_of_no_age(format: str) -> None:
    written = feed(format)
    read = feedparser.parse(io.BytesIO(written)) if format != "json" else None
    assert read is None or (not read.bozo and not read.entries)
    assert format == "json" or b"1970" in written


def test_languages_are_said_of_each_entry() -> None:
    both = (
        archived(),
        archived(guid="2", of=article(language="ko")),
        archived(guid="3", of=article(language="not one!")),
    )
    langs = [e.get("{http://www.w3.org/XML/1998/namespace}lang") for e in root("atom", *both).findall("a:entry", NS)]
    assert langs == ["en", "ko", None]
    assert root("rss", *both).find("channel/language") is None
    assert entry("rss", *both).findtext("dc:language", None, NS) == "en"


def test_an_entry_that_came_twice_is_there_once() -> None:
    given = f"urn:aggregator:article:{'0' * 64}"
    both = archived(guid=given), archived(guid=given, source="other")
    assert [e.text for e in root("atom", *both).findall("a:entry/a:id", NS)] == [given]
    assert [i["id"] for i in json.loads(feed("json", *both))["items"]] == [given]


def test_who_says_the_id_of_another_takes_nobodys_place() -> None:
    own = archived(guid="2")
    made = render.rendered(own).id
    false = archived(guid=made, source="other", of=article(title="Mine"))
    for both in ((false, own), (own, false)):
        assert [i["title"] for i in json.loads(feed("json", *both))["items"]] == [own.article.title]
    older = archived(guid=f"urn:aggregator:article:{'0' * 64}")
    newer = archived(guid=older.guid, source="other", of=article(title="Mine"))
    assert [i["title"] for i in json.loads(feed("json", newer, older))["items"]] == [older.article.title]


def test_what_is_deleted_of_one_source_and_there_of_another_is_not_told_to_be_gone() -> None:
    here = archived(guid=f"urn:aggregator:article:{'0' * 64}")
    gone = f"urn:aggregator:article:{'1' * 64}"
    head = replace(render.head(TOPIC, BASE), deleted=((entry_id(here), SEEN), (gone, SEEN)))
    said = b"".join(map(bytes, render.document("atom", head, render.fragments([render.rendered(here)]))))
    told = [e.get("ref") for e in etree.fromstring(said) if str(e.tag).endswith("deleted-entry")]
    assert told == [gone]


def test_the_index_names_topics_and_articles() -> None:
    page = render.index([TOPIC, Topic(name="x", match="", title="<X>")], [archived()]).decode()
    assert 'href="korea.atom"' in page
    assert "&lt;X&gt;" in page
    assert 'href="https://example.org/a?x=1&amp;y=2"' in page
    assert page == render.index([TOPIC, Topic(name="x", match="", title="<X>")], [archived()]).decode()


TAGS = {"atom": "<entry> <item>", "rss": "&lt;entry> &lt;item>"}  # many readers take RSS titles for HTML


def test_an_entry_reads_the_same_whatever_stands_around_it() -> None:
    both = archived(), archived(guid="2", of=article(title="<entry> <item>", html="<p>]]></p>", language="ko"))
    alone = [f for each in both for f in render.fragments([render.rendered(each)])]
    assert alone == render.fragments([render.rendered(each) for each in both])
    for format in XML_FORMATS:
        together = etree.fromstring(b"".join(map(bytes, render.document(format, render.head(TOPIC, BASE), alone))))
        assert [e.text for e in together.iter("{*}title")].count(TAGS[format]) == 1


@pytest.mark.parametrize("sizes", [[150_000, 150_000, 10], [400_000, 10, 10, 400_000], [299_000, 600, 600]])
def test_entries_too_large_to_be_rendered_together_are_all_there_in_their_order(sizes: list[int]) -> None:
    said = [
        render.rendered(archived(of=article(text=f"Number {n}. " + "w" * size), id=n)) for n, size in enumerate(sizes)
    ]
    assert render.fragments(said) == [f for each in said for f in render.fragments([each])]


@pytest.mark.parametrize("format", XML_FORMATS)
def test_a_browser_shows_a_feed_with_words_on_how_to_follow_it(format: str) -> None:
    read = root(format, archived())
    assert str(read.getprevious()) == '<?xml-stylesheet type="text/css" href="feed.css"?>'
    div = read.find(".//{http://www.w3.org/1999/xhtml}div")
    assert div is not None
    assert f"{BASE}/feeds/korea.{format}" in "".join(map(str, div.itertext()))
    assert b"h|div" in render.style()


def test_no_element_has_a_prefix_that_nobody_chose() -> None:
    head = render.with_page(render.head(TOPIC, BASE, "https://hub.example/"), 1, 1)
    for format in ("atom", "rss"):
        assert b"ns0" not in b"".join(map(bytes, render.document(format, head, []))), format


def test_a_hub_is_named_in_every_format() -> None:
    head = render.head(TOPIC, BASE, "https://hub.example/")
    for format in XML_FORMATS:
        read = feedparser.parse(io.BytesIO(b"".join(map(bytes, render.document(format, head, [])))))
        assert [link.href for link in read.feed.links if link.rel == "hub"] == ["https://hub.example/"]
    assert json.loads(b"".join(map(bytes, render.document("json", head, []))))["hubs"] == [
        {"type": "WebSub", "url": "https://hub.example/"}
    ]
    assert b"hub" not in feed("json")


text = st.text(max_size=40)
times = st.datetimes(datetime(1000, 1, 2), datetime(9999, 1, 1), timezones=st.just(UTC))
urls = text.map(lambda t: f"https://example.org/{t}") | text
images = st.builds(Image, url=urls, caption=st.none() | text, credit=st.none() | text, position=st.integers(0, 9))
enclosures = st.builds(Enclosure, url=urls, type=st.none() | text, length=st.none() | st.integers(-1, 10**12))
articles = st.builds(
    Article,
    url=urls,
    title=text,
    text=text,
    html=text,
    byline=st.none() | text,
    published=st.none() | times,
    language=st.none() | text | st.just("de-at"),
    summary=st.none() | text,
    images=st.lists(images, max_size=3).map(tuple),
)
everything = st.builds(
    Archived,
    article=articles,
    source=text,
    guid=st.none() | text,
    categories=st.lists(text, max_size=3).map(tuple),
    enclosures=st.lists(enclosures, max_size=3).map(tuple),
    first_seen=times,
    revised_at=st.none() | times,
    id=st.integers(1, 9),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(everything, max_size=3, unique_by=entry_id), st.booleans())
def test_whatever_was_archived_renders_and_reads_back(wild: list[Archived], full_text: bool) -> None:
    topic = Topic(name="wild", match="", full_text=full_text)
    ids = [entry_id(a) for a in wild]
    atom, rss = (root(format, *wild, topic=topic, also={1: wild}) for format in XML_FORMATS)
    read = json.loads(feed("json", *wild, topic=topic, also={1: wild}))
    assert [e.text for e in atom.findall("a:entry/a:id", NS)] == ids
    assert [e.text for e in rss.findall("channel/item/guid")] == ids
    assert [e["id"] for e in read["items"]] == ids
    titles = [e["title"] for e in read["items"]]
    assert all(titles)
    assert [e.text for e in atom.findall("a:entry/a:title", NS)] == titles
    shown = [e.text or "" for e in rss.findall("channel/item/title")]  # for readers who take it for HTML
    assert [title.replace("&lt;", "<") for title in shown] == [title.replace("&lt;", "<") for title in titles]
    assert not any(re.search("<[A-Za-z/!?]", title) for title in shown)
    assert all(urlsplit(e["url"]).scheme == "https" for e in read["items"] if "url" in e)
