"""What is tried, each with documents to begin with: bytes in, nothing but our own errors out."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from aggregator.errors import ExtractError, ParseError, QueryError
from aggregator.model import Response, Topic
from aggregator.steps import discover, extract, html, match, opml, parse
from aggregator.steps.extract import metadata
from aggregator.steps.parse import dates
from tests.hostile.feeds import atom, entry, item, rss
from tests.hostile.scripts import MARKUP
from tests.hostile.test_scripts import active
from tests.steps.test_fuzzed import FEED, JSON, OPML, PAGE
from tests.steps.test_match import AT, archived

URL = "https://site.example/a"
TYPES = ("", "text/html; charset=utf-16", "application/xml; charset=iso-8859-1", "application/feed+json")


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    tried: Callable[[bytes], None]
    seeds: tuple[bytes, ...]
    words: tuple[str, ...] = ()  # what the fuzzer may put in as a whole


def _response(said: bytes) -> Response:
    """The first byte chooses what the server calls it."""
    kind = TYPES[said[0] % len(TYPES)] if said else ""
    return Response(url=URL, status=200, headers={"content-type": kind}, body=said[1:])


def _feed(said: bytes) -> None:
    response = _response(said)
    parse.quick(response)
    with suppress(ParseError):
        first = parse.feed(response, most=10)
        again = parse.feed(response, first.marks, 10)
        assert {e.guid for e in again.entries} <= {e.guid for e in first.entries}


def _page(said: bytes) -> None:
    discover.feeds(_response(said))
    with suppress(ExtractError):
        assert extract.read(_response(said)).article.text


def _markup(said: bytes) -> None:
    clean = html.sanitize(said.decode("utf-8", "replace"), URL)
    assert not list(active(clean))
    html.plain(clean)
    html.plain_of_clean(clean)
    html.figures(clean)


def _opml(said: bytes) -> None:
    with suppress(ParseError):
        assert all(source.url for source in opml.parse(said))


def _query(said: bytes) -> None:
    """Read, and asked of an article; what it shows as the reason is text."""
    query = said.decode("utf-8", "replace")
    with suppress(QueryError):
        decision = match.decide(Topic(name="t", match=query), archived(), AT)
        assert decision.reason
        match.snippet(archived(), match.found(match.parse(query), archived(), AT) or ())


def _date(said: bytes) -> None:
    text = said.decode("utf-8", "replace")
    for found in (dates.usual(text), dates.from_text(text), metadata.time(text)):
        assert found is None or found.utcoffset() == timedelta()


def _xml(*said: str) -> tuple[bytes, ...]:
    return tuple(b"\0" + each.encode() for each in said)


XML = (
    "<item>", "</item>", "<entry>", "<![CDATA[", "]]>", "<!--", "-->", "<!DOCTYPE a [", "<!ENTITY e 'x'>", "&e;", "&#0;", "&#xD800;",
    "&lt;", "<?xml version='1.0' encoding='utf-16'?>", "xmlns:media='http://search.yahoo.com/mrss/'", "<media:content url='/v'/>",
    "<guid>", "<link/>", "<pubDate>", "<content type='xhtml'>", "<div>", "xml:base='//x'", "<enclosure url='/e' length='9'/>",
    "<rdf:RDF", "<channel>", "<at:deleted-entry ref='a'/>", "<author>", "<category term='a'/>", "<skipDays>", "<ttl>", "\xff",
)  # fmt: skip
HTML = (
    "<p>", "</p>", "<div>", "<article>", "<figure>", "<figcaption>", "<img src=/a>", "<script type='application/ld+json'>", "</script>",
    "<meta property='og:title' content='a'>", "<h1>", "<time datetime='2026-01-01'>", "<base href=''>", "<link rel=next href=2>",
    "<table>", "<svg>", "<math>", "<template>", "<noscript>", "<style>", "&nbsp;", "<li>", "<br>", "<iframe>", "javascript:", "style=",
    "onerror=", "<textarea>", "<plaintext>", "<select>", "<blockquote>", "<aside class='related'>", "<!--", "-->",
)  # fmt: skip
DOORS: Mapping[str, Door] = {
    "feed": Door(
        tried=_feed,
        seeds=(
            b"\0" + FEED,
            *_xml(rss(item(1, "<description>Words</description>"), item(2)), rss(), atom(entry(1), entry(2))),
            *_xml(atom(entry(1, '<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><b>x</b></div></content>'))),
            b"\2" + rss(item(1, "<title>K\xf6ln</title>"), before="").encode("latin-1"),
            b"\0" + b"\xff\xfe" + rss(item(1)).encode("utf-16-le"),
            b'\0<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">'
            b'<channel rdf:about="/"><title>T</title></channel><item rdf:about="/1"><title>A</title><link>/1</link></item></rdf:RDF>',
            b'\0<?xml version="1.0"?><CHANNEL HREF="/"><TITLE>T</TITLE><ITEM HREF="/1"><TITLE>A</TITLE></ITEM></CHANNEL>',
        ),
        words=XML,
    ),
    "json": Door(
        tried=_feed,
        seeds=(b"\3" + JSON, b'\3{"version":"https://jsonfeed.org/version/1","items":[{"id":1},{"id":null,"url":"/"}]}'),
        words=('"items":', '"id":', "[", "]", "{", "}", "null", "1e999", "-0", '"\\ud800"', '"attachments":', '"authors":', "true"),
    ),
    "page": Door(tried=_page, seeds=(b"\0" + PAGE, b"\1" + PAGE.decode().encode("utf-16")), words=HTML),
    "markup": Door(tried=_markup, seeds=tuple(said.encode() for said in MARKUP), words=HTML),
    "opml": Door(tried=_opml, seeds=(OPML,), words=("<outline", "xmlUrl='/a'", "category='a,b'", "<opml>", "<!DOCTYPE", "&a;")),
    "query": Door(
        tried=_query,
        seeds=(
            b'korea OR "state visit"~3 NOT (title:sport^2 AND caption:kim*)', b"/sto(rm)+/ within:7d words>300 lang:en",
            b"has:caption url:example.org source:a tag:b before:2026-01-01 after:2025", b"like:12 -byline:x", "北 OR 港湾".encode(),
        ),
        words=(" AND ", " OR ", " NOT ", "title:", "within:7d", "~8", "^3", "/a+/", "*", '"', "like:1", "(", ")", "words>", "before:"),
    ),
    "date": Door(
        tried=_date,
        seeds=(
            b"Mon, 02 Mar 2026 10:00:00 GMT", b"2026-03-02T10:00:00.123456789+05:30", b"0001-01-01", b"9999-12-31T23:59:59-12:00",
            b"2 mars 2026", b"1772445600", b"03/02/26 10:00 PM EST", b"24:00", "2026年3月2日".encode(),
        ),
        words=("GMT", "EST", "+00:00", "Z", "T", "Mon, ", "Feb", "29", "2026", "99:99", "PM", "年", "月", "日"),
    ),
}  # fmt: skip
