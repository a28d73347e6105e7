"""How well found groups are the true ones."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import comb


@dataclass(frozen=True, slots=True)
class Score:
    precision: float
    recall: float
    f1: float
    adjusted_rand: float
    b_cubed: float  # F1 of it
    wrong: tuple[int, ...]  # not of the cluster that most of their group are of: merged wrongly
    touched: int  # in a group with one that is wrong


def score(truth: Sequence[str], groups: Sequence[Sequence[int]]) -> Score:
    """Pairwise figures, and the members of groups that do not belong there."""
    clusters, total = Counter(truth), comb(len(truth), 2)
    same = sum(comb(n, 2) for n in clusters.values())
    found = sum(comb(len(group), 2) for group in groups)
    right, touched, wrong = 0, 0, list[int]()
    cubed_precision = cubed_recall = 0.0
    for group in groups:
        inside = Counter(truth[n] for n in group)
        right += sum(comb(n, 2) for n in inside.values())
        cubed_precision += sum(n * n for n in inside.values()) / len(group)
        cubed_recall += sum(n * n / clusters[cluster] for cluster, n in inside.items())
        most = max(inside, key=lambda cluster: inside[cluster])
        wrong += [n for n in group if truth[n] != most]
        touched += len(group) if len(inside) > 1 else 0
    expected = same * found / total
    return Score(
        precision=right / max(1, found),
        recall=right / max(1, same),
        f1=_f1(right / max(1, found), right / max(1, same)),
        adjusted_rand=(right - expected) / ((same + found) / 2 - expected),
        b_cubed=_f1(cubed_precision / len(truth), cubed_recall / len(truth)),
        wrong=tuple(wrong),
        touched=touched,
    )


def _f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / max(1e-9, precision + recall)
