"""Questions and changes about stories: which articles may be alike, which are, and what each is to the others."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from heapq import nsmallest
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, func, or_, select, type_coerce, update

from aggregator.doors.store import bulk, decisions, dialect, textkeys
from aggregator.doors.store.packing import PackedText
from aggregator.doors.store.tables import articles, likenesses, sources
from aggregator.doors.store.types import origin
from aggregator.model import ENDS, Alike, Article, Likeness, Member, Verdict

DECIDING = 1
"""The lock under which one story is decided at a time (dialect.exclusive)."""

KEYS = 26
"""Keys of an article that are looked up, at most."""

POSTINGS = 33
"""Articles that are read under one key: what more of them share is a phrase of the trade, or a site's boilerplate."""

SHARED = 2
"""Keys that a candidate has in common, at least: of 6,400 pairs that are one text 19 share one alone, but of the others
three in four do."""

CANDIDATES = 24
"""Articles of those that are compared in full, at most."""

COMPONENT = 24
"""Connected articles that are grouped anew. Of more, not all pairs were compared: one that comes joins whom it is most
like."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Thinking:
    """The steps that a save calls for, handed in: what is decided from the rows, in the transaction that writes."""

    text_keys: Callable[[Article], tuple[int, ...]]
    likenesses: Callable[[Article, int, str, Sequence[Alike]], Sequence[Likeness]]
    stories: Callable[[Sequence[Member], Mapping[tuple[int, int], Likeness]], dict[int, Verdict]]
    remaining: Callable[[Sequence[Member], Mapping[tuple[int, int], Likeness]], dict[int, Verdict]]
    revised: Callable[[Article, Article], bool]
    rewritten: Callable[[Article, Article], bool]  # another text, which what was like the former says nothing of
    words: Callable[[Article], dialect.Words]  # title, text, captions, byline for the full-text index
    page_key: Callable[[Article], str]
    follows: Callable[[Member, Member], bool]
    beside: Callable[[Member, Verdict], Verdict]
    same_page: float  # the log-odds of two articles that are one page


def place(
    tx: Connection, id: int, source_id: int, article: Article, before: Article | None, think: Thinking, now: datetime
) -> None:
    """Put a saved article, or a changed one in the place of `before`, among those that are alike."""
    dialect.exclusive(tx, DECIDING)
    decisions.touch(tx, sorted(settle(tx, id, source_id, article, before, think)), now)


def likely(tx: Connection, text_keys: Sequence[int], but: int = 0) -> list[int]:
    """The articles, all but this one, that are most likely to be alike."""
    return ranked([(key, id) for key, id in textkeys.oldest(tx, text_keys[:KEYS], POSTINGS) if id != but])


def ranked(found: Sequence[tuple[int, int]]) -> list[int]:
    """Of keys and the articles that have them those to compare, who share the rarest keys first: many share two phrases
    of the trade or of a site, and only a copy two that hardly anybody has."""
    having = Counter(key for key, _ in found)
    shared, weights = Counter[int](), defaultdict[int, float](float)
    for key, id in found:
        shared[id] += 1
        weights[id] += 1 / having[key]
    return nsmallest(CANDIDATES, (id for id, n in shared.items() if n >= SHARED), key=lambda one: (-weights[one], one))


def nearest(tx: Connection, id: int) -> Likeness | None:
    """The one of another story that an article is most like, if it is like any."""
    mine, other = articles.alias(), articles.alias()
    c = likenesses.c
    query = (
        select(c.other_id.label("other"), c.odds, c.contained)
        .join(mine, mine.c.id == c.article_id)
        .join(other, other.c.id == c.other_id)
        .where(c.article_id == id, mine.c.story_id != other.c.story_id)
        .order_by(c.odds.desc(), c.other_id)
        .limit(1)
    )
    row = tx.execute(query).one_or_none()
    return Likeness(**row._mapping) if row else None


def linked(tx: Connection, ids: set[int]) -> dict[tuple[int, int], Likeness] | None:
    """All likenesses among the articles that are connected with these; None where those are more than COMPONENT."""
    reached, frontier = set[int](), ids
    while frontier:
        reached |= frontier
        if len(reached) > COMPONENT:
            return None
        frontier = set(tx.scalars(_NEAR, {"ids": list(frontier)})) - reached
    return among(tx, reached)


def among(tx: Connection, ids: Collection[int]) -> dict[tuple[int, int], Likeness]:
    """All likenesses between these articles, both ways."""
    return {(r.article_id, r.other_id): likeness(r) for r in tx.execute(_AMONG, {"ids": list(ids)})}


def forget(tx: Connection, ids: Sequence[int], others: Collection[int]) -> None:
    """The likenesses between these and the others, both ways."""
    c = likenesses.c
    for some in dialect.batches(sorted(others)):
        tx.execute(delete(likenesses).where(c.article_id.in_(ids), c.other_id.in_(some)))
        tx.execute(delete(likenesses).where(c.article_id.in_(some), c.other_id.in_(ids)))


def settle(
    tx: Connection, id: int, source_id: int, article: Article, before: Article | None, think: Thinking
) -> set[int]:
    """`place`, by who holds DECIDING and tells the topics: returns the articles whose story is not what it was."""
    text_keys = think.text_keys(article)
    textkeys.change(tx, id, text_keys, think.text_keys(before) if before else ())
    page_key = think.page_key(article)
    known = {r.other_id: r.odds for r in tx.execute(LINKS, {"ids": [id]})} if before else {}
    is_other = before is not None and think.rewritten(before, article)
    near = nsmallest(CANDIDATES, known, key=lambda one: (-known[one], one))
    others = _alike(tx, id, page_key, [*near, *likely(tx, text_keys, but=id)], {} if is_other else known, think)
    found = think.likenesses(article, source_id, page_key, others)
    bulk.insert(tx, likenesses, [row for like in found for row in both_ways(id, like)], there="replace")
    gone = (known.keys() if is_other else known.keys() & {o.id for o in others}) - {like.other for like in found}
    forget(tx, [id], gone)
    alike = {like.other for like in found if like.odds > 0}
    if not alike and not before:
        return set()
    if (links := linked(tx, {id} | alike | gone)) is not None:
        connected = {id} | gone | {one for one, _ in links}
        return _write(tx, think.stories(members(tx, connected, think), links))
    return _join(tx, id, max(found, key=lambda like: (like.odds, -like.other)), think) if alike else set()


def _alike(
    tx: Connection, id: int, page_key: str, likely: Sequence[int], former: Mapping[int, float], think: Thinking
) -> list[Alike]:
    """Those to compare with an article: these, and those of its page."""
    rows = tx.execute(_ALIKE, {"ids": likely, "page_key": page_key, "mine": id})
    return [_candidate(row, former.get(row.id), think) for row in rows]


def _candidate(row: Row[*tuple[Any, ...]], former: float | None, think: Thinking) -> Alike:
    article = Article(
        url=row.url,
        title=row.title,
        text=row.body.text,
        published=row.published,
        canonical=row.canonical,
        **origin(row.origin),
    )
    page_key = think.page_key(article)
    return Alike(id=row.id, source_id=row.source_id, article=article, page_key=page_key, former=former)


def _join(tx: Connection, id: int, like: Likeness, think: Thinking) -> set[int]:
    """Take an article into the story of another, ahead of all where it is older than the first of them."""
    c = articles.c
    story = tx.execute(select(c.story_id).where(c.id == like.other)).scalar_one()
    verdicts = think.stories(members(tx, {id, story}, think), {(id, story): like, (story, id): like})
    moved = _write(tx, verdicts)
    if verdicts[story].story == id:
        tx.execute(update(articles).where(c.story_id == story).values(story_id=id))
    return moved


def _write(tx: Connection, verdicts: Mapping[int, Verdict]) -> set[int]:
    """Keep what is not as it was; returns the articles whose story is another."""
    before = {row.id: verdict(row) for row in tx.execute(_PLACES, {"ids": list(verdicts)})}
    changed = {id: said for id, said in verdicts.items() if before[id] != said}
    if changed:
        tx.execute(PLACE, [place_of(id, said) for id, said in changed.items()])
    # What is only explained anew is shown as before; but those that stay name the others of their story.
    moved = any(replace(before[id], reason=said.reason) != said for id, said in changed.items())
    return set(verdicts) if moved else set()


def verdict(row: Row[Any]) -> Verdict:
    """The place of an article, as PLACE keeps it."""
    return Verdict(relation=row.relation, story=row.story_id, copy_of=row.copy_of, reason=row.verdict)


def place_of(id: int, said: Verdict) -> dict[str, Any]:
    """A row for PLACE."""
    return {
        "mine": id,
        "relation": said.relation,
        "story_id": said.story,
        "copy_of": said.copy_of,
        "verdict": said.reason,
    }


def likeness(row: Row[Any]) -> Likeness:
    return Likeness(other=row.other_id, odds=row.odds, contained=row.contained)


def both_ways(id: int, like: Likeness) -> tuple[tuple[int, int, float, float], ...]:
    """The rows of a likeness: each of the two is asked for the other."""
    return (id, like.other, like.odds, like.contained), (like.other, id, like.odds, like.contained)


def members(tx: Connection, ids: set[int], think: Thinking) -> list[Member]:
    return [_member(row, think) for row in tx.execute(MEMBERS, {"ids": list(ids)})]


def _member(row: Row[*tuple[Any, ...]], think: Thinking) -> Member:
    said = dict(row._mapping)
    text = said.pop("body").text
    page_key = think.page_key(Article(url=row.url, title="", text="", canonical=row.canonical))
    return Member(**said, page_key=page_key, length=len(text), opening=text[:ENDS], closing=text[-ENDS:])


# Statements that every article needs, made once: to put them together takes longer than to answer them.
_text = type_coerce(articles.c.body, PackedText).label("body")
_PLACES = select(*(articles.c[name] for name in ("id", "relation", "story_id", "copy_of", "verdict"))).where(
    articles.c.id.in_(bindparam("ids", expanding=True))
)
PLACE = (
    update(articles)
    .where(articles.c.id == bindparam("mine"))
    .values({name: bindparam(name) for name in ("relation", "story_id", "copy_of", "verdict")})
)
LINKS = select(likenesses).where(likenesses.c.article_id.in_(bindparam("ids", expanding=True)))
_AMONG = LINKS.where(likenesses.c.other_id.in_(bindparam("ids", expanding=True)))
# So many rows for at most COMPONENT articles: one of them has more neighbours than are grouped anew.
_NEAR = (
    select(likenesses.c.other_id)
    .where(likenesses.c.article_id.in_(bindparam("ids", expanding=True)), likenesses.c.odds > 0)
    .limit(COMPONENT**2)
)
MEMBERS = (
    select(
        *(articles.c[name] for name in ("id", "url", "published", "first_seen", "canonical", "byline")),
        func.coalesce(sources.c.title, sources.c.name).label("source"),
        _text,
    )
    .join(sources, sources.c.id == articles.c.source_id)
    .where(articles.c.id.in_(bindparam("ids", expanding=True)))
)
_by_page = (
    select(articles.c.id)
    .where(articles.c.page_key == bindparam("page_key", type_=articles.c.page_key.type))
    .order_by(articles.c.id)
    .limit(CANDIDATES)
    .subquery()
)
_ALIKE = (
    select(
        *(articles.c[name] for name in ("id", "source_id", "url", "title", "published", "canonical", "origin")),
        _text,
    )
    .where(or_(articles.c.id.in_(bindparam("ids", expanding=True)), articles.c.id.in_(select(_by_page.c.id))))
    .where(articles.c.id != bindparam("mine"))
)
