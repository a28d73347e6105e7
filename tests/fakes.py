"""Small true things in place of the web, the clock and a home."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

from aggregator import config
from aggregator.app import App
from aggregator.doors.fetch import PLAIN, Web
from aggregator.errors import FetchError, GoneError
from aggregator.model import Access, Response
from aggregator.passes import drain
from aggregator.runners.local import Local
from aggregator.sync import sync

START = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
WORDS = (
    "The harbour of the old town was closed on Monday after a storm tore three cranes from their rails and threw "
    "containers into the basin, where divers now look for the cargo that the owners say must not get wet at all. "
    "The mayor thanked the crews, who worked through the night, and said that ferries would sail again on Thursday, "
    "if the wind allows it and the channel is found to be free of wreckage by the pilots who survey it at dawn. "
)


class Clock:
    """`app.now`, which only moves when it is told to."""

    def __init__(self, at: datetime = START) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def now(self) -> datetime:
        return self.at

    def advance(self, **by: float) -> datetime:
        self.at += timedelta(**by)
        return self.at


class FakeWeb(Web):
    """url -> what it answers: a body, a whole Response, or an error; `asked` counts. An ETag is honoured."""

    def __init__(self, answers: Mapping[str, Any] = {}) -> None:
        self.answers: dict[str, bytes | str | Response | Exception] = dict(answers)
        self.asked: Counter[str] = Counter()
        self.headers: dict[str, dict[str, str | None]] = {}  # of the last request for a URL
        self.access: dict[str, Access] = {}
        self.robots: set[str] = set()  # what was asked only as robots.txt lets us
        self.posted: list[tuple[str, dict[str, str]]] = []

    def __setitem__(self, url: str, answer: bytes | str | Response | Exception) -> None:
        self.answers[url] = answer

    def __delitem__(self, url: str) -> None:
        del self.answers[url]

    async def __aenter__(self) -> Self:
        return self

    async def close(self) -> None:
        pass

    async def get(
        self,
        url: str,
        *,
        etag: str | None = None,
        last_modified: str | None = None,
        accept: str = "",
        access: Access = PLAIN,
        robots: bool = False,
    ) -> Response:
        self.asked[url] += 1
        self.headers[url] = {"etag": etag, "last_modified": last_modified, "accept": accept}
        self.access[url] = access
        if robots:
            self.robots.add(url)
        answer = self.answers.get(url, FetchError(url, "404 Not Found", 404))
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, str | bytes):
            body = answer.encode() if isinstance(answer, str) else answer
            kind = "text/html; charset=utf-8" if b"<html" in body[:500] else "application/xml"
            answer = Response(url=url, status=200, headers={"content-type": kind}, body=body)
        if etag and etag == answer.headers.get("etag"):
            return replace(answer, status=304, body=b"")
        return answer

    async def picture(
        self, url: str, most: int, *, etag: str | None = None, last_modified: str | None = None, robots: bool = False
    ) -> Response:
        answer = await self.get(url, etag=etag, last_modified=last_modified, accept="image/*", robots=robots)
        if len(answer.body) > most:
            raise FetchError(url, "larger than it may be", 200)
        return answer

    async def post(self, url: str, form: Mapping[str, str]) -> Response:
        self.posted.append((url, dict(form)))
        return await self.get(url)


def dead(url: str) -> FetchError:
    return FetchError(url, "host not found")


def gone(url: str) -> GoneError:
    return GoneError(url, "410 Gone", 410)


def item(guid: str, title: str = "", link: str | None = None, text: str = "", published: datetime | None = None) -> str:
    """One item of a feed; its link is made of the guid where none is given ("": it has none)."""
    link = f"https://site.example/{guid}" if link is None else link
    date = f"<pubDate>{published:%a, %d %b %Y %H:%M:%S} GMT</pubDate>" if published else ""
    address = f"<link>{link}</link>" if link else ""
    said = f"<description><![CDATA[{text}]]></description>" if text else ""
    return f'<item><guid isPermaLink="false">{guid}</guid><title>{title or guid}</title>{address}{date}{said}</item>'


def rss(*items: str, title: str = "Harbour News", extra: str = "") -> bytes:
    """A feed of these items."""
    return (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel>'
        f"<title>{title}</title><link>https://site.example/</link><description>News</description>{extra}"
        f"{''.join(items)}</channel></rss>"
    ).encode()


def page(title: str = "Storm closes the harbour", text: str = WORDS * 2, figure: str = "") -> bytes:
    """An article's page with its chrome."""
    paragraphs = "".join(f"<p>{part.strip()}</p>" for part in text.split("\n\n"))
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title></head><body>'
        f'<nav><a href="/">Home</a> <a href="/more">More</a></nav><article><h1>{title}</h1>{paragraphs}{figure}'
        "</article><footer>Imprint</footer></body></html>"
    ).encode()


def write_home(
    folder: Path,
    *,
    database: str = "sqlite:///storage/archive.db",
    sources: Iterable[str | Mapping[str, Any]] = (),
    topics: Iterable[Mapping[str, Any]] = (),
    settings: str = "",
) -> Path:
    """The three files of a home; `settings` is what else aggregator.toml says."""
    files = folder / "config"
    files.mkdir(parents=True, exist_ok=True)
    main = f"database = {json.dumps(database)}\ncpu_workers = 0\n{settings}\n"
    (files / "aggregator.toml").write_text(main, "utf-8")
    listed = [{"url": s} if isinstance(s, str) else s for s in sources]
    (files / "sources.toml").write_text("".join(_table("source", s) for s in listed), "utf-8")
    (files / "topics.toml").write_text("".join(_table("topic", t) for t in topics), "utf-8")
    return folder


async def configure(
    app: App,
    *,
    sources: Iterable[str | Mapping[str, Any]] = (),
    topics: Iterable[Mapping[str, Any]] = (),
    settings: str = "",
) -> None:
    """Rewrite the app's home, and let it take up what is new, as a daemon does."""
    database = app.config.settings.database
    write_home(app.config.home, database=database, sources=sources, topics=topics, settings=settings)
    app.config = config.load(app.config.home, {})
    await sync(app)


async def work(app: App) -> None:
    """Do all that is due, until nothing is."""
    await drain(app, Local(app, limit=8))


def _table(name: str, values: Mapping[str, Any]) -> str:
    """JSON's texts, numbers, booleans and lists are TOML's."""
    lines = "".join(f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in values.items())
    return f"[[{name}]]\n{lines}\n"
