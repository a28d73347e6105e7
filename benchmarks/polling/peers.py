"""The programs that are measured: each makes a home with some sources in it, and a command that polls them all once."""

import shutil
import sqlite3
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from benchmarks.polling.server import Server

_READER = """
import sys
from reader import make_reader
reader = make_reader(sys.argv[1])
for url in sys.argv[3:]:
    for n in range(int(sys.argv[2])):
        reader.add_feed(url.format(n), exist_ok=True)
for result in reader.update_feeds_iter():
    if isinstance(result.value, Exception):
        print(result.url, result.value, file=sys.stderr)
"""


class Peer(Protocol):
    @property
    def name(self) -> str: ...

    def prepare(self, home: Path, server: Server, sources: int) -> None: ...

    def command(self, home: Path) -> Sequence[str]: ...

    def entries(self, home: Path) -> int: ...


@dataclass(frozen=True, slots=True)
class Ours:
    settings: str = ""  # further lines of [http]
    name: str = "aggregator"

    def prepare(self, home: Path, server: Server, sources: int) -> None:
        (home / "config").mkdir(parents=True)
        (home / "config" / "aggregator.toml").write_text(
            f'full_text = false\n[http]\nallow_addresses = ["127.0.0.1:{server.port}"]\nhost_pause = "0s"\n'
            f"per_host = 64\n{self.settings}\n"
        )
        (home / "config" / "sources.toml").write_text(
            "\n".join(f'[[source]]\nurl = "{server.url(n)}"\nname = "source-{n}"\n' for n in range(sources))
        )
        (home / "config" / "topics.toml").write_text('[[topic]]\nname = "korea"\nmatch = "korea OR pyongyang"\n')

    def command(self, home: Path) -> Sequence[str]:
        return sys.executable, "-m", "aggregator", "poll", "--all", "--quiet", "--home", str(home)

    def entries(self, home: Path) -> int:
        return _count(home / "storage" / "archive.db", "SELECT count(*) FROM articles")


@dataclass(frozen=True, slots=True)
class Newsboat:
    name: str = "newsboat"

    def prepare(self, home: Path, server: Server, sources: int) -> None:
        home.mkdir(parents=True)
        (home / "urls").write_text("".join(f"{server.url(n)}\n" for n in range(sources)))
        (home / "config").write_text("")

    def command(self, home: Path) -> Sequence[str]:
        return ("newsboat", "-u", str(home / "urls"), "-c", str(home / "cache.db"), "-C", str(home / "config"),
                "-x", "reload")  # fmt: skip

    def entries(self, home: Path) -> int:
        return _count(home / "cache.db", "SELECT count(*) FROM rss_item")


@dataclass(frozen=True, slots=True)
class Reader:
    """lemon24/reader, from an environment of its own: its dependencies are not ours."""

    python: str
    name: str = "reader"

    def prepare(self, home: Path, server: Server, sources: int) -> None:
        home.mkdir(parents=True)
        (home / "update.py").write_text(_READER)
        (home / "sources").write_text(f"{sources} {server.url(0)[:-1]}{{}}")

    def command(self, home: Path) -> Sequence[str]:
        sources, url = (home / "sources").read_text().split(" ")
        return self.python, str(home / "update.py"), str(home / "reader.db"), sources, url

    def entries(self, home: Path) -> int:
        return _count(home / "reader.db", "SELECT count(*) FROM entries")


def peers(names: Sequence[str], reader: str) -> list[Peer]:
    known: dict[str, Peer] = {"newsboat": Newsboat(), "reader": Reader(reader)}
    if "newsboat" in names and not shutil.which("newsboat"):
        raise SystemExit("newsboat is not installed: apt-get install newsboat, or leave it out of --peers")
    return [Ours(), *(known[name] for name in names)]


def _count(database: Path, query: str) -> int:
    with sqlite3.connect(database) as connection:
        return int(connection.execute(query).fetchone()[0])
