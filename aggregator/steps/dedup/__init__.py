"""Whether an entry, a page or a text was here before."""

from aggregator.steps.dedup.entries import changes
from aggregator.steps.dedup.stories import MIN_WORDS, judge, revised

__all__ = ["MIN_WORDS", "changes", "judge", "revised"]
