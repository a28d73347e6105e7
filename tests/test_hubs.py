"""hubs: a subscription from the first poll to what the hub sends."""

import hmac
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from aiohttp.test_utils import TestClient, TestServer

from aggregator import jobs, serve
from aggregator.app import App
from aggregator.doors.store import sources, subscriptions, topics
from aggregator.errors import FetchError
from aggregator.hubs import Hubs
from aggregator.model import Followed, Subscription
from aggregator.questions import Questions
from tests.fakes import Clock, FakeWeb, configure, dead, item, rss, work

FEED = "https://site.example/feed"
HUB = "https://hub.example/"
OFFER = f'<a:link xmlns:a="http://www.w3.org/2005/Atom" rel="hub" href="{HUB}"/>'
PUBLIC = '[server]\npublic_url = "https://me.example"'


async def source(app: App) -> Followed:
    (found,) = await app.store.read(sources.followed, [FEED])
    return found


async def subscription(app: App) -> Subscription:
    found = await app.store.read(subscriptions.get, (await source(app)).source.id or 0)
    assert found is not None
    return found


async def start(app: App, web: FakeWeb, settings: str = PUBLIC) -> None:
    web[FEED], web[HUB] = rss(item("a"), extra=OFFER), b""
    await configure(app, sources=[{"url": FEED, "full_text": False}], settings=settings)
    await work(app)


@pytest.fixture
async def client(app: App) -> AsyncIterator[TestClient]:  # type: ignore[type-arg]
    async with TestClient(TestServer(serve.application(Questions(app), Hubs(app)))) as client:
        yield client


async def confirm(app: App, client: TestClient, **other: str) -> tuple[int, str]:  # type: ignore[type-arg]
    ours = await subscription(app)
    query = {"hub.mode": "subscribe", "hub.topic": ours.topic, "hub.challenge": "c4f3", "hub.lease_seconds": "864000"}
    answer = await client.get(f"/websub/{ours.token}", params=query | other)
    return answer.status, await answer.text()


async def send(app: App, client: TestClient, body: bytes, secret: str | None = None) -> int:  # type: ignore[type-arg]
    ours = await subscription(app)
    signature = hmac.new((secret or ours.secret).encode(), body, "sha256").hexdigest()
    headers = {"X-Hub-Signature": f"sha256={signature}", "Content-Type": "application/rss+xml"}
    answer = await client.post(f"/websub/{ours.token}", data=body, headers=headers)
    return answer.status


async def test_a_hub_is_asked_by_a_daemon_that_it_can_reach(app: App, web: FakeWeb) -> None:
    await start(app, web)
    ours = await subscription(app)
    ((url, form),) = web.posted
    assert (url, form["hub.mode"], form["hub.topic"]) == (HUB, "subscribe", FEED)
    assert (form["hub.callback"], form["hub.secret"]) == (f"https://me.example/websub/{ours.token}", ours.secret)
    assert ours.until is None


async def test_without_a_public_address_no_hub_is_asked(app: App, web: FakeWeb) -> None:
    await start(app, web, settings="")
    assert web.posted == []


async def test_a_source_whose_hub_confirmed_is_polled_seldom_until_the_lease_ends(
    app: App,
    web: FakeWeb,
    now: Clock,
    client: TestClient,  # type: ignore[type-arg]
) -> None:
    await start(app, web)
    assert await confirm(app, client) == (200, "c4f3")
    assert await confirm(app, client, **{"hub.topic": "https://other.example/"}) != (200, "c4f3")
    now.advance(hours=30)
    await work(app)
    state = (await source(app)).state
    assert (state.rest, "WebSub" in state.reason) == (timedelta(hours=24), True)
    now.advance(days=8)
    await work(app)
    assert len(web.posted) == 2  # renewed, and not confirmed this time
    now.advance(days=3)
    await work(app)
    state = (await source(app)).state
    assert "WebSub" not in state.reason


async def test_what_the_hub_sends_is_kept_if_it_signed_it(
    app: App,
    web: FakeWeb,
    client: TestClient,  # type: ignore[type-arg]
) -> None:
    await start(app, web)
    poll_at = (await source(app)).state.poll_at
    assert await send(app, client, rss(item("forged")), secret="guessed") == 202
    assert (await source(app)).entries == 1
    assert await send(app, client, rss(item("b"))) == 202
    assert await send(app, client, rss(item("b"))) == 202
    assert await send(app, client, b"no feed") == 202
    found = await source(app)
    assert (found.entries, found.state.poll_at, found.state.failures) == (2, poll_at, 0)


async def test_nobody_else_is_answered(app: App, web: FakeWeb, client: TestClient) -> None:  # type: ignore[type-arg]
    await start(app, web)
    for path in ("/websub/" + "x" * 43, "/websub/short", "/websub/"):
        assert (await client.get(path)).status == 404
        assert (await client.post(path, data=b"x")).status in (404, 405)


async def test_a_hub_that_fails_leaves_the_source_to_polling(app: App, web: FakeWeb, now: Clock) -> None:
    await start(app, web)
    web[HUB] = FetchError(HUB, "500 Internal Server Error", 500)
    now.advance(hours=13)
    await work(app)
    assert len(web.posted) == 2
    assert (await subscription(app)).renew_at == now() + timedelta(hours=4)
    assert "WebSub" not in (await source(app)).state.reason


async def test_a_feed_that_names_no_hub_any_more_ends_its_subscription(app: App, web: FakeWeb, now: Clock) -> None:
    await start(app, web)
    web[FEED] = rss(item("a"), item("b"))
    now.advance(hours=30)
    await work(app)
    assert await app.store.read(subscriptions.get, (await source(app)).source.id or 0) is None


async def test_our_hub_is_told_of_feeds_that_changed_and_of_no_others(app: App, web: FakeWeb) -> None:
    web[HUB], web[FEED] = b"", rss(item("a", "The port"))
    settings = f'{PUBLIC}\nhub = "{HUB}"'
    await configure(
        app,
        sources=[{"url": FEED, "full_text": False}],
        topics=[{"name": "port", "match": "port"}],
        settings=settings,
    )
    await work(app)
    told = [form["hub.url"] for url, form in web.posted if form["hub.mode"] == "publish"]
    assert sorted(set(told)) == [
        f"https://me.example/feeds/{name}.{format}"
        for name in ("changes", "port")
        for format in ("atom", "json", "rss")
    ]
    web.posted.clear()
    await app.store.write(topics.due_now, None, app.now())
    await work(app)
    assert web.posted == []


async def test_a_hub_that_is_down_costs_no_feed(app: App, web: FakeWeb) -> None:
    web[HUB] = dead(HUB)
    await configure(app, topics=[{"name": "port", "match": "port"}], settings=f'[server]\nhub = "{HUB}"')
    (live,) = await app.store.read(topics.live)
    done = await jobs.publish(app, live)
    assert (done.changed, done.error) == (3, "the hub was not told: https://hub.example/: host not found")
