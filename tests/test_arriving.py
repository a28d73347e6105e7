"""What many polls find at a time."""

import asyncio
import logging
from dataclasses import replace

import pytest
from sqlalchemy import text

from aggregator.app import App
from aggregator.doors.store import articles, sources
from aggregator.jobs import arriving
from aggregator.model import Changes, Entry
from aggregator.passes import drain, pass_over
from aggregator.runners.local import Local
from tests.fakes import FakeWeb, configure, item, rss

URLS = tuple(f"https://site{n}.example/feed" for n in range(5))


async def arrive(app: App, web: FakeWeb, *titles: str) -> None:
    """A poll of as many sources, all at a time, each with one entry."""
    for n, (url, title) in enumerate(zip(URLS, titles, strict=True)):
        web[url] = rss(item("a", title, text=f"words of site {n}"))
    await configure(app, sources=[{"url": url, "full_text": False} for url in URLS])
    await drain(app, Local(app, limit=8))


async def kept(app: App) -> list[str]:
    return sorted(a.article.title for a in await app.store.read(articles.dump, 0))


async def test_an_article_that_is_refused_holds_up_no_other_poll(
    app: App, web: FakeWeb, caplog: pytest.LogCaptureFixture
) -> None:
    await app.store.write(lambda tx: tx.execute(text("CREATE UNIQUE INDEX one_title ON articles (title)")) and None)
    with caplog.at_level(logging.CRITICAL):
        await arrive(app, web, "a", "same", "c", "same", "e")
    assert await kept(app) == ["a", "c", "e", "same"]
    found = await app.store.read(sources.followed)
    assert [(each.state.error, each.entries) for each in found] == [(None, 1)] * 5


async def test_what_is_kept_in_several_steps_is_all_there_once(
    app: App, web: FakeWeb, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arriving, "BATCH", 2)
    await arrive(app, web, "a", "b", "c", "d", "e")
    assert await kept(app) == ["a", "b", "c", "d", "e"]


async def test_a_poll_that_ended_in_the_middle_is_ended_by_the_next(
    app: App, web: FakeWeb, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arriving, "BATCH", 2)
    titles = ["a", "b", "c", "d", "e"]
    web[URLS[0]] = rss(*(item(title, title, text=f"words of {title}") for title in titles))
    await configure(app, sources=[{"url": URLS[0], "full_text": False}])
    (found,) = await app.store.read(sources.followed)
    begun = Changes(new=(Entry(guid="e", title="e", content="<p>words of e</p>"),))
    await arriving.keep(app, found.source, begun, None)
    assert (await app.store.read(sources.followed))[0].state.polled_at is None
    await drain(app, Local(app, limit=8))
    assert await kept(app) == titles


async def test_documents_that_wait_to_be_read_hold_up_none_that_is_the_last_one_again(app: App, web: FakeWeb) -> None:
    await arrive(app, web, "a", "b", "c", "d", "e")
    web[URLS[0]] = rss(item("a2", "another", text="words"), item("a", "a", text="words of site 0"))
    app.reading = asyncio.Semaphore(0)
    followed = {f.source.url: f.source for f in await app.store.read(sources.followed)}
    passing = asyncio.create_task(pass_over(app, Local(app, limit=8), [followed.pop(URLS[0])]))
    await pass_over(app, Local(app, limit=8), list(followed.values()))
    assert not passing.done()
    app.reading.release()
    await passing
    assert await kept(app) == ["a", "another", "b", "c", "d", "e"]


async def test_sources_that_hung_before_wait_for_each_other_and_hold_up_none_that_did_not(
    app: App, web: FakeWeb
) -> None:
    await arrive(app, web, "a", "b", "c", "d", "e")
    followed = {f.source.url: f for f in await app.store.read(sources.followed)}
    for url in URLS[:2]:
        hung = replace(followed[url].state, error=f"{url}: ended after 20 s (cpu_timeout)")
        await app.store.write(sources.polled, followed[url].source, hung)
    for n, url in enumerate(URLS):
        web[url] = rss(item(f"again {n}", f"again {n}", text=f"other words of site {n}"))
    app.hanging = asyncio.Semaphore(0)
    passing = asyncio.create_task(pass_over(app, Local(app, limit=8), [followed[url].source for url in URLS[:2]]))
    await pass_over(app, Local(app, limit=8), [followed[url].source for url in URLS[2:]])
    assert await kept(app) == ["a", "again 2", "again 3", "again 4", "b", "c", "d", "e"]
    assert [web.asked[url] for url in URLS] == [1, 1, 2, 2, 2]  # a large answer would wait in the place of another
    app.hanging.release()
    await passing
    assert (await kept(app))[1:3] == ["again 0", "again 1"]
