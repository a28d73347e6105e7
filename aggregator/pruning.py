"""Retention, where it is asked for: what would go, and letting it go."""

from collections.abc import AsyncIterator, Callable

from aggregator.app import App
from aggregator.doors.store import articles, retention
from aggregator.errors import AggregatorError
from aggregator.jobs import THINKING
from aggregator.model import Archived

BATCH = 100
"""Articles that are deleted in one transaction: others have their turn in between."""


async def prune(
    app: App, step: Callable[[int], None] = lambda n: None, is_over: Callable[[], bool] = lambda: False
) -> int:
    """Delete what sources and topics are told to be rid of, and nobody else wants, until that is all or it is over;
    returns how many articles."""
    cuts, total, now = await _cuts(app), 0, app.now()
    for cut in cuts:
        place: retention.Place | None = None
        while True:
            count, place = await app.store.write(retention.prune, cut, cuts, place, BATCH, THINKING, now)
            total += count
            step(count)
            if is_over():
                return total
            if place is None:
                break
    return total


async def preview(app: App) -> AsyncIterator[tuple[retention.Cut, Archived]]:
    """What prune would delete now, each once, with the rule by which it goes."""
    cuts = await _cuts(app)
    told = bytearray()  # a byte for each article
    for cut in cuts:
        place: retention.Place | None = None
        while True:
            ids, place = await app.store.read(retention.going, cut, cuts, place, BATCH)
            told.extend(bytes(max(0, max(ids, default=0) + 1 - len(told))))
            for archived in await app.store.read(articles.get, [id for id in ids if not told[id]]):
                told[archived.id or 0] = 1
                yield cut, archived
            if place is None:
                break


async def _cuts(app: App) -> tuple[retention.Cut, ...]:
    """Raises AggregatorError while a topic may still want what would go."""
    cuts = await app.store.read(retention.cuts, app.now())
    if cuts and (behind := await app.store.read(retention.behind)):
        reason = "has not judged the whole archive yet, and may want what would go: `aggregator publish` first"
        raise AggregatorError(f"topic {behind[0]}", reason)
    return cuts
