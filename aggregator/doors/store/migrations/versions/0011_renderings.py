"""An article is rendered again only when it changed; the index page is published when it is due."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.add_column("articles", sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
    reports = sa.table("reports", sa.column("name", sa.Text()), sa.column("publish_at", sa.DateTime(timezone=True)))
    op.bulk_insert(reports, [{"name": "index", "publish_at": datetime(1970, 1, 1, tzinfo=UTC)}])
