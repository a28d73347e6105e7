"""What a feed says of an entry, kept once: where the article says the same, it stands there."""

from typing import Any

from sqlalchemy import Row

from aggregator.model import Entry

AS_ARTICLE = "\ufdd0"
"""In the place of words that are the article's HTML. It is no character, and none that a feed's words keep."""


def columns(entry: Entry, html: str | None) -> dict[str, str | None]:
    """What is kept of the words of an entry whose article has this HTML."""
    content, summary = entry.content, entry.summary
    if content:
        return {"content": AS_ARTICLE if content == html else content, "summary": summary}
    return {"content": content, "summary": AS_ARTICLE if summary and summary == html else summary}


def content(row: Row[*tuple[Any, ...]], html: str | None) -> str | None:
    return html if row.content == AS_ARTICLE else row.content


def summary(row: Row[*tuple[Any, ...]], html: str | None) -> str | None:
    return html if row.summary == AS_ARTICLE else row.summary


def words(row: Row[*tuple[Any, ...]]) -> str | None:
    """Its content, else its summary, of a row that has the article's body too."""
    html = row.body.html if row.body else None
    return content(row, html) or summary(row, html)
