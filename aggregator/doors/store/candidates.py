"""Articles that may match a query, as far as the indexes tell, and then their texts."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, Integer, LargeBinary, Select, Text, bindparam, func, select, type_coerce

from aggregator.doors.store import arrivals, days, dialect, index, packing
from aggregator.doors.store import articles as archived
from aggregator.doors.store.limits import Limits, condition
from aggregator.doors.store.tables import articles, images
from aggregator.model import Archived, Article, Image

Likely = Callable[[Article], bool]
"""Tells of the title, the texts, the captions and the byline of an article, all else left out, whether it may match."""

Page = tuple[tuple[int, ...], tuple[Archived, ...]]
"""The ids of so many, and those of them that are likely."""

NEWEST = 2**31 - 1
"""No id is greater."""

LONG = 20_000
"""Bytes of a packed text that may go on behind the last word that is indexed (MAX_INDEXED_WORDS)."""


class Having(NamedTuple):
    """What the indexes tell of an article, and when it is of."""

    id: int
    has: int  # a bit for each that was asked for, the first the lowest
    credits: tuple[str, ...]  # of its pictures, which the index has among their captions
    first_seen: datetime
    dated: datetime
    is_whole: bool  # the index has all of its words


def page(
    tx: Connection,
    prefilter: index.Prefilter | None,
    *,
    after: int = 0,
    before: int | None = None,
    limit: int = 200,
    limits: Limits | None = None,
    likely: Likely | None = None,
) -> Page:
    found = ids(tx, prefilter, after=after, before=before, limit=limit, limits=limits)
    return found, get(tx, found, likely)


def ids(
    tx: Connection,
    prefilter: index.Prefilter | None,
    *,
    after: int = 0,
    before: int | None = None,
    limit: int = 10_000,
    limits: Limits | None = None,
) -> tuple[int, ...]:
    """Upwards from the id `after`, or downwards from `before` where that is given; who looks at all of them asks the
    index once for many."""
    if limits is None and prefilter is not None and index.is_of_words(prefilter):
        asked = {"asked": dialect.spelled(tx.dialect.name, prefilter), "limit": limit}
        upwards = before is None
        return tuple(tx.scalars(_of_words(tx.dialect.name, upwards), asked | {"at": after if upwards else before}))
    ids = articles.c.id if prefilter is None else next(iter(index.may_match(tx, prefilter).subquery().c))
    # The index alone is asked for so many, in order: all that it finds may be a third of the archive.
    query = select(ids).where(ids.between(bindparam("least"), bindparam("most")))
    query = query.order_by(ids if before is None else ids.desc()).limit(bindparam("limit"))
    if limits is not None:
        query = (query if prefilter is None else query.join(articles, articles.c.id == ids)).where(condition(limits))
    found: list[int] = []
    low, high = (after + 1, NEWEST) if before is None else (1, before - 1)
    for least, most in days.ranges(tx, limits, low, high, newest_first=before is not None):
        found += tx.scalars(query, {"least": least, "most": most, "limit": limit - len(found)})
        if len(found) == limit:
            break
    return tuple(found)


def having(tx: Connection, asked: Sequence[index.Prefilter], ids: Sequence[int]) -> tuple[Having, ...]:
    """Of the articles with these ids, which ascend, what the index says that they have."""
    if not ids:
        return ()
    has = dict.fromkeys(ids, 0)
    credits: dict[int, tuple[str, ...]] = dict.fromkeys(ids, ())
    for n, prefilter in enumerate(asked):
        id = next(iter(index.may_match(tx, prefilter).subquery().c))
        for found in tx.scalars(select(id).where(id.between(ids[0], ids[-1]))):
            if found in has:
                has[found] += 1 << n
    said = {"ids": list(ids)}
    for article_id, credit in tx.execute(_credits(tx.dialect.name), said):
        credits[article_id] += (credit,)
    rows = tx.execute(_dates_and_size(tx.dialect.name), said)
    return tuple(
        Having(id, has[id], credits[id], first, arrivals.dated(published, first), size < LONG)
        for id, first, published, size in rows
    )


def get(tx: Connection, ids: Sequence[int], likely: Likely | None) -> tuple[Archived, ...]:
    """Those that are likely, in this order, without their HTML; of the others the texts alone are read, a third of the
    work."""
    some = ids if likely is None else [id for id, article in _texts(tx, ids) if likely(article)]
    return archived.without_html(tx, some)


def _texts(tx: Connection, ids: Sequence[int]) -> Iterator[tuple[int, Article]]:
    asked, name = {"ids": list(ids)}, tx.dialect.name
    captions: dict[int, list[Image]] = {}
    for article_id, caption in tx.execute(_captions(name), asked):
        captions.setdefault(article_id, []).append(Image(url="", caption=caption))
    rows = {row[0]: row for row in tx.execute(_said(name), asked)}
    for id in filter(rows.__contains__, ids):
        _, title, byline, summary, body = rows[id]
        images = tuple(captions.get(id, ()))
        text = packing.text_of(body)
        yield id, Article(url="", title=title, byline=byline, summary=summary, text=text, images=images)


@cache
def _of_words(name: str, upwards: bool) -> Select[Any]:
    """Made once, as those that follow: to put a statement together takes longer than to answer it."""
    found = dialect.finding(name, bindparam("asked", type_=Text))
    (id,), at = found.selected_columns, bindparam("at", type_=Integer)
    found = found.where(id > at).order_by(id) if upwards else found.where(id < at).order_by(id.desc())
    return found.limit(bindparam("limit", type_=Integer))


@cache
def _said(name: str) -> Select[Any]:
    c, asked = articles.c, dialect.each_of(name, "ids")
    body = type_coerce(c.body, LargeBinary)
    return select(c.id, c.title, c.byline, c.summary, body).select_from(asked.join(articles, c.id == asked.c.value))


@cache
def _dates_and_size(name: str) -> Select[int, datetime, datetime | None, int]:
    """And how long it is, which neither database reads a text for."""
    c, asked = articles.c, dialect.each_of(name, "ids")
    size = func.length(type_coerce(c.body, LargeBinary))
    return select(c.id, c.first_seen, c.published, size).select_from(asked.join(articles, c.id == asked.c.value))


@cache
def _credits(name: str) -> Select[Any]:
    c, asked = images.c, dialect.each_of(name, "ids")
    query = select(c.article_id, c.credit).select_from(asked.join(images, c.article_id == asked.c.value))
    return query.where(c.credit.is_not(None))


@cache
def _captions(name: str) -> Select[Any]:
    c, asked = images.c, dialect.each_of(name, "ids")
    query = select(c.article_id, c.caption).select_from(asked.join(images, c.article_id == asked.c.value))
    return query.where(c.caption.is_not(None)).order_by(c.article_id, c.number)
