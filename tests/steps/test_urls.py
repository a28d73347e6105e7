"""steps.urls"""

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
        ("http://me:pw@example.org/", "http://me:pw@example.org/"), ("http://[::1]:8080/", "http://[::1]:8080/"),
        ("http://example.org./a", "http://example.org/a"), ("http://example.org/#f", "http://example.org/#f"),
    ],
)  # fmt: skip
def test_one_spelling(url: str, expected: str) -> None:
    assert urls.normal(url) == expected


@pytest.mark.parametrize("url", ["", "x", "ftp://a/", "http://", "http://[bad", "http://a:x/", "//a/b", "http://.../"])
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
