"""doors.fetch.room: who may hold a large answer."""

import asyncio

from aggregator.doors.fetch.room import Room, whole_job

SMALL, LARGE, LARGEST = 10, 11, 101


class Jobs:
    """Jobs that read large answers and then hold them until they are told to end."""

    def __init__(self, room: Room) -> None:
        self.room = room
        self.inside = 0
        self.end = asyncio.Event()

    async def job(self, answers: int) -> None:
        with whole_job():
            for _ in range(answers):
                await self.room.enter(LARGE)
            self.inside += 1
            await self.end.wait()


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_so_many_jobs_hold_a_large_answer_at_a_time() -> None:
    jobs = Jobs(Room(((10, 2),)))
    async with asyncio.TaskGroup() as group:
        for _ in range(5):
            group.create_task(jobs.job(1))
        await settle()
        assert jobs.inside == 2
        jobs.end.set()
    assert jobs.inside == 5


async def test_a_job_with_many_large_answers_takes_one_place() -> None:
    jobs = Jobs(Room(((10, 2),)))
    async with asyncio.TaskGroup() as group:
        for _ in range(2):
            group.create_task(jobs.job(3))
        await settle()
        assert jobs.inside == 2
        jobs.end.set()


async def test_a_job_that_is_cancelled_leaves_its_place() -> None:
    room = Room(((10, 1),))
    jobs = Jobs(room)
    first = asyncio.create_task(jobs.job(1))
    await settle()
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    with whole_job():
        await asyncio.wait_for(room.enter(LARGE), 5)


async def test_outside_of_jobs_nobody_waits() -> None:
    room = Room(((10, 1),))
    for _ in range(3):
        await room.enter(LARGE)


async def test_small_answers_never_wait() -> None:
    room = Room(((10, 0),))
    with whole_job():
        await asyncio.wait_for(room.enter(SMALL), 5)


async def test_the_larger_an_answer_the_fewer_at_a_time() -> None:
    room = Room(((10, 2), (100, 1)))
    with whole_job():
        await room.enter(LARGEST)
        with whole_job():
            assert room.is_open(LARGE)
            assert not room.is_open(LARGEST)


async def test_a_job_that_had_a_large_answer_says_so() -> None:
    room = Room(((10, 2), (100, 1)))
    with whole_job() as job:
        await room.enter(LARGE)
        assert not job.is_large
        await room.enter(LARGEST)
        assert job.is_large
