"""Scores our extraction and other libraries' on a corpus folder.

    .venv/bin/python -m benchmarks.extraction FOLDER [--engines ours,trafilatura] [--corpora zyte,fundus] [--worst 10]

FOLDER holds a folder for each corpus, with truth.jsonl and the pages. The other libraries are the extra `bench`
(pip install -U pip; pip install -e '.[bench]': pip 23 stumbles over two spellings of one extra of lxml). Pages a second
are of user CPU, all engines in this one run.
"""

import argparse
import resource
from collections.abc import Sequence
from pathlib import Path

from benchmarks.extraction import engines, measures, report
from benchmarks.extraction.corpus import Page, pages
from benchmarks.extraction.measures import Score


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--engines", default=",".join(engines.NAMES), help="of " + ", ".join(engines.NAMES))
    parser.add_argument("--corpora", help="only these")
    parser.add_argument("--worst", type=int, default=10, metavar="N", help="list N pages whose text is furthest off")
    options = parser.parse_args()
    found = list(pages(options.folder, options.corpora.split(",") if options.corpora else None))
    scores: dict[str, list[Score]] = {}
    for name in options.engines.split(","):
        scores[name], speed = run(name, found)
        print(f"{name}: {speed:.1f} pages a second")
    tell(found, scores, options.worst)


def run(name: str, found: Sequence[Page]) -> tuple[list[Score], float]:
    """The scores of an engine on all pages, and its pages a second of user CPU."""
    engine = engines.load(name)
    engine(found[0])  # what it loads at its first page is not counted
    before = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    answers = [engine(page) for page in found]
    spent = resource.getrusage(resource.RUSAGE_SELF).ru_utime - before
    return [measures.score(p, a) for p, a in zip(found, answers, strict=True)], len(found) / max(spent, 1e-6)


def tell(found: Sequence[Page], scores: dict[str, list[Score]], count: int) -> None:
    """A table for each corpus; where we lead or trail by more than chance; our worst pages."""
    for corpus in dict.fromkeys(p.corpus for p in found):
        of = [i for i, p in enumerate(found) if p.corpus == corpus]
        print(f"\n{f'{corpus}, {len(of)} pages':<24}{report.header()}")
        for name, all_ in scores.items():
            print(f"{name:<24}{report.row([all_[i] for i in of])}")
        first, *others = scores
        for other in others:
            _compare(first, other, [scores[first][i] for i in of], [scores[other][i] for i in of])
    first = next(iter(scores))
    print(f"\nWorst pages of {first}:")
    for s in report.worst(scores[first], count):
        print(f"  {s.id:<44} F1 {s.f1:.3f}  precision {s.precision or 0:.3f}  recall {s.recall or 0:.3f}")


def _compare(first: str, other: str, ours: list[Score], theirs: list[Score]) -> None:
    for name in ("F1", "exact", "snippets"):
        found = report.difference(ours, theirs, report.COLUMNS[name])
        if found:
            print(f"  {first} - {other}, {name}: {found[0]:+.3f} (95 %: {found[1]:+.3f} to {found[2]:+.3f})")


if __name__ == "__main__":
    main()
