"""Archiving: the article of an entry, its story and its topics."""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from aggregator.app import App
from aggregator.doors.store import arrivals, articles, chrome, entries, likenesses
from aggregator.errors import AggregatorError
from aggregator.jobs import judging, pictures
from aggregator.jobs.common import Done, asked, ease, wants_page
from aggregator.jobs.pages import Reader, recall, remembered, site_of
from aggregator.model import Archived, Article, Job, ToArchive, Validators
from aggregator.steps import compose, dedup, match, pace, urls

THINKING = likenesses.Thinking(
    text_keys=dedup.text_keys,
    likenesses=dedup.likenesses,
    stories=dedup.stories,
    remaining=dedup.remaining,
    revised=dedup.revised,
    rewritten=dedup.rewritten,
    words=compose.words,
    page_key=compose.page_key,
    follows=dedup.follows,
    beside=dedup.beside,
    same_page=dedup.SAME_PAGE,
)


async def archive(app: App, work: ToArchive) -> Done:
    """Find the article of an entry, its story and its topics, and keep it."""
    found = await _article(app, work)
    article, work = found.article, _without(work, found.again)
    now = app.now()
    said = judging.judged(await judging.rules(app), archived(work, article), compose.words(article), now)

    def save(tx: Connection) -> tuple[int, str]:
        result = articles.save(tx, work, article, THINKING, said, now)
        again = pace.retry(found.failures, now) if found.failures else _look_again(app, work, article, now)
        pictures.want(app, tx, [(result[0], article)] if result[1] != "unchanged" else [])
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


def arrival(rules: match.Rules, work: ToArchive, article: Article, now: datetime) -> arrivals.New:
    """An article that is to be kept for the first time."""
    words = compose.words(article)
    said = judging.judged(rules, archived(work, article), words, now)
    return arrivals.New(work=work, article=article, words=words, text_keys=dedup.text_keys(article), judged=said)


def archived(work: ToArchive, article: Article) -> Archived:
    """The article in its place, as it is about to be saved."""
    known, revisions = work.known, 1
    if known:
        revisions = known.revisions + articles.is_edit(known.article, article, dedup.revised)
    return Archived(
        article=article,
        revisions=revisions,
        source=work.source.name or work.source.url,
        guid=work.entry.guid,
        tags=work.source.tags,
        categories=work.entry.categories,
        enclosures=work.entry.enclosures,
        first_seen=work.first_seen,
    )


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
    if not (wants_page(app, source) and entry.url):
        return _Found(article=said)
    had = work.known.article if work.known and work.known.article.origin == "page" else None
    try:
        reader = Reader(
            web=app.web,
            cpu=app.cpu,
            sites=app.sites,
            access=asked(app, source),
            robots=app.config.settings.http.robots != "none",
            limits=app.config.settings.page,
            recall=partial(recall, app.store),
        )
        response = await reader.fetch(entry.url, work.page if had else Validators())
        if had and response.not_modified:
            return _Found(article=had)
        page = await reader.whole(response)
    except AggregatorError as error:
        await ease(app, urls.host(entry.url), error)
        # What was had before is better than what the feed says of a page that is down today.
        return _Found(article=had or said, failures=work.failures + 1, error=str(error))
    article = compose.joined(page.article, entry, source.url)
    validators = Validators(etag=response.headers.get("etag"), last_modified=response.headers.get("last-modified"))
    if had and (article.origin == "feed" or dedup.cut(had, article)):
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
