"""Articles as JSON lines into the archive, on the same path as those of feeds."""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from html import escape
from itertools import islice
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection

from aggregator import jobs
from aggregator.app import App
from aggregator.doors.store import arrivals, articles, entries, sources
from aggregator.model import Article, Entry, Image, Source, ToArchive, kept_guid
from aggregator.steps import compose, match, text, urls

BATCH = 200
MAX_LINE = 32 * 2**20

_HOST = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+", re.IGNORECASE)


@dataclass(slots=True)
class Loaded:
    """What became of the lines."""

    new: int = 0
    changed: int = 0
    known: int = 0
    deleted: int = 0  # here, before: they stay so
    refused: list[tuple[int, str]] = field(default_factory=list)  # line number, reason
    owners: dict[str, Source] = field(default_factory=dict)  # by name


async def load(app: App, lines: Iterable[str], step: Callable[[], None] = lambda: None) -> Loaded:
    """Keep every line that is an article; one that is not is counted with its reason and holds up none."""
    loaded = Loaded()
    read = _read(lines, loaded)
    while batch := list(islice(read, BATCH)):
        rules = await jobs.rules(app)
        await app.store.write(_save, app, batch, rules, loaded)
        for _ in batch:
            step()
    return loaded


def _save(tx: Connection, app: App, batch: list[tuple[str, Article, str]], rules: match.Rules, loaded: Loaded) -> None:
    now = app.now()
    owners = {name: _owner(tx, name, loaded) for name, _, _ in batch}
    found = [(owners[name], article, _entry(owners[name], article, guid)) for name, article, guid in batch]
    ids, new = entries.load(tx, [entry for _, _, entry in found], now)
    kept: list[arrivals.New] = []
    again: list[tuple[int, Article]] = []
    for owner, article, entry in found:
        key = (owner.id or 0, entry.guid)
        if key not in new:
            again.append((ids[key], article))
            continue
        new.discard(key)  # the next line of this guid is an edit
        of = replace(entry, id=ids[key])
        work = ToArchive(entry=of, source=owner, first_seen=now, failures=0, known=None)
        kept.append(jobs.arrival(rules, work, article, now))
    if kept:
        arrivals.save(tx, kept, jobs.THINKING, now)
    outcomes = [_save_again(tx, id, article, rules, now) for id, article in again]
    loaded.new += len(kept) + outcomes.count("new")
    loaded.changed += outcomes.count("revised")
    loaded.deleted += outcomes.count("deleted")
    loaded.known += len(outcomes) - sum(map(outcomes.count, ("new", "revised", "deleted")))


def _owner(tx: Connection, name: str, loaded: Loaded) -> Source:
    return loaded.owners.get(name) or loaded.owners.setdefault(name, sources.loaded(tx, name))


def _save_again(tx: Connection, id: int, article: Article, rules: match.Rules, now: datetime) -> str:
    work = entries.to_archive(tx, id)
    if work is None:
        return "deleted"
    said = jobs.judged(rules, jobs.archived(work, article), compose.words(article), now)
    return articles.save(tx, work, article, jobs.THINKING, said, now)[1]


def _read(lines: Iterable[str], loaded: Loaded) -> Iterator[tuple[str, Article, str]]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            yield _article(line)
        except (ValueError, TypeError, RecursionError, OverflowError) as error:
            loaded.refused.append((number, str(error)))


def _article(line: str) -> tuple[str, Article, str]:
    """Source name, article, guid. Raises ValueError, worded for the user."""
    if len(line) > MAX_LINE:
        raise ValueError(f"a line of over {MAX_LINE // 2**20} MiB")
    try:
        data = json.loads(line)
    except ValueError as error:
        raise ValueError(f"not JSON: {error}") from error
    if not isinstance(data, dict):
        raise ValueError("not a JSON object")
    said, title, body, name, guid = (_text(data, key) for key in ("url", "title", "text", "source", "guid"))
    if not (said or guid) or not (title or body):
        raise ValueError("needs a url or a guid, and a title or a text")
    url = _address(said or f"#/{quote(guid, safe='')}", name)
    paragraphs = [p for part in body.split("\n") if (p := text.clean(part))]
    article = Article(
        url=url,
        title=text.clean(title),
        text="\n\n".join(paragraphs),
        html="".join(f"<p>{escape(p)}</p>" for p in paragraphs),
        byline=text.clean(_text(data, "byline")) or None,
        published=_date(_text(data, "published")),
        language=_text(data, "language").lower() or None,
        summary=text.clean(_text(data, "summary")) or None,
        images=tuple(_images(data.get("captions") or [])),
        origin="load",
    )
    source = name or urls.host(url).removeprefix("www.")
    return source, article, guid or said


def _address(said: str, source: str) -> str:
    """A relative one is of the source's site where its name is that of one, or else of none that there can be
    (RFC 6761): its article is kept all the same."""
    base = f"https://{source if _HOST.fullmatch(source) else 'load.invalid'}/"
    url = urls.absolute(base, said)
    if url is None:
        raise ValueError(f"url: not an http or https address: {said[:200]!r}")
    return url


def _images(captions: object) -> Iterator[Image]:
    """Captions as `dump` and `extract` print them; a bare text is a caption whose picture is not known."""
    if not isinstance(captions, list):
        raise ValueError("captions must be a list")
    for said in captions:
        if isinstance(said, str):
            yield Image(url="", caption=text.clean(said))
        elif isinstance(said, dict):
            caption, credit = text.clean(_text(said, "text")) or None, text.clean(_text(said, "credit")) or None
            picture = _text(said, "image")
            if picture and urls.absolute("", picture) is None:
                raise ValueError(f"captions: not an http or https address: {picture[:200]!r}")
            yield Image(url=picture, caption=caption, credit=credit)
        else:
            raise ValueError("a caption must be a text or an object")


def _text(data: dict[str, Any], key: str) -> str:
    value = data.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ValueError(f"{key} must be a text")
    return text.storable(value)


def _date(said: str) -> datetime | None:
    if not said:
        return None
    try:
        at = datetime.fromisoformat(said)
    except ValueError as error:
        raise ValueError(f"published: not an ISO 8601 time: {said!r}") from error
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)


def _entry(owner: Source, article: Article, guid: str) -> Entry:
    return Entry(
        source_id=owner.id,
        guid=kept_guid(guid),
        url=article.url,
        title=article.title,
        author=article.byline,
        published=article.published,
    )
