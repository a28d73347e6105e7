"""doors.store.topics"""

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, select, update

from aggregator.doors.store import Store, articles, decisions, due, entries, published, topics
from aggregator.doors.store.tables import topics as table
from aggregator.jobs import THINKING
from aggregator.model import Decision, Hit, LiveTopic, Topic
from tests.doors.seeds import FEED, arrive, article, entry, follow, judged, keep, publish
from tests.fakes import START, WORDS

LATER = START + timedelta(hours=1)
TOPIC = Topic(name="port", match="harbour", sources=("tag:a",), languages=("en",))
YES = Decision(selected=True, reason="matches", hits=(Hit("harbour", "text", "harbour"),))
NO = Decision(selected=False, reason="does not match")


async def archived(store: Store, number: int, decided: dict[LiveTopic, Decision], text: str = "") -> list[int]:
    (source,) = await follow(store, FEED)
    guids = [f"{text[:9]}{n}" for n in range(number)]
    ids = [(await arrive(store, source, entry(g), now=START + timedelta(minutes=n)))[0] for n, g in enumerate(guids)]
    urls = [f"https://h{n}.example/{text[:9].strip()}" for n in range(number)]
    kept = [article(url, text or f"Text {n}") for n, url in enumerate(urls)]
    return [(await keep(store, id, a, decided))[0] for id, a in zip(ids, kept, strict=True)]


async def publish_at(store: Store, name: str = "port") -> datetime | None:
    return await store.read(lambda tx: tx.scalar(select(table.c.publish_at).where(table.c.name == name)))


async def claimed(store: Store, live: LiveTopic) -> LiveTopic:
    """As a publication begins."""
    await store.write(due.claim, "publish", START + due.GATHERED, 9, 9)
    found = await store.read(topics.get, live.topic.id or 0)
    assert found is not None
    return found


async def done(store: Store, live: LiveTopic) -> None:
    """As after a publication."""
    await store.write(topics.published_each, [(await claimed(store, live), 0, START)])


async def test_a_new_topic_is_due_and_runs_over_what_is_there(store: Store) -> None:
    await archived(store, 3, {})
    (live,) = await publish(store, TOPIC)
    assert live == LiveTopic(topic=replace(TOPIC, id=live.topic.id), version=1, replayed_to=0, replay_to=3)
    assert await publish_at(store) == START
    assert live.topic.id is not None
    assert await store.read(topics.get, live.topic.id) == live
    assert await store.read(topics.get, 99) is None


async def test_topics_that_are_asked_for_together_stand_as_each_alone(store: Store) -> None:
    wanted = [
        Topic(name=name, match="harbour", **said)
        for name, said in (
            ("all", {"copies": "all"}),
            ("best", {"order": "best"}),
            ("capped", {"per_source": 1}),
            ("edits", {"only": ("edits",)}),
            ("few", {"limit": 2}),
            ("none", {}),
            ("plain", {"history": False}),
        )
    ]
    await follow(store, FEED)
    lives = await publish(store, *wanted)
    takes = {live: replace(YES, score=n % 3) for n, live in enumerate(lives) if live.topic.name != "none"}
    first, *_ = await archived(store, 5, takes)
    await archived(store, 2, takes, text=WORDS)  # a text that two have: one is the other's copy
    dropped = dict.fromkeys(takes, NO)
    work = await store.read(entries.to_archive, first)
    assert work is not None
    await store.write(articles.save, work, article("https://h0.example/", "Other"), THINKING, judged(dropped), LATER)
    together = await store.read(published.standings, list(lives))
    assert together == [await store.read(published.standing, live) for live in lives]
    assert [len(one.placed) for one in together] == [6, 5, 1, 5, 2, 0, 5]
    assert [len(one.left) for one in together] == [1, 1, 1, 1, 1, 0, 1]
    assert [one.is_behind for one in together] == [False, False, True, False, True, False, False]


async def test_the_same_topic_again_is_not_due(store: Store) -> None:
    (live,) = await publish(store, TOPIC)
    await done(store, live)
    assert await publish(store, TOPIC, now=LATER) == (live,)
    assert await publish_at(store) is None


async def test_a_changed_rule_is_another_version_and_runs_again(store: Store) -> None:
    await archived(store, 2, {})
    (live,) = await publish(store, TOPIC)
    await store.write(decisions.replayed, live, [], 2, START)
    for n, changed in enumerate(
        (
            replace(TOPIC, match="port"),
            replace(TOPIC, match="port", exclude="x"),
            replace(TOPIC, languages=()),
            replace(TOPIC, mute="x"),
            replace(TOPIC, threshold=2.5),
            replace(TOPIC, window=timedelta(days=7)),
            replace(TOPIC, min_words=9),
            replace(TOPIC, only=("page",)),
        ),
        2,
    ):
        (live,) = await publish(store, changed, now=LATER)
        assert (live.version, live.replayed_to, live.replay_to) == (n, 0, 2)
        assert await publish_at(store) == LATER


async def test_another_title_or_limit_is_published_and_judges_nothing_again(store: Store) -> None:
    (live,) = await publish(store, TOPIC)
    await done(store, live)
    (again,) = await publish(
        store,
        replace(TOPIC, title="Ports", limit=3, copies="all", order="best", per_source=2, full_text=False),
        now=LATER,
    )
    assert (again.version, again.topic.title, again.topic.limit) == (1, "Ports", 3)
    assert await publish_at(store) == LATER


async def test_a_removed_topic_is_named_once_and_comes_back_as_another_version(store: Store) -> None:
    (live,) = await publish(store, TOPIC)
    assert await store.write(topics.sync, [], START) == ("port",)
    assert await store.write(topics.sync, [], START) == ()
    assert await store.read(topics.live) == ()
    assert live.topic.id is not None
    assert await store.read(topics.get, live.topic.id) is None
    assert await publish_at(store) is None
    (again,) = await publish(store, TOPIC)
    assert (again.topic.id, again.version) == (live.topic.id, 2)


async def test_what_a_topic_takes_makes_it_due(store: Store) -> None:
    live, other = await publish(store, TOPIC, Topic(name="other", match="x"))
    await done(store, live)
    await done(store, other)
    (id,) = await archived(store, 1, {live: YES, other: NO})
    assert await publish_at(store) == START + due.GATHERED
    assert await publish_at(store, "other") is None
    assert await store.read(decisions.selected, live, 9) == (id,)
    kept = replace(YES, version=1, decided_at=START)
    assert await store.read(decisions.of_article, id) == (("port", kept),)
    assert await store.read(decisions.taken, "port") == {id}
    assert await store.read(decisions.taken, "other") == frozenset()
    assert await store.read(topics.counts) == {"port": 1}


async def test_an_article_that_no_longer_matches_leaves_with_the_reason(store: Store) -> None:
    (live,) = await publish(store, TOPIC)
    (id,) = await archived(store, 1, {live: YES})
    await done(store, live)
    await store.write(decisions.decide, id, judged({live: NO}), START, START, LATER)
    assert await store.read(decisions.selected, live, 9) == ()
    assert await store.read(decisions.of_article, id) == (("port", replace(NO, version=1, decided_at=LATER)),)
    assert await publish_at(store) == LATER + due.GATHERED


async def test_a_topic_that_changed_meanwhile_looks_again(store: Store) -> None:
    (old,) = await publish(store, TOPIC)
    (new,) = await publish(store, replace(TOPIC, match="x"))
    (id,) = await archived(store, 1, {old: YES})
    (live,) = await store.read(topics.live)
    assert (live.version, live.replayed_to, live.replay_to) == (new.version, 0, id)
    assert await store.read(decisions.selected, live, 9) == ()
    await done(store, live)
    await archived(store, 1, {}, text="unheard of")
    (live,) = await store.read(topics.live)
    assert live.replay_to == id + 1


async def test_a_replay_that_was_overtaken_by_another_version_says_nothing(store: Store) -> None:
    (id,) = await archived(store, 1, {})
    (old,) = await publish(store, TOPIC)
    (new,) = await publish(store, replace(TOPIC, match="x"))
    assert await store.write(decisions.replayed, new, [(id, NO, START, START)], id, START)
    assert not await store.write(decisions.replayed, old, [(id, YES, START, START)], id, START)
    (live,) = await store.read(topics.live)
    assert await store.read(decisions.selected, live, 9) == ()
    assert live.replayed_to == id


async def test_what_an_older_version_took_is_outdated_until_judged(store: Store) -> None:
    (old,) = await publish(store, TOPIC)
    a, b = await archived(store, 2, {old: YES})
    (live,) = await publish(store, replace(TOPIC, match="x"))
    assert set(await store.read(decisions.outdated, live, START)) == {a, b}
    assert len(await store.read(decisions.outdated, live, START, 1)) == 1
    await store.write(decisions.replayed, live, [(a, YES, START, START), (b, NO, START, START)], b, LATER)
    assert await store.read(decisions.outdated, live, START) == ()
    assert await store.read(decisions.selected, live, 9) == (a,)


async def test_the_newest_are_selected_first(store: Store) -> None:
    (live,) = await publish(store, TOPIC)
    ids = await archived(store, 5, {live: YES})
    assert await store.read(decisions.selected, live, 3) == (ids[4], ids[3], ids[2])


async def test_of_a_story_the_first_is_selected_or_all(store: Store) -> None:
    (live,) = await publish(store, TOPIC)
    ids = await archived(store, 3, {live: YES}, text=WORDS)
    assert await store.read(decisions.selected, live, 9) == (ids[0],)
    (every,) = await publish(store, replace(TOPIC, copies="all"))
    assert await store.read(decisions.selected, every, 9) == tuple(reversed(ids))


async def test_where_the_first_of_a_story_is_not_taken_the_next_is(store: Store) -> None:
    (live,) = await publish(store, TOPIC)
    ids = await archived(store, 3, {live: YES}, text=WORDS)
    await store.write(decisions.decide, ids[0], judged({live: NO}), START, START, START)
    assert await store.read(decisions.selected, live, 9) == (ids[1],)


async def test_what_another_topic_takes_of_a_story_hides_nothing(store: Store) -> None:
    live, other = await publish(store, TOPIC, Topic(name="other", match="x"))
    ids = await archived(store, 3, {live: YES, other: YES}, text=WORDS)
    await store.write(decisions.decide, ids[0], judged({live: NO, other: YES}), START, START, START)
    assert await store.read(decisions.selected, live, 9) == (ids[1],)
    assert await store.read(decisions.selected, other, 9) == (ids[0],)


async def test_a_published_topic_is_due_again_only_for_what_came_meanwhile(store: Store) -> None:
    (live,) = await publish(store, TOPIC)
    begun = await claimed(store, live)
    await archived(store, 1, {live: YES})
    await store.write(topics.published_each, [(begun, 0, START)])
    assert await publish_at(store) == START + due.GATHERED
    await done(store, live)
    assert await publish_at(store) is None


async def test_articles_that_arrive_together_are_published_together(store: Store) -> None:
    (live,) = await publish(store, TOPIC)
    await done(store, live)
    await archived(store, 3, {live: YES})
    assert await store.write(due.claim, "publish", START, 9, 9) == ()
    assert await store.write(due.hasten, START) == 1
    assert len(await store.write(due.claim, "publish", START, 9, 9)) == 1
    assert await store.write(due.hasten, START) == 0


async def test_topics_are_made_due_by_name_or_all(store: Store) -> None:
    live, other = await publish(store, TOPIC, Topic(name="other", match="x"))
    await done(store, live)
    await done(store, other)
    await store.write(topics.due_now, ["other"], LATER)
    assert (await publish_at(store), await publish_at(store, "other")) == (None, LATER)
    await store.write(topics.due_now, None, LATER)
    assert await publish_at(store) == LATER


async def test_a_topic_that_an_older_version_kept_is_as_it_was(store: Store) -> None:
    (live,) = await publish(store, TOPIC)
    known = {"name", "match", "title", "exclude", "sources", "languages", "copies", "limit", "full_text"}

    def before(tx: Connection) -> None:
        rule = tx.execute(select(table.c.rule)).scalar_one()
        tx.execute(update(table).values(rule={key: said for key, said in rule.items() if key in known}))

    await done(store, live)
    await store.write(before)
    assert await publish(store, TOPIC, now=LATER) == (live,)
    assert await publish_at(store) is None


async def test_the_best_come_first_and_of_a_source_no_more_than_wanted(store: Store) -> None:
    every = replace(TOPIC, copies="all")
    (live,) = await publish(store, every)
    a = await archived(store, 4, {live: YES})
    (other,) = await follow(store, "https://other.example/feed")
    (entry_id,) = await arrive(store, other, entry("z"), now=START)
    z, _ = await keep(store, entry_id, article("https://z.example/", "Another"), {live: YES}, START)
    await store.write(decisions.decide, a[1], judged({live: replace(YES, score=7)}), START, START, START)
    assert await store.read(decisions.selected, live, 9) == (a[3], a[2], a[1], z, a[0])
    (best,) = await publish(store, replace(every, order="best"))
    assert await store.read(decisions.selected, best, 3) == (a[1], a[3], a[2])
    (few,) = await publish(store, replace(every, per_source=1))
    assert await store.read(decisions.selected, few, 9) == (a[3], z)
    (few,) = await publish(store, replace(TOPIC, order="best", per_source=2))
    assert await store.read(decisions.selected, few, 2) == (a[1], a[3])


async def test_a_decision_that_holds_until_then_is_outdated_then(store: Store) -> None:
    (live,) = await publish(store, TOPIC)
    (a,) = await archived(store, 1, {live: replace(YES, until=LATER)})
    assert await store.read(decisions.outdated, live, START) == ()
    await done(store, live)
    assert await publish_at(store) == LATER
    assert await store.read(decisions.outdated, live, LATER) == (a,)
    await store.write(decisions.replayed, live, [(a, NO, START, START)], a, LATER)
    assert await store.read(decisions.outdated, live, LATER) == ()
    await done(store, live)
    assert await publish_at(store) is None


async def test_an_article_of_which_all_topics_were_asked_is_left_to_no_replay(store: Store) -> None:
    (live,) = await publish(store, TOPIC)
    stamp = await store.read(topics.stamp)
    said = replace(judged({live: YES}), stamp=stamp)
    (source,) = await follow(store, FEED)
    (entry_id,) = await arrive(store, source, entry("a"))
    found = await store.read(entries.to_archive, entry_id)
    assert found is not None
    await store.write(articles.save, found, article(), THINKING, said, START)
    assert await store.read(topics.live) == (live,)
    assert await store.read(decisions.selected, live, 9) == (1,)
    await publish(store)
    assert await store.read(topics.stamp) != stamp
