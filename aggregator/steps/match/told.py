"""What a topic decides where the index of words tells all that its rules ask for, and no text need be read."""

from collections.abc import Collection, Sequence, Set
from dataclasses import replace

from aggregator.model import Archived, Decision, LiveTopic, Topic
from aggregator.steps import text
from aggregator.steps.match.ast import Leaf, Node, Term, leaves
from aggregator.steps.match.decide import decide
from aggregator.steps.match.find import Spot, counted, spots
from aggregator.steps.match.parser import parse
from aggregator.steps.match.prefilter import Pre, prefilter
from aggregator.steps.match.view import Context

CUT = 64
"""Characters of a word, from which on the index may have the beginning alone."""

_NOT = Decision(selected=False, reason="not selected")


def asked(topic: Topic) -> dict[Leaf, Pre] | None:
    """What the index is to be asked for each clause of a topic's rules; None: they ask for more than words, or the
    topic does, but for what its limits say exactly."""
    if topic.window or topic.min_words or topic.only or not _is_limited(topic):
        return None
    clauses = {leaf: prefilter(leaf) for query in topic.queries for leaf in leaves(parse(query))}
    found = {leaf: pre for leaf, pre in clauses.items() if pre}
    return found if len(found) == len(clauses) else None


def is_sure(there: Collection[Leaf], credits: Sequence[str]) -> bool:
    """Whether an article has the clauses that the index says it has: a phrase is more than its words; and the index
    has the credits of pictures among their captions. That the index has all of its words, the caller has to know."""
    if not all(map(_is_word, there)):
        return False
    named = [word for credit in credits for word in text.words(credit)]
    return not any(
        _is_among(leaf, named) for leaf in there if isinstance(leaf, Term) and leaf.field in (None, "caption")
    )


def told(topic: Topic, there: Set[Leaf]) -> Decision:
    """What `decide` says of an article that has these clauses, in fewer words: which they are, and not where."""

    def of(leaf: Leaf) -> tuple[Spot, ...]:
        return (Spot(leaf.clause, ""),) if leaf in there else ()

    rule = parse(topic.match)
    found = spots(rule, of)
    if found is None or any(spots(parse(query), of) is not None for query in (topic.exclude, topic.mute) if query):
        return _NOT
    score = counted(topic.match, found, there.__contains__)
    if topic.threshold is not None and score < topic.threshold:
        return _NOT
    return Decision(selected=True, reason=_reason(rule, found), score=score)


def in_full(live: LiveTopic, kept: Decision | None, archived: Archived, context: Context) -> Decision:
    """What was decided of an article, or is as of now where nothing is kept; and where its clauses are, if it was
    `told`."""
    now = decide(live.topic, archived, context)
    if kept is None:
        return now
    if kept.hits or kept.version != live.version or not kept.selected or not now.selected:
        return kept
    return replace(kept, reason=now.reason, hits=now.hits)


def _is_limited(topic: Topic) -> bool:
    """Whether `limits.topic_limits` says exactly which sources and languages it wants."""
    return all(map(str.isascii, topic.languages)) and not any(source.startswith("tag:") for source in topic.sources)


def _is_word(leaf: Leaf) -> bool:
    """Alone, and not in the text alone: that the index does not tell."""
    return isinstance(leaf, Term) and len(leaf.tokens) == 1 and len(leaf.tokens[0]) < CUT and leaf.field != "text"


def _is_among(term: Term, words: Sequence[str]) -> bool:
    token = term.tokens[0]
    return any(word.startswith(token) for word in words) if term.prefix else token in words


def _reason(rule: Node, found: Sequence[Spot]) -> str:
    clauses = list(dict.fromkeys(" ".join(spot.clause.split()) for spot in found))
    if not clauses:
        return f"match '{' '.join(rule.clause.split())}', of which nothing is there"
    return f"match '{clauses[0]}'" + (f" (and {len(clauses) - 1} more)" if len(clauses) > 1 else "")
