"""Questions about pages that were kept as they were fetched."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, or_, select

from aggregator.doors.store.tables import articles

MOST = 100
"""Articles of one page: as many sources have it."""


def entries_of(tx: Connection, page_keys: Collection[str], until: datetime) -> tuple[int, ...]:
    """The entries whose articles are of one of these pages, but for those that were edited later than `until`."""
    c = articles.c
    is_settled = or_(c.revised_at.is_(None), c.revised_at <= until)
    query = select(c.entry_id).where(c.page_key.in_(page_keys), is_settled).order_by(c.id).limit(MOST)
    return tuple(tx.scalars(query))
