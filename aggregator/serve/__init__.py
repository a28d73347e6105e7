"""What was archived and published, over HTTP."""

from aggregator.serve.archive import Archive
from aggregator.serve.limits import HEADER_SECONDS, log
from aggregator.serve.pages import application

__all__ = ["HEADER_SECONDS", "Archive", "application", "log"]
