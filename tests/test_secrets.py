"""Passwords and tokens in the addresses of sources: asked with, and shown to nobody."""

import logging
import re
import stat
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from aggregator import serve
from aggregator.app import App
from aggregator.cli import main
from aggregator.config import edit
from aggregator.errors import AggregatorError, FetchError, QueryError, shown
from aggregator.model import Source
from aggregator.questions import Questions
from tests.conftest import Home
from tests.fakes import WORDS, FakeWeb, configure, item, rss, work

GOOD = "https://me:s3cret@site.example/feed?lang=en&token=hush"
BAD = "https://me:s3cret@broken.example/feed?api_key=hush"
SECRETS = re.compile("s3cret|hush|//me")


@pytest.mark.parametrize(
    ("said", "seen"),
    [
        ("https://me:pass@a.example/x", "https://a.example/x"),
        ("https://me@a.example/x", "https://a.example/x"),
        ("of https://a:b@x.example/ and http://c:d@y.example/", "of https://x.example/ and http://y.example/"),
        ("https://a.example/?id=7&token=abc&page=2", "https://a.example/?id=7&token=…&page=2"),
        ("https://a.example/?Access_Token=abc#top", "https://a.example/?Access_Token=…#top"),
        ("https://a.example/?token=abc: 403 Forbidden", "https://a.example/?token=…: 403 Forbidden"),
        ("https://a.example/?token=ab:cd", "https://a.example/?token=…"),
        ("https://a.example/?key=abc", "https://a.example/?key=…"),
        ("https://a.example/?monkey=abc", "https://a.example/?monkey=abc"),
        ("https://a.example/@user/feed", "https://a.example/@user/feed"),
        ("mail me@a.example", "mail me@a.example"),
        ("two\nlines\x1b[31m\x9b31m\u202e", "two lines [31m 31m "),
    ],
)
def test_what_is_shown_is_one_line_without_secrets(said: str, seen: str) -> None:
    assert shown(said) == seen


@pytest.mark.parametrize("error", [AggregatorError, FetchError])
def test_no_error_shows_a_secret_or_breaks_its_line(error: type[AggregatorError]) -> None:
    assert not SECRETS.search(str(error(GOOD, f"redirected to {BAD}: no")))
    assert str(error("a", "b\nc\x1b[2J")) == "a: b c [2J"
    assert "\n" not in str(QueryError("a\nb", "c"))


@pytest.fixture
async def private(app: App, web: FakeWeb) -> App:
    """One source that answers and one that does not, both behind passwords, an article without a link."""
    web[GOOD] = rss(
        item("one", "The first", link="", text=WORDS), item("two", "The second", text="Rain, says the second.")
    )
    web[BAD] = FetchError(BAD, "403 Forbidden", 403)
    topics = [{"name": "all", "match": "harbour OR second OR first"}]
    sources: list[dict[str, Any]] = [{"url": GOOD, "name": "good", "full_text": False}, {"url": BAD, "name": "bad"}]
    await configure(app, sources=sources, topics=topics)
    return app


async def test_neither_feeds_nor_pages_nor_the_log_show_a_secret(
    private: App, web: FakeWeb, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await work(private)
    assert web.asked[GOOD] == web.asked[BAD] == 1
    published = list(private.config.feeds_out.iterdir())
    assert {"all.atom", "all.rss", "all.json", "index.html"} <= {path.name for path in published}
    for path in published:
        assert not SECRETS.search(path.read_text("utf-8")), path
    assert "The first" in (private.config.feeds_out / "all.atom").read_text("utf-8")
    pages: TestClient[Any, Any]
    async with TestClient(TestServer(serve.application(Questions(private)))) as pages:
        for place in ("/", "/sources", "/article/1", "/article/2", "/topic/all", "/search?q=first", "/healthz"):
            answer = await pages.get(place)
            assert answer.status < 500
            assert not SECRETS.search(await answer.text()), place
    assert not SECRETS.search(caplog.text)


def test_opml_has_them_where_that_is_asked_for(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    folder = str(home(sources=[GOOD]))
    main(["export", "--home", folder])
    said = capsys.readouterr()
    assert not SECRETS.search(said.out)
    assert "--with-secrets" in said.err
    main(["export", "--with-secrets", "--home", folder])
    said = capsys.readouterr()
    assert "me:s3cret@site.example/feed?lang=en&amp;token=hush" in said.out
    assert not said.err


def test_no_command_shows_them(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    folder = str(home(sources=[GOOD.replace("site.example", "127.0.0.1:1")]))
    for args in (["poll", "--all"], ["list", "-v"], ["status"], ["poll", "nobody"], ["status", "--json"]):
        with pytest.raises(SystemExit) if args[0] == "poll" else nullcontext():
            main([*args, "--home", folder])
        said = capsys.readouterr()
        assert not SECRETS.search(said.out + said.err), args


def test_files_that_may_hold_secrets_are_their_owners_alone(tmp_path: Path) -> None:
    edit.init(tmp_path / "home")
    main(["list", "--home", str(tmp_path / "home")])
    for place in ("config", "config/sources.toml", "config/aggregator.toml", "storage", "storage/archive.db"):
        assert not stat.S_IMODE((tmp_path / "home" / place).stat().st_mode) & 0o077, place
    assert stat.S_IMODE((tmp_path / "home" / "feeds_out").stat().st_mode) & 0o055


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o640])
def test_a_file_that_is_changed_keeps_its_mode(tmp_path: Path, mode: int) -> None:
    edit.init(tmp_path)
    path = tmp_path / "config" / "sources.toml"
    path.chmod(mode)
    edit.add(tmp_path, [Source(url="https://a.example/feed")])
    assert stat.S_IMODE(path.stat().st_mode) == mode
