"""CPU that 1,000 topics cost an article that arrives, and a new topic the archive, over made-up articles.

    .venv/bin/python -m benchmarks.topics [--articles 20000] [--topics 1000] [--database URL]

Words are drawn as in a language (Zipf): a few in every article, most in few. The rules are of the kinds that people
write: names, phrases, alternatives, two things at once, prefixes, exclusions.
"""

import argparse
import asyncio
import random
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import accumulate, chain, islice
from pathlib import Path

from sqlalchemy import Connection

from aggregator import config, jobs
from aggregator.app import App
from aggregator.doors.store import arrivals, decisions, entries, sources, topics
from aggregator.jobs.archiving import arrival
from aggregator.jobs.judging import replay
from aggregator.model import Article, Changes, Entry, PollState, Source, ToArchive, Topic
from aggregator.steps import compose, urls

NOW = datetime(2026, 1, 1, tzinfo=UTC)
VOCABULARY = 50_000
LENGTH = 500
"""Words of a text."""
RARE = 3000
"""The rank of the most frequent word that a rule asks for."""
REPLAYED = {"rare": "w9000", "phrase": '"w40 w60"', "both": "w700 title:w90", "usual": "w300 OR w2000"}
BATCH = 500


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=20_000)
    parser.add_argument("--topics", type=int, default=1000)
    parser.add_argument("--database", default="sqlite:///storage/archive.db")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="topics-") as folder:
        asyncio.run(run(Path(folder), options))


async def run(home: Path, options: argparse.Namespace) -> None:
    (home / "config").mkdir()
    (home / "config" / "aggregator.toml").write_text(f'database = "{options.database}"\ncpu_workers = 0\n', "utf-8")
    said = Language(random.Random(1))
    async with App(config.load(home, {}), now=lambda: NOW) as app:
        half = options.articles // 2
        plain = await fill(app, said, 0, half)
        await app.store.write(topics.sync, list(islice(said.topics(), options.topics)), NOW)
        await arriving(app, said, options.topics)
        judged = await fill(app, said, half, options.articles)
        print(f"kept in the archive: {plain:.2f} ms CPU an article without topics, {judged:.2f} with them")
        await app.store.write(topics.sync, [], NOW)
        await replaying(app, said, options.articles)


async def arriving(app: App, said: "Language", number: int) -> None:
    """The steps alone, without the store: what topics add to an article that is parsed, compared and indexed anyway."""
    rules = await jobs.rules(app)
    works = [(work, work_article) for work, work_article in (said.work(n) for n in range(300))]
    before, taken = time.process_time(), 0
    for work, article in works:
        said_of = jobs.judged(rules, jobs.archived(work, article), compose.words(article), NOW)
        taken += sum(decision.selected for decision in said_of.decisions.values())
    spent = time.process_time() - before
    before = time.process_time()
    for _, article in works:
        compose.words(article)
    words = time.process_time() - before
    each, shown = 1000 * (spent - words) / len(works), 1000 * words / len(works)
    print(f"{number} topics, an article of {LENGTH} words that arrives: {each:.2f} ms CPU, taken by "
          f"{taken / len(works):.1f} of them (its words for the index: {shown:.2f} ms)")  # fmt: skip


async def fill(app: App, said: "Language", first: int, last: int) -> float:
    """ms CPU an article, all that is done to keep it."""
    source = Source(url="https://site.example/feed", name="site")
    await app.store.write(sources.sync, [source], urls.host, NOW)
    (followed,) = await app.store.read(sources.followed)
    rules = await jobs.rules(app)

    def save(tx: Connection, some: list[tuple[ToArchive, Article]]) -> None:
        new = tuple(work.entry for work, _ in some)
        ids = entries.save(
            tx, followed.source, Changes(new=new), PollState(), lambda _: "", NOW, {e.guid: "" for e in new}
        )
        works = [(stored(work, ids[work.entry.guid], followed.source), article) for work, article in some]
        arrivals.save(tx, [arrival(rules, work, article, NOW) for work, article in works], jobs.THINKING, NOW)

    spent = 0.0
    for start in range(first, last, BATCH):
        some = [said.work(n) for n in range(start, min(start + BATCH, last))]
        before = time.process_time()
        await app.store.write(save, some)
        spent += time.process_time() - before
    return 1000 * spent / (last - first)


async def replaying(app: App, said: "Language", number: int) -> None:
    for name, rule in REPLAYED.items():
        await app.store.write(topics.sync, [Topic(name=name, match=rule)], NOW)
        (live,) = await app.store.read(topics.live)
        before, wall = time.process_time(), time.perf_counter()
        await replay(app, live)
        spent, wall = time.process_time() - before, time.perf_counter() - wall
        taken = len(await app.store.read(decisions.taken, name))
        print(f"{rule!r} over {number:,} articles: {spent:.2f} s CPU ({wall:.2f} s), takes {taken:,}: "
              f"{1000 * spent / max(1, taken):.2f} ms each")  # fmt: skip


def stored(work: ToArchive, id: int, source: Source) -> ToArchive:
    entry = Entry(guid=work.entry.guid, url=work.entry.url, hash=work.entry.hash, id=id)
    return ToArchive(entry=entry, source=source, first_seen=NOW, failures=0, known=None)


class Language:
    """Made-up words, and articles and rules of them."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._words = [f"w{n}" for n in range(VOCABULARY)]
        self._weights = list(accumulate(1 / (n + 3) for n in range(VOCABULARY)))

    def said(self, words: int) -> list[str]:
        return self._chance.choices(self._words, cum_weights=self._weights, k=words)

    def work(self, n: int) -> tuple[ToArchive, Article]:
        url = f"https://site.example/{n}"
        paragraphs = (" ".join(self.said(LENGTH // 8)) for _ in range(8))
        article = Article(
            url=url,
            title=" ".join(self.said(8)),
            text="\n\n".join(paragraphs),
            published=NOW - timedelta(minutes=n),
        )
        source = Source(url="https://site.example/feed", name="site", id=1)
        entry = Entry(guid=url, url=url, hash=str(n))
        return ToArchive(entry=entry, source=source, first_seen=NOW, failures=0, known=None), article

    def topics(self) -> Iterator[Topic]:
        """The words of a rule are rare ones: each is in a few articles of a hundred, or of a thousand."""
        rare = chain.from_iterable(iter(lambda: [w for w in self.said(50) if int(w[1:]) > RARE], None))
        kinds = ("{} OR {}", '"{} {}"', "{} {}", "title:{}", "{} OR {} OR {} -{}", "{}*", 'caption:{} OR "{} {}"',
                 "({} OR {}) ({} OR {})")  # fmt: skip
        for n, kind in enumerate(iter(lambda: self._chance.choice(kinds), None)):
            yield Topic(name=f"topic-{n}", match=kind.format(*islice(rare, kind.count("{}"))))


if __name__ == "__main__":
    main()
