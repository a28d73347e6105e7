"""Extraction alone: pages from folders, files and the web to JSON, nothing stored."""

import asyncio
import gzip
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

from aggregator import config
from aggregator.app import cpu_of, limits
from aggregator.config.sites import Sites
from aggregator.doors.fetch import Web
from aggregator.doors.fetch.unpack import unpacker
from aggregator.doors.store import Store
from aggregator.doors.warc import pages
from aggregator.errors import AggregatorError, ConfigError, ExtractError
from aggregator.jobs.pages import Reader, nothing, recall
from aggregator.model import Article, Response
from aggregator.questions import captions_json, stamp
from aggregator.steps.extract import Reading, site

log = logging.getLogger(__name__)

ENDINGS = (".html", ".html.gz", ".htm", ".htm.gz", *pages.ENDINGS)
MAX_PAGE = pages.MAX_PAGE
UNKNOWN = "https://unknown.invalid/"
"""The address of a page that nobody says the address of: its relative links stay recognisable."""


def count(places: tuple[str, ...]) -> int:
    """How many pages there are."""
    return sum(len(_files(Path(place))) if not _is_url(place) else 1 for place in places)


async def run(
    places: tuple[str, ...], home: str | None, explained: bool = False
) -> AsyncIterator[tuple[dict[str, Any], AggregatorError | None]]:
    """For each page its JSON, with "blocks" where it is explained, and what went wrong where something did."""
    found = _configured(home)
    settings = found.settings if found else config.Settings()
    sites = Sites(config.home(home) / "config" / "sites", site.parse)
    store = _archive(found)
    cpu = cpu_of(settings)
    try:
        async with Web(limits(settings)) as web:
            reader = Reader(
                web=web,
                cpu=cpu,
                sites=sites,
                limits=settings.page,
                explained=explained,
                recall=partial(recall, store) if store else nothing,
            )
            for place in places:
                if _is_url(place):
                    yield await _one(place, place, place, reader.whole, reader.fetch(place))
                    continue
                for id, url, path in _pages(place):
                    if path.name.endswith(pages.ENDINGS):
                        async for each in _of_warc(path, id, reader):
                            yield each
                        continue
                    arriving = asyncio.to_thread(_read, path, url or UNKNOWN)
                    yield await _one(str(path), id, url, reader.read, arriving)
    finally:
        await cpu.close()
        if store:
            await store.close()


async def _of_warc(path: Path, id: str, reader: Reader) -> AsyncIterator[tuple[dict[str, Any], AggregatorError | None]]:
    """Each page in it, up to where a writer was stopped."""
    found, is_begun = pages.read(path, MAX_PAGE), False
    while True:
        try:
            page = await asyncio.to_thread(next, found, None)
        except ExtractError as error:
            if is_begun:
                log.warning("%s", error)
            else:
                yield page_json(id, None, None), error
            return
        if page is None:
            return
        is_begun = True
        place = f"{path}: {page[1].url}"
        yield await _one(place, page[0], page[1].url, reader.read, asyncio.to_thread(_unpacked, place, page[1]))


def _unpacked(place: str, response: Response) -> Response:
    """Other programs write bodies in the codings that they came in."""
    unpack, body = unpacker(response.headers.get("content-encoding", "")), bytearray()
    for piece in unpack.feed(response.body):
        body += piece
        if len(body) > MAX_PAGE:
            break
    else:
        unpack.end()
    return _bounded(place, replace(response, body=bytes(body)))


async def _one(
    place: str, id: str, url: str | None, read: Callable[[Response], Awaitable[Reading]], arriving: Awaitable[Response]
) -> tuple[dict[str, Any], AggregatorError | None]:
    try:
        reading = await read(await arriving)
        blocks = {"blocks": [asdict(each) for each in reading.judged]} if reading.judged else {}
        return page_json(id, url, reading.article) | blocks, None
    except AggregatorError as error:
        named = error if error.subject == place else ExtractError(place, error.reason)
        return page_json(id, url, None), named


def page_json(id: str, url: str | None, article: Article | None) -> dict[str, Any]:
    """The keys of INTERFACE; null where nothing is known."""
    if article is None:
        keys = ("title", "byline", "published", "language", "summary", "text", "html")
        return {"id": id, "url": url} | dict.fromkeys(keys) | {"captions": [], "partial": None}
    return {
        "id": id,
        "url": url,
        "title": article.title,
        "byline": article.byline,
        "published": stamp(article.published),
        "language": article.language,
        "summary": article.summary,
        "text": article.text,
        "html": article.html,
        "captions": captions_json(article),
        "partial": article.partial,
    }


def _configured(home: str | None) -> config.Config | None:
    """The home, where there is one: extraction needs none."""
    where = config.home(home)
    return config.load(where) if home or (where / "config" / config.FILES[0]).is_file() else None


def _archive(home: config.Config | None) -> Store | None:
    """What the home's archive remembers of hosts is asked; one that does not exist yet is not made."""
    prefix = "sqlite:///"
    if home is None or (home.database.startswith(prefix) and not Path(home.database.removeprefix(prefix)).is_file()):
        return None
    return Store(home.database)


def _files(place: Path) -> list[Path]:
    if place.is_dir():
        return sorted(p for p in place.iterdir() if p.name.endswith(ENDINGS))
    if place.is_file():
        return [place]
    raise ConfigError(str(place), "no such file or folder")


def _pages(named: str) -> Iterator[tuple[str, str | None, Path]]:
    place = Path(named)
    urls = _urls(place / "urls.json") if place.is_dir() else {}
    for path in _files(place):
        ending = next((e for e in reversed(ENDINGS) if path.name.endswith(e)), "")
        id = path.name.removesuffix(ending)
        yield id, urls.get(id), path


def _urls(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    try:
        found = json.loads(path.read_text("utf-8"))
    except json.JSONDecodeError as error:
        raise ConfigError(f"{path}:{error.lineno}", f"is no JSON: {error.msg}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(str(path), "cannot be read as UTF-8 text") from error
    if not isinstance(found, dict):
        raise ConfigError(str(path), 'must be one JSON object, {"id": "url"}')
    return {str(id): str(url) for id, url in found.items()}


def _read(path: Path, url: str) -> Response:
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            body = file.read(MAX_PAGE + 1)
    except (OSError, EOFError) as error:
        raise ExtractError(str(path), f"cannot be read: {error}") from error
    return _bounded(str(path), Response(url=url, status=200, body=body, headers={"content-type": "text/html"}))


def _bounded(place: str, response: Response) -> Response:
    if len(response.body) > MAX_PAGE:
        raise ExtractError(place, f"larger than {MAX_PAGE // 2**20} MiB")
    return response


def _is_url(place: str) -> bool:
    return place.startswith(("http://", "https://"))
