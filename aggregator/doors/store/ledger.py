"""The ledger: what the archive kept, in order, each line with the hash of all before it (docs/keeping.md)."""

import json
from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Literal, NamedTuple

from sqlalchemy import Connection, select

from aggregator.doors.store import bulk, dialect
from aggregator.doors.store.likenesses import DECIDING
from aggregator.doors.store.tables import ledger as table
from aggregator.model import Article, Revision

What = Literal["kept", "revised", "improved", "trimmed", "deleted", "found"]
"""Kept for the first time; revised: the next revision; improved: the same revision said better; trimmed: what its site
says on every page was taken out of an old revision; deleted; found: it was there when the ledger began."""

START = bytes(32)
"""What stands before the first line."""

NOTHING = bytes(32)
"""The content of what was deleted."""


class Line(NamedTuple):
    """One line, before it has its place."""

    what: What
    article_id: int
    number: int  # of the revision
    content: bytes


def content(said: Article | Revision) -> bytes:
    """The hash of what a reader sees: headline, byline, text and captions."""
    shown = [said.title, said.byline, said.text, list(said.captions)]
    return sha256(
        json.dumps(shown, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    ).digest()


def chain(before: bytes, id: int, line: Line) -> bytes:
    """The hash of a line and all before it."""
    return sha256(before + f"{id} {line.what} {line.article_id} {line.number} ".encode() + line.content).digest()


def append(tx: Connection, lines: Sequence[Line]) -> None:
    """Write lines, in the transaction of what they tell of. One transaction at a time does."""
    if not lines:
        return
    dialect.exclusive(tx, DECIDING)  # the lock that whoever saves an article takes anyway
    id, said = head(tx)
    rows = []
    for line in lines:
        id += 1
        said = chain(said, id, line)
        rows.append((id, *line, said))
    bulk.insert(tx, table, rows)


def head(tx: Connection) -> tuple[int, bytes]:
    """The last line's number and hash: who keeps these elsewhere can tell whether a line was changed since."""
    row = tx.execute(_HEAD).one_or_none()
    return (row.id, row.chain) if row else (0, START)


def at(tx: Connection, id: int) -> bytes | None:
    """The hash that a line carries."""
    return tx.scalar(select(table.c.chain).where(table.c.id == id))


def read(tx: Connection, size: int = 500) -> Iterator[list[tuple[int, bytes, Line]]]:
    """All lines in their order, many at a time: (number, hash, line)."""
    after = 0
    while rows := tx.execute(select(table).where(table.c.id > after).order_by(table.c.id).limit(size)).all():
        after = rows[-1].id
        yield [(row.id, row.chain, Line(row.what, row.article_id, row.number, row.content)) for row in rows]


_HEAD = select(table.c.id, table.c.chain).order_by(table.c.id.desc()).limit(1)
