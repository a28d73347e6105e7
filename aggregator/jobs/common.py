"""What jobs have in common: how one ended, and how it asks."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from aggregator.app import App
from aggregator.config.access import access
from aggregator.doors.store import due
from aggregator.errors import AggregatorError, FetchError
from aggregator.model import Access, Entry, Job, Source
from aggregator.steps import urls

EASE = timedelta(minutes=15)
"""How long, at least, a host that answers 429 is asked for nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """How a job ended, for who reports it."""

    job: Job
    subject: str
    outcome: Literal["new", "unchanged", "failed", "walked", "asked", "archived", "revised", "published"]
    status: int | None = None
    new: int = 0
    changed: int = 0
    missed: bool = False  # none of the last poll's entries was there: others came and went in between
    error: str | None = None


async def ease(app: App, host: str, error: AggregatorError) -> None:
    """A host that answers 429 has had too much of all its sources and pages together."""
    if isinstance(error, FetchError) and error.status == 429:
        until = app.now() + max(error.retry_after or EASE, EASE)
        await app.store.write(due.ease, host, until, f"{host} answered 429: nothing of it is asked before")


def asked(app: App, source: Source) -> Access:
    """How a source wants to be asked."""
    asking = app.asking.get(source.url)
    return access(asking, source, app.config.home) if asking else Access()


def wants_page(app: App, source: Source) -> bool:
    """Whether the pages behind a source's entries are fetched."""
    return app.config.settings.full_text if source.full_text is None else source.full_text


def host_of_page(app: App, source: Source) -> Callable[[Entry], str]:
    """Which host archiving an entry will ask; "" where it asks none."""
    asks = wants_page(app, source)
    return lambda entry: urls.host(entry.url) if asks and entry.url else ""
