"""How well an article answers a query."""

from collections.abc import Iterator

from aggregator.model import Archived
from aggregator.steps.match.ast import TEXT_FIELDS, And, Near, Node, Or, Term, TextField, Weighted
from aggregator.steps.match.prefilter import Pre
from aggregator.steps.match.view import View, view

_WEIGHTS: dict[TextField, float] = {"title": 4.0, "caption": 2.0, "byline": 2.0, "text": 1.0}
_USUAL = 1900
"""Characters of a text, as BM25's average length: a constant, so that an article's score is its own; and to count its
words takes longer than all else."""

_SATURATION, _BY_LENGTH = 1.2, 0.75
"""BM25's k1 and b, at their usual values."""


def relevance(node: Node, archived: Archived) -> float:
    """Higher where more of the query's words stand in the more telling places: BM25F, but for how rare a word is in the
    archive, which would take as long to count as the search."""
    seen = view(archived)
    length = len(archived.article.summary or "") + len(archived.article.text)
    shortness = 1 - _BY_LENGTH + _BY_LENGTH * length / _USUAL
    found = (_weighed(term, seen) for term in _terms(node))
    return sum(often / (often + _SATURATION * shortness) for often in found)


def titled(pre: Pre) -> Pre:
    """Those that have in the title what may be anywhere."""
    if pre[0] == "term":
        return ("term", pre[1] or "title", pre[2], pre[3])
    return pre if pre[0] == "keys" else (pre[0], tuple(map(titled, pre[1])))


def _terms(node: Node) -> Iterator[Term]:
    """All that are looked for, and none that must not be there."""
    match node:
        case Term():
            yield node
        case And() | Or() | Near():
            for part in node.parts:
                yield from _terms(part)
        case Weighted():
            yield from _terms(node.part)


def _weighed(term: Term, seen: View) -> float:
    # Two spaces between words, so that of a word said twice each has its own on both sides.
    wanted = " " + "  ".join(term.tokens) + ("" if term.prefix else " ")
    fields = (term.field,) if term.field else TEXT_FIELDS
    found = ((name, words) for name in fields for _, words in seen[name].having(term.tokens))
    return sum(_WEIGHTS[name] * words.replace(" ", "  ").count(wanted) for name, words in found)
