"""What `poll` says and ends with, beside what came of each source."""

from typing import NoReturn

import pytest

from aggregator import passes
from aggregator.app import App
from aggregator.doors.store import articles, entries
from aggregator.errors import StoreError
from aggregator.jobs import Done
from aggregator.model import Job
from tests.commands import Run, Site
from tests.fakes import configure

PAST = '<link xmlns="http://www.w3.org/2005/Atom" rel="prev-archive" href="/past.xml"/></channel>'


def refuse(*_: object, **__: object) -> NoReturn:
    raise StoreError("the archive", "cannot be written: database or disk is full")


def news(site: Site) -> str:
    return site.feed("/news.xml", "The News", ("/1", "Korea talks", "The delegations met again on Monday."))


def test_a_poll_that_cannot_be_kept_is_a_failure(run: Run, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    run("add", news(site), "--no-full-text")
    site.feed("/news.xml", "The News", ("/2", "More talks", "They met once more on Tuesday."))
    monkeypatch.setattr(entries, "save_each", refuse)
    for args in (["poll", "--all"], ["poll", "the-news"]):
        said = run(*args, code=1)
        assert said.out == "the-news: failed: the archive: cannot be written: database or disk is full\n"
        assert "no source was due" not in said.err
    assert run("poll", "--all", "--json", code=1).one["name"] == "the-news"


def test_an_article_that_cannot_be_kept_is_said_and_the_pass_does_not_end_well(
    run: Run, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.page("/1", body="<p>The delegations met again on Monday, and talked of trade until the evening.</p>" * 9)
    run("add", news(site), "--no-archive")
    monkeypatch.setattr(articles, "save", refuse)
    said = run("poll", "--all", code=3)
    assert said.out == "the-news: unchanged, 0 new, 0 changed\n"
    assert "aggregator: 1 article or feed could not be kept, for the reasons above; they are tried again" in said.err


async def test_what_broke_off_has_its_sources_name(app: App) -> None:
    await configure(app, sources=[{"url": "https://site.example/feed", "name": "site"}])
    broken = Done(job=Job("poll", 1), subject="", outcome="failed", error="no room")
    well = Done(job=Job("poll", 1), subject="other", outcome="new")
    unknown = Done(job=Job("poll", 9), subject="", outcome="failed")
    assert [each.subject for each in await passes.named(app, [broken, well, unknown])] == ["site", "other", ""]


def test_pages_of_a_feeds_past_are_said(run: Run, site: Site) -> None:
    run("add", news(site), "--no-full-text")
    status, kind, body = site.pages["/news.xml"]
    site.pages["/news.xml"] = (status, kind, body.replace(b"</channel>", PAST.encode()))
    site.feed("/past.xml", "The News", ("/0", "Korea before", "It was quiet at the border all summer."))
    run("add", site.url + "/news.xml", "--history", "--no-full-text")
    said = run("poll")
    assert said.out == "the-news: a page of its past: 1 new\n"
    assert said.err == ""


def test_a_page_of_a_feeds_past_that_cannot_be_had_is_told_and_when_it_is_asked_again(run: Run, site: Site) -> None:
    url = news(site)
    status, kind, body = site.pages["/news.xml"]
    site.pages["/news.xml"] = (status, kind, body.replace(b"</channel>", PAST.encode()))
    run("add", url, "--history", "--no-full-text")
    assert run("poll").out == f"the-news: a page of its past: failed: {site.url}/past.xml: 404 Not Found\n"
    past = next(line for line in run("list").out.splitlines() if "its past" in line)
    failed = f"        its past: 0 pages walked, next {site.url}/past.xml: failed: {site.url}/past.xml: 404 Not Found; asked again at "
    assert past.startswith(failed)
