"""Topics as bytes: Atom, RSS, JSON Feed, and the page that lists them; the same input gives the same bytes."""

from collections.abc import Sequence

from aggregator.steps.render import jsonfeed, own, xml
from aggregator.steps.render.entry import NEVER, html, page_error, rendered
from aggregator.steps.render.fragments import Fragment, fragments
from aggregator.steps.render.head import STYLE, Head, head
from aggregator.steps.render.page import index, style

__all__ = [
    "FORMATS",
    "STYLE",
    "Fragment",
    "Head",
    "document",
    "fragments",
    "head",
    "html",
    "index",
    "own",
    "page_error",
    "rendered",
    "style",
]

FORMATS = ("atom", "rss", "json")


def document(format: str, head: Head, entries: Sequence[Fragment]) -> bytes:
    """A feed of these entries, as new as the newest of them, in their language if they have one in common."""
    languages = {entry.language for entry in entries}
    language = languages.pop() if len(languages) == 1 else None
    said = [entry.said[format] for entry in entries]
    if format == "json":
        return jsonfeed.document(head, said, language)
    updated = max((entry.updated for entry in entries), default=NEVER)
    return xml.document(head, said, format, updated, language)
