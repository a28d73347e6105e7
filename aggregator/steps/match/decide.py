"""Whether a topic takes an article, and the words for why."""

from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache

from aggregator.model import Archived, Decision, Snippet, Topic
from aggregator.steps.match import wanted
from aggregator.steps.match.ast import Node, Within, leaves
from aggregator.steps.match.explain import failed, hits_of, line, said
from aggregator.steps.match.find import Spot, counted, find, first, holds
from aggregator.steps.match.parser import parse
from aggregator.steps.match.view import Context, View, excerpt, view

_AROUND_SNIPPET = 14  # words


def matches(node: Node, archived: Archived, context: Context) -> bool:
    return holds(node, view(archived), context)


def decide(topic: Topic, archived: Archived, context: Context) -> Decision:
    """As of now, and until when that holds. Raises QueryError where the topic's rules cannot be read."""
    seen = view(archived)
    decision = _decide(topic, archived, seen, context)
    for moment in _turns(topic, seen, context.now):
        if _decide(topic, archived, seen, replace(context, now=moment)).selected is not decision.selected:
            return replace(decision, until=moment)
    return decision


def found(node: Node, archived: Archived, context: Context) -> tuple[Spot, ...] | None:
    """Where it matches, as far as a snippet shows it; None: it does not."""
    return first(node, view(archived), context)


def snippet(archived: Archived, spots: tuple[Spot, ...]) -> Snippet | None:
    """Some thirty words about the first hit in text or captions, else the beginning; None: no text."""
    seen = view(archived)
    shown = sorted((spot for spot in spots if spot.field in ("text", "caption")), key=lambda spot: spot.field != "text")
    for spot in shown:
        return Snippet(*said(spot, seen, _AROUND_SNIPPET))
    opening = next(filter(None, seen["text"].paragraphs), "")
    return Snippet(excerpt(opening, 0, 0, 2 * _AROUND_SNIPPET)[0]) if opening else None


def _decide(topic: Topic, archived: Archived, seen: View, context: Context) -> Decision:
    rule = parse(topic.match)
    if reason := wanted.trouble(topic, archived, seen, context):
        return Decision(selected=False, reason=f"not selected: {reason}")
    spots = find(rule, seen, context)
    if spots is None:
        return Decision(selected=False, reason=f"not selected: {failed(rule, seen, context)}")
    found, score = hits_of(spots, seen), counted(topic.match, spots, lambda leaf: holds(leaf, seen, context))
    if topic.threshold is not None and score < topic.threshold:
        reason = f"not selected: its score is {score:g}, not {topic.threshold:g}: {line(rule, found)}"
        return Decision(selected=False, reason=reason, hits=found, score=score)
    for word, against in (("excluded", topic.exclude), ("muted", topic.mute)):
        if against and (there := find(parse(against), seen, context)) is not None:
            hits = hits_of(there, seen)
            reason = f"not selected: {word} by {line(parse(against), hits)}"
            return Decision(selected=False, reason=reason, hits=hits, score=score)
    return Decision(selected=True, reason=f"match {line(rule, found)}", hits=found, score=score)


@lru_cache(maxsize=4096)
def _ages(query: str) -> tuple[timedelta, ...]:
    return tuple(leaf.age for leaf in leaves(parse(query)) if isinstance(leaf, Within))


def _turns(topic: Topic, seen: View, now: datetime) -> list[datetime]:
    """The moments from which another answer may be true, the next one first."""
    ages = {age for query in topic.queries for age in _ages(query)} | ({topic.window} if topic.window else set())
    return sorted(moment for age in ages if (moment := seen.dated + age) > now)
