"""Pictures: copies of what articles show, where that is asked for."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import Connection

from aggregator.app import App
from aggregator.doors import files
from aggregator.doors.store import pictures as rows
from aggregator.errors import FetchError
from aggregator.jobs.common import Done, ease
from aggregator.model import Archived, Article, Job, Picture
from aggregator.steps import pictures, urls

log = logging.getLogger(__name__)

WAIT = timedelta(days=1)
"""Until it is asked again whether there is room, or pictures are kept at all."""


def want(app: App, tx: Connection, saved: Sequence[tuple[int, Article]]) -> None:
    """Note what articles show that were just saved."""
    settings = app.config.settings.pictures
    if settings.keep and saved:
        rows.want(tx, {id: pictures.wanted(article, settings.per_article) for id, article in saved}, app.now())


async def fetch(app: App, picture: Picture) -> Done:
    """Keep a copy of a picture, or see whether the original is still there."""
    settings, now = app.config.settings.pictures, app.now()
    job = Job("picture", picture.id, urls.host(picture.url))
    if not settings.keep or (picture.name is None and not await _is_room(app)):
        await app.store.write(rows.kept, picture, replace(picture, picture_at=now + WAIT), None, now)
        return Done(job=job, subject=picture.url, outcome="unchanged")
    size = None
    try:
        response = await app.web.picture(
            picture.url,
            settings.max_file,
            etag=picture.etag,
            last_modified=picture.last_modified,
            robots=app.config.settings.http.robots != "none",
        )
        copy = pictures.name(response.body)
        if copy and picture.name is None:
            files.replace(pictures.place(app.config.pictures, copy), response.body)
            size = len(response.body)
        after = pictures.seen(picture, response, copy, app.now())
    except FetchError as error:
        await ease(app, job.host, error)
        after = pictures.failed(picture, error, app.now())
    await app.store.write(rows.kept, picture, after, size, app.now())
    if size is not None and copy and not (path := pictures.place(app.config.pictures, copy)).exists():
        files.replace(path, response.body)  # it was swept meanwhile, as nobody else's
    app.pictures_size = None if app.pictures_size is None else app.pictures_size + (size or 0)
    return Done(
        job=job,
        subject=picture.url,
        outcome="new" if size else "failed" if after.failures else "unchanged",
        new=int(bool(size)),
    )


async def shown(app: App, found: Sequence[Archived], base: str) -> list[Archived]:
    """The articles with the addresses of our copies, below `base`, where those are to be shown."""
    settings = app.config.settings.pictures
    if not settings.keep or not found:
        return list(found)
    ours = await app.store.read(rows.ours, [a.id or 0 for a in found], settings.always)
    return [
        replace(a, article=pictures.shown(a.article, {url: f"{base}/picture/{name}" for url, name in mine.items()}))
        if (mine := ours.get(a.id or 0))
        else a
        for a in found
    ]


async def sweep(app: App) -> None:
    """Remove the copies of what no article shows any more."""
    while (names := await app.store.write(rows.sweep)) is not None:
        for name in names:
            files.remove(pictures.place(app.config.pictures, name))
    app.pictures_size = None


async def _is_room(app: App) -> bool:
    settings = app.config.settings.pictures
    if app.pictures_size is None:
        app.pictures_size = (await app.store.read(rows.counts))["pictures_bytes"]
    if settings.has_room(app.pictures_size):
        return True
    if not app.is_full_said:
        log.warning("storage/pictures holds %d MiB: no more are fetched (pictures.max_size)", app.pictures_size >> 20)
        app.is_full_said = True
    return False
