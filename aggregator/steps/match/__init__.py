"""Articles held against the rules of topics and against searches; docs/query-language.md says how they are written."""

from aggregator.steps.match.ast import Leaf, Node
from aggregator.steps.match.decide import decide, found, matches, snippet
from aggregator.steps.match.doubts import doubts
from aggregator.steps.match.explain import explain
from aggregator.steps.match.likely import likely
from aggregator.steps.match.limits import Limits, limits, topic_limits
from aggregator.steps.match.parser import parse
from aggregator.steps.match.prefilter import Pre, liked, prefilter
from aggregator.steps.match.relevance import relevance, titled
from aggregator.steps.match.rules import Rules, Words, rules
from aggregator.steps.match.told import asked, in_full, is_sure, told
from aggregator.steps.match.view import Context

__all__ = [
    "Context",
    "Leaf",
    "Limits",
    "Node",
    "Pre",
    "Rules",
    "Words",
    "asked",
    "decide",
    "doubts",
    "explain",
    "found",
    "in_full",
    "is_sure",
    "liked",
    "likely",
    "limits",
    "matches",
    "parse",
    "prefilter",
    "relevance",
    "rules",
    "snippet",
    "titled",
    "told",
    "topic_limits",
]
