"""Questions and changes about articles, their pictures, stories and revisions."""

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, delete, func, insert, select, type_coerce, update

from aggregator.doors.store import arrivals, days, decisions, dialect, ledger, likenesses, pages, reports, said
from aggregator.doors.store.likenesses import Thinking
from aggregator.doors.store.packing import PackedText
from aggregator.doors.store.tables import articles, entries, images, revisions, sources, stars, tombstones
from aggregator.doors.store.types import origin
from aggregator.model import (
    CHANGES,
    Archived,
    Article,
    Enclosure,
    Image,
    Judged,
    Revision,
    ToArchive,
)


def save(
    tx: Connection,
    work: ToArchive,
    article: Article,
    think: Thinking,
    judged: Judged,
    now: datetime,
) -> tuple[int, str]:
    """Keep an article: "new", "revised" where a reader would see the edit, "improved" where the page replaces what the
    feed had, or all that differs is what is no edit (the byline, a date, markup), else "unchanged". Topics that take
    it are due for publication."""
    if work.known is None:
        new = arrivals.New(
            work=work,
            article=article,
            words=think.words(article),
            text_keys=think.text_keys(article),
            judged=judged,
        )
        return arrivals.save(tx, [new], think, now)[0], "new"
    assert work.known.id is not None
    id, before = work.known.id, work.known.article
    if before == article:
        return id, "unchanged"
    edited = is_edit(before, article, think.revised)
    # Of what is known, the caller may have left out what the site says on every page.
    stored = next(iter(get(tx, [id])), None)
    if stored is None:
        return id, "unchanged"  # deleted while its page was fetched
    _update(tx, work, stored, article, think, now, edited=edited)
    if not edited:
        _log(tx, "improved", stored, article, stored.revisions)
    else:
        _keep_revision(tx, work.known)
        _log(tx, "trimmed", stored, before, stored.revisions)
        ledger.append(tx, [ledger.Line("revised", id, stored.revisions + 1, ledger.content(article))])
        reports.touch(tx, CHANGES, now)
    decisions.decide(tx, id, judged, work.first_seen, arrivals.dated(article.published, work.first_seen), now)
    pages.touch(tx, [id])
    return id, "revised" if edited else "improved"


def is_edit(before: Article, after: Article, revised: Callable[[Article, Article], bool]) -> bool:
    """Whether a reader would see it; a page that takes the place of what the feed had is none."""
    return not (before.origin == "feed" and after.origin == "page") and revised(before, after)


def get(tx: Connection, ids: Sequence[int]) -> tuple[Archived, ...]:
    """The articles with these ids, in this order; one that does not exist is left out."""
    return _in_order(tx, _BY_ID, ids)


def without_html(tx: Connection, ids: Sequence[int]) -> tuple[Archived, ...]:
    """`get`, but that no HTML is read: no rule asks for it."""
    return _in_order(tx, _WITHOUT_HTML, ids)


def of_entry(tx: Connection, entry_id: int) -> Archived | None:
    return next(iter(_archived(tx, _OF_ENTRY, {"of": entry_id})), None)


def named(tx: Connection, name: str, page_key: str | None) -> Archived | None:
    """The article that a user means by an id or a URL; the first of its page where several have it."""
    which = articles.c.id == int(name) if name.isdecimal() and len(name) < 10 else articles.c.page_key == page_key
    return next(iter(_archived(tx, _QUERY.where(which).order_by(articles.c.id).limit(1))), None)


def newest(tx: Connection, limit: int, stories_only: bool = True) -> tuple[Archived, ...]:
    """The articles that came last; of each story its first only."""
    query = _QUERY.order_by(articles.c.id.desc()).limit(limit)
    return _archived(tx, query.where(articles.c.id == articles.c.story_id) if stories_only else query)


def copies(tx: Connection, id: int, limit: int = 1000) -> tuple[Archived, ...]:
    """All articles of the story that this one belongs to, the first of them first."""
    story = select(articles.c.story_id).where(articles.c.id == id).scalar_subquery()
    return _archived(tx, _QUERY.where(articles.c.story_id == story).order_by(articles.c.id).limit(limit))


def stories(tx: Connection, ids: Sequence[int]) -> dict[int, tuple[Archived, ...]]:
    """The other articles of each one's story."""
    mine = {
        r.id: r.story_id for r in tx.execute(select(articles.c.id, articles.c.story_id).where(articles.c.id.in_(ids)))
    }
    of_story: dict[int, list[Archived]] = {}
    several = (
        select(articles.c.story_id)
        .where(articles.c.story_id.in_(set(mine.values())))
        .group_by(articles.c.story_id)
        .having(func.count() > 1)
    )
    for each in _archived(tx, _QUERY.where(articles.c.story_id.in_(several)).order_by(articles.c.id)):
        of_story.setdefault(each.verdict.story or 0, []).append(each)
    return {id: tuple(a for a in of_story.get(story, ()) if a.id != id) for id, story in mine.items()}


def history(tx: Connection, id: int) -> tuple[Revision, ...]:
    """What the article said before, the oldest first; what it says now is not among them."""
    query = select(revisions).where(revisions.c.article_id == id).order_by(revisions.c.number)
    return tuple(revision(row) for row in tx.execute(query))


def edited(tx: Connection, limit: int) -> tuple[tuple[Archived, tuple[Revision, ...]], ...]:
    """The articles that were edited last, with the newest of what they said before."""
    query = _QUERY.where(articles.c.revised_at.is_not(None))
    found = _archived(tx, query.order_by(articles.c.revised_at.desc(), articles.c.id.desc()).limit(limit))
    before: dict[int | None, list[Revision]] = {each.id: [] for each in found}
    query = select(revisions).join(articles, articles.c.id == revisions.c.article_id)
    query = query.where(revisions.c.article_id.in_(before), revisions.c.number >= articles.c.revisions - limit)
    for row in tx.execute(query.order_by(revisions.c.article_id, revisions.c.number)):
        before[row.article_id].append(revision(row))
    return tuple((each, tuple(before[each.id])) for each in found)


def dump(tx: Connection, after: int, limit: int = 500) -> tuple[Archived, ...]:
    """The next articles in the order of their ids."""
    return _archived(tx, _QUERY.where(articles.c.id > after).order_by(articles.c.id).limit(limit))


def counts(tx: Connection) -> dict[str, int]:
    """The figures of `status`."""
    stories = select(func.count()).select_from(articles).where(articles.c.id == articles.c.story_id)
    copied = select(func.count()).select_from(articles).where(articles.c.relation == "copy")
    return {
        "sources": tx.scalar(select(func.count()).select_from(sources).where(sources.c.removed.is_(False))) or 0,
        "failing": tx.scalar(
            select(func.count()).select_from(sources).where(sources.c.removed.is_(False), sources.c.failures > 0)
        ) or 0,
        "entries": tx.scalar(select(func.count()).select_from(entries)) or 0,
        "pages_failing": tx.scalar(
            select(func.count()).select_from(entries).where(entries.c.archive_error.is_not(None))
        ) or 0,
        "articles": tx.scalar(select(func.count()).select_from(articles)) or 0,
        "stories": tx.scalar(stories) or 0,
        "copies": tx.scalar(copied) or 0,
        "revisions": tx.scalar(select(func.count()).select_from(revisions)) or 0,
        "starred": tx.scalar(select(func.count()).select_from(stars)) or 0,
        "deleted": tx.scalar(select(func.count()).select_from(tombstones)) or 0,
        "captions": tx.scalar(select(func.count()).select_from(images).where(images.c.caption.is_not(None))) or 0,
    }  # fmt: skip


def _update(
    tx: Connection, work: ToArchive, known: Archived, article: Article, think: Thinking, now: datetime, edited: bool
) -> None:
    assert known.id is not None
    assert work.source.id is not None
    values: dict[str, Any] = arrivals.row_of(article) | {"page_key": think.page_key(article)}
    if edited:
        values |= {"revised_at": now, "revisions": known.revisions + 1}
    tx.execute(_UPDATE, values | {"mine": known.id})
    # One that the feed changed meanwhile has its own words.
    words = said.columns(work.entry, article.html)
    tx.execute(_SAY, words | {"mine": work.entry.id, "as_read": work.entry.hash})
    # The others of its story name it, with its address.
    tx.execute(_NAME_ANEW, {"story": known.verdict.story})
    tx.execute(_DROP_IMAGES, {"of": known.id})
    arrivals.save_images(tx, [(known.id, article)])
    dialect.unindex(tx, known.id, think.words(known.article))
    dialect.index(tx, [(known.id, think.words(article))])
    likenesses.place(tx, known.id, work.source.id, article, known.article, think, now)
    days.keep(tx, [(known.id, article.published, known.first_seen)])


def _log(tx: Connection, what: ledger.What, stored: Archived, article: Article, number: int) -> None:
    """Write down that a revision says something else now, where that is so."""
    content = ledger.content(article)
    if content != ledger.content(stored.article):
        ledger.append(tx, [ledger.Line(what, stored.id or 0, number, content)])


def _keep_revision(tx: Connection, known: Archived) -> None:
    tx.execute(_REVISION, asdict(known.newest) | {"article_id": known.id})


def revision(row: Row[Any]) -> Revision:
    """A row of what an article said before."""
    return Revision(
        number=row.number,
        seen_at=row.seen_at,
        title=row.title,
        text=row.text,
        captions=tuple(row.captions),
        byline=row.byline,
    )


def _in_order(tx: Connection, query: Select[Any], ids: Sequence[int]) -> tuple[Archived, ...]:
    found = {a.id: a for a in _archived(tx, query, {"ids": list(ids)})}
    return tuple(found[id] for id in ids if id in found)


def _archived(tx: Connection, query: Select[Any], asked: Mapping[str, Any] = {}) -> tuple[Archived, ...]:
    rows = tx.execute(query, asked).all()
    pictures: dict[int, list[Image]] = {}
    for some in dialect.batches([row.id for row in rows]):
        for p in tx.execute(_IMAGES, {"ids": some}):
            picture = Image(url=p.url, caption=p.caption, credit=p.credit, position=p.position)
            pictures.setdefault(p.article_id, []).append(picture)
    return tuple(_one(_Read._make(row), tuple(pictures.get(row.id, ()))) for row in rows)


def _one(row: Any, pictures: tuple[Image, ...]) -> Archived:
    article = Article(
        url=row.url,
        title=row.title,
        byline=row.byline,
        published=row.published,
        language=row.language,
        summary=row.summary,
        text=row.body.text,
        html=row.body.html,
        images=pictures,
        canonical=row.canonical,
        **origin(row.origin),
    )
    return Archived(
        id=row.id,
        article=article,
        source=row.name,
        source_title=row.source_title or "",
        feed_url=row.feed_url,
        feed_id=row.feed_id,
        feed_updated=row.feed_updated,
        guid=row.guid,
        again=row.again,
        tags=tuple(row.tags),
        categories=tuple(row.categories),
        enclosures=tuple(Enclosure(**e) for e in row.enclosures),
        podcast=row.podcast,
        first_seen=row.first_seen,
        revised_at=row.revised_at,
        revisions=row.revisions,
        page_error=row.archive_error,
        verdict=likenesses.verdict(row),
    )


# Made once: to put a statement together takes longer than to run it.
_QUERY = (
    select(
        articles,
        sources.c.name,
        sources.c.title.label("source_title"),
        sources.c.url.label("feed_url"),
        sources.c.feed_id,
        sources.c.tags,
        entries.c.guid,
        entries.c.again,
        entries.c.categories,
        entries.c.enclosures,
        entries.c.feed_updated,
        entries.c.podcast,
        entries.c.archive_error,
    )
    .join(sources, sources.c.id == articles.c.source_id)
    .join(entries, entries.c.id == articles.c.entry_id)
)
# Its names are found in a sixth of the time that SQLAlchemy's rows take.
_Read: Any = namedtuple("_Read", _QUERY.selected_columns.keys())  # type: ignore[misc]  # as the query has them
_OF_ENTRY = _QUERY.where(articles.c.entry_id == bindparam("of"))
_BY_ID = _QUERY.where(articles.c.id.in_(bindparam("ids", expanding=True)))
_WITHOUT_HTML = _BY_ID.with_only_columns(
    *(type_coerce(c, PackedText).label("body") if c.name == "body" else c for c in _BY_ID.selected_columns),
    maintain_column_froms=True,
)
_UPDATE = update(articles).where(articles.c.id == bindparam("mine"))
_SAY = update(entries).where(entries.c.id == bindparam("mine"), entries.c.hash == bindparam("as_read"))
_NAME_ANEW = update(articles).where(articles.c.story_id == bindparam("story")).values(version=articles.c.version + 1)
_DROP_IMAGES = delete(images).where(images.c.article_id == bindparam("of"))
_REVISION = insert(revisions)
_IMAGES = (
    select(images)
    .where(images.c.article_id.in_(bindparam("ids", expanding=True)))
    .order_by(images.c.article_id, images.c.number)
)
