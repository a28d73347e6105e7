import pytest
from lxml import html

from aggregator.model import Article, Response
from aggregator.steps import extract
from aggregator.steps.extract import further
from aggregator.steps.extract.site import Rules
from aggregator.steps.urls import page_key
from tests.steps.extract.pages import TEXT, TITLE, URL, framed, paragraphs, prose

HOST = "https://paper.example"


@pytest.mark.parametrize(
    ("first", "candidate", "number"),
    [
        ("/a/ferry/", "/a/ferry/2/", 2),
        ("/a/ferry", "/a/ferry/page/3", 3),
        ("/a/ferry", "/a/ferry/seite-2", 2),
        ("/a/ferry.html", "/a/ferry-2.html", 2),
        ("/a/ferry.html", "/a/ferry,2.html", 2),
        ("/a/ferry.html", "/a/ferry-seite-2.html", 2),
        ("/a/ferry.html", "/a/ferry.html/2", 2),
        ("/a/ferry", "/a/ferry-page-2", 2),
        ("/a/ferry", "/a/ferry?page=2", 2),
        ("/a/ferry", "/a/ferry?page=1", 2),
        ("/a?id=7", "/a?id=7&p=2", 2),
        ("/a/ferry?utm_source=feed", "/a/ferry?page=2", 2),
        ("/a/ferry?page=1", "/a/ferry?page=2", 2),
        ("/a/ferry/page/1", "/a/ferry/page/2", 2),
    ],
)
def test_a_numbered_address_under_the_same_path_is_the_next_page(first: str, candidate: str, number: int) -> None:
    assert further.next_page(HOST + first, [HOST + candidate], number, set(), False) == HOST + candidate


@pytest.mark.parametrize(
    ("first", "candidate", "number"),
    [
        ("/a/ferry", "/a/bridge", 2),
        ("/a/ferry", "/a/bridge/2", 2),
        ("/a/ferry/", "/a/ferry/3/", 2),
        ("/a/ferry", "/a/ferry-2", 2),
        ("/part-1", "/part-2", 2),
        ("/part-1.html", "/part-2.html", 2),
        ("/2026/02/11", "/2026/02/12", 12),
        ("/a?id=7", "/a?id=8", 8),
        ("/a?id=7", "/a?id=8&p=2", 2),
        ("/a/ferry", "/a/ferry?page=3", 2),
        ("/a/ferry?page=1", "/a/ferry", 2),
        ("/a/ferry", "/a/ferry", 2),
        ("/a/ferry", "/a/ferry#2", 2),
    ],
)
def test_any_other_address_is_another_article(first: str, candidate: str, number: int) -> None:
    assert further.next_page(HOST + first, [HOST + candidate], number, set(), False) is None


def test_a_page_of_another_host_or_one_that_was_seen_is_never_next() -> None:
    first = f"{HOST}/a"
    assert further.next_page(first, ["https://copy.example/a/2"], 2, set(), True) is None
    assert further.next_page(first, [f"{HOST}/a/2"], 2, {page_key(f"{HOST}/a/2")}, True) is None


def test_what_a_rule_finds_need_not_be_numbered_but_lies_under_the_same_path() -> None:
    first = f"{HOST}/a/ferry.html"
    assert further.next_page(first, [f"{HOST}/a/ferry-rest.html"], 2, set(), True) == f"{HOST}/a/ferry-rest.html"
    assert further.next_page(first, [f"{HOST}/a/bridge.html"], 2, set(), True) is None


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("https://www.a.example/1", "https://print.a.example/1", True),
        ("https://m.a.example/1", "https://www.a.example/1", True),
        ("https://a.example/1", "https://b.example/1", False),
        ("https://a.example/1", "https://aa.example/1", False),
    ],
)
def test_hosts_of_one_site(a: str, b: str, same: bool) -> None:
    assert further.same_site(a, b) == same


def test_links_are_those_that_call_themselves_next() -> None:
    page = "<p><link rel='next' href='/1'><a rel='nofollow next' href='/2'></a><a rel='nextpage' href='/3'></a></p>"
    assert further.links(html.fromstring(page)) == ["/1", "/2"]


def test_the_headline_says_whether_it_is_the_same_article() -> None:
    first, second, other = (Article(url=HOST, title=t, text="") for t in ("The Ferry", "The ferry – page 2", "Bridge"))
    assert further.is_same_article(first, second)
    assert not further.is_same_article(first, other)


def response(body: str, head: str = "") -> Response:
    page = f"<html><head><title>{TITLE}</title>{head}</head><body>{body}</body></html>"
    return Response(url=URL, status=200, headers={"content-type": "text/html"}, body=page.encode())


def test_a_page_says_where_more_of_it_is() -> None:
    page = response(
        framed(f"{prose()}<a class='all' href='?all'>All</a><a class='on' href='more'>On</a>"),
        "<link rel='next' href='2'>",
    )
    assert extract.read(page).further == (f"{URL}2",)
    rules = Rules(name="", single_page_link=("//a[@class='all']",), next_page_link=("//a[@class='on']/@href",))
    found = extract.read(page, rules)
    assert (found.single, found.further) == (f"{URL}?all", (f"{URL}more",))


def test_what_the_pages_before_said_is_not_said_again() -> None:
    picture = "<figure><img src='/1.jpg'><figcaption>The ferry in its shed</figcaption></figure>"
    other = "<figure><img src='/2.jpg'><figcaption>The landing stage</figcaption></figure>"
    first = extract.read(response(framed(picture + prose(TEXT[:4])))).article
    second = extract.read(
        response(framed(picture + prose(TEXT[:1] + TEXT[4:5]) + other + prose(TEXT[5:]))), known=first
    ).article
    found = further.joined(first, second)
    assert paragraphs(found) == TEXT
    assert [(i.caption, i.position) for i in found.images] == [("The ferry in its shed", 0), ("The landing stage", 5)]
    assert found.html.count("<figure>") == 2
