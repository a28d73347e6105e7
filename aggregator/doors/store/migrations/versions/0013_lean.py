"""What an article has of columns takes less room."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

_USUAL = "no article of the archive has this page or this text"


def upgrade() -> None:
    op.drop_column("articles", "captions")  # they stand with the pictures
    op.execute(sa.text("UPDATE articles SET verdict = '' WHERE verdict = :usual").bindparams(usual=_USUAL))
    if op.get_bind().dialect.name == "sqlite":
        for table, column, nullable in (
            ("articles", "published", True),
            ("articles", "first_seen", False),
            ("articles", "revised_at", True),
            ("entries", "published", True),
            ("entries", "updated", True),
            ("entries", "first_seen", False),
        ):
            _to_microseconds(table, column, nullable)


def _to_microseconds(table: str, column: str, nullable: bool) -> None:
    indexed = column == "revised_at"
    if indexed:
        op.drop_index("ix_articles_revised_at", table)
    new = f"{column}_new"
    default = None if nullable else sa.text("0")
    op.add_column(table, sa.Column(new, sa.BigInteger(), nullable=nullable, server_default=default))
    # "2026-01-02 03:04:05.000006", which is UTC
    seconds, fraction = f"strftime('%s', substr({column}, 1, 19))", f"substr({column} || '.000000', 21, 6)"
    op.execute(f"UPDATE {table} SET {new} = {seconds} * 1000000 + {fraction} WHERE {column} IS NOT NULL")  # noqa: S608
    op.drop_column(table, column)
    op.alter_column(table, new, new_column_name=column)
    if indexed:
        op.create_index("ix_articles_revised_at", table, [column])
