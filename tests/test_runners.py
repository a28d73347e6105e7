"""runners.local"""

import asyncio
from datetime import timedelta
from typing import Any

from aggregator.app import App
from aggregator.doors.store import due, sources
from aggregator.model import Job, Response
from aggregator.passes import pass_over
from aggregator.runners.local import Local
from tests.fakes import FakeWeb, configure, item, rss, work


class Gate(FakeWeb):
    """Answers nobody until it opens; knows how many ask at once."""

    def __init__(self) -> None:
        super().__init__()
        self.open = asyncio.Event()
        self.arrived: asyncio.Queue[str] = asyncio.Queue()
        self.asking = 0
        self.most = 0

    async def get(self, url: str, **how: Any) -> Response:
        self.asking += 1
        self.arrived.put_nowait(url)
        self.most = max(self.most, self.asking)
        try:
            await self.open.wait()
            await asyncio.sleep(0)
            return await super().get(url, **how)
        finally:
            self.asking -= 1


async def follow(app: App, *urls: str, settings: str = "") -> Gate:
    """An app that waits at a gate, and feeds without entries behind it."""
    gate = Gate()
    app.web = gate
    for url in urls:
        gate[url] = rss(title=url)
    await configure(app, sources=urls, settings=settings)
    return gate


async def asked(gate: Gate, number: int) -> None:
    async with asyncio.timeout(60):
        for _ in range(number):
            await gate.arrived.get()


async def test_no_more_than_its_limit_run_at_a_time(app: App) -> None:
    urls = [f"https://h{n}.example/" for n in range(9)]
    gate = await follow(app, *urls)
    runner = Local(app, limit=3)
    running = asyncio.ensure_future(pass_over(app, runner, [f.source for f in await app.store.read(sources.followed)]))
    await asked(gate, 3)
    assert (runner.free(), len(runner.running())) == (0, 3)
    gate.open.set()
    await running
    assert (gate.most, runner.free(), runner.running()) == (3, 3, ())
    assert all(gate.asked[url] == 1 for url in urls)


async def test_a_host_is_busy_while_its_job_runs(app: App) -> None:
    gate = await follow(app, "https://a.example/1")
    runner = Local(app, limit=3)
    await runner.submit(Job("poll", 1, "a.example"))
    assert list(runner.busy()) == ["a.example"]
    gate.open.set()
    await runner.idle()
    assert list(runner.busy()) == []


async def test_half_of_the_places_are_room_at_once_and_one_is_after_a_while(app: App) -> None:
    gates = await follow(app, *(f"https://h{n}.example/" for n in range(4)))
    runner = Local(app, limit=4)
    for n in range(4):
        await runner.submit(Job("poll", n + 1, f"h{n}.example"))
    await asked(gates, 4)
    room = asyncio.ensure_future(runner.room())
    await asyncio.sleep(0)
    assert not room.done()
    gates.open.set()
    await room
    assert runner.free() >= 2
    slow = await follow(app, "https://h0.example/")
    await runner.idle()
    await runner.submit(Job("poll", 1, "h0.example"))
    await runner.room()  # three of four are free
    slow.open.set()
    await runner.idle()


async def test_a_host_is_busy_only_at_as_many_jobs_as_it_may_have(app: App) -> None:
    gate = await follow(app, "https://a.example/1", "https://a.example/2", settings="[http]\nper_host = 2")
    runner = Local(app, limit=3)
    await runner.submit(Job("poll", 1, "a.example"))
    assert list(runner.busy()) == []
    await runner.submit(Job("poll", 2, "a.example"))
    assert list(runner.busy()) == ["a.example"]
    gate.open.set()
    await runner.idle()


async def test_a_job_without_a_host_makes_none_busy(app: App) -> None:
    runner = Local(app, limit=3)
    await runner.submit(Job("publish", 1))
    assert list(runner.busy()) == []
    await runner.idle()


async def test_the_feeds_of_one_host_are_polled_one_after_the_other(app: App) -> None:
    gate = await follow(app, *(f"https://a.example/{n}" for n in range(5)))
    gate.open.set()
    await work(app)
    assert gate.most == 1
    assert sum(gate.asked.values()) == 5


async def test_stopping_cancels_what_does_not_finish_and_says_which(app: App) -> None:
    gate = await follow(app, "https://a.example/1", "https://b.example/2")
    runner = Local(app, limit=3)
    claimed = await app.store.write(due.claim, "poll", app.now(), 9, 1)
    for job in claimed:
        await runner.submit(job)
    await asked(gate, 2)
    left = await runner.stop(patience=0)
    assert set(left) == set(claimed)
    assert (gate.asking, runner.running()) == (0, ())
    await app.store.write(due.release, left, app.now())
    assert (await app.store.read(due.waiting, app.now()))["poll"] == 2


async def test_an_interrupted_pass_gives_back_what_it_claimed(app: App) -> None:
    gate = await follow(app, "https://a.example/1", "https://b.example/2")
    passing = asyncio.ensure_future(work(app))
    await asked(gate, 2)
    assert (await app.store.read(due.waiting, app.now()))["poll"] == 0
    passing.cancel()
    await asyncio.gather(passing, return_exceptions=True)
    assert gate.asking == 0
    assert (await app.store.read(due.waiting, app.now()))["poll"] == 2


async def test_stopping_waits_for_what_finishes(app: App) -> None:
    gate = await follow(app, "https://a.example/1")
    runner = Local(app, limit=3)
    await runner.submit(Job("poll", 1, "a.example"))
    gate.open.set()
    assert await runner.stop(patience=10) == ()
    assert await Local(app, limit=1).stop(patience=0) == ()


async def test_freed_says_that_there_is_room_again(app: App) -> None:
    gate = await follow(app, "https://a.example/1")
    runner = Local(app, limit=1)
    await runner.submit(Job("poll", 1, "a.example"))
    runner.freed.clear()
    gate.open.set()
    async with asyncio.timeout(60):
        await runner.freed.wait()
    assert runner.free() == 1


async def test_a_failed_job_does_not_hold_up_the_others(app: App) -> None:
    gate = await follow(app, *(f"https://h{n}.example/" for n in range(4)))
    gate["https://h1.example/"] = RuntimeError("a bug")
    gate["https://h2.example/"] = rss(item("a", link=""))
    gate.open.set()
    await work(app)
    found = await app.store.read(sources.followed)
    assert sorted(f.state.failures for f in found) == [0, 0, 0, 1]
    assert all(f.state.poll_at and f.state.poll_at > app.now() for f in found)
    assert (await app.store.read(due.waiting, app.now() + timedelta(days=2)))["poll"] == 4
