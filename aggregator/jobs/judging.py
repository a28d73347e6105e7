"""What topics say of articles: of one that arrives, and of the archive when a rule changes."""

import asyncio
import logging
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import chain

from aggregator.app import App
from aggregator.doors.store import arrivals, articles, candidates, decisions, topics
from aggregator.model import Archived, Article, Decision, Judged, LiveTopic
from aggregator.steps import dedup, match, urls

BATCH = 200
"""Old articles that a changed rule judges before it is saved how far it came."""

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
    likely = match.likely(match.parse(live.topic.match))
    at = live.replayed_to
    while at < live.replay_to:
        ids = await app.store.read(candidates.ids, pre, after=at, limit=LOOKED_UP, limits=limits)
        ids = tuple(id for id in ids if id <= live.replay_to)
        at = ids[-1] if len(ids) == LOOKED_UP else live.replay_to
        for start in range(0, len(ids), BATCH):
            some = ids[start : start + BATCH]
            if not await _judge(app, live, await app.store.read(candidates.get, some, likely), some[-1], said):
                return False
        if not await _judge(app, live, (), at, said):
            return False
        log.info("replay topic=%s judged=%d of=%d", live.topic.name, at, live.replay_to)
    while outdated := await app.store.read(decisions.outdated, live, said.now):
        batch = await app.store.read(articles.get, outdated)
        if not await _judge(app, live, batch, live.replay_to, said, keep_all=True):
            return False
    return True


async def _judge(
    app: App, live: LiveTopic, batch: Sequence[Archived], to: int, said: match.Context, keep_all: bool = False
) -> bool:
    decided: list[tuple[Archived, Decision]] = []
    for number, archived in enumerate(batch):
        if number % AT_ONCE == 0:
            await asyncio.sleep(0)
        decided.append((archived, match.decide(live.topic, archived, said)))
    found = [
        (a.id or 0, d, a.first_seen, arrivals.dated(a.article, a.first_seen))
        for a, d in decided
        if d.selected or d.until or keep_all
    ]
    return await app.store.write(decisions.replayed, live, found, to, app.now())
