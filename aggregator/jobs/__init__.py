"""The three jobs, and the only place that knows the order of their steps."""

import logging
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from itertools import count
from typing import Literal

from sqlalchemy import Connection

from aggregator.app import App
from aggregator.config.access import access
from aggregator.doors import files
from aggregator.doors.store import (
    arrivals,
    articles,
    chrome,
    due,
    entries,
    likenesses,
    reports,
    sources,
    subscriptions,
    topics,
)
from aggregator.errors import AggregatorError, FetchError, StoreError
from aggregator.jobs.pages import Reader, recall, remembered, site_of
from aggregator.model import (
    CHANGES,
    Access,
    Archived,
    Article,
    Changes,
    Decision,
    Entry,
    Feed,
    History,
    Job,
    LiveTopic,
    PollState,
    Report,
    Response,
    Source,
    Subscription,
    ToArchive,
    Topic,
    Validators,
)
from aggregator.steps import compose, dedup, diff, match, opml, pace, parse, render, text, urls, websub

log = logging.getLogger(__name__)

THINKING = likenesses.Thinking(
    text_keys=dedup.text_keys,
    likenesses=dedup.likenesses,
    stories=dedup.stories,
    revised=dedup.revised,
    words=compose.words,
    page_key=compose.page_key,
    follows=dedup.follows,
    beside=dedup.beside,
    same_page=dedup.SAME_PAGE,
)

EASE = timedelta(minutes=15)
"""How long, at least, a host that answers 429 is asked for nothing."""

_FAR = Decision(selected=False, reason="not selected: the words that its rule asks for are not there")

EDITS = Topic(name=CHANGES, match="", title="Edits")
"""What was edited, whatever topics say of it: a feed like theirs."""

REPLAY_BATCH = 200
"""Old articles that a changed rule judges before it is saved how far it came."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """How a job ended, for who reports it."""

    job: Job
    subject: str
    outcome: Literal["new", "unchanged", "failed", "walked", "asked", "archived", "revised", "published"]
    status: int | None = None
    new: int = 0
    changed: int = 0
    missed: bool = False  # none of the last poll's entries was there: others came and went in between
    error: str | None = None


async def run(app: App, job: Job) -> Done | None:
    """Do one job, whoever asks for it; None where what it was for is gone."""
    if job.kind == "poll":
        found = await app.store.read_each(sources.get_each, job.id)
        return await poll(app, *found) if found else None
    if job.kind == "subscribe":
        subscription = await app.store.read(subscriptions.get, job.id)
        return await subscribe(app, subscription) if subscription else None
    if job.kind == "history":
        at = await app.store.read(sources.history, job.id)
        found = await app.store.read(sources.get, job.id)
        return await history(app, found[0], at) if found and at and at.history_url else None
    if job.kind == "archive":
        work = await app.store.read(entries.to_archive, job.id)
        return await archive(app, work) if work else None
    if job.kind == "report":
        wanted = [each for each in await app.store.read(reports.every) if each.id == job.id]
        return await report(app, wanted[0]) if wanted else None
    live = await app.store.read(topics.get, job.id)
    return await publish(app, live) if live else None


async def poll(app: App, source: Source, state: PollState, had: Response | None = None) -> Done:
    """Fetch a source, unless its answer is `had` already; keep what is new, and say when to come back."""
    bounds = app.config.settings.poll
    url = state.address or source.url
    job = Job("poll", source.id or 0, urls.host(url))
    response = had
    try:
        response = had or await app.web.get(
            url,
            etag=state.etag,
            last_modified=state.last_modified,
            access=_access(app, source),
            robots=app.config.settings.http.robots == "all",
        )
        body_hash = sha256(response.body).hexdigest()
        is_told = await _is_told(app, source)
        if response.not_modified or body_hash == state.body_hash:
            state = pace.unchanged(source, state, response, app.now(), bounds, is_told)
            await app.store.write_each(sources.polled_each, (source, state))
            return Done(job=job, subject=source.name or source.url, outcome="unchanged", status=response.status)
        feed = parse.quick(response, state.marks)
        if feed is None:
            feed = await app.cpu(parse.feed, response, state.marks)
    except AggregatorError as error:
        state = pace.failed(source, state, error, app.now(), bounds, response.status if response else None)
        await app.store.write_each(sources.polled_each, (source, state))
        await _ease(app, job.host, error)
        return Done(job=job, subject=source.name or source.url, outcome="failed", status=state.status, error=str(error))
    known = await app.store.read(entries.known, source, feed.entries) if feed.entries else ()
    changes = dedup.changes(feed, known, is_past=state.body_hash is None)
    new, changed = len(changes.new), len(changes.changed)
    state = pace.polled(source, state, response, feed, new, body_hash, app.now(), bounds, is_told)
    if new or changed or changes.again:
        await _keep(app, source, changes, state)
    else:
        await app.store.write_each(sources.polled_each, (source, state))
    name = source.name or await app.store.write(sources.name, source, names(feed.title, source.url))
    outcome: Literal["new", "unchanged"] = "new" if new or changed else "unchanged"
    await _offered(app, source, response, feed)
    missed = state.missed_at == state.polled_at
    return Done(job=job, subject=name, outcome=outcome, status=response.status, new=new, changed=changed, missed=missed)


async def told(app: App, source: Source, state: PollState, response: Response) -> Done:
    """What a hub sent of a feed, often no more than is new; kept as a poll would keep it."""
    job = Job("poll", source.id or 0)
    feed = await app.cpu(parse.feed, response)
    changes = dedup.changes(feed, await app.store.read(entries.known, source, feed.entries))
    new, changed = len(changes.new), len(changes.changed)
    await _keep(app, source, changes, pace.told(state, new, app.now()))
    outcome: Literal["new", "unchanged"] = "new" if new or changed else "unchanged"
    return Done(job=job, subject=source.name or source.url, outcome=outcome, new=new, changed=changed)


async def subscribe(app: App, subscription: Subscription) -> Done:
    """Ask a hub to send us what is new of a source, or to go on with it."""
    job = Job("subscribe", subscription.id, subscription.host)
    callback = f"{app.config.settings.public_url}/websub/{subscription.token}"
    # Before, not after: some hubs ask back while we still wait for their answer.
    await app.store.write(subscriptions.change, subscription.id, partial(websub.asking, now=app.now()))
    try:
        await app.web.post(subscription.hub, websub.request(subscription, callback))
    except AggregatorError as error:
        await app.store.write(subscriptions.change, subscription.id, partial(websub.refused, now=app.now()))
        return Done(job=job, subject=subscription.topic, outcome="failed", error=str(error))
    return Done(job=job, subject=subscription.topic, outcome="asked")


async def history(app: App, source: Source, at: History) -> Done | None:
    """One page of a feed's past: keep what is not known, and say which page is next, if any."""
    url, pages = at.history_url, at.history_pages + 1
    assert url is not None
    job = Job("history", source.id or 0, urls.host(url))
    access, robots = _access(app, source), app.config.settings.http.robots == "all"
    try:
        feed = await app.cpu(parse.feed, await app.web.get(url, access=access, robots=robots))
    except AggregatorError as error:
        await app.store.write(sources.walked, source, pace.history(url, pages, app.now(), failed=True))
        await _ease(app, job.host, error)
        return Done(job=job, subject=source.name or url, outcome="failed", error=str(error))
    changes = dedup.changes(feed, await app.store.read(entries.known, source, feed.entries), is_past=True)
    further = feed.prev_archive_url or feed.next_url
    after = pace.history(further if further != url and (changes.new or pages < 3) else None, pages, app.now())
    count = await app.store.write(entries.save_past, source, changes, after, _host_of_page(app, source), app.now())
    return Done(job=job, subject=source.name or url, outcome="walked", new=count)


async def archive(app: App, work: ToArchive) -> Done:
    """Find the article of an entry, its story and its topics, and keep it."""
    found = await _article(app, work)
    article, work = found.article, _without(work, found.again)
    live = await app.store.read(topics.live)
    decided = decisions(live, work, article)
    now = app.now()

    def save(tx: Connection) -> tuple[int, str]:
        result = articles.save(tx, work, article, THINKING, decided, now)
        again = pace.retry(found.failures, now) if found.failures else _look_again(app, work, article, now)
        entries.archived(tx, work.entry, found.failures, found.error, again, found.page)
        if found.learned:
            chrome.change(tx, site_of(article.url), partial(remembered, article, found.learned))
        return result

    _, outcome = await app.store.write(save)
    job = Job("archive", work.entry.id or 0, urls.host(work.entry.url or ""))
    return Done(
        job=job,
        subject=article.url,
        outcome="revised" if outcome == "revised" else "archived",
        new=int(outcome == "new"),
        changed=int(outcome in ("revised", "improved")),
        error=found.error,
    )


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


async def _write_feed(app: App, topic: Topic, found: Sequence[Archived], also: render.Also) -> int:
    """The topic's files, in each format; returns how many changed."""
    feeds = await app.store.read(sources.urls)
    written = 0
    for ending, write in render.FORMATS.items():
        body = write(topic, found, app.config.settings.public_url, also, feeds)
        written += files.replace(app.config.feeds_out / f"{topic.name}.{ending}", body)
    return written


async def crashed(app: App, job: Job, error: Exception) -> None:
    """A job ended by a mistake of ours, or by the store's or the disk's no: keep that it did, and let it wait longer
    each time, as after a failure."""
    reason = error
    if not isinstance(reason, AggregatorError):
        reason = AggregatorError("internal error", f"{type(error).__name__}: {error}; please report it")
    if job.kind == "history" and (at := await app.store.read(sources.history, job.id)):
        after = pace.history(at.history_url, at.history_pages + 1, app.now(), failed=True)
        await app.store.write(sources.walked, Source(url="", id=job.id), after)
    elif job.kind == "poll" and (found := await app.store.read(sources.get, job.id)):
        state = pace.failed(*found, reason, app.now(), app.config.settings.poll)
        await app.store.write(sources.polled, found[0], state)
    elif job.kind == "archive" and (work := await app.store.read(entries.to_archive, job.id)):
        again = pace.retry(work.failures + 1, app.now())
        await app.store.write(entries.archived, work.entry, work.failures + 1, str(reason), again)
    elif job.kind == "subscribe":
        await app.store.write(subscriptions.change, job.id, partial(websub.refused, now=app.now()))
    elif job.kind in ("publish", "report"):
        await app.store.write(due.postpone, job, app.now() + due.LEASE)


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


def decisions(live: tuple[LiveTopic, ...], work: ToArchive, article: Article) -> dict[LiveTopic, Decision]:
    """What the topics say of an article that is about to be saved."""
    decided = match.decide_all([t.topic for t in live], _archived(work, article))
    return {t: decided[t.topic.name] for t in live}


def arrival(live: tuple[LiveTopic, ...], work: ToArchive, article: Article) -> arrivals.New:
    """An article that is to be kept for the first time. Most topics have nothing to do with it: its words tell so at
    once."""
    words = compose.words(article)
    near = tuple(t for t in live if match.may_take(t.topic, words))
    decided = dict.fromkeys(live, _FAR) | decisions(near, work, article)
    return arrivals.New(work=work, article=article, words=words, text_keys=dedup.text_keys(article), decisions=decided)


async def publish_index(app: App) -> None:
    """What feeds_out/ holds beside the feeds: a page for people and the list of topics for readers."""
    live = await app.store.read(topics.live)
    names = [t.topic for t in live]
    newest = await app.store.read(articles.newest, 50)
    files.replace(app.config.feeds_out / "index.html", render.index(names, newest))
    files.replace(app.config.feeds_out / "topics.opml", opml.opml_topics(names, app.config.settings.public_url))


def names(title: str | None, url: str) -> Iterator[str]:
    """Names for a source, the best first, without end: short, lower case, of a-z, 0-9 and hyphens."""
    words = re.findall(r"[a-z0-9]+", text.fold(title or ""))
    base = "-".join(words)[:40].strip("-") or re.sub(r"[^a-z0-9]+", "-", urls.host(url).removeprefix("www.")).strip("-")
    return numbered(base or "source")


def numbered(name: str) -> Iterator[str]:
    """The name, then with a number behind it: for one that others have already."""
    yield name
    for n in count(2):
        yield f"{name}-{n}"


async def _keep(app: App, source: Source, changes: Changes, state: PollState) -> None:
    """What a poll found; the articles of new entries whose pages nobody wants in the same transaction."""
    host, now = _host_of_page(app, source), app.now()
    live = await app.store.read(topics.live)
    whole = [
        ToArchive(entry=e, source=source, first_seen=entries.first_seen(e, changes, now), failures=0, known=None)
        for e in changes.new
        if not host(e)
    ]
    new = [arrival(live, work, compose.of_entry(work.entry, source.url)) for work in whole]

    def save(tx: Connection) -> None:
        ids = entries.save(tx, source, changes, state, host, now, {n.work.entry.guid for n in new})
        kept = [
            replace(n, work=replace(n.work, entry=replace(n.work.entry, id=ids[n.work.entry.guid])))
            for n in new
            if n.work.entry.guid in ids
        ]
        if kept:
            arrivals.save(tx, kept, THINKING, now)

    try:
        await app.store.write(save)
    except StoreError:
        if not new:
            raise
        # One of the articles is refused: each has a job of its own then, so that this one fails alone.
        await app.store.write(entries.save, source, changes, state, host, now)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """An article as its page and its feed tell it today."""

    article: Article
    learned: tuple[int, ...] = ()  # the paragraphs of its page
    again: tuple[str, ...] = ()  # those that its site says on every page
    failures: int = 0  # of its page, in a row
    error: str | None = None  # why it failed
    page: Validators | None = None  # what tells whether it has changed since


async def _article(app: App, work: ToArchive) -> _Found:
    entry, source = work.entry, work.source
    said = compose.of_entry(entry, source.url)
    if not (_wants_page(app, source) and entry.url):
        return _Found(article=said)
    had = work.known.article if work.known and work.known.article.origin == "page" else None
    try:
        reader = Reader(
            web=app.web,
            cpu=app.cpu,
            sites=app.sites,
            access=_access(app, source),
            robots=app.config.settings.http.robots != "none",
            recall=partial(recall, app.store),
        )
        response = await reader.fetch(entry.url, work.page if had else Validators())
        if had and response.not_modified:
            return _Found(article=had)
        page = await reader.whole(response)
    except AggregatorError as error:
        await _ease(app, urls.host(entry.url), error)
        # What was had before is better than what the feed says of a page that is down today.
        return _Found(article=had or said, failures=work.failures + 1, error=str(error))
    article = compose.joined(page.article, entry, source.url)
    validators = Validators(etag=response.headers.get("etag"), last_modified=response.headers.get("last-modified"))
    if had and dedup.cut(had, article):
        return _Found(article=had, page=validators)
    return _Found(article=article, learned=page.learned, again=page.again, page=validators)


def _without(work: ToArchive, paragraphs: tuple[str, ...]) -> ToArchive:
    """What was known of an article, without what its site says on every page: that we learned so since is no edit."""
    if work.known is None or not paragraphs:
        return work
    before = work.known.article
    kept = "\n\n".join(p for p in before.text.split("\n\n") if p not in paragraphs)
    return replace(work, known=replace(work.known, article=replace(before, text=kept)))


def _look_again(app: App, work: ToArchive, article: Article, now: datetime) -> datetime | None:
    """When the page is asked for once more; a feed's own text changes with the feed."""
    if not app.config.settings.revisit or article.origin != "page":
        return None
    return pace.look_again(work.entry.url or article.url, work.first_seen, now)


async def _is_told(app: App, source: Source) -> bool:
    """Whether a hub has promised to send what is new."""
    if not app.config.settings.server.public_url:
        return False
    subscription = await app.store.read(subscriptions.get, source.id or 0)
    return bool(subscription and subscription.until and subscription.until > app.now())


async def _offered(app: App, source: Source, response: Response, feed: Feed) -> None:
    """A daemon that hubs can reach subscribes where the feed names one."""
    if not app.config.settings.server.public_url:
        return
    found = websub.hub(response, feed)
    if found is None:
        await app.store.write(subscriptions.drop, source.id or 0)
        return
    hub, topic = found
    offer = Subscription(
        id=source.id or 0, hub=hub, topic=topic, host=urls.host(hub), token=app.secret(), secret=app.secret()
    )
    await app.store.write(subscriptions.offered, offer, app.now())


async def _ease(app: App, host: str, error: AggregatorError) -> None:
    """A host that answers 429 has had too much of all its sources and pages together."""
    if isinstance(error, FetchError) and error.status == 429:
        await app.store.write(due.ease, host, app.now() + max(error.retry_after or EASE, EASE))


def _access(app: App, source: Source) -> Access:
    asking = app.asking.get(source.url)
    return access(asking, source, app.config.home) if asking else Access()


def _wants_page(app: App, source: Source) -> bool:
    return app.config.settings.full_text if source.full_text is None else source.full_text


def _host_of_page(app: App, source: Source) -> Callable[[Entry], str]:
    """Which host archiving an entry will ask; "" where it asks none."""
    asks = _wants_page(app, source)
    return lambda entry: urls.host(entry.url) if asks and entry.url else ""


async def _judge(app: App, live: LiveTopic, batch: tuple[Archived, ...], to: int, keep_all: bool = False) -> bool:
    decided = [(a, match.decide(live.topic, a)) for a in batch]
    found = [
        (a.id or 0, d, a.first_seen, min(a.article.published or a.first_seen, a.first_seen))
        for a, d in decided
        if d.selected or keep_all
    ]
    return await app.store.write(topics.replayed, live, found, to, app.now())


def _archived(work: ToArchive, article: Article) -> Archived:
    return Archived(
        article=article,
        source=work.source.name or work.source.url,
        guid=work.entry.guid,
        tags=work.source.tags,
        categories=work.entry.categories,
        enclosures=work.entry.enclosures,
        first_seen=work.first_seen,
    )
