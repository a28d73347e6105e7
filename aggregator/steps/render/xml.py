"""Atom and RSS by feedgen."""

from collections.abc import Sequence
from html import escape

from feedgen.entry import FeedEntry
from feedgen.feed import FeedGenerator

from aggregator.model import Archived, Topic
from aggregator.steps.render import extensions
from aggregator.steps.render.entry import (
    NONE,
    Also,
    Feeds,
    Rendered,
    feed_language,
    feed_title,
    feed_updated,
    rendered,
)


def atom(topic: Topic, articles: Sequence[Archived], base_url: str, also: Also = NONE, feeds: Feeds = NONE) -> bytes:
    """RFC 4287."""
    entries = rendered(topic, articles, also, feeds)
    return bytes(_generator(topic, entries, base_url, "atom").atom_str(pretty=True))


def rss(topic: Topic, articles: Sequence[Archived], base_url: str, also: Also = NONE, feeds: Feeds = NONE) -> bytes:
    """RSS 2.0, with the content, dc, media and atom modules."""
    entries = rendered(topic, articles, also, feeds)
    return bytes(_generator(topic, entries, base_url, "rss").rss_str(pretty=True))


def _generator(topic: Topic, entries: Sequence[Rendered], base_url: str, format: str) -> FeedGenerator:
    base, title = base_url.rstrip("/"), feed_title(topic)
    feed = FeedGenerator()
    feed.load_extension("dc", atom=False, rss=True)
    for name, extension in extensions.ALL.items():
        feed.register_extension(name, extensions.Namespaces, extension)
    feed.id(f"{base}/feeds/{topic.name}")
    feed.title(title)
    feed.description(f"Articles on {title}" if topic.match else title)
    feed.generator("aggregator")
    feed.author(name=title)
    # feedgen takes the last link for the one of RSS, so the page comes after the feed.
    feed.link(href=f"{base}/feeds/{topic.name}.{format}", rel="self", type=f"application/{format}+xml")
    feed.link(href=f"{base}/", rel="alternate", type="text/html")
    updated = feed_updated(entries)
    feed.updated(updated)
    feed.lastBuildDate(updated)
    if language := feed_language(entries):
        feed.language(language)
    for entry in entries:
        _fill(feed.add_entry(order="append"), entry, format)
    return feed


def _fill(into: FeedEntry, entry: Rendered, format: str) -> None:
    into.id(entry.id)
    into.title(entry.title)
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
