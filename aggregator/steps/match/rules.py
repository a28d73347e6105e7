"""Many topics, made ready for the articles that arrive: of most articles most topics need not be asked."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from aggregator.errors import QueryError
from aggregator.model import Archived, Article, Decision, Judged, LiveTopic, Topic
from aggregator.steps.match.decide import decide
from aggregator.steps.match.parser import parse
from aggregator.steps.match.prefilter import Pre, admits, prefilter
from aggregator.steps.match.prefilter import liked as liked_by
from aggregator.steps.match.view import Context

Words = tuple[str, str, str, str]
"""Title, text, captions and byline of an article, as the index has them."""

Anchor = tuple[str, bool]
"""A word that a rule needs, and whether it may go on."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rules:
    """The live topics by the words that their rules cannot do without."""

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
        decisions = {live.topic.id or 0: _decision(live.topic, archived, context) for live in self._near(words)}
        return Judged(stamp=self.stamp, versions=self.versions, decisions=decisions)

    def _near(self, words: Words) -> Iterable[LiveTopic]:
        said = set(" ".join(words).split())
        found = {live.topic.id: live for word in said & self.words.keys() for live in self.words[word]}
        for length in self.lengths:
            for opening in {word[:length] for word in said} & self.openings.keys():
                found |= {live.topic.id: live for live in self.openings[opening]}
        spaced: Words = (f" {words[0]} ", f" {words[1]} ", f" {words[2]} ", f" {words[3]} ")
        yield from self.always
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
        pre = pres[each.topic.id or 0] = _prefilter(each.topic)
        anchors = _anchors(pre)
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


def _anchors(pre: Pre | None) -> frozenset[Anchor] | None:
    """Words of which an article must have one; None: there are no such words."""
    if pre is None or pre[0] == "keys":
        return None
    if pre[0] == "term":
        _, _, tokens, is_prefix = pre
        whole = tokens[:-1] if is_prefix else tokens
        # The longest is the rarest, as a rule.
        return frozenset({(max(whole, key=len), False) if whole else (tokens[-1], True)})
    parts = [_anchors(part) for part in pre[1]]
    some = [part for part in parts if part is not None]
    if pre[0] == "or":
        return frozenset().union(*some) if len(some) == len(parts) else None
    return min(some, key=lambda anchors: (len(anchors), -min(len(word) for word, _ in anchors)), default=None)


def _prefilter(topic: Topic) -> Pre | None:
    try:
        return prefilter(parse(topic.match))
    except QueryError:
        return None


def _decision(topic: Topic, archived: Archived, context: Context) -> Decision:
    try:
        return decide(topic, archived, context)
    except QueryError as error:
        return Decision(selected=False, reason=f"not selected: its rule cannot be read: {error}")
