"""CPU seconds of a pass over many sources, in five modes, net of start-up, as a table with ratios.

    .venv/bin/python -m benchmarks.polling FOLDER [--sources 1000] [--peers newsboat,reader --reader PYTHON]

FOLDER holds feeds as *.gz; its RSS and Atom feeds are served again and again until there are enough sources.
Start-up is what the same pass costs with one source. PYTHON is an interpreter that has `reader` and `sgmllib3k`.
"""

import argparse
import os
import resource
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.polling.peers import Peer, peers
from benchmarks.polling.server import Mode, Server, serving

# What is reached for, as a share of newsboat's CPU time.
PASSES: tuple[tuple[str, Mode, float | None], ...] = (
    ("first poll", "plain", 1.0),
    ("200, identical body", "identical", 0.12),
    ("200, bytes differ", "differ", 0.4),
    ("all 304", "plain", 0.15),
    ("one new entry in 10 %", "new", 0.35),
)


class Cost(NamedTuple):
    cpu: float
    wall: float
    peak: int  # MiB, of the largest process


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sources", type=int, default=1000)
    parser.add_argument("--peers", default="newsboat", help="of newsboat and reader; with commas between")
    parser.add_argument("--reader", default="python3", help="an interpreter that has reader installed")
    options = parser.parse_args()
    names = [name for name in options.peers.split(",") if name]
    with serving(options.folder) as server, tempfile.TemporaryDirectory(prefix="polling-") as folder:
        print(f"{options.sources} sources made of {server.feeds} feeds, {server.mean_bytes / 1000:.0f} kB each")
        costs = {
            p.name: _passes(p, server, Path(folder) / p.name, options.sources) for p in peers(names, options.reader)
        }
    _table(costs)


def _passes(peer: Peer, server: Server, home: Path, sources: int) -> list[tuple[Cost, Cost]]:
    """For each pass what one source costs, and what all of them do."""
    one, many = home / "one", home / "many"
    for folder, n in ((one, 1), (many, sources)):
        peer.prepare(folder, server, n)
    server.set("plain")
    subprocess.run(peer.command(one), check=False, stdout=subprocess.DEVNULL)  # files are in the page cache after it
    found = []
    for name, mode, _ in PASSES:
        server.set(mode, round=1)
        if name == "all 304":  # newsboat keeps no validator of a feed's first; and what cannot be read has none
            for home in (one, many):
                _run(peer.command(home))
        start = _run(peer.command(one))
        cost = _run(peer.command(many))
        found.append((start, cost))
        print(f"{peer.name:10} {name:22} CPU {cost.cpu:7.2f} s, start-up {start.cpu:5.2f} s, wall {cost.wall:6.1f} s, "
              f"peak {cost.peak} MiB, {peer.entries(many)} entries", flush=True)  # fmt: skip
    return found


def _run(command: Sequence[str]) -> Cost:
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1, 3):  # 1 and 3: some feeds of the corpus are none
        raise SystemExit(f"{command[0]} ended with {process.returncode}")
    return Cost(used.ru_utime + used.ru_stime, time.perf_counter() - start, used.ru_maxrss // 1024)


def _table(costs: dict[str, list[tuple[Cost, Cost]]]) -> None:
    others = list(costs)[1:]
    heads = ["CPU seconds, net of start-up", *costs, *(f"ours ÷ {o}" for o in others), "reach"]
    print("\n| " + " | ".join(heads) + " |\n|" + " --- |" * len(heads))
    for n, (name, _, reach) in enumerate(PASSES):
        net = {peer: max(many.cpu - one.cpu, 0.01) for peer, passes in costs.items() for one, many in [passes[n]]}
        ours, *rest = net.values()
        cells = [name, *(f"{cpu:.2f}" for cpu in net.values()), *(f"{ours / cpu:.2f}" for cpu in rest), f"≤ {reach}"]
        print("| " + " | ".join(cells) + " |")
    print(
        f"\nCPU of this program and its server: {sum(resource.getrusage(resource.RUSAGE_SELF)[:2]):.1f} s, not counted"
    )


if __name__ == "__main__":
    main()
