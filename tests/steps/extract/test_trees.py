"""extract.trees: what was learned is what is answered."""

import pytest

from aggregator.steps.extract import choose, features, trees
from benchmarks.extraction import written

SAID: tuple[written.Said, ...] = (("words", 10.0, -1.0, ("linked", 0.5, 2.0, -3.0)), 0.5)


@pytest.mark.parametrize(
    ("words", "linked", "whole"), [(10, 0.0, -0.5), (11, 0.5, 2.5), (11, 0.6, -2.5)], ids=["few", "prose", "links"]
)
def test_a_tree_is_followed_to_its_weight(words: float, linked: float, whole: float) -> None:
    forest = written.forest(SAID, ("words", "linked"))
    assert trees.chance(forest, [words, linked]) == pytest.approx(1 / (1 + 2.718281828459045**-whole))


def test_what_the_first_trees_call_hopeless_asks_no_more() -> None:
    forest = written.forest([-0.1] * written.FIRST + [9.0], ())
    assert trees.chance(forest, []) < 0.1
    assert trees.chance(trees.Forest(lambda _: 0.0, forest.rest), []) > 0.9


def test_the_table_asks_for_figures_that_are_measured() -> None:
    assert 0 < trees.chance(choose.LEARNED, [0.0] * len(features.NAMES)) < 1


def test_each_figure_has_one_name() -> None:
    assert len(set(features.NAMES)) == len(features.NAMES)
