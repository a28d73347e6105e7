"""feedparser's entries, with what it loses, as ours."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from html import escape
from typing import Any

from aggregator.model import MOST_OF_ENTRY, Enclosure, Entry, Feed, Image
from aggregator.steps import html, text, urls
from aggregator.steps.measure import Measure
from aggregator.steps.parse import dates
from aggregator.steps.parse.extras import Item
from aggregator.steps.parse.media import Media, number

_MARKUP = re.compile(r"</?[A-Za-z][^<>]*>|&#?\w{1,32};")
_HTML_TYPES = ("text/html", "application/xhtml+xml")
# feedparser's own mapping lends `published` to whoever asks for `updated`, so fields are asked by dict.get.
_said = dict.get


def entries(parsed: Sequence[Any], items: Sequence[Item], url: str, head: Feed, measure: Measure) -> list[Entry]:
    """Their guids are still as they are said. `url` is the feed's address."""
    found = _aligned(parsed, items, url)
    return [_entry(p, i, url, head, measure) for p, i in zip(parsed, found, strict=True)]


def inherited(entries: Iterable[Entry], language: str | None, updated: datetime | None = None) -> tuple[Entry, ...]:
    """With what the feed says for all of them. It is no part of what an entry says itself, by which a changed one is
    known: so it comes after the hash."""
    return tuple(replace(e, language=e.language or language, feed_updated=updated) for e in entries)


def plain_title(said: object, detail: Any) -> str | None:
    """Titles are plain text, or HTML that means plain text; "1 < 2" is none."""
    if not isinstance(said, str):
        return None
    literal = isinstance(detail, Mapping) and detail.get("type") == "text/plain" and "</" not in said
    if not literal and _MARKUP.search(said):
        said = html.plain(said)
    return text.clean(said) or None


def _aligned(parsed: Sequence[Any], items: Sequence[Item], url: str) -> list[Item]:
    """By order where both parsers saw as many, else by guid or link: broken XML ends earlier for one."""
    if len(parsed) == len(items):
        return list(items)
    none = Item(guid="", link="", media=Media())
    known = {key: i for i in items for said in (i.link, i.guid) if said for key in (said, urls.absolute(url, said))}
    return [known.get(_said(p, "id")) or known.get(_said(p, "link")) or none for p in parsed]


def _entry(parsed: Any, item: Item, feed_url: str, head: Feed, measure: Measure) -> Entry:
    media = item.media
    url = _link(parsed, feed_url)
    summary, content = _texts(parsed, feed_url, url or head.site_url or feed_url, head.format, measure)
    if not summary and not content and media.description:
        said = escape(media.description, quote=False) if media.plain else media.description
        summary = html.sanitize(said, url or feed_url, measure) or None
    published = _time(parsed, "published") or _time(parsed, "created")
    updated = _time(parsed, "updated")
    if published is None and not head.format.startswith("atom"):
        published, updated = updated, None  # dc:date in RSS is when it appeared
    files = _enclosures(parsed, media, feed_url, measure)
    return Entry(
        guid=text.clean(item.guid or _said(parsed, "id") or ""),  # feedparser makes permalinks absolute
        url=url,
        title=plain_title(_said(parsed, "title"), _said(parsed, "title_detail")),
        author=_author(parsed),
        published=published,
        updated=updated,
        summary=summary,
        content=content,
        images=media.images or tuple(Image(url=f.url) for f in files if (f.type or "").startswith("image/")),
        enclosures=files,
        categories=_categories(parsed),
        language=_language(parsed),
        podcast=item.podcast,
    )


def _link(parsed: Any, feed_url: str) -> str | None:
    """FeedBurner counts clicks on its own links, and says the true one beside."""
    for said in (_said(parsed, "feedburner_origlink"), _said(parsed, "link")):
        if isinstance(said, str) and said.strip() and (url := urls.absolute(feed_url, said)):
            return url
    return None


def _texts(parsed: Any, feed_url: str, page: str, format: str, measure: Measure) -> tuple[str | None, str | None]:
    """Summary and content; the same said twice is said once, as content."""
    detail = _said(parsed, "summary_detail") or {"value": _said(parsed, "summary") or "", "type": "text/html"}
    bodies = [c for c in _said(parsed, "content") or () if c.get("value")]
    chosen = next((c for c in bodies if c.get("type") in _HTML_TYPES), bodies[0] if bodies else None)
    content = _markup(chosen, feed_url, page, format, measure) if chosen else None
    if chosen and _said(parsed, "summary_detail") is None and chosen["value"] == _said(parsed, "summary"):
        return None, content
    summary = _markup({**detail, "value": _said(parsed, "summary") or ""}, feed_url, page, format, measure)
    return (None if summary == content else summary), content


def _markup(said: Mapping[str, Any], feed_url: str, page: str, format: str, measure: Measure) -> str | None:
    """Sanitized HTML. xml:base holds; without it the feed's address in Atom, the entry's page in RSS."""
    value = said.get("value")
    if not isinstance(value, str) or not value.strip():
        return None
    kind = said.get("type") or "text/html"
    if kind not in _HTML_TYPES and not kind.startswith("text/"):
        return None  # base64 of something that is no text
    base = said.get("base") or feed_url
    if base == feed_url and not format.startswith("atom"):
        base = page
    if kind == "text/plain":
        value = escape(value, quote=False).replace("\n", "<br>")
    return html.sanitize(value, base, measure) or None


def _time(parsed: Any, name: str) -> Any:
    struct = dates.from_struct(_said(parsed, f"{name}_parsed"))
    if struct is not None or _said(parsed, f"{name}_parsed") is not None:
        return struct
    return dates.from_text(_said(parsed, name))


def _author(parsed: Any) -> str | None:
    names: list[str] = []
    for author in _said(parsed, "authors") or ():
        name = text.clean(author.get("name") or author.get("email") or "")
        if name and name not in names:
            names.append(name)
    return (plain_title(", ".join(names), None) if names else plain_title(_said(parsed, "author"), None)) or None


def _enclosures(parsed: Any, media: Media, feed_url: str, measure: Measure) -> tuple[Enclosure, ...]:
    found: dict[str, Enclosure] = {}
    for link in _said(parsed, "links") or ():
        if link.get("rel") != "enclosure":
            continue
        said = link.get("href")
        if isinstance(said, str) and said.strip() and (url := urls.absolute(feed_url, said)):
            if not measure.holds("max_pictures", len(found) + 1):
                break
            length = number(str(link.get("length") or ""))
            found.setdefault(url, Enclosure(url=url, type=text.clean(link.get("type") or "") or None, length=length))
    for file in media.enclosures:
        found.setdefault(file.url, file)
    return tuple(found.values())


def _categories(parsed: Any) -> tuple[str, ...]:
    tags = _said(parsed, "tags") or ()
    words = (text.clean(t.get("label") or t.get("term") or "") for t in tags[: MOST_OF_ENTRY.max_categories + 1])
    return tuple(dict.fromkeys(w for w in words if w))


def _language(parsed: Any) -> str | None:
    """Of the entry itself: its dc:language or xml:lang."""
    detail = _said(parsed, "title_detail") or {}
    said = _said(parsed, "language") or detail.get("language") or ""
    return text.clean(said).lower() or None
