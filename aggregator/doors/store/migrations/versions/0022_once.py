"""What an archive said twice takes no room: a page's key as its hash, indexes of the rows alone that they find."""

import sqlalchemy as sa
from alembic import op

from aggregator.doors.store.types import hashed

revision = "0022"
down_revision = "0021"

_BATCH = 5000


def upgrade() -> None:
    op.drop_index("ix_articles_page_key", "articles")
    op.add_column("articles", sa.Column("page", sa.BigInteger(), nullable=False, server_default=sa.text("0")))
    _hash(op.get_bind())
    op.drop_column("articles", "page_key")
    op.alter_column("articles", "page", new_column_name="page_key")
    op.create_index("ix_articles_page_key", "articles", ["page_key"])
    for name, table, column in (
        ("ix_entries_due", "entries", "archive_at"),
        ("ix_articles_revised_at", "articles", "revised_at"),
    ):
        there = sa.text(f"{column} IS NOT NULL")
        op.drop_index(name, table)
        op.create_index(name, table, [column], sqlite_where=there, postgresql_where=there)


def _hash(tx: sa.Connection) -> None:
    read = sa.text("SELECT id, page_key FROM articles WHERE id > :after ORDER BY id LIMIT :most")
    write, after = sa.text("UPDATE articles SET page = :page WHERE id = :id"), 0
    while rows := tx.execute(read, {"after": after, "most": _BATCH}).all():
        tx.execute(write, [{"id": row.id, "page": hashed(row.page_key)} for row in rows])
        after = rows[-1].id
