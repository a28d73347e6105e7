"""model: what the store keeps of each word of the field"""

import pickle
from dataclasses import FrozenInstanceError, fields
from typing import Any

import pytest

from aggregator.doors.store import tables
from aggregator.model import Archived, Article, Decision, Entry, History, Image, PollState, Revision, Source, Topic
from tests.fakes import START

ELSEWHERE = {
    Article: {"images", "text", "html", "partial"},  # a table of their own; together in `body`; in `origin`
    Archived: {
        "article",
        "source",
        "source_title",
        "feed_url",
        "feed_id",
        "feed_updated",
        "guid",
        "again",
        "tags",
        "categories",
        "enclosures",
        "podcast",
        "page_error",
    },  # joined
    Topic: {
        "match",
        "title",
        "exclude",
        "sources",
        "languages",
        "copies",
        "limit",
        "full_text",
        "mute",
        "threshold",
        "window",
        "min_words",
        "only",
        "order",
        "per_source",
        "history",
        "keep_for",
        "keep_most",
        "token",
    },  # in `rule`
}


@pytest.mark.parametrize(
    ("word", "table"),
    [(Source, tables.sources), (PollState, tables.sources), (History, tables.sources), (Entry, tables.entries), (Article, tables.articles),
     (Archived, tables.articles), (Image, tables.images), (Revision, tables.revisions), (Topic, tables.topics),
     (Decision, tables.decisions)],
)  # fmt: skip
def test_every_field_has_its_column(word: type[Any], table: Any) -> None:
    names = {f.name for f in fields(word)} - ELSEWHERE.get(word, set())
    assert names <= set(table.c.keys())


def test_the_fields_of_source_and_state_share_no_column() -> None:
    assert not {f.name for f in fields(Source)} & {f.name for f in fields(PollState)}


@pytest.mark.parametrize("word", [Source(url="u", tags=("t",)), PollState(polled_at=START), Entry(guid="g")])
def test_words_cross_processes_as_they_are(word: Any) -> None:
    assert pickle.loads(pickle.dumps(word)) == word
    with pytest.raises(FrozenInstanceError):
        setattr(word, next(iter(fields(word))).name, "other")
