"""Fits the weights of aggregator/steps/dedup/rule.py and judges them on clusters that they were not fitted on.

    .venv/bin/python -m pip install -e '.[fit]'
    .venv/bin/python -m benchmarks.dedup.fit FOLDER

Prints the figures of the folds first, then the weights fitted on the whole folder, as they stand in the rule.
"""

import argparse
from itertools import combinations_with_replacement
from pathlib import Path
from zlib import crc32

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from aggregator.model import Likeness
from aggregator.steps import text
from aggregator.steps.dedup.evidence import Evidence
from aggregator.steps.dedup.likeness import KEPT, NOTHING, share
from aggregator.steps.dedup.rule import SAME_PAGE, bounded
from aggregator.steps.dedup.stories import LINK
from benchmarks.dedup.corpus import Document, candidates, compared, documents, grouped
from benchmarks.dedup.refilled import refilled
from benchmarks.dedup.report import print_score

FOLDS = 5
STRENGTH = 1.0
"""Of the regularization, scikit-learn's C."""

REFILLED = 0.1
"""How much a template counts that we filled anew: there are a quarter as many as articles, and all are of one kind."""

UNLIKE = 2
"""How much a pair that is not one text counts: to merge wrongly is worse than to miss a copy."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    found = documents(parser.parse_args().folder)
    print_score("judged on other folds than fitted on", found, judged_by_others(found))
    weights, start = _fit(*_known(found, _pairs(found)), _refilled(found)[0])
    print(f"\nSTART = {start:.3f}\nWEIGHTS = Evidence(")
    for name, weight in zip(Evidence._fields, weights, strict=True):
        print(f"    {name}={weight:.3f},")
    print(")")


def judged_by_others(found: list[Document]) -> list[list[int]]:
    """The stories, each pair weighed by a rule that was fitted on other clusters."""
    folds, pairs = _folds(found), _pairs(found)
    evidence, same = _known(found, pairs)
    made, fold_of = _refilled(found)
    mistaken = 0
    places = np.sort([(folds[a], folds[b]) for a, b in pairs], axis=1)
    odds = np.zeros(len(pairs))
    for fold in combinations_with_replacement(range(FOLDS), 2):
        # A pair between two folds is judged by weights that have seen neither.
        judged, others = (places == fold).all(axis=1), ~np.isin(places, fold).any(axis=1)
        if judged.any():
            weights, start = _fit(evidence[others], same[others], made[~np.isin(fold_of, fold)])
            odds[judged] = evidence[judged] @ weights + start
        if fold[0] == fold[1]:
            unseen = made[fold_of == fold[0]]
            mistaken += sum(
                bounded(o, Evidence(*e)) > LINK for o, e in zip(unseen @ weights + start, unseen, strict=True)
            )
    print(f"templates filled anew by us, taken for one text: {mistaken} of {len(made)}")
    likes = (
        (a, b, _likeness(found[a], found[b], b, o, Evidence(*e)))
        for (a, b), o, e in zip(pairs, odds, evidence, strict=True)
    )
    return grouped(found, [link for link in likes if link[2].odds > KEPT])


def _likeness(one: Document, other: Document, id: int, odds: float, evidence: Evidence) -> Likeness:
    """As the program has it: the address speaks where the text or the title agrees."""
    agrees = odds > 0 or text.fold(one.article.title) == text.fold(other.article.title)
    certainty = SAME_PAGE if evidence.same_page and agrees else bounded(odds, evidence)
    return Likeness(other=id, odds=certainty, contained=evidence.contained)


def _pairs(found: list[Document]) -> list[tuple[int, int]]:
    return [
        (a, b)
        for a, others in candidates(found)
        for b in others
        if share(found[a].article, found[b].article) >= NOTHING
    ]


def _known(found: list[Document], pairs: list[tuple[int, int]]) -> tuple["np.ndarray", "np.ndarray"]:
    evidence = [compared(found[a], found[b]) for a, b in pairs]
    return np.array(evidence, float), np.array([found[a].cluster == found[b].cluster for a, b in pairs])


def _refilled(found: list[Document]) -> tuple["np.ndarray", "np.ndarray"]:
    """The evidence of each pair, and the fold of its original."""
    fold_of = dict(zip((d.id for d in found), _folds(found), strict=True))
    pairs = list(refilled(found))
    return np.array([compared(*pair) for pair in pairs], float), np.array([fold_of[one.id] for one, _ in pairs])


def _fit(evidence: "np.ndarray", same: "np.ndarray", made: "np.ndarray") -> tuple["np.ndarray", float]:
    """`made` are pairs that are not one text."""
    scale = StandardScaler().fit(evidence)
    fitted = LogisticRegression(C=STRENGTH, max_iter=3000).fit(
        scale.transform(np.vstack([evidence, made])),
        np.append(same, np.zeros(len(made), bool)),
        sample_weight=np.append(np.where(same, 1, UNLIKE), np.full(len(made), REFILLED)),
    )
    weights = fitted.coef_[0] / scale.scale_
    return weights, float(fitted.intercept_[0] - weights @ scale.mean_)


def _folds(found: list[Document]) -> list[int]:
    """By cluster, and those that were made of one original or of parts of it together."""
    parent: dict[str, str] = {}

    def root(name: str) -> str:
        while parent.setdefault(name, name) != name:
            name = parent[name]
        return name

    for document in found:
        parent[root(f"made of {document.base}")] = root(document.cluster)
    return [crc32(root(d.cluster).encode()) % FOLDS for d in found]


if __name__ == "__main__":
    main()
