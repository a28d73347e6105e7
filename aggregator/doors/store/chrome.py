"""What the pages of a host repeat, in the form that the step which judges it packs it in: a row for each host."""

from collections.abc import Callable

from sqlalchemy import Connection, select

from aggregator.doors.store import dialect
from aggregator.doors.store.tables import chrome


def of(tx: Connection, host: str) -> str | None:
    return tx.execute(select(chrome.c.blocks).where(chrome.c.host == host)).scalar()


def change(tx: Connection, host: str, remember: Callable[[str | None], str]) -> None:
    """Replace what is remembered of a host by what `remember` makes of it."""
    blocks = remember(of(tx, host))
    query = dialect.insert(tx.dialect.name, chrome).values(host=host, blocks=blocks)
    tx.execute(query.on_conflict_do_update(index_elements=[chrome.c.host], set_={"blocks": blocks}))
