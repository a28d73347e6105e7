"""Doors that strangers knock at, with documents that are nearly sound: nothing but our own errors comes out."""

from contextlib import suppress

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from aggregator.errors import ExtractError, ParseError
from aggregator.model import Feed, Response, Subscription
from aggregator.steps import extract, opml, parse, websub
from tests.fakes import START, item, page, rss

URL = "https://site.example/a"
ODD = [b"<", b">", b"&", b'"', b"\0", b"\xff", b"\xed\xa0\x80", b"&#0;", b"&#x110000;", b"]]>", b"<!--", b"<![CDATA[",
       b"<!DOCTYPE a [", b"<svg>", b"<table>", b"<template>", b"9" * 30, b"-1", b"1e999", b"https://[", b"javascript:",
       b"\xe2\x80\xae", b"\r\n", b"null", b"[]", b"{}", b"{\"", b"\\ud800"]  # fmt: skip

PAGE = page(
    figure='<figure><img src="/p.jpg" srcset="/p.jpg 1x, /q.jpg 2x"><figcaption>Divers at work</figcaption></figure>'
).replace(
    b"<head>",
    b'<head><script type="application/ld+json">{"@type":"NewsArticle","headline":"Storm","datePublished":"2026-03-02",'
    b'"author":[{"name":"A"}],"image":{"url":"/p.jpg","caption":"C"}}</script><link rel="canonical" href="/a">'
    b'<meta property="og:title" content="Storm"><base href="/"><time datetime="2026-03-02T10:00:00Z">',
)
FEED = rss(
    item("a", "A", text="<p>Words</p>", published=START),
    '<item><media:group><media:content url="/v" duration="1" width="2"/></media:group><itunes:duration>1:2</itunes:duration>'
    '<enclosure url="/e" length="3" type="audio/mpeg"/><psc:chapter start="0:01" title="C"/></item>',
    extra='<atom:link rel="hub" href="/hub"/><ttl>60</ttl><skipHours><hour>3</hour></skipHours>'
    "<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>",
).replace(
    b"<rss ",
    b'<rss xmlns:media="http://search.yahoo.com/mrss/" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" '
    b'xmlns:psc="http://podlove.org/simple-chapters" xmlns:atom="http://www.w3.org/2005/Atom" '
    b'xmlns:sy="http://purl.org/rss/1.0/modules/syndication/" ',
)
JSON = (
    b'{"version":"https://jsonfeed.org/version/1.1","title":"T","hubs":[{"type":"WebSub","url":"/h"}],"next_url":"/n",'
    b'"items":[{"id":"1","url":"/a","content_html":"<p>W</p>","date_published":"2026-03-02T10:00:00Z","tags":["a"],'
    b'"authors":[{"name":"A"}],"attachments":[{"url":"/e","mime_type":"audio/mpeg","size_in_bytes":3}]}]}'
)
OPML = (
    b'<?xml version="1.0"?><opml version="2.0"><head><title>T</title></head><body><outline text="Press" category="a,/b">'
    b'<outline text="A" type="rss" xmlUrl="https://a.example/f" htmlUrl="https://a.example/"/></outline></body></opml>'
)

OURS = Subscription(id=1, hub=URL, topic=URL, host="site.example", token="t", secret="s")

edits = st.lists(
    st.tuples(st.floats(0, 1), st.integers(0, 30), st.sampled_from(ODD) | st.binary(max_size=8)), min_size=1, max_size=6
)
Edits = list[tuple[float, int, bytes]]
few = settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])


def mangled(sound: bytes, edits: Edits) -> bytes:
    """The document, a few bytes cut and others put in at these shares of it."""
    for share, cut, said in edits:
        place = int(share * len(sound))
        sound = sound[:place] + said + sound[place + cut :]
    return sound


@few
@given(st.sampled_from([FEED, JSON]), edits)
def test_a_feed_that_is_nearly_sound(sound: bytes, edits: Edits) -> None:
    response = Response(url=URL, status=200, body=mangled(sound, edits))
    with suppress(ParseError):
        first = parse.feed(response, most=10)
        again = parse.feed(response, first.marks, 10)
        assert {e.guid for e in again.entries} <= {e.guid for e in first.entries}


@few
@given(edits)
def test_a_page_that_is_nearly_sound(edits: Edits) -> None:
    with suppress(ExtractError):
        assert extract.read(Response(url=URL, status=200, body=mangled(PAGE, edits)), explained=True).article.text


@few
@given(edits)
@example([(0.109375, 0, b"https://[")])  # an element's name that the parser takes, and refuses to name
def test_opml_that_is_nearly_sound(edits: Edits) -> None:
    with suppress(ParseError):
        assert all(source.url for source in opml.parse(mangled(OPML, edits)))


@few
@given(st.lists(st.sampled_from(["<", ">", "https://hub.example/", ";", "rel=", '"', "hub", "self", ",", " ", "=", "//["])
                | st.text(max_size=5), max_size=30).map("".join))  # fmt: skip
@example("<https://hub.example/>; rel=hub")
def test_any_link_header(said: str) -> None:
    response = Response(url=URL, status=200, headers={"link": said}, body=b"")
    found = websub.hub(response, Feed(format="rss20"))
    assert found is None or found[0].startswith(("http://", "https://"))


said = st.binary(max_size=40).map(lambda sent: sent.decode("utf-8", "surrogateescape"))  # as aiohttp reads headers


@few
@given(st.sampled_from(["", "sha1=", "SHA256=", "md5="]), said)
@example("sha256=", "\udcff")
def test_any_signature_that_is_not_the_secrets_is_none(algorithm: str, said: str) -> None:
    assert not websub.is_signed(OURS, algorithm + said, b"body")


@few
@given(st.fixed_dictionaries({"hub.mode": st.sampled_from(["subscribe", "denied"]) | said, "hub.topic": st.just(URL),
                              "hub.lease_seconds": said | st.integers().map(str)}))  # fmt: skip
def test_any_answer_of_a_hub(query: dict[str, str]) -> None:
    found = websub.verified(OURS, query, START)
    assert found is None or (found.renew_at or START) > START


@pytest.mark.parametrize("sound", [FEED, JSON])
def test_the_feeds_are_sound_before(sound: bytes) -> None:
    assert parse.feed(Response(url=URL, status=200, body=sound)).entries


def test_the_others_are_sound_before() -> None:
    assert len(opml.parse(OPML)) == 1
    assert extract.read(Response(url=URL, status=200, body=PAGE)).article.images
