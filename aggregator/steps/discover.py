"""The feeds that a page names."""

import re
from dataclasses import dataclass
from itertools import islice
from typing import Any
from urllib.parse import urljoin

from lxml import html as lxml_html
from lxml.etree import LxmlError

from aggregator.model import Response
from aggregator.steps import measure, text, urls

TYPES = {
    "application/rss+xml": 0,
    "application/atom+xml": 0,
    "application/feed+json": 1,
    "application/rdf+xml": 2,
    "application/xml": 3,
    "text/xml": 3,
}
GUESSES = ("feed", "feed.xml", "rss.xml", "atom.xml", "index.xml", "feed.json")
"""Where feeds usually are, tried where a page names none."""

MAX_FEEDS = 20
_FEED = re.compile(r"(?<![a-z])(?:rss|atom|feed)(?![a-z])", re.IGNORECASE)
_SECONDARY = ("comment", "kommentar", "commentaire", "comentario", "replies")


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFeed:
    """A feed that a page links to, not yet asked."""

    url: str
    title: str | None = None


def feeds(response: Response) -> tuple[FoundFeed, ...]:
    """The feeds of a page, the best first: its own, in the order it names them, before those of its comments."""
    page = _page(response)
    if page is None:
        return ()
    base = urls.absolute(response.url, next(iter(page.xpath("//base/@href")), "")) or response.url
    ranked: dict[str, tuple[int, FoundFeed]] = {}
    for link in page.xpath("//link[@href][contains(concat(' ', normalize-space(@rel), ' '), ' alternate ')]"):
        kind = str(link.get("type") or "").split(";")[0].strip().lower()
        url = urls.absolute(base, link.get("href"))
        if kind in TYPES and url:
            title = text.clean(link.get("title") or "") or None
            ranked.setdefault(url, (_rank(kind, title, url), FoundFeed(url=url, title=title)))
    return tuple(feed for _, feed in sorted(ranked.values(), key=lambda pair: pair[0])[:MAX_FEEDS])


def guesses(response: Response) -> tuple[FoundFeed, ...]:
    """Addresses worth asking where the page names no feed: links that are called one, then under its own path, then at
    the root."""
    bases = dict.fromkeys((response.url.rstrip("/") + "/", urljoin(response.url, "/")))
    usual = (urljoin(base, guess) for base in bases for guess in GUESSES)
    return tuple(FoundFeed(url=url) for url in dict.fromkeys((*_called_feeds(response), *usual)))


def _called_feeds(response: Response) -> list[str]:
    page = _page(response)
    if page is None:
        return []
    links = (a for a in page.iter("a") if a.get("href") and _FEED.search(f"{a.get('href')} {(a.text_content())[:50]}"))
    return [url for a in islice(links, MAX_FEEDS) if (url := urls.absolute(response.url, a.get("href")))]


def _page(response: Response) -> Any:
    """The page's tree; None where it has none. Its bytes pass as Latin-1, for the parser knows their encoding best."""
    bounded = measure.bounded(response.body.decode("latin-1")).encode("latin-1")
    try:
        return lxml_html.fromstring(bounded, base_url=response.url)
    except (LxmlError, ValueError):
        return None


def _rank(kind: str, title: str | None, url: str) -> int:
    secondary = any(word in f"{title or ''} {url}".lower() for word in _SECONDARY)
    return TYPES[kind] + 10 * secondary
