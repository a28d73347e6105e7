"""What a query asks of an article beside its words, as far as a database can tell without reading the text."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from aggregator.model import Topic
from aggregator.steps.match.ast import And, Date, Fact, Node, Or, Weighted, Within
from aggregator.steps.match.parser import parse

# Plain tuples, as the prefilter is: the store puts them into SQL.
Limits = tuple[str, str | datetime] | tuple[Literal["and", "or"], tuple["Limits", ...]]


def topic_limits(topic: Topic, now: datetime) -> Limits | None:
    """What every article that the topic takes, or will take one day, keeps to."""
    return _every(
        limits(parse(topic.match), now),
        ("or", tuple(("lang", code.lower()) for code in topic.languages)) if topic.languages else None,
        ("or", tuple(("source", source) for source in topic.sources)) if _are_names(topic.sources) else None,
        ("since", now - topic.window) if topic.window else None,
    )


def limits(node: Node, now: datetime) -> Limits | None:
    """What every article that matches keeps to, and some others too; None: nothing is known of them."""
    match node:
        case Within():
            return ("since", now - node.age)
        case Date():
            return (node.field, node.day)
        case Fact():
            return (node.field, node.value) if _is_told(node) else None
        case And():
            return _every(*(limits(part, now) for part in node.parts))
        case Or():
            branches = [limits(part, now) for part in node.parts]
            every = tuple(limit for limit in branches if limit)
            return ("or", every) if len(every) == len(branches) else None
        case Weighted():
            return limits(node.part, now)
        case _:
            return None


def _every(*asked: Limits | None) -> Limits | None:
    some = tuple(limit for limit in asked if limit)
    return ("and", some) if some else None


def _are_names(sources: Sequence[str]) -> bool:
    return bool(sources) and not any(source.startswith("tag:") for source in sources)


def _is_told(fact: Fact) -> bool:
    if fact.field == "has":
        return fact.value in ("image", "caption")
    # Of other letters than those of ASCII the databases do not agree which are small.
    return fact.field in ("source", "lang") or (fact.field == "url" and fact.value.isascii())
