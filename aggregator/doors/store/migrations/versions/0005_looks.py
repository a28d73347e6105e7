"""Pages are looked at again, and what was edited is published."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("entries", sa.Column("page_etag", sa.Text()))
    op.add_column("entries", sa.Column("page_last_modified", sa.Text()))
    op.create_index("ix_articles_revised_at", "articles", ["revised_at"])
