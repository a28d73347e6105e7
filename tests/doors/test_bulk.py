"""doors.store.bulk"""

from typing import Any

import pytest
from sqlalchemy import Connection, Row, select

from aggregator.doors.store import Store, bulk
from aggregator.doors.store.tables import ledger, likenesses, text_keys
from aggregator.errors import StoreError


async def test_many_rows_are_kept_in_the_order_of_their_columns(store: Store) -> None:
    rows = [(key, article) for key in range(-3, 3) for article in range(100)]
    await store.write(bulk.insert, text_keys, rows)
    kept = await store.read(lambda tx: tx.execute(select(text_keys).order_by(*text_keys.primary_key)).all())
    assert [tuple(row) for row in kept] == rows
    line = (1, "kept", 7, 1, bytes(32), b"\0\xff" * 16)
    await store.write(bulk.insert, ledger, [line])
    assert [tuple(row) for row in await store.read(lambda tx: tx.execute(select(ledger)).all())] == [line]


async def test_no_rows_are_no_statement(store: Store) -> None:
    await store.write(bulk.insert, text_keys, [])


async def test_a_row_that_is_there_stays_is_replaced_or_is_an_error(store: Store) -> None:
    await store.write(bulk.insert, likenesses, [(1, 2, 0.5, 0.5)])
    await store.write(bulk.insert, likenesses, [(1, 2, 1.5, 0.75), (2, 1, 1.5, 0.75)], "keep")
    assert [tuple(row) for row in await store.read(_likenesses)] == [(1, 2, 0.5, 0.5), (2, 1, 1.5, 0.75)]
    await store.write(bulk.insert, likenesses, [(1, 2, 1.5, 0.75)], "replace")
    assert [tuple(row) for row in await store.read(_likenesses)] == [(1, 2, 1.5, 0.75), (2, 1, 1.5, 0.75)]
    with pytest.raises(StoreError):
        await store.write(bulk.insert, likenesses, [(1, 2, 0.5, 0.5)])


def _likenesses(tx: Connection) -> list[Row[Any]]:
    return list(tx.execute(select(likenesses).order_by(likenesses.c.article_id)))
