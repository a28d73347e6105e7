"""That the indexes and the decision in memory agree, on both databases."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import product
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aggregator.doors.store import Store, articles, candidates, dialect
from aggregator.errors import QueryError
from aggregator.model import Archived, Article, Image, Source, Topic
from aggregator.steps import dedup, match
from tests.doors.seeds import FEED, arrive, entry, follow, keep
from tests.fakes import START, WORDS

R = TypeVar("R")

SAID = st.sampled_from(["harbour", "Kim", "kims", "É", "don’t", "北", "朝鮮", "북한은", "ไทย", "1.5", "of", "the"])
GAPS = st.sampled_from([" ", " ", "\n\n", "-", ", "])
TEXTS = st.lists(st.tuples(SAID, GAPS), max_size=9).map(lambda said: "".join(word + gap for word, gap in said))
PIECES = st.lists(st.sampled_from(WORDS.split(". ")), min_size=2, max_size=4).map(". ".join)
ARTICLES = st.builds(
    lambda title, text, caption, credit, byline, language, day: Article(
        url=f"https://Site.example/{title[:1]}",
        language=language,
        published=day and START - timedelta(days=day),
        title=title,
        text=text,
        byline=byline or None,
        images=(Image(url="https://site.example/i", caption=caption, credit=credit),),
    ),
    TEXTS, TEXTS | PIECES, TEXTS, TEXTS, TEXTS,
    st.sampled_from([None, "en", "EN_gb", "end"]), st.sampled_from([None, 1, 9, 400]),
)  # fmt: skip
FIELD = st.sampled_from(["", "", "title:", "text:", "caption:", "byline:"])
PHRASES = st.builds('{}"{} {}"{}'.format, FIELD, SAID, SAID, st.sampled_from(["", "*", "~0", "~4", "*~2"]))
LEAVES = (
    st.builds("{}{}{}".format, FIELD, SAID, st.sampled_from(["", "*"]))
    | PHRASES
    | st.builds("{}/{}/".format, FIELD, st.sampled_from(["kim", "^har", "o.*e", "[^a]$", "朝"]))
    | st.sampled_from(
        [
            "like:1",
            "like:2",
            "like:99",
            "words>5",
            "has:caption",
            "has:page",
            "within:7d",
            "tag:x",
            "lang:en",
            "lang:en-gb",
            "url:site",
            "url:/H",
            "url:朝",
            "source:site",
            "source:other",
            f"after:{START.year}",
            f"before:{START:%Y-%m-%d}",
        ]
    )
)


def readable(query: str) -> bool:
    """Two equal words are none near each other."""
    try:
        match.parse(query)
    except QueryError:
        return False
    return True


def _joined(leaves: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    joined = st.recursive(
        leaves,
        lambda inner: (
            st.builds("({} {})".format, inner, inner)
            | st.builds("({} OR {})^2".format, inner, inner)
            | inner.filter(lambda query: not query.startswith("NOT")).map("NOT {}".format)
        ),
        max_leaves=5,
    )
    return joined.filter(readable)


QUERIES = _joined(LEAVES)


@dataclass(slots=True)
class Growing:
    """An archive to which a test in another thread adds articles."""

    store: Store
    loop: asyncio.AbstractEventLoop
    every: dict[int, Archived] = field(default_factory=dict)

    def wait(self, work: Coroutine[Any, Any, R]) -> R:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(60)

    async def archive(self, found: list[Article]) -> None:
        (source,) = await follow(self.store, Source(url=FEED, name="site"))
        first = len(self.every)
        ids = await arrive(self.store, source, *(entry(str(first + n)) for n in range(len(found))))
        kept = [(await keep(self.store, id, article))[0] for id, article in zip(ids, found, strict=True)]
        self.every.update({a.id or 0: a for a in await self.store.read(articles.get, kept)})


async def test_the_index_and_the_decision_agree(store: Store) -> None:
    growing = Growing(store, asyncio.get_running_loop())

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(ARTICLES, min_size=2, max_size=4), st.lists(QUERIES, min_size=6, max_size=10))
    def agree(found: list[Article], queries: list[str]) -> None:
        growing.wait(growing.archive(found))
        every = growing.every
        liked = {str(id): every[id].article for id in (1, 2)}
        context = match.Context(now=START, liked=liked, alike=dedup.wording)
        keys = {name: dedup.text_keys(article) for name, article in liked.items()}
        for query in queries:
            node = match.parse(query)
            exact = {id for id, a in every.items() if match.matches(node, a, context)}
            pre, limits = match.prefilter(node, keys), match.limits(node, START)
            likely = match.likely(node)
            _, asked = growing.wait(store.read(candidates.page, pre, limit=10_000, limits=limits, likely=likely))
            assert exact <= {a.id for a in asked}, query
            assert exact == {a.id for a in asked if match.matches(node, a, context)}, query

    await asyncio.to_thread(agree)


async def test_what_the_index_tells_alone_is_what_the_texts_say(store: Store) -> None:
    growing = Growing(store, asyncio.get_running_loop())
    rules = _joined(st.builds("{}{}{}".format, FIELD, SAID, st.sampled_from(["", "*"])) | PHRASES)
    wanted = st.builds(
        Topic,
        name=st.just("t"),
        match=rules,
        exclude=st.just("") | rules,
        mute=st.sampled_from(["", "", "kims"]),
        threshold=st.sampled_from([None, None, 1.5, 2.0]),
        sources=st.sampled_from([(), (), ("site",), ("other",)]),
        languages=st.sampled_from([(), (), ("en",), ("EN-gb", "de")]),
    )
    told = 0

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(ARTICLES, min_size=2, max_size=4), st.lists(wanted, min_size=6, max_size=10))
    def agree(found: list[Article], topics: list[Topic]) -> None:
        nonlocal told
        growing.wait(growing.archive(found))
        context = match.Context(now=START)
        for topic in topics:
            asked = match.asked(topic)
            assert asked is not None
            pre, limits = match.prefilter(match.parse(topic.match)), match.topic_limits(topic, START)
            ids = growing.wait(store.read(candidates.ids, pre, limits=limits))
            for each in growing.wait(store.read(candidates.having, tuple(asked.values()), ids)):
                there = frozenset(leaf for n, leaf in enumerate(asked) if each.has >> n & 1)
                if match.is_sure(there, each.credits):
                    told += 1
                    article = growing.every[each.id]
                    said, full = match.told(topic, there), match.decide(topic, article, context)
                    assert said.selected is full.selected, topic
                    assert not said.selected or said.score == full.score, topic
                    assert each.first_seen == article.first_seen
                    assert each.dated == min(article.article.published or article.first_seen, article.first_seen)

    await asyncio.to_thread(agree)
    assert told


async def test_what_a_topic_takes_is_among_its_candidates(store: Store) -> None:
    every = await _archived(store)
    wanted = st.builds(
        Topic,
        name=st.just("t"),
        match=QUERIES,
        sources=st.sampled_from([(), ("site",), ("other",), ("site", "other"), ("tag:x", "other"), ("tag:Asia",)]),
        languages=st.sampled_from([(), ("en",), ("EN-gb", "de"), ("fr",)]),
        window=st.sampled_from([None, None, timedelta(days=1), timedelta(days=30)]),
    )
    loop = asyncio.get_running_loop()

    @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
    @given(wanted)
    def agree(topic: Topic) -> None:
        context = match.Context(now=START)
        pre, node = match.prefilter(match.parse(topic.match)), match.parse(topic.match)
        limits, likely = match.topic_limits(topic, START), match.likely(node)
        asked = store.read(candidates.page, pre, limit=10_000, limits=limits, likely=likely)
        _, found = asyncio.run_coroutine_threadsafe(asked, loop).result(60)
        assert {a for a in every if match.decide(topic, a, context).selected} <= {*found}

    await asyncio.to_thread(agree)


async def _archived(store: Store) -> tuple[Archived, ...]:
    """Of one of the sources, in several languages, and as old as `window` tells apart."""
    (source,) = await follow(store, Source(url=FEED, name="site", tags=("asia",)))
    ages = [None, *(timedelta(hours=h) for h in (-48, 0, 1, 23, 24, 25, 24 * 30 - 1, 24 * 30, 24 * 31))]
    for n, (age, language) in enumerate(product(ages, [None, "en", "en_GB", "de"])):
        text = f"{WORDS} Kim{' of' * (n % 2)} the harbour."
        said = Article(url=f"https://Site.example/{n}", title="Kim", text=text, language=language)
        (id,) = await arrive(store, source, entry(str(n)))
        await keep(store, id, replace(said, published=None if age is None else START - age))
    return await store.read(articles.dump, 0, 100)


@pytest.mark.parametrize(
    ("query", "found"), [("like:1", [1, 2]), ("like:1 OR zebra", [1, 2, 3]), ("like:1 zebra", [2])]
)
async def test_what_is_near_in_wording_is_found_by_its_keys(store: Store, query: str, found: list[int]) -> None:
    (source,) = await follow(store, FEED)
    texts = (WORDS, f"{WORDS} A zebra.", "A zebra alone.")
    for id, text in zip(await arrive(store, source, *map(entry, "abc")), texts, strict=True):
        await keep(store, id, Article(url="https://site.example/a", title="T", text=text))
    (liked,) = await store.read(articles.get, [1])
    pre = match.prefilter(match.parse(query), {"1": dedup.text_keys(liked.article)})
    assert await store.read(candidates.ids, pre) == tuple(found)


async def test_the_parts_of_the_index_become_one_and_find_the_same(store: Store) -> None:
    (source,) = await follow(store, FEED)
    for n in range(3):  # each in a part of its own
        (id,) = await arrive(store, source, entry(str(n)))
        await keep(store, id, Article(url=f"https://site.example/{n}", title="T", text=f"{WORDS} w{n}"))
    assert await store.write(dialect.merge_index) == await store.read(lambda tx: tx.dialect.name == "sqlite")
    assert not await store.write(dialect.merge_index)
    for query, found in (("harbour", [1, 2, 3]), ("w1", [2]), ("w9", [])):
        pre = match.prefilter(match.parse(query))
        assert await store.read(candidates.ids, pre) == tuple(found)
