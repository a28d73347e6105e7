import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.errors import ParseError
from aggregator.model import PollState, Source, Topic
from aggregator.steps import opml


def document(outlines: str) -> bytes:
    return f'<?xml version="1.0"?><opml version="2.0"><head/><body>{outlines}</body></opml>'.encode()


@pytest.mark.parametrize(
    ("outlines", "sources"),
    [
        ("", ()),
        (
            '<outline title="東京 – Kölner Blatt" xmlUrl="https://a/"/>',
            (Source(url="https://a/", name="k-lner-blatt"),),
        ),
        ('<outline title="東京" xmlUrl="https://a/"/>', (Source(url="https://a/"),)),
        ('<outline text="A" xmlUrl="https://a/"/>', (Source(url="https://a/", name="a"),)),
        ('<outline text="A" XMLURL=" https://a/ "/>', (Source(url="https://a/", name="a"),)),
        ('<outline text="just a note"/>', ()),
        (
            '<outline text="North Korea"><outline title="Press"><outline xmlUrl="https://a/"/></outline></outline>',
            (Source(url="https://a/", tags=("north-korea", "press")),),
        ),
        (
            '<outline xmlUrl="https://a/" category="Asia,/Boston/Weather, ,Asia"/>',
            (Source(url="https://a/", tags=("asia", "boston-weather")),),
        ),
        (
            (
                '<outline text="1"><outline xmlUrl="https://a/"/></outline><outline text="2">'
                '<outline xmlUrl="https://a/"/><outline xmlUrl="https://b/"/></outline>'
            ),
            (Source(url="https://a/", tags=("1", "2")), Source(url="https://b/", tags=("2",))),
        ),
        (
            '<outline text="Köln &amp; 東京"><outline xmlUrl="https://a/"/></outline>',
            (Source(url="https://a/", tags=("köln-東京",)),),
        ),
        ('<outline text="R & D" xmlUrl="https://a/"/>', (Source(url="https://a/", name="r-d"),)),
    ],
)
def test_sources_are_found_at_any_depth_with_their_folders(outlines: str, sources: tuple[Source, ...]) -> None:
    assert opml.parse(document(outlines)) == sources


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no xml",
        b"<rss/>",
        b"\xff\xfe",
        b"<!-- only -->",
        b'<!DOCTYPE opml [<!ENTITY x "y">]><opml><body><outline xmlUrl="https://a/&x;"/></body></opml>',
        b'<!DOCTYPE opml [<!ENTITY x SYSTEM "file:///etc/passwd">]><opml><body/></opml>',
    ],
)
def test_what_is_no_opml_is_refused(body: bytes) -> None:
    with pytest.raises(ParseError, match="OPML"):
        opml.parse(body)


def test_a_document_type_without_entities_is_harmless() -> None:
    body = (
        b'<!DOCTYPE opml SYSTEM "http://127.0.0.1:1/opml.dtd"><opml><body><outline xmlUrl="https://a/"/></body></opml>'
    )
    assert opml.parse(body) == (Source(url="https://a/"),)


def test_what_is_exported_says_names_and_sites() -> None:
    sources = [
        (
            Source(url="https://a/?x=1&y=2", name="a", tags=("news", "asia")),
            PollState(title="A & Co\x00", site_url="https://a/"),
        ),
        (Source(url="https://b/", name="b"), PollState()),
        (Source(url="https://c/", name="c", tags=("news",)), PollState()),
    ]
    written = opml.render(sources, "Mine").decode()
    assert written.count('<outline text="news" title="news">') == 1
    assert 'text="A &amp; Co"' in written
    assert 'htmlUrl="https://a/"' in written
    assert 'category="news,asia"' in written
    assert 'text="b"' in written
    assert written == opml.render(sources, "Mine").decode()


slugs = st.from_regex(r"[a-z0-9]+(-[a-z0-9]+)*", fullmatch=True)
urls = st.text(st.characters(categories=("L", "N", "P")), min_size=1).map(lambda t: f"https://example.org/{t}")


@given(st.dictionaries(urls, st.lists(slugs, unique=True), max_size=5))
def test_urls_and_tags_survive_the_round_trip(tags: dict[str, list[str]]) -> None:
    sources = {Source(url=url, name="t", tags=tuple(each)) for url, each in tags.items()}
    assert set(opml.parse(opml.render([(s, PollState(title="T")) for s in sources], "x"))) == sources


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    with contextlib.suppress(ParseError):
        opml.parse(body)


def test_a_title_turns_no_line_around() -> None:
    written = opml.render([(Source(url="https://e.org/"), PollState(title="\u202eevil\u2066"))], "Mine")
    assert b'title="evil"' in written


def test_topics_are_listed_with_their_atom_feeds() -> None:
    written = opml.opml_topics(
        [Topic(name="x", match="", title="A < B"), Topic(name="y", match="")], "http://h/"
    ).decode()
    assert 'text="A &lt; B" title="A &lt; B" xmlUrl="http://h/feeds/x.atom"' in written
    assert 'text="y"' in written


MANY = " ".join(f"a{n}='b'" for n in range(80_000))


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (f"<opml><body><outline {MANY} xmlUrl='http://a.example/'/></body></opml>", "attributes"),
        ("<opml>" + " " * opml.MAX_BYTES, "larger than"),
        ("<!DOCTYPE opml [<!ENTITY a 'aa'>]><opml><body><outline text='&a;'/></body></opml>", "entities"),
        ("<!DOCTYPE opml [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><opml><body>&a;</body></opml>", "entities"),
    ],
    ids=["attributes", "size", "entities", "files"],
)
def test_what_would_take_too_long_or_reach_out_is_refused(body: str, reason: str) -> None:
    with pytest.raises(ParseError, match=reason):
        opml.parse(body.encode())


def test_folders_ten_thousand_deep_are_read_as_far_as_they_are_read() -> None:
    outline = "<outline text='x' xmlUrl='http://a.example/'>"
    found = opml.parse(f"<opml><body>{outline * 10_000}{'</outline>' * 10_000}</body></opml>".encode())
    assert [source.url for source in found] == ["http://a.example/"]
