"""Kills the program at random moments, and looks each time whether the archive is whole.

    .venv/bin/python -m benchmarks.crashes [--times 200] [--seed 1]

A pass over three feeds on loopback, in which something new and something edited appears every time, is ended by
kill -9; so are a load, a backup and a publication. After each the archive is verified. In the end one pass is left
alone (the leases that the dead left are ended by hand, in place of waiting ten minutes): every entry that was ever
published must be there once, with one article and all its revisions.
"""

import argparse
import asyncio
import json
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from aggregator import config, verifying
from aggregator.config import edit
from tests.loopback import Answer, serving

PROGRAM = Path(sys.executable).with_name("aggregator")
FEEDS = 3
NEW = 4
"""Entries that each feed has more from one round to the next."""
WINDOW = 200
"""Entries that a feed holds: more than come while passes are killed before they ask."""


@dataclass
class Newsroom:
    """What is published, by feed."""

    entries: dict[int, list[str]] = field(default_factory=lambda: {n: [] for n in range(FEEDS)})
    edits: Counter[str] = field(default_factory=Counter)

    def write(self, chance: random.Random) -> None:
        for n, guids in self.entries.items():
            guids += [f"{n}-{len(guids) + i}" for i in range(NEW)]
            self.edits[chance.choice(guids[-WINDOW:])] += 1

    def answer(self, path: str) -> Answer:
        kind, _, name = path.strip("/").partition("/")
        if kind == "feed":
            items = "".join(
                f"<item><guid isPermaLink='false'>{g}</guid><title>Report {g}, said {self.edits[g]} times</title>"
                f"<link>/page/{g}</link></item>"
                for g in reversed(self.entries[int(name)][-WINDOW:])
            )
            rss = f'<rss version="2.0"><channel><title>Feed {name}</title>{items}</channel></rss>'
            return 200, "application/rss+xml", rss.encode()
        said = "".join(
            f"<p>Paragraph {i} of report {name}, which was edited {self.edits[name]} times.</p>" for i in range(5)
        )
        page = f"<html><title>Report {name}</title><article><h1>Report {name}</h1>{said}</article></html>"
        return 200, "text/html", page.encode()


def make_home(home: Path, server: str) -> None:
    edit.init(home)
    settings = f'[http]\nallow_addresses = ["{server}"]\nhost_pause = "0s"\nper_host = 8\nrobots = "none"\n'
    (home / "config/aggregator.toml").write_text(settings)
    sources = "".join(f'[[source]]\nurl = "http://{server}/feed/{n}"\nname = "s{n}"\n' for n in range(FEEDS))
    (home / "config/sources.toml").write_text(sources)
    (home / "config/topics.toml").write_text('[[topic]]\nname = "all"\nmatch = "report"\n')


def killed(home: Path, chance: random.Random, round: int, between: tuple[float, float]) -> str:
    """Start something, kill it in the middle; returns what it was and how it ended."""
    loaded = home / "loaded.jsonl"
    lines = ({"url": f"http://else.example/{round}-{n}", "title": f"Loaded {n}", "text": "Of else."} for n in range(50))
    loaded.write_text("".join(json.dumps(line) + "\n" for line in lines))
    name, *args = chance.choice(
        [["poll", "--all"]] * 6 + [["load", str(loaded)], ["backup", str(home / "saved.db")], ["publish"]]
    )
    with subprocess.Popen(
        [PROGRAM, name, *args, "--home", home], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as process:
        try:
            process.wait(chance.uniform(*between))
        except subprocess.TimeoutExpired:
            process.kill()
        said = process.stderr.read().decode() if process.stderr else ""
    if "Traceback" in said and process.returncode != -9:  # whose helpers say that they miss it
        raise SystemExit(f"{name}: {said}")
    return f"{name} {'killed' if process.returncode == -9 else 'ended' if process.returncode == 0 else said.strip()}"


def seconds(home: Path, *command: str) -> float:
    begun = time.monotonic()
    subprocess.run([PROGRAM, *command, "--home", home], check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - begun


def check(home: Path) -> list[str]:
    """What is wrong with the archive."""
    found = asyncio.run(verifying.verify(config.load(home), None, lambda of: None))
    return [f"{each.subject}: {each.words}" for each in found.findings]


def missing_or_doubled(home: Path, news: Newsroom) -> list[str]:
    """After a pass that was left alone: entries that are not there once, with one article that says their last edit."""
    with closing(sqlite3.connect(home / "storage/archive.db")) as tx:
        tx.execute("UPDATE entries SET archive_at = '1970-01-01 00:00:00' WHERE archive_at IS NOT NULL")
        tx.execute("UPDATE sources SET poll_at = '1970-01-01 00:00:00' WHERE NOT removed")
        tx.execute("UPDATE topics SET publish_at = '1970-01-01 00:00:00'")
        tx.commit()
    seconds(home, "poll", "--all")
    with closing(sqlite3.connect(home / "storage/archive.db")) as tx:
        rows = tx.execute(
            "SELECT e.guid, a.id, (SELECT count(*) FROM revisions WHERE article_id = a.id), a.revisions FROM entries e "
            "LEFT JOIN articles a ON a.entry_id = e.id JOIN sources s ON s.id = e.source_id WHERE s.name LIKE 's_'"
        ).fetchall()
    times = Counter(row[0] for row in rows)
    wrong = [f"{guid}: there {times[guid]} times" for of in news.entries.values() for guid in of if times[guid] != 1]
    wrong += [f"{guid}: no article" for guid, id, *_ in rows if id is None]
    return wrong + [f"{guid}: {n} of {kept - 1} old revisions" for guid, id, n, kept in rows if id and n != kept - 1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    chance, news, ends, began = random.Random(args.seed), Newsroom(), Counter[str](), time.monotonic()
    with tempfile.TemporaryDirectory() as folder, serving(news.answer) as server:
        home = Path(folder)
        make_home(home, server)
        news.write(chance)
        whole = seconds(home, "poll", "--all")
        start = seconds(home, "list")
        for round in range(args.times):
            news.write(chance)
            ends[killed(home, chance, round, (start / 2, whole * 1.2))] += 1
            if wrong := check(home):
                raise SystemExit(f"round {round}: {wrong[:20]}")
        if wrong := missing_or_doubled(home, news) + check(home):
            raise SystemExit(f"in the end: {wrong[:20]}")
        size = (home / "storage/archive.db").stat().st_size
    entries = sum(map(len, news.entries.values()))
    print(f"{args.times} rounds in {time.monotonic() - began:.0f} s: {dict(ends)}")
    print(f"each of {entries} entries is there once, with one article; whole after every round; {size / 2**20:.1f} MiB")


if __name__ == "__main__":
    main()
