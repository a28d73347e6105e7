"""steps.urls"""

from urllib.parse import urljoin

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from aggregator.steps import urls

likely = st.builds(
    lambda scheme, user, host, port, rest: f"{scheme}://{user}{host}{port}{rest}",
    st.sampled_from(["http", "HTTPS", "https"]),
    st.sampled_from(["", "me:pw@", "a@b@", "@"]),
    st.sampled_from(
        ["Example.ORG", "example.org.", "bücher.example", "[::1]", "127.0.0.1", "..", "xn--a", "日本.jp", "ß.de"]
    )
    | st.text(max_size=8),
    st.sampled_from(["", ":80", ":443", ":8080", ":", ":x", ":99999"]),
    st.text(alphabet="/.?#%&=+ aZ2F7eé\t;", max_size=30),
)


@given(likely | st.text() | st.text().map("http://h/".__add__))
@example("http://.../")
@example("http://a/%2e%2e/b")
@example("http://a//.//b")
@example("http://a/?%zz")
def test_the_normal_form_is_its_own(url: str) -> None:
    try:
        once = urls.normal(url)
    except ValueError:
        return
    assert urls.normal(once) == once
    assert urls.page_key(once) == urls.page_key(url)


plain = st.builds(
    "{}://{}{}{}".format,
    st.sampled_from(["http", "https", "HTTP"]),
    st.sampled_from(["e.org", "E.org", "a-b.c.d", "e.org:80", "e.org:99999", "e..org", "localhost", "m@e.org"]),
    st.text(alphabet="/.a~%2F&@:;é ", max_size=12),
    st.sampled_from(["", "?", "?a=1&b", "?#", "#f", "?\t"]),
)


@given(likely | plain | st.text())
def test_a_plain_address_is_what_joining_makes_of_it(url: str) -> None:
    if urls.is_plain(url):
        assert urljoin("https://base.example/x/y", url) == urls.absolute("https://base.example/x/y", url) == url


def test_an_address_of_endless_length_is_none() -> None:
    assert urls.absolute("https://e.org/", f"https://{'a' * 5000}.org/") is None


def test_a_scheme_is_spelled_in_lower_case() -> None:
    assert urls.absolute("https://e.org/", "htTp://a.example/X") == "http://a.example/X"


@given(likely | st.text(), likely | st.text())
def test_nothing_but_an_address_or_none(base: str, url: str) -> None:
    made = urls.absolute(base, url)
    assert made is None or made.lower().startswith(("http://", "https://"))
    assert isinstance(urls.page_key(url), str)
    assert isinstance(urls.host(url), str)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("HTTP://Example.ORG", "http://example.org/"), ("http://example.org:80/", "http://example.org/"),
        ("https://example.org:443/a", "https://example.org/a"), ("https://example.org:80/a", "https://example.org:80/a"),
        ("http://example.org/%7ea/%2f", "http://example.org/~a/%2F"), ("http://example.org/a/../b/./c", "http://example.org/b/c"),
        ("http://example.org/..", "http://example.org/"), ("http://example.org/é?q=ü", "http://example.org/%C3%A9?q=%C3%BC"),
        (" http://example.org/a b\n", "http://example.org/a%20b"), ("http://bücher.example/", "http://xn--bcher-kva.example/"),
        ("http://Straße.example/", "http://xn--strae-oqa.example/"), ("http://日本。jp/", "http://xn--wgv71a.jp/"),
        ("http://☃.example/", "http://xn--n3h.example/"), ("http://xn--strae-oqa.example/", "http://xn--strae-oqa.example/"),
        ("http://me:pw@example.org/", "http://me:pw@example.org/"), ("http://[::1]:8080/", "http://[::1]:8080/"),
        ("http://example.org./a", "http://example.org/a"), ("http://example.org/#f", "http://example.org/#f"),
    ],
)  # fmt: skip
def test_one_spelling(url: str, expected: str) -> None:
    assert urls.normal(url) == expected


@pytest.mark.parametrize(
    "url", ["", "x", "ftp://a/", "http://", "http://[bad", "http://a:x/", "http://.../", "http://\u00ad/"]
)
def test_no_address(url: str) -> None:
    with pytest.raises(ValueError):
        urls.normal(url)
    assert urls.page_key(url) == url


@pytest.mark.parametrize(
    "other",
    ["https://site.example/a?b=1&c=2", "http://www.site.example/a/?c=2&b=1", "http://site.example:80/a?b=1&c=2#part",
     "https://SITE.example/a?utm_source=x&b=1&c=2&fbclid=y", "https://me@site.example/a?c=2&b=1"],
)  # fmt: skip
def test_addresses_of_one_page(other: str) -> None:
    assert urls.page_key(other) == "site.example/a?b=1&c=2"


@pytest.mark.parametrize(
    "other",
    ["https://site.example/a?b=2", "https://site.example/A?b=1", "https://site.example/a?b=1&page=2",
     "https://site.example/a?b=1#!/x", "https://site.example/a?b=1#/x", "https://site.example:8080/a?b=1"],
)  # fmt: skip
def test_addresses_of_other_pages(other: str) -> None:
    assert urls.page_key(other) != urls.page_key("https://site.example/a?b=1")


PAGES = {
    "site.example/story": [
        "https://m.site.example/story", "https://amp.site.example/story", "//site.example/story", "https://site.example//story/",
        "https://site.example/story/amp/", "https://site.example/story.amp", "https://site.example/story?outputType=amp",
        "https://site.example/story/index.html", "https://site.example/story;jsessionid=4F", "https://site.example/story?print=1",
        "https://site.example/story?wt_mc=rss&amp;mtm_source=feed", "https://site.example/story#:~:text=quay",
        "https://www.google.com/url?sa=t&url=https%3A%2F%2Fsite.example%2Fstory&usg=A",
        "https://l.facebook.com/l.php?u=https%3A%2F%2Fsite.example%2Fstory%3Ffbclid%3DI&h=A",
        "https://web.archive.org/web/20260302093000/https://site.example/story",
        "https://www.google.com/amp/s/www.site.example/story",
        "https://site-example.cdn.ampproject.org/v/s/site.example/story?amp_js_v=0.1",
        "https://translate.google.com/translate?u=https://site.example/story",
        "https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fsite.example%2Fstory&data=05%7C02&reserved=0",
        "https://slack-redir.net/link?url=https%3A%2F%2Fsite.example%2Fstory", "https://href.li/?https://site.example/story",
        "https://duckduckgo.com/l/?uddg=https%3A%2F%2Fsite.example%2Fstory&rut=4f",
        "https://medium.com/m/global-identity-2?redirectUrl=https%3A%2F%2Fsite.example%2Fstory",
        "https://www.linkedin.com/redir/redirect?url=https%3A%2F%2Fsite%2Eexample%2Fstory&urlhash=A",
    ],
    "site.example/?p=7": [
        "https://href.li/?https://site.example/?p=7", "https://web.archive.org/web/2026/http://site.example/?p=7",
        "https://www.google.com/amp/s/site.example/?p=7&utm_source=a",
    ],
    "site.example/go?to=https%3A%2F%2Fb.example": ["https://www.google.com/amp/s/site.example/go?to=https://b.example"],
    "x.com/a/status/7": ["https://twitter.com/a/status/7?s=20", "https://mobile.twitter.com/a/status/7"],
    "youtube.com/watch?v=aB3": ["https://youtu.be/aB3?si=f", "https://www.youtube.com/watch?feature=share&v=aB3&t=9s"],
    "en.wikipedia.org/wiki/Quay": ["https://en.m.wikipedia.org/wiki/Quay", "http://en.wikipedia.org/wiki/Quay#Use"],
    "site.example/2026/03/storm": ["https://site.example/2026/03/storm/feed/?replytocom=5"],
    "site.example/caf%C3%A9": ["https://site.example/caf%65%CC%81", "https://site.example/café"],
    "site.example/%E9": ["https://site.example/%e9"],
}  # fmt: skip


@pytest.mark.parametrize(("key", "address"), [(key, address) for key, all in PAGES.items() for address in all])
def test_front_ends_wrappers_and_trackers_lead_to_one_page(key: str, address: str) -> None:
    assert urls.page_key(address) == key


@pytest.mark.parametrize(
    "name",
    [
        "id",
        "p",
        "page",
        "v",
        "article",
        "a",
        "n",
        "cid",
        "ref",
        "source",
        "s",
        "t",
        "lang",
        "date",
        "cat",
        "type",
        "view",
    ],
)
def test_a_name_that_any_site_may_use_for_its_content_is_no_tracker(name: str) -> None:
    assert urls.page_key(f"https://site.example/a?{name}=1") != urls.page_key(f"https://site.example/a?{name}=2")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://site.example/feed/", "https://site.example/"), ("https://site.example/a%2Fb", "https://site.example/a/b"),
        ("https://site.example/amp/tubes", "https://site.example/tubes"), ("https://ampere.example.org/a", "https://example.org/a"),
        ("https://media.site.example/a", "https://site.example/a"), ("https://site.example/index", "https://site.example/"),
        ("https://site.example/?utm=1", "https://site.example/?utm=2"), ("https://site.example/?q=C%2B%2B", "https://site.example/?q=C++"),
        ("https://site.example/go?url=https://other.example/a", "https://other.example/a"),
        ("https://medium.com/m/story?redirectUrl=https://other.example/a", "https://other.example/a"),
        ("https://site.example/a?print=atlas", "https://site.example/a"), ("https://site.example/?sid=1", "https://site.example/?sid=2"),
        ("https://site.example/?source=1", "https://site.example/"), ("https://de.site.example/a", "https://en.site.example/a"),
    ],
)  # fmt: skip
def test_what_may_choose_the_content_stays(one: str, other: str) -> None:
    assert urls.page_key(one) != urls.page_key(other)


@pytest.mark.parametrize(
    ("url", "expected"),
    [("https://Me:pw@Site.example:81/a", "site.example:81"), ("x", ""), ("http://[bad", ""), ("", "")],
)  # fmt: skip
def test_the_host(url: str, expected: str) -> None:
    assert urls.host(url) == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [("b", "https://a.example/x/b"), (" /b\n", "https://a.example/b"), ("mailto:x", None), ("http://[", None),
     ("x" * 5000, None), ("", "https://a.example/x/y")],
)  # fmt: skip
def test_the_absolute_address(url: str, expected: str | None) -> None:
    assert urls.absolute("https://a.example/x/y", url) == expected
