"""Publishing: a topic judged by its rule, and written to feeds_out/."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from aggregator.app import App
from aggregator.doors import files
from aggregator.doors.store import articles, pages, published, reports, topics
from aggregator.doors.store.dialect import batches
from aggregator.jobs import health, hubs, pictures
from aggregator.jobs.common import Done
from aggregator.jobs.judging import replay
from aggregator.model import CHANGES, HEALTH, INDEX, Job, LiveTopic, Placed, Report, Standing, Topic
from aggregator.steps import diff, opml, render
from aggregator.steps import health as judged

AT_ONCE = 5
"""Articles that are read together to be rendered: one may hold a million characters."""

APART = 100_000
"""Characters of entries that are not rendered here: nothing else would have its turn meanwhile."""

MAX_FRAGMENT = 2**17
"""Bytes of an entry, in all formats, that is kept for the next feed; a longer one is rendered again."""

MAX_HELD = 2**24
"""Bytes of entries that are rendered and not written yet; of a feed that has more, they are put aside on the disk."""

EDITS = Topic(name=CHANGES, match="", title="Edits")
"""What was edited, whatever topics say of it: a feed like theirs."""

ILLS = Topic(name=HEALTH, match="", title="What wants a look")
"""What `doctor` says of the sources and the home."""


async def publish(app: App, live: LiveTopic) -> Done:
    """Let a new rule judge the old articles, then write the topic's files where they changed."""
    topic = live.topic
    assert topic.id is not None
    job = Job("publish", topic.id)
    if not await _judge(app, live):
        return Done(job=job, subject=topic.name, outcome="published")  # by the job that the new rule made due
    head = _head(app, topic)
    standing = await app.store.read_each(published.standings, live)
    if standing.page and not all(path.exists() for path in _page_files(app, live, standing.page)):
        await app.store.write(pages.again, topic.id)
        standing = await app.store.read(published.standing, live)
    if standing.is_behind or standing.is_stale:
        standing = await _write_pages(app, live, head)
    deleted = tuple((render.own.entry_id(url, guid), at) for url, guid, at in standing.left)
    head = replace(render.with_page(head, live.version, standing.page), deleted=deleted)
    with files.Aside(app.config.storage) as aside:
        entries = await _fragments(app, topic, standing.placed, aside)
        written = await _write_feed(app, topic, head, entries)
    await app.store.write_each(topics.published_each, (live, len(written), app.now()))
    error = await hubs.tell(app, written if not topic.token else ())
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
        written = await _write_feed(
            app, topic, _head(app, topic), render.fragments([render.rendered(a) for a in found])
        )
        count, changed = len(found), len(written)
        if wanted.name != HEALTH:  # nobody's business but ours
            error = await hubs.tell(app, written)
    await app.store.write(reports.published, wanted)
    return Done(job=job, subject=wanted.name, outcome="published", new=count, changed=changed, error=error)


async def publish_index(app: App) -> int:
    """What lies beside the feeds, for people and for readers; returns how many of these files changed."""
    names = [live.topic for live in await app.store.read(topics.live) if not live.topic.token]
    newest = await app.store.read(articles.newest, 50)
    bodies = {
        "index.html": render.index(names, newest),
        render.STYLE: render.style(),
        "topics.opml": opml.opml_topics(names, app.config.settings.public_url),
    }
    return sum(files.replace(app.config.feeds_out / name, body) for name, body in bodies.items())


async def _judge(app: App, live: LiveTopic) -> bool:
    """Let a new rule judge the old articles, and any rule those that became too old for it; False: the rule changed
    meanwhile."""
    id, is_due = live.topic.id or 0, live.turn_at is not None and live.turn_at <= app.now()
    if app.judged.get(id) == live.version and live.replayed_to >= live.replay_to and not is_due:
        return True
    if not await replay(app, live):
        return False
    app.judged[id] = live.version
    return True


async def _fragments(app: App, topic: Topic, placed: Sequence[Placed], aside: files.Aside) -> list[render.Fragment]:
    """The entries of a topic's feed; those that no feed of this process had, as they are now, are rendered."""
    kept = _kept(app, topic, placed)
    if len(kept) < len(placed):
        async with app.rendering:
            missing = [each for each in placed if each.id not in kept]
            kept |= _kept(app, topic, missing)
            held = 0
            for some in batches([each for each in missing if each.id not in kept], AT_ONCE):
                said = await _rendered(app, topic, [each.id for each in some])
                made = await _made(app, said, render.FORMATS)
                for each in some:
                    if (fragment := made.get(each.id)) is None:
                        continue
                    if fragment.size <= MAX_FRAGMENT:
                        app.fragments.put(_key(app, topic, each), fragment, fragment.size)
                        held += fragment.size
                    if fragment.size > MAX_FRAGMENT or held > MAX_HELD:
                        fragment = fragment._replace(said={f: aside.put(part) for f, part in fragment.said.items()})
                    kept[each.id] = fragment
    return [kept[each.id] for each in placed if each.id in kept]


async def _made(
    app: App, said: Mapping[int, render.Rendered], formats: Sequence[str], apart: int = APART
) -> dict[int, render.Fragment]:
    """Rendered, those of over `apart` characters by a process of their own."""
    found: list[render.Fragment] = []
    for few in render.together(list(said.values())):
        is_long = sum(len(each.content) for each in few) > apart
        found += await app.cpu(render.fragments, few, formats) if is_long else render.fragments(few, formats)
    return dict(zip(said, found, strict=True))


async def _on_page(app: App, topic: Topic, placed: Sequence[Placed]) -> list[render.Fragment]:
    """The entries of an archive page: most have just left the feed. The others, a whole archive at times, are rendered
    by a process and not kept."""
    kept = _kept(app, topic, placed)
    for some in batches([each.id for each in placed if each.id not in kept], AT_ONCE):
        kept |= await _made(app, await _rendered(app, topic, some), render.PAGED, apart=0)
    return [kept[each.id] for each in placed if each.id in kept]


def _kept(app: App, topic: Topic, placed: Sequence[Placed]) -> dict[int, render.Fragment]:
    found = ((each.id, app.fragments.get(_key(app, topic, each))) for each in placed)
    return {id: fragment for id, fragment in found if fragment}


def _key(app: App, topic: Topic, placed: Placed) -> Hashable:
    pictures = app.config.settings.pictures
    return placed, topic.full_text, pictures.keep, pictures.always


async def _rendered(app: App, topic: Topic, ids: Sequence[int]) -> dict[int, render.Rendered]:
    """What the topic says of these articles, by their ids, in this order."""
    if not ids:
        return {}
    found, also = await app.store.read(articles.get, ids), await app.store.read(articles.stories, ids)
    shown = await pictures.shown(app, found, app.config.settings.public_url)
    return {a.id or 0: render.rendered(a, also.get(a.id or 0, ()), topic.full_text) for a in shown}


async def _write_pages(app: App, live: LiveTopic, head: render.Head) -> Standing:
    """The topic's archive pages that are not there, or not as they should be; returns how it stands then."""
    while await app.store.write(published.cut, live):
        pass
    while stale := await app.store.read(pages.stale, live):
        for page in stale:
            entries = await _on_page(app, live.topic, await app.store.read(published.on_page, live, page))
            of_page = render.of_page(head, live.version, page.number)
            said = [render.document(format, of_page, entries) for format in render.PAGED]
            await app.files.replace(dict(zip(_page_files(app, live, page.number), said, strict=True)))
            await app.store.write(pages.written, live, page)
    files.keep(app.config.place(live.topic) / render.ARCHIVE / live.topic.name, str(live.version))
    return await app.store.read(published.standing, live)


def _page_files(app: App, live: LiveTopic, number: int) -> list[Path]:
    folder = app.config.place(live.topic) / render.ARCHIVE / live.topic.name / str(live.version)
    return [folder / f"{number}.{format}" for format in render.PAGED]


def _head(app: App, topic: Topic) -> render.Head:
    return render.head(topic, app.config.settings.public_url, app.config.settings.server.hub)


async def _write_feed(app: App, topic: Topic, head: render.Head, entries: Sequence[render.Fragment]) -> list[str]:
    """The topic's files, in each format; returns the addresses of those that changed."""
    said = {
        app.config.place(topic) / f"{topic.name}.{format}": render.document(format, head, entries)
        for format in render.FORMATS
    }
    changed = await app.files.replace(said)
    return [head.url(format) for format, is_new in zip(render.FORMATS, changed, strict=True) if is_new]
