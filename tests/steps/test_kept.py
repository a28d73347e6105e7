"""What was made before, kept within a size."""

from collections.abc import Callable

import pytest

from aggregator.steps.kept import EACH, kept


@pytest.fixture
def made() -> list[str]:
    return []


@pytest.fixture
def upper(made: list[str]) -> Callable[[str], str]:
    @kept(3 * EACH, lambda said, _: len(said))
    def upper(said: str) -> str:
        made.append(said)
        return said.upper()

    return upper


def test_what_was_made_is_made_once(made: list[str], upper: Callable[[str], str]) -> None:
    assert [upper("a"), upper("a")] == ["A", "A"]
    assert made == ["a"]


def test_what_was_not_asked_for_longest_goes_first(made: list[str], upper: Callable[[str], str]) -> None:
    for said in ("a", "b", "a", "c", "a", "b"):
        upper(said)
    assert made == ["a", "b", "c", "b"]


def test_the_newest_stays_however_large_it_is(made: list[str], upper: Callable[[str], str]) -> None:
    for said in ("a" * 9999, "a" * 9999):
        upper(said)
    assert len(made) == 1


def test_what_is_empty_takes_room_too(made: list[str]) -> None:
    @kept(3 * EACH, lambda number, _: 0)
    def twice(number: int) -> int:
        made.append(str(number))
        return 2 * number

    for number in (1, 2, 3, 4, 1):
        twice(number)
    assert made == ["1", "2", "3", "4", "1"]
