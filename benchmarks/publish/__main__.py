"""CPU that it takes to publish topics again after one article arrived, and what feedgen alone would take.

    .venv/bin/python -m benchmarks.publish [--topics 50] [--entries 50] [--paragraphs 10]

All topics take all articles, so that each is touched by the one that arrives. rendered: the entries that changed and
the documents around all of them, in three formats. written: that, with every question to the archive and the files.
A paragraph has 400 characters: ten are twice what articles have on average (benchmarks/archive/making.py), five as
much. Files that lie on a disk take twice the CPU of those in memory (TMPDIR=/dev/shm).
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aggregator import config, jobs
from aggregator.app import App
from aggregator.doors import files
from aggregator.doors.store import arrivals, entries, sources
from aggregator.jobs.archiving import THINKING
from aggregator.model import Archived, Article, Changes, Entry, PollState, ToArchive, Topic
from aggregator.passes import drain
from aggregator.runners.local import Local
from aggregator.steps import render
from aggregator.steps.render import xml
from aggregator.sync import sync

NOW = datetime(2026, 1, 1, tzinfo=UTC)
FEED = "https://example.org/feed"
PUBLISHED = 8
WORDS = "The harbour of the old town was closed on Monday after a storm tore three cranes from their rails. "


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--topics", type=int, default=50)
    parser.add_argument("--entries", type=int, default=50)
    parser.add_argument("--paragraphs", type=int, default=10)
    options = parser.parse_args()
    said = [_article(number, options.paragraphs) for number in range(options.entries + PUBLISHED)]
    _rendered(options.topics, said[: options.entries + 1])
    with tempfile.TemporaryDirectory(prefix="publish-") as name:
        asyncio.run(_written(Path(name), options.topics, said))


def _article(number: int, paragraphs: int) -> Article:
    text = "\n\n".join(f"{number}: {WORDS * 4}" for _ in range(paragraphs))
    return Article(
        url=f"https://example.org/{number}",
        title=f"Harbour {number}",
        text=text,
        html="".join(f"<p>{p}</p>" for p in text.split("\n\n")),
    )


def _rendered(count: int, articles: Sequence[Article]) -> None:
    """By the steps alone."""
    said = [
        Archived(article=article, source="example", feed_url=FEED, guid=str(n), first_seen=NOW, id=n)
        for n, article in enumerate(articles)
    ]
    length = len(said) - 1
    old = render.fragments([render.rendered(a) for a in said[:-1]])
    heads = [render.head(Topic(name=f"topic-{n}", match="harbour"), "http://127.0.0.1:8080") for n in range(count)]
    _documents(heads, old)  # as they were published before the article came

    def anew() -> None:
        _documents(heads, render.fragments([render.rendered(said[-1])]) + old[:-1])

    def by_feedgen() -> None:
        entries = [render.rendered(a) for a in said[1:]]
        for format in ("atom", "rss"):
            xml.entries(entries, format)

    print(f"rendered: {count} topics of {length} entries, 3 formats: {_cpu(anew):.1f} ms CPU")
    alone = _cpu(by_feedgen)
    print(f"feedgen alone, 1 topic, Atom and RSS: {alone:.1f} ms CPU; for {count} topics: {alone * count:.0f} ms")


def _documents(heads: list[render.Head], entries: list[render.Fragment]) -> None:
    for head in heads:
        for format in render.FORMATS:
            render.document(format, head, entries)


async def _written(home: Path, count: int, said: Sequence[Article]) -> None:
    """By the jobs, with the archive and the disk."""
    length = len(said) - PUBLISHED
    (home / "config").mkdir(parents=True)
    rules = [f'[[topic]]\nname = "topic-{n}"\nmatch = "harbour"\nlimit = {length}\n' for n in range(count)]
    (home / "config/aggregator.toml").write_text("cpu_workers = 0\n")
    (home / "config/sources.toml").write_text(f'[[source]]\nurl = "{FEED}"\nname = "example"\n')
    (home / "config/topics.toml").write_text("".join(rules))
    now = NOW
    async with App(config.load(home, {}), now=lambda: now) as app:
        await sync(app)
        for number in range(length):
            await _arrive(app, said[number], number)
        await _publish(app)
        costs = []
        for number in range(length, len(said)):
            await _arrive(app, said[number], number)
            now += timedelta(minutes=1)
            started = time.process_time()
            await _publish(app)
            costs.append((time.process_time() - started) * 1000)
    paths = list((home / "feeds_out").glob("topic-*"))
    bodies = [path.read_bytes() for path in paths]
    size = sum(map(len, bodies)) / 2**20

    def replace() -> None:
        for number, body in enumerate(bodies):
            bodies[number] = body + b" "
            files.replace(paths[number], bodies[number])

    print(f"written: {count} topics of {length} entries after one article: {sorted(costs[1:])[3]:.0f} ms CPU; "
          f"{_cpu(replace):.0f} for replacing {len(paths)} files of {size:.0f} MiB alone")  # fmt: skip
    print(f"the first time, with an archive page of each: {costs[0]:.0f} ms CPU")


async def _arrive(app: App, article: Article, number: int) -> None:
    found = await app.store.read(sources.get, 1)
    assert found is not None
    source, rules = found[0], await jobs.rules(app)
    entry = Entry(guid=str(number), url=f"https://example.org/{number}", title=f"Harbour {number}", hash=str(number))
    ids = await app.store.write(
        entries.save, source, Changes(new=(entry,)), PollState(), lambda _: "", app.now(), {entry.guid: ""}
    )
    work = ToArchive(
        entry=Entry(guid=entry.guid, id=ids[entry.guid]), source=source, first_seen=app.now(), failures=0, known=None
    )
    await app.store.write(arrivals.save, [jobs.arrival(rules, work, article, app.now())], THINKING, app.now())


async def _publish(app: App) -> None:
    """As the daemon does."""
    runner = Local(app, limit=2 * app.config.settings.http.connections)
    while True:
        await drain(app, runner, ("publish", "report"), until_empty=False)
        if not runner.running():
            return
        await runner.room()


def _cpu(work: Callable[[], None]) -> float:
    """The median of some runs, in milliseconds."""
    work()
    taken = []
    for _ in range(5):
        started = time.process_time()
        work()
        taken.append((time.process_time() - started) * 1000)
    return sorted(taken)[2]


if __name__ == "__main__":
    main()
