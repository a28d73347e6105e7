"""What adaptive polling remembers of a source, and how far its past was walked."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    with op.batch_alter_table("sources") as sources:
        sources.add_column(sa.Column("arrivals", sa.Float(), nullable=False, server_default="0"))
        sources.add_column(sa.Column("watched", sa.Integer(), nullable=False, server_default="0"))
        sources.add_column(sa.Column("window", sa.Integer(), nullable=False, server_default="0"))
        sources.add_column(sa.Column("missed_at", sa.DateTime(timezone=True), nullable=True))
        sources.add_column(sa.Column("self_url", sa.Text(), nullable=True))
        sources.add_column(sa.Column("new_url", sa.Text(), nullable=True))
        sources.add_column(sa.Column("asks", sa.Integer(), nullable=True))
        sources.add_column(sa.Column("skip_hours", sa.JSON(), nullable=False, server_default="[]"))
        sources.add_column(sa.Column("skip_days", sa.JSON(), nullable=False, server_default="[]"))
        sources.add_column(sa.Column("moved_at", sa.DateTime(timezone=True), nullable=True))
        sources.add_column(sa.Column("address", sa.Text(), nullable=True))
        sources.add_column(sa.Column("history_url", sa.Text(), nullable=True))
        sources.add_column(sa.Column("history_pages", sa.Integer(), nullable=False, server_default="0"))
        sources.add_column(sa.Column("history_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_sources_history", "sources", ["history_at"], unique=False)
    op.create_table(
        "subscriptions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hub", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("renew_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["id"], ["sources.id"], name=op.f("fk_subscriptions_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscriptions")),
        sa.UniqueConstraint("token", name=op.f("uq_subscriptions_token")),
    )
    op.create_index("ix_subscriptions_due", "subscriptions", ["renew_at"], unique=False)
