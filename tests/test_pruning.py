"""Retention: what goes, what stays, and that nothing comes back"""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text

from aggregator.app import App
from aggregator.daemon import Daemon
from aggregator.doors.store import articles, integrity, ledger, published, sources, stars, tables, topics
from aggregator.errors import AggregatorError
from aggregator.loading import load
from aggregator.model import Archived, Finding, Response
from aggregator.pruning import preview, prune
from aggregator.questions import Questions
from aggregator.steps import compose
from tests.commands import Run, Site
from tests.fakes import WORDS, Clock, FakeWeb, configure, item, page, rss, work

FEED = "https://site.example/feed"
OTHER = "https://other.example/feed"


def source(url: str = FEED, name: str = "site", **said: Any) -> dict[str, Any]:
    return {"url": url, "name": name, "full_text": False} | said


async def poll(app: App) -> None:
    await app.store.write(sources.due_now, None, app.now())
    await work(app)


async def arrive(app: App, web: FakeWeb, now: Clock, *guids: str) -> None:
    """An item for each, a day between; all of them stay in the feed."""
    items: list[str] = []
    for guid in guids:
        items.insert(0, item(guid, f"Headline {guid}", text=f"<p>Of {guid}: {WORDS[:80]} {guid * 3}.</p>"))
        web[FEED] = rss(*items)
        await poll(app)
        now.advance(days=1)


async def titles(app: App) -> list[str]:
    found = await app.store.read(articles.dump, 0)
    return [archived.article.title.removeprefix("Headline ") for archived in found]


async def whole(app: App) -> list[Finding]:
    found: list[Finding] = []
    await app.store.read(integrity.check, compose.words, found.append, lambda of: None)
    return [*found, *await app.store.read(integrity.damage)]


async def told(app: App) -> list[tuple[str, str]]:
    return [(f"{cut.kind} {cut.name}", a.article.title.removeprefix("Headline ")) async for cut, a in preview(app)]


async def test_nothing_goes_where_nobody_asked(app: App, web: FakeWeb, now: Clock) -> None:
    await configure(app, sources=[source()])
    await arrive(app, web, now, "a", "b", "c")
    now.advance(days=10_000)
    assert await told(app) == []
    assert await prune(app) == 0


@pytest.mark.parametrize(
    ("rule", "left"),
    [
        ({"keep_for": "3d"}, "cde"),
        ({"keep_most": 1}, "e"),
        ({"keep_most": 4}, "bcde"),
        ({"keep_for": "2d", "keep_most": 2}, "de"),
        ({"keep_for": "20000d", "keep_most": 9}, "abcde"),
    ],
)
async def test_a_source_keeps_what_it_says(
    app: App, web: FakeWeb, now: Clock, rule: Mapping[str, Any], left: str
) -> None:
    await configure(app, sources=[source(**rule), source(OTHER, "other")])
    await arrive(app, web, now, *"abcde")
    now.advance(hours=-12)  # e is half a day old
    await app.store.write(sources.due_now, None, now())
    web[OTHER] = rss(item("x", "Headline x", text="<p>Another paper's.</p>"))
    await poll(app)
    assert [title for _, title in await told(app)] == [each for each in "abcde" if each not in left]
    await prune(app)
    assert await titles(app) == [*left, "x"]
    assert await whole(app) == []


async def test_what_was_deleted_does_not_come_back(app: App, web: FakeWeb, now: Clock) -> None:
    """Neither with the feed as it was, nor changed, nor under other guids, dates and titles at every poll, nor by
    `load`."""
    await configure(app, sources=[source(keep_most=1)])
    await arrive(app, web, now, *"abcde")
    assert await prune(app) == 4
    words = {guid: f"<p>Of {guid}: {WORDS[:80]} {guid * 3}.</p>" for guid in "abcde"}
    for again in (
        [item(guid, f"Headline {guid}", text=words[guid]) for guid in "edcba"],
        [item(f"{guid}-1", f"Headline {guid}", f"https://site.example/{guid}?x=1", words[guid]) for guid in "edcba"],
        [item(f"{guid}-2", f"Headline {guid}", f"https://site.example/{guid}?x=2", words[guid]) for guid in "edcba"],
        [item(f"{guid}-3", f"Retold {guid}", f"https://site.example/{guid}", words[guid]) for guid in "edcba"],
        [item(guid, f"Corrected {guid}", text=f"{words[guid]}<p>Corrected.</p>") for guid in "edcba"],
    ):
        web[FEED] = rss(*again)
        await poll(app)
        assert len(await titles(app)) == 1
        assert await whole(app) == []
    lines = [json.dumps({"url": f"https://site.example/{g}", "title": g, "guid": g, "source": "site"}) for g in "abcde"]
    loaded = await load(app, lines)
    assert (loaded.new, loaded.deleted) == (0, 4)
    assert len(await titles(app)) == 1
    assert await whole(app) == []


async def test_everything_that_was_made_of_it_goes(app: App, web: FakeWeb, now: Clock) -> None:
    await configure(app, sources=[source()], topics=[{"name": "all", "match": "headline"}])
    await arrive(app, web, now, "a", "b")
    web[FEED] = rss(item("b", "Headline b", text="<p>Another text of b.</p>"), item("a", "Headline a", text=WORDS * 2))
    await poll(app)
    web[OTHER] = rss(item("x", "Headline x", text=WORDS * 2))  # a copy of a
    await configure(app, sources=[source(keep_most=1), source(OTHER, "other")], topics=[{"name": "b", "match": "x"}])
    await poll(app)
    assert await prune(app) == 1
    t = tables

    def rows(tx: Any) -> dict[str, int]:
        of = {
            "articles": t.articles.c.id, "images": t.images.c.article_id, "revisions": t.revisions.c.article_id,
            "text_keys": t.text_keys.c.article_id, "recent_text_keys": t.recent_text_keys.c.article_id,
            "decisions": t.decisions.c.article_id,
            "likenesses": t.likenesses.c.article_id, "others": t.likenesses.c.other_id,
        }  # fmt: skip
        return {name: tx.scalar(select(func.count()).where(column == 1)) for name, column in of.items()}

    assert set((await app.store.read(rows)).values()) == {0}
    index = "SELECT count(*) FROM articles_fts WHERE rowid = 1"
    if app.store.name.startswith("sqlite"):
        index = "SELECT count(*) FROM articles_fts WHERE articles_fts MATCH 'cranes' AND rowid = 1"
    assert await app.store.read(lambda tx: tx.scalar(text(index))) == 0
    kept = await app.store.read(lambda tx: tx.execute(select(t.entries).where(t.entries.c.guid == "a")).one())
    assert (kept.title, kept.summary, kept.content, kept.archive_at) == ("Headline a", None, None, None)
    assert await whole(app) == []


async def test_the_ledger_says_that_it_was_deleted(app: App, web: FakeWeb, now: Clock) -> None:
    await configure(app, sources=[source(keep_most=1)])
    await arrive(app, web, now, "a", "b")
    await prune(app)
    lines = await app.store.read(lambda tx: [line for some in ledger.read(tx) for _, _, line in some])
    assert [(line.what, line.article_id) for line in lines] == [("kept", 1), ("kept", 2), ("deleted", 1)]


async def test_ids_are_never_given_twice(app: App, web: FakeWeb, now: Clock) -> None:
    await configure(app, sources=[source(keep_for="1d")])
    await arrive(app, web, now, "a", "b")
    now.advance(days=30)
    assert await prune(app) == 1  # the last of all stays until another comes
    web[FEED] = rss(item("c", "Headline c"))
    await poll(app)
    assert [a.id for a in await app.store.read(articles.dump, 0)] == [2, 3]
    assert await prune(app) == 1
    assert await whole(app) == []


async def test_the_daemon_does_so_once_a_night(app: App, web: FakeWeb, now: Clock) -> None:
    await configure(app, sources=[source(keep_most=1)])
    await arrive(app, web, now, *"abc")
    await Daemon(app).tidy()
    assert await titles(app) == ["c"]


async def test_what_is_starred_stays(app: App, web: FakeWeb, now: Clock) -> None:
    await configure(app, sources=[source(keep_most=1)])
    await arrive(app, web, now, *"abc")
    await app.store.write(stars.star, 1, now())
    assert await told(app) == [("source site", "b")]
    assert await prune(app) == 1
    assert await titles(app) == ["a", "c"]
    await app.store.write(stars.unstar, 1)
    assert await prune(app) == 1


async def test_what_a_topic_takes_stays_unless_the_topic_lets_it_go(app: App, web: FakeWeb, now: Clock) -> None:
    one, two = {"name": "one", "match": "title:a OR title:b"}, {"name": "two", "match": "title:b"}
    await configure(app, sources=[source(keep_most=1)], topics=[one, two])
    await arrive(app, web, now, *"abcde")
    assert await told(app) == [("source site", "c"), ("source site", "d")]
    await configure(app, sources=[source()], topics=[one | {"keep_for": "2d"}, two])
    assert await told(app) == [("topic one", "a")]  # two wants b
    await configure(app, sources=[source()], topics=[one | {"keep_for": "2d"}, two | {"keep_for": "2d"}])
    assert await told(app) == [("topic one", "a"), ("topic one", "b")]  # once each
    assert await prune(app) == 2
    assert await titles(app) == ["c", "d", "e"]


async def test_while_a_topic_has_not_judged_everything_nothing_goes(app: App, web: FakeWeb, now: Clock) -> None:
    await configure(app, sources=[source(keep_most=1)])
    await arrive(app, web, now, "a", "b")
    await configure(app, sources=[source(keep_most=1)], topics=[{"name": "new", "match": "title:a"}])
    with pytest.raises(AggregatorError, match="topic new: has not judged the whole archive yet"):
        await prune(app)
    await work(app)
    assert await prune(app) == 0
    assert await titles(app) == ["a", "b"]


async def test_a_source_that_is_not_followed_any_more_keeps_its_articles(app: App, web: FakeWeb, now: Clock) -> None:
    await configure(app, sources=[source(keep_most=1)])
    await arrive(app, web, now, "a", "b")
    await configure(app, sources=[])
    assert await prune(app) == 0


async def test_published_feeds_lose_it_and_say_so(app: App, web: FakeWeb, now: Clock) -> None:
    topic = {"name": "all", "match": "headline", "keep_most": 2}
    await configure(app, sources=[source()], topics=[topic])
    await arrive(app, web, now, *"abc")
    before = (app.config.feeds_out / "all.atom").read_text()
    assert "Headline a" in before
    await prune(app)
    await work(app)
    after = (app.config.feeds_out / "all.atom").read_text()
    assert "Headline a" not in after
    assert after.count("<at:deleted-entry") == 1
    assert "Headline a" not in (app.config.feeds_out / "index.html").read_text()


async def test_a_feed_has_no_more_tombstones_than_it_may(app: App, now: Clock) -> None:
    topic = {"name": "all", "match": "headline", "keep_most": 1}
    await configure(app, topics=[topic])
    lines = [json.dumps({"url": f"https://a.org/{n}", "title": f"Headline {n}"}) for n in range(130)]
    await load(app, lines)
    await work(app)
    assert await prune(app) == 129
    (live,) = await app.store.read(topics.live)
    left = (await app.store.read(published.standing, live)).left
    assert len(left) == published.MOST_LEFT
    assert await app.store.read(lambda tx: tx.scalar(select(func.count()).select_from(tables.withdrawn))) == len(left)


async def copies(app: App, web: FakeWeb, now: Clock, names: str, **of_first: Any) -> list[Archived]:
    """One text, published by as many papers, a day between."""
    await configure(
        app, sources=[source(f"https://{n}.example/feed", n, **(of_first if n == names[0] else {})) for n in names]
    )
    for n in names:
        web[f"https://{n}.example/feed"] = rss(
            item(n, f"Headline {n}", f"https://{n}.example/1", f"<p>{WORDS * 2}</p>")
        )
        await poll(app)
        now.advance(days=1)
    return list(await app.store.read(articles.dump, 0))


async def test_a_story_whose_first_went_is_led_by_the_next(app: App, web: FakeWeb, now: Clock) -> None:
    before = await copies(app, web, now, "abcd", keep_for="2d")
    assert [a.verdict.story for a in before] == [1, 1, 1, 1]
    assert await prune(app) == 1
    after = await app.store.read(articles.dump, 0)
    assert [(a.id, a.verdict.story, a.verdict.relation) for a in after] == [
        (2, 2, "first"), (3, 2, "copy"), (4, 2, "copy")
    ]  # fmt: skip
    assert {a.verdict.copy_of for a in after} == {None, 2}
    assert await whole(app) == []


async def test_a_story_of_very_many_is_led_by_the_next_too(app: App, web: FakeWeb, now: Clock) -> None:
    names = "abcdefghijklmnopqrstuvwxyz0123"
    await copies(app, web, now, names, keep_for="2d")
    assert await prune(app) == 1
    after = await app.store.read(articles.dump, 0)
    assert {a.verdict.story for a in after} == {2}
    assert [a.id for a in after if a.verdict.relation == "first"] == [2]
    assert not {a.verdict.copy_of for a in after} & {1}
    assert await whole(app) == []


async def test_of_an_article_that_was_deleted_while_its_page_was_fetched_nothing_is_kept(
    app: App, web: FakeWeb, now: Clock
) -> None:
    await configure(app, sources=[source(full_text=True, keep_for="1d"), source(OTHER, "other")])
    web["https://site.example/a"] = page("Headline a", f"{WORDS} a.")
    web[FEED] = rss(item("a"))
    await poll(app)
    web[OTHER] = rss(item("b", "Headline b", text="<p>Of b.</p>"))
    await poll(app)

    class Meanwhile(FakeWeb):
        async def get(self, url: str, **said: Any) -> Response:
            assert await prune(app) == (url == "https://site.example/a")
            return await super().get(url, **said)

    now.advance(days=3)
    app.web = Meanwhile(web.answers)
    app.web["https://site.example/a"] = page("Headline a", f"{WORDS} a, corrected.")
    await work(app)
    assert await titles(app) == ["b"]
    assert await whole(app) == []


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    said=st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("pqrstuvw"), st.integers(0, 2)), min_size=1, max_size=24),
    most=st.integers(1, 4),
    starred=st.sets(st.integers(1, 12), max_size=3),
)  # fmt: skip
async def test_whatever_goes_the_archive_is_whole_and_nothing_comes_back(
    app: App, web: FakeWeb, now: Clock, said: list[tuple[str, str, int]], most: int, starred: set[int]
) -> None:
    rule = {"keep_most": most}
    await configure(
        app,
        sources=[source(f"https://{n}.example/{now():%s}", f"{n}-{now():%s}", **rule) for n in "ab"],
        topics=[{"name": "p", "match": "title:p", "keep_most": 2}, {"name": "q", "match": "title:q"}],
    )
    texts = {t: f"<p>{WORDS[n * 20 :]} {t}</p>" for n, t in enumerate("pqrstuvw")}
    items = {
        followed.url: [
            item(f"{t}{v}", f"{t} headline {v}", text=texts[t] + "Edited. " * v) for s, t, v in said if s == n
        ]
        for n, followed in zip("ab", app.config.sources, strict=True)
    }
    for url, some in items.items():
        web[url] = rss(*dict.fromkeys(some))
    await poll(app)
    for id in starred & {a.id or 0 for a in await app.store.read(articles.dump, 0)}:
        await app.store.write(stars.star, id, now())
    told = [archived.id async for _, archived in preview(app)]
    before = {a.id for a in await app.store.read(articles.dump, 0)}
    assert await prune(app) == len(told)
    after = {a.id for a in await app.store.read(articles.dump, 0)}
    assert after == before - set(told)
    assert starred & before <= after
    assert await whole(app) == []
    now.advance(days=1)
    for url, some in items.items():
        web[url] = rss(*dict.fromkeys(some), extra="<ttl>60</ttl>")
    await poll(app)
    assert {a.id for a in await app.store.read(articles.dump, 0)} == after
    assert await whole(app) == []
    assert {a.verdict.story for a in await app.store.read(articles.dump, 0)} <= after


def lines(*names: str) -> str:
    return "".join(
        json.dumps({"url": f"https://a.org/{n}", "title": f"Headline {n}", "source": "site"}) + "\n" for n in names
    )


def test_what_goes_is_shown_first_and_published_after(run: Run, site: Site) -> None:
    feed = site.feed("/feed", "Site", *((f"/{n}", f"Headline {n}", f"Text of {n}.") for n in "cba"))
    run("add", feed, "--name", "site", "--no-full-text", "--no-archive")
    config = site_config(run)
    config.write_text(config.read_text() + "keep_most = 1\n")
    run("poll")
    said = run("prune", "--dry-run")
    assert [line.split(": ")[1] for line in said.out.splitlines()] == [
        "Headline a [source site]",
        "Headline b [source site]",
    ]
    assert "2 articles would be deleted" in said.err
    assert [each["rule"] for each in run("prune", "--dry-run", "--json").json] == ["source site"] * 2
    assert run("prune", "--json").one == {"deleted": 2}
    assert "was deleted at 20" in run("show", "1", code=1).err
    assert run("status", "--json").one["deleted"] == 2
    assert run("verify", "--json").one["whole"]


def site_config(run: Run) -> Any:
    import os
    from pathlib import Path

    return Path(os.environ["AGGREGATOR_HOME"]) / "config" / "sources.toml"


def test_stars_are_given_listed_and_taken_back(run: Run) -> None:
    run("load", "-", stdin=lines("a", "b", "c"))
    run("star", "1", "https://a.org/c")
    run("star", "1")
    assert [each["title"] for each in run("star", "--json").json] == ["Headline c", "Headline a"]
    assert "\nstarred 20" in run("show", "1").out
    assert "\nstarred" not in run("show", "2").out
    assert run("status", "--json").one["starred"] == 2
    run("unstar", "3")
    assert [each["id"] for each in run("star", "--json").json] == [1]
    assert "no such article" in run("star", "2", "77", code=1).err
    assert [each["id"] for each in run("star", "--json").json] == [1]


@pytest.mark.parametrize("said", ['keep_for = "6m"', 'keep_for = "20001d"', "keep_most = -1"])
def test_settings_that_would_cost_the_archive_by_mistake_are_refused(run: Run, said: str) -> None:
    config = site_config(run)
    config.write_text(f'[[source]]\nurl = "https://a.org/feed"\n{said}\n')
    assert "sources.toml:3: keep_" in run("list", code=2).err


async def test_questions_know_what_was_deleted(app: App, web: FakeWeb, now: Clock) -> None:
    await configure(app, sources=[source(keep_most=1)])
    await arrive(app, web, now, "a", "b")
    await prune(app)
    assert await Questions(app).deleted_at("1") == "2026-03-04T09:30:00Z"
    assert await Questions(app).deleted_at("2") is None
    assert await Questions(app).deleted_at("https://site.example/a") is None
