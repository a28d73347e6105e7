"""What we publish is not taken in again, whichever way it comes back."""

from aggregator.app import App
from aggregator.doors.store import published
from aggregator.model import Feed
from aggregator.steps import render, urls

MOST = 500
"""Entries of a document that are looked for in the archive."""


async def foreign(app: App, feed: Feed, url: str) -> Feed:
    """The feed without what came out of this archive. Raises ParseError where nothing else is in it."""
    render.own.refuse(url, app.config.settings.public_url)
    if not (marked := render.own.marked(feed.entries)[:MOST]):
        return feed
    keys = [urls.page_key(entry.url or "") for entry in marked]
    origins = await app.store.read(published.origins, keys)
    ours = {render.own.entry_id(source, guid) for source, guid in origins if not render.own.is_given(guid)}
    return render.own.foreign(feed, ours, url)
