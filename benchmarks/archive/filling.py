"""An archive that is being filled as `load` does, and what that costs."""

import json
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from aggregator import jobs, loading
from aggregator.app import App
from aggregator.model import Article, Entry, Image, Source, ToArchive
from benchmarks.archive import measures

KEPT = 3000
"""Articles that the searches are drawn from."""


@dataclass(slots=True)
class Filling:
    app: App
    lines: Iterator[dict[str, Any]]
    server: int | None
    filled: int = 0
    characters: int = 0
    newest: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=KEPT))

    async def load(self, n: int) -> tuple[float, float]:
        """CPU ms a line: of all, and of the store."""
        some = list(islice(self.lines, n))
        self.newest.extend(some)
        self.filled += n
        self.characters += sum(len(line["text"]) for line in some)
        steps = await self._steps(some[:1000])
        lines = [json.dumps(line) for line in some]
        own, served, writing = time.process_time(), self.served(), await self._writing()
        loaded = await loading.load(self.app, lines)
        own, served, writing = time.process_time() - own, self.served() - served, await self._writing() - writing
        assert not loaded.refused, loaded.refused[0]
        return 1000 * (own + served) / n, 1000 * ((writing + served) / n - steps)

    async def _steps(self, some: list[dict[str, Any]]) -> float:
        """Seconds that words, signature and topics of an article take, which the writing thread thinks out too."""
        rules = await jobs.rules(self.app)
        articles = [_article(line) for line in some]
        start = time.thread_time()
        for article in articles:
            jobs.arrival(rules, _work(article), article, self.app.now())
        return (time.thread_time() - start) / len(articles)

    async def _writing(self) -> float:
        return await self.app.store.write(lambda _: time.thread_time())

    def served(self) -> float:
        return measures.server_seconds(self.server)


def _article(line: dict[str, Any]) -> Article:
    images = tuple(Image(url=c["image"], caption=c["text"], credit=c["credit"]) for c in line["captions"])
    return Article(
        url=line["url"],
        title=line["title"],
        text=line["text"].replace("\n", "\n\n"),
        byline=line["byline"],
        published=datetime.fromisoformat(line["published"]),
        images=images,
        origin="load",
    )


def _work(article: Article) -> ToArchive:
    entry = Entry(guid=article.url, url=article.url, id=1)
    first_seen = article.published or datetime.max
    return ToArchive(entry=entry, source=Source(url="", id=1), first_seen=first_seen, failures=0, known=None)
