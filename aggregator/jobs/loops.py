"""What we publish is not taken in again, whichever way it comes back."""

from collections.abc import Iterator

from aggregator.app import App
from aggregator.doors.store import published
from aggregator.model import Feed
from aggregator.steps import diff, render, urls

MOST = 500
"""Entries of a document that are looked for in the archive."""

MOST_EDITS = 200
"""Edits of an article that are known as ours."""


async def foreign(app: App, feed: Feed, url: str) -> Feed:
    """The feed without what came out of this archive. Raises ParseError where nothing else is in it."""
    render.own.refuse(url, app.config.settings.public_url)
    if not (marked := render.own.marked(feed.entries)[:MOST]):
        return feed
    keys = [urls.page_key(entry.url or "") for entry in marked]
    origins = await app.store.read(published.origins, keys)
    return render.own.foreign(feed, {id for each in origins for id in _given(*each)}, url)


def _given(source: str, guid: str, revisions: int) -> Iterator[str]:
    """The ids by which we published an entry, and its edits."""
    if not render.own.is_given(guid):
        yield render.own.entry_id(source, guid)
    for number in range(2, min(revisions, MOST_EDITS) + 1):
        yield render.own.entry_id(source, diff.edit_guid(guid, number))
