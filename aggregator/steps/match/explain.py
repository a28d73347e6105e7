"""What was found of a rule, and what not, in words."""

from collections.abc import Iterator

from aggregator.model import Archived, Clause, Hit, Topic
from aggregator.steps.match.ast import TEXT_FIELDS, And, Node, Not, Or, Regex, Weighted
from aggregator.steps.match.find import Spot, find, holds, place, runs_away
from aggregator.steps.match.parser import parse
from aggregator.steps.match.view import Context, View, excerpt, view

_AROUND = 5  # words


def explain(topic: Topic, archived: Archived, context: Context) -> tuple[Clause, ...]:
    """Clause by clause what an article has of a topic's rules, whether the topic takes it or not. Raises QueryError."""
    rules = (("match", topic.match), ("exclude", topic.exclude), ("mute", topic.mute))
    seen = view(archived)
    return tuple(clause for name, query in rules if query for clause in _clauses(name, parse(query), seen, context))


def hits_of(spots: tuple[Spot, ...], seen: View) -> tuple[Hit, ...]:
    return tuple(Hit(spot.clause, spot.field, *said(spot, seen, _AROUND)) for spot in spots)


def said(spot: Spot, seen: View, around: int) -> tuple[str, int, int]:
    """The words of a spot with some around them, and where in that they are."""
    for field in TEXT_FIELDS:
        if spot.field == field:
            return excerpt(*place(seen[field], spot), around)
    return spot.said, 0, len(spot.said)


def line(rule: Node, found: tuple[Hit, ...]) -> str:
    if not found:
        return f"'{_one_line(rule.clause)}', of which nothing is there"
    first, more = found[0], len(found) - 1
    said = f"'{_one_line(first.clause)}' in {first.field}: \"{first.text}\""
    return f"{said} (and {more} more)" if more else said


def failed(node: Node, seen: View, context: Context) -> str:
    clause = _one_line(node.clause)
    if isinstance(node, Or):
        return f"no clause of '{clause}' matches"
    if isinstance(node, And):
        part = next(part for part in node.parts if not holds(part, seen, context))
        return f"{failed(part, seen, context)}, and '{clause}' asks for it"
    if isinstance(node, Not):
        spots = find(node.part, seen, context) or ()
        return f"'{clause}' forbids {line(node.part, hits_of(spots, seen))}"
    return f"'{clause}' does not match"


def _one_line(clause: str) -> str:
    return " ".join(clause.split())


def _clauses(rule: str, node: Node, seen: View, context: Context) -> Iterator[Clause]:
    match node:
        case And() | Or():
            for part in node.parts:
                yield from _clauses(rule, part, seen, context)
        case Weighted():
            yield from _clauses(rule, node.part, seen, context)
        case _:
            asked = node.part if isinstance(node, Not) else node
            spots = find(asked, seen, context)
            late = spots is None and isinstance(asked, Regex) and runs_away(asked, seen)
            is_there = (spots is not None) is not isinstance(node, Not)
            yield Clause(rule, _one_line(node.clause), is_there, hits_of(spots or (), seen), late)
