"""The stories of articles that were just kept. Most share nothing with any other, or are a page that comes again as it
was: of those it is told together."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import chain
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, func, select

from aggregator.doors.store import bulk, decisions, dialect, textkeys
from aggregator.doors.store.likenesses import (
    CANDIDATES,
    DECIDING,
    LINKS,
    PLACE,
    SHARED,
    Thinking,
    both_ways,
    likeness,
    members,
    place_of,
    settle,
    verdict,
)
from aggregator.doors.store.tables import articles, likenesses
from aggregator.doors.store.types import hashed
from aggregator.model import Article, Likeness, Verdict

BATCH = 500
"""New articles that are looked up together."""


class Kept(NamedTuple):
    """An article that was just kept."""

    id: int
    source_id: int
    article: Article
    text_keys: tuple[int, ...]


def place(tx: Connection, new: Sequence[Kept], think: Thinking, now: datetime) -> None:
    """What likenesses.place does for each."""
    dialect.exclusive(tx, DECIDING)
    for start in range(0, len(new), BATCH):
        some = {one.id: one for one in new[start : start + BATCH]}
        alone = _alone(tx, list(some.values()), think)
        textkeys.keep(tx, [(id, some.pop(id).text_keys) for id in alone])
        twins = _twins(tx, list(some), think)
        moved = [_settle(tx, one, think) for one in some.values() if one.id not in twins]
        beside = _beside(tx, twins, think)
        textkeys.keep(tx, [(id, some[id].text_keys) for id in beside])
        _join(tx, beside, think)
        moved += [_settle(tx, some[id], think) for id in twins if id not in beside]
        stories = {place.story for _, place in beside.values()}
        moved.append(set(tx.scalars(_OF_STORIES, {"stories": list(stories)})) if stories else set())
        decisions.touch(tx, sorted(set().union(*moved)), now)


def _settle(tx: Connection, one: Kept, think: Thinking) -> set[int]:
    return settle(tx, one.id, one.source_id, one.article, None, think)


def _alone(tx: Connection, new: Sequence[Kept], think: Thinking) -> list[int]:
    """Those of which no key or one and no page is any other's, among these or from before."""
    pages = {one.id: hashed(think.page_key(one.article)) for one in new}
    found = Counter(chain.from_iterable(one.text_keys for one in new))
    shared = {key for key, n in found.items() if n > 1} | textkeys.known(tx, found)
    of_several = set(tx.scalars(_PAGES_OF_SEVERAL, {"pages": list(set(pages.values()))}))
    return [
        one.id for one in new if len(shared.intersection(one.text_keys)) < SHARED and pages[one.id] not in of_several
    ]


def _twins(tx: Connection, ids: Sequence[int], think: Thinking) -> dict[int, int]:
    """Those that say word for word what an article before them says on the same page, and that one."""
    found = {row.id: row.twin for row in tx.execute(_TWINS, {"ids": ids})} if ids else {}
    known = {member.id: member for member in members(tx, {*found, *found.values()}, think)} if found else {}
    return {id: twin for id, twin in found.items() if think.follows(known[id], known[twin])}


def _beside(tx: Connection, twins: Mapping[int, int], think: Thinking) -> dict[int, tuple[int, Verdict]]:
    """The place of each: in the story of its twin, where that one is like no other page. Otherwise it counts twice for
    the likeness between the two pages, and what the two say of their origins counts too."""
    if not twins:
        return {}
    rows = {row.id: row for row in tx.execute(_ON_ONE_PAGE, {"ids": list(set(twins.values()))})}
    known = {member.id: member for member in members(tx, set(rows), think)}
    return {id: (twin, think.beside(known[twin], verdict(rows[twin]))) for id, twin in twins.items() if twin in rows}


def _join(tx: Connection, beside: Mapping[int, tuple[int, Verdict]], think: Thinking) -> None:
    """Each is like its twin, and like whatever that one is like."""
    if not beside:
        return
    links: dict[int, dict[int, Likeness]] = {twin: {} for twin, _ in beside.values()}  # of each twin, by the other's id
    for row in tx.execute(LINKS, {"ids": list(links)}):
        links[row.article_id][row.other_id] = likeness(row)
    rows: list[tuple[int, int, float, float]] = []
    for id, (twin, _) in beside.items():
        links[twin].pop(id, None)  # it may have met this one already
        nearest = sorted(links[twin].values(), key=lambda like: (-like.odds, like.other))[: CANDIDATES - 1]
        for like in (Likeness(other=twin, odds=think.same_page, contained=1.0), *nearest):
            rows += both_ways(id, like)
            links.get(like.other, {})[id] = replace(like, other=id)
    bulk.insert(tx, likenesses, rows, there="keep")
    tx.execute(PLACE, [place_of(id, said) for id, (_, said) in beside.items()])


# Made once, as in likenesses.
_PAGES_OF_SEVERAL = (
    select(articles.c.page_key)
    .where(articles.c.page_key.in_(bindparam("pages", expanding=True)))
    .group_by(articles.c.page_key)
    .having(func.count() > 1)
)
_twin, _other = articles.alias(), articles.alias()
_TWINS = (
    select(articles.c.id, func.min(_twin.c.id).label("twin"))
    .join(_twin, _twin.c.page_key == articles.c.page_key)
    .where(articles.c.id.in_(bindparam("ids", expanding=True)), _twin.c.id < articles.c.id)
    .where(_twin.c.title == articles.c.title, _twin.c.body == articles.c.body)
    .group_by(articles.c.id)
)
_ON_ONE_PAGE = select(*(articles.c[name] for name in ("id", "relation", "story_id", "copy_of", "verdict"))).where(
    articles.c.id.in_(bindparam("ids", expanding=True)),
    ~select(_other.c.id)
    .join(likenesses, likenesses.c.other_id == _other.c.id)
    .where(likenesses.c.article_id == articles.c.id, likenesses.c.odds > 0, _other.c.page_key != articles.c.page_key)
    .exists(),
)
_OF_STORIES = select(articles.c.id).where(articles.c.story_id.in_(bindparam("stories", expanding=True)))
