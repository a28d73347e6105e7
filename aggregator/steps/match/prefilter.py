"""A coarse form of a query that a full-text index can answer."""

from functools import lru_cache
from typing import Literal

from aggregator.steps.match.ast import And, Node, Or, Term
from aggregator.steps.match.parser import parse

IndexField = Literal["title", "text", "captions", "byline"]

# Plain tuples, because the store, which puts them into its index's own words, knows nothing of steps:
# ("term", field or None for any, tokens that stand together, whether the last may go on).
Pre = tuple[Literal["term"], IndexField | None, tuple[str, ...], bool] | tuple[Literal["and", "or"], tuple["Pre", ...]]

_INDEXED: tuple[IndexField, ...] = ("title", "text", "captions", "byline")
_FIELDS: dict[str, IndexField] = {"title": "title", "text": "text", "caption": "captions", "byline": "byline"}


def prefilter(node: Node) -> Pre | None:
    """What every article that matches has in the index, and some others too; None: ask for them all."""
    if isinstance(node, Term):
        return ("term", _FIELDS[node.field] if node.field else None, node.tokens, node.prefix)
    if isinstance(node, And):
        parts = tuple(part for part in map(prefilter, node.parts) if part)
        return ("and", parts) if len(parts) > 1 else next(iter(parts), None)
    if isinstance(node, Or):
        branches = [prefilter(part) for part in node.parts]
        parts = tuple(branch for branch in branches if branch)
        return ("or", parts) if len(parts) == len(branches) else None
    return None


@lru_cache(maxsize=4096)
def of_query(query: str) -> Pre | None:
    """Raises QueryError."""
    return prefilter(parse(query))


def admits(pre: Pre | None, words: tuple[str, str, str, str]) -> bool:
    """Whether an article with these words in the index (title, text, captions, byline) may match."""
    if pre is None:
        return True
    if pre[0] == "term":
        _, field, tokens, is_prefix = pre
        said = f" {' '.join(tokens)}" if is_prefix else f" {' '.join(tokens)} "
        return any(said in f" {part} " for name, part in zip(_INDEXED, words, strict=True) if field in (None, name))
    return (all if pre[0] == "and" else any)(admits(part, words) for part in pre[1])
