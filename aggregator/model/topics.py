"""The rules, what they decide, and what is published by them."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

ONLY = ("page", "edits")
"""Of what a topic may want nothing else: the full text of a page, what was edited."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A named rule, published as feeds_out/<name>.atom, .rss and .json."""

    name: str
    match: str
    title: str = ""  # the name where left out
    exclude: str = ""
    mute: str = ""  # what all topics leave out, unless this one says otherwise
    sources: tuple[str, ...] = ()  # names, or "tag:…"; none: all
    languages: tuple[str, ...] = ()  # none: all
    threshold: float | None = None  # of the score; None: none
    window: timedelta | None = None  # None: however old
    min_words: int = 0
    only: tuple[str, ...] = ()  # of ONLY
    copies: Literal["first", "all"] = "first"
    order: Literal["newest", "best"] = "newest"
    per_source: int = 0  # 0: as many as there are
    limit: int = 50
    full_text: bool = True
    history: bool = True  # archive pages, with all that it takes
    token: str = field(default="", repr=False)  # without it nobody is given the feed; "": everybody is
    keep_for: timedelta | None = None  # what only this topic takes goes after so long; None: never
    keep_most: int = 0  # of more that only it takes the oldest go; 0: never
    id: int | None = None  # None: a rule that is only tried

    @property
    def query(self) -> str:
        """What the addresses of its feed end with."""
        return f"?token={self.token}" if self.token else ""

    @property
    def queries(self) -> tuple[str, ...]:
        """All that it says in the query language."""
        return tuple(filter(None, (self.match, self.exclude, self.mute)))


class Hit(NamedTuple):
    """A clause of a rule that matched: where, and which words."""

    clause: str
    field: str
    text: str  # with some words around
    start: int = 0  # from where to where in it the found words are
    end: int = 0


class Clause(NamedTuple):
    """A clause of a rule, and whether an article has what it asks for."""

    rule: str  # which of a topic's: match, exclude or mute
    clause: str
    holds: bool
    hits: tuple[Hit, ...]  # where; of a NOT what it forbids
    is_late: bool = False  # a regular expression that was ended before it found anything

    @property
    def absence(self) -> str:
        """Why there are no hits; "": there are."""
        late = "it takes too long in this article, and so matches nothing"
        return "" if self.hits else late if self.is_late else "not there"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Whether a topic takes an article, and every clause that had a part in it."""

    selected: bool
    reason: str  # one line for people
    hits: tuple[Hit, ...] = ()
    score: float = 1.0  # what the clauses that were found count together
    until: datetime | None = None  # when the other may be true; None: for as long as article and rule stay as they are
    version: int | None = None  # of the rule, once it is kept
    decided_at: datetime | None = None


class Placed(NamedTuple):
    """An article in a topic's feed; `stamp` differs whenever the feed would say something else of it."""

    id: int
    stamp: Hashable


class Left(NamedTuple):
    """An article that a topic's feed had once."""

    feed_url: str
    guid: str
    at: datetime  # until when


class Page(NamedTuple):
    """One of a topic's archive pages (RFC 5005): what it takes of the articles after one id, up to another."""

    number: int  # from 1, the oldest
    after_id: int
    last_id: int
    stale: int  # as it was read: whatever changes meanwhile moves it


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What a topic's feed is to say, and whether its archive pages are as they should be."""

    placed: tuple[Placed, ...] = ()
    left: tuple[Left, ...] = ()  # the newest first
    page: int = 0  # the newest that is written
    is_behind: bool = False  # something is in neither the feed nor a page
    is_stale: bool = False  # a page is to be written


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveTopic:
    """A topic as the store has it: `version` moves whenever what it selects may have changed."""

    topic: Topic
    version: int
    replayed_to: int  # articles up to this id were judged by this version …
    replay_to: int  # … and they must be up to this one
    publish_at: datetime | None = field(default=None, compare=False)  # as it was read: whatever comes later moves it
    turn_at: datetime | None = field(default=None, compare=False)  # when its rule says something else of an article

    @property
    def judged(self) -> float:
        """How much of the archive this version has been run over."""
        return min(1.0, self.replayed_to / self.replay_to) if self.replay_to else 1.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Judged:
    """What the topics said of an article."""

    stamp: tuple[int, int]  # topics.stamp, when they were asked
    versions: Mapping[int, int]  # of all that were asked, by their id
    decisions: Mapping[int, Decision]  # by topic; one that is not here does not take it: its words are not there


CHANGES = "changes"
"""The report of what was edited; no topic has this name."""


INDEX = "index"
"""The report of what is published: a page, and the list of topics."""


HEALTH = "health"
"""The report of what wants a look; no topic has this name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What is published of the archive itself, which no topic asks for."""

    id: int
    name: str
    publish_at: datetime | None = None  # as it was read: whatever comes later moves it
