"""Atom and RSS by feedgen: entries by themselves, and the document around them."""

import re
from collections.abc import Sequence
from datetime import datetime
from email.utils import format_datetime
from functools import lru_cache
from html import escape

from feedgen.entry import FeedEntry
from feedgen.feed import FeedGenerator

from aggregator.model import Part
from aggregator.steps.render import extensions
from aggregator.steps.render.entry import NEVER, Rendered
from aggregator.steps.render.head import Head

_BARE = Head(title="-", description="-", id="-", address="http://localhost/", home_url="http://localhost/")
# What is said has "&lt;" for "<", so that these stand where an entry begins, and nowhere else.
_BEGINS = re.compile(rb"(?=\n *<(?:entry|item)[ >])")
_END = {"atom": b"\n</feed>", "rss": b"\n  </channel>"}

# Of RSS nobody says whether a title is HTML, and most readers take it for that: what looks like a tag is to stay text.
_LIKE_A_TAG = re.compile(r"<(?=[A-Za-z/!?])")


def entries(said: Sequence[Rendered], format: str) -> list[bytes]:
    """Each as it stands in a document of this format, whose namespaces it needs."""
    if not said:
        return []
    feed = _generator(_BARE, format, None)
    for entry in said:
        _fill(feed.add_entry(order="append"), entry, format)
    _, *found = _BEGINS.split(_bytes(feed, format))
    found[-1] = found[-1][: found[-1].rindex(_END[format])]
    return found


def document(head: Head, entries: Sequence[Part], format: str, updated: datetime, language: str | None) -> list[Part]:
    before, between, end = _frame(head, format, language)
    return [before, _time(format, updated), between, *entries, end]


@lru_cache(maxsize=2048)  # the time alone is another whenever a topic is published
def _frame(head: Head, format: str, language: str | None) -> tuple[bytes, bytes, bytes]:
    """What stands before the document's time, what between that and the entries, and its end."""
    body = _bytes(_generator(head, format, language), format)
    declaration, _, body = body.partition(b"\n")  # what follows it is no element, so that it is not in feedgen's tree
    style = f'<?xml-stylesheet type="text/css" href="{head.style}"?>'.encode()
    before, between = body.split(_time(format, NEVER), 1)
    end = between.rindex(_END[format])
    return b"\n".join((declaration, style, before)), between[:end], between[end:]


def _time(format: str, at: datetime) -> bytes:
    """As feedgen writes it."""
    return (at.isoformat() if format == "atom" else format_datetime(at)).encode()


def _bytes(feed: FeedGenerator, format: str) -> bytes:
    return bytes(feed.atom_str(pretty=True) if format == "atom" else feed.rss_str(pretty=True))


def _generator(head: Head, format: str, language: str | None) -> FeedGenerator:
    feed = FeedGenerator()
    feed.load_extension("dc", atom=False, rss=True)
    for name, extension in extensions.ALL.items():
        feed.register_extension(name, extensions.Namespaces, extension)
    feed.register_extension("around", extensions.Around)
    feed.around.show(head, format)
    feed.id(head.id)
    feed.title(head.title)
    feed.description(head.description)
    feed.generator("aggregator")
    feed.author(name=head.title)
    # feedgen takes the last link for the one of RSS, so the page comes after the feed.
    feed.link(href=head.url(format), rel="self", type=f"application/{format}+xml")
    feed.link(href=head.home_url, rel="alternate", type="text/html")
    feed.updated(NEVER)
    feed.lastBuildDate(NEVER)
    if language:
        feed.language(language)
    return feed


def _fill(into: FeedEntry, entry: Rendered, format: str) -> None:
    into.id(entry.id)
    into.title(entry.title if format == "atom" else _LIKE_A_TAG.sub("&lt;", entry.title))
    into.updated(entry.updated)
    into.published(entry.published or (entry.updated if format == "rss" else None))
    into.content(entry.content, type="html")
    if entry.summary:
        into.summary(escape(entry.summary, quote=False), type="html")
    if entry.url:
        into.link(href=entry.url, rel="alternate")
    if entry.author:
        into.author(name=entry.author)
        into.dc.dc_creator(entry.author)  # RSS's own author is an e-mail address
    if entry.language:
        into.dc.dc_language(entry.language)
    into.category([{"term": category} for category in entry.categories])
    for name in extensions.ALL:
        getattr(into, name).show(entry)
