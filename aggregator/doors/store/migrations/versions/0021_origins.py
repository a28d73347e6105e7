"""What a feed calls itself by, and when it said of itself that it was updated."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.add_column("sources", sa.Column("feed_id", sa.Text()))
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    instant = sa.BigInteger() if is_sqlite else sa.DateTime(timezone=True)
    op.add_column("entries", sa.Column("feed_updated", instant))
