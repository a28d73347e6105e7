"""The whole archive as JSON lines, and back."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import chain, takewhile
from typing import Any

from sqlalchemy import Connection

from aggregator.app import App
from aggregator.doors import files
from aggregator.doors.store import schema, whole
from aggregator.errors import AggregatorError
from aggregator.jobs import THINKING
from aggregator.questions import line

MAX_REFUSED = 1000
"""Refused lines that are told; of more, how many."""


@dataclass(slots=True)
class Taken:
    """What became of the lines of a whole archive."""

    rows: dict[str, int] = field(default_factory=dict)  # kept, by table
    refused: list[tuple[int, str]] = field(default_factory=list)  # line number, reason
    more: int = 0

    def refuse(self, number: int, reason: str) -> None:
        if len(self.refused) < MAX_REFUSED:
            self.refused.append((number, reason))
        else:
            self.more += 1


async def dump(app: App, write: Callable[[str], object], step: Callable[[int], None]) -> None:
    """Every row, as of one moment, behind a line that says how many there are."""

    def run(tx: Connection) -> None:
        counts = whole.counts(tx)
        total = sum(counts.values())
        write(line({"archive": schema.HEAD, "rows": counts}))
        for row in whole.rows(tx):
            write(line(row))
            step(total)

    await app.store.read(run)


def head(first: str) -> dict[str, Any] | None:
    """What the first line of a whole archive says; None where it is none."""
    if '"archive"' not in first[:20]:
        return None
    try:
        said = json.loads(first)
    except ValueError:
        return None
    return said if isinstance(said, dict) and isinstance(said.get("rows"), dict) else None


async def load(app: App, name: str, said: dict[str, Any], lines: Iterable[str], step: Callable[[int], None]) -> Taken:
    """Put a whole archive into an empty one: all that can be kept, or nothing where it ends by an error."""
    if not isinstance(said["archive"], str) or said["archive"] > schema.HEAD:
        raise AggregatorError(name, schema.newer(str(said["archive"])))
    taken = Taken()
    expected = {table: n for table, n in said["rows"].items() if isinstance(n, int)}
    total = sum(expected.values()) + expected.get("articles", 0)
    read = _read(lines, taken)
    first = {table.name for table in whole.FIRST}
    rest: list[tuple[int, whole.Row]] = []

    def is_first(numbered: tuple[int, whole.Row]) -> bool:
        if numbered[1].get("table") in first:
            return True
        rest.append(numbered)
        return False

    with files.lock(app.config.storage / "daemon.lock"):

        def begin(tx: Connection) -> None:
            whole.empty(tx, app.store.name)
            taken.rows |= whole.load(tx, takewhile(is_first, read), taken.refuse, partial(step, total))

        def go_on(tx: Connection) -> None:
            for table, n in whole.load(tx, chain(rest, read), taken.refuse, partial(step, total)).items():
                taken.rows[table] += n
            whole.index(tx, THINKING, partial(step, total))

        await app.store.write(begin)
        await app.store.write(go_on)
    for table, n in expected.items():
        if taken.rows.get(table, 0) < n:
            taken.refuse(0, f"{table}: {taken.rows.get(table, 0)} rows were kept of {n} that its first line promises")
    return taken


def _read(lines: Iterable[str], taken: Taken) -> Iterator[tuple[int, whole.Row]]:
    for number, said in enumerate(lines, 2):
        if not said.strip():
            continue
        try:
            row = json.loads(said)
        except (ValueError, RecursionError) as error:
            taken.refuse(number, f"not JSON: {error}")
            continue
        if isinstance(row, dict):
            yield number, row
        else:
            taken.refuse(number, "not a JSON object")
