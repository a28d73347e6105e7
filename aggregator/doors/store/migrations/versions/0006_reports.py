"""Feeds on the archive itself are published when they are due; how an entry was known again."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("entries", sa.Column("again", sa.Text()))
    reports = op.create_table(
        "reports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("publish_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reports")),
        sa.UniqueConstraint("name", name=op.f("uq_reports_name")),
    )
    # Due at once: an empty feed of edits is one that can be followed.
    op.bulk_insert(reports, [{"name": "changes", "publish_at": datetime(1970, 1, 1, tzinfo=UTC)}])
