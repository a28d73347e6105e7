"""Holds the quick reader of feeds to feedparser over a corpus folder: where they differ, and what each costs.

    .venv/bin/python -m benchmarks.parsing FOLDER [--show N]

FOLDER holds feeds as *.gz, and an index.json that may say where each came from.
"""

import argparse
import gzip
import json
import time
from collections import Counter
from dataclasses import fields, replace
from pathlib import Path

from aggregator.errors import ParseError
from aggregator.model import Entry, Feed, Response
from aggregator.steps.parse import readers


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--show", type=int, default=0, help="so many differences in full")
    options = parser.parse_args()
    index = options.folder / "index.json"
    addresses = {e["id"]: e.get("url") for e in json.loads(index.read_bytes())} if index.exists() else {}
    seconds: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    differing: Counter[str] = Counter()
    for path in sorted(options.folder.glob("*.gz")):
        id, body = path.name.removesuffix(".gz"), gzip.decompress(path.read_bytes())
        if body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
            continue
        response = Response(url=addresses.get(id) or f"https://{id}.example/feed", status=200, body=body)
        counts["feeds"] += 1
        start = time.process_time()
        quick = readers.by_tree(response)
        middle = time.process_time()
        seconds["tree"] += middle - start  # type: ignore[assignment]
        try:
            usual = readers.by_feedparser(response)
        except ParseError:
            usual = None
        seconds["feedparser"] += time.process_time() - middle  # type: ignore[assignment]
        if quick is None:
            counts["left to feedparser"] += 1
            continue
        counts["entries read by both"] += len(quick.entries)
        found = _differences(quick, usual)
        counts["feeds that differ"] += bool(found)
        for key, ours, theirs in found:
            differing[key] += 1
            if options.show > 0:
                options.show -= 1
                print(f"{id} {key}\n  tree       {ours}\n  feedparser {theirs}")
    print(", ".join(f"{n} {what}" for what, n in counts.items()))
    print("differences: " + (", ".join(f"{key} {n}" for key, n in differing.most_common()) or "none"))
    print("CPU: " + ", ".join(f"{who} {s:.2f} s" for who, s in seconds.items()))


def _differences(quick: Feed, usual: Feed | None) -> list[tuple[str, str, str]]:
    if usual is None:
        return [("read by one only", "", "")]
    heads = [(f.name, repr(getattr(quick, f.name)), repr(getattr(usual, f.name))) for f in fields(Feed)]
    found = [(f"feed.{key}", one[:300], other[:300]) for key, one, other in heads if key != "entries" and one != other]
    if len(quick.entries) != len(usual.entries):
        return [*found, ("number of entries", str(len(quick.entries)), str(len(usual.entries)))]
    for one, other in zip(quick.entries, usual.entries, strict=True):
        if replace(one, hash="") == replace(other, hash=""):
            continue
        for f in fields(Entry):
            ours, theirs = getattr(one, f.name), getattr(other, f.name)
            if f.name != "hash" and ours != theirs:
                found.append((f"entry.{f.name}", *_near(repr(ours), repr(theirs))))
    return found


def _near(ours: str, theirs: str) -> tuple[str, str]:
    """From shortly before the first difference on."""
    at = next((n for n, (a, b) in enumerate(zip(ours, theirs, strict=False)) if a != b), 0)
    return ours[max(at - 60, 0) : at + 120], theirs[max(at - 60, 0) : at + 120]


if __name__ == "__main__":
    main()
