"""doors.store.sources"""

from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from aggregator.doors.store import Store, due, sources
from aggregator.model import Followed, PollState, Source
from aggregator.steps import urls
from tests.doors.seeds import FEED, arrive, entry, follow
from tests.fakes import START

LATER = START + timedelta(hours=1)
OTHER = "https://other.example/feed"


async def one(store: Store, url: str = FEED) -> Followed:
    (found,) = await store.read(sources.followed, [url])
    return found


async def poll(store: Store, source: Source, **state: Any) -> None:
    values: dict[str, Any] = {"polled_at": START, "poll_at": LATER, "rest": timedelta(hours=1)}
    await store.write(sources.polled, source, PollState(**(values | state)))


async def test_a_new_source_is_due_at_once(store: Store) -> None:
    (source,) = await follow(store, Source(url=FEED, name="site", tags=("a", "ü"), interval=timedelta(minutes=30)))
    found = await one(store)
    assert found.source == replace(source, id=source.id)
    assert found.source.tags == ("a", "ü")
    assert found.source.interval == timedelta(minutes=30)
    assert found.state == PollState(poll_at=START)
    assert found.entries == 0


async def test_a_paused_source_is_never_due(store: Store) -> None:
    await follow(store, Source(url=FEED, paused=True))
    assert (await one(store)).state.poll_at is None


async def test_what_did_not_change_keeps_its_state(store: Store) -> None:
    (source,) = await follow(store, FEED)
    await poll(store, source, etag='"x"')
    await follow(store, FEED, now=LATER)
    found = await one(store)
    assert found.state.etag == '"x"'
    assert found.state.poll_at == LATER


async def test_changed_settings_are_taken_up_and_the_state_is_kept(store: Store) -> None:
    (source,) = await follow(store, FEED)
    await poll(store, source, etag='"x"')
    await follow(store, Source(url=FEED, name="new-name", tags=("t",), full_text=False), now=START)
    found = await one(store)
    assert (found.source.id, found.source.name, found.source.tags) == (source.id, "new-name", ("t",))
    assert found.source.full_text is False
    assert found.state.etag == '"x"'
    assert found.state.poll_at == LATER


async def test_a_shorter_interval_makes_a_source_due(store: Store) -> None:
    (source,) = await follow(store, FEED)
    await poll(store, source)
    await follow(store, Source(url=FEED, interval=timedelta(minutes=5)), now=START)
    assert (await one(store)).state.poll_at == START


async def test_a_source_that_left_is_polled_no_more_and_comes_back_with_its_entries(store: Store) -> None:
    (source,) = await follow(store, Source(url=FEED, name="site"))
    await arrive(store, source, entry("a"))
    await follow(store, OTHER)
    assert await store.read(sources.followed, [FEED]) == ()
    assert source.id is not None
    stored = await store.read(sources.get, source.id)
    assert stored is not None
    assert stored[1].poll_at is None
    await follow(store, FEED, OTHER, now=LATER)
    found = await one(store)
    assert (found.source.id, found.source.name, found.entries) == (source.id, "site", 1)
    assert found.state.poll_at == LATER


async def test_pausing_and_resuming(store: Store) -> None:
    (source,) = await follow(store, FEED)
    await poll(store, source)
    await follow(store, Source(url=FEED, paused=True))
    assert (await one(store)).state.poll_at is None
    await follow(store, FEED, now=LATER)
    assert (await one(store)).state.poll_at == LATER


@pytest.mark.parametrize("left", ["paused", "removed"])
async def test_a_poll_that_ends_after_its_source_was_parked_does_not_wake_it(store: Store, left: str) -> None:
    (source,) = await follow(store, FEED)
    await follow(store, *([Source(url=FEED, paused=True)] if left == "paused" else []))
    await poll(store, source)
    assert source.id is not None
    stored = await store.read(sources.get, source.id)
    assert stored is not None
    assert stored[1].poll_at is None


async def test_the_whole_state_is_kept(store: Store) -> None:
    (source,) = await follow(store, FEED)
    state = PollState(
        etag='"ä"',
        last_modified="Mon",
        body_hash="0" * 64,
        status=200,
        failures=3,
        error="x: y",
        gone=True,
        polled_at=START,
        poll_at=LATER,
        rest=timedelta(minutes=90),
        reason="why",
        title="Title",
        site_url="https://site.example/",
        moved_to="https://new.example/feed",
    )
    await store.write(sources.polled, source, state)
    assert (await one(store)).state == state


async def test_the_first_free_name_is_given_once(store: Store) -> None:
    a, b = await follow(store, FEED, OTHER)
    assert a.name == ""
    candidates = (f"site-{n}" for n in count(1))
    assert await store.write(sources.name, a, ["site", "never"]) == "site"
    assert await store.write(sources.name, b, ["site", *(next(candidates) for _ in range(3))]) == "site-1"
    assert await store.write(sources.name, b, ["another"]) == "site-1"
    assert await store.read(sources.names) == {"site", "site-1"}


async def test_a_name_that_the_user_gives_away_is_taken_from_who_had_it(store: Store) -> None:
    (a,) = await follow(store, FEED)
    await store.write(sources.name, a, ["site"])
    a, b = await follow(store, FEED, Source(url=OTHER, name="site"))
    assert (a.name, b.name) == ("", "site")


async def test_a_name_given_away_while_its_owner_changes_too(store: Store) -> None:
    (a,) = await follow(store, FEED)
    await store.write(sources.name, a, ["site"])
    a, b = await follow(store, Source(url=FEED, tags=("t",)), Source(url=OTHER, name="site"))
    assert (a.name, a.tags, b.name) == ("", ("t",), "site")


async def test_two_sources_swap_their_names(store: Store) -> None:
    await follow(store, Source(url=FEED, name="a"), Source(url=OTHER, name="b"))
    one, two = await follow(store, Source(url=FEED, name="b"), Source(url=OTHER, name="a"))
    assert (one.name, two.name) == ("b", "a")


async def test_a_name_of_a_source_that_left_can_be_given_again(store: Store) -> None:
    await follow(store, Source(url=FEED, name="site"))
    (source,) = await follow(store, Source(url=OTHER, name="site"))
    assert source.name == "site"


async def test_sources_are_asked_for_by_name_or_url(store: Store) -> None:
    await follow(store, Source(url=FEED, name="b"), Source(url=OTHER, name="a"))
    assert [f.source.name for f in await store.read(sources.followed)] == ["a", "b"]
    assert [f.source.name for f in await store.read(sources.followed, ["b"])] == ["b"]
    assert [f.source.name for f in await store.read(sources.followed, [OTHER])] == ["a"]
    assert await store.read(sources.get, 99) is None


async def test_due_now_wakes_all_but_the_parked(store: Store) -> None:
    a, b = await follow(store, FEED, Source(url=OTHER, paused=True))
    await poll(store, a, gone=True, poll_at=None)
    assert a.id is not None
    assert b.id is not None
    await store.write(sources.due_now, [a.id, b.id], START)
    assert (await store.read(due.waiting, START))["poll"] == 1
    await poll(store, a)
    await store.write(sources.due_now, None, START)
    assert (await store.read(due.waiting, START))["poll"] == 1


async def test_what_is_loaded_has_a_source_that_is_never_polled(store: Store) -> None:
    first = await store.write(sources.loaded, "elsewhere")
    assert await store.write(sources.loaded, "elsewhere") == first
    assert first.name == "elsewhere"
    assert await store.read(sources.followed) == ()
    assert (await store.read(due.waiting, START))["poll"] == 0


async def test_many_sources_are_synced(store: Store) -> None:
    wanted = [Source(url=f"https://h{n}.example/feed") for n in range(2_000)]
    await store.write(sources.sync, wanted, urls.host, START)
    await store.write(sources.sync, wanted[:5], urls.host, START)
    assert len(await store.read(sources.followed)) == 5
