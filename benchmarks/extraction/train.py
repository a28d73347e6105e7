"""Learns which paragraphs are text from a corpus folder, and writes the table that `steps/extract` asks.

    .venv/bin/python -m benchmarks.extraction.train FOLDER            learns from all pages, writes the table
    .venv/bin/python -m benchmarks.extraction.train FOLDER --folds 5  writes nothing: scores each page by trees that
                                                                      were learned without any page of its site

The packages are the extra `train` (pip install -e '.[train]'). The same pages give the same table.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import Any, TypeAlias

import lightgbm
import numpy as np

from aggregator.errors import ExtractError
from aggregator.steps import extract
from aggregator.steps.extract import features
from benchmarks.extraction import engines, measures, written
from benchmarks.extraction.__main__ import tell
from benchmarks.extraction.corpus import Page, pages
from benchmarks.extraction.labels import label

TABLE = Path(extract.__file__).with_name("table.py")
SEEDS = (1, 2, 3)
"""Each makes a forest, and their mean is asked: what one of them sees by chance, the others do not."""

TREES = 100  # of each
OPTIONS: dict[str, Any] = {
    "objective": "binary",
    "num_leaves": 16,
    "learning_rate": 0.08,
    "min_data_in_leaf": 30,
    "feature_fraction": 0.5,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 5.0,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "verbose": -1,
}

Array: TypeAlias = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is learned from one page: a row, a label and a weight for each paragraph."""

    page: Page
    rows: Array
    labels: Array
    known: Array
    weights: Array


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--folds", type=int, default=0, metavar="N", help="cross-validate by site, write nothing")
    options = parser.parse_args()
    found = list(pages(options.folder))
    sheets = [s for s in map(sheet, found) if s is not None]
    if options.folds:
        cross_validate(found, sheets, options.folds)
    else:
        write(learn(sheets))


def learn(sheets: Sequence[Sheet]) -> list[written.Said]:
    rows = np.concatenate([s.rows[s.known] for s in sheets])
    labels = np.concatenate([s.labels[s.known] for s in sheets])
    weights = np.concatenate([s.weights[s.known] for s in sheets])
    forests = []
    for seed in SEEDS:
        model = lightgbm.train(OPTIONS | {"seed": seed}, lightgbm.Dataset(rows, labels, weight=weights), TREES)
        forests.append([_tree(t["tree_structure"]) for t in model.dump_model()["tree_info"]])
    return list(chain.from_iterable(zip(*forests, strict=True)))  # the first of all before the second of any


def cross_validate(found: Sequence[Page], sheets: Sequence[Sheet], folds: int) -> None:
    """Whole extractions, each page by trees that know nothing of its site."""
    scores: dict[str, measures.Score] = {}
    for n in range(folds):
        learned = written.forest(learn([s for s in sheets if fold(s.page, folds) != n]), features.NAMES)
        for page in found:
            if fold(page, folds) == n:
                scores[page.id] = measures.score(page, engines.ours(page, learned))
    tell(found, {"cross-validated": [scores[p.id] for p in found]}, 15)


def write(learned: Sequence[written.Said]) -> None:
    TABLE.write_text(written.module(learned, features.NAMES), "utf-8")


def sheet(page: Page) -> Sheet | None:
    try:
        blocks, said = extract.paragraphs(engines.response(page))[:2]
    except ExtractError:
        return None
    rows = features.measure(blocks, said)
    labels = [value for value, b in zip(label(page, blocks), blocks, strict=True) if b.figure is None]
    texts = [b for b in blocks if b.figure is None]
    if not texts:
        return None
    known = np.array([value is not None for value in labels])
    weights = np.array([min(b.words, 200) + 1.0 for b in texts]) ** 0.5
    if "body" in page.truth:  # of a page with snippets only little is known
        weights *= 10 * known.sum() ** 0.5 / weights.sum()
    else:
        weights *= 0.6
    return Sheet(page, np.array(rows), np.array([float(v or 0) for v in labels]), known, weights)


def fold(page: Page, folds: int) -> int:
    return int(sha256(page.site.encode()).hexdigest(), 16) % folds


def _tree(node: dict[str, Any]) -> written.Said:
    if "leaf_value" in node:
        return round(float(node["leaf_value"]) / len(SEEDS), 5)
    low, high = _tree(node["left_child"]), _tree(node["right_child"])
    return features.NAMES[node["split_feature"]], float(f"{node['threshold']:.5g}"), low, high


if __name__ == "__main__":
    main()
