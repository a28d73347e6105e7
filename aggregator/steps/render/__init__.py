"""Topics as bytes: Atom, RSS, JSON Feed, and the page that lists them; the same input gives the same bytes."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from aggregator.model import Archived, Topic
from aggregator.steps.render.entry import Also, Feeds, entry_id, html, page_error
from aggregator.steps.render.jsonfeed import json
from aggregator.steps.render.page import index
from aggregator.steps.render.xml import atom, rss

__all__ = ["FORMATS", "Also", "Format", "atom", "entry_id", "html", "index", "json", "page_error", "rss"]


class Format(Protocol):
    """`also` has the copies of an article by its id; `feeds` the address of each source's feed by its name."""

    def __call__(
        self,
        topic: Topic,
        articles: Sequence[Archived],
        base_url: str,
        also: Also = ...,
        feeds: Feeds = ...,
    ) -> bytes: ...


FORMATS: Mapping[str, Format] = {"atom": atom, "rss": rss, "json": json}
