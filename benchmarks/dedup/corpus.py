"""Reads the corpus, and finds in it what the archive would: candidates, likenesses, stories."""

import csv
import gzip
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from aggregator.doors.store.likenesses import CANDIDATES, POSTINGS, ranked
from aggregator.model import Alike, Article, Likeness, Member
from aggregator.steps import dedup, urls
from aggregator.steps.dedup.evidence import Evidence

SEEN = datetime(2100, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Document:
    """An article of the corpus, with the truth about it."""

    id: str
    cluster: str
    kind: str
    base: str
    site: str
    article: Article

    @cached_property
    def page_key(self) -> str:
        return urls.page_key(self.article.url)


def documents(folder: Path) -> list[Document]:
    """All of the folder's articles*.jsonl.gz."""
    return [
        _document(json.loads(line)) for path in sorted(folder.glob("articles*.jsonl.gz")) for line in gzip.open(path)
    ]


def table(folder: Path, pattern: str) -> list[dict[str, str]]:
    """The rows of a tab-separated table; lines that begin with # are notes."""
    rows: list[dict[str, str]] = []
    for path in sorted(folder.glob(pattern)):
        lines = (line for line in path.read_text("utf-8").split("\n") if line and not line.startswith("#"))
        rows += csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
    return rows


def candidates(found: list[Document]) -> Iterator[tuple[int, list[int]]]:
    """For each article those before it that may be alike, as they arrive in this order."""
    index: dict[int, list[int]] = defaultdict(list)
    pages: dict[str, list[int]] = defaultdict(list)
    for n, document in enumerate(found):
        shared: list[tuple[int, int]] = []
        for key in dedup.text_keys(document.article):
            shared += [(key, other) for other in index[key]]
            if len(index[key]) < POSTINGS:
                index[key].append(n)
        page = pages[document.page_key]
        yield n, list(dict.fromkeys(ranked(shared) + page[:CANDIDATES]))
        page.append(n)


def links(found: list[Document]) -> Iterator[tuple[int, int, Likeness]]:
    """Every likeness: the later article, the earlier, how much."""
    for n, others in candidates(found):
        article = found[n].article
        alike = [_alike(id, found[id]) for id in others]
        for like in dedup.likenesses(article, 0, found[n].page_key, alike):
            yield n, like.other, like


def grouped(found: list[Document], likenesses: Iterable[tuple[int, int, Likeness]]) -> list[list[int]]:
    """The stories, as lists of places in `found`."""
    known: dict[tuple[int, int], Likeness] = {}
    near: dict[int, set[int]] = defaultdict(set)
    for a, b, like in likenesses:
        known[a, b] = known[b, a] = like
        if like.odds > 0:
            near[a].add(b)
            near[b].add(a)
    stories: dict[int, list[int]] = defaultdict(list)
    for component in _components(len(found), near):
        members = [_member(n, found[n]) for n in component]
        for id, verdict in dedup.stories(members, known).items():
            stories[verdict.story or 0].append(id)
    return list(stories.values())


def compared(a: Document, b: Document) -> Evidence:
    return dedup.compare(a.article, a.page_key, b.article, b.page_key)


def _components(n: int, near: Mapping[int, set[int]]) -> Iterator[list[int]]:
    left = set(range(n))
    while left:
        component, frontier = set[int](), {left.pop()}
        while frontier:
            component |= frontier
            frontier = set().union(*(near.get(id, set()) for id in frontier)) - component
        left -= component
        yield sorted(component)


def _document(row: dict[str, str]) -> Document:
    published = datetime.fromisoformat(row["published"]).replace(tzinfo=UTC) if row["published"] else None
    article = Article(url=row["url"], title=row["title"], text=row["text"], published=published, origin="load")
    return Document(
        id=row["id"],
        cluster=row["cluster"],
        kind=row["kind"],
        base=row["base"],
        site=row["site"],
        article=article,
    )


def _alike(id: int, document: Document) -> Alike:
    return Alike(id=id, source_id=1, article=document.article, page_key=document.page_key)


def _member(id: int, document: Document) -> Member:
    article = document.article
    return Member(
        id=id,
        url=article.url,
        page_key=document.page_key,
        published=article.published,
        first_seen=SEEN,
        length=len(article.text),
    )
