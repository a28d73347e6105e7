"""Publishing: a topic judged by its rule, and written to feeds_out/."""

from collections.abc import Sequence

from aggregator.app import App
from aggregator.doors import files
from aggregator.doors.store import articles, reports, sources, topics
from aggregator.jobs.common import Done
from aggregator.model import CHANGES, Archived, Job, LiveTopic, Report, Topic
from aggregator.steps import diff, match, opml, render

EDITS = Topic(name=CHANGES, match="", title="Edits")
"""What was edited, whatever topics say of it: a feed like theirs."""


REPLAY_BATCH = 200
"""Old articles that a changed rule judges before it is saved how far it came."""


async def publish(app: App, live: LiveTopic) -> Done:
    """Let a new rule judge the old articles, then write the topic's files where they changed."""
    topic = live.topic
    assert topic.id is not None
    job = Job("publish", topic.id)
    if not await replay(app, live):
        return Done(job=job, subject=topic.name, outcome="published")  # by the job that the new rule made due
    ids = await app.store.read(topics.selected, live, topic.limit)
    found = await app.store.read(articles.get, ids)
    also = await app.store.read(articles.stories, ids)
    written = await _write_feed(app, topic, found, also)
    if written:
        await publish_index(app)
    await app.store.write(topics.published, live, app.now())
    return Done(job=job, subject=topic.name, outcome="published", new=len(found), changed=written)


async def report(app: App, wanted: Report) -> Done:
    """Write the feed of what was edited, with the edits."""
    found = diff.newest(await app.store.read(articles.edited, EDITS.limit), EDITS.limit)
    written = await _write_feed(app, EDITS, found, {})
    await app.store.write(reports.published, wanted)
    job = Job("report", wanted.id)
    return Done(job=job, subject=wanted.name, outcome="published", new=len(found), changed=written)


async def replay(app: App, live: LiveTopic) -> bool:
    """Run a rule over the articles that came before it, from where it stopped, the index narrowing them down; False:
    the rule changed meanwhile."""
    node = match.parse(live.topic.match)
    prefilter = match.prefilter(node)
    at = live.replayed_to
    while at < live.replay_to:
        batch = await app.store.read(articles.candidates, prefilter, after=at, limit=REPLAY_BATCH)
        batch = tuple(a for a in batch if (a.id or 0) <= live.replay_to)
        at = batch[-1].id or 0 if len(batch) == REPLAY_BATCH else live.replay_to
        if not await _judge(app, live, batch, at):
            return False
    while outdated := await app.store.read(topics.outdated, live):
        if not await _judge(app, live, await app.store.read(articles.get, outdated), live.replay_to, keep_all=True):
            return False
    return True


async def publish_index(app: App) -> None:
    """What feeds_out/ holds beside the feeds: a page for people and the list of topics for readers."""
    live = await app.store.read(topics.live)
    names = [t.topic for t in live]
    newest = await app.store.read(articles.newest, 50)
    files.replace(app.config.feeds_out / "index.html", render.index(names, newest))
    files.replace(app.config.feeds_out / "topics.opml", opml.opml_topics(names, app.config.settings.public_url))


async def _write_feed(app: App, topic: Topic, found: Sequence[Archived], also: render.Also) -> int:
    """The topic's files, in each format; returns how many changed."""
    feeds = await app.store.read(sources.urls)
    written = 0
    for ending, write in render.FORMATS.items():
        body = write(topic, found, app.config.settings.public_url, also, feeds)
        written += files.replace(app.config.feeds_out / f"{topic.name}.{ending}", body)
    return written


async def _judge(app: App, live: LiveTopic, batch: tuple[Archived, ...], to: int, keep_all: bool = False) -> bool:
    decided = [(a, match.decide(live.topic, a)) for a in batch]
    found = [
        (a.id or 0, d, a.first_seen, min(a.article.published or a.first_seen, a.first_seen))
        for a, d in decided
        if d.selected or keep_all
    ]
    return await app.store.write(topics.replayed, live, found, to, app.now())
