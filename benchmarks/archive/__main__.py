"""Fills an archive as `load` does, and prints what it weighs and how quick it is at each size.

    .venv/bin/python -m benchmarks.archive CORPUS.jsonl.gz [--articles 10000 100000 1000000] [--databases sqlite]

CORPUS gives the words and the lengths; the articles are made up. CPU is that of this process, for PostgreSQL with its
server's. "store" is what the writing thread and the server spend beyond the steps (words, signatures, topics).
"""

import argparse
import asyncio
import resource
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

from aggregator import config
from aggregator.app import App
from aggregator.doors.store import topics
from aggregator.passes import drain
from aggregator.questions import Questions
from aggregator.runners.local import Local
from aggregator.sync import sync
from benchmarks.archive import asking, making, measures
from benchmarks.archive.filling import Filling
from tests import postgres
from tests.fakes import write_home

WINDOW = 4000
"""Lines over which CPU is measured, the first and the last of each size."""

DATABASES = ("sqlite", "postgresql")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--articles", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--databases", nargs="+", choices=DATABASES, default=list(DATABASES))
    options = parser.parse_args()
    known = making.languages(options.corpus)
    for name in options.databases:
        with tempfile.TemporaryDirectory(prefix="archive-") as folder, _database(name, Path(folder)) as url:
            asyncio.run(_measure(Path(folder), url, known, sorted(options.articles)))


@contextmanager
def _database(name: str, folder: Path) -> Iterator[str]:
    if name == "sqlite":
        yield f"sqlite:///{folder}/archive.db"
        return
    with postgres.server() as server:
        yield server.fresh()


async def _measure(folder: Path, url: str, known: list[tuple[making.Language, int]], sizes: list[int]) -> None:
    topic = {"name": "some", "match": "government OR minister OR wirtschaft", "limit": 50}
    async with App(config.load(write_home(folder / "home", database=url, topics=[topic]), {})) as app:
        await sync(app)
        pid = await app.store.read(measures.server_pid)
        filling = Filling(app, making.made(known, Random(1)), pid)
        for size in sizes:
            print(f"{url.split(':')[0]}, {size:,} lines")
            await _fill(filling, size)
            await app.store.write(measures.settle)
            await _print_size(filling)
            asked = asking.queries(list(filling.newest), Random(2))
            await asking.print_times(Questions(app), asked, filling.served)
            await _print_publish(app)
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10
            print(f"  peak memory of this process {peak:.0f} MiB")


async def _fill(filling: Filling, size: int) -> None:
    shown = []
    if filling.filled == 0:
        shown.append(("first", await filling.load(WINDOW)))
    while size - filling.filled > 2 * WINDOW:
        await filling.load(WINDOW)
    if size > filling.filled + WINDOW:
        await filling.load(size - filling.filled - WINDOW)
    shown.append(("last", await filling.load(size - filling.filled)))
    for name, (whole, store) in shown:
        print(f"  the {name} {WINDOW:,} lines: {whole:.2f} ms CPU each, the store's part {store:.2f}", flush=True)


async def _print_size(filling: Filling) -> None:
    tables = await filling.app.store.read(measures.bytes_by_table)
    rows = await filling.app.store.read(measures.articles)
    each = {name: n / rows for name, n in tables.items() if n / rows >= 1}
    mean = filling.characters / filling.filled
    print(f"  {sum(tables.values()) / rows:.0f} bytes an article of {mean:.0f} characters, {rows:,} articles")
    for name, n in sorted(each.items(), key=lambda pair: -pair[1]):
        print(f"    {name:40} {n:7.0f}")


async def _print_publish(app: App) -> None:
    await app.store.write(topics.due_now, None, app.now())
    start, cpu = time.perf_counter(), time.process_time()
    await drain(app, Local(app, 1), ("publish",))
    print(f"  publish a topic: {time.perf_counter() - start:.2f} s, {time.process_time() - cpu:.2f} s CPU", flush=True)


if __name__ == "__main__":
    main()
