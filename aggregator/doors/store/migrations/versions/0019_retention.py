"""What may be deleted, what is starred, and what was deleted."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.add_column("sources", sa.Column("keep_for", sa.Integer()))
    op.add_column("sources", sa.Column("keep_most", sa.Integer(), nullable=False, server_default="0"))
    op.drop_index("ix_articles_source_id", "articles")
    op.create_index("ix_articles_source_id_first_seen", "articles", ["source_id", "first_seen"])
    op.create_table(
        "stars",
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("starred_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name=op.f("fk_stars_article_id")),
        sa.PrimaryKeyConstraint("article_id", name=op.f("pk_stars")),
    )
    op.create_table(
        "tombstones",
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("words", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_tombstones_entry_id")),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_tombstones")),
        sa.UniqueConstraint("article_id", name=op.f("uq_tombstones_article_id")),
    )
    op.create_table(
        "withdrawn",
        sa.Column("topic_id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["topic_id"], ["topics.id"], name=op.f("fk_withdrawn_topic_id")),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_withdrawn_entry_id")),
        sa.PrimaryKeyConstraint("topic_id", "entry_id", name=op.f("pk_withdrawn")),
    )
