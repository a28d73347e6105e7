"""The words of the field: frozen data that flows through every floor, and crosses processes as it is."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

Relation = Literal["first", "same", "copy"]
Origin = Literal["page", "feed", "load"]
Kind = Literal["poll", "history", "subscribe", "archive", "publish", "report"]


class Job(NamedTuple):
    """A piece of work as plain values; `host` is its lock: one request at a time for a host."""

    kind: Kind
    id: int
    host: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A feed that is followed, with the user's settings for it."""

    url: str
    name: str = ""  # short, unique, stable; empty until the feed's title is known
    tags: tuple[str, ...] = ()
    interval: timedelta | None = None  # None: adapts by itself
    full_text: bool | None = None  # fetch the page behind each entry; None: as the home says
    paused: bool = False
    id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PollState:
    """What the last poll of a source left behind."""

    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None  # of the last body that was parsed and saved
    broken: str | None = None  # the hash of the last body, and by whom, where it could not be read
    marks: bytes = b""  # of the entries in it: what carries one of them is not read again
    status: int | None = None  # HTTP status of the last answer
    failures: int = 0  # in a row
    error: str | None = None
    gone: bool = False  # 410: not polled any more
    polled_at: datetime | None = None
    poll_at: datetime | None = None  # None: never
    rest: timedelta | None = None  # from polled_at to poll_at, before it was spread
    reason: str = ""  # why poll_at is when it is
    # the source's rhythm: how often something new appeared, in what time; the older, the less it counts
    arrivals: float = 0.0
    watched: timedelta = timedelta()
    window: int = 0  # entries in the last document
    missed_at: datetime | None = None  # when a poll last found no entry of the poll before: some never came by
    renamed_at: datetime | None = None  # when most of a document last came under guids that were new
    # what the last document said of itself
    title: str | None = None
    site_url: str | None = None
    self_url: str | None = None  # rel=self, where it is not the address that was asked
    new_url: str | None = None  # itunes:new-feed-url
    asks: timedelta | None = None  # ttl, sy:update…: to be polled no more often
    skip_hours: tuple[int, ...] = ()  # GMT
    skip_days: tuple[int, ...] = ()  # Monday is 0
    # permanent redirects
    moved_to: str | None = None  # where they lead
    moved_at: datetime | None = None  # since when they lead there
    address: str | None = None  # what is asked in place of the source's own URL, once they proved stable


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How often a source is polled that says nothing itself."""

    least: timedelta = timedelta(minutes=15)
    usual: timedelta = timedelta(hours=1)
    most: timedelta = timedelta(hours=24)
    max_entries: int = 5000  # of one document; those behind them are not read


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """One HTTP answer, redirects followed."""

    url: str  # the address that answered
    status: int
    headers: Mapping[str, str] = field(default_factory=dict)  # names in lower case
    body: bytes = b""  # decompressed
    moved_to: str | None = None  # the final address, where every redirect on the way was permanent
    retry_after: timedelta | None = None  # the longest that any answer on the way asked to wait

    @property
    def not_modified(self) -> bool:
        return self.status == 304

    @property
    def is_delta(self) -> bool:
        """RFC 3229: the body holds what is new, not the whole feed."""
        return self.status == 226


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """What one HTTP answer was on the wire, but for its body's codings, for who keeps it so."""

    url: str  # the address that answered, without user and password
    status: int
    reason: str
    protocol: str  # "HTTP/1.1"
    headers: tuple[tuple[str, str], ...]  # all of them, as they were sent
    body: bytes  # decompressed


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """How a source's server wants to be asked. It holds secrets: it is not stored, and shows them to nobody."""

    origin: str = ""  # scheme://host[:port], the only place that the headers go to
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    user_agent: str = ""
    proxy: str = field(default="", repr=False)
    verify_tls: bool = True  # at the origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """A picture of an article or entry. Its caption is never body text."""

    url: str
    caption: str | None = None
    credit: str | None = None
    position: int = 0  # number of text paragraphs before it


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosure:
    """A file that an entry carries: a podcast's audio, as a rule."""

    url: str
    type: str | None = None
    length: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One item of a feed. HTML in it is sanitized, its links are absolute."""

    guid: str  # as the feed says, or made from link or content where it says none
    url: str | None = None
    title: str | None = None  # plain text
    author: str | None = None
    published: datetime | None = None
    updated: datetime | None = None
    summary: str | None = None  # HTML
    content: str | None = None  # HTML: what the feed calls the full content
    images: tuple[Image, ...] = ()
    enclosures: tuple[Enclosure, ...] = ()
    categories: tuple[str, ...] = ()
    language: str | None = None
    podcast: str = ""  # its itunes: and podcast: elements, as XML in one element
    hash: str = ""  # of everything that the feed says of the entry
    id: int | None = None
    source_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """What one document said. It has no id: it is never stored."""

    format: str  # "rss20", "atom10", "json11", …: feedparser's names and ours for JSON Feed
    title: str | None = None
    site_url: str | None = None
    description: str | None = None
    language: str | None = None
    entries: tuple[Entry, ...] = ()
    seen: int = 0  # further entries, known by their marks and not read again
    marks: bytes = b""  # of all its entries
    deleted: tuple[str, ...] = ()  # guids of tombstones (RFC 6721)
    ttl: timedelta | None = None
    update_interval: timedelta | None = None  # sy:updatePeriod / sy:updateFrequency
    skip_hours: frozenset[int] = frozenset()  # GMT
    skip_days: frozenset[int] = frozenset()  # Monday is 0
    self_url: str | None = None
    new_url: str | None = None  # itunes:new-feed-url
    hub_url: str | None = None
    next_url: str | None = None  # RFC 5005
    prev_archive_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownEntry:
    """What is remembered of a stored entry to tell whether one that arrives is new, changed or the same."""

    id: int
    guid: str
    url: str | None
    title: str | None
    published: datetime | None
    hash: str
    again: str | None = None  # how it was known again under another guid, when it last was
    words: str | None = None  # its content, else its summary; only where its guid did not arrive


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What a poll found, against what was known: entries to insert, and to update (they have their id)."""

    new: tuple[Entry, ...] = ()  # the oldest first
    changed: tuple[Entry, ...] = ()
    again: tuple[tuple[int, str], ...] = ()  # ids of those that came under another guid, and how they were known
    renamed: int = 0  # how many came under another guid, this time or again
    is_past: bool = False  # what is new is no news: it counts as seen when it was published


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """The readable text of a page, or of an entry where there is no page."""

    url: str
    title: str
    text: str  # paragraphs, "\n\n" between; no captions, no headline, no standfirst that stands apart
    html: str = ""  # sanitized, with <figure> and <figcaption>
    byline: str | None = None
    published: datetime | None = None
    language: str | None = None  # BCP 47, lower case
    summary: str | None = None  # the standfirst, plain text
    images: tuple[Image, ...] = ()
    canonical: str | None = None  # what the page says its address is, or that of the article that it shows again
    origin: Origin = "page"
    partial: bool = False  # the page shows only the beginning: a teaser, or a paywall; not stored

    @property
    def captions(self) -> tuple[str, ...]:
        return tuple(image.caption for image in self.images if image.caption)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whether an article was elsewhere before, and why we say so."""

    relation: Relation
    story: int | None = None  # id of the story's first article; None: its own
    copy_of: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """What an article said until it was edited, or says now."""

    number: int  # from 1, the oldest
    seen_at: datetime
    title: str
    text: str
    captions: tuple[str, ...] = ()
    byline: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Archived:
    """An article in its place: whose it is, since when, in which story."""

    article: Article
    source: str  # the source's name
    source_title: str = ""  # what its feed calls itself
    feed_url: str = ""  # where the source is followed
    guid: str | None = None
    again: str | None = None  # how the entry was known again under another guid
    tags: tuple[str, ...] = ()  # the source's
    categories: tuple[str, ...] = ()  # the entry's
    enclosures: tuple[Enclosure, ...] = ()
    podcast: str = ""  # the entry's
    first_seen: datetime
    revised_at: datetime | None = None  # None: as it was first seen
    revisions: int = 1
    page_error: str | None = None  # why the page could not be had when it was last asked
    verdict: Verdict = Verdict(relation="first")
    id: int | None = None

    @property
    def publisher(self) -> str:
        """What its source is called, where people read it."""
        return self.source_title or self.source

    @property
    def newest(self) -> Revision:
        """What it says now."""
        return Revision(
            number=self.revisions,
            seen_at=self.revised_at or self.first_seen,
            title=self.article.title,
            text=self.article.text,
            captions=self.article.captions,
            byline=self.article.byline,
        )


ONLY = ("page", "edits")
"""Of what a topic may want nothing else: the full text of a page, what was edited."""


class Snippet(NamedTuple):
    """Some words of an article, and where in them a hit stands; nowhere where the two are one."""

    text: str
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a search found, and how far back it looked."""

    matches: tuple[tuple[Archived, Snippet | None], ...]  # each with some words about the place
    until: int | None = None  # it looked at no article before this id, and there are more; None: at all


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
    id: int | None = None  # None: a rule that is only tried

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


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """How far the archive pages of a feed (RFC 5005) were walked, from its newest to its oldest."""

    history_url: str | None = None  # the page that is next; None: none, or all were walked
    history_pages: int = 0  # that were asked for
    history_at: datetime | None = None  # when the next is wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """What we have with the hub of a source (WebSub)."""

    id: int  # the source's
    hub: str
    topic: str  # the address that the hub knows the feed by
    host: str  # the hub's
    token: str  # the end of our callback's address; who knows it may speak to us
    secret: str = field(repr=False)  # signs what the hub sends
    until: datetime | None = None  # None: the hub has not confirmed it
    renew_at: datetime | None = None
    failures: int = 0  # times that we asked, in a row, and got no confirmation


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """A source with its state, as `list` shows it."""

    source: Source
    state: PollState
    entries: int
    history: History = History()


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What came of a source lately."""

    newest_at: datetime | None = None  # when its newest entry was seen, whenever that was
    lately: int = 0  # entries
    pages_failed: int = 0  # of these
    page_error: str | None = None  # of the newest of those


@dataclass(frozen=True, slots=True, kw_only=True)
class Validators:
    """By what a server tells that its page has not changed since it was asked last."""

    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ToArchive:
    """An entry whose article is wanted, with all that the job needs to know of it."""

    entry: Entry
    source: Source
    first_seen: datetime
    failures: int  # of its page, in a row
    known: Archived | None  # what was archived of it before
    page: Validators = Validators()


class Placed(NamedTuple):
    """An article in a topic's feed; `stamp` differs whenever the feed would say something else of it."""

    id: int
    stamp: Hashable


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
    left: tuple[tuple[str, str, datetime], ...] = ()  # feed and guid of articles that it took once, and until when
    page: int = 0  # the newest that is written
    is_behind: bool = False  # something is in neither the feed nor a page
    stale: tuple[Page, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveTopic:
    """A topic as the store has it: `version` moves whenever what it selects may have changed."""

    topic: Topic
    version: int
    replayed_to: int  # articles up to this id were judged by this version …
    replay_to: int  # … and they must be up to this one
    publish_at: datetime | None = field(default=None, compare=False)  # as it was read: whatever comes later moves it

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Alike:
    """An archived article that may be the same page or the same text as another."""

    id: int
    source_id: int
    article: Article  # without its html and pictures
    page_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """How sure it is that two articles are one text: `odds` is the logarithm of p / (1 - p)."""

    other: int
    odds: float
    contained: float  # share of the shorter text that stands in the longer one too


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that is wrong, and what to do about it."""

    subject: str
    words: str
    way_out: str = ""
    kind: str = ""  # one word, for programs


ENDS = 400
"""Characters from either end of a text, where it may say where it is from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """What is needed of an article to say which one of its story was first."""

    id: int
    url: str
    page_key: str
    published: datetime | None
    first_seen: datetime
    canonical: str | None = None
    byline: str | None = None
    source: str = ""  # what the feed calls itself
    opening: str = ""  # how its text begins …
    closing: str = ""  # … and ends
