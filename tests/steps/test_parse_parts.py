"""What was read before is not read again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.model import Feed, Response
from aggregator.steps import parse
from aggregator.steps.parse import parts

URL = "https://example.org/feed.xml"
ATTRIBUTES = 'version="2.0" xmlns:media="http://search.yahoo.com/mrss/"'


def item(name: str, said: str = "") -> str:
    return f"<item><guid isPermaLink='false'>{name}</guid><title>{name.upper()}</title>{said}</item>"


def response(*items: str, attributes: str = ATTRIBUTES, head: str = "", tail: str = "") -> Response:
    body = f"<rss {attributes}><channel><title>T</title>{head}{''.join(items)}{tail}</channel></rss>"
    return Response(url=URL, status=200, body=body.encode())


def again(before: Response, now: Response) -> Feed:
    """What is read of a document after another one."""
    return parse.feed(now, parse.feed(before).marks)


def guids(feed: Feed) -> list[str]:
    return [e.guid for e in feed.entries]


def test_of_a_document_only_what_is_new_is_read() -> None:
    feed = again(response(item("a"), item("b")), response(item("c"), item("a"), item("b"), head="<ttl>60</ttl>"))
    assert (guids(feed), feed.seen, feed.title, feed.ttl is not None) == (["c"], 2, "T", True)


def test_an_entry_that_changed_is_read_again() -> None:
    feed = again(response(item("a"), item("b")), response(item("a"), item("b", "<author>B</author>")))
    assert (guids(feed), feed.seen) == (["b"], 1)


def test_a_document_without_anything_new_is_its_head() -> None:
    feed = again(response(item("a"), item("b")), response(item("b"), item("a"), head="<!-- made at noon -->"))
    assert (guids(feed), feed.seen, feed.title) == ([], 2, "T")


def test_an_entry_that_went_and_came_back_is_read() -> None:
    one, two = response(item("a"), item("b")), response(item("b"))
    assert guids(again(two, one)) == ["a"]


def test_white_space_between_entries_says_nothing() -> None:
    assert again(response(item("a"), item("b")), response(item("a"), "\n\n", item("b"), "\t")).seen == 2


@pytest.mark.parametrize(
    "changed",
    [
        response(item("a"), attributes=f'{ATTRIBUTES} xml:base="https://other.example/"'),
        Response(url="https://moved.example/feed.xml", status=200, body=response(item("a")).body),
        Response(url=URL, status=200, body=response(item("a")).body, headers={"content-type": "x/y; charset=latin1"}),
    ],
)
def test_what_an_entry_inherits_is_part_of_it(changed: Response) -> None:
    feed = again(response(item("a")), changed)
    assert (guids(feed), feed.seen) == (["a"], 0)


@pytest.mark.parametrize(
    "new",
    [
        item("a", "<author>B</author>"),
        "<item><guid>a</guid><title>&amp;</title></item>",
        "<item><title>A</title><link>https://example.org/a</link></item>",
    ],
)
def test_where_two_have_one_name_the_whole_document_tells_who_is_who(new: str) -> None:
    old = item("a", "<comments>https://example.org/a</comments>")
    before, now = response(old), response(new, old)
    assert again(before, now).entries == parse.feed(now).entries
    assert again(before, now).seen == 0


def linked(name: str, link: str, said: str = "") -> str:
    return item(name, f"<link>https://example.org/{link}</link>{said}")


def test_an_entry_is_read_with_those_alone_that_have_its_guid_or_link() -> None:
    old = [linked("a", "1"), linked("b", "2"), linked("c", "2"), linked("d", "4"), linked("e", "5"), linked("f", "6")]
    now = response(linked("a", "7"), linked("new", "2"), *old)
    feed = again(response(*old), now)
    assert guids(feed) == ["https://example.org/7", "new", "https://example.org/1", "b", "c"]
    assert (feed.entries, feed.seen) == (parse.feed(now).entries[:5], 3)


def test_who_has_the_name_of_one_that_has_the_name_of_another_is_read_with_both() -> None:
    old = [linked("b", "1"), linked("b", "2"), *(linked(f"o{n}", f"o{n}") for n in range(9))]
    now = response(linked("new", "1"), *old)
    feed = again(response(*old), now)
    assert (feed.entries, feed.seen) == (parse.feed(now).entries[:3], 9)


@pytest.mark.parametrize(
    "address",
    [
        "https://example.org/?p=1&amp;q=2",
        "https://example.org/?p=1&#038;q=2",
        "<![CDATA[https://example.org/?p=1&q=2]]>",
        "/?p=1&amp;q=2",
        "https://example.org/?p=1&amp;q=&#50;",
    ],
)
def test_who_has_the_address_of_another_is_told_from_it_however_it_is_spelled(address: str) -> None:
    old = [f"<item><title>A</title><link>{address}</link></item>", *(linked(f"o{n}", f"o{n}") for n in range(9))]
    before, now = response(*old), response(f"<item><title>B</title><link>{address}</link></item>", *old)
    feed = again(before, now)
    assert feed.entries == parse.feed(now).entries
    assert feed.entries[0].guid not in guids(parse.feed(before))


@pytest.mark.parametrize(("hour", "seen"), [("08", 3), ("09", 0)])
def test_where_all_may_have_the_time_of_the_document_it_is_read_whole(hour: str, seen: int) -> None:
    def at(name: str, link: str, hour: str) -> str:
        published = "<pubDate>Sun, 01 Mar 2026 09:00:00 GMT</pubDate>"
        return linked(name, link, f"{published}<dcterms:modified>2026-03-02T{hour}:00:00Z</dcterms:modified>")

    old = [at("a", "1", hour), at("b", "2", "09"), at("c", "3", "09"), at("d", "4", "09")]
    with_terms = f'{ATTRIBUTES} xmlns:dcterms="http://purl.org/dc/terms/"'
    head = "<lastBuildDate>Mon, 02 Mar 2026 09:00:00 GMT</lastBuildDate>"
    before = response(*old, attributes=with_terms, head=head)
    now = response(at("new", "1", "09"), *old, attributes=with_terms, head=head)
    feed = again(before, now)
    assert feed.seen == seen
    assert set(feed.entries) <= set(parse.feed(now).entries)


def test_a_guid_that_is_the_feeds_own_though_it_looks_made_is_no_reason_to_read_it_whole() -> None:
    own = item("0123456789abcdef" * 2)
    feed = again(response(item("a")), response(own, item("a")))
    assert (guids(feed), feed.seen) == (["0123456789abcdef" * 2], 1)


def test_a_guid_with_quotes_is_looked_for_in_the_whole_document() -> None:
    before, now = response(item("a")), response(item("it's"), item("a"))
    assert guids(again(before, now)) == ["it's", "a"]


def test_an_entry_known_by_its_words_is_looked_for_in_the_whole_document() -> None:
    def down(hour: int) -> str:
        return f"<item><title>Down</title><pubDate>Mon, 02 Mar 2026 1{hour}:00:00 GMT</pubDate></item>"

    feed = again(response(down(1)), response(down(2), down(1)))
    assert feed.entries == parse.feed(response(down(2), down(1))).entries


@pytest.mark.parametrize(
    "body",
    [
        "<rss><channel><item><title>a</title></channel></rss>",
        "<rss><channel><item><item></item></item></channel></rss>",
        "<rss><channel><item></item></channel><image/><item></item>x</rss>",
        "<rss><channel/></rss>",
        "<feed><entry/><entry></entry></feed>",
    ],
)
def test_what_cannot_be_parted_is_read_whole(body: str) -> None:
    said = Response(url=URL, status=200, body=body.encode())
    parted = parts.parts(said)
    assert parted is None or b"".join((parted.head, *parted.entries, parted.tail)) == said.body


def test_a_feed_of_very_many_entries_has_no_marks() -> None:
    assert parts.parts(response(*(item(str(n)) for n in range(parts.MAX_ENTRIES + 1)))) is None


def test_a_broken_document_is_parted_too() -> None:
    broken = "<author>A & B<br></author>"
    before, now = response(item("a", broken)), response(item("b", broken), item("a", broken))
    feed = again(before, now)
    assert (guids(feed), feed.seen) == (["b"], 1)
    assert feed.entries == parse.feed(now).entries[:1]


def test_marks_of_another_kind_are_no_reason_to_skip_anything() -> None:
    assert guids(parse.feed(response(item("a")), b"nonsense" * 3)) == ["a"]


SAID = st.lists(
    st.sampled_from(["a", "b", "c", "d", "e"]).map(lambda n: item(n, f"<link>/{n}</link><description>{n}</description>"))
    | st.sampled_from([item("g", "<link>/x</link>"), item("f", "<link>/a</link>"), "<item><title>T</title></item>"]),
    max_size=5,
    unique=True,
)  # fmt: skip


@given(SAID, SAID)
def test_read_in_parts_or_whole_the_entries_are_the_same(before: list[str], now: list[str]) -> None:
    first, then = response(*before), response(*now)
    whole, part = parse.feed(then), again(first, then)
    assert set(part.entries) <= set(whole.entries)
    assert {e.guid for e in whole.entries} - {e.guid for e in part.entries} <= {
        e.guid for e in parse.feed(first).entries
    }
    assert part.marks == whole.marks


@pytest.mark.parametrize(
    "said",
    [
        Response(url=URL, status=200, body=b'{"version": "https://jsonfeed.org/version/1.1", "items": []}'),
        response("<item>" * 50_000),
        response(item("a", "x" * 3_000_000)),
        response("<item>"),
        response(item("a", "<title>A <b>b</b></title>")),
    ],
)
def test_what_may_take_long_is_not_quick(said: Response) -> None:
    assert parse.quick(said) is None


def test_a_usual_feed_is_quick_and_the_same() -> None:
    assert parse.quick(response(item("a"), item("b"))) == parse.feed(response(item("a"), item("b")))


def test_of_a_large_feed_what_is_new_is_quick() -> None:
    large = [item(str(n), "<description>" + "word " * 5000 + "</description>") for n in range(60)]
    assert parse.quick(response(*large)) is None
    feed = parse.quick(response(item("new"), *large), parse.feed(response(*large)).marks)
    assert feed is not None
    assert (guids(feed), feed.seen) == (["new"], 60)
