"""What a feed document says beside its entries."""

from dataclasses import dataclass, replace
from datetime import datetime

from aggregator.model import Topic
from aggregator.steps.text import clean

STYLE = "feed.css"
"""Lies beside the feeds, for who opens one in a browser."""

ARCHIVE = "archive"
"""The folder of archive pages, beside the feeds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    title: str
    description: str
    id: str
    address: str  # of the document, without the format's ending
    home_url: str
    style: str = STYLE  # from where the document is
    query: str = ""  # of all addresses: the token
    hub: str = ""  # WebSub
    current: str = ""  # of an archive page: the feed that it is of (RFC 5005), without the ending
    older: str = ""  # the archive page with what is older, without the ending
    deleted: tuple[tuple[str, datetime], ...] = ()  # ids that are no longer in the feed, and until when (RFC 6721)

    def url(self, format: str) -> str:
        return self.whole(self.address, format)

    def whole(self, address: str, format: str) -> str:
        """The address of a document of ours, where it is asked for in this format."""
        return f"{address}.{format}{self.query}"


def of_page(head: Head, version: int, number: int) -> Head:
    """An archive page of the feed: it changes with its own entries alone, so it does not say what is newer."""
    return replace(
        head,
        address=page_address(head, version, number),
        style=f"../../../{STYLE}",
        hub="",
        current=head.address,
        older=page_address(head, version, number - 1) if number > 1 else "",
        deleted=(),
    )


def with_page(head: Head, version: int, number: int) -> Head:
    """The feed, whose newest archive page this is; 0: it has none."""
    return replace(head, older=page_address(head, version, number)) if number else head


def page_address(head: Head, version: int, number: int) -> str:
    """What another version of a rule takes is under other addresses: readers keep what they read."""
    base, _, name = head.id.rpartition("/")
    return f"{base}/{ARCHIVE}/{name}/{version}/{number}"


def head(topic: Topic, base_url: str, hub: str = "") -> Head:
    base, title = base_url.rstrip("/"), clean(topic.title) or topic.name
    return Head(
        title=title,
        description=f"Articles on {title}" if topic.match else title,
        id=f"{base}/feeds/{topic.name}",
        address=f"{base}/feeds/{topic.name}",
        home_url=f"{base}/",
        query=topic.query,
        hub="" if topic.token else hub,
    )
