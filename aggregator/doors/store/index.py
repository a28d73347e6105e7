"""Which articles the indexes say may match a query: the words of their texts, and the keys of their wording."""

from typing import Any

from sqlalchemy import Connection, Select, intersect, select, union
from sqlalchemy.sql.selectable import CompoundSelect

from aggregator.doors.store import dialect, textkeys

Prefilter = dialect.Prefilter
"""As dialect takes it, or with ("keys", text keys) in it."""


def may_match(tx: Connection, prefilter: Prefilter) -> Select[Any] | CompoundSelect[Any]:
    """A query for their ids."""
    if is_of_words(prefilter):
        return dialect.found(tx, prefilter)
    if prefilter[0] == "keys":
        return textkeys.having(prefilter[1])
    # SQLite takes no brackets around the parts of a compound: each is a table of its own.
    parts = [select(may_match(tx, part).subquery()) for part in prefilter[1]]
    return (intersect if prefilter[0] == "and" else union)(*parts)


def is_of_words(prefilter: Prefilter) -> bool:
    return prefilter[0] == "term" or (prefilter[0] != "keys" and all(map(is_of_words, prefilter[1])))
