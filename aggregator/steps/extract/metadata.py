"""What a page says of its article: title, authors, time, language, address."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from html import unescape
from itertools import chain, islice
from typing import Any

from dateutil import parser as dates
from lxml import html

from aggregator.steps import text, urls
from aggregator.steps.extract import authors, title

_ARTICLE = re.compile(r"Article|BlogPosting|Report|Review|WebPage|CreativeWork|LiveBlog|Recipe")
_FIRST = re.compile(r"Article|BlogPosting|Report|LiveBlog")
_CONTROL = re.compile(r"[\x00-\x1f]")
_DATE_NAMES = (
    "article:published_time",
    "datepublished",
    "date",
    "dc.date",
    "dc.date.issued",
    "dcterms.created",
    "dcterms.date",
    "parsely-pub-date",
    "sailthru.date",
    "pubdate",
    "publishdate",
    "publish-date",
    "publication_date",
    "article.published",
    "og:published_time",
    "og:article:published_time",
    "cxenseparse:recs:publishtime",
    "article:published",
    "last-modified",
)
_TIMES = (
    "//*[@itemprop='datePublished'][1]",
    "//article//time[@datetime]",
    "//main//time[@datetime]",
    "//time[@datetime][@pubdate or contains(@class,'publish') or contains(@class,'entry-date')]",
)
_SCRIPTS = (
    (re.compile("[\uac00-\ud7af]"), "ko"),
    (re.compile("[\u3040-\u30ff]"), "ja"),
    (re.compile("[\u0e00-\u0e7f]"), "th"),
    (re.compile("[\u0370-\u03ff]"), "el"),
    (re.compile("[\u0590-\u05ff]"), "he"),
)
_TAG = re.compile(r"^[a-z]{2,3}(?:-[a-z0-9]{2,8}){0,4}$")
_DOTTED = re.compile(r"\s*\d{1,2}\.\s?\d{1,2}\.\s?\d{4}")  # no country writes the month before such a dot
MAX_DATA = 2_000_000
# Letters that mean one zone on most pages, in hours.
_ZONES = {
    "EST": -5, "EDT": -4, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7, "BST": 1, "WEST": 1, "CET": 1,
    "CEST": 2, "EET": 2, "EEST": 3, "SAST": 2, "MSK": 3, "PKT": 5, "WIB": 7, "HKT": 8, "SGT": 8, "AWST": 8, "JST": 9,
    "KST": 9, "ACST": 9.5, "AEST": 10, "AEDT": 11, "NZST": 12, "NZDT": 13,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """`body` is JSON-LD's articleBody: a witness of what the text must hold, and where a script writes it, the text."""

    title: str = ""
    byline: str | None = None
    published: datetime | None = None
    language: str | None = None
    canonical: str | None = None
    description: str | None = None
    image: str | None = None
    body: str | None = None
    is_news: bool = False  # JSON-LD calls it a news article
    is_free: bool = True  # False: JSON-LD says that not everybody may read it


def read(root: html.HtmlElement, url: str) -> Metadata:
    """Must run before the page's scripts are taken away."""
    meta = _meta(root)
    data = _article_data(root)
    return Metadata(
        title=_title(root, meta, data, url),
        byline=authors.byline(root, meta, data.get("author"), _site(meta, url)),
        published=_published(root, meta, data),
        language=_language(root, meta, data),
        canonical=_canonical(root, meta, data, url),
        description=text.clean(unescape(meta.get("og:description") or meta.get("description") or "")) or None,
        image=urls.absolute(url, meta.get("og:image", "") or meta.get("twitter:image", "")),
        body=_string(data.get("articleBody")) or None,
        is_free=str(data.get("isAccessibleForFree")).lower() not in ("false", "0"),
        is_news="News" in _string(data.get("@type")) or "LiveBlog" in _string(data.get("@type")),
    )


def _meta(root: html.HtmlElement) -> dict[str, str]:
    """The first word of each name counts."""
    found: dict[str, str] = {}
    for element in root.iter("meta"):
        name = element.get("property") or element.get("name") or element.get("itemprop") or element.get("http-equiv")
        value = element.get("content")
        if name and value and value.strip():
            found.setdefault(name.lower(), value.strip()[:2000])
    return found


def _article_data(root: html.HtmlElement) -> dict[str, Any]:
    """The JSON-LD object that is the article; {} where there is none."""
    found: list[dict[str, Any]] = []
    for script in root.xpath("//script[@type='application/ld+json']"):
        try:
            data = json.loads(_CONTROL.sub(" ", (script.text or "")[:MAX_DATA]).strip().rstrip(";"))
        except (ValueError, RecursionError):
            continue
        found.extend(_objects(data, 0))
    articles = [o for o in found if _FIRST.search(_string(o.get("@type")))]
    return max(
        articles or found,
        key=lambda o: len(o.keys() & {"headline", "datePublished", "author", "articleBody"}),
        default={},
    )


def _objects(data: Any, depth: int) -> Iterator[dict[str, Any]]:
    if isinstance(data, list) and depth < 6:
        for one in data[:200]:
            yield from _objects(one, depth + 1)
    elif isinstance(data, dict) and depth < 6:
        if _ARTICLE.search(_string(data.get("@type"))):
            yield data
        yield from _objects(data.get("@graph"), depth + 1)
        yield from _objects(data.get("mainEntity"), depth + 1)


def _string(value: Any) -> str:
    if isinstance(value, list):
        return " ".join(v for v in value if isinstance(v, str))
    return value if isinstance(value, str) else ""


def _title(root: html.HtmlElement, meta: dict[str, str], data: dict[str, Any], url: str) -> str:
    said = {
        "headline": _string(data.get("headline")),
        "og:title": meta.get("og:title", ""),
        "twitter:title": meta.get("twitter:title", ""),
        "title": root.findtext(".//title") or "",
    }
    headings = [text.clean(" ".join(h.itertext())) for h in islice(root.iter("h1"), title.MAX_HEADINGS)]
    return title.title(headings, said, meta.get("og:site_name", ""), urls.host(url))


def _site(meta: dict[str, str], url: str) -> set[str]:
    """What is no author's name."""
    return {authors.bare(meta.get("og:site_name", "")), authors.bare(urls.host(url).removeprefix("www."))}


def _published(root: html.HtmlElement, meta: dict[str, str], data: dict[str, Any]) -> datetime | None:
    said = (_string(data.get("datePublished")), *(meta.get(name, "") for name in _DATE_NAMES))
    shown = (e.get("datetime") or e.get("content") or "" for path in _TIMES for e in root.xpath(path)[:1])
    modified = _string(data.get("dateModified"))
    return next((at for at in map(time, chain(said, shown, (modified,))) if at), None)


def time(said: str) -> datetime | None:
    if not any(c.isdigit() for c in said[:60]):
        return None
    try:
        at = dates.parse(
            said[:60].strip(),
            dayfirst=bool(_DOTTED.match(said)),
            tzinfos=_zone,
            default=datetime(1, 1, 1),  # noqa: DTZ001  naive, to see whether a zone was said
        )
        at = at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, ArithmeticError, TypeError, AttributeError):  # a number of 30 digits is no minute to decimal
        return None
    return at if 1990 < at.year < 2100 else None


def _zone(name: str | None, seconds: int | None) -> int | None:
    """A zone by its letters, seconds east of Greenwich; of those that we do not know the time counts as it is."""
    return round(3600 * _ZONES[name]) if name in _ZONES else seconds


def _language(root: html.HtmlElement, meta: dict[str, str], data: dict[str, Any]) -> str | None:
    said = (
        root.get("lang") or root.get("{http://www.w3.org/XML/1998/namespace}lang"),
        root.get("xml:lang"),
        meta.get("og:locale"),
        _string(data.get("inLanguage")),
        meta.get("content-language"),
        meta.get("language"),
    )
    for tag in said:
        normal = (tag or "").split(",")[0].strip().lower().replace("_", "-")
        if _TAG.match(normal):
            return normal
    return None


def script_language(said: str) -> str | None:
    """The language that a script gives away; None for scripts of many languages."""
    sample = said[:5000]
    return next((name for script, name in _SCRIPTS if len(script.findall(sample)) * 4 > len(sample)), None)


def _canonical(root: html.HtmlElement, meta: dict[str, str], data: dict[str, Any], url: str) -> str | None:
    """The address of the page that this one shows again, where it names one; else its own."""
    links = root.xpath("//link[@rel='canonical']/@href")
    others = (meta.get("syndication-source", ""), meta.get("original-source", ""), _address(data.get("isBasedOn")))
    own = next(_addresses(url, (*links[:1], meta.get("og:url", ""))), None)
    if own and urls.host(own) != urls.host(url):
        return own
    return next((there for there in _addresses(url, others) if urls.host(there) != urls.host(url)), own)


def _addresses(url: str, said: Iterable[str]) -> Iterator[str]:
    return (address for each in said if each and (address := urls.absolute(url, each)))


def _address(thing: Any) -> str:
    """Of one of JSON-LD's things, or the first of them: it may be the address itself."""
    first = thing[0] if isinstance(thing, list) and thing else thing
    return _string(first.get("url") or first.get("@id")) if isinstance(first, dict) else _string(first)
