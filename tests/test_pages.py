"""Archive pages: a subscriber can have all that a topic takes (RFC 5005), and what left it (RFC 6721)."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from lxml import etree

from aggregator import jobs
from aggregator.app import App
from aggregator.doors.store import published, sources, topics
from tests.fakes import Clock, FakeWeb, configure, item, rss, work

FEED = "https://site.example/feed"
TOPIC = {"name": "port", "match": "title:port", "limit": 3}
BASE = "http://127.0.0.1:8080/feeds/"
NS = {"a": "http://www.w3.org/2005/Atom", "at": "http://purl.org/atompub/tombstones/1.0"}


@pytest.fixture(autouse=True)
def short_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(published, "PAGE", 4)


def feed(app: App, address: str = f"{BASE}port.atom") -> etree._Element:
    return etree.fromstring((app.config.feeds_out / address.removeprefix(BASE)).read_bytes())


def chain(app: App) -> dict[str, list[str]]:
    """Each document from the feed on backwards, and the titles in it."""
    found: dict[str, list[str]] = {}
    address: str | None = f"{BASE}port.atom"
    while address:
        root = feed(app, address)
        found[address.removeprefix(BASE)] = [str(e.text) for e in root.findall("a:entry/a:title", NS)]
        link = root.find("a:link[@rel='prev-archive']", NS)
        address = None if link is None else link.get("href")
    return found


def times(app: App) -> dict[str, int]:
    return {p.name: p.stat().st_mtime_ns for p in pages(app)}


def pages(app: App) -> list[Path]:
    return sorted((app.config.feeds_out / "archive").rglob("*.atom"))


async def arrive(app: App, web: FakeWeb, now: Clock, *numbers: int, **topic: object) -> None:
    for number in numbers:
        web[FEED] = rss(item(str(number), f"Port {number}"))
        await configure(app, sources=[{"url": FEED, "full_text": False}], topics=[TOPIC | topic])
        now.advance(hours=3)
        await app.store.write(sources.due_now, None, now())
        await work(app)


async def test_a_feed_and_its_pages_have_all_that_the_topic_takes(app: App, web: FakeWeb, now: Clock) -> None:
    await arrive(app, web, now, 1, 2, 3)
    assert chain(app) == {"port.atom": ["Port 3", "Port 2", "Port 1"]}
    assert pages(app) == []
    await arrive(app, web, now, 4, 5, 6, 7, 8)
    assert chain(app) == {
        "port.atom": ["Port 8", "Port 7", "Port 6"],
        "archive/port/1/2.atom": ["Port 8", "Port 7", "Port 6", "Port 5"],
        "archive/port/1/1.atom": ["Port 4", "Port 3", "Port 2", "Port 1"],
    }
    page = feed(app, f"{BASE}archive/port/1/1.atom")
    assert page.find("{http://purl.org/syndication/history/1.0}archive") is not None
    assert page.find("a:link[@rel='current']", NS).get("href") == f"{BASE}port.atom"  # type: ignore[union-attr]
    assert page.findtext("a:id", None, NS) == feed(app).findtext("a:id", None, NS)
    rss_links = etree.parse(app.config.feeds_out / "port.rss").findall("channel/a:link", NS)
    assert [e.get("href") for e in rss_links if e.get("rel") == "prev-archive"] == [f"{BASE}archive/port/1/2.atom"]


async def test_a_json_feed_leads_on_to_the_same_pages(app: App, web: FakeWeb, now: Clock) -> None:
    await arrive(app, web, now, 1, 2, 3, 4, 5, 6, 7, 8)
    url, read = f"{BASE}port.json", dict[str, list[str]]()
    while url:
        said = json.loads((app.config.feeds_out / url.removeprefix(BASE)).read_bytes())
        assert said["feed_url"] == url
        read[url.removeprefix(BASE)] = [each["title"] for each in said["items"]]
        url = said.get("next_url")
    assert read == {name.replace(".atom", ".json"): titles for name, titles in chain(app).items()}
    assert len(read) == 3
    older = app.config.feeds_out / "archive" / "port" / "1" / "2.json"
    older.unlink()  # as of a home of before there were any
    await arrive(app, web, now, 9)
    assert older.exists()


async def test_a_page_is_written_again_only_when_something_in_it_changed(app: App, web: FakeWeb, now: Clock) -> None:
    await arrive(app, web, now, 1, 2, 3, 4, 5, 6, 7, 8)
    before = times(app)
    await arrive(app, web, now, 9)
    assert times(app) == before
    web[FEED] = rss(item("2", "Port two"))
    await app.store.write(sources.due_now, None, now())
    await work(app)
    after = times(app)
    assert after["2.atom"] == before["2.atom"]
    assert after["1.atom"] != before["1.atom"]
    assert chain(app)["archive/port/1/1.atom"] == ["Port 4", "Port 3", "Port two", "Port 1"]


async def test_what_left_a_page_leaves_a_gap_and_a_tombstone(app: App, web: FakeWeb, now: Clock) -> None:
    await arrive(app, web, now, 1, 2, 3, 4, 5, 6, 7, 8)
    gone = feed(app, f"{BASE}archive/port/1/1.atom").findtext("a:entry[3]/a:id", None, NS)
    web[FEED] = rss(item("2", "Nothing of the kind"))
    await app.store.write(sources.due_now, None, now())
    await work(app)
    assert chain(app)["archive/port/1/1.atom"] == ["Port 4", "Port 3", "Port 1"]
    (stone,) = feed(app).findall("at:deleted-entry", NS)
    assert (stone.get("ref"), stone.get("when")) == (gone, now().isoformat())


async def test_another_rule_has_other_pages(app: App, web: FakeWeb, now: Clock) -> None:
    await arrive(app, web, now, 1, 2, 3, 4, 5)
    assert list(chain(app)) == ["port.atom", "archive/port/1/1.atom"]
    await arrive(app, web, now, 6, exclude="title:2")
    assert chain(app) == {
        "port.atom": ["Port 6", "Port 5", "Port 4"],
        "archive/port/2/1.atom": ["Port 5", "Port 4", "Port 3", "Port 1"],
    }
    assert len(pages(app)) == 1
    assert len(feed(app).findall("at:deleted-entry", NS)) == 1


async def test_pages_that_were_lost_are_written_again(app: App, web: FakeWeb, now: Clock) -> None:
    await arrive(app, web, now, 1, 2, 3, 4, 5)
    (page,) = pages(app)
    body = page.read_bytes()
    page.unlink()
    (live,) = await app.store.read(topics.live)
    await jobs.publish(app, live)
    assert page.read_bytes() == body


async def test_a_topic_may_have_no_pages_and_one_that_goes_leaves_none(app: App, web: FakeWeb, now: Clock) -> None:
    await arrive(app, web, now, 1, 2, 3, 4, 5, history=False)
    assert chain(app) == {"port.atom": ["Port 5", "Port 4", "Port 3"]}
    await arrive(app, web, now, 6)
    assert len(pages(app)) == 1
    await configure(app, sources=[FEED], topics=[])
    assert pages(app) == []


async def test_a_feed_that_does_not_show_the_newest_fills_its_last_page(app: App, web: FakeWeb, now: Clock) -> None:
    await arrive(app, web, now, 1, 2, 3, 4, 5, 6, per_source=1)
    assert chain(app) == {
        "port.atom": ["Port 6"],
        "archive/port/1/2.atom": ["Port 6", "Port 5"],
        "archive/port/1/1.atom": ["Port 4", "Port 3", "Port 2", "Port 1"],
    }


async def test_the_past_of_a_source_is_in_pages_though_it_is_no_news(app: App, web: FakeWeb, now: Clock) -> None:
    old = [item(f"old{n}", f"Old port {n}", published=now() - timedelta(days=9 - n)) for n in range(5)]
    web["https://other.example/feed"] = rss(*old, title="Other")
    await arrive(app, web, now, 1, 2, 3)
    both = [{"url": url, "full_text": False} for url in (FEED, "https://other.example/feed")]
    await configure(app, sources=both, topics=[TOPIC])
    await work(app)
    found = chain(app)
    assert found["port.atom"] == ["Port 3", "Port 2", "Port 1"]
    assert {title for titles in found.values() for title in titles} == {
        *found["port.atom"], *(f"Old port {n}" for n in range(5))
    }  # fmt: skip
