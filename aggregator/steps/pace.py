"""When to poll a source again."""

import math
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from hashlib import blake2b
from typing import Any

from aggregator.errors import FetchError, GoneError
from aggregator.model import Bounds, Feed, History, PollState, Response, Source

WEEK = timedelta(days=7)

HALF_LIFE = timedelta(days=14)
"""In this time what a source did loses half its weight in its rhythm."""

SHARE = 4
"""How often a source is asked between two moments at which something new appears."""

STABLE = timedelta(days=3)
"""How long a permanent redirect must lead to one place before that is asked itself: a mistake is mended by then."""

PAGE_PAUSE, PAGE_RETRY = timedelta(seconds=30), timedelta(days=1)
"""Between two pages of a feed's past, and after one that could not be had."""

MAX_PAGES, MAX_TRIES = 1000, 7
"""Of a feed's past: its pages, and how often one that cannot be had is asked for."""

LOOKS = tuple(timedelta(hours=hours) for hours in (3, 12, 24, 72, 7 * 24, 14 * 24, 28 * 24))
"""How long after it was first seen a page is asked for again: most corrections come within a day."""

_SPAN = HALF_LIFE / math.log(2)  # what `watched` comes to in the long run
_MAX_AGE = re.compile(r"(?:^|[\s,])max-age\s*=\s*\"?(\d{1,9})", re.IGNORECASE)
_SECONDS = re.compile(r"\d{1,9}", re.ASCII)
_ASK_FIRST = re.compile(r"(?:^|[\s,])no-(?:cache|store)\b(?!\s*=)", re.IGNORECASE)

_Fields = dict[str, Any]
"""Of a state, those that are to be others: they are gathered, for to replace some of its thirty takes as long as all of
them."""


def unchanged(
    source: Source, state: PollState, response: Response, now: datetime, bounds: Bounds, is_told: bool = False
) -> PollState:
    """The state after a 304, or after a body that hashes as before; `is_told`: a hub sends us what is new."""
    said = replace(
        state, **_watched(state, 0, now), **_answered(state, response), **_moved(source, state, response, now)
    )
    return _resting(source, said, response, now, bounds, is_told)


def told(state: PollState, new: int, now: datetime) -> PollState:
    """The state after a hub sent what is new: it counts for the rhythm, and leaves the next poll where it is."""
    return replace(state, arrivals=state.arrivals + int(new > 0))


def polled(
    source: Source,
    state: PollState,
    response: Response,
    feed: Feed,
    new: int,
    body_hash: str,
    now: datetime,
    bounds: Bounds,
    is_told: bool = False,
    renamed: int = 0,
    unread: str | None = None,
) -> PollState:
    """The state after a feed was read; `new` is how many of its entries were not known before, `renamed` how many of
    them came under guids that were new, `unread` why some were not read at all."""
    count = len(feed.entries) + feed.seen
    missed = 0 < count == new and state.window > 0 and not response.is_delta
    is_first = state.body_hash is None
    own = {
        "etag": response.headers.get("etag"),
        "last_modified": response.headers.get("last-modified"),
        "error": unread,
    }
    said = replace(
        state,
        **(_dated(feed, now, bounds) if is_first else _watched(state, int(new > 0), now)),
        **(_answered(state, response) | own),
        **_moved(source, state, response, now),
        body_hash=body_hash,
        marks=feed.marks,
        window=state.window if response.is_delta else count,
        missed_at=now if missed else state.missed_at,
        renamed_at=now if renamed and 2 * renamed >= count else state.renamed_at,
        feed_id=feed.feed_id or state.feed_id,
        title=feed.title or state.title,
        site_url=feed.site_url or state.site_url,
        self_url=feed.self_url if feed.self_url not in (source.url, response.url) else None,
        new_url=feed.new_url if feed.new_url not in (source.url, response.url) else None,
        asks=max((t for t in (feed.ttl, feed.update_interval) if t), default=None),
        skip_hours=tuple(sorted(feed.skip_hours)),
        skip_days=tuple(sorted(feed.skip_days)),
    )
    return _resting(source, said, response, now, bounds, is_told, _since(state, now) if missed else None)


def failed(
    source: Source,
    state: PollState,
    error: Exception,
    now: datetime,
    bounds: Bounds,
    status: int | None = None,
    broken: str | None = None,
) -> PollState:
    """The state after a failure: a longer rest each time, never longer than a week; 410 ends the polling. `status` and
    `broken`: of the answer, where it was the body that failed."""
    failures = state.failures + 1
    rest = min(bounds.least * 2 ** min(failures - 1, 16), WEEK)
    reason = f"failed {failures} times in a row" if failures > 1 else "failed once"
    if state.address:
        reason = f"{state.address} failed: back to the source's own address"
    elif isinstance(error, FetchError) and error.retry_after and error.retry_after > rest:
        rest, reason = error.retry_after, "as the server asks (Retry-After)"
    gone = isinstance(error, GoneError) and not state.address
    if state.address:
        state = replace(state, moved_to=None, moved_at=None, address=None)
    return replace(
        state,
        failures=failures,
        error=str(error),
        status=error.status if isinstance(error, FetchError) else status,
        broken=broken,
        gone=gone,
        polled_at=now,
        poll_at=None if gone else now + _spread(source.url, rest),
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


def look_again(url: str, first_seen: datetime, now: datetime) -> datetime | None:
    """When a page that was had is asked for again, for corrections: after hours, days, weeks; None: it is settled."""
    after = next((look for look in LOOKS if first_seen + look > now), None)
    return first_seen + _spread(url, after) if after else None


def history(url: str | None, pages: int, now: datetime) -> History:
    """When the next page of a feed's past is wanted: slowly, never for ever."""
    if url is None or pages >= MAX_PAGES:
        return History(history_pages=pages)
    return History(history_url=url, history_pages=pages, history_at=now + PAGE_PAUSE)


def history_failed(at: History, error: Exception, now: datetime) -> History:
    """When a page that could not be had is wanted again; after a week never, and where that was is kept."""
    failures = at.history_failures + 1
    again = now + PAGE_RETRY if failures < MAX_TRIES else None
    return replace(at, history_at=again, history_failures=failures, history_error=str(error))


def span(time: timedelta) -> str:
    """A duration for people, in its two largest units: "3 h 20 min"."""
    minutes = round(time.total_seconds() / 60)
    parts = ((minutes // 1440, "d"), (minutes // 60 % 24, "h"), (minutes % 60, "min"))
    return " ".join(f"{n} {unit}" for n, unit in [part for part in parts if part[0]][:2]) or "0 min"


def _resting(
    source: Source,
    state: PollState,
    response: Response,
    now: datetime,
    bounds: Bounds,
    is_told: bool,
    missed_in: timedelta | None = None,
) -> PollState:
    """The state with its next poll: by the rhythm, within the bounds, no sooner than the publisher asks; the user's
    interval goes over all of it, and a Retry-After over that."""
    rest, reason = _rhythm(state, bounds) if not is_told else (bounds.most, "a hub sends what is new (WebSub)")
    if missed_in is not None and missed_in / 2 < rest:
        rest, reason = missed_in / 2, "entries were missed, none of the last poll's is here: twice as often"
    if rest < bounds.least:
        rest, reason = bounds.least, f"{reason}, not under the least"
    if rest > bounds.most:
        rest, reason = bounds.most, f"{reason}, not over the most"
    for asked, why in ((state.asks, "as the feed asks (ttl, sy:update…)"),
                       (_fresh(response.headers), "unchanged until then (Cache-Control, Expires)")):  # fmt: skip
        if asked and rest < (asked := min(asked, bounds.most)):
            rest, reason = asked, why
    if source.interval:
        rest, reason = source.interval, "the source's own interval (sources.toml)"
    if response.retry_after and response.retry_after > rest:
        rest, reason = response.retry_after, "as the server asks (Retry-After)"
    poll_at = now + _spread(source.url, rest)
    if not source.interval and (later := _after_skipped(state, poll_at)) != poll_at:
        poll_at, reason = later, f"{reason}; not in the hours or on the days that the feed skips"
    return replace(state, polled_at=now, poll_at=poll_at, rest=rest, reason=reason)


def _rhythm(state: PollState, bounds: Bounds) -> tuple[timedelta, str]:
    """A share of the time between two arrivals, on average. The usual interval counts as one arrival seen: all there is
    to go by at first, and soon outweighed."""
    gap = (state.watched + SHARE * bounds.usual) / (state.arrivals + 1)
    if state.arrivals < 0.5:
        seen = f"nothing new in {span(state.watched)}" if state.watched else "nothing is known of its rhythm"
        return gap / SHARE, seen
    return gap / SHARE, f"something new every {span(gap)} or so: asked {SHARE} times in between"


def _watched(state: PollState, arrivals: int, now: datetime) -> _Fields:
    since = _since(state, now)
    keep = 0.5 ** (since / HALF_LIFE)
    return {"arrivals": state.arrivals * keep + arrivals, "watched": state.watched * keep + since}


def _dated(feed: Feed, now: datetime, bounds: Bounds) -> _Fields:
    """The rhythm at the first poll, by the dates of the entries. Those that are close together are one arrival."""
    dates = [d for e in feed.entries if (d := e.published or e.updated) and d <= now]
    watched = min(now - min(dates), _SPAN) if dates else timedelta()
    moments = {(now - d) // bounds.least for d in dates if now - d <= watched}
    return {"arrivals": float(len(moments)), "watched": watched}


def _since(state: PollState, now: datetime) -> timedelta:
    """Since the last poll; a clock that was put back counts as no time."""
    return max(now - state.polled_at, timedelta()) if state.polled_at else timedelta()


def _answered(state: PollState, response: Response) -> _Fields:
    """A 304 may refresh the validators; what it does not name stays (RFC 9111, 4.3.4)."""
    return {
        "etag": response.headers.get("etag", state.etag),
        "last_modified": response.headers.get("last-modified", state.last_modified),
        "status": response.status,
        "failures": 0,
        "error": None if state.failures else state.error,  # why some of a document was not read that has not changed
        "broken": None,
        "gone": False,
    }


def _moved(source: Source, state: PollState, response: Response, now: datetime) -> _Fields:
    """Where permanent redirects lead is asked itself once they led there for long, and never without the encryption
    that the source's own address has."""
    target = response.moved_to or state.address
    if target is None or (source.url.startswith("https:") and not target.startswith("https:")):
        return {"moved_to": target, "moved_at": None, "address": None}
    since = state.moved_at if target == state.moved_to and state.moved_at else now
    return {"moved_to": target, "moved_at": since, "address": target if now - since >= STABLE else state.address}


def _fresh(headers: Mapping[str, str]) -> timedelta | None:
    """How long the answer says that it stays fresh (RFC 9111, 4.2); no-cache means "ask first", so that a max-age
    beside it says nothing about when to come back."""
    control = headers.get("cache-control", "")
    if _ASK_FIRST.search(control):
        return None
    if found := _MAX_AGE.search(control):
        age = _SECONDS.fullmatch(headers.get("age", "0"))
        return max(timedelta(seconds=int(found[1]) - int(age[0] if age else 0)), timedelta())
    try:
        return parsedate_to_datetime(headers.get("expires", "")) - parsedate_to_datetime(headers.get("date", ""))
    except (ValueError, TypeError, OverflowError):
        return None


def _after_skipped(state: PollState, at: datetime) -> datetime:
    """The same time, or the first after it that the feed does not ask to skip; one that skips all skips nothing."""
    later = at.astimezone(UTC)
    for _ in range(7 * 24 + 1):
        if later.hour not in state.skip_hours and later.weekday() not in state.skip_days:
            return later
        later += timedelta(hours=1)
    return at


def _spread(url: str, rest: timedelta) -> timedelta:
    """The rest, up to a tenth longer by the hash of the URL, so that sources added together drift apart."""
    share = int.from_bytes(blake2b(url.encode(), digest_size=2).digest()) / 0xFFFF
    return rest * (1 + share / 10)
