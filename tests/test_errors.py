"""errors"""

import pickle
from collections.abc import Iterator
from datetime import timedelta

import pytest

from aggregator import errors


def tree(kind: type[errors.AggregatorError]) -> Iterator[type[errors.AggregatorError]]:
    yield kind
    for child in kind.__subclasses__():
        yield from tree(child)


@pytest.mark.parametrize("kind", list(tree(errors.AggregatorError)))
def test_every_error_survives_pickling_and_reads_as_one_line_with_its_subject(
    kind: type[errors.AggregatorError],
) -> None:
    error = kind("https://example.org/feed", "503, retry after 120 s")
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is kind
    assert vars(again) == vars(error)
    assert again.args == error.args
    assert str(again) == str(error)
    assert "https://example.org/feed" in str(error)
    assert "503, retry after 120 s" in str(error)
    assert len(str(error).splitlines()) == 1


def test_what_an_error_knows_beside_its_reason_survives_too() -> None:
    fetch = pickle.loads(pickle.dumps(errors.GoneError("u", "410 Gone", 410, timedelta(hours=1))))
    assert (fetch.status, fetch.retry_after) == (410, timedelta(hours=1))
    assert pickle.loads(pickle.dumps(errors.QueryError("a OR", "ends early", 4))).position == 4


@pytest.mark.parametrize(
    ("query", "position", "shown"),
    [
        ("korea titel:x", 6, "korea titel:x\n      ^"),
        ("a\nb OR )", 7, "b OR )\n     ^"),
        ("北朝鮮 (", 4, "北朝鮮 (\n       ^"),
        ("x" * 100 + ")", 100, "x" * 60 + ")\n" + " " * 60 + "^"),
        ("a", 1, "a\n ^"),
    ],
)
def test_a_query_that_cannot_be_read_is_shown_with_its_place(query: str, position: int, shown: str) -> None:
    assert errors.QueryError(query, "no", position).pointed == shown
