"""Articles held against the rules of topics and against searches; docs/query-language.md says how they are written."""

from aggregator.steps.match.ast import Node
from aggregator.steps.match.decide import decide, decide_all, hits, may_take, snippet
from aggregator.steps.match.parser import parse
from aggregator.steps.match.prefilter import Pre, prefilter

__all__ = ["Node", "Pre", "decide", "decide_all", "hits", "may_take", "parse", "prefilter", "snippet"]
