"""A coarse form of a query that the archive's indexes can answer."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Literal

from aggregator.errors import QueryError
from aggregator.steps.match.ast import And, Like, Near, Node, Or, Term, Weighted, leaves
from aggregator.steps.match.parser import parse

IndexField = Literal["title", "text", "captions", "byline"]

# Plain tuples, because the store, which puts them into its indexes' own words, knows nothing of steps:
# ("term", field or None for any, tokens that stand together, whether the last may go on);
# ("keys", some text keys of which an article must have one).
Pre = (
    tuple[Literal["term"], IndexField | None, tuple[str, ...], bool]
    | tuple[Literal["keys"], tuple[int, ...]]
    | tuple[Literal["and", "or"], tuple["Pre", ...]]
)

_INDEXED: tuple[IndexField, ...] = ("title", "text", "captions", "byline")
_FIELDS: dict[str, IndexField] = {"title": "title", "text": "text", "caption": "captions", "byline": "byline"}


def prefilter(node: Node, keys: Mapping[str, Sequence[int]] = {}) -> Pre | None:
    """What every article that matches has in the indexes, and some others too; None: ask for them all. `keys` are the
    text keys of the articles that `like:` names."""
    match node:
        case Term():
            return ("term", _FIELDS[node.field] if node.field else None, node.tokens, node.prefix)
        case Near():
            return _joined("and", [prefilter(part) for part in node.parts])
        case Like():
            return ("keys", tuple(keys[node.article])) if node.article in keys else None
        case And():
            return _joined("and", [pre for part in node.parts if (pre := prefilter(part, keys))])
        case Or():
            return _joined("or", [prefilter(part, keys) for part in node.parts])
        case Weighted():
            return prefilter(node.part, keys)
        case _:
            return None


def liked(*queries: str) -> frozenset[str]:
    """The articles that some queries name by `like:`; what cannot be read names none."""
    found: set[str] = set()
    for query in filter(None, queries):
        with suppress(QueryError):
            found.update(leaf.article for leaf in leaves(parse(query)) if isinstance(leaf, Like))
    return frozenset(found)


def admits(pre: Pre | None, words: tuple[str, str, str, str]) -> bool:
    """Whether an article with these words in the index (title, text, captions, byline; a space before and after each
    word) may match."""
    if pre is None or pre[0] == "keys":
        return True
    if pre[0] == "term":
        _, field, tokens, is_prefix = pre
        said = f" {' '.join(tokens)}" if is_prefix else f" {' '.join(tokens)} "
        return any(said in part for name, part in zip(_INDEXED, words, strict=True) if field in (None, name))
    return (all if pre[0] == "and" else any)(admits(part, words) for part in pre[1])


def _joined(how: Literal["and", "or"], parts: Sequence[Pre | None]) -> Pre | None:
    some = tuple(part for part in parts if part)
    if len(some) < len(parts):
        return None
    return (how, some) if len(some) > 1 else next(iter(some), None)
