"""doors.store.likenesses and doors.store.newcomers"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection, func, select

from aggregator.doors.store import Store, arrivals, articles, bulk, decisions, due, entries, likenesses, topics
from aggregator.doors.store.tables import likenesses as rows
from aggregator.doors.store.tables import recent_text_keys
from aggregator.jobs import THINKING
from aggregator.model import Archived, Article, Decision, Likeness, Topic
from aggregator.steps import compose, dedup
from aggregator.steps.dedup.rule import CERTAIN, SAME_PAGE
from tests.doors.seeds import FEED, arrive, article, entry, follow, judged, keep, publish
from tests.fakes import START, WORDS

EARLIER = START - timedelta(hours=2)
OTHER = "A parliament that rises without a vote leaves the pension bill to the autumn, as every speaker said. " * 4


async def told(store: Store) -> list[tuple[str, int | None, int | None]]:
    kept: tuple[Archived, ...] = await store.read(articles.dump, 0)
    return [(a.verdict.relation, a.verdict.story, a.verdict.copy_of) for a in kept]


async def save_together(store: Store, ids: Sequence[int], found: Sequence[Article], now: datetime) -> list[int]:
    works = [await store.read(entries.to_archive, id) for id in ids]
    new = [
        arrivals.New(work=w, article=a, words=compose.words(a), text_keys=dedup.text_keys(a), judged=judged({}))
        for w, a in zip(works, found, strict=True)
        if w is not None
    ]
    return await store.write(arrivals.save, new, THINKING, now)


async def test_a_copy_seen_before_its_older_original_is_put_right(store: Store) -> None:
    (source,) = await follow(store, FEED)
    copy, original, other = await arrive(store, source, entry("copy"), entry("original"), entry("other"))
    a, _ = await keep(store, copy, article("https://a.example/1", WORDS + "Agencies", published=START))
    assert await told(store) == [("first", a, None)]
    (live,) = await publish(store, Topic(name="port", match="harbour"))
    await store.write(
        decisions.decide, a, judged({live: Decision(selected=True, reason="harbour")}), START, START, START
    )
    (live,) = await store.read(topics.live)
    await store.write(topics.published_each, [(live, 0, START)])
    soon = START + timedelta(hours=1)
    assert (await store.read(due.waiting, soon))["publish"] == 0
    refused = {live: Decision(selected=False, reason="another harbour")}
    b, _ = await keep(store, original, article("https://b.example/1", published=EARLIER), refused)
    assert (await store.read(due.waiting, soon))["publish"] == 1  # it took the copy, and names the original now
    await keep(store, other, article("https://c.example/1", OTHER, title="Pension bill", published=EARLIER))
    assert await told(store) == [("copy", b, b), ("first", b, None), ("first", b + 1, None)]
    kept, first = await store.read(articles.get, [a, b])
    assert "b.example" in kept.verdict.reason
    assert first.verdict.reason.startswith("no older article")
    assert [a.id for a in await store.read(articles.copies, a)] == [a, b]


async def test_who_credits_another_stands_behind_it_though_it_was_published_before(store: Store) -> None:
    (source,) = await follow(store, FEED)
    copy, original = await arrive(store, source, entry("copy"), entry("original"))
    said = f"{WORDS}\n\nFirst published by B Example."
    await keep(store, copy, article("https://a.example/1", said, published=EARLIER))
    b, _ = await keep(store, original, article("https://b-example.org/1", published=START), now=START)
    assert [story for _, story, _ in await told(store)] == [b, b]
    first, _ = await store.read(articles.dump, 0)
    assert first.verdict.reason.endswith("; it says “First published by B Example”")


async def test_an_edit_that_brings_two_texts_together_makes_them_one_story(store: Store) -> None:
    (source,) = await follow(store, FEED)
    one, two = await arrive(store, source, entry("one"), entry("two"))
    a, _ = await keep(store, one, article("https://a.example/1"))
    b, _ = await keep(store, two, article("https://b.example/1", OTHER, title="Pension bill"))
    assert await told(store) == [("first", a, None), ("first", b, None)]
    later = START + timedelta(hours=1)
    assert await keep(store, two, article("https://b.example/1"), now=later) == (b, "revised")
    assert await told(store) == [("first", a, None), ("copy", a, a)]


async def test_a_text_that_is_rewritten_is_no_copy_any_more_nor_are_copies_of_the_former_one(store: Store) -> None:
    (source,) = await follow(store, FEED)
    one, two, three = await arrive(store, source, entry("one"), entry("two"), entry("three"))
    a, _ = await keep(store, one, article("https://a.example/1", published=EARLIER))
    b, _ = await keep(store, two, article("https://b.example/1"))
    await keep(store, one, article("https://a.example/1", OTHER, title="Pension bill", published=EARLIER))
    c, _ = await keep(store, three, article("https://c.example/1", OTHER + "Agencies", title="Pensions"))
    assert await told(store) == [("first", a, None), ("first", b, None), ("copy", a, a)]
    await keep(store, one, article("https://a.example/1", published=EARLIER))
    assert await told(store) == [("first", a, None), ("copy", a, a), ("first", c, None)]


@pytest.mark.parametrize(
    ("left", "said"),
    [
        ("This article was withdrawn, since its author had not been there. " * 3, "0% of the shorter text"),
        (WORDS[:300] + "The owners of the cranes did not comment. " * 5, "80% of the shorter text"),
    ],
)
async def test_a_copy_of_what_an_article_said_before_an_edit_stays_one_and_its_figures_are_those_of_today(
    store: Store, left: str, said: str
) -> None:
    (source,) = await follow(store, FEED)
    one, two = await arrive(store, source, entry("one"), entry("two"))
    a, _ = await keep(store, one, article("https://a.example/1", published=EARLIER))
    b, _ = await keep(store, two, article("https://b.example/1", WORDS + "Agencies"))
    await keep(store, one, article("https://a.example/1", left, published=EARLIER))
    assert await told(store) == [("first", a, None), ("copy", a, a)]
    (copy,) = await store.read(articles.get, [b])
    assert copy.verdict.reason.startswith(said)
    assert copy.verdict.reason.endswith(" before an edit") is said.startswith("0%")


@pytest.mark.parametrize("one_by_one", [True, False])
async def test_a_page_that_comes_again_under_an_older_date_is_the_first(store: Store, one_by_one: bool) -> None:
    (source,) = await follow(store, FEED)
    ids = await arrive(store, source, entry("one"), entry("two"), entry("three"))
    found = [article(published=at) for at in (START, EARLIER, START)]
    if one_by_one:
        for id, page in zip(ids, found, strict=True):
            await keep(store, id, page)
    else:
        await save_together(store, ids, found, START)
    assert [story for _, story, _ in await told(store)] == [2, 2, 2]
    assert [relation for relation, _, _ in await told(store)] == ["same", "first", "same"]


async def test_who_gets_another_address_is_the_same_page_no_more(store: Store) -> None:
    (source,) = await follow(store, FEED)
    one, two = await arrive(store, source, entry("one"), entry("two"))
    a, _ = await keep(store, one, article("https://a.example/1", "Too short"))
    b, _ = await keep(store, two, article("https://a.example/1", "Too short"))
    assert await told(store) == [("first", a, None), ("same", a, a)]
    await keep(store, two, article("https://a.example/2", "Too short"))
    assert await told(store) == [("first", a, None), ("first", b, None)]


async def test_an_edited_text_is_found_by_its_new_keys_only(store: Store) -> None:
    (source,) = await follow(store, FEED)
    (one,) = await arrive(store, source, entry("one"))
    old, new = article(), article(text=OTHER)
    id, _ = await keep(store, one, old)
    await keep(store, one, new)

    def keys(tx: Connection) -> set[int]:
        return set(tx.scalars(select(recent_text_keys.c.key).where(recent_text_keys.c.article_id == id)))

    assert await store.read(keys) == set(dedup.text_keys(new))


async def test_a_text_that_very_many_have_is_one_story_whose_first_is_the_oldest(store: Store) -> None:
    (source,) = await follow(store, FEED)
    n = likenesses.POSTINGS + 6
    ids = await arrive(store, source, *(entry(str(i)) for i in range(n)))
    for i, id in enumerate(ids):
        await keep(store, id, article(f"https://s{i}.example/1", published=START if i < n - 1 else EARLIER))
        if i == n - 2:
            assert {story for _, story, _ in await told(store)} == {1}
    assert {story for _, story, _ in await told(store)} == {n}
    assert len(await store.read(likenesses.likely, dedup.text_keys(article()))) == likenesses.CANDIDATES


async def test_all_likenesses_of_a_few_are_read_and_none_of_very_many(store: Store) -> None:
    def like(tx: Connection, pairs: Sequence[tuple[int, int]], odds: float) -> None:
        both = (likenesses.both_ways(a, Likeness(other=b, odds=odds, contained=0.5)) for a, b in pairs)
        bulk.insert(tx, rows, [row for some in both for row in some])

    few = likenesses.COMPONENT
    await store.write(like, [(1, n) for n in range(2, few + 1)], 2.0)
    await store.write(like, [(1, n) for n in range(1000, 6000)], -1.0)
    assert set(await store.read(likenesses.linked, {1, 2}) or ()) == {
        pair for n in range(2, few + 1) for pair in ((1, n), (n, 1))
    }
    await store.write(like, [(few, few + 1)], 2.0)
    assert await store.read(likenesses.linked, {1}) is None
    await store.write(like, [(9999, n) for n in range(10_000, 15_000)], 2.0)
    assert await store.read(likenesses.linked, {9999}) is None


def test_who_shares_what_hardly_anybody_has_is_compared_first() -> None:
    phrases = [(key, id) for key in (1, 2, 3) for id in range(100, 100 + likenesses.POSTINGS)]
    found = likenesses.ranked([(4, 7), (5, 7), (6, 8), *phrases])
    assert found[0] == 7
    assert 8 not in found
    assert 8 not in likenesses.ranked([(4, 7), (5, 7), (6, 8)])  # one key in common may be chance
    assert len(likenesses.ranked(phrases)) == likenesses.CANDIDATES


async def test_keys_that_nobody_has_find_nothing(store: Store) -> None:
    assert not await store.read(likenesses.likely, [1, 2, 3])
    assert not await store.read(likenesses.likely, [])
    assert await store.read(lambda tx: tx.scalar(select(func.count()).select_from(recent_text_keys))) == 0


async def test_articles_that_come_together_find_each_other(store: Store) -> None:
    (source,) = await follow(store, FEED)
    texts = [WORDS, OTHER, WORDS + "Agencies", "Too short", "Too short", OTHER.replace("autumn", "spring")]
    found = [article(f"https://s{n}.example/1", said, title=f"Title {n}") for n, said in enumerate(texts)]
    found.append(article("https://www.s4.example/1?utm_source=x", "Short too", title="Title 4"))
    ids = await arrive(store, source, *(entry(str(n)) for n in range(len(found))))
    now = START + timedelta(hours=1)
    together = await save_together(store, ids, found, now)
    first = await told(store)
    assert first[2][0] == first[5][0] == "copy"
    assert first[6][0] == "same"
    assert [relation for relation, _, _ in first].count("first") == 4
    assert [story for _, story, _ in first] == [together[n] for n in (0, 1, 0, 3, 4, 1, 4)]


PAGE, COPY = "https://a.example/1", "https://b.example/1"


@pytest.mark.parametrize(
    "pages",
    [
        [article(PAGE, published=START)] * 4,
        [article(PAGE, published=START), article(PAGE, published=EARLIER), article(PAGE, published=START)],
        [article(PAGE), article("https://b.example/1", WORDS + "Agencies"), article(PAGE), article(PAGE)],
        [article("https://b.example/1", published=EARLIER), article(PAGE), article(PAGE, published=EARLIER)],
        [article(PAGE), article(PAGE, OTHER), article(PAGE, OTHER), article(PAGE)],
        [article(PAGE, "Short"), article(PAGE, "Short", title="Other"), article(PAGE, "Short")],
        [article(PAGE, OTHER, title="Pension bill")] * 3
        + [article(PAGE), article(COPY, WORDS + "Agencies"), article(PAGE)],
    ],
)
async def test_a_page_that_comes_again_as_it_was_has_the_place_that_comparing_would_give_it(
    store: Store, pages: list[Article]
) -> None:
    """The first half arrives together, then the rest; then all of it one by one, on other addresses."""
    (source,) = await follow(store, FEED)
    ids = await arrive(store, source, *(entry(str(n)) for n in range(2 * len(pages))))
    half = len(pages) // 2
    await save_together(store, ids[:half], pages[:half], START)
    await save_together(store, ids[half : len(pages)], pages[half:], START)
    together = await told(store)
    elsewhere = [replace(page, url=page.url.replace(".example", "-2.example"), text=page.text[::-1]) for page in pages]
    for id, page in zip(ids[len(pages) :], elsewhere, strict=True):
        await keep(store, id, page)
    n = len(pages)
    alone = [(relation, (story or 0) - n, copy and copy - n) for relation, story, copy in (await told(store))[n:]]
    assert together == alone
    likely = await store.read(lambda tx: tx.execute(select(rows.c.article_id, rows.c.other_id, rows.c.odds)).all())
    odds = {(a, b): round(min(o, CERTAIN), 3) if o < SAME_PAGE else o for a, b, o in likely}
    assert {pair: o for pair, o in odds.items() if max(pair) <= n} == {
        (a - n, b - n): o for (a, b), o in odds.items() if min(a, b) > n
    }
