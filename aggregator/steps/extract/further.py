"""Articles on several pages: which link leads to the next page of the same article, and the pages as one."""

import re
from collections.abc import Iterable
from dataclasses import replace
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from lxml import html

from aggregator.model import Article
from aggregator.steps import text, urls

MAX_PAGES = 10
MAX_LINKS = 10  # that call themselves the next, on one page: the next article's is often among them

_WORD = r"(?:pages?|pg|paged|seiten?|pagina|página|sivu|sida|side|strona|str)"
_NAMES = re.compile(rf"(?:{_WORD}|p)\Z", re.IGNORECASE)
# "/2", "/page/2", "/seite-2", "-2.html"; without an ending "-2" is what the slug of another article ends in.
_END = r"\.[a-z]{3,5}"
_IN_PATH = re.compile(
    rf"(?:/{_WORD}[/_=-]?(?P<named>\d{{1,3}})|/(?P<alone>\d{{1,3}})|[-_,.](?:{_WORD}[_=-]?)?(?P<joined>\d{{1,3}})(?={_END}/?\Z)"
    rf"|[-_,]{_WORD}[_=-]?(?P<tail>\d{{1,3}}))(?=(?:{_END})?/?\Z)",
    re.IGNORECASE,
)


def links(root: html.HtmlElement) -> list[str]:
    """The addresses that a page calls its next."""
    found = root.xpath("//*[self::a or self::link][contains(concat(' ', normalize-space(@rel), ' '), ' next ')]/@href")
    return [str(said) for said in found[:MAX_LINKS]]


def next_page(first: str, candidates: Iterable[str], number: int, seen: set[str], ruled: bool) -> str | None:
    """The candidate that is page `number` of the article whose first page is at `first`: at the same host, under the
    same path; `seen` are the keys of those before. What a person's rule found (`ruled`) need not bear that number."""
    for candidate in candidates:
        if urls.page_key(candidate) in seen or urls.host(candidate) != urls.host(first):
            continue
        if _is_numbered(first, candidate, number) or (ruled and _path(candidate).startswith(_path(first))):
            return candidate
    return None


def same_site(one: str, other: str) -> bool:
    """Hosts of which one lies below the other: "print.example.org" is "www.example.org"'s."""
    a, b = (urls.host(url).removeprefix("www.") for url in (one, other))
    return a == b or a.endswith(f".{b}") or b.endswith(f".{a}")


def is_same_article(first: Article, other: Article) -> bool:
    """By the headlines; a further page often adds its number to it."""
    a, b = text.fold(first.title), text.fold(other.title)
    return a in b or b in a


def joined(first: Article, further: Article) -> Article:
    """An article with its next page, which was read with the first's text known."""
    before = first.text.count("\n\n") + 1
    return replace(
        first,
        text=f"{first.text}\n\n{further.text}",
        html=first.html + further.html,
        images=(*first.images, *(replace(i, position=i.position + before) for i in further.images)),
        partial=first.partial or further.partial,
    )


def _is_numbered(first: str, candidate: str, number: int) -> bool:
    starts = {urls.page_key(first), *_without(first, {1}, named=True)}
    return not starts.isdisjoint(_without(candidate, {number}, named=False)) and urls.page_key(candidate) not in starts


def _without(url: str, numbers: set[int], named: bool) -> set[str]:
    """The keys of the pages that this is a numbered one of; `named`: only where a word says what the number is.
    Parameters count from 0 on some sites."""
    parts = urlsplit(url)
    found: set[str] = set()
    inside = _IN_PATH.search(parts.path)
    if inside:
        said = next(int(n) for n in inside.groups() if n)
        if said in numbers and not (named and inside["named"] is None and inside["tail"] is None):
            path = parts.path[: inside.start()] + parts.path[inside.end() :]
            found.add(urls.page_key(urlunsplit(parts._replace(path=path or "/"))))
    query = parse_qsl(parts.query, keep_blank_values=True)
    for n, (name, value) in enumerate(query):
        if _NAMES.match(name) and value.isdecimal() and int(value) in numbers | {n - 1 for n in numbers if n > 1}:
            rest = urlencode(query[:n] + query[n + 1 :])
            found.add(urls.page_key(urlunsplit(parts._replace(query=rest))))
    return found


def _path(url: str) -> str:
    """The path without its ending, with which those of all pages begin."""
    return re.sub(rf"(?:{_END})?/?\Z", "", urlsplit(url).path, flags=re.IGNORECASE) or "/"
