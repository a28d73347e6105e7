"""Topics as bytes: Atom, RSS, JSON Feed, and the page that lists them; the same input gives the same bytes."""

from collections.abc import Sequence
from dataclasses import replace

from aggregator.model import Part
from aggregator.steps.render import jsonfeed, own, xml
from aggregator.steps.render.entry import NEVER, Rendered, html, page_error, rendered
from aggregator.steps.render.fragments import FORMATS, PAGED, Fragment, fragments, together
from aggregator.steps.render.head import ARCHIVE, STYLE, Head, head, of_page, with_page
from aggregator.steps.render.page import index, style

__all__ = [
    "ARCHIVE",
    "FORMATS",
    "PAGED",
    "STYLE",
    "Fragment",
    "Head",
    "Rendered",
    "document",
    "fragments",
    "head",
    "html",
    "index",
    "of_page",
    "own",
    "page_error",
    "rendered",
    "style",
    "together",
    "with_page",
]


def document(format: str, head: Head, entries: Sequence[Fragment]) -> list[Part]:
    """A feed of these entries, in parts that are to follow each other; as new as the newest of them, in their language
    if they have one in common. Two feeds of one archive may have brought an entry twice: it is here once. Who only says
    that he has it of another takes the place of nobody who made the id, or had it before."""
    once: dict[str, Fragment] = {}
    for entry in entries:
        if entry.id not in once or once[entry.id].is_given:
            once[entry.id] = entry
    # Of an entry that came twice one may be deleted: the other's readers keep it.
    head = replace(head, deleted=tuple(gone for gone in head.deleted if gone[0] not in once))
    said, language = [entry.said[format] for entry in once.values()], _language(entries)
    if format == "json":
        return jsonfeed.document(head, said, language)
    updated = max((entry.updated for entry in entries), default=NEVER)
    return xml.document(head, said, format, updated, language)


def _language(entries: Sequence[Fragment]) -> str | None:
    languages = {entry.language for entry in entries}
    return languages.pop() if len(languages) == 1 else None
