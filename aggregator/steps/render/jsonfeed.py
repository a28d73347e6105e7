"""JSON Feed 1.1, which feedgen does not write."""

from collections.abc import Mapping, Sequence
from json import dumps

from aggregator.model import Archived, Topic
from aggregator.steps.render.entry import NONE, Also, Feeds, Rendered, feed_language, feed_title, rendered


def json(topic: Topic, articles: Sequence[Archived], base_url: str, also: Also = NONE, feeds: Feeds = NONE) -> bytes:
    """Captions and sources are in `_media` and `_source`: the specification leaves names with _ to publishers."""
    base = base_url.rstrip("/")
    entries = rendered(topic, articles, also, feeds)
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed_title(topic),
        "home_page_url": f"{base}/",
        "feed_url": f"{base}/feeds/{topic.name}.json",
        "language": feed_language(entries),
        "items": [_said(_entry(entry)) for entry in entries],
    }
    return dumps(_said(feed), ensure_ascii=False, indent=1).encode() + b"\n"


def _entry(entry: Rendered) -> dict[str, object]:
    return {
        "id": entry.id,
        "url": entry.url,
        "title": entry.title,
        "content_html": entry.content,
        "summary": entry.summary,
        "image": entry.images[0].url if entry.images else None,
        "date_published": entry.published.isoformat() if entry.published else None,
        "date_modified": entry.updated.isoformat(),
        "authors": [{"name": entry.author}] if entry.author else None,
        "tags": list(entry.categories) or None,
        "language": entry.language,
        "attachments": [
            _said({"url": e.url, "mime_type": e.type or "application/octet-stream", "size_in_bytes": e.length})
            for e in entry.enclosures
        ]
        or None,
        "_media": [_said({"url": i.url, "caption": i.caption, "credit": i.credit}) for i in entry.images] or None,
        "_source": _said({"name": entry.source, "url": entry.source_url}),
    }


def _said(members: Mapping[str, object]) -> dict[str, object]:
    """Without what is not known: JSON Feed has no null."""
    return {name: value for name, value in members.items() if value is not None}
