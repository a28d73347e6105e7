"""Decision trees as functions, and their answer."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import exp
from typing import TypeAlias

Weights: TypeAlias = "Callable[[Sequence[float]], float]"

_HOPELESS = -2.2


@dataclass(frozen=True, slots=True)
class Forest:
    """The sums of the weights that trees give to a row of figures. Most paragraphs of a page are its frame: the first
    trees tell so (benchmarks/extraction: no page differs)."""

    first: Weights
    rest: Weights


def chance(forest: Forest, row: Sequence[float]) -> float:
    """The sum of the trees' weights as a share between 0 and 1; what the first trees call hopeless asks no more."""
    whole = forest.first(row)
    if whole > _HOPELESS:
        whole += forest.rest(row)
    return 1 / (1 + exp(-whole))
