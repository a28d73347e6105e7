"""Who wrote an article: what its page says to machines, else its byline."""

import re
from collections.abc import Iterator
from itertools import dropwhile, islice
from typing import Any

from lxml import html

from aggregator.steps import text
from aggregator.steps.extract import clean

_BY = re.compile(
    r"^\s*(?:(?:written|posted|reported|story|words|text)\s+)?(?:by|von|par|por|door|di|av|af|autor|author)\b[\s:]+",
    re.IGNORECASE,
)
_AND = re.compile(r"\s+(?:and|und|et|y|og|och|e|en|&)\s+(?=[^\W\d_a-z])")
_CODE = re.compile(r"\s*\([^()]{1,12}\)\s*$")
_META = (
    "author", "article:author", "byl", "dc.creator", "parsely-author", "sailthru.author", "cxenseparse:author",
    "dcterms.creator", "article.author",
)  # fmt: skip
_BYLINES = (
    "//*[@itemprop='author']//*[@itemprop='name']",
    "//*[@itemprop='author']",
    "//a[contains(@rel,'author')]",
    "//*[contains(concat(' ',@class,' '),' byline__name ') or contains(concat(' ',@class,' '),' author-name ')]",
    "//*[contains(concat(' ',@class,' '),' byline ') or contains(concat(' ',@class,' '),' author ')]",
)
# "Written by" in twitter:label1, with the name in twitter:data1.
_LABEL = re.compile(r"\b(?:by|von|par|por|door|af|av)\W*$|\bauth?or", re.IGNORECASE)
_ADDRESS = re.compile(
    r"/(?:authors?|autor(?:en|es)?|auteurs?|contributors?|people|person|profile|writers?|staff|team|by)/[^/]",
    re.IGNORECASE,
)
_CLASS = re.compile(r"(?:^|[\s_-])(?:author|byline|autor)(?:$|[\s_-])", re.IGNORECASE)
_BEHIND = re.compile(
    r"\s*(?:[|·•–—,;]|\bon\b|\b\w+day\b|\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?\s+\d|\d|\s-\s).*$",
    re.DOTALL | re.IGNORECASE,
)
_NEAR = 150  # elements behind the headline in which its byline is looked for
_PROSE = 40  # words of a paragraph that is the article's own
_SMALL = 20  # elements in a byline
_WORDS = range(2, 5)  # of a person's name
_PARTICLE = 3  # letters of a "van" or "de" in it
MAX_BYLINE = 90


def byline(root: html.HtmlElement, meta: dict[str, str], author: Any, site: set[str]) -> str | None:
    """The authors by name. `author` is what JSON-LD says. What is only the site's own name gives way to a byline on
    the page, and a single word, which may be a login, to a whole name beside the headline."""
    said = names(_people(author) or [meta[n] for n in _META if "://" not in meta.get(n, "://")][:1] or _labelled(meta))
    if said and not all(bare(n) in site for n in said):
        return ", ".join(said if any(" " in n or not n.isascii() for n in said) else _beside(root) or said)
    for path in _BYLINES:
        shown = [text.clean(e.get("content") or e.text_content()) for e in root.xpath(path)[:5]]
        if found := names([n for n in shown if 2 < len(n) < 80]):
            return ", ".join(found)
    return ", ".join(_beside(root) or said) or None


def names(said: list[str]) -> list[str]:
    """Each name once, without "By", a code in brackets, or another name behind an "and"."""
    parts = [part for n in said for part in _AND.split(_CODE.sub("", _BY.sub("", text.clean(n))))]
    return list(dict.fromkeys(part for p in parts if (part := p.strip(" ,;|"))))


def bare(said: str) -> str:
    return "".join(text.words(said))


def _people(author: Any) -> list[str]:
    if isinstance(author, list):
        return [name for one in author[:20] for name in _people(one)]
    if isinstance(author, dict):
        return _people(author.get("name"))
    return [author] if isinstance(author, str) and author.strip() and "://" not in author else []


def _labelled(meta: dict[str, str]) -> list[str]:
    said = (meta.get(f"twitter:data{n}", "") for n in "12" if _LABEL.search(meta.get(f"twitter:label{n}", "")))
    return [name for name in map(_person, said) if name][:1]


def _beside(root: html.HtmlElement) -> list[str]:
    """The first name behind the headline that links to an author's page, else stands in an element named for
    authors, else behind a "By"."""
    near = list(_behind_headline(root))
    for shows in (_links_to_author, _is_named, _begins_with_by):
        name = next((name for element, said in near if shows(element, said) and (name := _person(said))), None)
        if name:
            return [name]
    return []


def _behind_headline(root: html.HtmlElement) -> Iterator[tuple[html.HtmlElement, str]]:
    """Short elements between the first headline and the first prose."""
    elements = dropwhile(lambda e: e.tag != "h1", root.iter())
    for element in islice(elements, 1, _NEAR):
        if clean.is_large(element, _SMALL):
            continue
        said = text.clean(element.text_content())
        if element.tag == "p" and len(said.split()) > _PROSE:
            return
        if 0 < len(said) <= MAX_BYLINE:
            yield element, said


def _links_to_author(element: html.HtmlElement, _said: str) -> bool:
    return element.tag == "a" and bool(_ADDRESS.search(element.get("href") or ""))


def _is_named(element: html.HtmlElement, _said: str) -> bool:
    return bool(_CLASS.search(element.get("class") or ""))


def _begins_with_by(_element: html.HtmlElement, said: str) -> bool:
    return bool(_BY.match(said))


def _person(said: str) -> str:
    """What looks like a person's name at the start of a byline; else nothing."""
    name = _BEHIND.sub("", _BY.sub("", said)).strip()
    words = name.split()
    capital = all(w[0].isupper() or len(w) <= _PARTICLE for w in words)
    return name if len(words) in _WORDS and capital and words[-1][0].isupper() and ":" not in name else ""
