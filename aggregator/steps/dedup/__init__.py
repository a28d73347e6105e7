"""Whether an entry, a page or a text was here before."""

from aggregator.steps.dedup.captions import caption_key
from aggregator.steps.dedup.edits import cut, revised, rewritten
from aggregator.steps.dedup.entries import changes, known_by
from aggregator.steps.dedup.likeness import compare, likenesses, text_keys, wording
from aggregator.steps.dedup.origins import origin
from aggregator.steps.dedup.rule import SAME_PAGE
from aggregator.steps.dedup.stories import apart, beside, follows, remaining, stories

__all__ = [
    "SAME_PAGE",
    "apart",
    "beside",
    "caption_key",
    "changes",
    "compare",
    "cut",
    "follows",
    "known_by",
    "likenesses",
    "origin",
    "remaining",
    "revised",
    "rewritten",
    "stories",
    "text_keys",
    "wording",
]
