"""Deleting articles: everything that was made of them goes, and a tombstone stays so that nothing comes back."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, case, delete, func, insert, literal, or_, select, tuple_, update

from aggregator.doors.store import articles as archived
from aggregator.doors.store import decisions, dialect, ledger, likenesses, reports, said, textkeys
from aggregator.doors.store.likenesses import COMPONENT, DECIDING, Thinking
from aggregator.doors.store.published import MOST_LEFT
from aggregator.doors.store.tables import (
    articles,
    entries,
    images,
    pictured,
    revisions,
    stars,
    tombstones,
    withdrawn,
)
from aggregator.doors.store.tables import decisions as decided
from aggregator.doors.store.tables import likenesses as alike
from aggregator.model import CHANGES, INDEX, Archived, said_hash

_BODY: dict[str, Any] = {
    "author": None,
    "summary": None,
    "content": None,
    "images": [],
    "enclosures": [],
    "categories": [],
    "podcast": "",
    "archive_at": None,
    "archive_failures": 0,
    "archive_error": None,
    "page_etag": None,
    "page_last_modified": None,
}
"""What goes of an entry. Its guid, address, headline, date and hashes tell it when its feed says it again."""


def newest(tx: Connection) -> int:
    """The last article is never deleted: SQLite would give its id to the next, and an id is one article's for ever."""
    return tx.scalar(select(func.max(articles.c.id))) or 0


def delete_all(tx: Connection, ids: Collection[int], think: Thinking, now: datetime) -> int:
    """Delete these articles, a few hundred at most; returns how many there were."""
    dialect.exclusive(tx, DECIDING)
    going = archived.get(tx, sorted(set(ids) - {newest(tx)}))
    if not going:
        return 0
    gone = [a.id or 0 for a in going]
    stories = {a.verdict.story or 0 for a in going}
    left = set(tx.scalars(select(articles.c.id).where(articles.c.story_id.in_(stories)))) - set(gone)
    for some in dialect.batches([*gone, *sorted(left)]):
        decisions.touch(tx, some, now)
    _withdraw(tx, gone, now)
    _bury(tx, gone, now)
    for each in going:
        _unfind(tx, each, think)
    likenesses.forget(tx, gone, set(tx.scalars(select(alike.c.other_id).where(alike.c.article_id.in_(gone)))))
    for table in (decided, images, pictured, revisions, stars):
        tx.execute(delete(table).where(table.c.article_id.in_(gone)))
    tx.execute(delete(articles).where(articles.c.id.in_(gone)))
    for story in sorted(stories):
        _lead_anew(tx, story, gone, think)
    ledger.append(tx, [ledger.Line("deleted", a.id or 0, a.revisions, ledger.NOTHING) for a in going])
    reports.touch(tx, INDEX, now)
    if any(a.revised_at for a in going):
        reports.touch(tx, CHANGES, now)
    return len(going)


def deleted_at(tx: Connection, id: int) -> datetime | None:
    """When the article of this id was deleted, if it was."""
    return tx.scalar(select(tombstones.c.deleted_at).where(tombstones.c.article_id == id))


def _withdraw(tx: Connection, gone: Sequence[int], now: datetime) -> None:
    """Topics that took them tell their readers; as many of them as a feed has tombstones."""
    mine = (
        select(
            decided.c.topic_id,
            articles.c.entry_id,
            case((decided.c.selected, literal(now, withdrawn.c.at.type)), else_=decided.c.decided_at),
        )
        .join(articles, articles.c.id == decided.c.article_id)
        .where(articles.c.id.in_(gone))
    )
    topics = list(tx.scalars(select(decided.c.topic_id).where(decided.c.article_id.in_(gone)).distinct()))
    tx.execute(insert(withdrawn).from_select(["topic_id", "entry_id", "at"], mine))
    for id in topics:
        kept = select(withdrawn.c.at, withdrawn.c.entry_id).where(withdrawn.c.topic_id == id)
        last = tx.execute(
            kept.order_by(withdrawn.c.at.desc(), withdrawn.c.entry_id.desc()).offset(MOST_LEFT - 1).limit(1)
        ).first()
        if last:
            at = literal(last.at, withdrawn.c.at.type)
            older = tuple_(withdrawn.c.at, withdrawn.c.entry_id) < tuple_(at, last.entry_id)
            tx.execute(delete(withdrawn).where(withdrawn.c.topic_id == id, older))


def _bury(tx: Connection, gone: Sequence[int], now: datetime) -> None:
    """A tombstone for each entry, of which only that stays by which it is known again."""
    c = entries.c
    query = select(articles.c.id, articles.c.entry_id, articles.c.body, c.content, c.summary)
    query = query.join(entries, c.id == articles.c.entry_id)
    rows = [
        {"entry_id": r.entry_id, "article_id": r.id, "deleted_at": now, "words": said_hash(said.words(r))}
        for r in tx.execute(query.where(articles.c.id.in_(gone)))
    ]
    tx.execute(insert(tombstones), rows)
    tx.execute(update(entries).where(c.id.in_([row["entry_id"] for row in rows])).values(_BODY))


def _unfind(tx: Connection, each: Archived, think: Thinking) -> None:
    """Out of the indexes, as it was put in."""
    dialect.unindex(tx, each.id or 0, think.words(each.article))
    textkeys.change(tx, each.id or 0, (), think.text_keys(each.article))


def _lead_anew(tx: Connection, story: int, gone: Sequence[int], think: Thinking) -> None:
    """A story that lost its first, or one that others are copies of, is told anew by those that are left; of very many
    the oldest are compared."""
    c = articles.c
    mine = c.story_id == story
    lost = story in gone or tx.scalar(select(c.id).where(mine, c.copy_of.in_(gone)).limit(1)) is not None
    oldest = list(tx.scalars(select(c.id).where(mine).order_by(c.first_seen, c.id).limit(COMPONENT))) if lost else []
    if not oldest:
        return
    verdicts = think.remaining(likenesses.members(tx, set(oldest), think), likenesses.among(tx, oldest))
    tx.execute(likenesses.PLACE, [likenesses.place_of(id, place) for id, place in verdicts.items()])
    first = next(place.story for place in verdicts.values())
    others = and_(mine, c.id.not_in(oldest))
    tx.execute(update(articles).where(others, or_(c.copy_of.in_(gone), c.copy_of.is_(None))).values(copy_of=first))
    tx.execute(update(articles).where(others).values(story_id=first))
