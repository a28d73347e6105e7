"""Copies are found by what the texts share, no longer by a hash of the whole."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "text_keys",
        sa.Column("key", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("article_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("key", "article_id", name=op.f("pk_text_keys")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "likenesses",
        sa.Column("article_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("other_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("odds", sa.Float(), nullable=False),
        sa.Column("contained", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("article_id", "other_id", name=op.f("pk_likenesses")),
        sqlite_with_rowid=False,
    )
    op.drop_index("ix_articles_text_hash", "articles")
    op.drop_column("articles", "text_hash")
