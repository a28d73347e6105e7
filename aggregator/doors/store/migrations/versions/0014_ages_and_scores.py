"""Decisions that hold until an article is too old, and what its clauses count."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.add_column("decisions", sa.Column("until", sa.DateTime(timezone=True)))
    op.add_column("decisions", sa.Column("score", sa.Float(), nullable=False, server_default="1"))
    op.create_index("ix_decisions_until", "decisions", ["topic_id", "until"])
