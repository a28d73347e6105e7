"""A clock that is put back or forward, by days and by years: whole jobs on the real store."""

from datetime import timedelta

import pytest

from aggregator.app import App
from aggregator.daemon import Daemon
from aggregator.doors.store import articles, sources
from tests.fakes import Clock, FakeWeb, configure, item, page, rss, work

FEED = "https://site.example/feed"
YEARS = 5 * 365


@pytest.mark.parametrize(
    "jumps",
    [
        (-3, -50, 2),
        (-100, 2, 2),
        (-YEARS, 2, 2),
        (-YEARS, YEARS, 2),
        (YEARS, -YEARS, 2),
        (YEARS, 2, -2 * YEARS),
        (YEARS, -YEARS, YEARS),
    ],
)
async def test_a_clock_that_jumps_stops_no_poll_and_loses_and_doubles_nothing(
    app: App, web: FakeWeb, now: Clock, jumps: tuple[int, ...]
) -> None:
    for n in range(4):
        web[f"https://site.example/{n}"] = page(title=f"Title {n}", text=f"Only page {n} says so many words. " * 20)
    topics = [{"name": "all", "match": "words"}]
    for n, days in enumerate((0, *jumps)):
        now.advance(days=days)
        web[FEED] = rss(*(item(str(each), f"Title {each}") for each in range(n + 1)))
        await configure(app, sources=[FEED], topics=topics, settings="revisit = false")
        await work(app)
        (followed,) = await app.store.read(sources.followed, [FEED])
        assert (followed.entries, followed.state.polled_at, web.asked[FEED]) == (n + 1, now(), n + 1)
        assert followed.state.poll_at is not None
        assert now() < followed.state.poll_at <= now() + timedelta(days=2)
        found = await app.store.read(articles.dump, 0)
        assert sorted((a.article.title, a.revisions) for a in found) == [(f"Title {each}", 1) for each in range(n + 1)]
        assert web.asked[f"https://site.example/{n}"] == 1
        published = (app.config.feeds_out / "all.json").read_text("utf-8")
        assert all(published.count(f'"https://site.example/{each}"') > 0 for each in range(n + 1))


async def test_a_daemon_sees_that_the_clock_was_put_back_while_it_ran(
    app: App, web: FakeWeb, now: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    web[FEED] = rss(item("1"))
    await configure(app, sources=[{"url": FEED, "full_text": False}])
    daemon = Daemon(app)
    for asked, days in ((1, -30), (2, 0), (2, -0.001)):
        await daemon._work()
        assert web.asked[FEED] == asked
        now.advance(days=days)
    assert [record.message for record in caplog.records if "clock" in record.message] == [
        "the clock was put back by 30 days, 0:00:00: what was put off by it is due"
    ]
