"""Publishing: a topic judged by its rule, and written to feeds_out/."""

from collections.abc import Sequence

from aggregator.app import App
from aggregator.doors import files
from aggregator.doors.store import articles, published, reports, topics
from aggregator.jobs import health, hubs
from aggregator.jobs.common import Done
from aggregator.jobs.judging import replay
from aggregator.model import CHANGES, HEALTH, INDEX, Job, LiveTopic, Placed, Report, Topic
from aggregator.steps import diff, opml, render
from aggregator.steps import health as judged

EDITS = Topic(name=CHANGES, match="", title="Edits")
"""What was edited, whatever topics say of it: a feed like theirs."""

ILLS = Topic(name=HEALTH, match="", title="What wants a look")
"""What `doctor` says of the sources and the home."""


async def publish(app: App, live: LiveTopic) -> Done:
    """Let a new rule judge the old articles, then write the topic's files where they changed."""
    topic = live.topic
    assert topic.id is not None
    job = Job("publish", topic.id)
    if not await replay(app, live):
        return Done(job=job, subject=topic.name, outcome="published")  # by the job that the new rule made due
    entries = await _fragments(app, topic, await app.store.read(published.placed, live))
    written = _write_feed(app, topic, entries)
    await app.store.write(topics.published, live, len(written), app.now())
    error = await hubs.tell(app, written)
    count = len(entries)
    return Done(job=job, subject=topic.name, outcome="published", new=count, changed=len(written), error=error)


async def report(app: App, wanted: Report) -> Done:
    """Write the feed of what was edited, with the edits; that of what wants a look; or what feeds_out/ holds beside."""
    job, error, count = Job("report", wanted.id), None, 0
    if wanted.name == INDEX:
        changed = await publish_index(app)
    else:
        if wanted.name == HEALTH:
            topic, base = ILLS, app.config.settings.public_url
            found = [judged.entry(each, base, app.now()) for each in (await health.findings(app))[: ILLS.limit]]
        else:
            topic, found = EDITS, diff.newest(await app.store.read(articles.edited, EDITS.limit), EDITS.limit)
        written = _write_feed(app, topic, render.fragments([render.rendered(a) for a in found]))
        count, changed, error = len(found), len(written), await hubs.tell(app, written)
    await app.store.write(reports.published, wanted)
    return Done(job=job, subject=wanted.name, outcome="published", new=count, changed=changed, error=error)


async def publish_index(app: App) -> int:
    """What lies beside the feeds, for people and for readers; returns how many of these files changed."""
    names = [live.topic for live in await app.store.read(topics.live)]
    newest = await app.store.read(articles.newest, 50)
    bodies = {
        "index.html": render.index(names, newest),
        render.STYLE: render.style(),
        "topics.opml": opml.opml_topics(names, app.config.settings.public_url),
    }
    return sum(files.replace(app.config.feeds_out / name, body) for name, body in bodies.items())


async def _fragments(app: App, topic: Topic, placed: Sequence[Placed]) -> list[render.Fragment]:
    """The entries of a topic's feed; those that no feed of this process had, as they are now, are rendered."""
    keys = {each.id: (*each, topic.full_text) for each in placed}
    kept = {id: fragment for id, key in keys.items() if (fragment := app.fragments.get(key))}
    if missing := tuple(id for id in keys if id not in kept):
        found = await app.store.read(articles.get, missing)
        also = await app.store.read(articles.stories, missing)
        said = [render.rendered(a, also.get(a.id or 0, ()), topic.full_text) for a in found]
        for archived, fragment in zip(found, render.fragments(said), strict=True):
            id = archived.id or 0
            app.fragments.put(keys[id], fragment, fragment.size)
            kept[id] = fragment
    return [kept[id] for id in keys if id in kept]


def _write_feed(app: App, topic: Topic, entries: Sequence[render.Fragment]) -> list[str]:
    """The topic's files, in each format; returns the addresses of those that changed."""
    head = render.head(topic, app.config.settings.public_url, app.config.settings.server.hub)
    return [
        head.url(format)
        for format in render.FORMATS
        if files.replace(app.config.feeds_out / f"{topic.name}.{format}", render.document(format, head, entries))
    ]
