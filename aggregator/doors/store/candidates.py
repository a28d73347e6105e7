"""Articles that may match a query, as far as the indexes tell, and then their texts."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection, Integer, Row, bindparam, select, type_coerce

from aggregator.doors.store import articles as archived
from aggregator.doors.store import index
from aggregator.doors.store.limits import Limits, condition
from aggregator.doors.store.packing import Packed
from aggregator.doors.store.tables import articles, images
from aggregator.model import Archived, Article, Image

Likely = Callable[[Article], bool]
"""Tells of the title, the texts, the captions and the byline of an article, all else left out, whether it may match."""

Page = tuple[tuple[int, ...], tuple[Archived, ...]]
"""The ids of so many, and those of them that are likely."""


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
    ids = articles.c.id if prefilter is None else next(iter(index.may_match(tx, prefilter).subquery().c))
    bound, order = (ids > after, ids) if before is None else (ids < before, ids.desc())
    # The index alone is asked for so many, in order: all that it finds may be a third of the archive.
    query = select(ids).where(bound).order_by(order).limit(limit)
    if limits is not None:
        query = (query if prefilter is None else query.join(articles, articles.c.id == ids)).where(condition(limits))
    return tuple(tx.scalars(query))


def get(tx: Connection, ids: Sequence[int], likely: Likely | None) -> tuple[Archived, ...]:
    """Those that are likely, in this order; of the others the texts alone are read, a third of the work."""
    return archived.get(tx, ids if likely is None else [id for id, article in _texts(tx, ids) if likely(article)])


def _texts(tx: Connection, ids: Sequence[int]) -> list[tuple[int, Article]]:
    captions: dict[int, list[Image]] = {}
    for article_id, caption in tx.execute(_CAPTIONS, {"ids": list(ids)}):
        captions.setdefault(article_id, []).append(Image(url="", caption=caption))
    rows = {row.id: row for row in tx.execute(_TEXTS, {"ids": list(ids)})}
    return [(id, _article(rows[id], tuple(captions.get(id, ())))) for id in ids if id in rows]


def _article(row: Row[Any], images: tuple[Image, ...]) -> Article:
    text = row.body.partition("\0")[0]
    return Article(url="", title=row.title, byline=row.byline, summary=row.summary, text=text, images=images)


_IDS = bindparam("ids", expanding=True, type_=Integer)
_TEXTS = select(
    articles.c.id,
    articles.c.title,
    articles.c.byline,
    articles.c.summary,
    type_coerce(articles.c.body, Packed).label("body"),  # the HTML stays packed in it
).where(articles.c.id.in_(_IDS))
_CAPTIONS = (
    select(images.c.article_id, images.c.caption)
    .where(images.c.article_id.in_(_IDS), images.c.caption.is_not(None))
    .order_by(images.c.article_id, images.c.number)
)
