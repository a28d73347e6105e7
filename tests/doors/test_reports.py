"""doors.store.reports"""

from datetime import timedelta

from aggregator.doors.store import Store, due, reports
from aggregator.model import CHANGES, Report
from tests.fakes import START

LATER = START + timedelta(hours=1)


async def changes(store: Store) -> Report:
    return next(each for each in await store.read(reports.every) if each.name == CHANGES)


async def only_changes(store: Store) -> None:
    """The other reports have been published."""
    for each in await store.read(reports.every):
        if each.name != CHANGES:
            await store.write(reports.published, each)


async def test_a_report_is_published_once_more_has_gathered(store: Store) -> None:
    await only_changes(store)
    await store.write(reports.published, await changes(store))
    await store.write(reports.touch, CHANGES, START)
    assert await store.write(due.claim, "report", START, 9, 9) == ()
    (job,) = await store.write(due.claim, "report", START + due.GATHERED, 9, 9)
    assert job.id == (await changes(store)).id


async def test_what_comes_while_a_report_is_published_is_published_next(store: Store) -> None:
    await only_changes(store)
    await store.write(due.claim, "report", START, 9, 9)
    begun = await changes(store)
    await store.write(reports.touch, CHANGES, START)
    await store.write(reports.published, begun)
    assert (await changes(store)).publish_at == START + due.GATHERED
    await store.write(reports.published, await changes(store))
    assert (await changes(store)).publish_at is None


async def test_a_report_that_cannot_be_written_waits(store: Store) -> None:
    await only_changes(store)
    (job,) = await store.write(due.claim, "report", START, 9, 9)
    await store.write(due.postpone, job, LATER)
    assert (await changes(store)).publish_at == LATER
    await store.write(reports.published, await changes(store))
    await store.write(due.postpone, job, LATER)
    assert (await changes(store)).publish_at is None
