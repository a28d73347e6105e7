"""questions.search and best: the same on both databases"""

from datetime import UTC, datetime, timedelta

import pytest

from aggregator.app import App
from aggregator.model import Image, Source
from aggregator.questions import Questions
from tests.doors.seeds import arrive, article, entry, follow, keep

SPRING = datetime(2026, 3, 1, tzinfo=UTC)
KEPT = {
    "en": {"title": "Storm closes the harbour", "text": "The old town lies dark.\n\nCranes fell.", "language": "en-gb",
           "published": SPRING},
    "de": {"title": "Sturm", "text": "In Zürich ist die Straße am Hafen gesperrt.", "language": "de", "byline": "Jo Doe"},
    "ja": {"title": "台風", "text": "東京の港は閉鎖された。京、都。", "language": "ja", "published": SPRING + timedelta(days=9)},
    "picture": {"title": "Boats", "text": "town old and quiet", "images": (Image(url="https://i/1", caption="The harbour"),)},
    "plain": {"title": "Boats", "text": "the harbour of an old, old town", "images": (Image(url="https://i/2"),)},
}  # fmt: skip


async def archive(app: App) -> dict[int | None, str]:
    """What is kept, by id; every second of another source."""
    one, two = await follow(
        app.store,
        Source(url="https://one.example/feed", name="one"),
        Source(url="https://two.example/feed", name="two"),
    )
    names: dict[int | None, str] = {}
    for n, (name, values) in enumerate(KEPT.items()):
        (entry_id,) = await arrive(app.store, (one, two)[n % 2], entry(name))
        id, _ = await keep(app.store, entry_id, article(f"https://site.example/{name}", **values))  # type: ignore[arg-type]
        names[id] = name
    return names


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("harbour", "plain picture en"), ("title:harbour", "en"), ("caption:harbour", "picture"), ("byline:doe", "de"),
        ('"old town"', "plain en"), ("old town", "plain picture en"), ('"old old town"', "plain"), ("harb*", "plain picture en"),
        ("zurich", "de"), ("ZÜRICH OR 東京", "ja de"), ("東京", "ja"), ("京都", "ja"), ("都東", ""), ("の港", "ja"), ("京", "ja"),
        ("harbour source:one", "plain en"), ("harbour source:nobody", ""), ("source:two", "picture de"),
        ("harbour lang:en", "en"), ("lang:en-gb", "en"), ("lang:en-us", ""), ("lang:de OR lang:ja", "ja de"),
        ("harbour before:2026-02", ""), ("harbour before:2026-03-02", "en"), ("after:2026-03-05", "ja"), ("after:2026-03-01 before:2026-03-02", "en"),
        ("harbour has:caption", "picture"), ("harbour has:image", "plain picture"), ("has:image -has:caption", "plain"),
        ("url:site.example/pl", "plain"), ("harbour -old", ""), ("harbour (source:two OR lang:en)", "picture en"), ("w0rd", ""),
    ],
)  # fmt: skip
async def test_a_search_finds_what_matches_the_newest_first(app: App, query: str, expected: str) -> None:
    names = await archive(app)
    found = await Questions(app).search(query, 10)
    assert [names[a.id] for a, _ in found.matches] == expected.split()
    assert found.until is None
    best = await Questions(app).best(query, 10)
    assert {names[a.id] for a, _ in best.matches} == set(expected.split())


async def test_the_best_have_it_in_the_title_or_say_it_most(app: App) -> None:
    names = await archive(app)
    for query, first in (("harbour", "en"), ("old", "plain"), ("boats", "picture"), ("jo OR storm", "en")):
        assert names[(await Questions(app).best(query, 1)).matches[0][0].id] == first, query


async def test_of_very_many_the_best_is_found_by_its_title(app: App) -> None:
    (source,) = await follow(app.store, "https://one.example/feed")
    ids = await arrive(app.store, source, *(entry(str(n)) for n in range(130)))
    for n, id in enumerate(ids):
        title = "The flood" if n == 0 else f"Day {n}"
        await keep(app.store, id, article(f"https://site.example/{n}", f"The flood of day {n}", title=title))
    found = await Questions(app).best("flood", 3)
    assert found.matches[0][0].article.title == "The flood"
    assert found.until is not None  # not all were weighed


async def test_a_search_goes_on_where_it_stopped(app: App) -> None:
    await archive(app)
    first = await Questions(app).search("harbour", 2)
    assert len(first.matches) == 2
    assert first.until == first.matches[-1][0].id
    rest = await Questions(app).search("harbour", 2, before=first.until)
    assert [a.article.title for a, _ in rest.matches] == ["Storm closes the harbour"]
    assert rest.until is None


async def test_a_search_that_looked_at_enough_says_where_it_stopped(app: App) -> None:
    (source,) = await follow(app.store, "https://one.example/feed")
    ids = await arrive(app.store, source, *(entry(str(n)) for n in range(30)))
    for n, id in enumerate(ids):
        said = "old town" if n == 0 else f"town {n} is old"
        await keep(app.store, id, article(f"https://site.example/{n}", f"{said} on day {n}"))
    found = await Questions(app).search('"old town"', 2, scanned=14)
    assert found.matches == ()
    assert found.until == 17
    on = await Questions(app).search('"old town"', 2, before=found.until)
    assert len(on.matches) == 1
    assert on.until is None
    assert len((await Questions(app).search('"old town"', 2, scanned=None)).matches) == 1


async def test_a_search_in_an_empty_archive_finds_nothing(app: App) -> None:
    assert (await Questions(app).search("harbour", 5)).matches == ()
    assert (await Questions(app).best("source:x", 5)).matches == ()
