"""When to poll a source again."""

from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import blake2b

from aggregator.errors import FetchError, GoneError
from aggregator.model import Bounds, Feed, PollState, Response, Source

WEEK = timedelta(days=7)


def unchanged(source: Source, state: PollState, response: Response, now: datetime, bounds: Bounds) -> PollState:
    """The state after a 304, or after a body that hashes as before: half as long a rest again."""
    last = state.rest if state.rest and not state.failures else bounds.usual
    rest, reason = _rest(source, last * 1.5, "nothing new; half as long again as before", bounds)
    return replace(
        _answered(state, response),
        polled_at=now,
        poll_at=now + _spread(source, rest),
        rest=rest,
        reason=reason,
    )


def polled(
    source: Source,
    state: PollState,
    response: Response,
    feed: Feed,
    new: int,
    body_hash: str,
    now: datetime,
    bounds: Bounds,
) -> PollState:
    """The state after a feed was read; `new` is how many entries were not known before."""
    said = max((t for t in (feed.ttl, feed.update_interval) if t), default=None)
    if new:
        rest, reason = bounds.usual / 2, f"{new} new: half the usual interval"
    else:
        rest, reason = bounds.usual * 2, "no new entry: twice the usual interval"
    if said and said > rest:
        rest, reason = said, "as the feed asks (ttl, sy:updatePeriod)"
    rest, reason = _rest(source, rest, reason, bounds)
    return replace(
        _answered(state, response),
        etag=response.headers.get("etag"),
        last_modified=response.headers.get("last-modified"),
        body_hash=body_hash,
        title=feed.title or state.title,
        site_url=feed.site_url or state.site_url,
        polled_at=now,
        poll_at=now + _spread(source, rest),
        rest=rest,
        reason=reason,
    )


def failed(source: Source, state: PollState, error: Exception, now: datetime, bounds: Bounds) -> PollState:
    """The state after a failure: longer each time, never longer than a week; 410 ends the polling."""
    failures = state.failures + 1
    rest = min(bounds.usual * 2 ** min(failures - 1, 12), WEEK)
    reason = f"failed {failures} times in a row" if failures > 1 else "failed once"
    if isinstance(error, FetchError) and error.retry_after and error.retry_after > rest:
        rest, reason = error.retry_after, "as the server asks (Retry-After)"
    gone = isinstance(error, GoneError)
    return replace(
        state,
        failures=failures,
        error=str(error),
        status=error.status if isinstance(error, FetchError) else state.status,
        gone=gone,
        polled_at=now,
        poll_at=None if gone else now + _spread(source, rest),
        reason="gone (410): not polled any more" if gone else reason,
    )


def retry(failures: int, now: datetime) -> datetime | None:
    """When to ask again for a page that failed `failures` times; None: never."""
    pauses = (
        timedelta(minutes=10),
        timedelta(hours=1),
        timedelta(hours=6),
        timedelta(days=1),
        timedelta(days=3),
    )
    return now + pauses[failures - 1] if failures <= len(pauses) else None


def _answered(state: PollState, response: Response) -> PollState:
    """A 304 may refresh the validators; what it does not name stays (RFC 9111, 4.3.4)."""
    return replace(
        state,
        etag=response.headers.get("etag", state.etag),
        last_modified=response.headers.get("last-modified", state.last_modified),
        status=response.status,
        failures=0,
        error=None,
        gone=False,
        moved_to=response.moved_to,
    )


def _rest(source: Source, rest: timedelta, reason: str, bounds: Bounds) -> tuple[timedelta, str]:
    if source.interval:
        return source.interval, "the source's own interval (sources.toml)"
    if rest < bounds.least:
        return bounds.least, f"{reason}, not under the least interval"
    if rest > bounds.most:
        return bounds.most, f"{reason}, not over the most"
    return rest, reason


def _spread(source: Source, rest: timedelta) -> timedelta:
    """The rest, up to a tenth longer by the hash of the URL, so that sources added together drift apart."""
    share = int.from_bytes(blake2b(source.url.encode(), digest_size=2).digest()) / 0xFFFF
    return rest * (1 + share / 10)
