"""What a feed document says beside its entries."""

from dataclasses import dataclass

from aggregator.model import Topic
from aggregator.steps.text import clean


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    title: str
    description: str
    address: str  # of the feed, whatever its format: its id
    home_url: str

    def url(self, format: str) -> str:
        return f"{self.address}.{format}"


def head(topic: Topic, base_url: str) -> Head:
    base, title = base_url.rstrip("/"), clean(topic.title) or topic.name
    return Head(
        title=title,
        description=f"Articles on {title}" if topic.match else title,
        address=f"{base}/feeds/{topic.name}",
        home_url=f"{base}/",
    )
