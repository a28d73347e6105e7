"""Every row of the tables as a source, all at once and beside good ones: through `poll`, `run` and `add`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.hostile import rows_documents, rows_network, rows_xml
from tests.hostile.feeds import GOOD, good
from tests.hostile.runs import Ran, aggregator, hostile_home, passed, troubles
from tests.hostile.server import Row, Server, http

GOODS = tuple(Row(name=f"good/{n}", answer=http(good(str(n))), kept=GOOD) for n in range(6))
ROWS = (*GOODS[:3], *rows_xml.ROWS, *rows_documents.ROWS, *rows_network.ROWS, *GOODS[3:])


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(ROWS) as server:
        yield server


def _wrong(server: Server, ran: Ran, said: list[dict[str, Any]], is_added: bool = False) -> Iterator[str]:
    """What is not as its row says."""
    for row, of_row in zip(ROWS, said, strict=True):
        wanted = row.added if is_added and row.added else row.error
        error, entries = of_row["error"], of_row["entries"]
        is_so = wanted in error if wanted is not None and error else (error, entries) == (wanted, row.kept)
        if not is_so:
            yield f"{row.name}: {row.kept} entries or {wanted!r} wanted, got {entries} and {error!r}"
    yield from troubles(server, ran)


@pytest.mark.parametrize("command", ["poll", "run"])
def test_each_source_keeps_what_it_has_or_says_what_is_wrong_with_it(
    server: Server, tmp_path: Path, command: str
) -> None:
    named = [{"url": server.url(row), "name": row.name.replace("/", "-")} for row in ROWS]
    home = hostile_home(tmp_path, server, named, "full_text = false")
    ran = passed(home, command)
    assert ran.code == {"poll": 3, "run": 0}[command], ran.err
    said = {source["name"]: source for source in aggregator(home, "list", "--json").lines}
    assert not list(_wrong(server, ran, [said[source["name"]] for source in named]))


def test_to_add_a_hostile_source_is_one_line(server: Server, tmp_path: Path) -> None:
    home = hostile_home(tmp_path, server, [], "")
    ran = aggregator(home, "add", "--no-archive", "--json", *map(server.url, ROWS))
    assert ran.code == 3, ran.err
    assert not list(_wrong(server, ran, ran.lines, is_added=True))
