"""Questions and changes about the pictures that articles show, and the copies of them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, fields
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select, update

from aggregator.doors.store import decisions, dialect
from aggregator.doors.store.tables import pictured, pictures
from aggregator.model import Picture

BATCH = 500


def want(tx: Connection, shown: Mapping[int, Mapping[str, str]], now: datetime) -> None:
    """By the ids of articles, the addresses of the pictures that each shows now, and their hosts: those that nobody
    showed before are due."""
    urls = {url: host for each in shown.values() for url, host in each.items()}
    if urls:
        rows = [{"url": url, "host": host, "picture_at": now} for url, host in urls.items()]
        tx.execute(dialect.ignore_conflict(dialect.insert(tx.dialect.name, pictures)), rows)
    ids: dict[str, int] = {}
    for some in dialect.batches(list(urls)):
        found = tx.execute(select(pictures.c.url, pictures.c.id).where(pictures.c.url.in_(some)))
        ids |= {row.url: row.id for row in found}
    for some_ids in dialect.batches(list(shown)):
        tx.execute(delete(pictured).where(pictured.c.article_id.in_(some_ids)))
    if links := [{"article_id": id, "picture_id": ids[url]} for id, each in shown.items() for url in each]:
        tx.execute(insert(pictured), links)


def get(tx: Connection, id: int) -> Picture | None:
    row = tx.execute(select(*_COLUMNS).where(pictures.c.id == id)).one_or_none()
    return Picture(**row._mapping) if row else None


def kept(tx: Connection, before: Picture, after: Picture, size: int | None, now: datetime) -> None:
    """A picture was asked for, and has a copy of that size if it is new; articles that show it change where another
    address of it may be shown."""
    values = asdict(after) | ({} if size is None else {"bytes": size})
    tx.execute(update(pictures).where(pictures.c.id == after.id).values(values))
    if (before.name, before.gone) != (after.name, after.gone):
        showing = select(pictured.c.article_id).where(pictured.c.picture_id == after.id).limit(BATCH)
        decisions.touch(tx, list(tx.scalars(showing)), now)


def ours(tx: Connection, article_ids: Sequence[int], always: bool) -> dict[int, dict[str, str]]:
    """By article, the pictures of which our copies are to be shown, and their names."""
    query = (
        select(pictured.c.article_id, pictures.c.url, pictures.c.name)
        .join(pictures, pictures.c.id == pictured.c.picture_id)
        .where(pictures.c.name.is_not(None))
    )
    found: dict[int, dict[str, str]] = {}
    for some in dialect.batches(article_ids):
        of_these = query.where(pictured.c.article_id.in_(some))
        for row in tx.execute(of_these if always else of_these.where(pictures.c.gone)):
            found.setdefault(row.article_id, {})[row.url] = row.name
    return found


def sweep(tx: Connection) -> list[str] | None:
    """Forget some pictures that no article shows; returns the names of copies that nobody else has, None once there
    are no more such pictures."""
    shown = select(pictured.c.picture_id).where(pictured.c.picture_id == pictures.c.id)
    stray = tx.execute(select(pictures.c.id, pictures.c.name).where(~shown.exists()).limit(BATCH)).all()
    if not stray:
        return None
    tx.execute(delete(pictures).where(pictures.c.id.in_([row.id for row in stray])))
    names = {row.name for row in stray if row.name}
    return sorted(names - set(tx.scalars(select(pictures.c.name).where(pictures.c.name.in_(names)))))


def names(tx: Connection) -> Iterator[str]:
    """The names of all copies, each once."""
    after = ""
    query = select(pictures.c.name).distinct().order_by(pictures.c.name).limit(BATCH)
    while found := list(tx.scalars(query.where(pictures.c.name > after))):
        yield from found
        after = found[-1]


def counts(tx: Connection) -> dict[str, int]:
    """How many there are, and how many bytes, a copy that several addresses have counted once."""
    c = pictures.c
    copies = select(c.name, func.max(c.bytes).label("bytes")).where(c.name.is_not(None)).group_by(c.name).subquery()
    row = tx.execute(select(func.count(), func.coalesce(func.sum(copies.c.bytes), 0)).select_from(copies)).one()
    gone = tx.scalar(select(func.count()).select_from(pictures).where(c.gone)) or 0
    return {"pictures": int(row[0]), "pictures_gone": gone, "pictures_bytes": int(row[1])}


_COLUMNS = tuple(pictures.c[f.name] for f in fields(Picture))
