"""Whether a pass stays small and quick when there is much of everything.

    .venv/bin/python -m benchmarks.polling.scale [--sources 10000] [--passes 20] [--only memory,rate,claim,large]

memory: what the process holds after each of many passes over small feeds that answer 304. rate: sources a second over a
connection that takes 50 ms. claim: the tick's question among 100,000 sources, and its plan. large: how long 200 usual
feeds take alone, and beside one of 20 MB. All feeds are made here; all sources are of one host, 64 requests at a time.
"""

import argparse
import asyncio
import gzip
import random
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, event

from aggregator import config
from aggregator.app import App
from aggregator.doors.store import Store, due, sources
from aggregator.jobs import Done
from aggregator.model import Source
from aggregator.passes import drain
from aggregator.runners.local import Local
from aggregator.sync import sync
from benchmarks.polling.peers import Ours
from benchmarks.polling.server import Server, serving

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LATENCY = 0.05  # seconds
FOLLOWED = 100_000
USUAL = 200
LARGE = 20 * 10**6  # bytes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sources", type=int, default=10_000)
    parser.add_argument("--passes", type=int, default=20)
    parser.add_argument("--only", default="memory,rate,claim,large")
    options = parser.parse_args()
    wanted = options.only.split(",")
    with tempfile.TemporaryDirectory(prefix="scale-") as name:
        folder = Path(name)
        if "memory" in wanted:
            _served(
                folder / "memory",
                [2] * options.sources,
                lambda server, home: _memory(server, home, options.sources, options.passes),
            )
        if "rate" in wanted:
            _served(folder / "rate", [2] * options.sources, lambda server, home: _rate(server, home, options.sources))
        if "claim" in wanted:
            asyncio.run(_claim(folder))
        if "large" in wanted:
            # The last of the feeds is the large one, and so is the last of the sources.
            _served(folder / "large", [30] * USUAL + [LARGE // 500], _large)


def _served(folder: Path, entries: list[int], measure: Callable[[Server, Path], Coroutine[None, None, None]]) -> None:
    (folder / "feeds").mkdir(parents=True)
    for n, count in enumerate(entries):
        (folder / "feeds" / f"{n:06}.gz").write_bytes(gzip.compress(_feed(count, n), 1))
    with serving(folder / "feeds") as server:
        asyncio.run(measure(server, folder))


def _feed(entries: int, seed: int) -> bytes:
    """Some 500 bytes an entry, no two with a text in common. The links are relative: each source has its own pages."""
    chance = random.Random(seed)
    items = "".join(
        f"<item><guid isPermaLink='false'>{n}</guid><link>?{n}</link><title>Note {n}</title>"
        f"<description>{' '.join(f'{chance.getrandbits(20):05x}' for _ in range(60))}</description></item>"
        for n in range(entries)
    )
    return f"<rss version='2.0'><channel><title>Notes</title>{items}</channel></rss>".encode()


async def _poll_all(app: App, report: Callable[[Done], None] = lambda _: None) -> float:
    """Seconds."""
    started = time.perf_counter()
    await app.store.write(sources.due_now, None, app.now())
    await drain(app, Local(app, 2 * app.config.settings.http.connections, report), ("poll",))
    return time.perf_counter() - started


def _home(server: Server, home: Path, count: int) -> config.Config:
    Ours('max_body = "30 MiB"').prepare(home, server, count)
    return config.load(home, {})


async def _memory(server: Server, folder: Path, count: int, passes: int) -> None:
    async with App(_home(server, folder / "home", count)) as app:
        await sync(app)
        held = []
        for _ in range(passes + 1):
            await _poll_all(app)
            held.append(_held())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10
    shown = ", ".join(f"{mib:.0f}" for mib in held)
    print(f"memory: {count:,} sources, first poll and {passes} passes: peak {peak:.0f} MiB; after each {shown}")


def _held() -> float:
    """MiB of this process now."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * resource.getpagesize() / 2**20


async def _rate(server: Server, folder: Path, count: int) -> None:
    async with App(_home(server, folder / "home", count)) as app:
        await sync(app)
        await _poll_all(app)
        server.set("plain", latency=LATENCY)
        seconds = await _poll_all(app)
    print(f"rate: {count:,} sources, all 304 after {1000 * LATENCY:.0f} ms: {count / seconds:.0f} a second")


async def _claim(folder: Path) -> None:
    store = Store(f"sqlite:///{folder / 'claim.db'}")
    wanted = [Source(url=f"https://s{n}.example/feed", name=f"s{n}") for n in range(FOLLOWED)]
    await store.write(sources.sync, wanted, lambda url: url.split("/")[2], NOW)
    times = []
    for n in range(50):
        now = NOW + timedelta(minutes=n)
        started = time.process_time()
        claimed = await store.write(due.claim, "poll", now, 128, 1)
        times.append(time.process_time() - started)
        assert len(claimed) == 128
    shown = f"median {1000 * statistics.median(times):.1f} ms of CPU, most {1000 * max(times):.1f}"
    print(f"claim: 128 of {FOLLOWED:,} due sources, {shown}")
    print(await store.read(_plan))
    await store.close()


def _plan(tx: Connection) -> str:
    """What SQLite does for the statement of a claim, line by line."""
    said: list[tuple[str, object]] = []

    def note(_c: object, _cursor: object, statement: str, parameters: object, *_: object) -> None:
        said.append((statement, parameters))

    event.listen(tx, "before_cursor_execute", note)
    with tx.begin_nested() as inside:
        due.claim(tx, "poll", NOW, 128, 1)
        inside.rollback()
    event.remove(tx, "before_cursor_execute", note)
    statement, parameters = next(each for each in said if each[0].lstrip().startswith(("UPDATE", "WITH")))
    rows = tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)  # type: ignore[arg-type]
    return "\n".join(f"    {row.detail}" for row in rows)


async def _large(server: Server, folder: Path) -> None:
    alone = await _last_of_the_usual(server, folder / "alone", USUAL)
    beside = await _last_of_the_usual(server, folder / "beside", USUAL + 1)
    print(f"large: the last of {USUAL} usual feeds after {alone:.1f} s alone, {beside:.1f} s beside one of 20 MB")


async def _last_of_the_usual(server: Server, home: Path, count: int) -> float:
    ended: list[float] = []
    async with App(_home(server, home, count)) as app:
        await sync(app)
        started = time.perf_counter()
        await _poll_all(app, lambda _: ended.append(time.perf_counter() - started))
    return sorted(ended)[USUAL - 1]


if __name__ == "__main__":
    main()
