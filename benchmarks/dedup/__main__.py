"""Measures sameness on a corpus folder: stories, real pairs, addresses, captions, and what it costs.

    .venv/bin/python -m benchmarks.dedup FOLDER [--mistakes 20]

FOLDER holds articles*.jsonl.gz (id, cluster, kind, base, site, url, title, published, text), real-pairs*.tsv (a, b,
label, weight), urls.tsv (expect, class, a, b) and captions*.tsv (expect, a, b); what it lacks is not measured.
"""

import argparse
import resource
from collections import Counter, defaultdict
from pathlib import Path

from benchmarks.dedup.corpus import Document, documents, grouped, links
from benchmarks.dedup.score import score


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--mistakes", type=int, default=0, help="how many pairs that were judged wrongly are shown")
    options = parser.parse_args()
    found = documents(options.folder)
    before = _cpu()
    likenesses = list(links(found))
    groups = grouped(found, likenesses)
    print(f"{len(found)} articles, {1000 * (_cpu() - before) / len(found):.2f} ms CPU each")
    print_score("stories", found, groups)


def print_score(name: str, found: list[Document], groups: list[list[int]]) -> None:
    result = score([d.cluster for d in found], groups)
    n = len(found)
    print(f"{name}: F1 {result.f1:.4f}, precision {result.precision:.4f}, recall {result.recall:.4f}, adjusted Rand "
          f"{result.adjusted_rand:.4f}, B-cubed {result.b_cubed:.4f}")  # fmt: skip
    print(f"  merged wrongly {len(result.wrong)} ({len(result.wrong) / n:.2%}), in a story with one that is "
          f"{result.touched} ({result.touched / n:.2%})")  # fmt: skip
    kinds = Counter(found[i].kind for i in result.wrong)
    print("  wrongly, by kind: " + (", ".join(f"{kind} {n}" for kind, n in kinds.most_common()) or "none"))
    print(
        "  recall by kind: " + ", ".join(f"{kind} {right / all:.3f}" for kind, (right, all) in _recall(found, groups))
    )


def _recall(found: list[Document], groups: list[list[int]]) -> list[tuple[str, tuple[int, int]]]:
    """Of the pairs that each kind has a part in."""
    group_of = {i: n for n, group in enumerate(groups) for i in group}
    clusters: dict[str, list[int]] = defaultdict(list)
    for i, document in enumerate(found):
        clusters[document.cluster].append(i)
    right, all = Counter[str](), Counter[str]()
    for members in clusters.values():
        for a in members:
            for b in members:
                if a != b:
                    all[found[a].kind] += 1
                    right[found[a].kind] += group_of[a] == group_of[b]
    return [(kind, (right[kind], all[kind])) for kind in sorted(all)]


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
