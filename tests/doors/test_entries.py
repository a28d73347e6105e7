"""doors.store.entries"""

from datetime import timedelta

from sqlalchemy import Connection, select

from aggregator.doors.store import Store, entries, sources
from aggregator.doors.store.tables import entries as table
from aggregator.model import Changes, Enclosure, Image, PollState
from tests.doors.seeds import FEED, arrive, entry, follow
from tests.fakes import START

LATER = START + timedelta(hours=1)


def archive_at(tx: Connection, id: int) -> object:
    return tx.execute(select(table.c.archive_at, table.c.archive_failures).where(table.c.id == id)).one()


async def test_a_new_entry_is_kept_whole_and_due_to_be_archived(store: Store) -> None:
    (source,) = await follow(store, FEED)
    whole = entry(
        "a",
        author="Jo",
        published=START - timedelta(days=1),
        updated=START,
        summary="<p>Short</p>",
        content="<p>Löng 漢字</p>",
        images=(Image(url="https://site.example/1.jpg", caption="C", credit="P", position=2),),
        enclosures=(Enclosure(url="https://site.example/1.mp3", type="audio/mpeg", length=7),),
        categories=("x", "ÿ"),
        language="en",
    )
    (id,) = await arrive(store, source, whole)
    work = await store.read(entries.to_archive, id)
    assert work is not None
    assert work.entry == entry(
        "a", **{f: getattr(whole, f) for f in whole.__slots__ if f not in ("guid", "id", "source_id")},
        id=id, source_id=source.id
    )  # fmt: skip
    assert (work.source, work.first_seen, work.failures, work.known) == (source, START, 0, None)
    assert tuple(await store.read(archive_at, id)) == (START, 0)  # type: ignore[arg-type]


async def test_a_poll_saves_its_state_with_the_entries(store: Store) -> None:
    (source,) = await follow(store, FEED)
    state = PollState(etag='"1"', polled_at=START, poll_at=LATER)
    ids = await store.write(entries.save, source, Changes(new=(entry("a"), entry("b"))), state, lambda e: "", START)
    assert set(ids) == {"a", "b"}
    (found,) = await store.read(sources.followed)
    assert (found.state, found.entries) == (state, 2)


async def test_what_several_polls_found_is_kept_together(store: Store) -> None:
    one, two = await follow(store, FEED, f"{FEED}/2")
    polls = [
        entries.Polled(
            source=source,
            changes=Changes(new=(entry("a", title=source.url), entry("b"))),
            state=PollState(etag=source.url),
            host=lambda e: "",
            now=START,
        )
        for source in (one, two)
    ]
    ids = await store.write(entries.save_each, polls)
    assert ids.keys() == {(source.id, guid) for source in (one, two) for guid in ("a", "b")}
    for source in (one, two):
        work = await store.read(entries.to_archive, ids[source.id or 0, "a"])
        assert work is not None
        assert (work.entry.title, work.source) == (source.url, source)
    assert {f.state.etag for f in await store.read(sources.followed)} == {one.url, two.url}
    assert await store.write(entries.save_each, polls) == {}


async def test_the_same_entry_again_changes_nothing(store: Store) -> None:
    (source,) = await follow(store, FEED)
    (id,) = await arrive(store, source, entry("a", title="First"))
    await arrive(store, source, entry("a", title="Second"))
    work = await store.read(entries.to_archive, id)
    assert work is not None
    assert work.entry.title == "First"


async def test_a_changed_entry_is_due_again(store: Store) -> None:
    (source,) = await follow(store, FEED)
    (id,) = await arrive(store, source, entry("a"))
    work = await store.read(entries.to_archive, id)
    assert work is not None
    await store.write(entries.archived, work.entry, 2, "down", None)
    changed = entry("a", title="Other", hash="new", id=id)
    state = PollState(poll_at=LATER)
    ids = await store.write(entries.save, source, Changes(changed=(changed,)), state, lambda e: "h", LATER)
    assert ids == {}
    assert tuple(await store.read(archive_at, id)) == (LATER, 0)  # type: ignore[arg-type]
    again = await store.read(entries.to_archive, id)
    assert again is not None
    assert (again.entry.title, again.entry.hash, again.first_seen) == ("Other", "new", START)


async def test_an_archived_entry_is_not_due(store: Store) -> None:
    (source,) = await follow(store, FEED)
    (id,) = await arrive(store, source, entry("a"))
    work = await store.read(entries.to_archive, id)
    assert work is not None
    await store.write(entries.archived, work.entry, 0, None, None)
    assert tuple(await store.read(archive_at, id)) == (None, 0)  # type: ignore[arg-type]
    await store.write(entries.archived, work.entry, 1, "down", LATER)
    assert tuple(await store.read(archive_at, id)) == (LATER, 1)  # type: ignore[arg-type]


async def test_an_entry_that_changes_while_it_is_archived_stays_due(store: Store) -> None:
    (source,) = await follow(store, FEED)
    (id,) = await arrive(store, source, entry("a"))
    work = await store.read(entries.to_archive, id)
    assert work is not None
    changes = Changes(changed=(entry("a", hash="new", id=id),))
    await store.write(entries.save, source, changes, PollState(), lambda e: "", LATER)
    await store.write(entries.archived, work.entry, 0, None, None)
    assert tuple(await store.read(archive_at, id)) == (LATER, 0)  # type: ignore[arg-type]


async def test_a_feed_of_thousands_is_compared(store: Store) -> None:
    (source,) = await follow(store, FEED)
    many = [entry(f"g{n}") for n in range(1200)]
    assert len(await arrive(store, source, *many)) == 1200


async def test_an_entry_that_does_not_exist_is_none(store: Store) -> None:
    assert await store.read(entries.to_archive, 99) is None


async def test_loaded_entries_are_never_due_and_keep_their_ids(store: Store) -> None:
    one, two = [(await store.write(sources.loaded, name)).id or 0 for name in ("elsewhere", "there")]
    first, _ = await store.write(entries.load, [entry("a", source_id=one), entry("b", source_id=one)], START)
    again = [entry("b", source_id=one), entry("c", source_id=one), entry("b", source_id=two)]
    second, new = await store.write(entries.load, again, START)
    assert (first[one, "b"], new) == (second[one, "b"], {(one, "c"), (two, "b")})
    assert len(set(second.values())) == 3
    assert tuple(await store.read(archive_at, first[one, "a"])) == (None, 0)  # type: ignore[arg-type]
