"""doors.cpu"""

import asyncio
import gc
import os
import re
import signal
import weakref
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta
from typing import NoReturn

import pytest

from aggregator.doors.cpu import HEAVY, Cpu
from aggregator.errors import ParseError, StepTimeout


class Stubborn(Exception):
    """Pickles, and does not come back."""

    def __init__(self, *, why: str) -> None:
        super().__init__(why)


class Given(list[int]):
    """A list that tells when it is let go."""


def double(n: int) -> int:
    return 2 * n


def pid() -> int:
    return os.getpid()


def refuse(subject: str) -> NoReturn:
    raise ParseError(subject, "no feed")


def refuse_all(given: Given) -> NoReturn:
    refuse(str(given))


def backtrack() -> object:
    return re.match(r"(a+)+$", "a" * 60 + "b")  # in C, for years


def die() -> NoReturn:
    os._exit(9)


def stubborn() -> NoReturn:
    raise Stubborn(why="keyword only")


def divide() -> float:
    return 1 / 0


def unpicklable() -> object:
    return lambda: None


def hoard() -> int:
    return len(bytearray(4 * 2**30))


def deaf() -> bool:
    return signal.getsignal(signal.SIGINT) is signal.getsignal(signal.SIGTERM) is signal.SIG_IGN


@pytest.fixture
async def cpu() -> AsyncIterator[Cpu]:
    cpu = Cpu(1, timedelta(seconds=60), 2 * 2**30)
    await cpu(double, 1)
    yield cpu
    await cpu.close()


@pytest.mark.parametrize("workers", [0, 1])
async def test_results_and_our_errors_come_back_as_themselves(workers: int) -> None:
    cpu = Cpu(workers, timedelta(seconds=10), 0)
    assert await cpu(double, 21) == 42
    with pytest.raises(ParseError) as caught:
        await cpu(refuse, "https://a/feed")
    assert str(caught.value) == "https://a/feed: no feed"
    assert (await cpu(pid) == os.getpid()) is (workers == 0)
    await cpu.close()
    await cpu.close()


async def test_what_a_step_was_given_is_let_go_with_its_failure(cpu: Cpu) -> None:
    given = Given()
    held = weakref.ref(given)
    gc.disable()
    try:
        with suppress(ParseError):
            await cpu(refuse_all, given)
        del given
        assert held() is None
    finally:
        gc.enable()


async def test_a_step_that_does_not_end_is_ended_and_the_next_one_runs() -> None:
    cpu = Cpu(1, timedelta(seconds=5), 0)  # of which a busy machine needs some to start the process
    with pytest.raises(StepTimeout) as caught:
        await cpu(backtrack)
    assert str(caught.value) == "backtrack: ended after 5 s (cpu_timeout)"
    assert await cpu(double, 2) == 4
    await cpu.close()


async def test_a_process_that_dies_costs_its_own_step_only(cpu: Cpu) -> None:
    with pytest.raises(StepTimeout, match="die: its process died"):
        await cpu(die)
    assert await cpu(double, 2) == 4


async def test_a_pool_whose_idle_process_was_killed_is_replaced(cpu: Cpu) -> None:
    for _ in range(2):
        os.kill(await cpu(pid), signal.SIGKILL)
        await asyncio.sleep(0.3)
        assert await cpu(double, 2) == 4


async def test_errors_and_results_that_cannot_be_pickled_do_not_break_the_pool(cpu: Cpu) -> None:
    before = await cpu(pid)
    with pytest.raises(RuntimeError, match="keyword only"):
        await cpu(stubborn)
    with pytest.raises(Exception, match="pickle"):
        await cpu(unpicklable)
    with pytest.raises(Exception, match="pickle"):
        await cpu(double, lambda: None)  # type: ignore[arg-type]
    with pytest.raises(ZeroDivisionError) as caught:
        await cpu(divide)
    assert "return 1 / 0" in caught.value.__notes__[0]
    assert await cpu(pid) == before


async def test_a_step_that_wants_too_much_memory_is_refused_it(cpu: Cpu) -> None:
    with pytest.raises(StepTimeout, match=re.escape("hoard: needs more than 2048 MiB of memory (cpu_memory)")):
        await cpu(hoard)


async def test_ctrl_c_is_the_parents_business(cpu: Cpu) -> None:
    assert await cpu(deaf)


async def test_cancelling_ends_the_step(cpu: Cpu) -> None:
    task = asyncio.create_task(cpu(backtrack))
    await asyncio.sleep(0.2)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with asyncio.timeout(30):  # half of what the step has
        assert await cpu(double, 2) == 4


async def test_closing_ends_a_running_step_soon() -> None:
    cpu = Cpu(2, timedelta(seconds=60), 0)
    await cpu(double, 1)
    task = asyncio.create_task(cpu(backtrack))
    await asyncio.sleep(0.3)
    async with asyncio.timeout(30):  # half of what the step has
        await cpu.close()
        with pytest.raises(StepTimeout, match="backtrack: ended, for the program ends"):
            await task


def pid_of(said: bytes) -> int:
    return os.getpid()


async def test_a_process_ends_with_heavy_work(cpu: Cpu) -> None:
    heavy = bytes(HEAVY + 1)
    first, second, light, again = [await cpu(pid_of, said) for said in (heavy, heavy, b"", b"")]
    assert len({first, second, light}) == 3
    assert light == again
