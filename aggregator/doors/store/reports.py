"""Questions and changes about feeds on the archive itself."""

from datetime import datetime

from sqlalchemy import Connection, bindparam, select, update

from aggregator.doors.store import due
from aggregator.doors.store.tables import reports
from aggregator.model import Report


def every(tx: Connection) -> tuple[Report, ...]:
    return tuple(Report(**row._mapping) for row in tx.execute(select(reports).order_by(reports.c.id)))


def touch(tx: Connection, name: str, now: datetime) -> None:
    """There is something new to report."""
    due.soon(tx, "report", _CALLED, {"called": name}, now)


def published(tx: Connection, report: Report) -> None:
    """Nothing more to do, unless something came meanwhile: it moved publish_at."""
    done = (reports.c.id == report.id) & (reports.c.publish_at == report.publish_at)
    tx.execute(update(reports).where(done).values(publish_at=None))


# Made once: to put it together takes longer than to answer it.
_CALLED = reports.c.name == bindparam("called")
