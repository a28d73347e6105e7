"""What topics say of articles: of one that arrives, and of the archive when a rule changes."""

import asyncio
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache, partial
from itertools import chain

from aggregator.app import App
from aggregator.doors.store import arrivals, articles, candidates, decisions, topics
from aggregator.model import Archived, Article, Judged, LiveTopic, Topic
from aggregator.steps import dedup, match, urls

BATCH = 200
"""Old articles that a changed rule judges before it is saved how far it came."""

TOLD = 2000
"""As many, where the index alone tells of most."""

LOOKED_UP = 10_000
"""Articles for which the index is asked at a time."""

AT_ONCE = 20
"""Articles that are judged before others have their turn in this process."""

log = logging.getLogger(__name__)


async def rules(app: App) -> match.Rules:
    """The live topics, made ready once for as long as they stay what they are."""
    stamp = await app.store.read(topics.stamp)
    if app.rules is None or app.rules.stamp != stamp:
        live = await app.store.read(topics.live)
        app.rules = match.rules(stamp, live, await liked(app, *chain.from_iterable(t.topic.queries for t in live)))
    elif app.rules.missing:
        app.rules = replace(app.rules, liked={**app.rules.liked, **await _named(app, app.rules.missing)})
    return app.rules


def judged(rules: match.Rules, archived: Archived, words: match.Words, now: datetime) -> Judged:
    """What all topics say of an article that is about to be saved."""
    return rules.judged(archived, words, match.Context(now=now, liked=rules.liked, alike=dedup.wording))


async def context(app: App, *queries: str) -> match.Context:
    """What these queries mean now."""
    return match.Context(now=app.now(), liked=await liked(app, *queries), alike=dedup.wording)


async def liked(app: App, *queries: str) -> dict[str, Article]:
    """The articles that queries name by `like:`, as they are named; one that there is not is left out."""
    return await _named(app, match.liked(*queries))


async def named(app: App, name: str) -> Archived | None:
    """The article that a user means by an id or a URL."""
    return await app.store.read(articles.named, name, urls.page_key(name) if "://" in name else name)


async def _named(app: App, names: Iterable[str]) -> dict[str, Article]:
    found = {name: await named(app, name) for name in sorted(names)}
    return {name: archived.article for name, archived in found.items() if archived}


def prefilter(query: str, context: match.Context) -> match.Pre | None:
    """What the archive's indexes can tell of a query."""
    keys = {name: dedup.text_keys(article) for name, article in context.liked.items()}
    return match.prefilter(match.parse(query), keys)


async def replay(app: App, live: LiveTopic) -> bool:
    """Run a rule over the articles that came before it, from where it stopped, the index narrowing them down; False:
    the rule changed meanwhile."""
    said = await context(app, *live.topic.queries)
    pre, limits = prefilter(live.topic.match, said), match.topic_limits(live.topic, said.now)
    asked = match.asked(live.topic)
    size = BATCH if asked is None else TOLD
    at = live.replayed_to
    while at < live.replay_to:
        ids = await app.store.read(candidates.ids, pre, after=at, limit=LOOKED_UP, limits=limits)
        ids = tuple(id for id in ids if id <= live.replay_to)
        at = ids[-1] if len(ids) == LOOKED_UP else live.replay_to
        for start in range(0, len(ids), size):
            some = ids[start : start + size]
            told, open = ([], some) if asked is None else await _told(app, live.topic, asked, some)
            read = await _read(app, live.topic, open, said)
            if not await app.store.write(decisions.replayed, live, told + read, some[-1], app.now()):
                return False
        if not await app.store.write(decisions.replayed, live, (), at, app.now()):
            return False
        log.info("replay topic=%s judged=%d of=%d", live.topic.name, at, live.replay_to)
    while outdated := await app.store.read(decisions.outdated, live, said.now):
        batch = await app.store.read(articles.get, outdated)
        found = await _decided(live.topic, batch, said)
        if not await app.store.write(decisions.replayed, live, found, live.replay_to, app.now()):
            return False
    return True


async def _told(
    app: App, topic: Topic, asked: Mapping[match.Leaf, match.Pre], ids: Sequence[int]
) -> tuple[list[decisions.Found], list[int]]:
    """What the index alone decides, and the articles that have to be read."""
    decide = cache(partial(match.told, topic))
    told: list[decisions.Found] = []
    open: list[int] = []
    for number, each in enumerate(await app.store.read(candidates.having, tuple(asked.values()), ids)):
        if number % AT_ONCE == 0:
            await asyncio.sleep(0)  # of a rule of hundreds of words they take a second
        there = frozenset(leaf for n, leaf in enumerate(asked) if each.has >> n & 1)
        if not (each.is_whole and match.is_sure(there, each.credits)):
            open.append(each.id)
        elif (decision := decide(there)).selected:
            told.append((each.id, decision, each.first_seen, each.dated))
    return told, open


async def _read(app: App, topic: Topic, ids: Sequence[int], said: match.Context) -> list[decisions.Found]:
    likely, found = match.likely(match.parse(topic.match)), []
    for start in range(0, len(ids), BATCH):
        batch = await app.store.read(candidates.get, ids[start : start + BATCH], likely)
        found += [each for each in await _decided(topic, batch, said) if each[1].selected or each[1].until]
    return found


async def _decided(topic: Topic, batch: Sequence[Archived], said: match.Context) -> list[decisions.Found]:
    found: list[decisions.Found] = []
    for number, archived in enumerate(batch):
        if number % AT_ONCE == 0:
            await asyncio.sleep(0)
        decision = match.decide(topic, archived, said)
        dated = arrivals.dated(archived.article.published, archived.first_seen)
        found.append((archived.id or 0, decision, archived.first_seen, dated))
    return found
