"""What polls do to be welcome at a host, and to miss nothing: whole jobs on the real store."""

import logging
from datetime import timedelta

import pytest

from aggregator.app import App
from aggregator.doors.store import articles, due, sources
from aggregator.errors import FetchError
from aggregator.jobs import Done
from aggregator.model import Followed, History, Job, PollState, Response
from aggregator.passes import drain, held_back
from aggregator.runners.local import Local
from tests.fakes import START, Clock, FakeWeb, configure, item, page, rss, work

FEED = "https://site.example/feed"
OTHER = "https://site.example/other"
ELSEWHERE = "https://elsewhere.example/feed"
NEW = "https://new.example/feed"


async def source(app: App, url: str = FEED) -> Followed:
    (found,) = await app.store.read(sources.followed, [url])
    return found


async def poll(app: App, url: str = FEED) -> PollState:
    """One poll by the runner, due or not, and what it leaves behind."""
    runner = Local(app, 1)
    await runner.submit(Job("poll", (await source(app, url)).source.id or 0))
    await runner.idle()
    return (await source(app, url)).state


async def test_a_host_that_answers_429_is_asked_less_for_all_of_its_sources(app: App, web: FakeWeb, now: Clock) -> None:
    web[FEED], web[OTHER], web[ELSEWHERE] = rss(), rss(), rss()
    await configure(app, sources=[FEED, OTHER, ELSEWHERE])
    await work(app)
    elsewhere = (await source(app, ELSEWHERE)).state.poll_at
    web[FEED] = FetchError(FEED, "429 Too Many Requests", 429, timedelta(hours=9))
    await poll(app)
    for url in (FEED, OTHER):
        poll_at = (await source(app, url)).state.poll_at
        assert poll_at is not None
        assert poll_at >= now() + timedelta(hours=9)
    assert (await source(app, OTHER)).state.reason == "site.example answered 429: nothing of it is asked before"
    assert (await source(app, ELSEWHERE)).state.poll_at == elsewhere


async def test_sources_that_a_pass_leaves_out_after_a_429_are_told(app: App, web: FakeWeb, now: Clock) -> None:
    busy = FetchError(FEED, "429 Too Many Requests", 429, timedelta(hours=9))
    web[FEED], web[OTHER], web[ELSEWHERE] = busy, busy, rss()
    await configure(app, sources=[FEED, OTHER, ELSEWHERE])
    wanted = await app.store.read(sources.due, now())
    assert len(wanted) == 3
    done: list[Done] = []
    await drain(app, Local(app, 8, done.append))
    assert web.asked[FEED] + web.asked[OTHER] == 1
    (left,) = await held_back(app, wanted - {each.job.id for each in done if each.job.kind == "poll"}, now())
    assert left.subject in (FEED, OTHER)
    assert left.outcome == "unchanged"
    assert (
        left.error == f"not asked: site.example answered 429, again at {now() + timedelta(hours=9):%Y-%m-%dT%H:%M:%SZ}"
    )


async def test_a_source_that_another_process_polls_is_not_told_as_left_out(app: App, now: Clock) -> None:
    await configure(app, sources=[FEED])
    wanted = await app.store.read(sources.due, now())
    await app.store.write(due.claim, "poll", now(), 1, 1)
    assert await held_back(app, wanted, now()) == []


async def test_a_page_that_answers_429_holds_back_the_pages_of_its_host(app: App, web: FakeWeb, now: Clock) -> None:
    web[FEED] = rss(item("a"), item("b"))
    busy = FetchError("https://site.example/a", "429 Too Many Requests", 429)
    web["https://site.example/a"] = web["https://site.example/b"] = busy
    await configure(app, sources=[FEED])
    await work(app)
    assert web.asked["https://site.example/a"] + web.asked["https://site.example/b"] == 1
    web["https://site.example/a"], web["https://site.example/b"] = page(), page()
    assert (await app.store.read(due.waiting, now()))["archive"] == 0
    now.advance(hours=1)
    await work(app)
    assert web.asked["https://site.example/a"] + web.asked["https://site.example/b"] == 3


async def test_entries_that_were_missed_are_said(
    app: App, web: FakeWeb, now: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    web[FEED] = rss(item("a"), item("b"))
    await configure(app, sources=[{"url": FEED, "full_text": False}])
    await work(app)
    web[FEED] = rss(item("y"), item("z"))
    now.advance(hours=2)
    with caplog.at_level(logging.WARNING):
        state = await poll(app)
    assert state.missed_at == now()
    assert state.poll_at is not None
    assert state.poll_at <= now() + timedelta(hours=1.1)
    assert "entries_missed" in caplog.text


async def test_a_stable_permanent_redirect_is_followed_for_good_and_given_up_when_it_fails(
    app: App, web: FakeWeb, now: Clock
) -> None:
    web[FEED] = Response(url=NEW, status=200, body=rss(item("a")), moved_to=NEW)
    web[NEW] = Response(url=NEW, status=200, body=rss(item("a")))
    await configure(app, sources=[{"url": FEED, "full_text": False}])
    await work(app)
    assert ((await source(app)).state.moved_to, (await source(app)).state.address) == (NEW, None)
    now.advance(days=4)
    assert (await poll(app)).address == NEW
    asked = web.asked[FEED]
    now.advance(days=1)
    await poll(app)
    assert (web.asked[FEED], web.asked[NEW]) == (asked, 1)
    assert (await source(app)).source.url == FEED
    web[NEW] = FetchError(NEW, "404 Not Found", 404)
    now.advance(days=1)
    assert (await poll(app)).address is None
    now.advance(days=1)
    assert (await poll(app)).failures == 0
    assert web.asked[FEED] == asked + 1


@pytest.mark.parametrize(("robots", "asked"), [("pages", {"https://site.example/a"}), ("none", set()),
                                                ("all", {FEED, "https://site.example/a"})])  # fmt: skip
async def test_whose_robots_txt_is_obeyed(app: App, web: FakeWeb, robots: str, asked: set[str]) -> None:
    web[FEED], web["https://site.example/a"] = rss(item("a")), page()
    await configure(app, sources=[FEED], settings=f'[http]\nrobots = "{robots}"')
    await work(app)
    assert web.robots == asked


async def test_a_source_is_asked_as_it_wants_with_its_pages(
    app: App, web: FakeWeb, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FEED_AUTH", "us:er")
    web[FEED], web["https://site.example/a"] = rss(item("a")), page()
    await configure(app, sources=[{"url": FEED, "auth": "env:FEED_AUTH"}])
    await work(app)
    for url in (FEED, "https://site.example/a"):
        assert web.access[url].headers == {"Authorization": "Basic dXM6ZXI="}
        assert web.access[url].origin == "https://site.example"


async def test_a_secret_that_is_missing_fails_its_source_alone(app: App, web: FakeWeb) -> None:
    web[FEED], web[ELSEWHERE] = rss(), rss()
    await configure(app, sources=[{"url": FEED, "auth": "env:NOT_THERE"}, ELSEWHERE])
    await work(app)
    assert (await source(app)).state.error == f"{FEED}: auth: $NOT_THERE is not set in the environment"
    assert (await source(app, ELSEWHERE)).state.failures == 0
    assert not web.asked[FEED]


def past(n: int, previous: int | None) -> bytes:
    """An archive page with one entry, and the link to the one before it."""
    link = f'<a:link xmlns:a="http://www.w3.org/2005/Atom" rel="prev-archive" href="/past/{previous}"/>'
    return rss(item(f"p{n}", published=START - timedelta(days=100 * n)), extra=link if previous else "")


async def walk(app: App, now: Clock) -> int:
    """Let a day go by; how many entries there are after it."""
    for _ in range(10):
        now.advance(minutes=1)
        await work(app)
    return (await source(app)).entries


async def begin(app: App, at: str = "https://site.example/past/1") -> None:
    await work(app)
    history = History(history_url=at, history_at=app.now())
    await app.store.write(sources.walked, (await source(app)).source, history)


async def test_a_feeds_past_is_walked_page_by_page_and_is_no_news(app: App, web: FakeWeb, now: Clock) -> None:
    web[FEED] = rss(item("new"))
    for n in range(1, 6):
        web[f"https://site.example/past/{n}"] = past(n, n + 1 if n < 5 else None)
    topic = {"name": "all", "match": "words>0 OR words<1", "limit": 1}
    await configure(app, sources=[{"url": FEED, "full_text": False}], topics=[topic])
    await begin(app)
    assert await walk(app, now) == 6
    assert (await source(app)).history == History(history_pages=5)
    assert b"<title>new</title>" in (app.config.feeds_out / "all.atom").read_bytes()


async def test_a_page_of_the_past_that_fails_is_asked_again_the_next_day(app: App, web: FakeWeb, now: Clock) -> None:
    web[FEED] = rss(item("new"))
    await configure(app, sources=[{"url": FEED, "full_text": False}])
    await begin(app)
    assert await walk(app, now) == 1
    assert web.asked["https://site.example/past/1"] == 1
    web["https://site.example/past/1"] = past(1, None)
    now.advance(days=1)
    assert await walk(app, now) == 2


async def test_a_page_of_the_past_that_never_comes_is_given_up_after_a_week(app: App, web: FakeWeb, now: Clock) -> None:
    web[FEED] = rss(item("new"))
    web["https://site.example/past/1"] = past(1, 2)
    await configure(app, sources=[{"url": FEED, "full_text": False}])
    await begin(app)
    for _ in range(20):
        await walk(app, now)
        now.advance(days=1)
    assert web.asked["https://site.example/past/2"] == 7
    assert (await source(app)).history == History(
        history_url="https://site.example/past/2",
        history_pages=1,
        history_failures=7,
        history_error="https://site.example/past/2: 404 Not Found",
    )


async def test_a_past_that_leads_round_in_circles_ends(app: App, web: FakeWeb, now: Clock) -> None:
    web[FEED] = rss(item("new"))
    web["https://site.example/past/1"], web["https://site.example/past/2"] = past(1, 2), past(2, 1)
    await configure(app, sources=[{"url": FEED, "full_text": False}])
    await begin(app)
    assert await walk(app, now) == 3
    assert (await source(app)).history.history_url is None


async def test_what_the_feed_says_now_goes_over_what_its_past_says(app: App, web: FakeWeb, now: Clock) -> None:
    web[FEED] = rss(item("a", "As it is"))
    web["https://site.example/past/1"] = rss(item("a", "As it was"), item("b"))
    await configure(app, sources=[{"url": FEED, "full_text": False}])
    await begin(app)
    assert await walk(app, now) == 2
    titles = [a.article.title for a in await app.store.read(articles.dump, 0)]
    assert titles == ["As it is", "b"]
