"""steps.health"""

from datetime import timedelta
from typing import Any

import pytest

from aggregator.model import Counted, Finding, Followed, PollState, Source
from aggregator.steps import health, render
from tests.fakes import START

DAY = timedelta(days=1)
CALM: dict[str, Any] = {"polled_at": START, "status": 200, "arrivals": 10.0, "watched": 10 * DAY}


def found(state: dict[str, Any], counts: Counted, entries: int = 9, **source: Any) -> list[Finding]:
    each = Followed(
        source=Source(url="https://a.example/feed", name="a", id=1, **source),
        state=PollState(**(CALM | state)),
        entries=entries,
    )
    others = {2: Counted(newest_at=START, lately=400)}
    return list(health.findings([each], {1: counts} | others, START))


FRESH = Counted(newest_at=START - DAY, lately=30)


def test_a_source_that_is_well_is_not_spoken_of() -> None:
    assert found({}, FRESH) == []
    assert found({"failures": 2, "error": "503"}, FRESH) == []


@pytest.mark.parametrize(
    ("state", "counts", "source", "kind", "words", "way_out"),
    [
        ({"gone": True}, FRESH, {}, "gone", "gone for good", "aggregator remove a"),
        ({"failures": 3, "error": "503 no", "status": 503}, FRESH, {}, "failing", "503 no", "in a browser"),
        ({"failures": 3, "error": "401", "status": 401}, FRESH, {}, "failing", "401", "auth"),
        ({"failures": 9, "error": "404", "status": 404}, FRESH, {}, "failing", "404", "new address"),
        ({"moved_to": "https://b.example/"}, FRESH, {}, "moved", "https://b.example/", "sources.toml"),
        ({"new_url": "https://b.example/"}, FRESH, {}, "moved", "https://b.example/", "sources.toml"),
        ({"missed_at": START - DAY}, FRESH, {}, "missed", "came and went", "interval"),
        ({}, Counted(newest_at=START - 31 * DAY), {}, "silent", "since 2026-01-30", "new address"),
        ({}, Counted(newest_at=START, lately=9, pages_failed=5, page_error="403"), {}, "pages", "403", "full_text = false"),
        ({}, Counted(newest_at=START, lately=500), {}, "cost", "more than half", "retention"),
        ({}, FRESH, {"interval": timedelta(minutes=5)}, "cost", "100 polls", "leave interval out"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_what_to_do(
    state: dict[str, Any], counts: Counted, source: dict[str, Any], kind: str, words: str, way_out: str
) -> None:
    (finding,) = found(state, counts, **source)
    assert (finding.kind, finding.subject) == (kind, "a")
    assert words in finding.words
    assert way_out in finding.way_out


def test_a_source_that_seldom_speaks_may_be_quiet_for_long() -> None:
    assert found({"arrivals": 1.0, "watched": 60 * DAY}, Counted(newest_at=START - 200 * DAY)) == []
    assert found({"arrivals": 1.0, "watched": 60 * DAY}, Counted(newest_at=START - 700 * DAY)) != []


def test_a_source_without_any_entry_is_silent_once_it_was_polled() -> None:
    assert [f.kind for f in found({}, Counted(), entries=0)] == ["silent"]
    assert found({"polled_at": None}, Counted(), entries=0) == []


def test_one_that_is_paused_is_left_alone() -> None:
    assert found({"gone": True}, FRESH, paused=True) == []


def test_an_entry_of_the_feed_is_the_same_for_a_month() -> None:
    (finding,) = found({"gone": True}, FRESH)
    ids = [
        render.rendered(health.entry(finding, "http://x", at)).id for at in (START, START + 20 * DAY, START + 31 * DAY)
    ]
    assert ids[0] == ids[1] != ids[2]
