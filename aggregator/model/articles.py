"""What is archived, and how it is alike."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

from aggregator.model.feeds import Enclosure, Entry, Image
from aggregator.model.sources import Source

Relation = Literal["first", "same", "copy"]
Origin = Literal["page", "feed", "load"]


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
    partial: bool = False  # the page shows only the beginning: a teaser, or a paywall

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
    feed_id: str | None = None  # what its feed calls itself by
    feed_updated: datetime | None = None  # the entry's
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture that articles show, and our copy of it."""

    id: int
    url: str
    name: str | None = None  # of the copy: its hash and what it is, "0f….jpg"; None: there is none
    etag: str | None = None
    last_modified: str | None = None
    fetched_at: datetime | None = None  # when the copy was made
    failures: int = 0  # to have it, or to see it again, in a row
    error: str | None = None  # the last of these
    gone: bool = False  # at its publisher
    picture_at: datetime | None = None  # when it is wanted, or looked at again


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Alike:
    """An archived article that may be the same page or the same text as another."""

    id: int
    source_id: int
    article: Article  # without its html and pictures
    page_key: str
    former: float | None = None  # log-odds of their being one text before an edit of either


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """How sure it is that two articles are one text: `odds` is the logarithm of p / (1 - p)."""

    other: int
    odds: float
    contained: float  # share of the shorter text that stands in the longer one too


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
    length: int = 0  # characters of its text
    opening: str = ""  # how it begins …
    closing: str = ""  # … and ends
