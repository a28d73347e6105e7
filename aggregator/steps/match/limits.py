"""What a query asks of an article beside its words, as far as a database can tell without reading the text."""

from datetime import datetime
from typing import Literal

from aggregator.steps.match.ast import And, Date, Fact, Node, Or, Weighted

# Plain tuples, as the prefilter is: the store puts them into SQL.
Limits = tuple[str, str | datetime] | tuple[Literal["and", "or"], tuple["Limits", ...]]


def limits(node: Node) -> Limits | None:
    """What every article that matches keeps to, and some others too; None: nothing is known of them."""
    match node:
        case Date():
            return (node.field, node.day)
        case Fact():
            return (node.field, node.value) if _is_told(node) else None
        case And():
            some = tuple(limit for part in node.parts if (limit := limits(part)))
            return ("and", some) if some else None
        case Or():
            branches = [limits(part) for part in node.parts]
            every = tuple(limit for limit in branches if limit)
            return ("or", every) if len(every) == len(branches) else None
        case Weighted():
            return limits(node.part)
        case _:
            return None


def _is_told(fact: Fact) -> bool:
    if fact.field == "has":
        return fact.value in ("image", "caption")
    # Of other letters than those of ASCII the databases do not agree which are small.
    return fact.field in ("source", "lang") or (fact.field == "url" and fact.value.isascii())
