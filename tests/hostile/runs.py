"""A command at work on a home, and what it took."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.fakes import write_home
from tests.hostile.server import Server

PATIENCE = 150.0
"""Seconds after which a command that has not ended counts as hanging."""

MOST = 300
"""MiB that a command and its processes may hold."""

SETTINGS = """
[http]
timeout = "3s"
max_body = "2 MiB"
host_pause = "0s"
per_host = 16
allow_addresses = ["127.0.0.1:{server.port}", "127.0.0.1:{server.apart}"]
[server]
listen = "127.0.0.1:0"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """How a command ended; `peak` is the most memory that it and its processes held together, in MiB: what they share
    counted once, and in `peak_apart` for each."""

    code: int
    out: str
    err: str
    peak: float
    peak_apart: float

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]


def aggregator(
    home: Path,
    *args: str,
    until: Callable[[], bool] = lambda: False,
    patience: float = PATIENCE,
    pause: float = 0.25,
) -> Ran:
    """Run a command to its end, or to a TERM once `until` holds."""
    out, err = home / "out.txt", home / "err.txt"
    with out.open("wb") as stdout, err.open("wb") as stderr:
        command = [sys.executable, "-m", "aggregator", *args, "--home", str(home)]
        process = subprocess.Popen(command, stdout=stdout, stderr=stderr, start_new_session=True)
        peak, apart, ends_at, is_told = 0.0, 0.0, time.monotonic() + patience, False
        while process.poll() is None:
            now, now_apart = _memory(process.pid)
            peak, apart = max(peak, now), max(apart, now_apart)
            time.sleep(pause)
            if time.monotonic() > ends_at:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
            elif not is_told and until():
                process.terminate()
                is_told = True
    said = (path.read_text("utf-8", "replace") for path in (out, err))
    return Ran(code=process.returncode, out=next(said), err=next(said), peak=peak, peak_apart=apart)


def hostile_home(folder: Path, server: Server, sources: list[dict[str, Any]], settings: str) -> Path:
    """A home that may ask the server, in little time and with real processes."""
    home = write_home(folder, sources=sources, settings=settings + SETTINGS.format(server=server))
    path = home / "config" / "aggregator.toml"
    path.write_text(path.read_text("utf-8").replace("cpu_workers = 0", "cpu_workers = 2"), "utf-8")
    return home


def passed(home: Path, command: str, verbosity: str = "-v", patience: float = PATIENCE, pause: float = 0.25) -> Ran:
    """All that waits in a home, by `poll` or by `run`."""
    if command == "poll":
        return aggregator(home, "poll", "--all", verbosity, patience=patience, pause=pause)
    return aggregator(home, command, until=lambda: not waiting(home), patience=patience, pause=pause)


def troubles(server: Server, ran: Ran) -> Iterator[str]:
    """What no row may bring about."""
    if "Traceback" in ran.err:
        yield ran.err
    if ran.peak > MOST:
        yield f"{ran.peak:.0f} MiB of memory"
    if server.inside_asked:
        yield "what is inside was asked"


def waiting(home: Path) -> int:
    """Sources that were never polled, and entries that have no article yet."""
    with suppress(sqlite3.OperationalError), closing(sqlite3.connect(home / "storage" / "archive.db")) as db:
        unpolled = db.execute("SELECT count(*) FROM sources WHERE polled_at IS NULL").fetchone()[0]
        if not db.execute("SELECT count(*) FROM sources").fetchone()[0]:
            return 1  # the home was not taken up yet
        without = "SELECT count(*) FROM entries WHERE id NOT IN (SELECT entry_id FROM articles)"
        return int(unpolled + db.execute(without).fetchone()[0])
    return 1


def _memory(session: int) -> tuple[float, float]:
    """MiB of all processes of a session: what they share counted once, and for each."""
    once = apart = 0
    for process in Path("/proc").iterdir():
        with suppress(OSError, ValueError, IndexError):
            if int((process / "stat").read_text().rpartition(") ")[2].split()[3]) == session:
                sizes = dict(line.split()[:2] for line in (process / "smaps_rollup").read_text().splitlines()[1:])
                once += int(sizes["Pss:"])
                apart += int(sizes["Rss:"])
    return once / 1024, apart / 1024
