"""Extraction once more over the pages that were kept as fetched: a better extractor makes a better archive."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Literal

from aggregator.app import App
from aggregator.doors.store import articles, captured, entries
from aggregator.doors.warc import NAME, pages
from aggregator.errors import AggregatorError, ExtractError
from aggregator.jobs import THINKING, archived, judged, pictures, rules
from aggregator.jobs.common import wants_page
from aggregator.jobs.pages import Reader, recall
from aggregator.model import Article, Response, Source, ToArchive
from aggregator.steps import compose, dedup, urls
from aggregator.steps.extract import Reading

log = logging.getLogger(__name__)

SAVING = timedelta(minutes=10)
"""How long after a page was written to its file its article may have been saved."""

# What an extractor reads otherwise, no publisher has edited: no revision of an article comes of it.
_NO_EDITS = replace(THINKING, revised=lambda before, after: False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Improved:
    """What became of an article."""

    url: str
    outcome: Literal["improved", "unchanged"]


async def improve(app: App, step: Callable[..., None] = lambda of=None: None) -> AsyncIterator[Improved]:
    """Read the newest copy of each page in storage/warc/ again, and keep what its articles say by it, unless they were
    edited since. Articles on several pages stay as they are: only pages by themselves are looked at."""
    limits = app.config.settings.page
    reader = Reader(web=app.web, cpu=app.cpu, sites=app.sites, limits=limits, recall=partial(recall, app.store))
    newest = await asyncio.to_thread(_newest, app)
    found = _pages(app)
    while page := await asyncio.to_thread(next, found, None):
        record, response = page
        if newest.get(_name(response)) != hash(record):
            continue
        step(of=len(newest))
        try:
            reading = await reader.read(response)
        except AggregatorError as error:
            log.info("not extracted again url=%s reason=%s", response.url, error)
            continue
        if not reader.goes_on(reading):
            async for each in _improved(app, response, reading):
                yield each


async def _improved(app: App, response: Response, reading: Reading) -> AsyncIterator[Improved]:
    at, page_key = pages.fetched_at(response), urls.page_key(response.url)
    keys = {page_key, compose.page_key(reading.article)}
    for id in await app.store.read(captured.entries_of, keys, at + SAVING) if at else ():
        work = await app.store.read(entries.to_archive, id)
        if work is None or work.known is None or not wants_page(app, work.source):
            continue
        if urls.page_key(work.known.article.url) != page_key:  # any page of a host may claim to be another of it
            continue
        if not _may_have(app, work.source, response.url):
            continue
        article = compose.joined(reading.article, work.entry, work.source.url)
        is_better = _is_better(work.known.article, article)
        is_kept = is_better and await _keep(app, work, article)
        yield Improved(url=article.url, outcome="improved" if is_kept else "unchanged")


def _may_have(app: App, source: Source, url: str) -> bool:
    """Whether what was fetched from there is for this source: the files do not say who asked, and what one has a login
    for is not for those that have none."""
    own = app.asking.get(source.url)
    return all(
        asking == own
        for feed, asking in app.asking.items()
        if (asking.auth or asking.cookies or asking.headers) and urls.host(feed) == urls.host(url)
    )


def _is_better(had: Article, article: Article) -> bool:
    if had.origin == "feed":
        return article.origin == "page"
    return article.origin == "page" and article != had and not dedup.cut(had, article)


async def _keep(app: App, work: ToArchive, article: Article) -> bool:
    now = app.now()
    said = judged(await rules(app), archived(work, article), compose.words(article), now)
    id, outcome = await app.store.write(articles.save, work, article, _NO_EDITS, said, now)
    if outcome == "improved":
        await app.store.write(lambda tx: pictures.want(app, tx, [(id, article)]))
    return outcome == "improved"


def _newest(app: App) -> dict[int, int]:
    """By page, the hash of the record with its newest copy: some hundred bytes for each."""
    return {_name(response): hash(record) for record, response in _pages(app)}


def _name(response: Response) -> int:
    return hash(urls.page_key(response.url))


def _pages(app: App) -> Iterator[tuple[str, Response]]:
    """The pages of our own files, each with its record's id, the oldest first; what others wrote, this archive may
    never have seen."""
    for path in sorted(app.config.warc.glob(NAME)):
        try:
            yield from pages.read(path, pages.MAX_PAGE)
        except ExtractError as error:  # where a writer was stopped, or is at work
            log.warning("%s", error)
