"""The quick reader of feeds says what feedparser says."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.model import Feed, Response
from aggregator.steps.measure import Measure
from aggregator.steps.parse import readers, tree

URL = "https://example.org/feeds/a.xml"
SPACES = (
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:media="http://search.yahoo.com/mrss/" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" '
    'xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0" xmlns:x="https://unknown.example/"'
)
ATOM = 'xmlns="http://www.w3.org/2005/Atom"'

words = st.text("aB1 .<>&'\"éßКÃ¶\u2019\x80\u00a0\n", max_size=12)
names = st.text("aB1 .&'\"éК", max_size=12)  # feedparser mends no names
addresses = st.sampled_from(
    [
        "https://e.org/1",
        "/2",
        "3?a=1&b=2",
        "HTTP://E.org/%7e/../x",
        "//e.org/4",
        "mailto:a@e.org",
        "e.org",
        "#f",
        " /5 ",
        "?",
    ]
)
dates = st.sampled_from(
    ["Mon, 02 Mar 2026 10:00:00 GMT", "2 Mar 2026 10:00:00 +0130", "2026-03-02T10:00:00Z", "2026-03-02T10:00:00.5-05:00",
     "2026-03-02", "Thu, 01 Jan 1970 00:00:00 GMT", "Mon, 31 Feb 2026 10:00:00 EST", "soon", ""]
)  # fmt: skip
markup = st.lists(
    st.sampled_from(["<p>a</p>", "<b>", "</b>", "<img src='/i.png'>", '<a href="b?x=1&amp;y">l</a>', "&#233;", "&amp;", "1 < 2",
                     "<br/>", "x ", "<script>y</script>", "Ã¶", "<!-- c -->"]),
    max_size=5,
).map("".join)  # fmt: skip


def escaped(said: str) -> str:
    return said.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def element(name: str, said: st.SearchStrategy[str], attributes: str = "") -> st.SearchStrategy[str]:
    """Escaped, or as CDATA."""
    plain = said.map(lambda s: f"<{name}{attributes}>{escaped(s)}</{name}>")
    return plain | said.map(lambda s: f"<{name}{attributes}><![CDATA[{s}]]></{name}>")


def attribute(template: str, said: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return said.map(lambda s: template.format(escaped(s)))


RSS = st.one_of(
    element("title", words | markup),
    element("link", addresses),
    element("guid", addresses | words, ' isPermaLink="false"') | element("guid", addresses),
    element("description", markup | words),
    element("content:encoded", markup),
    element("dc:creator", words) | element("author", st.sampled_from(["a@e.org (Ann)", "Ann <a@e.org>", "Bo"]) | words),
    element("pubDate", dates) | element("dc:date", dates),
    element("category", words) | attribute('<category domain="d">{}</category>', words) | element("dc:subject", words),
    attribute('<enclosure url="{}" type="Audio/MPEG" length="7"/>', addresses),
    attribute('<media:content url="{}"><media:description>Said</media:description></media:content>', addresses),
    attribute('<source url="{}">Elsewhere</source>', addresses),
    element("feedburner:origLink", addresses) | element("comments", addresses) | element("x:y", words),
    element("itunes:summary", words) | element("itunes:author", words) | element("itunes:keywords", words),
)
ENTRY = st.one_of(
    *(element("title", markup | words, f' type="{t}"') for t in ("text", "html")),
    attribute('<link href="{}"/>', addresses) | attribute('<link rel="enclosure" type="a/b" href="{}"/>', addresses),
    attribute('<link rel="ALTERNATE" type="text/html" href="{}"/>', addresses),
    element("id", addresses | words),
    *(element(name, markup, f' type="{t}"') for name in ("summary", "content") for t in ("html", "text")),
    attribute(
        '<content type="xhtml" xml:base="{}"><div xmlns="http://www.w3.org/1999/xhtml"><p>a &amp; <b>b</b></p></div></content>',
        addresses,
    ),
    element("published", dates) | element("updated", dates),
    names.map(lambda w: f"<author><name>{escaped(w)}</name><email>a@e.org</email></author>"),
    attribute('<category term="{}" label="L"/>', words),
    attribute("<source><id>s</id><title>{}</title></source>", words),
    attribute('<media:thumbnail url="{}"/>', addresses),
)
ATTRIBUTES = st.sampled_from(["", ' xml:base="https://b.example/x/"', ' xml:lang="de_AT"', ' xml:base="y/"'])
HEAD = st.one_of(
    element("title", words | markup),
    element("description", words),
    element("lastBuildDate", dates) | element("language", st.just("en-GB")),
    st.just("<image><url>/i.png</url><title>I</title><link>/l</link></image>"),
    attribute('<atom:link xmlns:atom="http://www.w3.org/2005/Atom" rel="self" href="{}"/>', addresses),
)


def items(name: str, said: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    one = st.tuples(ATTRIBUTES, st.lists(said, max_size=7)).map(lambda i: f"<{name}{i[0]}>{''.join(i[1])}</{name}>")
    return st.lists(one, max_size=3).map("".join)


heads = st.lists(HEAD, max_size=4).map("".join)
rss = st.builds(
    lambda version, a, head, entries: f'<rss version="{version}" {SPACES}><channel{a}>{head}{entries}</channel></rss>',
    st.sampled_from(["2.0", "0.91", "0.92"]), ATTRIBUTES, heads, items("item", RSS),
)  # fmt: skip
rdf = st.builds(
    lambda head, entries: '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
    f'xmlns="http://purl.org/rss/1.0/" {SPACES}><channel>{head}</channel>{entries}</rdf:RDF>',
    heads, items("item", RSS),
)  # fmt: skip
atom = st.builds(
    lambda a, head, entries: f"<feed {ATOM} {SPACES}{a}>{head}{entries}</feed>",
    ATTRIBUTES,
    heads,
    items("entry", ENTRY),
)


def bare(feed: Feed) -> Feed:
    return replace(feed, entries=tuple(replace(e, hash="") for e in feed.entries))


@settings(max_examples=400)
@given(rss | rdf | atom)
def test_the_tree_says_what_feedparser_says(body: str) -> None:
    response = Response(url=URL, status=200, body=body.encode())
    if (quick := readers.by_tree(response)) is not None:
        assert bare(quick) == bare(readers.by_feedparser(response))


@pytest.mark.parametrize(
    "said",
    [
        "<item><title>A <b>b</b></title></item>",
        "<item><item/></item>",
        "<item><image><title>I</title></image></item>",
        "<item><pubDate>gestern</pubDate></item>",
        "<item><x><title>T</title></x></item>",
        '<item><link href=""/></item>',
        '<item href="/1"/>',
    ],
)
def test_what_feedparser_has_ways_of_its_own_with_is_left_to_it(said: str) -> None:
    body = f'<rss version="2.0"><channel><title>T</title>{said}</channel></rss>'
    assert readers.by_tree(Response(url=URL, status=200, body=body.encode())) is None


@pytest.mark.parametrize(
    ("before", "said"),
    [
        ("<!DOCTYPE html>", "a"),
        (
            '<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "https://dtd.example/rss-0.91.dtd">',
            "&eacute;",
        ),
    ],
)
def test_a_doctype_that_only_names_one_is_nothing_to_either(before: str, said: str) -> None:
    body = f'<?xml version="1.0"?>\n{before}\n<rss version="2.0"><channel><item><title>{said}</title></item></channel></rss>'
    response = Response(url=URL, status=200, body=body.encode())
    quick = readers.by_tree(response)
    assert quick is not None
    assert bare(quick) == bare(readers.by_feedparser(response))


def test_an_article_may_show_a_doctype() -> None:
    body = (
        '<rss version="2.0"><channel><item><title><![CDATA[Begin with <!DOCTYPE html>]]></title></item></channel></rss>'
    )
    quick = readers.by_tree(Response(url=URL, status=200, body=body.encode()))
    assert quick is not None
    assert [e.title for e in quick.entries] == ["Begin with <!DOCTYPE html>"]


@pytest.mark.parametrize(
    "before",
    [
        "<!DOCTYPE rss [<!ENTITY a 'b'>]>",
        "<!-- <rss> --><!DOCTYPE rss [<!ENTITY a 'b'>]>",
        "<?of <rss> ?><!DOCTYPE rss [<!ENTITY a 'b'>]>",
    ],
)
def test_what_declares_something_is_not_read_as_it_stands(before: str) -> None:
    body = f'{before}<rss version="2.0"><channel><title>&a;</title></channel></rss>'
    assert readers.by_tree(Response(url=URL, status=200, body=body.encode())) is None


@pytest.mark.parametrize("root", ["<opml/>", "<channel/>", '<feed xmlns="urn:x"/>', '<rss version="2.0"/>'])
def test_no_common_dialect_is_unusual(root: str) -> None:
    from lxml import etree

    with pytest.raises(tree.Unusual):
        tree.parsed(etree.fromstring(root), URL, Measure())
