"""What was archived and published, over HTTP."""

from aggregator.serve.archive import Archive
from aggregator.serve.pages import application

__all__ = ["Archive", "application"]
