import io
from dataclasses import replace

import feedparser
from lxml import etree

from aggregator.model import Archived, Article, Response, Topic
from aggregator.steps import parse, render
from aggregator.steps.podcast import MAX_BYTES, MAX_ELEMENTS, NAMESPACES, elements, podcast
from tests.fakes import START, item, rss

EPISODE = (
    '<itunes:duration>1:02:03</itunes:duration><itunes:episode>7</itunes:episode><itunes:image href="https://a/7.jpg"/>'
    '<podcast:transcript url="https://a/7.vtt" type="text/vtt"/><podcast:person role="host">Jo Doe</podcast:person>'
    '<podcast:value type="lightning"><podcast:valueRecipient name="Jo" split="90"/></podcast:value>'
)
DECLARED = "".join(f' xmlns:{prefix}="{uri}"' for prefix, uri in NAMESPACES.items())


def feed(said: str, declared: str = DECLARED) -> bytes:
    one = item("7", "Seven").replace("</item>", f"{said}</item>")
    return rss(one).replace(b"<rss ", f"<rss{declared} ".encode())


def read(body: bytes) -> str:
    (entry,) = parse.feed(Response(url="https://a/feed", status=200, body=body)).entries
    return entry.podcast


def said(elements: list[etree._Element]) -> list[object]:
    return [
        (e.tag, {str(k): str(v) for k, v in e.attrib.items()}, (e.text or "").strip(), said(list(e))) for e in elements
    ]


def published(podcast: str, format: str) -> bytes:
    article = Article(url="https://a/7", title="Seven", text="")
    archived = Archived(article=article, source="a", guid="7", first_seen=START, podcast=podcast)
    head = render.head(Topic(name="podcasts", match=""), "https://me.example")
    return b"".join(map(bytes, render.document(format, head, render.fragments([render.rendered(archived)]))))


def test_what_a_podcast_says_of_an_episode_is_published_untouched() -> None:
    kept = read(feed(EPISODE))
    original = said(list(etree.fromstring(f"<x{DECLARED}>{EPISODE}</x>")))
    assert said(elements(kept)) == original
    for format, path in (("rss", "channel/item"), ("atom", "{*}entry")):
        (entry,) = etree.fromstring(published(kept, format)).findall(path)
        assert said([e for e in entry if etree.QName(e).namespace in NAMESPACES.values()]) == original
    (entry,) = feedparser.parse(io.BytesIO(published(kept, "rss"))).entries
    assert (entry.itunes_duration, entry.itunes_episode) == ("1:02:03", "7")


def test_its_elements_have_one_spelling_and_nothing_else_comes_with_them() -> None:
    other = ' xmlns:i="HTTP://www.itunes.com/DTDs/Podcast-1.0.dtd" xmlns:x="urn:x"'
    body = feed('<i:duration x:a="1" b="2">60</i:duration><x:y/><i:summary>One <x:b>two</x:b></i:summary>', other)
    assert said(elements(read(body))) == [
        (f"{{{NAMESPACES['itunes']}}}duration", {"b": "2"}, "60", []),
        (f"{{{NAMESPACES['itunes']}}}summary", {}, "One", []),
    ]
    assert read(rss(item("7"))) == ""


def test_very_much_is_cut() -> None:
    many = etree.fromstring(f"<x{DECLARED}>{'<podcast:a/>' * 5000}<itunes:b>{'x' * MAX_BYTES}</itunes:b></x>")
    assert len(elements(podcast(many))) == MAX_ELEMENTS
    deep = etree.fromstring(f"<x{DECLARED}>{'<podcast:a>' * 200}{'</podcast:a>' * 200}</x>")
    assert podcast(deep).count("<podcast:a") == 4
    long = etree.fromstring(f"<x{DECLARED}><itunes:b>{'x' * MAX_BYTES}</itunes:b><itunes:c/></x>")
    assert [etree.QName(e).localname for e in elements(podcast(long))] == ["c"]


def test_an_episode_that_says_something_else_is_another() -> None:
    bodies = [feed(EPISODE), feed(EPISODE.replace("1:02:03", "1:02:04"))]
    one, two = (parse.feed(Response(url="https://a/feed", status=200, body=b)).entries[0] for b in bodies)
    assert one.hash != two.hash
    assert replace(one, podcast="", hash="") == replace(two, podcast="", hash="")
