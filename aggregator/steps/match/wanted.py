"""What a topic asks of an article beside its rule."""

from datetime import timedelta

from aggregator.model import Archived, Topic
from aggregator.steps import text
from aggregator.steps.match.view import Context, View

_MISSING = {"page": "its text is not that of its page", "edits": "it was never edited"}


def trouble(topic: Topic, archived: Archived, seen: View, context: Context) -> str | None:
    """Why the topic wants it not, whatever it says."""
    if reason := _source_trouble(topic, archived) or _language_trouble(topic, archived):
        return reason
    if missing := next((kind for kind in topic.only if kind not in seen.facts["has"]), None):
        return f"{_MISSING[missing]}, and only = '{missing}'"
    if topic.window and context.now - seen.dated >= topic.window:
        return f"it is of {seen.dated:%Y-%m-%d}, older than the window of {_said(topic.window)}"
    if topic.min_words and seen.words < topic.min_words:
        return f"it has {seen.words} words, and min_words = {topic.min_words}"
    return None


def _said(window: timedelta) -> str:
    hours = round(window.total_seconds() / 3600)
    return f"{hours // 24} d" if hours % 24 == 0 else f"{hours} h"


def _source_trouble(topic: Topic, archived: Archived) -> str | None:
    tags = set(map(text.fold, archived.tags))
    for source in topic.sources:
        if source == archived.source or (source.startswith("tag:") and text.fold(source[4:]) in tags):
            return None
    return f"source '{archived.source}' is not among {', '.join(topic.sources)}" if topic.sources else None


def _language_trouble(topic: Topic, archived: Archived) -> str | None:
    wanted = ", ".join(topic.languages)
    language = (archived.article.language or "").lower().replace("_", "-")
    if not wanted or any(f"{language}-".startswith(f"{code.lower()}-") for code in topic.languages):
        return None
    return f"language '{language}' is not among {wanted}" if language else f"its language is not known, not {wanted}"
