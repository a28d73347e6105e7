"""doors.store.likenesses"""

from datetime import timedelta

from sqlalchemy import Connection, func, select

from aggregator.doors.store import Store, arrivals, articles, entries, likenesses, topics
from aggregator.doors.store.tables import text_keys
from aggregator.jobs import THINKING
from aggregator.model import Archived, Decision, Topic
from aggregator.steps import compose, dedup
from tests.doors.seeds import FEED, arrive, article, entry, follow, keep, publish
from tests.fakes import START, WORDS

EARLIER = START - timedelta(hours=2)
OTHER = "A parliament that rises without a vote leaves the pension bill to the autumn, as every speaker said. " * 4


async def told(store: Store) -> list[tuple[str, int | None, int | None]]:
    kept: tuple[Archived, ...] = await store.read(articles.dump, 0)
    return [(a.verdict.relation, a.verdict.story, a.verdict.copy_of) for a in kept]


async def test_a_copy_seen_before_its_older_original_is_put_right(store: Store) -> None:
    (source,) = await follow(store, FEED)
    copy, original, other = await arrive(store, source, entry("copy"), entry("original"), entry("other"))
    a, _ = await keep(store, copy, article("https://a.example/1", WORDS + "Agencies", published=START))
    assert await told(store) == [("first", a, None)]
    (live,) = await publish(store, Topic(name="port", match="harbour"))
    await store.write(topics.decide, a, {live: Decision(selected=True, reason="harbour")}, START, START, START)
    (live,) = await store.read(topics.live)
    await store.write(topics.published, live, START)
    b, _ = await keep(store, original, article("https://b.example/1", published=EARLIER), now=START)
    await keep(store, other, article("https://c.example/1", OTHER, title="Pension bill", published=EARLIER))
    assert await told(store) == [("copy", b, b), ("first", b, None), ("first", b + 1, None)]
    (kept,) = await store.read(articles.get, [a])
    assert "b.example" in kept.verdict.reason
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
    assert await keep(store, two, article("https://b.example/1", OTHER), now=later) == (b, "revised")
    assert await told(store) == [("first", a, None), ("copy", a, a)]  # what was a copy once is known to be one


async def test_an_edited_text_is_found_by_its_new_keys_only(store: Store) -> None:
    (source,) = await follow(store, FEED)
    (one,) = await arrive(store, source, entry("one"))
    old, new = article(), article(text=OTHER)
    id, _ = await keep(store, one, old)
    await keep(store, one, new)

    def keys(tx: Connection) -> set[int]:
        return set(tx.scalars(select(text_keys.c.key).where(text_keys.c.article_id == id)))

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
    assert len(await store.read(likenesses.likely, dedup.text_keys(article()))) == likenesses.POSTINGS


async def test_keys_that_nobody_has_find_nothing(store: Store) -> None:
    assert not await store.read(likenesses.likely, [1, 2, 3])
    assert not await store.read(likenesses.likely, [])
    assert await store.read(lambda tx: tx.scalar(select(func.count()).select_from(text_keys))) == 0


async def test_articles_that_come_together_find_each_other(store: Store) -> None:
    (source,) = await follow(store, FEED)
    texts = [WORDS, OTHER, WORDS + "Agencies", "Too short", "Too short", OTHER.replace("autumn", "spring")]
    found = [article(f"https://s{n}.example/1", said, title=f"Title {n}") for n, said in enumerate(texts)]
    found.append(article("https://www.s4.example/1?utm_source=x", "Short too", title="Title 4"))
    ids = await arrive(store, source, *(entry(str(n)) for n in range(len(found))))
    now = START + timedelta(hours=1)
    works = [await store.read(entries.to_archive, id) for id in ids]
    new = [
        arrivals.New(work=w, article=a, words=compose.words(a), text_keys=dedup.text_keys(a), decisions={})
        for w, a in zip(works, found, strict=True)
        if w is not None
    ]
    together = await store.write(arrivals.save, new, THINKING, now)
    first = await told(store)
    assert first[2][0] == first[5][0] == "copy"
    assert first[6][0] == "same"
    assert [relation for relation, _, _ in first].count("first") == 4
    assert [story for _, story, _ in first] == [together[n] for n in (0, 1, 0, 3, 4, 1, 4)]
