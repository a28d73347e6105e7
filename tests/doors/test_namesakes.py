"""doors.store.namesakes"""

from dataclasses import replace

import pytest
from sqlalchemy import Connection, event, select

from aggregator.doors.store import Store, entries, namesakes
from aggregator.doors.store.tables import entry_keys
from aggregator.doors.store.types import hashed
from aggregator.model import Changes, KnownEntry, PollState
from tests.doors.seeds import FEED, arrive, entry, follow
from tests.fakes import START


async def test_entries_are_known_by_guid_link_or_title_and_only_of_their_source(store: Store) -> None:
    one, two = await follow(store, FEED, "https://other.example/feed")
    (a,) = await arrive(store, one, entry("a"))
    (b,) = await arrive(store, one, entry("b", url=None, published=START))
    await arrive(store, one, entry("c"))
    await arrive(store, two, entry("a"))
    known = await store.read(
        namesakes.among, one, [entry("a", url="x", title=None), entry("new", url=None, title="Title b")]
    )
    assert set(known) == {
        KnownEntry(id=a, guid="a", url="https://site.example/a", title="Title a", published=None, hash="hash-a"),
        KnownEntry(id=b, guid="b", url=None, title="Title b", published=START, hash="hash-b"),
    }
    by_link = await store.read(namesakes.among, one, [entry("new", url="https://site.example/a", title=None)])
    assert [k.id for k in by_link] == [a]
    assert await store.read(namesakes.among, one, []) == ()


async def test_of_very_many_under_one_title_the_newest_are_known(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(namesakes, "NAMESAKES", 3)
    (source,) = await follow(store, FEED)
    ids = await arrive(
        store, source, *(entry(str(n), url=f"https://site.example/{n}", title="Weather") for n in range(9))
    )
    again = [entry("new", url="https://site.example/1", title="Weather")]
    known = await store.read(namesakes.among, source, again)
    assert [k.id for k in known] == [ids[1], *ids[6:]]


async def test_an_entry_is_known_by_what_it_is_called_now(store: Store) -> None:
    (source,) = await follow(store, FEED)
    (id,) = await arrive(store, source, entry("a", title="Storm coming"))
    edited = replace(entry("a", title="Storm over"), id=id, hash="other")
    await store.write(entries.save, source, Changes(changed=(edited,)), PollState(), lambda e: "", START)
    known = await store.read(namesakes.among, source, [entry("b", url=None, title="Storm over")])
    assert [(k.id, k.title) for k in known] == [(id, "Storm over")]
    by_link = await store.read(namesakes.among, source, [entry("b", url=edited.url, title=None)])
    assert [k.id for k in by_link] == [id]


async def test_a_title_that_is_another_at_each_poll_takes_no_more_room(store: Store) -> None:
    (source,) = await follow(store, FEED)
    (id,) = await arrive(store, source, entry("a"))
    for hour in range(5):
        edited = replace(entry("a", title=f"Live at {hour}:00"), id=id, hash=str(hour))
        await store.write(entries.save, source, Changes(changed=(edited,)), PollState(), lambda e: "", START)
    keys = await store.read(lambda tx: tx.execute(select(entry_keys)).all())
    assert len(keys) == 2  # of its address and its title


async def test_one_title_of_all_that_arrive_is_asked_for_once(store: Store) -> None:
    asked: list[str] = []
    (source,) = await follow(store, FEED)
    await arrive(store, source, *(entry(str(n), title="Weather") for n in range(5)))

    def among(tx: Connection) -> None:
        event.listen(tx, "before_cursor_execute", lambda *args: asked.append(str(args[3])))
        namesakes.among(tx, source, [entry(f"new {n}", url=None, title="Weather") for n in range(5)])

    await store.read(among)
    assert sum(said.count(str(hashed(f"{source.id} title Weather"))) for said in asked) == 1
