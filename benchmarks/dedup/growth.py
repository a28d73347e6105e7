"""Measures the look-up of an article's candidates, and what the keys take, as an archive grows.

    .venv/bin/python -m benchmarks.dedup.growth [--articles 10000 100000 1000000]

Keys are drawn as those of texts of 480 words are: the smallest of their hashes. One article in ten also has keys that
thousands have, as a site's boilerplate does, and one in five looked up is a copy of another. Every table is filled in
transactions of 200 articles, in the order of arrival. SQLite's CPU is all of the look-up; of PostgreSQL it is ours.
"""

import argparse
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from statistics import quantiles

from sqlalchemy import Connection, Engine, text

from aggregator.doors.store import dialect, likenesses, textkeys
from aggregator.steps.dedup.sketch import HEAD, KEYS_OF_ALL, KEYS_OF_HEAD, KEYS_WITH_FIGURES
from tests import postgres

WORDS, BATCH, LOOKED_UP = 480, 200, 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="growth-") as folder, postgres.server() as server:
        sqlite = f"sqlite:///{Path(folder, 'archive.db')}"
        postgres.migrate(sqlite)
        for url in (sqlite, server.fresh()):
            _measure(url, sorted(options.articles))


def _measure(url: str, sizes: list[int]) -> None:
    reading, writing = dialect.engines(url)
    arrived, filled = _articles(Random(1)), 0
    for size in sizes:
        start = time.process_time()
        for first in range(filled, size, BATCH):
            ids = range(first, min(first + BATCH, size))
            with writing.begin() as tx:
                textkeys.keep(tx, [(id, next(arrived)) for id in ids])
                textkeys.put_away(tx, ids.start, ids.stop)
        spent = (time.process_time() - start) / (size - filled)
        filled = size
        _print(reading, size, spent)
    reading.dispose()
    writing.dispose()


def _print(engine: Engine, size: int, spent: float) -> None:
    with engine.connect() as tx:
        if engine.dialect.name == "postgresql":
            tx.execute(text("ANALYZE text_keys"))
        known = _articles(Random(1))
        asked = [
            (next(known) if n % 5 == 0 else keys)
            for n, keys in zip(range(LOOKED_UP), _articles(Random(2)), strict=False)
        ]
        wall, cpu = zip(*(_timed(tx, keys) for keys in asked), strict=True)
        percent = quantiles(wall, n=100)
        print(
            f"{engine.dialect.name} {size:>9,} articles: look-up p50 {percent[49]:.2f} ms, p95 {percent[94]:.2f}, CPU "
            f"{sum(cpu) / len(cpu):.2f}; {_bytes(tx) / size:.0f} bytes, {1000 * spent:.2f} ms CPU to keep"
        )


def _timed(tx: Connection, keys: list[int]) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    likenesses.likely(tx, keys)
    return 1000 * (time.perf_counter() - wall), 1000 * (time.process_time() - cpu)


def _bytes(tx: Connection) -> int:
    if tx.dialect.name == "postgresql":
        size = "pg_total_relation_size('text_keys') + pg_total_relation_size('recent_text_keys')"
        return int(tx.scalar(text(f"SELECT {size}")) or 0)
    return int(tx.scalar(text("SELECT sum(pgsize) FROM dbstat WHERE name IN ('text_keys', 'recent_text_keys')")) or 0)


def _articles(chance: Random) -> Iterator[list[int]]:
    """The keys of one article after the other."""
    common = [sorted(chance.randrange(2**24) for _ in range(4)) for _ in range(50)]
    while True:
        keys = {
            *_smallest(chance, KEYS_OF_ALL, WORDS),
            *_smallest(chance, KEYS_OF_HEAD, HEAD),
            *_smallest(chance, KEYS_WITH_FIGURES, HEAD),
            chance.randrange(2**32),
        }
        if chance.random() < 0.1:
            keys.update(chance.choice(common))
        yield [key - 2**31 for key in sorted(keys)]


def _smallest(chance: Random, n: int, of: int) -> Iterator[int]:
    """The n smallest of so many even hashes: the steps between them are exponential."""
    at = 0.0
    for _ in range(n):
        at += chance.expovariate(of) * 2**32
        yield min(int(at), 2**32 - 1)


if __name__ == "__main__":
    main()
