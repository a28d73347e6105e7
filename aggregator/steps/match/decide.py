"""Whether a topic takes an article, and the words for why."""

from collections.abc import Iterable

from aggregator.errors import QueryError
from aggregator.model import Archived, Decision, Hit, Topic
from aggregator.steps import text
from aggregator.steps.match.ast import TEXT_FIELDS, And, Node, Not, Or
from aggregator.steps.match.find import Spot, View, excerpt, find, view
from aggregator.steps.match.parser import parse
from aggregator.steps.match.prefilter import admits, of_query

_AROUND_HIT = 5  # words
_AROUND_SNIPPET = 14


def hits(node: Node, archived: Archived) -> tuple[Hit, ...] | None:
    """The clauses that matched; None: the query does not. Empty: it matches by what is not there."""
    seen = view(archived)
    spots = find(node, seen)
    return None if spots is None else _hits(spots, seen)


def decide(topic: Topic, archived: Archived) -> Decision:
    """Raises QueryError where the topic's rules cannot be read."""
    rule, exclude = parse(topic.match), parse(topic.exclude) if topic.exclude else None
    if reason := _source_trouble(topic, archived) or _language_trouble(topic, archived):
        return Decision(selected=False, reason=f"not selected: {reason}")
    seen = view(archived)
    spots = find(rule, seen)
    if spots is None:
        return Decision(selected=False, reason=f"not selected: {_failed(rule, seen)}")
    if exclude and (against := find(exclude, seen)) is not None:
        excluded = _hits(against, seen)
        reason = f"not selected: excluded by {_line(exclude, excluded)}"
        return Decision(selected=False, reason=reason, hits=excluded)
    found = _hits(spots, seen)
    return Decision(selected=True, reason=f"match {_line(rule, found)}", hits=found)


def decide_all(topics: Iterable[Topic], archived: Archived) -> dict[str, Decision]:
    """The decision of each topic, by name; one whose rule cannot be read takes nothing, and holds up no other."""
    return {topic.name: _decision(topic, archived) for topic in topics}


def may_take(topic: Topic, words: tuple[str, str, str, str]) -> bool:
    """Whether the topic may take an article with these words in the index (title, text, captions, byline): of most
    articles most topics need not `decide`."""
    try:
        return admits(of_query(topic.match), words)
    except QueryError:
        return True


def snippet(archived: Archived, node: Node) -> str | None:
    """Some thirty words about the first hit in text or captions, else the beginning; None: no match, no text."""
    seen = view(archived)
    spots = find(node, seen)
    if spots is None:
        return None
    shown = sorted((spot for spot in spots if spot.field in ("text", "caption")), key=lambda spot: spot.field != "text")
    for spot in shown:
        return _said(spot, seen, _AROUND_SNIPPET)
    return excerpt(seen.fields["text"], Spot("", "text", at=1), 2 * _AROUND_SNIPPET) or None


def _decision(topic: Topic, archived: Archived) -> Decision:
    try:
        return decide(topic, archived)
    except QueryError as error:
        return Decision(selected=False, reason=f"not selected: its rule cannot be read: {error}")


def _hits(spots: tuple[Spot, ...], seen: View) -> tuple[Hit, ...]:
    return tuple(Hit(spot.clause, spot.field, _said(spot, seen, _AROUND_HIT)) for spot in spots)


def _said(spot: Spot, seen: View, around: int) -> str:
    for field in TEXT_FIELDS:
        if spot.field == field:
            return excerpt(seen.fields[field], spot, around)
    return spot.said


def _line(rule: Node, found: tuple[Hit, ...]) -> str:
    if not found:
        return f"'{_one_line(rule.clause)}', of which nothing is there"
    first, more = found[0], len(found) - 1
    said = f"'{_one_line(first.clause)}' in {first.field}: \"{first.text}\""
    return f"{said} (and {more} more)" if more else said


def _failed(node: Node, seen: View) -> str:
    clause = _one_line(node.clause)
    if isinstance(node, Or):
        return f"no clause of '{clause}' matches"
    if isinstance(node, And):
        part = next(part for part in node.parts if find(part, seen) is None)
        return f"{_failed(part, seen)}, and '{clause}' asks for it"
    if isinstance(node, Not):
        spots = find(node.part, seen) or ()
        return f"'{clause}' forbids {_line(node.part, _hits(spots, seen))}"
    return f"'{clause}' does not match"


def _one_line(clause: str) -> str:
    return " ".join(clause.split())


def _source_trouble(topic: Topic, archived: Archived) -> str | None:
    tags = set(map(text.fold, archived.tags))
    for source in topic.sources:
        if source == archived.source or (source.startswith("tag:") and text.fold(source[4:]) in tags):
            return None
    return f"source '{archived.source}' is not among {', '.join(topic.sources)}" if topic.sources else None


def _language_trouble(topic: Topic, archived: Archived) -> str | None:
    wanted = ", ".join(topic.languages)
    language = (archived.article.language or "").lower().replace("_", "-")
    if not wanted or any(f"{language}-".startswith(f"{code.lower()}-") for code in topic.languages):
        return None
    return f"language '{language}' is not among {wanted}" if language else f"its language is not known, not {wanted}"
