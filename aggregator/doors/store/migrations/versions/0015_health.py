"""A feed of what wants a look."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    reports = sa.table("reports", sa.column("name"), sa.column("publish_at", sa.DateTime(timezone=True)))
    op.bulk_insert(reports, [{"name": "health", "publish_at": datetime(1970, 1, 1, tzinfo=UTC)}])
