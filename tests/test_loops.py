"""Our own feeds as a source, straight and through another aggregator."""

import re
from pathlib import Path

from aggregator import config, jobs
from aggregator.app import App
from aggregator.doors.store import sources
from aggregator.model import Job
from tests.fakes import WORDS, Clock, FakeWeb, configure, item, rss, work, write_home

FEED = "https://site.example/feed"
PLANET = "https://planet.example/feed"
OURS_THERE, AGAIN = "https://news.example/me/feeds/port.rss", "https://news.example/me/feeds/port-2.rss"
TOPIC = {"name": "port", "match": "port"}
OURS = '[server]\npublic_url = "https://news.example/me"'


async def published(app: App, web: FakeWeb, format: str = "rss") -> bytes:
    web[FEED] = rss(item("a", "A port", text=WORDS), item("b", "The port"))
    await configure(app, sources=[{"url": FEED, "full_text": False}], topics=[TOPIC], settings=OURS)
    await work(app)
    return (app.config.feeds_out / f"port.{format}").read_bytes()


async def polled(app: App, web: FakeWeb, url: str, body: bytes) -> jobs.Done:
    web[url] = body
    followed = [{"url": u, "full_text": False} for u in (FEED, url)]
    await configure(app, sources=followed, topics=[TOPIC], settings=OURS)
    (found,) = await app.store.read(sources.followed, [url])
    done = await jobs.run(app, Job("poll", found.source.id or 0))
    assert done is not None
    return done


async def test_a_feed_of_ours_is_refused_by_its_address(app: App, web: FakeWeb) -> None:
    await published(app, web)
    done = await polled(app, web, "https://news.example/me/feeds/changes.atom", rss())
    assert done.error == (
        "https://news.example/me/feeds/changes.atom: a feed of this archive itself; what it publishes is not taken in "
        "again: remove the source"
    )
    assert (await polled(app, web, "https://news.example/feeds/of-another.atom", rss(item("x")))).error is None


async def test_a_feed_of_ours_is_refused_where_it_comes_from_elsewhere(app: App, web: FakeWeb) -> None:
    for format in ("atom", "rss", "json"):
        done = await polled(app, web, PLANET, await published(app, web, format))
        assert done.error == (
            f"{PLANET}: all its entries came out of this archive, if through another aggregator; what it publishes is not "
            "taken in again: remove the source"
        )


async def test_the_feed_of_edits_is_refused_where_it_comes_from_elsewhere(app: App, web: FakeWeb) -> None:
    await published(app, web)
    web[FEED] = rss(item("a", "A port", text=WORDS.replace("Monday", "Friday")))
    await app.store.write(sources.due_now, None, app.now())
    await work(app)
    edits = (app.config.feeds_out / "changes.atom").read_bytes()
    assert b"Edited: A port" in edits
    done = await polled(app, web, PLANET, edits)
    assert done.error is not None
    assert "all its entries came out of this archive" in done.error


async def test_of_another_aggregator_the_entries_of_others_are_taken(app: App, web: FakeWeb) -> None:
    ours = re.findall(r"<item>.*?</item>", (await published(app, web)).decode(), re.DOTALL)
    mixed = [re.sub(r"<(/?)\w+:", r"<\1x-", each) for each in ours]
    done = await polled(app, web, PLANET, rss(*mixed, item("c", "Another port")))
    assert (done.error, done.new) == (None, 1)


async def test_an_archive_of_somebody_else_is_a_source_like_any(app: App, web: FakeWeb) -> None:
    body = await published(app, web)
    theirs = re.sub(rb"(urn:aggregator:article:)[0-9a-f]{4}", rb"\g<1>0000", body)
    assert (await polled(app, web, PLANET, theirs)).new == 2


async def test_behind_archives_like_ours_an_entry_keeps_its_id_and_ours_are_refused(
    app: App, web: FakeWeb, now: Clock, tmp_path: Path
) -> None:
    body = await published(app, web)
    write_home(tmp_path / "theirs")
    async with App(config.load(tmp_path / "theirs", {}), now=now, web=web) as theirs:
        web[OURS_THERE], web[AGAIN] = body, body
        followed = [{"url": url, "full_text": False} for url in (OURS_THERE, AGAIN)]
        await configure(theirs, sources=followed, topics=[TOPIC | {"copies": "all"}])
        await work(theirs)
        through = (theirs.config.feeds_out / "port.rss").read_bytes()
        ids = re.findall(rb"<guid[^>]*>(urn:[^<]*)<", body)
        assert len(ids) == 2
        assert sorted(re.findall(rb"<guid[^>]*>(urn:[^<]*)<", through)) == sorted(ids)  # each once

        web[OURS_THERE] = body.replace(b"A port", b"A harbour")
        await theirs.store.write(sources.due_now, None, now())
        await work(theirs)
        (again,) = await theirs.store.read(sources.followed, [OURS_THERE])
        assert again.state.error is None  # it is not theirs because they have it
    done = await polled(app, web, PLANET, through)
    assert done.error is not None
    assert "all its entries came out of this archive" in done.error
