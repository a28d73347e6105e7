"""Whole polls on the real store: from feeds to the files of topics."""

import asyncio
import gc
import json
import logging
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, NoReturn

import pytest
from sqlalchemy import text

from aggregator import config, jobs
from aggregator.app import App
from aggregator.doors import files as files_door
from aggregator.doors.store import articles, candidates, decisions, due, entries, sources, topics
from aggregator.doors.store.dialect import MAX_INDEXED_WORDS
from aggregator.errors import ConfigError, FetchError, StoreError
from aggregator.jobs.judging import AT_ONCE, BATCH, _told
from aggregator.model import Archived, Followed, Job, Response, Topic
from aggregator.passes import pass_over
from aggregator.questions import Questions
from aggregator.runners.local import Local
from aggregator.steps import match
from aggregator.steps.render import page_error
from aggregator.sync import sync
from tests.fakes import WORDS, Clock, FakeWeb, configure, dead, gone, item, page, rss, work

FEED = "https://site.example/feed"
OTHER = "https://other.example/feed"
A = "https://site.example/a"
PORT = {"name": "port", "match": "harbour OR title:port"}


async def source(app: App, url: str = FEED) -> Followed:
    (found,) = await app.store.read(sources.followed, [url])
    return found


async def everything(app: App) -> list[Archived]:
    return list(await app.store.read(articles.dump, 0))


async def poll(app: App, url: str = FEED) -> jobs.Done:
    """One poll, due or not."""
    done = await jobs.run(app, Job("poll", (await source(app, url)).source.id or 0))
    assert done is not None
    return done


def items(app: App, topic: str = "port") -> list[dict[str, Any]]:
    feed = json.loads((app.config.feeds_out / f"{topic}.json").read_bytes())
    return list(feed["items"])


def titles(app: App, topic: str = "port") -> list[str]:
    return [each["title"] for each in items(app, topic)]


def files(app: App) -> dict[str, tuple[bytes, int]]:
    return {p.name: (p.read_bytes(), p.stat().st_mtime_ns) for p in sorted(app.config.feeds_out.iterdir())}


async def test_a_new_feed_becomes_entries_articles_and_topics(app: App, web: FakeWeb) -> None:
    web[FEED] = rss(item("a"), item("b"))
    web[A] = page(figure="<figure><img src='/1.jpg'><figcaption>A crane</figcaption></figure>")
    web["https://site.example/b"] = page("Another matter", "The parliament met on Tuesday and went home. " * 20)
    await configure(app, sources=[FEED], topics=[PORT])
    await work(app)
    found = await source(app)
    assert (found.source.name, found.state.title, found.entries) == ("harbour-news", "Harbour News", 2)
    assert (found.state.status, found.state.failures, found.state.error) == (200, 0, None)
    b, a = await everything(app)  # as feeds list them, the newest on top
    assert (a.article.title, a.article.origin, a.source, a.guid) == (
        "Storm closes the harbour", "page", "harbour-news", "a"
    )  # fmt: skip
    assert a.article.images[0].caption == "A crane"
    assert b.article.title == "Another matter"
    assert titles(app) == ["Storm closes the harbour"]
    assert {p.name for p in app.config.feeds_out.iterdir()} == {
        "port.atom", "port.rss", "port.json", "changes.atom", "changes.rss", "changes.json", "feed.css",
        "health.atom", "health.rss", "health.json",
        "index.html", "topics.opml"
    }  # fmt: skip
    assert not any((await app.store.read(due.waiting, app.now())).values())


async def test_an_answer_of_not_modified_changes_nothing(app: App, web: FakeWeb, now: Clock) -> None:
    web[FEED] = Response(url=FEED, status=200, headers={"etag": '"1"'}, body=rss(item("a")))
    web[A] = page()
    await configure(app, sources=[FEED], topics=[PORT])
    await work(app)
    before, state = await everything(app), (await source(app)).state
    now.advance(hours=2)
    done = await poll(app)
    assert (done.outcome, done.status, web.headers[FEED]["etag"]) == ("unchanged", 304, '"1"')
    after = (await source(app)).state
    assert (after.polled_at, after.status, after.etag) == (now(), 304, '"1"')
    assert after.poll_at is not None
    assert after.poll_at > now()
    assert after.body_hash == state.body_hash
    assert await everything(app) == before
    assert (await app.store.read(due.waiting, now()))["archive"] == 0


async def test_the_same_body_again_changes_nothing(app: App, web: FakeWeb, now: Clock) -> None:
    web[FEED] = rss(item("a"))
    await configure(app, sources=[FEED])
    await work(app)
    now.advance(hours=2)
    done = await poll(app)
    assert (done.outcome, done.status, done.new, done.changed) == ("unchanged", 200, 0, 0)


async def test_the_same_entries_in_another_body_change_nothing(app: App, web: FakeWeb, now: Clock) -> None:
    web[FEED] = rss(item("a"))
    web[A] = page()
    await configure(app, sources=[FEED])
    await work(app)
    web[FEED] = rss(item("a"), extra="<generator>another</generator>")
    now.advance(hours=2)
    done = await poll(app)
    assert (done.outcome, done.new, done.changed) == ("unchanged", 0, 0)
    assert (await app.store.read(due.waiting, now()))["archive"] == 0


async def test_jobs_that_run_twice_change_nothing(app: App, web: FakeWeb) -> None:
    web[FEED] = rss(item("a"))
    web[A] = page()
    await configure(app, sources=[FEED], topics=[PORT])
    await work(app)
    before, published = await everything(app), files(app)
    outcomes = [await jobs.run(app, Job(kind, 1)) for kind in ("poll", "archive", "publish")]
    assert [(o.outcome, o.new, o.changed) for o in outcomes if o] == [
        ("unchanged", 0, 0), ("archived", 0, 0), ("published", 1, 0)
    ]  # fmt: skip
    assert await everything(app) == before
    assert files(app) == published


async def test_a_changed_entry_whose_page_changed_is_a_revision(app: App, web: FakeWeb, now: Clock) -> None:
    web[FEED] = rss(item("a", "Four hurt"))
    web[A] = page("Four hurt in the harbour", WORDS + "Four were hurt.")
    await configure(app, sources=[FEED], topics=[PORT])
    await work(app)
    now.advance(hours=2)
    web[FEED] = rss(item("a", "Five hurt"))
    web[A] = page("Five hurt in the harbour", WORDS + "Five were hurt.")
    done = await poll(app)
    assert (done.new, done.changed) == (0, 1)
    await work(app)
    (kept,) = await everything(app)
    assert (kept.article.title, kept.revisions, kept.revised_at) == ("Five hurt in the harbour", 2, now())
    (old,) = await app.store.read(articles.history, kept.id or 0)
    assert (old.title, "Four were hurt" in old.text) == ("Four hurt in the harbour", True)
    assert titles(app) == ["Five hurt in the harbour"]


async def test_a_moved_guid_keeps_its_entry(app: App, web: FakeWeb, now: Clock) -> None:
    web[FEED] = rss(item("a", "A title", A, "Text", now()))
    web[A] = page()
    await configure(app, sources=[FEED])
    await work(app)
    now.advance(hours=2)
    web[FEED] = rss(item("moved", "A title", A, "Text", now() - timedelta(hours=2)))
    done = await poll(app)
    await work(app)
    assert done.new == 0
    (kept,) = await everything(app)
    assert (kept.guid, kept.revisions) == ("a", 1)
    assert kept.again == "came again under the guid moved: page and words are as before"


NOT_A_FEED = Response(url=FEED, status=200, headers={"content-type": "text/html"}, body=page())


@pytest.mark.parametrize("answer", [b"<!doctype html><title>No feed</title>", b"{}"], ids=["html", "json"])
async def test_what_cannot_be_read_is_let_go_with_the_failure(app: App, web: FakeWeb, answer: bytes) -> None:
    web[FEED] = answer
    await configure(app, sources=[FEED])
    gc.collect()
    gc.disable()
    try:
        await poll(app)
        assert not [each for each in gc.get_objects() if isinstance(each, Response) and each.body == answer]
    finally:
        gc.enable()


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (dead(FEED), "host not found"),
        (FetchError(FEED, "404 Not Found", 404), "404 Not Found"),
        (FetchError(FEED, "503 Service Unavailable", 503, timedelta(hours=5)), "503"),
        (gone(FEED), "410 Gone"),
        (NOT_A_FEED, "page"),
        (b"", "empty"),
        (b"<?xml version='1.0'?><library><book>cut", ""),
        (b"\x00\x01\x02 not xml at all", ""),
        (b"{}", ""),
    ],
    ids=["dead", "404", "503", "410", "html", "empty", "broken", "bytes", "json"],
)
async def test_a_source_that_fails_says_why_and_leaves_the_others_alone(
    app: App, web: FakeWeb, now: Clock, answer: Any, said: str
) -> None:
    web[FEED] = answer
    web[OTHER] = rss(item("a"), title="Other")
    web[A] = page()
    await configure(app, sources=[FEED, OTHER], topics=[PORT])
    await work(app)
    bad, good = await source(app), await source(app, OTHER)
    assert (good.state.failures, good.entries) == (0, 1)
    assert titles(app) == ["Storm closes the harbour"]
    assert bad.state.failures == 1
    assert bad.state.error is not None
    assert bad.state.error.startswith(FEED)
    assert said in bad.state.error
    assert "\n" not in bad.state.error
    is_gone = said == "410 Gone"
    assert bad.state.gone == is_gone
    assert (bad.state.poll_at is None) == is_gone
    assert bad.state.poll_at is None or bad.state.poll_at > now()
    if said == "503":
        assert bad.state.poll_at is not None
        assert bad.state.poll_at >= now() + timedelta(hours=5)
    # and it comes back
    web[FEED] = rss(item("z"), title="Back")
    now.advance(hours=9)
    assert (await poll(app)).new == 1
    back = (await source(app)).state
    assert (back.failures, back.error, back.gone) == (0, None, False)


async def test_what_could_not_be_read_is_not_read_again_until_it_changes_or_the_program_does(
    app: App, web: FakeWeb, now: Clock
) -> None:
    web[FEED] = b"<?xml version='1.0'?><library><book>cut"
    await configure(app, sources=[FEED])
    first = await poll(app)
    now.advance(hours=2)
    app.cpu, reading = Crashing(), app.cpu  # type: ignore[assignment]
    second = await poll(app)
    assert (second.outcome, second.error) == ("failed", first.error)
    assert (await source(app)).state.failures == 2
    now.advance(hours=2)
    app.version += ".1"
    with pytest.raises(ValueError, match="a bug"):
        await poll(app)
    app.cpu = reading
    web[FEED] = rss(item("z"))
    assert (await poll(app)).new == 1


async def test_of_a_feed_that_was_cut_off_what_can_be_read_is_kept(app: App, web: FakeWeb) -> None:
    web[FEED] = rss(item("a"), item("b"))[:-40]
    await configure(app, sources=[FEED])
    assert (await poll(app)).new == 2


async def test_an_unknown_charset_is_guessed_or_said(app: App, web: FakeWeb) -> None:
    body = rss(item("a", "Plain")).replace(b'encoding="utf-8"', b'encoding="x-klingon"')
    web[FEED] = Response(url=FEED, status=200, headers={"content-type": "text/xml; charset=x-klingon"}, body=body)
    await configure(app, sources=[FEED])
    done = await poll(app)
    assert (done.outcome, done.new) == ("new", 1) or (done.error or "").startswith(FEED)


async def test_a_page_that_shows_only_a_part_of_its_article_stays_marked(app: App, web: FakeWeb) -> None:
    data = '<script type="application/ld+json">{"@type": "NewsArticle", "isAccessibleForFree": false}</script>'
    web[FEED] = rss(item("a", "Behind a wall", text="<p>Short</p>"))
    web[A] = page("Behind a wall").replace(b"</head>", f"{data}</head>".encode())
    await configure(app, sources=[FEED])
    await work(app)
    (kept,) = await everything(app)
    assert (kept.article.origin, kept.article.partial) == ("page", True)
    assert page_error(kept) == "its page shows only a part of the article"
    part = {"name": "port", "match": "harbour NOT has:page"}
    await configure(app, sources=[FEED], topics=[part])  # a rule that is run over the archive
    await work(app)
    assert titles(app) == ["Behind a wall"]


async def test_an_unfetchable_page_leaves_the_feeds_text_and_is_tried_again(app: App, web: FakeWeb, now: Clock) -> None:
    web[FEED] = rss(item("a", "From the feed", text="<p>What the feed has of the harbour</p>"))
    web[A] = FetchError(A, "503 Service Unavailable", 503)
    await configure(app, sources=[FEED], topics=[PORT])
    await work(app)
    (kept,) = await everything(app)
    assert (kept.article.origin, kept.article.text) == ("feed", "What the feed has of the harbour")
    assert kept.page_error == f"{A}: 503 Service Unavailable"
    assert (await app.store.read(articles.counts))["pages_failing"] == 1
    assert titles(app) == ["From the feed"]
    again = await app.store.read(entries.to_archive, 1)
    assert again is not None
    assert again.failures == 1
    assert (await app.store.read(due.waiting, now()))["archive"] == 0
    web[A] = page()
    now.advance(minutes=11)
    await work(app)
    (kept,) = await everything(app)
    assert (kept.article.origin, kept.article.title, kept.revisions) == ("page", "Storm closes the harbour", 1)
    assert titles(app) == ["Storm closes the harbour"]
    assert (await app.store.read(due.waiting, now() + timedelta(hours=2)))["archive"] == 0


async def test_a_page_that_is_never_had_is_given_up(app: App, web: FakeWeb, now: Clock) -> None:
    web[FEED] = rss(item("a"))
    await configure(app, sources=[{"url": FEED, "interval": "300d"}])
    for _ in range(10):
        await work(app)
        now.advance(days=4)
    assert web.asked[A] == 6
    assert len(await everything(app)) == 1


async def test_a_page_that_is_down_later_does_not_lose_what_was_had(app: App, web: FakeWeb, now: Clock) -> None:
    web[FEED] = rss(item("a"))
    web[A] = page()
    await configure(app, sources=[FEED])
    await work(app)
    web[FEED] = rss(item("a", "Changed", text="Teaser"))
    web[A] = dead(A)
    now.advance(hours=2)
    await work(app)
    (kept,) = await everything(app)
    assert (kept.article.origin, kept.article.title, kept.revisions) == ("page", "Storm closes the harbour", 1)


async def test_a_source_without_full_text_asks_for_no_page(app: App, web: FakeWeb) -> None:
    web[FEED] = rss(item("a", text="<p>The harbour</p>"))
    await configure(app, sources=[{"url": FEED, "full_text": False}], topics=[PORT])
    await work(app)
    assert set(web.asked) == {FEED}
    assert titles(app) == ["a"]


async def test_of_articles_that_are_kept_with_the_poll_one_that_is_refused_fails_alone(
    app: App, web: FakeWeb, now: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    web[FEED] = rss(item("a", "Same", text="one"), item("b", "Other", text="two"), item("c", "Same", text="three"))
    await configure(app, sources=[{"url": FEED, "full_text": False}])
    await app.store.write(lambda tx: tx.execute(text("CREATE UNIQUE INDEX one_title ON articles (title)")) and None)
    with caplog.at_level(logging.CRITICAL):
        await work(app)
    kept = {a.guid for a in await everything(app)}
    assert kept in ({"a", "b"}, {"b", "c"})
    state = (await source(app)).state
    assert (state.failures, state.error) == (0, None)
    left = text("SELECT id FROM entries WHERE id NOT IN (SELECT entry_id FROM articles)")
    id = await app.store.read(lambda tx: tx.scalar(left))
    refused = await app.store.read(entries.to_archive, id)
    assert refused is not None
    assert (refused.entry.guid in kept, refused.failures, refused.known) == (False, 1, None)


async def test_a_poll_that_finds_nothing_new_reads_no_entry_again(app: App, web: FakeWeb, now: Clock) -> None:
    web[FEED] = rss(item("a", text="one"), item("b", text="two"))
    await configure(app, sources=[FEED])
    await work(app)
    web[FEED] = rss(item("a", text="one"), item("b", text="two"), extra="<ttl>300</ttl>")
    now.advance(hours=2)
    done = await poll(app)
    found = await source(app)
    assert (done.outcome, found.entries, found.state.window, found.state.asks) == (
        "unchanged",
        2,
        2,
        timedelta(hours=5),
    )


async def test_an_entry_that_changes_while_its_page_is_fetched_is_archived_again(app: App, web: FakeWeb) -> None:
    web[FEED] = rss(item("a", "Old", text="old"))
    await configure(app, sources=[FEED])
    await poll(app)
    wanted = await app.store.read(entries.to_archive, 1)
    assert wanted is not None
    web[FEED] = rss(item("a", "New", text="new"))
    await poll(app)
    await jobs.archive(app, wanted)
    await work(app)
    (kept,) = await everything(app)
    assert (kept.article.title, kept.article.text) == ("New", "new")


async def test_a_copy_on_another_site_is_grouped_and_both_are_kept(app: App, web: FakeWeb) -> None:
    web[FEED] = rss(item("a"))
    web[OTHER] = rss(item("b", link="https://other.example/b"), title="Other")
    web[A] = web["https://other.example/b"] = page()
    every = {"name": "every", "match": "harbour", "copies": "all"}
    await configure(app, sources=[FEED], topics=[PORT, every])
    await work(app)
    await configure(app, sources=[FEED, OTHER], topics=[PORT, every])
    await work(app)
    first, second = await everything(app)
    assert (first.verdict.relation, second.verdict.relation) == ("first", "copy")
    assert second.verdict.copy_of == first.id
    assert (len(titles(app)), len(titles(app, "every"))) == (1, 2)


async def test_a_new_topic_runs_over_old_articles_and_says_why(app: App, web: FakeWeb, now: Clock) -> None:
    web[FEED] = rss(item("b"), item("a"))  # the newest on top
    web[A] = page()
    web["https://site.example/b"] = page("Else", "The parliament met on Tuesday and went home. " * 20)
    await configure(app, sources=[FEED])
    await work(app)
    now.advance(minutes=1)
    await configure(app, sources=[FEED], topics=[PORT])
    await work(app)
    assert titles(app) == ["Storm closes the harbour"]
    ((name, decision),) = await app.store.read(decisions.of_article, 1)
    assert (name, decision.selected) == ("port", True)
    assert (decision.reason, decision.hits) == ("match 'harbour'", ())  # as the index tells it, without the text
    assert await app.store.read(decisions.of_article, 2) == ()
    first = await Questions(app).article(1)
    assert first is not None
    ((_, told, _),) = await Questions(app).why(first, "port")
    assert told.reason.startswith("match 'harbour' in title: \"Storm closes the harbour\"")
    assert {hit.field for hit in told.hits} >= {"text"}
    assert (told.decided_at, told.version) == (now(), 1)


async def test_what_stands_behind_the_last_word_of_the_index_counts_for_old_articles_too(
    app: App, web: FakeWeb
) -> None:
    book = " ".join(("harbour", *map(str, range(MAX_INDEXED_WORDS)), "surrender"))
    web[FEED] = rss(item("a", "A book", text=book))
    await configure(app, sources=[{"url": FEED, "full_text": False}])
    await work(app)
    await configure(app, sources=[{"url": FEED, "full_text": False}], topics=[PORT | {"exclude": "surrender"}])
    await work(app)
    assert titles(app) == []


async def test_others_have_their_turn_while_the_index_tells(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    topic, turns = Topic(name="port", match="harbour"), 0

    async def read(*_: object) -> list[candidates.Having]:
        nonlocal turns
        turns = 0
        return [candidates.Having(n, 1, (), app.now(), app.now(), True) for n in range(10 * AT_ONCE)]

    async def take_turns() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    monkeypatch.setattr(app.store, "read", read)
    others = asyncio.create_task(take_turns())
    told, open = await _told(app, topic, match.asked(topic) or {}, range(10 * AT_ONCE))
    others.cancel()
    assert (len(told), open) == (10 * AT_ONCE, [])
    assert turns >= 10


async def test_a_replay_of_many_articles_comes_to_its_end_and_says_so(
    app: App, web: FakeWeb, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    web[FEED] = rss(*(item(f"e{n}", text=f"Ship {n} in harbour {n % 2}x") for n in range(BATCH + 5)))
    await configure(app, sources=[{"url": FEED, "full_text": False}])
    await work(app)
    await configure(app, sources=[FEED], topics=[PORT | {"limit": 1000}, {"name": "odd", "match": "1x", "limit": 1000}])
    await work(app)
    assert (len(titles(app)), len(titles(app, "odd"))) == (BATCH + 5, (BATCH + 5) // 2)
    assert f"replay topic=odd judged={BATCH + 5} of={BATCH + 5}" in caplog.text


async def test_a_topic_drops_what_has_become_too_old_and_takes_it_up_elsewhere(
    app: App, web: FakeWeb, now: Clock
) -> None:
    web[FEED] = rss(item("a", text="The harbour", published=now()), item("b", text="The bridge", published=now()))
    young, old = {"name": "young", "match": "harbour within:2d"}, {"name": "old", "match": "harbour -within:2d"}
    await configure(app, sources=[{"url": FEED, "full_text": False}], topics=[young, old])
    await work(app)
    assert (titles(app, "young"), titles(app, "old")) == (["a"], [])
    now.advance(hours=47)
    await work(app)
    assert (titles(app, "young"), titles(app, "old")) == (["a"], [])
    now.advance(hours=2)
    await work(app)
    assert (titles(app, "young"), titles(app, "old")) == ([], ["a"])


async def test_a_topic_takes_what_is_like_an_article_that_arrived_later_than_the_topic(app: App, web: FakeWeb) -> None:
    feed: dict[str, Any] = {"url": FEED, "full_text": False}
    near = {"name": "near", "match": "like:1 OR like:https://site.example/c", "copies": "all"}
    await configure(app, sources=[feed], topics=[near])
    web[FEED] = rss(item("a", text=WORDS), item("x", text="The parliament met on Tuesday and went home. " * 9))
    await work(app)
    web[FEED] = rss(item("b", text=f"{WORDS} Agencies"), item("y", text="Nothing of that kind was said by anyone."))
    await poll(app)
    await work(app)
    (first,) = await app.store.read(articles.get, [1])
    assert titles(app, "near") == (["b", "a"] if first.article.title == "a" else [])


async def test_what_is_muted_is_in_no_topic_but_in_one_that_says_so(app: App, web: FakeWeb) -> None:
    web[FEED] = rss(item("a", text="The harbour"), item("b", text="The harbour horoscope"))
    loud = PORT | {"name": "loud", "mute": ""}
    await configure(app, sources=[{"url": FEED, "full_text": False}], topics=[PORT, loud])
    await work(app)
    assert sorted(titles(app)) == ["a", "b"]
    path = app.config.home / "config" / "topics.toml"
    path.write_text(f"mute = 'horoscope'\n{path.read_text('utf-8')}", "utf-8")
    app.config = config.load(app.config.home, {})
    await sync(app)
    await work(app)
    assert (titles(app), sorted(titles(app, "loud"))) == (["a"], ["a", "b"])
    path.write_text(f"\nmute = '('\n{path.read_text('utf-8').partition(chr(10))[2]}", "utf-8")
    app.config = config.load(app.config.home, {})
    with pytest.raises(ConfigError, match=r"topics\.toml:2: topic 'port': .*is missing here"):
        await sync(app)


async def test_a_topic_of_edits_takes_what_is_edited_the_last_on_top(app: App, web: FakeWeb, now: Clock) -> None:
    edits = PORT | {"name": "edits", "only": ["edits"]}
    await configure(app, sources=[{"url": FEED, "full_text": False}], topics=[edits])
    said = ["The harbour is open.", "The harbour is closed.", "The harbour, again."]
    for closed in ((0, 0, 0), (0, 1, 0), (1, 1, 0)):
        web[FEED] = rss(*(item(f"e{n}", text=said[n] + " Closed." * times) for n, times in enumerate(closed)))
        now.advance(hours=1)
        await poll(app)
        await work(app)
    assert titles(app, "edits") == ["e0", "e1"]


async def test_a_changed_topic_drops_what_no_longer_matches(app: App, web: FakeWeb, now: Clock) -> None:
    web[FEED] = rss(item("a"))
    web[A] = page()
    await configure(app, sources=[FEED], topics=[PORT])
    await work(app)
    now.advance(minutes=1)
    await configure(app, sources=[FEED], topics=[PORT | {"exclude": "ferries"}])
    await work(app)
    assert titles(app) == []
    ((_, decision),) = await app.store.read(decisions.of_article, 1)
    assert not decision.selected
    assert "ferries" in decision.reason


async def test_an_edit_after_which_a_rule_no_longer_matches_drops_the_article(
    app: App, web: FakeWeb, now: Clock
) -> None:
    web[FEED] = rss(item("a", text="The harbour"))
    await configure(app, sources=[{"url": FEED, "full_text": False}], topics=[PORT])
    await work(app)
    assert titles(app) == ["a"]
    web[FEED] = rss(item("a", text="The airfield"))
    now.advance(hours=2)
    await work(app)
    assert titles(app) == []


async def test_publishing_what_did_not_change_touches_no_file(app: App, web: FakeWeb, now: Clock) -> None:
    web[FEED] = rss(item("a"))
    web[A] = page()
    await configure(app, sources=[FEED], topics=[PORT])
    await work(app)
    before = files(app)
    now.advance(hours=3)
    await app.store.write(topics.due_now, None, now())
    await work(app)
    assert files(app) == before


async def test_a_removed_topic_takes_its_files_with_it(app: App) -> None:
    await configure(app, topics=[PORT, {"name": "stays", "match": "x"}])
    await work(app)
    await configure(app, topics=[{"name": "stays", "match": "x"}])
    await work(app)
    names = {p.name for p in app.config.feeds_out.iterdir()}
    assert {n for n in names if n.startswith("port")} == set()
    assert "stays.atom" in names
    assert "port" not in (app.config.feeds_out / "topics.opml").read_text()


async def test_files_that_were_lost_are_made_again(app: App) -> None:
    await configure(app, topics=[PORT])
    await work(app)
    before = {name: body for name, (body, _) in files(app).items()}
    (app.config.feeds_out / "port.atom").unlink()
    await app.store.write(topics.due_now, ["port"], app.now())
    await work(app)
    assert {name: body for name, (body, _) in files(app).items()} == before


async def test_a_publication_that_a_new_rule_overtakes_writes_nothing(app: App, web: FakeWeb) -> None:
    web[FEED] = rss(item("a", text="harbour"))
    await configure(app, sources=[{"url": FEED, "full_text": False}])
    await work(app)
    await configure(app, sources=[FEED], topics=[PORT])
    (old,) = await app.store.read(topics.live)
    await configure(app, sources=[FEED], topics=[PORT | {"match": "nothing"}])
    done = await jobs.publish(app, old)
    assert done.changed == 0
    assert not (app.config.feeds_out / "port.json").exists()
    await work(app)
    assert titles(app) == []


def crash(*_: object, **__: object) -> NoReturn:
    raise ValueError("a bug")


class Crashing:
    """A cpu whose every step has a bug."""

    async def __call__(self, *_: object) -> NoReturn:
        crash()

    async def close(self) -> None:
        pass


async def test_a_step_that_crashes_is_kept_as_an_error_and_backs_off(
    app: App, web: FakeWeb, now: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    web[FEED] = rss(item("a"))[:-10]  # broken: read in a process
    await configure(app, sources=[FEED])
    app.cpu = Crashing()  # type: ignore[assignment]
    with caplog.at_level(logging.CRITICAL):
        await work(app)
    state = (await source(app)).state
    assert state.error == "internal error: ValueError: a bug; please report it"
    assert state.failures == 1
    assert state.poll_at is not None
    assert state.poll_at > now()
    assert (await app.store.read(articles.counts))["failing"] == 1


async def test_a_page_whose_extraction_crashes_backs_off(
    app: App, web: FakeWeb, now: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    web[FEED] = rss(item("a"))
    web[A] = page()
    await configure(app, sources=[FEED])
    await poll(app)
    app.cpu = Crashing()  # type: ignore[assignment]
    with caplog.at_level(logging.CRITICAL):
        await work(app)
    wanted = await app.store.read(entries.to_archive, 1)
    assert wanted is not None
    assert (wanted.failures, wanted.known) == (1, None)
    assert (await app.store.read(due.waiting, now()))["archive"] == 0
    assert (await app.store.read(due.waiting, now() + timedelta(minutes=10)))["archive"] == 1


@pytest.mark.parametrize(
    ("rule", "reason"), [({"match": ""}, "it is empty"), ({"match": "a", "exclude": "("}, "'('")]
)  # fmt: skip
async def test_a_rule_that_cannot_be_read_is_an_error_that_names_its_topic(
    app: App, rule: dict[str, str], reason: str
) -> None:
    with pytest.raises(ConfigError, match="topic 'port'") as caught:
        await configure(app, topics=[{"name": "port"} | rule])
    assert reason in str(caught.value)


async def test_a_job_that_the_store_refuses_is_kept_as_an_error_and_backs_off(
    app: App, web: FakeWeb, now: Clock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*_: object) -> NoReturn:
        raise StoreError("the archive", "no room for it")

    web[FEED] = rss(item("a"))
    await configure(app, sources=[FEED])
    monkeypatch.setattr(entries, "save_each", refuse)
    with caplog.at_level(logging.CRITICAL):
        await pass_over(app, Local(app, limit=1), [(await source(app)).source])
    state = (await source(app)).state
    assert state.error == "the archive: no room for it"
    assert state.failures == 1
    assert state.poll_at is not None
    assert state.poll_at > now()


async def test_a_failure_that_cannot_be_kept_is_said(
    app: App, web: FakeWeb, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    web[FEED] = rss(item("a"))
    await configure(app, sources=[FEED])
    app.cpu = Crashing()  # type: ignore[assignment]
    monkeypatch.setattr(sources, "polled_each", crash)
    await pass_over(app, Local(app, limit=1), [(await source(app)).source])
    assert "poll id=1: its failure could not be kept" in caplog.text


async def test_a_crash_while_publishing_waits_for_its_lease(app: App, caplog: pytest.LogCaptureFixture) -> None:
    await configure(app, topics=[PORT])
    (app.config.feeds_out / "port.atom").mkdir(parents=True)
    with caplog.at_level(logging.CRITICAL):
        await work(app)
    assert (await app.store.read(due.waiting, app.now()))["publish"] == 0
    assert (await app.store.read(due.waiting, app.now() + due.LEASE))["publish"] == 1
    (app.config.feeds_out / "port.atom").rmdir()


@pytest.mark.parametrize("kind", ["poll", "archive", "publish"])
async def test_a_job_whose_subject_is_gone_is_nothing(app: App, kind: Any) -> None:
    assert await jobs.run(app, Job(kind, 99)) is None
    await jobs.crashed(app, Job(kind, 99), ValueError())


async def test_two_feeds_of_one_title_get_two_names(app: App, web: FakeWeb) -> None:
    web[FEED] = web[OTHER] = rss(item("a"))
    await configure(app, sources=[FEED, OTHER])
    await work(app)
    assert {f.source.name for f in await app.store.read(sources.followed)} == {"harbour-news", "harbour-news-2"}


@pytest.mark.parametrize(
    ("title", "url", "expected"),
    [("Ärger & Co.", "https://x/", "arger-co"), (None, "https://www.a-b.example/feed", "a-b-example"),
     ("東京", "https://x.example/", "x-example"), ("x" * 99, "https://x/", "x" * 40), ("", "nothing", "source")],
)  # fmt: skip
def test_a_name_is_short_and_plain(title: str | None, url: str, expected: str) -> None:
    candidates = jobs.names(title, url)
    assert [next(candidates), next(candidates)] == [expected, f"{expected}-2"]


async def test_the_log_says_one_line_for_each_job(app: App, web: FakeWeb, caplog: pytest.LogCaptureFixture) -> None:
    web[FEED] = rss(item("a", "Two\nlines"))
    web[OTHER] = dead(OTHER)
    await configure(app, sources=[FEED, OTHER])
    with caplog.at_level(logging.INFO, "aggregator"):
        await work(app)
    levels = [(r.levelname, r.getMessage().split()[0]) for r in caplog.records if " ms=" in r.getMessage()]
    assert sorted(levels) == [
        ("INFO", "polled"), *[("INFO", "published")] * 3, ("WARNING", "archived"), ("WARNING", "polled")
    ]  # fmt: skip
    assert not any("\n" in r.getMessage() for r in caplog.records)


async def test_done_is_reported(app: App, web: FakeWeb) -> None:
    web[FEED] = rss(item("a"))
    await configure(app, sources=[FEED])
    heard: list[jobs.Done] = []
    runner = Local(app, 2, heard.append)
    await runner.submit(Job("poll", 1))
    await runner.idle()
    assert [(d.subject, d.outcome, d.new) for d in heard] == [("harbour-news", "new", 1)]
    assert replace(heard[0], new=0).new == 0
    assert isinstance(app.config.home, Path)


async def test_what_is_published_changes_with_what_it_is_made_of(app: App, web: FakeWeb) -> None:
    web[FEED] = rss(item("a", "The port"), item("b", "A port"))
    web[OTHER] = rss(item("c", "Another port", text=WORDS), title="Other News")
    await configure(app, sources=[{"url": u, "full_text": False} for u in (FEED, OTHER)], topics=[PORT])
    await work(app)
    before = items(app)
    web[FEED] = rss(item("a", "The port"), item("b", "A port, edited"), title="Harbour Times")
    tagged = item("c", "Another port", text=WORDS).replace("</item>", "<category>Sea</category></item>")
    web[OTHER] = rss(tagged, title="Other News")
    await app.store.write(sources.due_now, None, app.now())
    await work(app)
    after = items(app)
    said = [(entry["title"], entry["_source"]["name"], entry.get("tags")) for entry in after]
    assert sorted(said) == [
        ("A port, edited", "Harbour Times", None), ("Another port", "Other News", ["Sea"]),
        ("The port", "Harbour Times", None)
    ]  # fmt: skip
    assert [entry["id"] for entry in before] == [entry["id"] for entry in after]


async def test_entries_of_any_length_are_published_whole(app: App, web: FakeWeb) -> None:
    texts = [f"The beginning of {n}. {WORDS * times} The end of {n}." for n, times in enumerate((1, 600, 2))]
    web[FEED] = rss(*(item(str(n), f"The port {n}", text=text) for n, text in enumerate(texts)))
    await configure(app, sources=[{"url": FEED, "full_text": False}], topics=[PORT])
    await work(app)
    said = sorted(entry["content_html"] for entry in items(app))
    assert len(said[1]) > 2**17
    for n, each in enumerate(said):
        assert f"The beginning of {n}. " in each[:50]
        assert f"The end of {n}." in each[-50:]


async def test_a_podcast_is_published_with_what_players_need(app: App, web: FakeWeb) -> None:
    said = '<itunes:duration>60</itunes:duration><enclosure url="https://a/1.mp3" type="audio/mpeg" length="9"/></item>'
    body = rss(item("a", "The port").replace("</item>", said))
    web[FEED] = body.replace(b"<rss ", b'<rss xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" ')
    await configure(app, sources=[{"url": FEED, "full_text": False}], topics=[PORT])
    await work(app)
    body = (app.config.feeds_out / "port.rss").read_bytes()
    assert b'<enclosure url="https://a/1.mp3" length="9" type="audio/mpeg"/>' in body
    assert b"<itunes:duration>60</itunes:duration>" in body


async def test_old_entries_of_a_source_that_is_added_push_no_news_out(app: App, web: FakeWeb, now: Clock) -> None:
    web[FEED] = rss(item("news", "News of the port", published=now() - timedelta(hours=1)))
    await configure(app, sources=[{"url": FEED, "full_text": False}], topics=[PORT | {"limit": 1}])
    await work(app)
    now.advance(days=1)
    web[OTHER] = rss(item("old", "The port a year ago", published=now() - timedelta(days=365)))
    both = [{"url": FEED, "full_text": False}, {"url": OTHER, "full_text": False}]
    await configure(app, sources=both, topics=[PORT | {"limit": 1}])
    await work(app)
    assert titles(app) == ["News of the port"]


async def test_what_a_site_says_around_every_article_is_learned(app: App, web: FakeWeb) -> None:
    appeal = (
        "The Harbour News is owned by its readers, and lives on what they give, a little every month, each of them."
    )
    web[FEED] = rss(*(item(f"story-{n}") for n in range(6)))
    for n in range(6):
        own = "\n\n".join(f"{WORDS}That is what was told of ship {n}{part}." for part in "abc")
        web[f"https://site.example/story-{n}"] = page(f"The story of ship {n}", f"{own}\n\n{appeal}")
    await configure(app, sources=[FEED])
    await work(app)
    found = [a.article.text for a in await app.store.read(articles.get, range(1, 7))]
    assert [appeal in text for text in found] == [True, True, False, False, False, False]
    assert all("ship" in text for text in found)


async def test_what_is_learned_of_a_site_later_is_no_edit(app: App, web: FakeWeb) -> None:
    appeal = (
        "The Harbour News is owned by its readers, and lives on what they give, a little every month, each of them."
    )
    web[FEED] = rss(*(item(f"story-{n}") for n in range(3)))
    for n in range(3):
        own = "\n\n".join(f"{WORDS}That is what was told of ship {n}{part}." for part in "abc")
        web[f"https://site.example/story-{n}"] = page(f"The story of ship {n}", f"{own}\n\n{appeal}")
    await configure(app, sources=[FEED])
    await work(app)
    (before,) = await app.store.read(articles.get, [1])
    again = await app.store.read(entries.to_archive, 1)
    assert again is not None
    done = await jobs.archive(app, again)
    (after,) = await app.store.read(articles.get, [1])
    assert (done.outcome, after.revisions) == ("archived", 1)
    assert before.article.text == f"{after.article.text}\n\n{appeal}"


async def test_a_topic_of_a_source_that_is_not_there_is_warned_of(app: App, caplog: pytest.LogCaptureFixture) -> None:
    wanted = [{"name": "t", "match": "x", "sources": ["papers", "tag:asia", "paper", "tag:nowhere"]}]
    await configure(app, sources=[{"url": FEED, "name": "paper", "tags": ["asia"]}], topics=wanted)
    said = [r.getMessage() for r in caplog.records]
    assert said == [
        "topic t: sources: 'papers' is no source and no tag of one; did you mean 'paper'?",
        "topic t: sources: 'tag:nowhere' is no source and no tag of one; `aggregator list` shows what is followed",
    ]


async def test_nobody_polls_is_said_once_sources_are_overdue_and_no_daemon_runs(
    app: App, web: FakeWeb, now: Clock
) -> None:
    web[FEED] = rss(item("a"))
    await configure(app, sources=[FEED])
    await work(app)
    assert await jobs.findings(app) == ()
    now.advance(hours=72)
    assert [finding.kind for finding in await jobs.findings(app)] == ["daemon"]
    with files_door.lock(app.config.storage / "daemon.lock"):
        assert await jobs.findings(app) == ()


async def test_of_a_feed_without_end_the_first_entries_are_kept_and_that_is_said(
    app: App, web: FakeWeb, now: Clock
) -> None:
    web[FEED] = rss(*(item(f"n{n}") for n in range(30)))
    await configure(app, sources=[{"url": FEED, "full_text": False}], settings="[poll]\nmax_entries = 20")
    await work(app)
    for _ in ("when it is new", "when it has not changed"):
        (followed,) = await app.store.read(sources.followed)
        assert (followed.entries, followed.state.failures) == (20, 0)
        assert followed.state.error == f"{FEED}: only its first 20 entries are read (poll.max_entries)"
        now.advance(hours=24)
        await work(app)
    web[FEED] = rss(*(item(f"n{n}") for n in range(20)))
    now.advance(hours=24)
    await work(app)
    (followed,) = await app.store.read(sources.followed)
    assert (followed.entries, followed.state.error) == (20, None)


async def test_what_was_cut_of_an_entry_is_said_in_the_log(
    app: App, web: FakeWeb, caplog: pytest.LogCaptureFixture
) -> None:
    web[FEED] = rss(item("n", text="word " * 100))
    await configure(
        app, sources=[{"url": FEED, "name": "long", "full_text": False}], settings="[entry]\nmax_characters = 50"
    )
    await work(app)
    (followed,) = await app.store.read(sources.followed)
    assert (followed.entries, followed.state.error) == (1, None)
    assert "long: an entry has over 50 characters, cut (entry.max_characters)" in caplog.text
