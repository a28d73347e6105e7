"""A real browser looks at all that comes out of the attacked home: no script runs, and nothing is asked for but pictures."""

import asyncio
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import ClientSession
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser

from aggregator import config, serve
from aggregator.app import App
from aggregator.cli import main
from aggregator.questions import Questions
from tests.hostile.attacked import FEEDS, PAYLOADS
from tests.hostile.browser import Watched, running, watched
from tests.hostile.scripts import MARKUP

ARTICLES = range(1, len(FEEDS) * len(PAYLOADS) + 1)


pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(attacked: Path) -> AsyncIterator[str]:
    async with App(config.load(attacked, {})) as app, TestServer(serve.application(Questions(app))) as server:
        yield f"http://{server.host}:{server.port}"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def chromium() -> AsyncIterator[Browser]:
    async with running() as browser:
        yield browser


def _is_quiet(browser: Watched, site: str = "") -> bool:
    """Nobody is asked but our own server, and the publishers of pictures; evil.example has none that one would see."""
    asked = {
        (host, what)
        for host, what in browser.asked
        if host not in ("", site.removeprefix("http://")) and (what != "image" or host == "evil.example")
    }
    assert (dict(browser.wrong), asked) == ({}, set())
    return True


async def test_the_browser_tells_of_what_runs(chromium: Browser, site: str) -> None:
    async with watched(chromium) as browser:
        await browser.show(f"{site}/healthz", [f"<!doctype html><title>x</title><p>{said}" for said in MARKUP])
    frames = {wrong.rpartition(" ")[2] for wrong in browser.wrong}
    assert len(frames) > len(MARKUP) // 2
    assert {what for host, what in browser.asked if host == "evil.example"} >= {
        "script",
        "stylesheet",
        "image",
        "document",
    }


async def test_nothing_on_our_pages_runs(chromium: Browser, site: str) -> None:
    paths = ["/", "/sources", "/search?q=report", "/search?q=%3Cscript%3Ealert(1)%3C/script%3E", "/article/9"]
    async with watched(chromium) as browser:
        for path in (*paths, *(f"/topic/{name}" for name in FEEDS)):
            await browser.open(site + path)
    assert _is_quiet(browser, site)


async def test_nothing_in_an_article_runs(chromium: Browser, site: str) -> None:
    async with watched(chromium) as browser, ClientSession(site) as session:
        for n in range(0, len(ARTICLES), 50):
            answers = [await session.get(f"/article/{id}") for id in ARTICLES[n : n + 50]]
            pages = [await answer.text() for answer in answers if answer.ok]
            await browser.show(f"{site}/healthz", pages)
    assert _is_quiet(browser, site)


async def test_nothing_in_a_feed_runs_that_a_browser_shows(chromium: Browser, site: str, attacked: Path) -> None:
    files = [path for path in (attacked / "feeds_out").iterdir() if path.suffix != ".css" and path.is_file()]
    assert len(files) > 3 * len(FEEDS)
    served = [f"{site}/feeds/{path.name}" for path in files if path.suffix in (".atom", ".rss", ".json")]
    async with watched(chromium) as browser:
        for url in (*served, *(_as_xml(path).as_uri() for path in files)):
            await browser.open(url)
    assert _is_quiet(browser, site)


async def test_nothing_in_opml_runs_that_a_browser_shows(
    chromium: Browser, attacked: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await asyncio.to_thread(main, ["export", "--home", str(attacked)])
    path = attacked / "export.xml"
    path.write_text(capsys.readouterr().out, "utf-8")
    assert "alert(1)" in path.read_text("utf-8")
    async with watched(chromium) as browser:
        await browser.open(path.as_uri())
    assert _is_quiet(browser)


async def test_nothing_in_a_book_runs(chromium: Browser, attacked: Path) -> None:
    book = attacked / "book.epub"
    await asyncio.to_thread(main, ["export", "--topic", "pages", "--epub", str(book), "--home", str(attacked)])
    with zipfile.ZipFile(book) as packed:
        chapters = [attacked / name for name in packed.namelist() if name.endswith("html")]
        packed.extractall(attacked)
    assert len(chapters) > len(PAYLOADS) // 2
    async with watched(chromium) as browser:
        for path in chapters:
            await browser.open(path.as_uri())
    assert _is_quiet(browser)


def _as_xml(path: Path) -> Path:
    """Named as browsers want it who would else save it."""
    if path.suffix not in (".atom", ".rss", ".opml"):
        return path
    copy = path.with_name(f"{path.name}.xml")
    copy.write_bytes(path.read_bytes())
    return copy
