"""doors.store.views"""

import re
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text

from aggregator.doors.store import Store, sources, views
from aggregator.doors.store.tables import metadata
from aggregator.model import Decision, Image, Topic
from tests.doors import seeds
from tests.fakes import START

PAGE = (Path(__file__).parents[2] / "docs" / "schema.md").read_text("utf-8")


def rows(tx: Connection, view: str) -> list[dict[str, Any]]:
    return [dict(row._mapping) for row in tx.execute(text(f"SELECT * FROM {view}"))]


async def test_times_are_alike_in_all_views(store: Store) -> None:
    (source,) = await seeds.follow(store, seeds.FEED)
    (live,) = await seeds.publish(store, Topic(name="storms", match="storm"))
    (one,) = await seeds.arrive(store, source, seeds.entry("1"))
    await seeds.keep(store, one, seeds.article(), {live: Decision(selected=True, reason="storm in the title")})
    await store.write(sources.due_now, None, START)
    (article,), (of_topic,), (followed,) = [
        await store.read(rows, view) for view in ("article_list", "topic_list", "source_list")
    ]
    kinds = {type(at) for at in (article["first_seen"], of_topic["decided_at"], followed["poll_at"])}
    assert len(kinds) == 1
    if kinds == {str}:  # SQLite has no times
        assert all(
            re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", at) for at in (of_topic["decided_at"], followed["poll_at"])
        )


async def test_the_views_show_what_is_in_the_archive(store: Store) -> None:
    (source,) = await seeds.follow(store, seeds.FEED)
    (live,) = await seeds.publish(store, Topic(name="storms", match="storm"))
    (one,) = await seeds.arrive(store, source, seeds.entry("1"))
    taken = {live: Decision(selected=True, reason="storm in the title")}
    await seeds.keep(
        store, one, seeds.article(images=(Image(url="https://site.example/1.jpg", caption="A crane"),)), taken
    )
    (article,) = await store.read(rows, "article_list")
    assert (article["title"], article["relation"]) == ("Storm closes the harbour", "first")
    assert str(article["first_seen"]).replace("T", " ").startswith("2026-03-02 09:30:00")
    (caption,) = await store.read(rows, "caption_list")
    assert (caption["article_id"], caption["image"]) == (article["id"], "https://site.example/1.jpg")
    (of_topic,) = await store.read(rows, "topic_list")
    assert (of_topic["topic"], of_topic["reason"]) == ("storms", "storm in the title")
    (followed,) = await store.read(rows, "source_list")
    assert (followed["url"], followed["state"], followed["articles"]) == (seeds.FEED, "ok", 1)


@pytest.mark.parametrize("name", views.VIEWS)
async def test_a_view_has_the_columns_that_its_page_names(store: Store, name: str) -> None:
    found = re.search(rf"^\| `{name}` \| [^|]+ \| (.*) \|$", PAGE, re.MULTILINE)
    assert found
    said = re.findall(r"`(\w+)`", re.sub(r"\([^)]*\)", "", found[1]))
    assert list((await store.read(lambda tx: tx.execute(text(f"SELECT * FROM {name}")))).keys()) == said


@pytest.mark.parametrize("name", [*metadata.tables, "articles_fts"])
def test_every_table_is_described(name: str) -> None:
    assert re.search(rf"^\| .*`{name}`.* \| .+ \|$", PAGE, re.MULTILINE)
