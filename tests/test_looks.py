"""Pages that are looked at again, and what was edited as a feed."""

import json
from datetime import timedelta

import pytest

from aggregator import jobs
from aggregator.app import App
from aggregator.doors.store import articles, due, reports
from aggregator.model import Archived, Response
from tests.fakes import WORDS, Clock, FakeWeb, configure, item, page, rss, work

FEED = "https://site.example/feed"
A = "https://site.example/a"


def answer(html: bytes, etag: str) -> Response:
    headers = {"content-type": "text/html; charset=utf-8", "etag": etag}
    return Response(url=A, status=200, headers=headers, body=html)


async def arrive(app: App, web: FakeWeb, html: bytes | None = None, settings: str = "") -> None:
    web[FEED] = rss(item("a"))
    web[A] = answer(html or page(), '"1"')
    await configure(app, sources=[FEED], topics=[{"name": "port", "match": "harbour"}], settings=settings)
    await work(app)


async def later(app: App, now: Clock, **time: float) -> Archived:
    now.advance(**time)
    await work(app)
    (found,) = await app.store.read(articles.dump, 0)
    return found


async def test_a_page_is_asked_again_by_its_own_validators_after_hours_days_and_weeks(
    app: App, web: FakeWeb, now: Clock
) -> None:
    await arrive(app, web)
    asked = []
    for _ in range(60 * 24 // 6):
        await later(app, now, hours=6)
        asked.append(web.asked[A])
    assert asked[-1] == 8  # once, and seven looks
    assert asked[3] >= 3  # in a day
    assert asked[29 * 4] >= 7  # the last after four weeks
    assert asked[32 * 4] == asked[-1]
    assert web.headers[A]["etag"] == '"1"'
    assert (await app.store.read(due.waiting, now() + timedelta(days=300)))["archive"] == 0


async def test_a_correction_is_a_revision_though_the_length_stays(app: App, web: FakeWeb, now: Clock) -> None:
    await arrive(app, web, page(text=WORDS + "Seven ships sank."))
    web[A] = answer(page(text=WORDS + "Eight ships sank."), '"2"')
    found = await later(app, now, hours=4)
    assert "Eight ships" in found.article.text
    assert found.revisions == 2
    (before,) = await app.store.read(articles.history, found.id or 0)
    assert "Seven ships" in before.text


async def test_a_change_of_site_chrome_is_no_edit(app: App, web: FakeWeb, now: Clock) -> None:
    await arrive(app, web)
    web[A] = answer(page().replace(b"<body>", b"<body><nav><a href='/x'>New section</a> 14:05</nav>"), '"2"')
    found = await later(app, now, hours=4)
    assert web.asked[A] == 2
    assert found.revisions == 1


async def test_a_stamp_of_age_a_counter_and_a_newsletter_box_are_no_edits(app: App, web: FakeWeb, now: Clock) -> None:
    said = "{}\n\n" + WORDS + "\n\n" + WORDS[::-1] + "\n\n{}\n\n" + WORDS.upper() + "\n\n{} views · {} comments"
    await arrive(app, web, page(text=said.format("Updated 4 minutes ago", "So they said.", "1,204", 17)))
    box = 'So they said.<div class="newsletter">Sign up for our morning newsletter and never miss a story</div>'
    web[A] = answer(page(text=said.format("Updated 3 hours ago", box, "1,377", 21)), '"2"')
    found = await later(app, now, hours=4)
    assert (web.asked[A], found.revisions) == (2, 1)
    assert json.loads((app.config.feeds_out / "changes.json").read_bytes())["items"] == []


async def test_who_turns_it_off_asks_for_no_page_twice(app: App, web: FakeWeb, now: Clock) -> None:
    await arrive(app, web, settings="revisit = false")
    await later(app, now, days=1)
    assert web.asked[A] == 1


async def test_what_the_feed_says_anew_is_joined_with_the_page_though_that_has_not_changed(
    app: App, web: FakeWeb, now: Clock
) -> None:
    await arrive(app, web)
    web[FEED] = rss(item("a", "A new title"))
    await later(app, now, hours=2)
    assert (web.asked[A], web.headers[A]["etag"]) == (2, None)


async def test_edits_are_a_feed_with_what_was_changed(app: App, web: FakeWeb, now: Clock) -> None:
    await arrive(app, web, page(text=WORDS + "Seven &lt;ships&gt; sank."))
    assert json.loads((app.config.feeds_out / "changes.json").read_bytes())["items"] == []
    web[A] = answer(page(text=WORDS + "Eight &lt;ships&gt; sank."), '"2"')
    await later(app, now, hours=4)
    (edit,) = json.loads((app.config.feeds_out / "changes.json").read_bytes())["items"]
    assert (edit["title"], edit["url"]) == ("Edited: Storm closes the harbour", A)
    assert "<del>Seven</del><ins>Eight</ins>" in edit["content_html"]
    first = edit["id"]
    web[A] = answer(page("Storm opens the harbour", text=WORDS + "Eight &lt;ships&gt; sank."), '"3"')
    await later(app, now, hours=12)
    last, before = json.loads((app.config.feeds_out / "changes.json").read_bytes())["items"]
    assert before["id"] == first != last["id"]
    assert "<del>closes</del><ins>opens</ins>" in last["content_html"]
    assert last["date_published"] == last["date_modified"] > before["date_published"]
    for ending in ("atom", "rss"):
        assert b"Edited: " in (app.config.feeds_out / f"changes.{ending}").read_bytes()


async def test_the_feed_of_edits_is_there_before_the_first_and_says_the_same_until_the_next(
    app: App, web: FakeWeb
) -> None:
    await arrive(app, web)
    changes = next(each for each in await app.store.read(reports.every) if each.name == "changes")
    assert changes.publish_at is None
    files = [app.config.feeds_out / f"changes.{ending}" for ending in ("atom", "rss", "json")]
    before = [(path.read_bytes(), path.stat().st_mtime_ns) for path in files]
    assert (await jobs.report(app, changes)).changed == 0
    assert [(path.read_bytes(), path.stat().st_mtime_ns) for path in files] == before
    assert b'href="changes.atom"' in (app.config.feeds_out / "index.html").read_bytes()


async def test_what_a_paywall_hides_later_is_kept(app: App, web: FakeWeb, now: Clock) -> None:
    await arrive(app, web)
    before = await later(app, now, minutes=1)
    wall = '<script type="application/ld+json">{"@type": "NewsArticle", "isAccessibleForFree": false}</script></head>'
    web[A] = answer(page(text=WORDS[: len(WORDS) // 2]).replace(b"</head>", wall.encode()), '"2"')
    found = await later(app, now, hours=4)
    assert (found.article.text, found.revisions) == (before.article.text, 1)


@pytest.mark.parametrize(
    "left",
    [
        "Please verify that you are a human. Enable JavaScript and cookies to continue.",
        WORDS[:200] + "\n\nSubscribe now to continue reading. Already a subscriber? Log in.",
    ],
)
async def test_a_wall_on_a_later_look_does_not_replace_the_text(app: App, web: FakeWeb, now: Clock, left: str) -> None:
    await arrive(app, web)
    before = await later(app, now, minutes=1)
    web[A] = answer(page(text=left), '"2"')
    found = await later(app, now, hours=4)
    assert web.asked[A] == 2
    assert (found.article, found.revisions) == (before.article, 1)


async def test_entries_whose_links_lead_to_a_log_in_keep_what_their_feed_says(
    app: App, web: FakeWeb, now: Clock
) -> None:
    log_in = page(
        "Log in to read on", "Please log in to your account in order to read this and all others of our paper."
    )
    web[FEED] = rss(item("a", "Ferry sinks", text="All on board were saved."), item("b", "Mill sold to a bakery"))
    web[f"{A[:-1]}b"] = Response(url=f"{A[:-1]}login?next=b", status=200, headers={}, body=log_in)
    web[A] = page("Ferry sinks")
    await configure(app, sources=[FEED])
    await work(app)
    web[A] = Response(url=f"{A[:-1]}login?next=a", status=200, headers={}, body=log_in)
    now.advance(hours=4)
    await work(app)
    found = {a.article.title: a for a in await app.store.read(articles.dump, 0)}
    assert set(found) == {"Ferry sinks", "Mill sold to a bakery"}
    assert (found["Ferry sinks"].article.text.split()[:2], found["Ferry sinks"].revisions) == (["The", "harbour"], 1)
