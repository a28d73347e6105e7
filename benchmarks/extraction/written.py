"""Learned trees as the source of functions: a page asks 300 trees for each of its paragraphs, and a walk through trees
kept as data takes four times as long."""

from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

from aggregator.steps.extract.trees import Forest

Said: TypeAlias = "float | tuple[str, float, Said, Said]"
"""A tree: (figure, limit, tree where it is at most that, tree where it is more), or a weight."""

FIRST = 75  # trees that are asked of every paragraph


def module(learned: Sequence[Said], names: Sequence[str]) -> str:
    """The source of a module with the functions `first` and `rest`."""
    return "\n".join(
        [
            '"""The trees that choose paragraphs, made by benchmarks/extraction/train.py: not to be edited."""\n',
            "# fmt: off",
            "from collections.abc import Sequence\n",
            *_function("first", learned[:FIRST], names),
            *_function("rest", learned[FIRST:], names),
        ]
    )


def forest(learned: Sequence[Said], names: Sequence[str]) -> Forest:
    """The trees, ready to be asked."""
    made: dict[str, Any] = {}
    exec(module(learned, names), made)
    return Forest(made["first"], made["rest"])


def _function(name: str, learned: Sequence[Said], names: Sequence[str]) -> list[str]:
    asked = {name for tree in learned for name in _asked(tree)}
    return [
        f"\ndef {name}(figures: Sequence[float]) -> float:",
        f"    [{', '.join(name if name in asked else '_' for name in names)}] = figures",
        "    whole = 0.0",
        *(f"    whole += {_expression(tree)}" for tree in learned),
        "    return whole\n",
    ]


def _asked(tree: Said) -> Iterator[str]:
    if not isinstance(tree, float | int):
        name, _, low, high = tree
        yield from (name, *_asked(low), *_asked(high))


def _expression(tree: Said) -> str:
    if isinstance(tree, float | int):
        return repr(float(tree))
    name, limit, low, high = tree
    return f"({_expression(low)} if {name} <= {limit!r} else {_expression(high)})"
