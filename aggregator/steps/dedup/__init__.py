"""Whether an entry, a page or a text was here before."""

from aggregator.steps.dedup.captions import caption_key
from aggregator.steps.dedup.edits import cut, revised
from aggregator.steps.dedup.entries import changes, known_by
from aggregator.steps.dedup.likeness import compare, likenesses, text_keys
from aggregator.steps.dedup.origins import origin
from aggregator.steps.dedup.stories import apart, stories

__all__ = [
    "apart",
    "caption_key",
    "changes",
    "compare",
    "cut",
    "known_by",
    "likenesses",
    "origin",
    "revised",
    "stories",
    "text_keys",
]
