"""doors.store.articles, and the full-text index"""

from dataclasses import replace
from datetime import timedelta

import pytest

from aggregator.doors.store import Store, articles, candidates, dialect, entries
from aggregator.jobs import THINKING
from aggregator.model import Article, Image, Source
from aggregator.steps import match
from tests.doors.seeds import FEED, arrive, article, entry, follow, judged, keep
from tests.fakes import START, WORDS

LATER = START + timedelta(hours=1)
OTHER = "https://other.example/feed"


async def archived(store: Store, *kept: Article, source: Source | None = None) -> list[int]:
    """Archive these, one entry each; returns their ids."""
    owner = source or (await follow(store, FEED))[0]
    ids = await arrive(store, owner, *(entry(f"{owner.id}-{n}-{a.url}") for n, a in enumerate(kept)))
    return [(await keep(store, id, a))[0] for id, a in zip(ids, kept, strict=True)]


async def found(store: Store, query: str) -> list[int]:
    prefilter = match.prefilter(match.parse(query))
    assert prefilter is not None
    return list(await store.read(candidates.ids, prefilter))


async def test_a_new_article_is_kept_whole(store: Store) -> None:
    (source,) = await follow(store, Source(url=FEED, name="site", tags=("t",)))
    (entry_id,) = await arrive(store, source, entry("a", categories=("c",)))
    said = article(
        html="<p>Text</p>",
        byline="Jo Doe",
        published=START - timedelta(days=1),
        language="en",
        summary="Short",
        canonical="https://site.example/canonical",
        origin="page",
        images=(Image(url="https://i/1", caption="Cap", credit="Cred", position=1), Image(url="https://i/0")),
    )
    id, outcome = await keep(store, entry_id, said)
    assert outcome == "new"
    (kept,) = await store.read(articles.get, [id])
    assert kept.article == said
    assert (kept.source, kept.guid, kept.tags, kept.categories) == ("site", "a", ("t",), ("c",))
    assert (kept.first_seen, kept.revised_at, kept.revisions) == (START, None, 1)
    assert (kept.verdict.relation, kept.verdict.story, kept.verdict.copy_of) == ("first", id, None)
    assert await store.read(articles.of_entry, entry_id) == kept


async def test_one_page_from_two_feeds_is_one_story(store: Store) -> None:
    one, two = await follow(store, FEED, OTHER)
    (first,) = await archived(store, article("https://site.example/a?utm_source=x"), source=one)
    (second,) = await archived(store, article("https://www.site.example/a", text="Quite another text"), source=two)
    kept = await store.read(articles.get, [second, first])
    assert [a.verdict.relation for a in kept] == ["same", "first"]
    assert kept[0].verdict.story == kept[0].verdict.copy_of == first


async def test_one_text_on_two_sites_is_one_story_and_both_are_kept(store: Store) -> None:
    first, second, third = await archived(
        store, article("https://a.example/1"), article("https://b.example/2"), article("https://c.example/3", "Short")
    )
    kept = await store.read(articles.copies, second)
    assert [(a.id, a.verdict.relation) for a in kept] == [(first, "first"), (second, "copy")]
    assert "a.example" in kept[1].verdict.reason
    assert [a.id for a in await store.read(articles.newest, 10)] == [third, first]
    assert [a.id for a in await store.read(articles.newest, 10, stories_only=False)] == [third, second, first]
    others = await store.read(articles.stories, [first, second, third])
    assert {id: [a.id for a in also] for id, also in others.items()} == {first: [second], second: [first], third: []}
    assert await store.read(articles.stories, []) == {}


async def test_a_copy_of_a_copy_is_of_the_first_story(store: Store) -> None:
    ids = await archived(store, *(article(f"https://{h}.example/1") for h in "abc"))
    kept = await store.read(articles.get, ids)
    assert {a.verdict.story for a in kept} == {ids[0]}


async def test_an_edit_keeps_what_was_said_before(store: Store) -> None:
    (source,) = await follow(store, FEED)
    (entry_id,) = await arrive(store, source, entry("a"))
    old = article(text="Four were hurt", byline="Jo", images=(Image(url="https://i/1", caption="The dock"),))
    id, _ = await keep(store, entry_id, old)
    edits = [replace(old, text="Five were hurt", images=()), replace(old, title="Corrected", text="Six were hurt")]
    for n, edit in enumerate(edits, 1):
        assert await keep(store, entry_id, edit, now=START + timedelta(hours=n)) == (id, "revised")
    history = await store.read(articles.history, id)
    assert [(r.number, r.text, r.seen_at) for r in history] == [
        (1, "Four were hurt", START),
        (2, "Five were hurt", START + timedelta(hours=1)),
    ]
    assert (history[0].captions, history[0].byline, history[1].captions) == (("The dock",), "Jo", ())
    (kept,) = await store.read(articles.get, [id])
    assert (kept.article, kept.revisions, kept.revised_at) == (edits[1], 3, START + timedelta(hours=2))
    assert kept.first_seen == START


async def test_what_a_reader_does_not_see_is_no_revision(store: Store) -> None:
    (source,) = await follow(store, FEED)
    (entry_id,) = await arrive(store, source, entry("a"))
    id, _ = await keep(store, entry_id, article(text='He said "no"'))
    assert await keep(store, entry_id, article(text="He  said “no”"), now=LATER) == (id, "improved")
    better = article(text="He  said “no”", byline="Jo", html="<p>He said</p>")
    assert await keep(store, entry_id, better, now=LATER) == (id, "improved")
    assert await keep(store, entry_id, better, now=LATER) == (id, "unchanged")
    (kept,) = await store.read(articles.get, [id])
    assert (kept.article.byline, kept.article.html, kept.revisions, kept.revised_at) == (
        "Jo", "<p>He said</p>", 1, None
    )  # fmt: skip
    assert await store.read(articles.history, id) == ()


async def test_the_page_replaces_what_the_feed_had_and_is_no_revision(store: Store) -> None:
    (source,) = await follow(store, FEED)
    (entry_id,) = await arrive(store, source, entry("a"))
    id, _ = await keep(store, entry_id, article(text="A teaser", origin="feed"))
    assert await keep(store, entry_id, article(), now=LATER) == (id, "improved")
    (kept,) = await store.read(articles.get, [id])
    assert (kept.article.origin, kept.article.text, kept.revisions, kept.revised_at) == ("page", WORDS, 1, None)
    assert await store.read(articles.history, id) == ()
    assert await found(store, "teaser") == []
    assert await found(store, "harbour") == [id]


QUERIES: dict[str, set[str]] = {
        "harbour": {"en", "field"}, "HARBOUR": {"en", "field"}, '"old town"': {"en"}, "cran*": {"en"},
        "title:harbour": {"en"}, "caption:harbour": {"field"}, "byline:doe": {"field"}, "title:doe": set(),
        "caption:harb*": {"field"}, "東京": {"ja"}, "京都": {"ja"}, '"東京の"': {"ja"},
        "서울": {"ko"}, "서울*": {"ko"}, "हिन्दी": {"hi"}, "แมว": {"th"}, "المدرسه": {"ar"},
        "zurich": {"de"}, "Zürich": {"de"}, "strasse": {"de"}, "iran": {"fr"}, "l'iran": {"fr"},
        "kharkiv OR москва": {"ru"}, "harbour AND crane*": {"en"}, "harbour divers": {"en"},
        "zurich OR 東京": {"de", "ja"}, "covid 19": {"num"}, "1e5": {"num"}, "007": {"num"}, "3.14": {"num"},
        "example.org": {"num"}, "state-of-the-art": {"num"}, "c": set(), "the": {"en", "field", "num"},
}  # fmt: skip


async def test_the_index_finds_what_matches(store: Store) -> None:
    texts = {
        "en": WORDS,
        "field": "Nothing",
        "ja": "東京の港は閉鎖された。京、都。",
        "ko": "서울 항구가 폐쇄되었다",
        "hi": "हिन्दी में समाचार",
        "th": "แมวอยู่ในท่าเรือ",
        "ar": "أُغلقت المدرسة اليوم",
        "de": "In Zürich ist die Straße gesperrt",
        "fr": "La situation de l’Iran",
        "ru": "Москва и порт",
        "num": "COVID-19, 1e5 and 007 and 3.14: see example.org/path?x=1, state-of-the-art",
    }
    pictures = (Image(url="https://i/1", caption="The harbour", credit="AP"),)
    kept = [
        article(
            f"https://site.example/{name}",
            text,
            title="The harbour" if name == "en" else "Title",
            images=pictures if name == "field" else (),
            byline="Jo Doe" if name == "field" else None,
        )
        for name, text in texts.items()
    ]
    ids = dict(zip(texts, await archived(store, *kept), strict=True))
    every = await store.read(articles.get, list(ids.values()))
    for query, expected in QUERIES.items():
        exact = {a.id for a in every if match.matches(match.parse(query), a, match.Context(now=START))}
        assert {name for name, id in ids.items() if id in exact} == expected, query
        assert exact <= set(await found(store, query)), query  # the index may find more


async def test_after_an_edit_the_old_words_are_gone(store: Store) -> None:
    (source,) = await follow(store, FEED)
    (entry_id,) = await arrive(store, source, entry("a"))
    old = article(
        text="Pelicans and 東京", summary="Gist", byline="Jo", images=(Image(url="https://i/1", caption="Dock"),)
    )
    id, _ = await keep(store, entry_id, old)
    assert await found(store, "pelicans") == await found(store, "東京") == await found(store, "gist") == [id]
    await keep(store, entry_id, article(text="Herons", title="Birds"))
    for word in ("pelicans", "東京", "gist", "caption:dock", "byline:jo", "storm"):
        assert await found(store, word) == []
    assert await found(store, "herons") == await found(store, "title:birds") == [id]


async def test_a_very_long_text_and_very_long_words_are_indexed(store: Store) -> None:
    text = " ".join(f"w{n}" for n in range(120_000)) + " " + "x" * 5000
    (id,) = await archived(store, article(text=text))
    assert await found(store, "w49000") == [id]


async def test_candidates_are_read_whole_only_where_their_texts_are_likely(store: Store) -> None:
    image = Image(url="https://site.example/i.jpg", caption="A crane", credit="Ana")
    rich = replace(article(text="One.\n\nTwo."), html="<p>1</p>", byline="Ana", summary="So.", images=(image, image))
    ids = await archived(store, rich, replace(rich, url="https://site.example/2", text="Three.", images=()))
    seen: list[Article] = []

    def likely(said: Article) -> bool:
        seen.append(said)
        return said.text == "Three."

    found, page = await store.read(candidates.page, None, before=99, likely=likely)
    assert (list(found), [a.id for a in page]) == (ids[::-1], ids[1:])
    (whole,) = await store.read(articles.get, ids[1:])
    assert page == (replace(whole, article=replace(whole.article, html="")),)
    said = Article(url="", title=rich.title, text=rich.text, byline="Ana", summary="So.")
    assert seen[1] == replace(said, images=(Image(url="", caption="A crane"),) * 2)


async def test_candidates_come_in_pages_both_ways(store: Store) -> None:
    ids = await archived(store, *(article(f"https://site.example/{n}", f"Text {n}") for n in range(7)))
    _, up = await store.read(candidates.page, None, after=ids[1], limit=3)
    assert [a.id for a in up] == ids[2:5]
    _, down = await store.read(candidates.page, None, before=ids[5], limit=3)
    assert [a.id for a in down] == ids[4:1:-1]
    assert await store.read(candidates.ids, None, after=ids[1], limit=3) == tuple(ids[2:5])
    assert await store.read(candidates.ids, None, before=ids[5], limit=3) == tuple(ids[4:1:-1])
    _, some = await store.read(candidates.page, ("term", "text", ("text",), False), after=ids[4], limit=9)
    assert [a.id for a in some] == ids[5:]
    assert [a.id for a in await store.read(articles.dump, ids[3])] == ids[4:]


async def test_an_article_is_named_by_id_or_address(store: Store) -> None:
    first, _ = await archived(store, article(), article("https://site.example/b", "Other"))
    for name, key in ((str(first), None), ("https://site.example/a", "site.example/a")):
        kept = await store.read(articles.named, name, key)
        assert kept is not None
        assert kept.id == first
    assert await store.read(articles.named, "9" * 30, "9" * 30) is None
    assert await store.read(articles.named, "99", None) is None
    assert await store.read(articles.named, "²", "²") is None


async def test_many_articles_come_with_their_pictures_in_order(store: Store) -> None:
    pictures = tuple(Image(url=f"https://i/{n}", position=n) for n in range(3))
    kept = [article(f"https://site.example/{n}", f"Text {n}", images=pictures) for n in range(20)]
    ids = await archived(store, *kept)
    back = await store.read(articles.get, [*reversed(ids), 9999])
    assert [a.id for a in back] == ids[::-1]
    assert all(a.article.images == pictures for a in back)


async def test_the_figures_of_status(store: Store) -> None:
    (source,) = await follow(store, FEED)
    pictures = (Image(url="https://i/1", caption="C"), Image(url="https://i/2"))
    await archived(store, article(images=pictures), article("https://b.example/"), source=source)
    assert await store.read(articles.counts) == {
        "sources": 1, "failing": 0, "entries": 2, "pages_failing": 0, "articles": 2, "stories": 1, "copies": 1, "revisions": 0,
        "captions": 1, "starred": 0, "deleted": 0,
    }  # fmt: skip


async def test_an_article_that_was_saved_meanwhile_is_not_saved_twice(store: Store) -> None:
    (source,) = await follow(store, FEED)
    (entry_id,) = await arrive(store, source, entry("a"))
    work = await store.read(entries.to_archive, entry_id)
    assert work is not None
    await store.write(articles.save, work, article(), THINKING, judged({}), START)
    with pytest.raises(Exception, match=r"(?i)unique"):
        await store.write(articles.save, work, article(), THINKING, judged({}), START)
    assert (await store.read(articles.counts))["articles"] == 1
    assert await found(store, "harbour") == [1]


async def test_the_index_can_be_made_again(store: Store) -> None:
    await store.write(dialect.drop_index)
    await store.write(dialect.create_index)
    (id,) = await archived(store, article())
    assert await found(store, "harbour") == [id]
