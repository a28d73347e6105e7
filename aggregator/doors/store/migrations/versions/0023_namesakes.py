"""Entries are found by their addresses and titles, however many their source has."""

import sqlalchemy as sa
from alembic import op

from aggregator.doors.store.types import hashed

revision = "0023"
down_revision = "0022"

_BATCH = 5000


def upgrade() -> None:
    op.create_table(
        "entry_keys",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("entry_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("key", "entry_id", name=op.f("pk_entry_keys")),
        sqlite_with_rowid=False,
    )
    tx, after = op.get_bind(), 0
    read = sa.text("SELECT id, source_id, url, title FROM entries WHERE id > :after ORDER BY id LIMIT :most")
    write = sa.text("INSERT INTO entry_keys (key, entry_id) VALUES (:key, :id)")
    while rows := tx.execute(read, {"after": after, "most": _BATCH}).all():
        named = [(r, f"{what} {name}") for r in rows for what, name in (("url", r.url), ("title", r.title)) if name]
        keys = sorted({(hashed(f"{r.source_id} {name}"), r.id) for r, name in named})
        if keys:
            tx.execute(write, [{"key": key, "id": id} for key, id in keys])
        after = rows[-1].id
