"""What every format says of an article, decided once."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from urllib.parse import quote, urlsplit

from aggregator.errors import shown
from aggregator.model import Archived, Article, Enclosure, Image
from aggregator.steps.html import figure
from aggregator.steps.render.own import entry_id, is_given
from aggregator.steps.text import clean

# A feed that has said nothing yet still needs a date, and it must not move.
NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_TITLE_LENGTH = 80
# Everything outside XML 1.0's Char (section 2.2): one of these makes lxml raise, and a surrogate cannot be encoded.
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# A language tag that xml:lang and JSON Feed accept (RFC 5646, loosely).
_USER = re.compile(r"(?<=://)[^/?#]*@")
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")


# An id is an IRI (RFC 4287, 4.2.6), which has a scheme and no spaces.
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+")
_TYPE = re.compile(r"[^\s/]+/\S.*")
_ADDRESS = re.compile(r"(https?://[\w.%:@\[\]-]+)((?:[/?#].*)?)", re.DOTALL)
_UNSAFE = re.compile(r"%(?![0-9A-Fa-f]{2})|[^\w%/?#:@!$&'()*+,;=.~-]|[^\x00-\x7f]|(?<=#)#|#(?=.*#)", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """An article ready for any format: no control characters, no empty title, no missing time."""

    id: str
    is_given: bool  # its id, by another archive that it was read from, or by who says so
    title: str
    content: str  # HTML
    updated: datetime
    published: datetime | None
    url: str | None
    summary: str | None  # plain text
    author: str | None
    language: str | None
    categories: tuple[str, ...]
    images: tuple[Image, ...]
    enclosures: tuple[Enclosure, ...]
    podcast: str
    source: str
    source_id: str | None  # as it says itself
    source_updated: datetime | None
    source_feed: str | None
    source_site: str | None

    @property
    def source_url(self) -> str | None:
        return self.source_feed or self.source_site


def rendered(archived: Archived, copies: Sequence[Archived] = (), full_text: bool = True) -> Rendered:
    """`copies` are the other articles of its story, which are to be named."""
    article = archived.article
    summary = clean(article.summary or "") or None
    content = html(article) if full_text else f"<p>{escape(summary or _first_paragraph(article))}</p>"
    guid = archived.guid or article.url
    return Rendered(
        id=entry_id(archived.feed_url or archived.source, guid),
        is_given=is_given(guid),
        title=_title(article),
        content="\n".join(filter(None, (content, _also(c for c in copies if c.id != archived.id)))),
        updated=_utc(archived.revised_at or archived.first_seen),
        published=_utc(article.published) if article.published else None,
        url=_url(article.url),
        summary=summary,
        author=clean(article.byline or "") or None,
        language=article.language if _LANGUAGE.fullmatch(article.language or "") else None,
        categories=tuple(dict.fromkeys(c for c in map(clean, archived.categories) if c)),
        images=_images(article.images),
        enclosures=tuple(_enclosure(e) for e in archived.enclosures if _url(e.url)),
        podcast=archived.podcast,
        source_id=_source_id(archived),
        source_updated=_utc(archived.feed_updated) if archived.feed_updated else None,
        source=clean(archived.source_title) or clean(archived.source) or "unknown",
        source_feed=_public(archived.feed_url),
        source_site=_site(article.url),
    )


def html(article: Article) -> str:
    """The article as HTML: its own, or its paragraphs with the pictures between them."""
    if article.html:
        return _unseen(_legal(article.html))
    figures: dict[int, list[str]] = {}
    paragraphs = [p for p in _legal(article.text).split("\n\n") if p.strip()]
    for image in _images(article.images):
        figures.setdefault(min(image.position, len(paragraphs)), []).append(figure(image))
    parts: list[str] = []
    for position, paragraph in enumerate([*paragraphs, ""]):
        parts += figures.get(position, [])
        if paragraph:
            parts.append(f"<p>{escape(paragraph.strip())}</p>")
    return _unseen("\n".join(parts))


def _unseen(markup: str) -> str:
    """Whoever serves a picture is not told where it is looked at. In sanitized markup "<img" begins nothing else."""
    return markup.replace("<img ", '<img referrerpolicy="no-referrer" ')


def page_error(archived: Archived) -> str | None:
    """What there is instead of the page that could not be had, or all that it shows."""
    if archived.page_error is None:
        return "its page shows only a part of the article" if archived.article.partial else None
    kept = "the feed's text stands in" if archived.article.origin == "feed" else "what was had before is kept"
    return f"its page could not be had: {archived.page_error}, {kept}"


def _title(article: Article) -> str:
    """Atom and RSS demand one, so an article without gets its first words."""
    title = clean(article.title)
    if title:
        return title
    start = clean(article.text)
    if len(start) > _TITLE_LENGTH:
        start = start[:_TITLE_LENGTH].rsplit(" ", 1)[0] + "…"
    return start or clean(article.url) or "Untitled"


def _first_paragraph(article: Article) -> str:
    return clean(article.text.strip().split("\n\n", 1)[0])


def _also(copies: Iterable[Archived]) -> str:
    links = [
        f'<a href="{escape(url)}">{escape(clean(copy.source_title) or clean(copy.source))}</a>'
        for copy in copies
        if (url := _url(copy.article.url))
    ]
    return f'<p class="also">Also in: {", ".join(links)}</p>' if links else ""


def _images(images: Iterable[Image]) -> tuple[Image, ...]:
    return tuple(
        Image(
            url=url,
            caption=clean(image.caption or "") or None,
            credit=clean(image.credit or "") or None,
            position=image.position,
        )
        for image in images
        if (url := _url(image.url))
    )


def _enclosure(enclosure: Enclosure) -> Enclosure:
    type = clean(enclosure.type or "")
    length = enclosure.length if enclosure.length is not None and enclosure.length >= 0 else None
    return Enclosure(url=_url(enclosure.url) or "", type=type if _TYPE.fullmatch(type) else None, length=length)


def _url(url: str) -> str | None:
    """None for all but http(s): an article from `load` may have any address, or none. What no address may hold is
    written by its number (RFC 3986, 2.1)."""
    found = _ADDRESS.fullmatch(_legal(url).strip())
    if not found:
        return None
    try:
        urlsplit(found[1])
    except ValueError:
        return None
    return found[1] + _UNSAFE.sub(lambda said: quote(said[0]), found[2])


def _source_id(archived: Archived) -> str | None:
    said = clean(archived.feed_id or "")
    is_public = shown(said) == said and (not archived.feed_url or _public(archived.feed_url))
    return said if _IRI.fullmatch(said) and is_public else None


def _public(url: str) -> str | None:
    """The address of a source; None where it lets in whoever knows it."""
    return _url(url) if shown(url) == url else None


def _site(url: str) -> str | None:
    try:
        parts = urlsplit(_url(url) or "")
    except ValueError:
        return None
    return f"{parts.scheme}://{parts.netloc}/" if parts.netloc else None


def _legal(text: str) -> str:
    return _ILLEGAL.sub("", text)


def _utc(time: datetime) -> datetime:
    return time.astimezone(UTC).replace(microsecond=0)
