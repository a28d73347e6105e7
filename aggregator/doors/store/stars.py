"""Questions and changes about what the user wants to keep."""

from datetime import datetime

from sqlalchemy import Connection, delete, select

from aggregator.doors.store import articles, dialect
from aggregator.doors.store.tables import stars
from aggregator.model import Archived


def star(tx: Connection, id: int, now: datetime) -> None:
    tx.execute(dialect.ignore_conflict(dialect.insert(tx.dialect.name, stars)), {"article_id": id, "starred_at": now})


def unstar(tx: Connection, id: int) -> None:
    tx.execute(delete(stars).where(stars.c.article_id == id))


def starred_at(tx: Connection, id: int) -> datetime | None:
    return tx.scalar(select(stars.c.starred_at).where(stars.c.article_id == id))


def newest(tx: Connection, before: int | None, limit: int) -> tuple[Archived, ...]:
    """The starred articles, the highest id first, before one where it is given."""
    query = select(stars.c.article_id).order_by(stars.c.article_id.desc()).limit(limit)
    ids = tx.scalars(query if before is None else query.where(stars.c.article_id < before))
    return articles.get(tx, list(ids))
