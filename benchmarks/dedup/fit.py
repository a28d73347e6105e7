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
from aggregator.steps import dedup
from aggregator.steps.dedup.evidence import Evidence, shared
from aggregator.steps.dedup.likeness import KEPT, NOTHING
from aggregator.steps.dedup.rule import bounded
from aggregator.steps.dedup.sketch import sketch
from benchmarks.dedup.__main__ import print_score
from benchmarks.dedup.corpus import Document, candidates, documents, grouped

FOLDS = 5
STRENGTH = 0.3
"""Of the regularization, scikit-learn's C."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    found = documents(options.folder)
    truth, folds = [d.cluster for d in found], _folds(found)
    pairs = [(a, b) for a, others in candidates(found) for b in others if _near(found[a], found[b])]
    evidence = np.array([dedup.compare(found[a].article, found[b].article) for a, b in pairs], float)
    same = np.array([truth[a] == truth[b] for a, b in pairs])
    places = np.sort([(folds[a], folds[b]) for a, b in pairs], axis=1)
    odds = np.zeros(len(pairs))
    for fold in combinations_with_replacement(range(FOLDS), 2):
        # A pair between two folds is judged by weights that have seen neither.
        judged, others = (places == fold).all(axis=1), ~np.isin(places, fold).any(axis=1)
        if judged.any():
            weights, start = _fit(evidence[others], same[others])
            odds[judged] = evidence[judged] @ weights + start
    likes = (
        (a, b, Likeness(other=b, odds=bounded(o, Evidence(*e)), contained=e[0]))
        for (a, b), o, e in zip(pairs, odds, evidence, strict=True)
    )
    groups = grouped(found, [link for link in likes if link[2].odds > KEPT])
    print_score("judged on other folds than fitted on", found, groups)
    weights, start = _fit(evidence, same)
    print(f"\nSTART = {start:.3f}\nWEIGHTS = Evidence(")
    for name, weight in zip(Evidence._fields, weights, strict=True):
        print(f"    {name}={weight:.3f},")
    print(")")


def _fit(evidence: "np.ndarray", same: "np.ndarray") -> tuple["np.ndarray", float]:
    scale = StandardScaler().fit(evidence)
    fitted = LogisticRegression(C=STRENGTH, max_iter=3000).fit(scale.transform(evidence), same)
    weights = fitted.coef_[0] / scale.scale_
    return weights, float(fitted.intercept_[0] - weights @ scale.mean_)


def _near(a: Document, b: Document) -> bool:
    texts = sketch(a.article.title, a.article.text), sketch(b.article.title, b.article.text)
    return shared(*texts) >= NOTHING


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
