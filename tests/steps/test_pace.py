"""steps.pace"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.errors import AggregatorError, FetchError, GoneError
from aggregator.model import Bounds, Entry, Feed, PollState, Response, Source
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
states = st.builds(
    PollState,
    failures=st.integers(0, 10**6),
    rest=st.none() | spans,
    gone=st.booleans(),
    polled_at=st.none() | times,
    body_hash=st.none() | st.just("old"),
    arrivals=st.floats(0, 10**6),
    watched=spans,
    window=st.integers(0, 100),
    asks=st.none() | spans,
    moved_to=st.none() | st.just("https://new.example/feed"),
    moved_at=st.none() | times,
)
some_entries = st.lists(st.builds(Entry, guid=st.text(), published=st.none() | times), max_size=20).map(tuple)
feeds = st.builds(
    Feed, format=st.just("rss20"), ttl=st.none() | spans, update_interval=st.none() | spans, entries=some_entries
)
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


def entries(*ages: timedelta) -> tuple[Entry, ...]:
    """An entry that old for each of `ages`."""
    return tuple(Entry(guid=str(n), published=START - age) for n, age in enumerate(ages))


def again(state: PollState, new: int, after: timedelta, times: int = 1, source: Source = SOURCE) -> PollState:
    """The state after so many polls more, `after` apart, each with `new` of three entries new."""
    feed = replace(FEED, entries=entries(*[HOUR] * 3))
    for _ in range(times):
        at = (state.polled_at or START) + after
        state = pace.polled(source, state, OK, feed, new, "hash", at, BOUNDS)
    return state


def test_a_feed_that_says_nothing_rests_the_usual_time_at_first() -> None:
    assert poll().rest == BOUNDS.usual
    assert "nothing is known" in poll().reason


@pytest.mark.parametrize(
    ("ages", "least", "most"),
    [
        ([n * HOUR for n in range(48)], HOUR / 4, HOUR / 3),  # every hour
        ([n * 24 * HOUR for n in range(30)], 5 * HOUR, 7 * HOUR),  # every day
        ([n * 24 * HOUR for n in range(100, 130)], 24 * HOUR, 24 * HOUR),  # long ago
        ([timedelta(minutes=n) for n in range(40)], HOUR / 4, HOUR),  # all of it in the last hour
        ([timedelta(0)] * 40, HOUR / 4, HOUR),  # a clock, not dates
    ],
)
def test_the_dates_of_the_first_document_tell_its_rhythm(
    ages: list[timedelta], least: timedelta, most: timedelta
) -> None:
    rest = poll(replace(FEED, entries=entries(*ages)), len(ages)).rest
    assert rest is not None
    assert least <= rest <= most


def test_a_source_is_asked_a_few_times_between_two_arrivals() -> None:
    state = poll()
    for _ in range(20):  # something new every six hours
        state = again(state, 0, HOUR, times=5)
        state = again(state, 1, HOUR)
    assert state.rest is not None
    assert 1.2 * HOUR <= state.rest <= 1.8 * HOUR
    assert "something new every 6 h" in state.reason or "something new every 5 h" in state.reason


def test_silence_makes_a_source_rest_longer_day_by_day_up_to_the_most() -> None:
    state, rests = again(poll(), 1, HOUR, times=20), []
    for _ in range(60):
        state = pace.unchanged(SOURCE, state, OK, (state.polled_at or START) + 24 * HOUR, BOUNDS)
        rests.append(state.rest or timedelta())
    assert rests == sorted(rests)
    assert rests[0] < 3 * HOUR
    assert rests[-1] == BOUNDS.most


@pytest.mark.parametrize(
    ("feed", "headers", "rest", "why"),
    [
        (replace(FEED, ttl=5 * HOUR), {}, 5 * HOUR, "ttl"),
        (replace(FEED, ttl=HOUR / 60), {}, HOUR, "nothing is known"),
        (replace(FEED, ttl=3 * HOUR, update_interval=4 * HOUR), {}, 4 * HOUR, "sy:update"),
        (replace(FEED, update_interval=timedelta(days=99)), {}, 24 * HOUR, "sy:update"),
        (FEED, {"cache-control": "public, max-age=7200"}, 2 * HOUR, "Cache-Control"),
        (FEED, {"cache-control": "max-age=7200", "age": "1800"}, 1.5 * HOUR, "Cache-Control"),
        (FEED, {"cache-control": "s-maxage=7200, max-age=60"}, HOUR, "nothing is known"),
        (FEED, {"cache-control": "no-cache, max-age=7200"}, HOUR, "nothing is known"),
        (FEED, {"cache-control": "max-age=99999999999999"}, 24 * HOUR, "Cache-Control"),
        (FEED, {"expires": "Mon, 01 Jan 2024 15:00:00 GMT", "date": "Mon, 01 Jan 2024 12:00:00 GMT"}, 3 * HOUR,
         "Expires"),
        (FEED, {"expires": "0", "date": "Mon, 01 Jan 2024 12:00:00 GMT"}, HOUR, "nothing is known"),
        (FEED, {"expires": "Mon, 01 Jan 2024 15:00:00 GMT", "date": "Mon, 01 Jan 2024 12:00:00 GMT",
                "cache-control": "max-age=1"}, HOUR, "nothing is known"),
    ],
)  # fmt: skip
def test_the_publisher_is_asked_no_more_often_than_it_wants(
    feed: Feed, headers: dict[str, str], rest: timedelta, why: str
) -> None:
    after = pace.polled(SOURCE, PollState(), replace(OK, headers=headers), feed, 0, "hash", START, BOUNDS)
    assert after.rest == rest
    assert why in after.reason


def test_what_the_feed_asks_holds_for_its_304s_too() -> None:
    assert pace.unchanged(SOURCE, poll(replace(FEED, ttl=5 * HOUR)), OK, START + HOUR, BOUNDS).rest == 5 * HOUR


def test_hours_and_days_that_the_feed_skips_are_not_polled_in() -> None:
    feed = replace(FEED, skip_hours=frozenset(range(START.hour, 24)), skip_days=frozenset({(START.weekday() + 1) % 7}))
    after = poll(feed)
    assert after.poll_at is not None
    assert after.poll_at.hour not in feed.skip_hours
    assert (after.poll_at.date() - START.date()).days == 2
    assert "skips" in after.reason


def test_a_feed_that_skips_every_hour_skips_none() -> None:
    assert poll(replace(FEED, skip_hours=frozenset(range(24)))).poll_at == poll().poll_at


def test_entries_that_came_and_went_between_two_polls_are_noticed() -> None:
    state = again(poll(replace(FEED, entries=entries(*[24 * HOUR * n for n in range(3)])), 3), 0, 4 * HOUR)
    assert state.missed_at is None
    missed = again(state, 3, 4 * HOUR)
    assert missed.missed_at == missed.polled_at
    assert missed.rest == 2 * HOUR
    assert "missed" in missed.reason
    after = again(missed, 1, HOUR)
    assert after.missed_at == missed.missed_at


def test_a_delta_holds_only_what_is_new_and_nothing_is_missed_by_it() -> None:
    state = again(poll(replace(FEED, entries=entries(HOUR))), 1, HOUR)
    delta = Response(url=SOURCE.url, status=226)
    feed = replace(FEED, entries=entries(HOUR))
    after = pace.polled(SOURCE, state, delta, feed, 1, "h", START + 9 * HOUR, BOUNDS)
    assert after.missed_at is None
    assert after.window == state.window


def test_the_first_entries_of_a_feed_that_was_empty_are_not_missed() -> None:
    assert again(poll(), 3, HOUR).missed_at is None


def moving(*answers: tuple[timedelta, str | None], source: Source = SOURCE) -> PollState:
    """The state after answers that came so long after the start, and whether they were permanent redirects."""
    state = PollState()
    for after, moved_to in answers:
        state = pace.unchanged(source, state, replace(OK, moved_to=moved_to), START + after, BOUNDS)
    return state


NEW = "https://new.example/feed"
DAYS = timedelta(days=1)


@pytest.mark.parametrize(
    ("answers", "address"),
    [
        ([(0 * DAYS, NEW)], None),
        ([(0 * DAYS, NEW), (2 * DAYS, NEW)], None),
        ([(0 * DAYS, NEW), (1 * DAYS, NEW), (3 * DAYS, NEW)], NEW),
        ([(0 * DAYS, NEW), (1 * DAYS, None), (4 * DAYS, NEW)], None),
        ([(0 * DAYS, NEW), (1 * DAYS, NEW + "2"), (3 * DAYS, NEW)], None),
        ([(0 * DAYS, NEW), (3 * DAYS, NEW), (4 * DAYS, None), (5 * DAYS, None)], NEW),
        ([(0 * DAYS, NEW), (3 * DAYS, NEW), (4 * DAYS, NEW + "2"), (8 * DAYS, NEW + "2")], NEW + "2"),
    ],
)
def test_a_permanent_redirect_is_believed_once_it_was_stable_for_days(
    answers: list[tuple[timedelta, str | None]], address: str | None
) -> None:
    assert moving(*answers).address == address


def test_no_redirect_leads_for_good_from_an_encrypted_address_to_a_plain_one() -> None:
    plain = "http://new.example/feed"
    state = moving((0 * DAYS, plain), (9 * DAYS, plain))
    assert (state.address, state.moved_to) == (None, plain)


@pytest.mark.parametrize("error", [FetchError(NEW, "404", 404), GoneError(NEW, "410 Gone", 410)])
def test_a_new_address_that_fails_is_given_up_for_the_old_one(error: FetchError) -> None:
    state = pace.failed(SOURCE, moving((0 * DAYS, NEW), (3 * DAYS, NEW)), error, START + 4 * DAYS, BOUNDS)
    assert (state.address, state.moved_to, state.gone) == (None, None, False)
    assert "own address" in state.reason


def test_addresses_that_the_feed_gives_itself_are_kept_where_they_are_others() -> None:
    state = poll(replace(FEED, self_url=SOURCE.url, new_url=NEW))
    assert (state.self_url, state.new_url) == (None, NEW)


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
    assert HOUR / 4 <= waits[0] <= 1.1 * HOUR / 4
    assert HOUR / 2 <= waits[1] <= 1.1 * HOUR / 2
    assert pace.WEEK <= waits[-1] <= 1.1 * pace.WEEK
    assert waits == sorted(waits)


def test_a_failure_is_kept_and_an_answer_forgets_it() -> None:
    state = pace.failed(SOURCE, PollState(etag="e", status=304), AggregatorError("u", "no feed"), START, BOUNDS, 200)
    assert (state.error, state.status, state.etag) == ("u: no feed", 200, "e")
    again = poll(state=replace(state, gone=True))
    assert (again.error, again.failures, again.gone, again.status) == (None, 0, False, 200)


@pytest.mark.parametrize(("asked", "least"), [(5 * HOUR, 5 * HOUR), (timedelta(seconds=1), HOUR / 4)])
def test_retry_after_is_kept_to_where_it_is_longer(asked: timedelta, least: timedelta) -> None:
    state = pace.failed(SOURCE, PollState(), FetchError(SOURCE.url, "429", 429, asked), START, BOUNDS)
    assert state.poll_at is not None
    assert state.poll_at - START >= least
    assert ("Retry-After" in state.reason) == (asked == least)


def test_retry_after_goes_over_the_users_interval() -> None:
    source, busy = replace(SOURCE, interval=HOUR), replace(OK, retry_after=9 * HOUR)
    assert pace.unchanged(source, PollState(), busy, START, BOUNDS).rest == 9 * HOUR


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
