"""Topics that ask for a token: published apart, and told of to nobody."""

import json
import logging
from pathlib import Path

import pytest

from aggregator import config
from aggregator.app import App
from aggregator.doors.store import topics as rows
from aggregator.errors import ConfigError
from aggregator.jobs import publish_index
from tests.fakes import FakeWeb, configure, item, rss, work, write_home

FEED = "https://site.example/feed"
TOKEN = "Kq7-0123456789_abcdef"
TOPIC = {"name": "port", "match": "headline", "limit": 2}
SETTINGS = '[server]\npublic_url = "https://me.example"\nhub = "https://hub.example/"\n'


async def published(app: App, web: FakeWeb, **changes: str) -> None:
    web[FEED] = rss(*(item(guid, f"Headline {guid}", "", f"<p>{guid}</p>") for guid in "abcd"))
    source = {"url": FEED, "name": "site", "full_text": False}
    await configure(app, sources=[source], topics=[TOPIC | changes], settings=SETTINGS)
    await work(app)


def told(folder: Path) -> str:
    """All that lies there: names and what they hold."""
    return "\n".join(f"{path}\n{path.read_text()}" for path in sorted(folder.rglob("*")) if path.is_file())


async def test_it_is_published_where_no_other_server_looks(
    app: App, web: FakeWeb, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await published(app, web, token=TOKEN)
    await publish_index(app)
    assert "port.atom" not in told(app.config.feeds_out)
    assert TOKEN not in told(app.config.feeds_out)
    assert TOKEN not in caplog.text
    assert not [form for _, form in web.posted if "port" in str(form)]
    assert app.config.storage.stat().st_mode & 0o077 == 0


async def test_its_own_addresses_have_the_token_and_its_ids_do_not(app: App, web: FakeWeb) -> None:
    await published(app, web, token=TOKEN)
    folder = app.config.private
    feed = json.loads((folder / "port.json").read_text())
    assert feed["feed_url"] == f"https://me.example/feeds/port.json?token={TOKEN}"
    assert "hubs" not in feed
    atom = (folder / "port.atom").read_text()
    assert f'rel="prev-archive" href="https://me.example/feeds/archive/port/1/1.atom?token={TOKEN}"' in atom
    assert "<id>https://me.example/feeds/port</id>" in atom
    page = (folder / "archive" / "port" / "1" / "1.atom").read_text()
    assert f'rel="current" href="https://me.example/feeds/port.atom?token={TOKEN}"' in page


async def test_a_feed_that_becomes_private_leaves_at_once_and_one_that_becomes_public_comes(
    app: App, web: FakeWeb
) -> None:
    await published(app, web)
    assert (app.config.feeds_out / "archive" / "port" / "1" / "1.atom").exists()
    source = {"url": FEED, "name": "site", "full_text": False}
    await configure(app, sources=[source], topics=[TOPIC | {"token": TOKEN}], settings=SETTINGS)
    assert not list(app.config.feeds_out.rglob("*port*.*"))
    assert not list((app.config.feeds_out / "archive" / "port").iterdir())
    await work(app)
    assert (app.config.private / "port.atom").exists()
    await published(app, web)
    assert not list(app.config.private.rglob("*.*"))
    assert TOKEN not in told(app.config.feeds_out)
    assert (app.config.feeds_out / "archive" / "port" / "1" / "1.atom").exists()


async def test_another_token_is_in_all_addresses(app: App, web: FakeWeb) -> None:
    await published(app, web, token=TOKEN)
    await published(app, web, token=TOKEN[::-1])
    assert TOKEN not in told(app.config.private)
    assert TOKEN[::-1] in (app.config.private / "archive" / "port" / "1" / "1.atom").read_text()
    (live,) = await app.store.read(rows.live)
    assert (live.version, live.topic.token) == (1, TOKEN[::-1])
    assert TOKEN[::-1] not in repr(live)
    await configure(app)
    assert not list(app.config.private.rglob("*.*"))


@pytest.mark.parametrize("token", ["short", "with a blank, long enough", "0123456789abcdé", "a" * 129])
def test_a_token_that_can_be_guessed_or_stands_in_no_address_is_refused(tmp_path: Path, token: str) -> None:
    write_home(tmp_path, topics=[TOPIC | {"token": token}])
    with pytest.raises(ConfigError, match="token: must be 16 to 128") as caught:
        config.load(tmp_path, {})
    assert token not in str(caught.value)
