"""Prints how well stories were found, and the mistakes, the worst first."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from aggregator.steps.dedup.rule import weighed
from benchmarks.dedup.corpus import Document, compared
from benchmarks.dedup.score import score

SHOWN = ("contained", "covered", "run", "own", "lead", "figures_changed", "titles", "apart")


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


def print_mistakes(found: list[Document], groups: list[list[int]], most: int) -> None:
    """Pairs on the wrong side, by how sure the rule was; with what it saw of them."""
    group_of = {i: n for n, group in enumerate(groups) for i in group}
    wrong = [(a, b) for group in groups for a, b in _pairs(group) if found[a].cluster != found[b].cluster]
    clusters = _clusters(found).values()
    missed = [(a, b) for members in clusters for a, b in _pairs(members) if group_of[a] != group_of[b]]
    print(f"mistakes: {len(wrong)} pairs are one story and should not, {len(missed)} should be and are not")
    seen = [(compared(found[a], found[b]), a, b) for a, b in (*wrong, *missed)]
    for evidence, a, b in sorted(seen, key=lambda each: -abs(weighed(each[0])))[:most]:
        one, other = found[a], found[b]
        which = "missed" if one.cluster == other.cluster else "merged"
        print(f"  {which} {weighed(evidence):+6.1f}  {one.id} {one.kind} / {other.id} {other.kind}: "
              + ", ".join(f"{name} {getattr(evidence, name):.2f}" for name in SHOWN))  # fmt: skip
        print(f"      {one.article.title[:70]!r} / {other.article.title[:70]!r}")


def _recall(found: list[Document], groups: list[list[int]]) -> list[tuple[str, tuple[int, int]]]:
    """Of the pairs that each kind has a part in."""
    group_of = {i: n for n, group in enumerate(groups) for i in group}
    right, all = Counter[str](), Counter[str]()
    for members in _clusters(found).values():
        for a, b in _pairs(members):
            for kind in (found[a].kind, found[b].kind):
                all[kind] += 1
                right[kind] += group_of[a] == group_of[b]
    return [(kind, (right[kind], all[kind])) for kind in sorted(all)]


def _clusters(found: list[Document]) -> Mapping[str, list[int]]:
    clusters: dict[str, list[int]] = defaultdict(list)
    for i, document in enumerate(found):
        clusters[document.cluster].append(i)
    return clusters


def _pairs(members: Sequence[int]) -> list[tuple[int, int]]:
    return [(a, b) for n, a in enumerate(members) for b in members[n + 1 :]]
