"""What is followed, how it is asked, and what it answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

Kind = Literal["poll", "history", "subscribe", "archive", "publish", "report", "picture"]


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
    keep_for: timedelta | None = None  # articles that were seen longer ago go; None: never
    keep_most: int = 0  # of more articles the oldest go; 0: never
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
    feed_id: str | None = None
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
class History:
    """How far the archive pages of a feed (RFC 5005) were walked, from its newest to its oldest."""

    history_url: str | None = None  # the page that is next; None: none, or all were walked
    history_pages: int = 0  # that were read
    history_at: datetime | None = None  # when the next is wanted
    history_failures: int = 0  # of the next, in a row
    history_error: str | None = None  # why the last of them failed


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
class Finding:
    """Something that is wrong, and what to do about it."""

    subject: str
    words: str
    way_out: str = ""
    kind: str = ""  # one word, for programs
