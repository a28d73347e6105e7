"""Questions and changes about stories: which articles may be alike, which are, and what each is to the others."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Integer, bindparam, delete, insert, select, union_all, update

from aggregator.doors.store import dialect, topics
from aggregator.doors.store.tables import articles, likenesses, text_keys
from aggregator.model import Alike, Article, Likeness, Member, Verdict

DECIDING = 1
"""The lock under which one story is decided at a time (dialect.exclusive)."""

KEYS = 24
"""Keys of an article that are looked up, at most."""

POSTINGS = 33
"""Articles that are read under one key: what more of them share is a phrase of the trade, or a site's boilerplate."""

CANDIDATES = 24
"""Articles of those that are compared in full, those that share the most keys."""

COMPONENT = 24
"""Connected articles that are grouped anew. Of more, not all pairs were compared: one that comes joins whom it is most
like."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Thinking:
    """The steps that a save calls for, handed in: what is decided from the rows, in the transaction that writes."""

    text_keys: Callable[[Article], tuple[int, ...]]
    likenesses: Callable[[Article, int, str, Sequence[Alike]], Sequence[Likeness]]
    stories: Callable[[Sequence[Member], Mapping[tuple[int, int], Likeness]], dict[int, Verdict]]
    revised: Callable[[Article, Article], bool]
    words: Callable[[Article], tuple[str, str, str, str]]  # title, text, captions, byline for the full-text index
    page_key: Callable[[Article], str]


def place(
    tx: Connection, id: int, source_id: int, article: Article, before: Article | None, think: Thinking, now: datetime
) -> None:
    """Put a saved article, or a changed one in the place of `before`, among those that are alike."""
    dialect.exclusive(tx, DECIDING)
    keys = think.text_keys(article)
    _save_keys(tx, id, keys, think.text_keys(before) if before else ())
    page_key = think.page_key(article)
    found = think.likenesses(article, source_id, page_key, _alike(tx, id, page_key, keys))
    _save_likenesses(tx, id, found)
    near = {like.other for like in found if like.odds > 0}
    if near or before:
        links = _links(tx, {id} | near)
        if len({one for one, _ in links}) <= COMPONENT:
            _write(tx, think.stories(_members(tx, {id} | {one for one, _ in links}), links), now)
        elif near:
            _join(tx, id, max(found, key=lambda like: (like.odds, -like.other)), think, now)


def likely(tx: Connection, keys: Sequence[int]) -> Counter[int]:
    """Articles that share some of these keys, and how many; of a key that very many have, the oldest."""
    padded = [*keys[:KEYS], *[None] * (KEYS - len(keys))]
    return Counter(tx.scalars(_LIKELY, {f"key{n}": key for n, key in enumerate(padded)}))


def _save_keys(tx: Connection, id: int, keys: Sequence[int], before: Sequence[int]) -> None:
    c = text_keys.c
    if gone := set(before) - set(keys):
        tx.execute(delete(text_keys).where(c.key.in_(gone), c.article_id == id))
    if come := set(keys) - set(before):
        tx.execute(insert(text_keys), [{"key": key, "article_id": id} for key in sorted(come)])


def _alike(tx: Connection, id: int, page_key: str, keys: Sequence[int]) -> list[Alike]:
    shared = likely(tx, keys)
    del shared[id]
    c = articles.c
    columns = (c.id, c.source_id, c.page_key, c.url, c.title, c.text, c.published, c.origin)
    by_text = select(*columns).where(c.id.in_([other for other, _ in shared.most_common(CANDIDATES)]))
    by_page = select(*columns).where(c.page_key == page_key, c.id != id).order_by(c.id).limit(CANDIDATES)
    rows = {row.id: row for query in (by_text, by_page) for row in tx.execute(query)}
    return [
        Alike(
            id=r.id,
            source_id=r.source_id,
            page_key=r.page_key,
            article=Article(url=r.url, title=r.title, text=r.text, published=r.published, origin=r.origin),
        )
        for r in rows.values()
    ]


def _save_likenesses(tx: Connection, id: int, found: Iterable[Likeness]) -> None:
    """What was alike once stays so, after an edit too: a copy may have been made of either."""
    c = likenesses.c
    known = {r.other_id: r.odds for r in tx.execute(select(c.other_id, c.odds).where(c.article_id == id))}
    rows = [
        {"article_id": one, "other_id": two, "odds": like.odds, "contained": like.contained}
        for like in found
        if like.odds > known.get(like.other, float("-inf"))
        for one, two in ((id, like.other), (like.other, id))
    ]
    if rows:
        new = dialect.insert(tx, likenesses)
        kept = {"odds": new.excluded.odds, "contained": new.excluded.contained}
        tx.execute(new.on_conflict_do_update(index_elements=["article_id", "other_id"], set_=kept), rows)


def _join(tx: Connection, id: int, like: Likeness, think: Thinking, now: datetime) -> None:
    """Take an article into the story of another, ahead of all where it is older than the first of them."""
    c = articles.c
    story = tx.execute(select(c.story_id).where(c.id == like.other)).scalar_one()
    verdicts = think.stories(_members(tx, {id, story}), {(id, story): like, (story, id): like})
    _write(tx, verdicts, now)
    if verdicts[story].story == id:
        tx.execute(update(articles).where(c.story_id == story).values(story_id=id))


def _write(tx: Connection, verdicts: Mapping[int, Verdict], now: datetime) -> None:
    """Keep what is not as it was."""
    c = articles.c
    query = select(c.id, c.relation, c.story_id, c.copy_of).where(c.id.in_(verdicts))
    before = {row.id: (row.relation, row.story_id, row.copy_of) for row in tx.execute(query)}
    moved = [id for id, v in verdicts.items() if before[id] != (v.relation, v.story, v.copy_of)]
    for id in moved:
        verdict = verdicts[id]
        values = {
            "relation": verdict.relation,
            "story_id": verdict.story,
            "copy_of": verdict.copy_of,
            "verdict": verdict.reason,
        }
        tx.execute(update(articles).where(c.id == id).values(values))
    topics.touch(tx, moved, now)


def _links(tx: Connection, ids: set[int]) -> dict[tuple[int, int], Likeness]:
    """All likenesses among the articles that are connected with these; of more than COMPONENT, of some more."""
    c = likenesses.c
    links: dict[tuple[int, int], Likeness] = {}
    reached, frontier = set[int](), ids
    while frontier and len(reached) <= COMPONENT:
        reached |= frontier
        rows = tx.execute(select(likenesses).where(c.article_id.in_(frontier))).all()
        found = {
            (r.article_id, r.other_id): Likeness(other=r.other_id, odds=r.odds, contained=r.contained) for r in rows
        }
        links |= found
        frontier = {other for (_, other), like in found.items() if like.odds > 0} - reached
    return {(a, b): like for (a, b), like in links.items() if a in reached and b in reached}


def _members(tx: Connection, ids: set[int]) -> list[Member]:
    c = articles.c
    columns = select(c.id, c.url, c.page_key, c.published, c.first_seen, c.canonical)
    return [Member(**row._mapping) for row in tx.execute(columns.where(c.id.in_(ids)))]


_LIKELY = union_all(
    *(
        select(
            select(text_keys.c.article_id)
            .where(text_keys.c.key == bindparam(f"key{n}", type_=Integer))
            .order_by(text_keys.c.article_id)
            .limit(POSTINGS)
            .subquery()
            .c.article_id
        )
        for n in range(KEYS)
    )
)
"""Made once: to put a statement of so many parts together takes longer than to answer it."""
