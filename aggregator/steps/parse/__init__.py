"""An HTTP answer -> the feed in it: RSS, Atom, CDF and JSON Feed."""

import re
from dataclasses import replace
from io import BytesIO
from typing import Any

import feedparser

from aggregator.errors import ParseError
from aggregator.model import Feed, Response
from aggregator.steps import text, urls
from aggregator.steps.parse import dates, decode, guids, jsonfeed
from aggregator.steps.parse.entries import entries, plain_title
from aggregator.steps.parse.extras import extras

# What may stand before the document element.
_PREAMBLE = re.compile(r"(?:\s+|<\?[^>]{0,2000}\?>|<!--(?:(?!-->).){0,5000}-->)+", re.DOTALL)
_HTML = re.compile(r"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_ROOT = re.compile(r"<([A-Za-z][\w:.-]{0,60})")
_FEED_ROOT = re.compile(r"<(?:rss|feed|(?:\w+:)?RDF|channel)\b", re.IGNORECASE)


def feed(response: Response) -> Feed:
    """The feed that the body is, safe to keep. Raises ParseError, and nothing else."""
    if not response.body.strip(b" \t\r\n\0\xef\xbb\xbf"):
        raise ParseError(response.url, "empty: the server sent no body")
    if jsonfeed.is_json(response):
        parsed = jsonfeed.feed(response)
        return replace(parsed, entries=guids.settled(parsed.entries, None))
    if looks_like_html(response):
        raise ParseError(response.url, "an HTML page, not a feed: `aggregator add` finds the feed of a page")
    return _xml_feed(response)


def looks_like_html(response: Response) -> bool:
    """Whether the body is a web page; what the server calls it says little."""
    start = decode.decoded(response.body[:20_000], response.headers.get("content-type", "")).lstrip("\ufeff")
    start = _PREAMBLE.sub("", start, count=1) if _PREAMBLE.match(start) else start
    return bool(_HTML.match(start)) and not _FEED_ROOT.search(start[:1000])


def _xml_feed(response: Response) -> Feed:
    xml = decode.xml(response)
    said = _parsed(xml, response)
    head: dict[str, Any] = said["feed"]
    found = extras(xml.encode(), response.url)
    parsed = Feed(
        format=said.get("version") or "rss",
        title=plain_title(head.get("title"), head.get("title_detail")),
        site_url=urls.absolute(response.url, link) if (link := head.get("link")) else None,
        description=plain_title(head.get("subtitle"), head.get("subtitle_detail")),
        language=text.clean(head.get("language") or "").lower() or None,
    )
    items = entries(said["entries"], found.items, response.url, parsed)
    clock = dates.from_struct(dict.get(head, "updated_parsed"))
    return replace(parsed, entries=guids.settled(items, clock), **found.fields)


def _parsed(xml: str, response: Response) -> Any:
    """What feedparser makes of it. A string or bytes it would take for the name of a file or an address."""
    headers = {"content-type": "application/xml; charset=utf-8", "content-location": response.url}
    body = BytesIO(decode.without_media(xml).encode())
    try:
        said = feedparser.parse(body, response_headers=headers, sanitize_html=False, resolve_relative_uris=False)
    except Exception as error:  # it raises whatever its patterns and dates run into
        raise ParseError(response.url, f"feedparser gave up: {type(error).__name__}: {error}"[:300]) from error
    if said["entries"] or (said.get("version") and not said["bozo"]):
        return said
    if said["bozo"] and _FEED_ROOT.search(xml[:5000]):
        raise ParseError(response.url, f"no entries, and broken XML: {said.get('bozo_exception')}"[:300])
    root = _ROOT.search(xml)
    what = f"its document element is <{root[1]}>" if root else "it holds no XML"
    raise ParseError(response.url, f"neither RSS, Atom nor JSON Feed: {what}")
