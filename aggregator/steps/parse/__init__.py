"""An HTTP answer -> the feed in it: RSS, Atom, CDF and JSON Feed."""

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from aggregator.errors import ParseError
from aggregator.model import EntryLimits, Feed, Response
from aggregator.steps.measure import Measure
from aggregator.steps.parse import decode, guids, jsonfeed, parts
from aggregator.steps.parse.entries import inherited
from aggregator.steps.parse.readers import FEED_ROOT, by_feedparser, by_tree

MAX_QUICK_BYTES = 2**20
MAX_QUICK_TAGS = 20_000
"""Of what is read in the daemon itself: under a second for one that was made to take long."""

MAX_PARTED_BYTES = 8 * 2**20

SHARING = 3
"""Readings of what is new with what has its names: guids and links may be others' in a row."""

# What may stand before the document element.
_PREAMBLE = re.compile(r"(?:\s+|<\?[^>]{0,2000}\?>|<!--(?:(?!-->).){0,5000}-->)+", re.DOTALL)
_HTML = re.compile(r"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)


def feed(response: Response, known: bytes = b"", most: int | None = None, limits: EntryLimits | None = None) -> Feed:
    """The feed that the first `most` entries of the body are, safe to keep; without those whose marks are `known` from
    an earlier document. Raises ParseError, and nothing else."""
    measure = Measure(limits or EntryLimits(), most)
    return measure.of(_feed(response, known, measure))


def _feed(response: Response, known: bytes, measure: Measure) -> Feed:
    if not response.body.strip(b" \t\r\n\0\xef\xbb\xbf"):
        raise ParseError(response.url, "empty: the server sent no body")
    if jsonfeed.is_json(response):
        parsed = jsonfeed.feed(response, measure)
        return replace(parsed, entries=inherited(guids.settled(parsed.entries, None, measure=measure), parsed.language))
    if looks_like_html(response):
        raise ParseError(response.url, "an HTML page, not a feed: `aggregator add` finds the feed of a page")
    found = _fresh(response, known, _read, measure)
    assert found is not None
    return found


def quick(
    response: Response, known: bytes = b"", most: int | None = None, limits: EntryLimits | None = None
) -> Feed | None:
    """The same where that is a matter of milliseconds, so that it needs no process that can be ended: for what is new
    of well-formed feeds in the common dialects (docs/decisions/0013-feeds-read-in-the-daemon.md). None: it is not."""
    if len(response.body) > MAX_PARTED_BYTES or jsonfeed.is_json(response):
        return None
    measure = Measure(limits or EntryLimits(), most)
    found = _fresh(response, known, _read_quickly, measure)
    return measure.of(found) if found else None


def looks_like_html(response: Response) -> bool:
    """Whether the body is a web page; what the server calls it says little."""
    start = decode.decoded(response.body[:20_000], response.headers.get("content-type", "")).lstrip("\ufeff")
    start = _PREAMBLE.sub("", start, count=1) if _PREAMBLE.match(start) else start
    return bool(_HTML.match(start)) and not FEED_ROOT.search(start[:1000])


def _fresh(
    response: Response, known: bytes, read: Callable[[Response, int, Measure], Feed | None], measure: Measure
) -> Feed | None:
    """What `read` makes of the document, of the entries that are not known alone if that is the same."""
    parted = parts.parts(response, measure)
    marks = b"".join(parted.marks) if parted else b""
    if parted and measure.over:
        response = replace(response, body=parted.document(parted.entries))
    some = parted.fresh(known) if parted else ()
    if parted and len(some) < len(parted.entries):
        with suppress(ParseError):
            if found := _some(response, parted, some, read, measure):
                return replace(found, marks=marks)
    found = read(response, 0, measure)
    return replace(found, marks=marks) if found else None


def _some(
    response: Response,
    parted: parts.Parts,
    some: tuple[bytes, ...],
    read: Callable[[Response, int, Measure], Feed | None],
    measure: Measure,
) -> Feed | None:
    """What `read` makes of these entries, and of those that have a name in common with one of them; None where it may
    make something else of them in the whole document."""
    alone = some
    for _ in range(SHARING):
        seen = len(parted.entries) - len(some)
        found = read(replace(response, body=parted.document(some)), seen, measure)
        if not found or len(found.entries) != len(some):
            return None
        others = parted.sharing(found.entries, some)
        if others == ():
            # Where all were updated when the document was made, that is no part of what they say (guids.settled): of
            # those that were read before it may have been none.
            is_clock = some != alone and all(e.updated and e.updated == e.feed_updated for e in found.entries)
            return None if is_clock else replace(found, seen=seen)
        if others is None or len(some) + len(others) > seen:
            return None
        wanted = {*some, *others}
        some = tuple(e for e in parted.entries if e in wanted)
    return None


def _read(response: Response, seen: int, measure: Measure) -> Feed | None:
    return by_tree(response, seen, measure) or by_feedparser(response, seen, measure)


def _read_quickly(response: Response, seen: int, measure: Measure) -> Feed | None:
    is_short = len(response.body) <= MAX_QUICK_BYTES and response.body.count(b"<") <= MAX_QUICK_TAGS
    return by_tree(response, seen, measure) if is_short else None
