"""Every row of the table as the page behind an entry, all at once: its article is the page's, or what the feed says."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.hostile.feeds import rss
from tests.hostile.rows_pages import ROWS
from tests.hostile.runs import Ran, aggregator, hostile_home, passed, troubles
from tests.hostile.server import Row, Server, http

FEED_SAYS = "What the feed says."


@pytest.fixture
def server() -> Iterator[Server]:
    entries = (
        f'<item><guid isPermaLink="false">{row.name}</guid><title>{row.name}</title>'
        f"<link>http://127.0.0.1:{{{'apart' if row.is_apart else 'port'}}}/{row.name}</link>"
        f"<description>{FEED_SAYS}</description></item>"
        for row in ROWS
    )
    with Server([Row(name="feed", answer=http(rss(*entries))), *ROWS]) as server:
        yield server


def _articles(home: Path) -> dict[str, dict[str, Any]]:
    """What `dump` says of each, with the error of its page."""
    found = {line["guid"]: line for line in aggregator(home, "dump").lines}
    with closing(sqlite3.connect(home / "storage" / "archive.db")) as db:
        for guid, error in db.execute("SELECT guid, archive_error FROM entries"):
            found[guid]["error"] = error
    return found


def _wrong(server: Server, ran: Ran, found: dict[str, dict[str, Any]]) -> Iterator[str]:
    """What is not as its row says."""
    for row in ROWS:
        text, title, error = (found[row.name][key] for key in ("text", "title", "error"))
        if row.said:
            is_so = row.said in text and error is None and FEED_SAYS not in text
        else:
            is_so = text == FEED_SAYS and (row.error or "") in (error or "")
        if not is_so or len(title) > 1000:
            yield f"{row.name}: {row.said or row.error!r} wanted, got {error!r} and {len(text)} characters {text[:80]!r}"
    yield from troubles(server, ran)


@pytest.mark.parametrize("command", ["poll", "run"])
def test_an_article_is_what_its_page_says_or_its_feed(server: Server, tmp_path: Path, command: str) -> None:
    feed = f"http://127.0.0.1:{server.port}/feed"
    home = hostile_home(tmp_path, server, [{"url": feed, "name": "feed"}], "revisit = false")
    ran = passed(home, command)
    assert ran.code == 0, ran.err
    assert not list(_wrong(server, ran, _articles(home)))
