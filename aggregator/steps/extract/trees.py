"""Decision trees as plain data, and their answer."""

from collections.abc import Iterable, Sequence
from math import exp
from typing import TypeAlias

Tree: TypeAlias = "float | tuple[int, float, Tree, Tree]"
Forest: TypeAlias = tuple[Tree, ...]
Said: TypeAlias = "float | tuple[str, float, Said, Said]"
"""A tree as it is written down: (figure, limit, tree where it is at most that, tree where it is more), or a weight."""

# Most paragraphs of a page are its frame: of 160 trees the first 40 tell so (benchmarks/extraction: no page differs).
_FIRST = 40
_HOPELESS = -2.2


def compiled(trees: Iterable[Said], names: Sequence[str]) -> Forest:
    """The trees with each figure's name replaced by its place in a row."""
    places = {name: n for n, name in enumerate(names)}
    return tuple(_compiled(tree, places) for tree in trees)


def chance(forest: Forest, row: Sequence[float]) -> float:
    """The sum of the trees' weights as a share between 0 and 1; what the first trees call hopeless asks no more."""
    whole = _sum(forest[:_FIRST], row)
    if whole > _HOPELESS:
        whole += _sum(forest[_FIRST:], row)
    return 1 / (1 + exp(-whole))


def _sum(forest: Forest, row: Sequence[float]) -> float:
    whole = 0.0
    for node in forest:
        while type(node) is tuple:
            node = node[2] if row[node[0]] <= node[1] else node[3]
        whole += node  # type: ignore[operator]
    return whole


def _compiled(tree: Said, places: dict[str, int]) -> Tree:
    if isinstance(tree, float | int):
        return tree
    name, limit, low, high = tree
    return places[name], limit, _compiled(low, places), _compiled(high, places)
