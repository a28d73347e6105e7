"""What came of each source lately."""

from datetime import datetime

from sqlalchemy import Connection, func, select

from aggregator.doors.store.tables import entries
from aggregator.model import Counted


def counted(tx: Connection, since: datetime) -> dict[int, Counted]:
    """By the id of the source; what came since, and which of its pages could not be had."""
    c = entries.c
    newest = {
        row.source_id: row.at
        for row in tx.execute(select(c.source_id, func.max(c.first_seen).label("at")).group_by(c.source_id))
    }
    lately = select(c.source_id, func.count().label("n")).where(c.first_seen >= since).group_by(c.source_id)
    came = {row.source_id: row.n for row in tx.execute(lately)}
    failed = select(c.source_id, func.count().label("n"), func.max(c.id).label("last"))
    failed = failed.where(c.first_seen >= since, c.archive_error.is_not(None)).group_by(c.source_id)
    failing = {row.source_id: row for row in tx.execute(failed)}
    said = {
        row.source_id: row.archive_error
        for row in tx.execute(
            select(c.source_id, c.archive_error).where(c.id.in_([row.last for row in failing.values()]))
        )
    }
    return {
        id: Counted(
            newest_at=at,
            lately=came.get(id, 0),
            pages_failed=failing[id].n if id in failing else 0,
            page_error=said.get(id),
        )
        for id, at in newest.items()
    }
