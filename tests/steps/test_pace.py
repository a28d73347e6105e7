"""steps.pace"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.errors import AggregatorError, FetchError, GoneError
from aggregator.model import Bounds, Feed, PollState, Response, Source
from aggregator.steps import pace
from tests.fakes import START

BOUNDS = Bounds()
HOUR = timedelta(hours=1)
SOURCE = Source(url="https://site.example/feed")
OK = Response(url=SOURCE.url, status=200)
FEED = Feed(format="rss20")
times = st.datetimes(datetime(1990, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))
spans = st.timedeltas(timedelta(0), timedelta(days=400))
sources = st.builds(Source, url=st.text(), interval=st.none() | spans)
states = st.builds(PollState, failures=st.integers(0, 10**6), rest=st.none() | spans, gone=st.booleans())
feeds = st.builds(Feed, format=st.just("rss20"), ttl=st.none() | spans, update_interval=st.none() | spans)
errors = st.one_of(
    st.builds(FetchError, st.just("u"), st.just("r"), st.none() | st.integers(400, 599), st.none() | spans),
    st.just(AggregatorError("u", "r")),
    st.just(ValueError("r")),
)


def poll(feed: Feed = FEED, new: int = 0, source: Source = SOURCE, state: PollState = PollState()) -> PollState:  # noqa: B008
    return pace.polled(source, state, OK, feed, new, "hash", START, BOUNDS)


@given(sources, states, feeds, st.integers(0, 1000), errors, times)
def test_a_time_is_never_before_now(
    source: Source, state: PollState, feed: Feed, new: int, error: Exception, now: datetime
) -> None:
    after = (
        pace.unchanged(source, state, OK, now, BOUNDS),
        pace.polled(source, state, OK, feed, new, "", now, BOUNDS),
        pace.failed(source, state, error, now, BOUNDS),
    )
    for each in after:
        assert each.poll_at is not None
        assert each.poll_at >= now
        assert each.polled_at == now
        assert each.reason


@given(states, feeds, st.integers(0, 1000), times)
def test_a_source_that_answers_rests_within_the_bounds(state: PollState, feed: Feed, new: int, now: datetime) -> None:
    for each in (
        pace.unchanged(SOURCE, state, OK, now, BOUNDS),
        pace.polled(SOURCE, state, OK, feed, new, "", now, BOUNDS),
    ):
        assert each.poll_at is not None
        assert BOUNDS.least <= each.poll_at - now <= BOUNDS.most * 1.1


@pytest.mark.parametrize(
    ("feed", "new", "rest"),
    [
        (FEED, 1, HOUR / 2), (FEED, 0, 2 * HOUR),
        (replace(FEED, ttl=5 * HOUR), 1, 5 * HOUR), (replace(FEED, ttl=HOUR / 60), 1, HOUR / 2),
        (replace(FEED, ttl=3 * HOUR, update_interval=4 * HOUR), 0, 4 * HOUR),
        (replace(FEED, update_interval=timedelta(days=99)), 1, 24 * HOUR),
    ],
)  # fmt: skip
def test_how_long_a_feed_that_was_read_rests(feed: Feed, new: int, rest: timedelta) -> None:
    assert poll(feed, new).rest == rest


def test_the_least_interval_holds_where_the_usual_is_short() -> None:
    bounds = Bounds(usual=timedelta(minutes=16))
    after = pace.polled(SOURCE, PollState(), OK, FEED, 1, "", START, bounds)
    assert after.rest == bounds.least
    assert "least" in after.reason


def test_nothing_new_rests_half_as_long_again_each_time() -> None:
    state, rests = PollState(), []
    for _ in range(12):
        state = pace.unchanged(SOURCE, state, OK, START, BOUNDS)
        rests.append(state.rest)
    assert rests[0] == 1.5 * HOUR
    assert rests[1] == 2.25 * HOUR
    assert rests[-1] == BOUNDS.most


@pytest.mark.parametrize("interval", [timedelta(minutes=1), timedelta(days=3)])
def test_the_users_interval_goes_before_all(interval: timedelta) -> None:
    source = replace(SOURCE, interval=interval)
    for after in (poll(replace(FEED, ttl=9 * HOUR), 1, source), pace.unchanged(source, PollState(), OK, START, BOUNDS)):
        assert after.rest == interval
        assert "interval" in after.reason


def test_failures_wait_twice_as_long_each_time_up_to_a_week() -> None:
    state, waits = PollState(), []
    for n in range(1, 40):
        state = pace.failed(SOURCE, state, FetchError(SOURCE.url, "503", 503), START, BOUNDS)
        assert state.failures == n
        assert state.poll_at is not None
        waits.append(state.poll_at - START)
    assert HOUR <= waits[0] <= 1.1 * HOUR
    assert 2 * HOUR <= waits[1] <= 2.2 * HOUR
    assert pace.WEEK <= waits[-1] <= 1.1 * pace.WEEK
    assert waits == sorted(waits)


def test_a_failure_is_kept_and_an_answer_forgets_it() -> None:
    state = pace.failed(SOURCE, PollState(etag="e", status=200), AggregatorError("u", "no feed"), START, BOUNDS)
    assert (state.error, state.status, state.etag) == ("u: no feed", 200, "e")
    again = poll(state=replace(state, gone=True))
    assert (again.error, again.failures, again.gone, again.status) == (None, 0, False, 200)


@pytest.mark.parametrize(("asked", "least"), [(5 * HOUR, 5 * HOUR), (timedelta(seconds=1), HOUR)])
def test_retry_after_is_kept_to_where_it_is_longer(asked: timedelta, least: timedelta) -> None:
    state = pace.failed(SOURCE, PollState(), FetchError(SOURCE.url, "429", 429, asked), START, BOUNDS)
    assert state.poll_at is not None
    assert state.poll_at - START >= least
    assert ("Retry-After" in state.reason) == (asked == least)


def test_gone_is_never_polled_again() -> None:
    state = pace.failed(SOURCE, PollState(), GoneError(SOURCE.url, "410 Gone", 410), START, BOUNDS)
    assert (state.gone, state.poll_at, state.status) == (True, None, 410)


def test_validators_of_a_304_replace_those_it_names_and_of_a_200_all() -> None:
    state = PollState(etag="old", last_modified="Mon", body_hash="h")
    named = Response(url=SOURCE.url, status=304, headers={"etag": "new"})
    after = pace.unchanged(SOURCE, state, named, START, BOUNDS)
    assert (after.etag, after.last_modified, after.body_hash, after.status) == ("new", "Mon", "h", 304)
    assert (poll(state=state).etag, poll(state=state).last_modified, poll(state=state).body_hash) == (
        None,
        None,
        "hash",
    )


def test_what_the_feed_calls_itself_is_kept() -> None:
    first = poll(replace(FEED, title="T", site_url="s"))
    assert (first.title, first.site_url) == ("T", "s")
    assert (poll(state=first).title, poll(state=first).site_url) == ("T", "s")


def test_sources_added_together_drift_apart() -> None:
    waits = {poll(source=Source(url=f"https://h{n}/")).poll_at for n in range(50)}
    assert len(waits) > 40


def test_a_page_is_asked_again_a_few_times() -> None:
    at = [pace.retry(n, START) for n in range(1, 7)]
    assert at[0] == START + timedelta(minutes=10)
    assert at[5] is None
    known = [t for t in at if t]
    assert known == sorted(known)
