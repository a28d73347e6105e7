"""Articles that are kept for the first time, many at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert

from aggregator.doors.store import bulk, days, decisions, dialect, dictionaries, ledger, newcomers, textkeys
from aggregator.doors.store.likenesses import Thinking
from aggregator.doors.store.packing import Body
from aggregator.doors.store.tables import articles, images
from aggregator.doors.store.types import kept_origin
from aggregator.model import Article, Judged, ToArchive


@dataclass(frozen=True, slots=True, kw_only=True)
class New:
    """An article that is to be kept for the first time, and what the topics say of it."""

    work: ToArchive
    article: Article
    words: dialect.Words
    text_keys: tuple[int, ...]
    judged: Judged


def save(tx: Connection, new: Sequence[New], think: Thinking, now: datetime) -> list[int]:
    """Keep articles that were never archived, each in its story; topics that take them are due for publication."""
    ids = dialect.next_ids(tx, articles, len(new))
    saved = list(zip(ids, new, strict=True))
    rows = [
        row_of(n.article)
        | {
            "id": id,
            "entry_id": n.work.entry.id,
            "source_id": n.work.source.id,
            "page_key": think.page_key(n.article),
            "story_id": id,
            "relation": "first",
            "verdict": "no article of the archive has this page or this text",
            "first_seen": n.work.first_seen,
        }
        for id, n in saved
    ]
    tx.execute(_INSERT, rows)
    save_images(tx, [(id, n.article) for id, n in saved])
    dialect.index(tx, [(id, n.words) for id, n in saved])
    kept = [newcomers.Kept(id, n.work.source.id or 0, n.article, n.text_keys) for id, n in saved]
    newcomers.place(tx, kept, think, now)
    days.keep(tx, [(id, n.article.published, n.work.first_seen) for id, n in saved])
    ledger.append(tx, [ledger.Line("kept", id, 1, ledger.content(n.article)) for id, n in saved])
    decisions.decide_new(
        tx,
        [(id, n.judged, n.work.first_seen, dated(n.article.published, n.work.first_seen)) for id, n in saved],
        now,
    )
    textkeys.put_away(tx, ids[0] - 1, ids[-1])
    dictionaries.grow(tx, ids[-1])
    return ids


def row_of(article: Article) -> dict[str, Any]:
    return {
        "url": article.url,
        "title": article.title,
        "byline": article.byline,
        "published": article.published,
        "language": article.language,
        "summary": article.summary,
        "body": Body(article.text, article.html),
        "canonical": article.canonical,
        "origin": kept_origin(article),
    }


def save_images(tx: Connection, saved: Sequence[tuple[int, Article]]) -> None:
    rows = [
        (id, n, i.url, i.caption, i.credit, i.position) for id, article in saved for n, i in enumerate(article.images)
    ]
    bulk.insert(tx, images, rows)


def dated(published: datetime | None, first_seen: datetime) -> datetime:
    """For sorting: a page from the future does not stay on top of the feed until then."""
    return min(published or first_seen, first_seen)


# Made once: to put a statement together takes longer than to run it.
_INSERT = insert(articles)
