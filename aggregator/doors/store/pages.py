"""Questions and changes about the archive pages of topics."""

from collections.abc import Collection, Sequence

from sqlalchemy import Connection, Integer, bindparam, delete, func, insert, select, update

from aggregator.doors.store.tables import decisions, pages
from aggregator.model import LiveTopic, Page


def end(tx: Connection, live: LiveTopic) -> tuple[int, int, int]:
    """The number of the last page, and the articles after which it begins and with which it ends."""
    row = tx.execute(_END, {"topic": live.topic.id, "version": live.version}).first()
    return (row.number, row.after_id, row.last_id) if row else (0, 0, 0)


def stale(tx: Connection, live: LiveTopic) -> tuple[Page, ...]:
    """The oldest of those that are to be written."""
    return tuple(Page(*row) for row in tx.execute(_STALE, {"topic": live.topic.id, "version": live.version}))


def add(tx: Connection, live: LiveTopic, number: int, cuts: Sequence[tuple[int, int]]) -> None:
    """Pages behind this one, each of the articles after one id up to another; those of another version go."""
    mine = pages.c.topic_id == live.topic.id
    tx.execute(delete(pages).where(mine, pages.c.version != live.version))
    row = {"topic_id": live.topic.id, "version": live.version}
    if cuts:
        tx.execute(insert(pages), [row | {"number": n, "after_id": after, "last_id": to}
                                   for n, (after, to) in enumerate(cuts, number + 1)])  # fmt: skip


def extend(tx: Connection, live: LiveTopic, number: int, last_id: int) -> None:
    """A page goes on to this article."""
    mine = (pages.c.topic_id == live.topic.id) & (pages.c.number == number) & (pages.c.version == live.version)
    tx.execute(update(pages).where(mine).values(last_id=last_id, stale=pages.c.stale + 1))


def written(tx: Connection, live: LiveTopic, page: Page) -> None:
    """As of when it was read; what changed meanwhile is written next."""
    mine = (pages.c.topic_id == live.topic.id) & (pages.c.number == page.number) & (pages.c.version == live.version)
    tx.execute(update(pages).where(mine).values(stale=pages.c.stale - page.stale, written=True))


def touch(tx: Connection, article_ids: Collection[int]) -> None:
    """These articles changed: so did the pages of topics that take one, or took it."""
    if article_ids and (found := tx.execute(_TAKEN, {"ids": list(article_ids)}).all()):
        tx.execute(_TOUCH, [{"topic": row.topic_id, "article": row.article_id} for row in found])


def again(tx: Connection, topic_id: int | None) -> None:
    """All pages of a topic are to be written."""
    tx.execute(update(pages).where(pages.c.topic_id == topic_id).values(stale=pages.c.stale + 1))


# Made once: to put them together takes longer than to answer them.
_TAKEN = select(decisions.c.topic_id, decisions.c.article_id).where(
    decisions.c.article_id.in_(bindparam("ids", expanding=True, type_=Integer))
)
_topic = bindparam("topic", type_=Integer)
_MINE = (pages.c.topic_id == _topic) & (pages.c.version == bindparam("version", type_=Integer))
_END = select(pages.c.number, pages.c.after_id, pages.c.last_id).where(_MINE).order_by(pages.c.number.desc()).limit(1)
_STALE = (
    select(pages.c.number, pages.c.after_id, pages.c.last_id, pages.c.stale)
    .where(_MINE, pages.c.stale > 0)
    .order_by(pages.c.number)
    .limit(20)
)
_own = pages.alias("own")
_holding = (
    select(func.min(_own.c.number))
    .where(_own.c.topic_id == _topic, _own.c.last_id >= bindparam("article", type_=Integer))
    .scalar_subquery()
)
_TOUCH = update(pages).where(pages.c.topic_id == _topic, pages.c.number == _holding).values(stale=pages.c.stale + 1)
