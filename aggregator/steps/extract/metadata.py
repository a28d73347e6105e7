"""What a page says of its article: title, authors, time, language, address."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from html import unescape
from typing import Any

from dateutil import parser as dates
from lxml import html

from aggregator.steps import text, urls

_ARTICLE = re.compile(r"Article|BlogPosting|Report|Review|WebPage|CreativeWork|LiveBlog|Recipe")
_FIRST = re.compile(r"Article|BlogPosting|Report|LiveBlog")
_CONTROL = re.compile(r"[\x00-\x1f]")
_SEPARATOR = re.compile(r"\s+[|–—\-·:»«•/~]+\s+|\s*[|»«]\s*|\s[-–—:]\s")
_BY = re.compile(
    r"^\s*(?:(?:written|posted|reported|story|words|text)\s+)?(?:by|von|par|por|door|di|av|af|autor|author)\b[\s:]+",
    re.IGNORECASE,
)
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
_AUTHOR_NAMES = (
    "author",
    "article:author",
    "byl",
    "dc.creator",
    "parsely-author",
    "sailthru.author",
    "cxenseparse:author",
    "dcterms.creator",
    "article.author",
)
_TIMES = (
    "//*[@itemprop='datePublished'][1]",
    "//article//time[@datetime]",
    "//main//time[@datetime]",
    "//time[@datetime][@pubdate or contains(@class,'publish') or contains(@class,'entry-date')]",
)
_BYLINES = (
    "//*[@itemprop='author']//*[@itemprop='name']",
    "//*[@itemprop='author']",
    "//a[contains(@rel,'author')]",
    "//*[contains(concat(' ',@class,' '),' byline__name ') or contains(concat(' ',@class,' '),' author-name ')]",
    "//*[contains(concat(' ',@class,' '),' byline ') or contains(concat(' ',@class,' '),' author ')]",
)
_SCRIPTS = (
    (re.compile("[\uac00-\ud7af]"), "ko"),
    (re.compile("[\u3040-\u30ff]"), "ja"),
    (re.compile("[\u0e00-\u0e7f]"), "th"),
    (re.compile("[\u0370-\u03ff]"), "el"),
    (re.compile("[\u0590-\u05ff]"), "he"),
)
_TAG = re.compile(r"^[a-z]{2,3}(?:-[a-z0-9]{2,8})*$")
MAX_DATA = 2_000_000


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


def read(root: html.HtmlElement, url: str) -> Metadata:
    """Must run before the page's scripts are taken away."""
    meta = _meta(root)
    data = _article_data(root)
    return Metadata(
        title=_title(root, meta, data),
        byline=_byline(root, meta, data),
        published=_published(root, meta, data),
        language=_language(root, meta, data),
        canonical=_canonical(root, meta, url),
        description=text.clean(unescape(meta.get("og:description") or meta.get("description") or "")) or None,
        image=urls.absolute(url, meta.get("og:image", "") or meta.get("twitter:image", "")),
        body=_string(data.get("articleBody")) or None,
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


def _title(root: html.HtmlElement, meta: dict[str, str], data: dict[str, Any]) -> str:
    """The h1 where another witness holds it; else the first witness, the site's name cut off."""
    site = text.fold(meta.get("og:site_name", ""))
    tag = text.clean(root.findtext(".//title") or "")
    said = [
        _unescaped(s)
        for s in (_string(data.get("headline")), meta.get("og:title", ""), meta.get("twitter:title", ""), tag)
        if s
    ]
    headings = [text.clean(h.text_content()) for h in root.iter("h1")][:20]
    for heading in headings:
        folded = text.fold(heading)
        if len(folded) > 5 and folded != site and any(folded in text.fold(s) for s in said):
            return heading
    titles = [_without_site(s, site, tag if s != tag else "") for s in said]
    return next((t for t in [*titles, *headings] if t), "")


def _unescaped(said: str) -> str:
    return text.clean(unescape(said))


def _without_site(title: str, site: str, other: str) -> str:
    """A last part that names the site goes; so does one after | or », as long as the longer part stays."""
    ends = list(_SEPARATOR.finditer(title))
    for end in ends[:1] if site and text.fold(title[: ends[0].start()] if ends else "") == site else []:
        return title[end.end() :]
    if not ends:
        return title
    last = ends[-1]
    head, tail = title[: last.start()], title[last.end() :]
    folded = text.fold(tail)
    if (site and (folded == site or site in folded or folded in site)) or (
        len(tail.split()) <= 4 and len(head.split()) > 3
    ):
        return head
    return title


def _byline(root: html.HtmlElement, meta: dict[str, str], data: dict[str, Any]) -> str | None:
    names = _people(data.get("author")) or [meta[n] for n in _AUTHOR_NAMES if n in meta and "://" not in meta[n]][:1]
    if not names:
        for path in _BYLINES:
            names = [e.get("content") or e.text_content() for e in root.xpath(path)[:5]]
            names = [n for n in map(text.clean, names) if 2 < len(n) < 80]
            if names:
                break
    cut = [_BY.sub("", text.clean(n)).strip(" ,;|") for n in names]
    return ", ".join(dict.fromkeys(n for n in cut if n)) or None


def _people(author: Any) -> list[str]:
    if isinstance(author, list):
        return [name for one in author[:20] for name in _people(one)]
    if isinstance(author, dict):
        return _people(author.get("name"))
    return [author] if isinstance(author, str) and author.strip() and "://" not in author else []


def _published(root: html.HtmlElement, meta: dict[str, str], data: dict[str, Any]) -> datetime | None:
    said = [_string(data.get("datePublished")), *(meta.get(name, "") for name in _DATE_NAMES)]
    for path in _TIMES:
        said.extend((e.get("datetime") or e.get("content") or "") for e in root.xpath(path)[:1])
    said.append(_string(data.get("dateModified")))
    return next((at for at in map(_time, said) if at), None)


def _time(said: str) -> datetime | None:
    if not any(c.isdigit() for c in said[:60]):
        return None
    try:
        at = dates.parse(
            said[:60].strip(),
            tzinfos={"EST": -18000, "EDT": -14400, "PST": -28800, "PDT": -25200},
            default=datetime(1, 1, 1),  # noqa: DTZ001  naive, to see whether a zone was said
        )
        at = at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError, TypeError, AttributeError):
        return None
    return at if 1990 < at.year < 2100 else None


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


def _canonical(root: html.HtmlElement, meta: dict[str, str], url: str) -> str | None:
    links = root.xpath("//link[@rel='canonical']/@href")
    said = [*links[:1], meta.get("og:url", "")]
    return next((address for s in said if s and (address := urls.absolute(url, s))), None)
