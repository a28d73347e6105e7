"""steps.discover"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.model import Response
from aggregator.steps import discover

URL = "https://site.example/blog/"


def response(body: str | bytes, url: str = URL) -> Response:
    return Response(url=url, status=200, body=body.encode() if isinstance(body, str) else body)


def link(href: str, type: str = "application/rss+xml", title: str = "", rel: str = "alternate") -> str:
    return f'<link rel="{rel}" type="{type}" href="{href}" title="{title}">'


def found(*links: str, before: str = "") -> list[str]:
    return [f.url for f in discover.feeds(response(f"<html><head>{before}{''.join(links)}</head></html>"))]


def test_a_pages_feeds_in_its_order_and_those_of_comments_last() -> None:
    assert found(
        link("/comments/feed"), link("/b"), link("/a", "application/atom+xml; charset=utf-8"), link("/c", title="Kommentare"),
        link("/d.json", "application/feed+json"), link("/e", "TEXT/XML"),
    ) == [f"https://site.example{p}" for p in ("/b", "/a", "/d.json", "/e", "/comments/feed", "/c")]  # fmt: skip


@pytest.mark.parametrize(
    ("href", "expected"),
    [("feed", f"{URL}feed"), ("//cdn.example/f", "https://cdn.example/f"), ("http://[bad", None),
     ("javascript:x", None), ("", URL), ("mailto:a@b", None)],
)  # fmt: skip
def test_links_are_made_absolute_and_only_http_counts(href: str, expected: str | None) -> None:
    assert found(link(href)) == ([expected] if expected else [])


def test_a_base_counts() -> None:
    assert found(link("feed"), before='<base href="https://base.example/x/">') == ["https://base.example/x/feed"]


@pytest.mark.parametrize("href", ["http://[bad", "mailto:x"])
def test_a_base_that_is_none_is_survived(href: str) -> None:
    assert found(link("https://a.example/feed"), before=f'<base href="{href}">') == ["https://a.example/feed"]


def test_other_links_do_not_count() -> None:
    assert found(link("/a", "text/html"), link("/b", rel="stylesheet"), '<link rel="alternate" href="/c">') == []
    assert found(link("/a", rel="alternate home")) == ["https://site.example/a"]


def test_each_feed_once_with_its_title_and_not_too_many() -> None:
    feeds = discover.feeds(response(link("/a", title=" The \n feed ") + link("/a", title="again")))
    assert feeds == (discover.FoundFeed(url="https://site.example/a", title="The feed"),)
    assert len(found(*(link(f"/{n}") for n in range(50)))) == discover.MAX_FEEDS


@given(
    st.binary(max_size=200)
    | st.text(max_size=200).map(lambda t: f"<html><link rel=alternate href='{t}'>".encode("utf-8", "replace"))
)
def test_whatever_the_page_is_it_is_read(body: bytes) -> None:
    discover.feeds(response(body))


def test_guesses_are_under_the_path_then_at_the_root() -> None:
    urls = [f.url for f in discover.guesses(response(b""))]
    assert urls[0] == f"{URL}feed"
    assert urls[len(discover.GUESSES)] == "https://site.example/feed"
    assert len(urls) == len(set(urls)) == 2 * len(discover.GUESSES)
    assert len(discover.guesses(response(b"", "https://site.example"))) == len(discover.GUESSES)


def test_an_element_of_very_many_attributes_takes_bounded_time() -> None:
    attributes = " ".join(f'a{n}="b"' for n in range(80_000))
    page = f'<html {attributes}><head><meta charset="utf-8"><link rel="alternate" type="application/rss+xml" href="/köln.xml" title="Köln">'
    found = discover.feeds(Response(url="https://a.example/", status=200, headers={}, body=page.encode()))
    assert [feed.title for feed in found] == ["Köln"]
