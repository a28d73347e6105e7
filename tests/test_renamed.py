"""Feeds whose guids are new at every poll, or all the same: whole jobs on the real store, and commands."""

import logging
import random
from collections.abc import Callable
from datetime import timedelta
from string import ascii_letters, digits

import pytest

from aggregator.app import App
from aggregator.doors.store import articles, sources
from tests.commands import Run, Site
from tests.fakes import START, Clock, FakeWeb, configure, item, page, rss, work

FEED = "https://site.example/feed"
SITE = "https://site.example"
PAGES = tuple(f"{SITE}/{n}" for n in range(4))

Made = Callable[[int, int, Clock], str]
"""An item: its number, the number of the poll, and the time."""

MADE: dict[str, Made] = {
    "guid": lambda n, poll, now: item(f"{poll}-{n}", f"Title {n}", PAGES[n], f"Words {n}"),
    "guid and date": lambda n, poll, now: item(f"{poll}-{n}", f"Title {n}", PAGES[n], f"Words {n}", now()),
    "guid and parameter": lambda n, poll, now: item(f"{poll}-{n}", f"Title {n}", f"{PAGES[n]}?r={poll}", f"Words {n}"),
    "guid, date and parameter": lambda n, poll, now: item(
        f"{poll}-{n}", f"Title {n}", f"{PAGES[n]}?r={poll}", f"Words {n}", now()
    ),
    "guid and link": lambda n, poll, now: item(f"{poll}-{n}", f"Title {n}", f"{SITE}/{poll}/{n}", f"Words {n}"),
    "no title, guid and date": lambda n, poll, now: item(f"{poll}-{n}", " ", PAGES[n], f"Words {n}", now()),
}


@pytest.mark.parametrize("made", MADE)
async def test_five_polls_keep_each_entry_once_and_ask_for_its_page_once(
    app: App, web: FakeWeb, now: Clock, made: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    web.answers |= {f"{url}{more}": page(text=f"{url} ") for url in PAGES for more in ("", "?r=0")}
    await configure(app, sources=[{"url": FEED, "full_text": made != "guid and link"}], settings="revisit = false")
    for poll in range(5):
        web[FEED] = rss(*(MADE[made](n, poll, now) for n in range(4)))
        await work(app)
        now.advance(days=2)
    assert len(await app.store.read(articles.dump, 0)) == 4
    (followed,) = await app.store.read(sources.followed, [FEED])
    assert (followed.entries, followed.state.failures) == (4, 0)
    assert followed.state.renamed_at is not None
    assert sum(n for url, n in web.asked.items() if url != FEED) in (0, 4)
    assert caplog.text.count("4 of its 4 entries came under new guids") == 1


async def test_what_is_new_among_them_is_kept(app: App, web: FakeWeb, now: Clock) -> None:
    made = MADE["guid, date and parameter"]
    await configure(app, sources=[{"url": FEED, "full_text": False}])
    for poll, shown in enumerate((range(3), range(4), range(1, 4))):
        web[FEED] = rss(*(made(n, poll, now) for n in shown))
        await work(app)
        now.advance(days=2)
    titles = sorted(a.article.title for a in await app.store.read(articles.dump, 0))
    assert titles == [f"Title {n}" for n in range(4)]


async def test_a_feed_that_moves_with_its_permalinks_brings_nothing_twice(app: App, web: FakeWeb, now: Clock) -> None:
    await configure(app, sources=[{"url": FEED, "full_text": False}])
    times = [now.advance(hours=1) for _ in range(4)]
    for where, more in (("?p=", ""), ("posts/mill-", " Continue reading")):
        made = (
            item(f"{SITE}/{where}{n}", f"Title {n}", f"{SITE}/{where}{n}", f"Words {n}{more}", at)
            for n, at in enumerate(times)
        )
        web[FEED] = rss(*made)
        await work(app)
        now.advance(days=2)
    found = await app.store.read(articles.dump, 0)
    assert sorted((a.article.title, a.article.url) for a in found) == [
        (f"Title {n}", f"{SITE}/posts/mill-{n}") for n in range(4)
    ]


@pytest.mark.parametrize("link", ["/{}", "/", ""], ids=["links of their own", "one link", "no link"])
async def test_entries_that_all_have_one_guid_stay_apart_when_others_come_on_top(
    app: App, web: FakeWeb, now: Clock, link: str
) -> None:
    await configure(app, sources=[{"url": FEED, "full_text": False}])
    for most in (3, 4, 5, 5):
        shown = range(most - 1, -1, -1)
        links = [link and SITE + link.format(n) for n in shown]
        web[FEED] = rss(*(item("same", f"Title {n}", url, f"Words {n}") for n, url in zip(shown, links, strict=True)))
        await work(app)
        now.advance(days=2)
    found = await app.store.read(articles.dump, 0)
    assert sorted((a.article.title, a.article.text, a.revisions) for a in found) == [
        (f"Title {n}", f"Words {n}", 1) for n in range(5)
    ]


@pytest.mark.parametrize("guid", ["same", None])
async def test_guids_and_links_of_any_length_are_kept(app: App, web: FakeWeb, now: Clock, guid: str | None) -> None:
    """What PostgreSQL can neither index nor press together."""
    chosen = random.Random(4)
    long = ["".join(chosen.choices(ascii_letters + digits, k=3900)) for _ in range(3)]
    wide = ["".join(map(chr, chosen.choices(range(0x4E00, 0x9FA0), k=1000))) for _ in range(3)]
    await configure(app, sources=[{"url": FEED, "full_text": False}])
    for _ in range(2):
        web[FEED] = rss(*(item(guid or wide[n], f"Title {n}", f"{SITE}/{long[n]}", f"Words {n}") for n in range(3)))
        await work(app)
        now.advance(days=2)
    assert [(a.article.text, a.revisions) for a in await app.store.read(articles.dump, 0)] == [
        (f"Words {n}", 1) for n in (2, 1, 0)
    ]


async def test_a_guid_that_a_second_entry_takes_does_not_change_the_first(app: App, web: FakeWeb, now: Clock) -> None:
    await configure(app, sources=[{"url": FEED, "full_text": False}])
    old, new = item("g", "Old", f"{SITE}/1", "Words"), item("g", "New", f"{SITE}/2", "Others")
    for shown in ((old,), (new, old), (new, item("h"), old)):
        web[FEED] = rss(*shown)
        await work(app)
        now.advance(days=2)
    found = {a.article.title: a.revisions for a in await app.store.read(articles.dump, 0)}
    assert found == {"Old": 1, "New": 1, "h": 1}


async def test_a_feed_of_one_entry_at_a_time_under_one_guid_keeps_them_all(app: App, web: FakeWeb, now: Clock) -> None:
    await configure(app, sources=[{"url": FEED, "full_text": False}])
    for n, more in ((0, ""), (1, ""), (1, " Corrected"), (2, ""), (0, "")):
        web[FEED] = rss(item("latest", f"Title {n}", f"{SITE}/{n}", f"Words {n}{more}", START + timedelta(days=n)))
        await work(app)
        now.advance(days=1)
    found = await app.store.read(articles.dump, 0)
    assert [(a.guid, a.article.text, a.revisions) for a in found] == [
        ("latest", "Words 0", 1), (f"{SITE}/1", "Words 1 Corrected", 2), (f"{SITE}/2", "Words 2", 1),
    ]  # fmt: skip


def test_list_says_that_a_feeds_guids_change(run: Run, site: Site) -> None:
    for poll in range(2):
        items = "".join(item(f"{poll}-{n}", f"Title {n}", f"{site.url}/{n}", "Words") for n in range(3))
        site.pages["/feed"] = (200, "application/rss+xml", rss(items))
        run("add", f"{site.url}/feed", code=None)
        run("poll", "--all", code=None)
    assert "most entries came under new guids at 2" in run("list", "-v").out
    assert "guids" not in run("list").out
