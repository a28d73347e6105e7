"""Many topics, made ready for the articles that arrive: of most articles most topics need not be asked."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from aggregator.errors import QueryError
from aggregator.model import Archived, Article, Decision, Judged, LiveTopic, Topic
from aggregator.steps.match.ast import And, Fact, FactField, Near, Node, Or, Term, Weighted
from aggregator.steps.match.decide import decide
from aggregator.steps.match.parser import parse
from aggregator.steps.match.prefilter import Pre, admits, prefilter
from aggregator.steps.match.prefilter import liked as liked_by
from aggregator.steps.match.view import Context, View, view

Words = tuple[str, str, str, str]
"""Title, text, captions and byline of an article, as the index has them."""

Anchor = tuple[str, bool]
"""A word that a rule needs, and whether it may go on; or a fact, with its field, which no word looks like."""

_FACTS: tuple[FactField, ...] = ("source", "tag", "lang")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rules:
    """The live topics by the words and facts that their rules cannot do without."""

    stamp: tuple[int, int]  # changes whenever what is here may have
    versions: Mapping[int, int]
    names: frozenset[str]  # of articles, by `like:`
    liked: Mapping[str, Article]
    words: Mapping[str, tuple[LiveTopic, ...]]
    openings: Mapping[str, tuple[LiveTopic, ...]]
    lengths: tuple[int, ...]  # of `openings`
    always: tuple[LiveTopic, ...]  # no word tells of these
    pres: Mapping[int, Pre | None]

    @property
    def missing(self) -> frozenset[str]:
        """Articles that rules name by `like:`, and that there are not, or were not yet."""
        return self.names - self.liked.keys()

    def judged(self, archived: Archived, words: Words, context: Context) -> Judged:
        """What all topics say of an article; one whose rule cannot be read takes nothing, and holds up no other."""
        near = self._near(words, view(archived))
        decisions = {live.topic.id or 0: _decision(live.topic, archived, context) for live in near}
        return Judged(stamp=self.stamp, versions=self.versions, decisions=decisions)

    def _near(self, words: Words, seen: View) -> Iterable[LiveTopic]:
        yield from self.always
        if not self.words and not self.openings:
            return
        said = set(" ".join(words).split()).union(f"{name}:{fact}" for name in _FACTS for fact in seen.facts[name])
        found = {live.topic.id: live for word in said & self.words.keys() for live in self.words[word]}
        for length in self.lengths:
            for opening in {word[:length] for word in said} & self.openings.keys():
                found |= {live.topic.id: live for live in self.openings[opening]}
        spaced: Words = (f" {words[0]} ", f" {words[1]} ", f" {words[2]} ", f" {words[3]} ")
        yield from (live for id, live in found.items() if admits(self.pres[id or 0], spaced))


def rules(stamp: tuple[int, int], live: Iterable[LiveTopic], liked: Mapping[str, Article]) -> Rules:
    """`liked` are the articles that the rules name by `like:`."""
    words: dict[str, tuple[LiveTopic, ...]] = {}
    openings: dict[str, tuple[LiveTopic, ...]] = {}
    always: list[LiveTopic] = []
    pres: dict[int, Pre | None] = {}
    live = tuple(live)
    queries = [query for each in live for query in each.topic.queries]
    for each in live:
        node = _readable(each.topic.match)
        pres[each.topic.id or 0] = prefilter(node) if node else None
        anchors = _anchors(node) if node else None
        if anchors is None:
            always.append(each)
        for word, goes_on in anchors or ():
            index = openings if goes_on else words
            index[word] = (*index.get(word, ()), each)
    return Rules(
        stamp=stamp,
        versions={each.topic.id or 0: each.version for each in live},
        names=liked_by(*queries),
        liked=liked,
        words=words,
        openings=openings,
        lengths=tuple({len(opening) for opening in openings}),
        always=tuple(always),
        pres=pres,
    )


def _anchors(node: Node) -> frozenset[Anchor] | None:
    """Words and facts of which an article must have one; None: there are none such."""
    match node:
        case Term():
            whole = node.tokens[:-1] if node.prefix else node.tokens
            # The longest is the rarest, as a rule.
            return frozenset({(max(whole, key=len), False) if whole else (node.tokens[-1], True)})
        case Fact() if node.field in _FACTS:
            return frozenset({(f"{node.field}:{node.value}", False)})
        case Weighted():
            return _anchors(node.part)
        case Or():
            parts = [_anchors(part) for part in node.parts]
            some = [part for part in parts if part is not None]
            return frozenset().union(*some) if len(some) == len(parts) else None
        case And() | Near():
            return min(filter(None, map(_anchors, node.parts)), key=_frequency, default=None)
        case _:
            return None


def _frequency(anchors: frozenset[Anchor]) -> tuple[int, int]:
    """A guess: of few, long words; a fact is in more articles than a word."""
    return len(anchors), -min(0 if ":" in said else len(said) for said, _ in anchors)


def _readable(query: str) -> Node | None:
    try:
        return parse(query)
    except QueryError:
        return None


def _decision(topic: Topic, archived: Archived, context: Context) -> Decision:
    try:
        return decide(topic, archived, context)
    except QueryError as error:
        return Decision(selected=False, reason=f"not selected: its rule cannot be read: {error}")
