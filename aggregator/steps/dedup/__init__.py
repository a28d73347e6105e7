"""Whether an entry, a page or a text was here before."""

from aggregator.steps.dedup.entries import changes
from aggregator.steps.dedup.stories import judge, revised

__all__ = ["changes", "judge", "revised"]
