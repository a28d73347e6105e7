"""Measures sameness on a corpus folder: stories, real pairs, addresses, captions, and what it costs.

    .venv/bin/python -m pip install -e '.[fit]'        for --folds
    .venv/bin/python -m benchmarks.dedup FOLDER [--folds] [--mistakes 20] [--store]

FOLDER holds articles*.jsonl.gz (id, cluster, kind, base, site, url, title, published, text), real-pairs*.tsv (a, b,
label, weight), urls.tsv (expect, class, a, b) and captions*.tsv (expect, a, b); what it lacks is not measured.
"""

import argparse
import resource
from pathlib import Path

from benchmarks.dedup import archive
from benchmarks.dedup.corpus import documents, grouped, links
from benchmarks.dedup.report import print_mistakes, print_score
from benchmarks.dedup.tables import print_tables
from tests import postgres


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--folds", action="store_true", help="judge with weights that were fitted on other clusters")
    parser.add_argument("--mistakes", type=int, default=20, help="how many pairs that were judged wrongly are shown")
    parser.add_argument("--store", action="store_true", help="also load the corpus into archives, in several orders")
    options = parser.parse_args()
    found = documents(options.folder)
    before = _cpu()
    likenesses = list(links(found))
    groups = grouped(found, likenesses)
    print(f"{len(found)} articles, {1000 * (_cpu() - before) / len(found):.2f} ms CPU and "
          f"{archive.bytes_kept(found, likenesses) / len(found):.0f} bytes each")  # fmt: skip
    print_score("stories, by the weights of the program", found, groups)
    if options.folds:
        from benchmarks.dedup.fit import judged_by_others

        groups = judged_by_others(found)
        print_score("stories, by weights that were fitted on other clusters", found, groups)
    print_tables(options.folder, found, groups)
    print_mistakes(found, groups, options.mistakes)
    if options.store:
        archive.print_loads(found, "SQLite", lambda: "sqlite:///storage/archive.db")
        with postgres.server() as server:
            archive.print_loads(found, "PostgreSQL", server.fresh)


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
