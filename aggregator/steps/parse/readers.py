"""The two ways to read a feed of XML: its tree, and feedparser for what is broken or unusual."""

import re
from collections.abc import Sequence
from dataclasses import replace
from io import BytesIO
from typing import Any

from aggregator.errors import ParseError
from aggregator.model import Feed, Response
from aggregator.steps import text, urls
from aggregator.steps.measure import MAX_DESCRIPTION, MAX_LANGUAGE, Measure
from aggregator.steps.parse import dates, decode, guids, tree
from aggregator.steps.parse.entries import entries, inherited, plain_title
from aggregator.steps.parse.extras import Extras, extras, of_tree
from aggregator.steps.parse.names import parsed_xml

_ROOT = re.compile(r"<([A-Za-z][\w:.-]{0,60})")
FEED_ROOT = re.compile(r"<(?:rss|feed|(?:\w+:)?RDF|channel)\b", re.IGNORECASE)


def by_tree(response: Response, seen: int = 0, measure: Measure | None = None) -> Feed | None:
    """By lxml alone; None where the document is not well-formed, or unusual."""
    measure = measure or Measure()
    said = decode.without_naming(decode.undeclared(response))
    if decode.has_dtd(said) or decode.is_crowded(said, measure.limits.max_attributes):
        return None
    root = parsed_xml(said.encode(errors="replace"))
    if root is None and (root := parsed_xml(decode.resolved(said).encode())) is None:
        return None
    try:
        parsed = tree.parsed(root, response.url, measure)
    except tree.Unusual:
        return None
    found = of_tree(root, parsed.items, response.url, measure)
    return _feed(parsed.format, parsed.feed, parsed.entries, found, response, seen, measure)


def by_feedparser(response: Response, seen: int = 0, measure: Measure | None = None) -> Feed:
    """Raises ParseError."""
    measure = measure or Measure()
    xml = decode.xml(response, measure)
    said = _parsed(xml, response)
    format = said.get("version") or "rss"
    found = extras(xml.encode(), response.url, measure)
    return _feed(format, said["feed"], measure.first(said["entries"]), found, response, seen, measure)


def _feed(
    format: str,
    head: dict[str, Any],
    said: Sequence[Any],
    found: Extras,
    response: Response,
    seen: int,
    measure: Measure,
) -> Feed:
    url = response.url
    description = plain_title(head.get("subtitle"), head.get("subtitle_detail"))
    parsed = Feed(
        format=format,
        title=measure.cut("max_title", plain_title(head.get("title"), head.get("title_detail"))),
        site_url=urls.absolute(url, link) if (link := head.get("link")) else None,
        description=description and description[:MAX_DESCRIPTION],
        language=text.clean(head.get("language") or "").lower()[:MAX_LANGUAGE] or None,
    )
    items = entries(said, found.items, url, parsed, measure)
    clock = dates.from_struct(dict.get(head, "updated_parsed"))
    said_at = clock or dates.from_struct(dict.get(head, "published_parsed"))
    settled = inherited(guids.settled(items, clock, seen, measure), parsed.language, said_at)
    return replace(parsed, entries=settled, **found.fields)


def _parsed(xml: str, response: Response) -> Any:
    """What feedparser makes of it. A string or bytes it would take for the name of a file or an address."""
    headers = {"content-type": "application/xml; charset=utf-8", "content-location": response.url}
    body = BytesIO(decode.without_media(xml).encode())
    import feedparser  # a tenth of a second, for the few feeds that need it

    try:
        said = feedparser.parse(body, response_headers=headers, sanitize_html=False, resolve_relative_uris=False)
    except MemoryError:
        raise  # our own limit, and told as such
    except Exception as error:  # it raises whatever its patterns and dates run into
        raise ParseError(response.url, f"feedparser gave up: {type(error).__name__}: {error}"[:300]) from error
    if said["entries"] or (said.get("version") and not said["bozo"]):
        return said
    if said["bozo"] and FEED_ROOT.search(xml[:5000]):
        raise ParseError(response.url, f"no entries, and broken XML: {said.get('bozo_exception')}"[:300])
    root = _ROOT.search(xml)
    what = f"its document element is <{root[1]}>" if root else "it holds no XML"
    raise ParseError(response.url, f"neither RSS, Atom nor JSON Feed: {what}")
