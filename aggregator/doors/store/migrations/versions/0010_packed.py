"""Texts are packed."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import op

from aggregator.doors.store.packing import Body, joined, pack

revision = "0010"
down_revision = "0009"

_BATCH = 200


def upgrade() -> None:
    op.create_table(
        "dictionaries",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("trained_to", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dictionaries")),
    )
    for table, old, new, nullable in (
        ("articles", ("text", "html"), "body", False),
        ("revisions", ("text",), "text_packed", False),
        ("entries", ("summary",), "summary_packed", True),
        ("entries", ("content",), "content_packed", True),
    ):
        default = None if nullable else sa.text("''")
        op.add_column(table, sa.Column(new, sa.LargeBinary(), nullable=nullable, server_default=default))
        _pack(table, old, new, lambda said: joined(Body(*said)) if len(said) == 2 else said[0])
        for name in old:
            op.drop_column(table, name)
        if new.endswith("_packed"):
            op.alter_column(table, new, new_column_name=old[0])


def _pack(table: str, old: tuple[str, ...], new: str, joined: Callable[[tuple[str, ...]], str]) -> None:
    """Row by row in the order of the key, so many at a time."""
    keys = ("article_id", "number") if table == "revisions" else ("id",)
    rows = sa.table(table, *(sa.column(name) for name in (*keys, *old)), sa.column(new, sa.LargeBinary))
    key = sa.tuple_(*(rows.c[name] for name in keys))
    change = sa.update(rows).where(*(rows.c[name] == sa.bindparam(f"of_{name}") for name in keys))
    change = change.values({new: sa.bindparam("packed", type_=sa.LargeBinary)})
    wanted = sa.select(rows).where(rows.c[old[-1]].is_not(None)).order_by(*(rows.c[name] for name in keys))
    after: tuple[Any, ...] = (0,) * len(keys)
    tx = op.get_bind()
    while found := tx.execute(wanted.where(key > sa.tuple_(*map(sa.literal, after))).limit(_BATCH)).all():
        packed = [
            {f"of_{name}": row._mapping[name] for name in keys}
            | {"packed": pack(joined(tuple(row._mapping[name] for name in old)), None)}
            for row in found
        ]
        tx.execute(change, packed)
        after = tuple(found[-1]._mapping[name] for name in keys)
