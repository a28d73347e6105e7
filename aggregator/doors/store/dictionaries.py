"""Dictionaries that make texts small: trained on the archive's own articles, kept in it for ever."""

from sqlalchemy import Connection, LargeBinary, bindparam, func, insert, select, type_coerce, update

from aggregator.doors.store import dialect, packing
from aggregator.doors.store.tables import articles, dictionaries

FIRST = 500
"""Articles that the first is trained on; more make it no better."""

GROWTH = 40
"""How many times as many articles there are when the next is trained: what is written about changes."""

SAMPLE = 4000
LEAST, LEAST_TEXTS = 100, 100
"""Bytes of a text, and texts, to train on: libzstd brings the whole process down over texts that are empty."""

MOST = 4000
"""Bytes of a text that is trained on. All of the long ones take three times the time and memory, for 0.1 %."""

SMALL, LARGE = 110 * 2**10, 256 * 2**10
"""Bytes. The large one takes 6 % off what the small one leaves, and needs a sample to match."""

TRAINING = 2
"""The lock under which one is trained at a time (dialect.exclusive)."""

_BATCH = 200


def grow(tx: Connection, last: int) -> None:
    """Train a dictionary where the articles, now up to the id `last`, are many more than when it was done before; it
    packs what is written from the next transaction on. The first packs what is there, too."""
    if not _wanted(packing.newest(tx), last):
        return
    dialect.exclusive(tx, TRAINING)
    trained_to = tx.scalar(select(func.max(dictionaries.c.trained_to)))
    if trained_to is not None and last < trained_to * GROWTH:
        return  # somebody else did, and this transaction did not know when it began
    step = max(1, last // SAMPLE)
    sample = tx.scalars(select(articles.c.body).where(articles.c.id % step == 0).limit(SAMPLE))
    texts = [text for body in sample if len(text := packing.joined(body).encode()[:MOST]) >= LEAST]
    if len(texts) < LEAST_TEXTS:
        return
    trained = packing.train(texts, SMALL if trained_to is None else LARGE)
    tx.execute(insert(dictionaries).values(id=trained.dict_id, trained_to=last, data=trained.dict_content))
    dictionary = packing.Dictionary(trained.dict_id, last, trained)
    packing.learn(dictionary)
    if trained_to is None:
        _repack(tx, dictionary)


def _wanted(newest: packing.Dictionary | None, last: int) -> bool:
    return last >= (newest.trained_to * GROWTH if newest else FIRST)


def _repack(tx: Connection, dictionary: packing.Dictionary) -> None:
    after = 0
    while rows := tx.execute(_NEXT, {"after": after}).all():
        packed = [{"mine": row.id, "packed": packing.pack(packing.joined(row.body), dictionary)} for row in rows]
        tx.execute(_PACK, packed)
        after = rows[-1].id


_NEXT = (
    select(articles.c.id, articles.c.body)
    .where(articles.c.id > bindparam("after"))
    .order_by(articles.c.id)
    .limit(_BATCH)
)
_PACK = (
    update(articles)
    .where(articles.c.id == bindparam("mine"))
    .values(body=type_coerce(bindparam("packed", type_=LargeBinary), LargeBinary))
)
