"""Ways to put things into an archive that the tests of the store share."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from aggregator.doors.store import Store, articles, entries, namesakes, sources, topics
from aggregator.jobs import THINKING
from aggregator.model import Article, Changes, Decision, Entry, Judged, LiveTopic, PollState, Source, Topic
from aggregator.steps import urls
from tests.fakes import START, WORDS

FEED = "https://site.example/feed"


async def follow(store: Store, *wanted: Source | str, now: datetime = START) -> tuple[Source, ...]:
    """Make these the followed sources; returned in this order, as they are stored."""
    as_sources = [Source(url=s) if isinstance(s, str) else s for s in wanted]
    await store.write(sources.sync, as_sources, urls.host, now)
    stored = {f.source.url: f.source for f in await store.read(sources.followed)}
    return tuple(stored[s.url] for s in as_sources)


def entry(guid: str, **changes: Any) -> Entry:
    values = {"url": f"https://site.example/{guid}", "title": f"Title {guid}", "hash": f"hash-{guid}"}
    return Entry(guid=guid, **(values | changes))


async def arrive(store: Store, source: Source, *new: Entry, now: datetime = START) -> tuple[int, ...]:
    """Save new entries as a poll does; returns their ids."""
    state = PollState(polled_at=now)
    await store.write(entries.save, source, Changes(new=new), state, lambda e: urls.host(e.url or ""), now)
    known = {k.guid: k.id for k in await store.read(namesakes.among, source, new)}
    return tuple(known[e.guid] for e in new)


def article(url: str = "https://site.example/a", text: str = WORDS, **changes: Any) -> Article:
    return Article(**({"url": url, "title": "Storm closes the harbour", "text": text} | changes))


async def keep(
    store: Store,
    entry_id: int,
    kept: Article,
    decided: Mapping[LiveTopic, Decision] | None = None,
    now: datetime = START,
) -> tuple[int, str]:
    """Archive an article for this entry."""
    work = await store.read(entries.to_archive, entry_id)
    assert work is not None
    return await store.write(articles.save, work, kept, THINKING, judged(decided or {}), now)


def judged(decided: Mapping[LiveTopic, Decision]) -> Judged:
    """What these topics, and no others, say of an article."""
    return Judged(
        stamp=(-1, -1),  # as if others had come meanwhile
        versions={live.topic.id or 0: live.version for live in decided},
        decisions={live.topic.id or 0: said for live, said in decided.items()},
    )


async def publish(store: Store, *wanted: Topic, now: datetime = START) -> tuple[LiveTopic, ...]:
    """Make these the topics; returned in this order, as they are stored."""
    await store.write(topics.sync, wanted, now)
    stored = {live.topic.name: live for live in await store.read(topics.live)}
    return tuple(stored[t.name] for t in wanted)
