"""What a query asks of articles beside their words, as SQL."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select

from aggregator.doors.store.tables import articles, images, sources

Limits = tuple[Any, ...]
"""("and", parts), ("or", parts), or what one is called and its value: source, lang, has, url, before, after, since."""


def condition(limits: Limits) -> ColumnElement[bool]:
    """Holds for all articles that keep to these limits."""
    what, value = limits
    c = articles.c
    match what:
        case "and":
            return and_(*map(condition, value))
        case "or":
            return or_(*map(condition, value))
        case "source":
            # A list made once, from an index: a source has few articles among those that a common word has.
            mine = articles.alias()
            return c.id.in_(
                select(mine.c.id).join(sources, sources.c.id == mine.c.source_id).where(sources.c.name == value)
            )
        case "lang":
            language = func.replace(func.lower(c.language), "_", "-")
            return or_(language == value, language.startswith(f"{value}-", autoescape=True))
        case "url":
            return func.lower(c.url).contains(value, autoescape=True)
        case "has":
            return _pictured(captioned=value == "caption")
    return _dated(what, value)


def _pictured(captioned: bool) -> ColumnElement[bool]:
    pictures = select(images.c.number).where(images.c.article_id == articles.c.id)
    return (pictures.where(images.c.caption != "") if captioned else pictures).exists()


def _dated(what: str, moment: datetime) -> ColumnElement[bool]:
    """An article from the future is, `since`, as old as its discovery."""
    dated = func.coalesce(articles.c.published, articles.c.first_seen)
    if what == "before":
        return dated < moment
    return dated >= moment if what == "after" else and_(dated >= moment, articles.c.first_seen >= moment)
