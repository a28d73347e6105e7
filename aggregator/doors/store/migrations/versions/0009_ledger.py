"""The ledger; what is there already is written down as it is found."""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

from aggregator.doors.store import ledger
from aggregator.model import Revision

revision = "0009"
down_revision = "0008"

BATCH = 500
START = datetime(1970, 1, 1, tzinfo=UTC)


def upgrade() -> None:
    op.create_table(
        "ledger",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("what", sa.String(length=8), nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("chain", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger")),
    )
    tx, after = op.get_bind(), 0
    while ids := list(tx.scalars(_IDS, {"after": after, "batch": BATCH})):
        lines = [
            ledger.Line("found", id, number, content)
            for id, number, content in sorted((*_old(tx, after, ids[-1]), *_newest(tx, after, ids[-1])))
        ]
        ledger.append(tx, lines)
        after = ids[-1]


def _newest(tx: sa.Connection, after: int, to: int) -> Iterator[tuple[int, int, bytes]]:
    captions: dict[int, list[str]] = {}
    for row in tx.execute(_CAPTIONS, {"after": after, "to": to}):
        captions.setdefault(row.article_id, []).append(row.caption)
    for row in tx.execute(_ARTICLES, {"after": after, "to": to}):
        yield row.id, row.revisions, _content(row, captions.get(row.id, ()))


def _old(tx: sa.Connection, after: int, to: int) -> Iterator[tuple[int, int, bytes]]:
    for row in tx.execute(_REVISIONS, {"after": after, "to": to}):
        said = json.loads(row.captions) if isinstance(row.captions, str) else row.captions
        yield row.article_id, row.number, _content(row, said)


def _content(row: sa.Row[Any], captions: Sequence[str]) -> bytes:
    said = Revision(
        number=0, seen_at=START, title=row.title, byline=row.byline, text=row.text, captions=tuple(captions)
    )
    return ledger.content(said)


_IDS = sa.text("SELECT id FROM articles WHERE id > :after ORDER BY id LIMIT :batch")
_ARTICLES = sa.text("SELECT id, revisions, title, byline, text FROM articles WHERE id > :after AND id <= :to")
_REVISIONS = sa.text(
    "SELECT article_id, number, title, byline, text, captions FROM revisions "
    "WHERE article_id > :after AND article_id <= :to"
)
_CAPTIONS = sa.text(
    "SELECT article_id, caption FROM images WHERE article_id > :after AND article_id <= :to AND caption <> '' "
    "ORDER BY article_id, number"
)
