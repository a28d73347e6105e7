"""What a feed document says beside its entries."""

from dataclasses import dataclass

from aggregator.model import Topic
from aggregator.steps.text import clean

STYLE = "feed.css"
"""Lies beside the feeds, for who opens one in a browser."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    title: str
    description: str
    id: str
    address: str  # of the document, without the format's ending
    home_url: str
    style: str = STYLE  # from where the document is
    hub: str = ""  # WebSub

    def url(self, format: str) -> str:
        return f"{self.address}.{format}"


def head(topic: Topic, base_url: str, hub: str = "") -> Head:
    base, title = base_url.rstrip("/"), clean(topic.title) or topic.name
    return Head(
        title=title,
        description=f"Articles on {title}" if topic.match else title,
        id=f"{base}/feeds/{topic.name}",
        address=f"{base}/feeds/{topic.name}",
        home_url=f"{base}/",
        hub=hub,
    )
