"""What a document says."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256


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
    feed_updated: datetime | None = None  # what its feed said of itself, when it said this of the entry
    podcast: str = ""  # its itunes: and podcast: elements, as XML in one element
    hash: str = ""  # of everything that the feed says of the entry
    id: int | None = None
    source_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryLimits:
    """How much of an entry is kept; what is beyond is cut, and said."""

    max_characters: int = 1_000_000  # of markup
    max_depth: int = 100  # of its elements, one inside the other
    max_attributes: int = 60  # of an element
    max_pictures: int = 100  # and as many files
    max_title: int = 1000  # characters of a title, the feed's too
    max_author: int = 500  # characters of the names of its authors
    max_categories: int = 200  # of them
    max_category: int = 200  # characters of one
    max_caption: int = 5000  # characters of a caption, or of a credit


MOST_OF_ENTRY = EntryLimits(
    max_characters=5_000_000,
    max_depth=250,
    max_attributes=200,
    max_pictures=1000,
    max_title=10_000,
    max_author=1000,
    max_categories=500,
    max_category=1000,
    max_caption=20_000,
)
"""Beyond these the libraries behind take too long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageLimits:
    """How much of a page is read; what is beyond is cut, and said, and the article is marked as partial."""

    max_characters: int = 4_000_000
    max_elements: int = 25_000  # two and a half times those of the largest article that we saw
    max_depth: int = 256  # of its elements, one inside the other: of a deeper page the paragraphs alone are read
    max_attributes: int = 64  # of an element
    max_pictures: int = 500  # and as many captions


MOST_OF_PAGE = PageLimits(
    max_characters=16_000_000, max_elements=100_000, max_depth=256, max_attributes=200, max_pictures=2000
)
"""Beyond these the libraries behind take too long; 256 is libxml2's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """What one document said. It has no id: it is never stored."""

    format: str  # "rss20", "atom10", "json11", …: feedparser's names and ours for JSON Feed
    feed_id: str | None = None  # what an Atom feed calls itself by
    title: str | None = None
    site_url: str | None = None
    description: str | None = None
    language: str | None = None
    entries: tuple[Entry, ...] = ()
    seen: int = 0  # further entries, known by their marks and not read again
    marks: bytes = b""  # of all its entries
    unread: str | None = None  # why some of its entries were not read at all
    cut: tuple[str, ...] = ()  # what was too much of others
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


MOST_OF_GUID = 1000
"""Characters; in UTF-8 no more than 2,500 bytes, for PostgreSQL to index it."""


def kept_guid(guid: str) -> str:
    """The guid as it is kept: a longer one is known by its digest."""
    said = guid.encode("utf-8", "replace")
    return guid if len(guid) <= MOST_OF_GUID and len(said) <= 2500 else sha256(said).hexdigest()


def said_hash(words: str | None) -> str:
    """By which an entry's words are known again, where the words themselves are gone; "" where it has none."""
    return sha256(words.encode("utf-8", "surrogatepass")).hexdigest() if words else ""


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
    words: str | None = (
        None  # said_hash of its content, else its summary; where another may have taken its guid, or it another one
    )
    deleted: bool = False  # its article was, and stays so whatever its feed says of it


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What a poll found, against what was known: entries to insert, and to update (they have their id)."""

    new: tuple[Entry, ...] = ()  # the oldest first
    changed: tuple[Entry, ...] = ()
    again: tuple[tuple[int, str], ...] = ()  # ids of those that came under another guid, and how they were known
    renamed: int = 0  # how many came under another guid, this time or again
    is_past: bool = False  # what is new is no news: it counts as seen when it was published
