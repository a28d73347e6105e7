"""What people and pages ask of the archive; nothing here changes it."""

import json
import re
from collections.abc import AsyncIterator, Callable, Iterator, Sequence, Set
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import Connection

from aggregator import jobs
from aggregator.app import App
from aggregator.doors.store import articles, candidates, decisions, deletion, due, pictures, sources, stars, topics
from aggregator.errors import shown
from aggregator.jobs.judging import LOOKED_UP
from aggregator.jobs.pictures import shown as with_copies
from aggregator.model import Archived, Article, Clause, Decision, Followed, Found, Revision, Snippet, Topic
from aggregator.steps import match

SCANNED = 5000
"""Candidates from the index that a search looks at before it says that there are more: a second or two."""

BEST_OF = 60
"""Of how many matches the best are chosen, half of them of those that have it in the title: each is read."""

PAGE = 200
"""Candidates that are read together, at most. First as many as are asked for: of a common word most match."""

Change = Literal["+", "-", "="]
"""What another rule would do to a topic: an article comes, goes, or is there as before."""

# json leaves them: a terminal obeys some, UTF-8 has no others
_CONTROLS = re.compile("[\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


@dataclass(slots=True)
class Looked:
    """How far back the candidates were looked at."""

    until: int  # at none before this id
    at_end: bool = False  # there are no more


@dataclass(frozen=True, slots=True)
class Questions:
    """The archive as the web pages and the commands ask it (serve.Archive)."""

    app: App

    @property
    def feeds_dir(self) -> Path:
        return self.app.config.feeds_out

    @property
    def private_dir(self) -> Path:
        return self.app.config.private

    def token(self, name: str) -> str:
        """What a topic asks for from who wants its feed; "" where it asks for nothing."""
        return self.app.config.tokens.get(name, "")

    @property
    def pictures_dir(self) -> Path:
        return self.app.config.pictures

    async def topics(self) -> tuple[Topic, ...]:
        return tuple(live.topic for live in await self.app.store.read(topics.live))

    async def newest(self, limit: int) -> tuple[Archived, ...]:
        return await self.app.store.read(articles.newest, limit)

    async def of_topic(self, topic: Topic, limit: int) -> tuple[Archived, ...]:
        def find(tx: Connection) -> tuple[Archived, ...]:
            live = topics.get(tx, topic.id or 0)
            return articles.get(tx, decisions.selected(tx, live, limit)) if live else ()

        return await self.app.store.read(find)

    async def article(self, id: int) -> Archived | None:
        found = await self.app.store.read(articles.get, [id])
        return next(iter(await with_copies(self.app, found, "")), None)

    async def whole(self, ids: Sequence[int]) -> tuple[Archived, ...]:
        """Articles that were found, with their HTML."""
        return await self.app.store.read(articles.get, ids)

    async def named(self, name: str) -> Archived | None:
        """By id or URL."""
        return await jobs.named(self.app, name)

    async def deleted_at(self, name: str) -> str | None:
        """When the article of this id was deleted, if it was."""
        if not name.isdecimal() or int(name) > candidates.NEWEST:
            return None
        return stamp(await self.app.store.read(deletion.deleted_at, int(name)))

    async def starred_at(self, id: int) -> str | None:
        return stamp(await self.app.store.read(stars.starred_at, id))

    async def copies(self, id: int) -> tuple[Archived, ...]:
        return await self.app.store.read(articles.copies, id)

    async def revisions(self, id: int) -> tuple[Revision, ...]:
        return await self.app.store.read(articles.history, id)

    async def why(self, archived: Archived, name: str | None) -> tuple[tuple[str, Decision, tuple[Clause, ...]], ...]:
        """What every topic says of an article, or the one called so: as stored, or as its rule says now; and clause by
        clause what the article has of its rules."""
        stored = dict(await self.app.store.read(decisions.of_article, archived.id or 0))
        asked = [live for live in await self.app.store.read(topics.live) if name in (None, live.topic.name)]
        said = await jobs.context(self.app, *chain.from_iterable(live.topic.queries for live in asked))
        return tuple(
            [
                (
                    live.topic.name,
                    await self._shown(
                        archived, live.topic, match.in_full(live, stored.get(live.topic.name), archived, said)
                    ),
                    match.explain(live.topic, archived, said),
                )
                for live in asked
            ]
        )

    async def _shown(self, archived: Archived, topic: Topic, decision: Decision) -> Decision:
        if not decision.selected or topic.copies != "first":
            return decision
        other = await self.app.store.read(decisions.standing, topic.id or 0, archived.id or 0)
        instead = f"; article {other}, of the same story, is shown in its place (copies = 'first')"
        return replace(decision, reason=decision.reason + instead) if other else decision

    async def search(
        self, query: str, limit: int, *, before: int | None = None, scanned: int | None = SCANNED
    ) -> Found:
        """Matches, the newest first and without their HTML, of articles before an id where one is given. Raises
        QueryError."""
        node, said = match.parse(query), await jobs.context(self.app, query)
        found: list[tuple[Archived, Snippet | None]] = []
        looked = Looked(before or candidates.NEWEST)
        async for archived in self._candidates(
            _finding(node, jobs.prefilter(query, said), said), looked, limit, scanned
        ):
            if (spots := match.found(node, archived, said)) is not None:
                found.append((archived, match.snippet(archived, spots)))
                if len(found) == limit:
                    return Found(matches=tuple(found), until=archived.id)
        return Found(matches=tuple(found), until=None if looked.at_end else looked.until)

    async def best(self, query: str, limit: int) -> Found:
        """The best of those newest matches that have it in the title, and of the newest others. Raises QueryError."""
        node, said = match.parse(query), await jobs.context(self.app, query)
        prefilter = jobs.prefilter(query, said)
        pool: dict[int, tuple[float, Archived]] = {}
        looked = Looked(candidates.NEWEST)
        for of, most in ((match.titled(prefilter) if prefilter else None, BEST_OF // 2), (prefilter, BEST_OF)):
            looked = Looked(candidates.NEWEST)
            async for archived in self._candidates(_finding(node, of, said), looked, most):
                if match.matches(node, archived, said):
                    pool[archived.id or 0] = match.relevance(node, archived), archived
                    if len(pool) >= most:
                        break
        ranked = [archived for _, (_, archived) in sorted(pool.items(), key=lambda item: (-item[1][0], -item[0]))]
        shown = ((archived, match.found(node, archived, said) or ()) for archived in ranked[:limit])
        found = tuple((archived, match.snippet(archived, spots)) for archived, spots in shown)
        return Found(matches=found, until=None if looked.at_end else looked.until)

    async def doubts(self, query: str) -> tuple[str, ...]:
        """What a query that finds nothing may have been meant to say."""
        return tuple(match.doubts(query, (await jobs.context(self.app, query)).liked))

    async def tried(
        self, topic: Topic, present: Set[int] | None = None, step: Callable[[], None] = lambda: None
    ) -> AsyncIterator[tuple[Change, Archived, Decision]]:
        """Every article of the archive that a rule, saved or not, selects, the newest first, and of those that are
        `present` the ones that it does not; `step` is called for each that was looked at. Raises QueryError."""
        said = await jobs.context(self.app, *topic.queries)
        left = set(present or ())
        async for archived in self._all(topic, said):
            step()
            decision = match.decide(topic, archived, said)
            if decision.selected:
                yield "+" if present is not None and archived.id not in present else "=", archived, decision
                left.discard(archived.id or 0)
        async for archived in self._of(sorted(left, reverse=True)):
            step()
            yield "-", archived, match.decide(topic, archived, said)

    async def taken(self, name: str) -> frozenset[int]:
        """What the topic of this name takes by now."""
        return await self.app.store.read(decisions.taken, name)

    async def sources(self, names: tuple[str, ...] | None = None) -> list[dict[str, Any]]:
        """Their addresses as anybody may see them."""
        listed = [source_json(followed) for followed in await self.app.store.read(sources.followed, names)]
        return [source | {"name": shown(source["name"]), "url": shown(source["url"])} for source in listed]

    async def status(self) -> dict[str, int | float | str | None]:
        counts: dict[str, int | float | str | None] = {
            **await self.app.store.read(articles.counts),
            **await self.app.store.read(pictures.counts),
        }
        waiting = await self.app.store.read(due.waiting, self.app.now())
        live = await self.app.store.read(topics.live)
        # Where no source can be polled, it is not the sources.
        healthy = not counts["sources"] or counts["failing"] != counts["sources"]
        return counts | {f"due_{kind}": n for kind, n in waiting.items()} | {"topics": len(live), "healthy": healthy}

    async def _all(self, topic: Topic, said: match.Context) -> AsyncIterator[Archived]:
        """All likely candidates, the newest first."""
        before: int | None = candidates.NEWEST
        prefilter, limits = jobs.prefilter(topic.match, said), match.topic_limits(topic, said.now)
        likely = match.likely(match.parse(topic.match))
        while before:
            ids = await self.app.store.read(candidates.ids, prefilter, before=before, limit=LOOKED_UP, limits=limits)
            async for archived in self._of(ids, likely):
                yield archived
            before = ids[-1] if len(ids) == LOOKED_UP else None

    async def _of(self, ids: Sequence[int], likely: candidates.Likely | None = None) -> AsyncIterator[Archived]:
        for start in range(0, len(ids), PAGE):
            for archived in await self.app.store.read(candidates.get, ids[start : start + PAGE], likely):
                yield archived

    async def _candidates(
        self, find: Callable[..., candidates.Page], looked: Looked, wanted: int, scanned: int | None = SCANNED
    ) -> AsyncIterator[Archived]:
        # A few more than are wanted: of a common word nearly all match.
        seen, size = 0, min(wanted + wanted // 8, PAGE)
        while scanned is None or seen < scanned:
            ids, page = await self.app.store.read(find, before=looked.until, limit=size)
            for archived in page:
                looked.until = archived.id or 0
                yield archived
            looked.until = ids[-1] if ids else looked.until
            if len(ids) < size:
                looked.at_end = True
                return
            seen, size = seen + size, min(2 * size, PAGE)


def _finding(node: match.Node, prefilter: match.Pre | None, said: match.Context) -> Callable[..., candidates.Page]:
    return partial(candidates.page, prefilter=prefilter, limits=match.limits(node, said.now), likely=match.likely(node))


def source_json(followed: Followed) -> dict[str, Any]:
    """A source as `list --json` prints it (INTERFACE: a promise)."""
    source, state = followed.source, followed.state
    return {
        "name": source.name or source.url,
        "url": source.url,
        "title": state.title,
        "state": "paused" if source.paused else "gone" if state.gone else "failing" if state.failures else "ok",
        "last_polled": stamp(state.polled_at),
        "next_poll": stamp(state.poll_at),
        "failures": state.failures,
        "error": state.error,
        "entries": followed.entries,
    }


def article_json(archived: Archived) -> dict[str, Any]:
    """An article as `dump` prints it and `load` takes it."""
    article, verdict = archived.article, archived.verdict
    return {
        "url": article.url,
        "title": article.title,
        "text": article.text,
        "captions": captions_json(archived.article),
        "published": stamp(article.published),
        "source": archived.source,
        "guid": archived.guid,
        "byline": article.byline,
        "language": article.language,
        "summary": article.summary,
        "id": archived.id,
        "story": verdict.story,
        "copy_of": verdict.copy_of,
        "relation": verdict.relation,
        "first_seen": stamp(archived.first_seen),
        "revisions": archived.revisions,
    }


def revisions_json(archived: Archived, revisions: Sequence[Revision]) -> Iterator[dict[str, Any]]:
    """What an article said, the oldest first, and what it says now."""
    for said in (*revisions, archived.newest):
        yield asdict(said) | {"id": archived.id, "seen_at": stamp(said.seen_at)}


def captions_json(article: Article) -> list[dict[str, Any]]:
    """The pictures that say something."""
    return [{"image": i.url, "text": i.caption, "credit": i.credit} for i in article.images if i.caption or i.credit]


def found_json(archived: Archived, snippet: Snippet | None) -> dict[str, Any]:
    """An article as `search` prints it."""
    return {
        "id": archived.id,
        "url": archived.article.url,
        "title": archived.article.title,
        "published": stamp(archived.article.published),
        "source": archived.source,
        "snippet": snippet.text if snippet else None,
        "captions": captions_json(archived.article),
    }


def line(data: dict[str, Any]) -> str:
    return _CONTROLS.sub(lambda c: f"\\u{ord(c[0]):04x}", json.dumps(data, ensure_ascii=False))


def stamp(at: datetime | None) -> str | None:
    """ISO 8601 with Z."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z" if at else None
