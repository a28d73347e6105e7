"""On which days the articles of each block of ids were published."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from aggregator.doors.store.types import Instant

revision = "0026"
down_revision = "0025"

_BLOCK, _BLOCKS = 128, 40
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def upgrade() -> None:
    op.create_table(
        "days",
        sa.Column("block", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("block", "day", name=op.f("pk_days")),
        sqlite_with_rowid=False,
    )
    tx = op.get_bind()
    last = tx.scalar(sa.text("SELECT max(id) FROM articles")) or 0
    some = sa.text("SELECT id, coalesce(published, first_seen) AS at FROM articles WHERE id >= :first AND id < :end")
    write = sa.text("INSERT INTO days (block, day) VALUES (:block, :day)")
    for first in range(0, last + 1, _BLOCK * _BLOCKS):
        found = tx.execute(some.columns(at=Instant), {"first": first, "end": first + _BLOCK * _BLOCKS})
        if rows := sorted({(row.id // _BLOCK, (row.at - _EPOCH).days) for row in found}):
            tx.execute(write, [{"block": block, "day": day} for block, day in rows])
