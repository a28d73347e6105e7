"""Measures sameness in an archive: what is kept of an article, the load of a corpus, whether the order matters."""

import json
import random
import resource
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import create_engine, insert, text

from aggregator.doors.store.tables import likenesses, metadata, text_keys
from aggregator.model import Likeness
from aggregator.steps import dedup
from benchmarks.dedup.corpus import Document
from benchmarks.dedup.report import print_score

SOME_FAILED = 3
AGGREGATOR = (sys.executable, "-m", "aggregator")


def bytes_kept(found: list[Document], links: list[tuple[int, int, Likeness]]) -> int:
    """Of the two tables that are kept for sameness, filled in the order of arrival."""
    engine = create_engine("sqlite://")
    keys = [{"key": k, "article_id": n} for n, d in enumerate(found) for k in dedup.text_keys(d.article)]
    alike = [
        {"article_id": one, "other_id": two, "odds": like.odds, "contained": like.contained}
        for a, b, like in links
        for one, two in ((a, b), (b, a))
    ]
    with engine.begin() as tx:
        metadata.create_all(tx, tables=[text_keys, likenesses])
        for table, rows in ((text_keys, keys), (likenesses, alike)):
            tx.execute(insert(table), rows)
        return int(tx.scalar(text("PRAGMA page_count")) or 0) * int(tx.scalar(text("PRAGMA page_size")) or 0)


def print_loads(found: list[Document], name: str, fresh: Callable[[], str]) -> None:
    """The corpus by `load` into a fresh database and back by `dump`, in three orders: the stories must be the same."""
    shuffled = random.Random(1).sample(range(len(found)), len(found))
    orders = {"as it stands": range(len(found)), "backwards": range(len(found))[::-1], "shuffled": shuffled}
    known: set[frozenset[int]] = set()
    for way, order in orders.items():
        with tempfile.TemporaryDirectory(prefix="dedup-") as folder:
            groups, cpu = _loaded(Path(folder), [found[n] for n in order], fresh())
        at = [[order[i] for i in group] for group in groups]
        stories = {frozenset(group) for group in at}
        print_score(f"{name}, loaded {way}, {cpu:.1f} s CPU", found, at)
        if known:
            print(f"  stories that differ from those of the first order: {len(stories ^ known) // 2}")
        known = known or stories


def _loaded(home: Path, found: list[Document], database: str) -> tuple[list[list[int]], float]:
    """The stories as `dump` tells them, and the CPU seconds of `load`."""
    _run("init", str(home))
    (home / "config" / "aggregator.toml").write_text(f'database = "{database}"\n')
    (home / "config" / "topics.toml").write_text("")
    lines = (json.dumps(_line(d)) for d in found)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    _run("load", "-", "--home", str(home), input="\n".join(lines))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    place = {d.id: n for n, d in enumerate(found)}
    stories: dict[int | str, list[int]] = defaultdict(list)
    for line in _run("dump", "--home", str(home)).splitlines():
        row = json.loads(line)
        stories[row["story"]].append(place.pop(row["guid"]))
    stories |= {id: [n] for id, n in place.items()}  # refused: neither title nor text
    return list(stories.values()), after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _line(document: Document) -> dict[str, str | None]:
    article = document.article
    published = article.published.isoformat() if article.published else None
    return {"url": article.url, "title": article.title, "text": article.text, "published": published,
            "source": document.site, "guid": document.id}  # fmt: skip


def _run(*arguments: str, input: str | None = None) -> str:
    done = subprocess.run((*AGGREGATOR, *arguments), input=input, capture_output=True, text=True)
    if done.returncode not in (0, SOME_FAILED):
        sys.exit(f"{' '.join(arguments[:2])}: {done.stderr}")
    return done.stdout
