"""JSON Feed 1.1, which feedgen does not write."""

from collections.abc import Mapping, Sequence
from itertools import chain, islice
from json import dumps

from aggregator.model import Part
from aggregator.steps.render.entry import Rendered
from aggregator.steps.render.head import Head


def entries(said: Sequence[Rendered]) -> list[bytes]:
    """Captions and sources are in `_media` and `_source`: the specification leaves names with _ to publishers."""
    return [b"\n" + _json(_entry(entry)) for entry in said]


def document(head: Head, entries: Sequence[Part], language: str | None) -> list[Part]:
    said: dict[str, object] = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": head.title,
        "home_page_url": head.home_url,
        "feed_url": head.url("json"),
        "description": head.description,
        "next_url": head.whole(head.older, "json") if head.older else None,
        "hubs": [{"type": "WebSub", "url": head.hub}] if head.hub else None,
        "language": language,
        "items": [],
    }
    between = chain.from_iterable((b",", entry) for entry in entries)
    return [_json(said).removesuffix(b"]}"), *islice(between, 1, None), b"\n]}\n"]


def _json(members: Mapping[str, object]) -> bytes:
    return dumps(_said(members), ensure_ascii=False).encode()


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
        "_source": _said(
            {
                "name": entry.source,
                "url": entry.source_url,
                "id": entry.source_id,
                "updated": entry.source_updated.isoformat() if entry.source_updated else None,
            }
        ),
    }


def _said(members: Mapping[str, object]) -> dict[str, object]:
    """Without what is not known: JSON Feed has no null."""
    return {name: value for name, value in members.items() if value is not None}
