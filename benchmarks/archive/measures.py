"""What a database says of its own size, and what its server has spent."""

import os
from pathlib import Path

from sqlalchemy import Connection, text

from aggregator.doors.store import dialect

_SQLITE = "SELECT name, sum(pgsize) AS bytes FROM dbstat GROUP BY name"
_POSTGRESQL = """
    SELECT relname AS name, pg_relation_size(oid) + coalesce(pg_relation_size(nullif(reltoastrelid, 0)), 0) AS bytes
    FROM pg_class WHERE relkind IN ('r', 'i') AND relnamespace = 'public'::regnamespace
"""


def bytes_by_table(tx: Connection) -> dict[str, int]:
    """Of tables and indexes that hold anything; the full-text index is one."""
    found: dict[str, int] = {}
    for row in tx.execute(text(_SQLITE if tx.dialect.name == "sqlite" else _POSTGRESQL)):
        name = "full text" if "articles_fts" in row.name else row.name
        found[name] = found.get(name, 0) + int(row.bytes)
    return found


def articles(tx: Connection) -> int:
    return int(tx.scalar(text("SELECT count(*) FROM articles")) or 0)


def settle(tx: Connection) -> None:
    """What is done in quiet hours; PostgreSQL does it by itself, and its planner knows nothing of what just came."""
    if tx.dialect.name == "postgresql":
        tx.execute(text("ANALYZE"))
    dialect.tidy(tx)
    while dialect.merge_index(tx):
        pass


def server_pid(tx: Connection) -> int | None:
    """The process that all of PostgreSQL's are children of."""
    if tx.dialect.name == "sqlite":
        return None
    return _parent(int(tx.scalar(text("SELECT pg_backend_pid()")) or 0))


def server_seconds(pid: int | None) -> float:
    """CPU of the server and its children, those that ended too."""
    if pid is None:
        return 0.0
    mine = [int(p.name) for p in Path("/proc").iterdir() if p.name.isdecimal() and _parent(int(p.name)) == pid]
    return _ticks(pid, 4) + sum(_ticks(child, 2) for child in mine)


def _parent(pid: int) -> int:
    fields = _stat(pid)
    return int(fields[1]) if fields else 0


def _ticks(pid: int, figures: int) -> float:
    """Of utime, stime, cutime and cstime the first so many."""
    fields = _stat(pid)
    return sum(map(int, fields[11 : 11 + figures])) / os.sysconf("SC_CLK_TCK") if fields else 0.0


def _stat(pid: int) -> list[str]:
    """Behind the name, which may hold spaces: state, parent, …"""
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    except OSError:
        return []
