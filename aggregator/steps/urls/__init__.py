"""Addresses: their one spelling, and the key under which one page is known."""

from aggregator.steps.urls.page import page_key
from aggregator.steps.urls.spelling import MAX_LENGTH, absolute, host, is_plain, normal

__all__ = ["MAX_LENGTH", "absolute", "host", "is_plain", "normal", "page_key"]
