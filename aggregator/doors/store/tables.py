"""The schema."""

from datetime import timedelta

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from aggregator.doors.store.packing import Packed, PackedBody
from aggregator.doors.store.types import Default, Hashed, Instant, Seconds, UtcDateTime

metadata = MetaData(
    naming_convention={"ix": "ix_%(column_0_N_label)s", "uq": "uq_%(table_name)s_%(column_0_N_name)s",
                       "fk": "fk_%(table_name)s_%(column_0_name)s", "pk": "pk_%(table_name)s"}
)  # fmt: skip


def _index_of_some(name: str, column: str) -> Index:
    """Of the few rows that have the column."""
    there = text(f"{column} IS NOT NULL")
    return Index(name, column, sqlite_where=there, postgresql_where=there)


sources = Table(
    "sources",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("url", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False, unique=True),
    Column("named", Boolean, nullable=False, default=False),  # the user, or the feed's title, gave the name
    Column("host", Text, nullable=False),
    Column("tags", JSON, nullable=False),
    Column("interval", Seconds),
    Column("full_text", Boolean),
    Column("paused", Boolean, nullable=False, default=False),
    Column("keep_for", Seconds),
    Column("keep_most", Integer, nullable=False, default=0, server_default="0"),
    Column("removed", Boolean, nullable=False, default=False),  # no longer in sources.toml; its articles stay
    # the rest is PollState
    Column("etag", Text),
    Column("last_modified", Text),
    Column("body_hash", String(64)),
    Column("broken", Text),
    Column("marks", LargeBinary, nullable=False, default=b""),
    Column("status", Integer),
    Column("failures", Integer, nullable=False, default=0),
    Column("error", Text),
    Column("gone", Boolean, nullable=False, default=False),
    Column("polled_at", UtcDateTime),
    Column("poll_at", UtcDateTime),
    Column("rest", Seconds),
    Column("reason", Text, nullable=False, default=""),
    Column("arrivals", Float, nullable=False, default=0.0),
    Column("watched", Seconds, nullable=False, default=timedelta()),
    Column("window", Integer, nullable=False, default=0),
    Column("missed_at", UtcDateTime),
    Column("renamed_at", UtcDateTime),
    Column("feed_id", Text),
    Column("title", Text),
    Column("site_url", Text),
    Column("self_url", Text),
    Column("new_url", Text),
    Column("asks", Seconds),
    Column("skip_hours", JSON, nullable=False, default=()),
    Column("skip_days", JSON, nullable=False, default=()),
    Column("moved_to", Text),
    Column("moved_at", UtcDateTime),
    Column("address", Text),
    # and this is History
    Column("history_url", Text),
    Column("history_pages", Integer, nullable=False, default=0),
    Column("history_at", UtcDateTime),
    Column("history_failures", Integer, nullable=False, default=0),
    Column("history_error", Text),
    Index("ix_sources_due", "poll_at"),  # due.claim: which sources want a poll
    Index("ix_sources_history", "history_at"),  # due.claim: which sources have a past that is being fetched
)

subscriptions = Table(
    "subscriptions",
    metadata,
    Column("id", ForeignKey("sources.id"), primary_key=True),
    Column("hub", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("host", Text, nullable=False),
    Column("token", Text, nullable=False, unique=True),  # subscriptions.by_token
    Column("secret", Text, nullable=False),
    Column("until", UtcDateTime),
    Column("renew_at", UtcDateTime),
    Column("failures", Integer, nullable=False),
    Index("ix_subscriptions_due", "renew_at"),  # due.claim: which hubs want to be asked
)

entries = Table(
    "entries",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("source_id", ForeignKey("sources.id"), nullable=False),
    Column("guid", Text, nullable=False),
    Column("url", Text),
    Column("host", Text, nullable=False, default=""),
    Column("title", Text),
    Column("author", Text),
    Column("published", Instant),
    Column("updated", Instant),
    Column("summary", Packed),
    Column("content", Packed),
    Column("images", JSON, nullable=False),
    Column("enclosures", JSON, nullable=False),
    Column("categories", JSON, nullable=False),
    Column("language", Text),
    Column("feed_updated", Instant),
    Column("podcast", Text, nullable=False, default=""),
    Column("hash", String(64), nullable=False),
    Column("first_seen", Instant, nullable=False),
    Column("archive_at", UtcDateTime),
    Column("archive_failures", Integer, nullable=False, default=0),
    Column("archive_error", Text),
    Column("again", Text),
    Column("page_etag", Text),
    Column("page_last_modified", Text),
    UniqueConstraint("source_id", "guid"),  # namesakes.among, entries.save
    _index_of_some("ix_entries_due", "archive_at"),  # due.claim: which entries want to be archived
)

entry_keys = Table(
    "entry_keys",  # under which an entry is found by its address and its title (namesakes.py)
    metadata,
    Column("key", Hashed, primary_key=True, autoincrement=False),
    Column("entry_id", Integer, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

articles = Table(
    "articles",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("entry_id", ForeignKey("entries.id"), nullable=False, unique=True),
    Column("source_id", ForeignKey("sources.id"), nullable=False),
    Column("url", Text, nullable=False),
    Column("page_key", Hashed, nullable=False),  # of compose.page_key
    Column("title", Text, nullable=False),
    Column("byline", Text),
    Column("published", Instant),
    Column("language", Text),
    Column("summary", Text),
    Column("body", PackedBody, nullable=False),
    Column("canonical", Text),
    Column("origin", String(4), nullable=False),  # as types.kept_origin has it
    Column("story_id", Integer, nullable=False),
    Column("copy_of", Integer),
    Column("relation", String(5), nullable=False),
    Column("verdict", Default("no article of the archive has this page or this text"), nullable=False),
    Column("first_seen", Instant, nullable=False),
    Column("revised_at", Instant),
    Column("revisions", Integer, nullable=False, default=1),
    Column("version", Integer, nullable=False, default=1),  # moves when a feed says something else of it
    Index("ix_articles_page_key", "page_key"),  # likenesses.place, `show URL`
    Index("ix_articles_story_id", "story_id"),  # articles.copies
    _index_of_some("ix_articles_revised_at", "revised_at"),  # articles.edited
    Index("ix_articles_source_id_first_seen", "source_id", "first_seen"),  # retention.going, counts of `list`
)

days = Table(
    "days",  # on which articles were published, or first seen, of each block of ids (days.py)
    metadata,
    Column("block", Integer, primary_key=True, autoincrement=False),
    Column("day", Integer, primary_key=True, autoincrement=False),  # since 1970
    sqlite_with_rowid=False,
)

stars = Table(
    "stars",  # what the user wants to keep, whatever retention says
    metadata,
    Column("article_id", ForeignKey("articles.id"), primary_key=True),
    Column("starred_at", UtcDateTime, nullable=False),
)

tombstones = Table(
    "tombstones",  # entries whose articles were deleted: what their feeds say of them changes nothing
    metadata,
    Column("entry_id", ForeignKey("entries.id"), primary_key=True),
    Column("article_id", Integer, nullable=False, unique=True),  # `show` tells of it
    Column("deleted_at", UtcDateTime, nullable=False),
    Column("words", String(64), nullable=False),  # model.said_hash: known again under another guid
)

dictionaries = Table(
    "dictionaries",  # with which texts are packed; without one that packed a text it cannot be read, so none is deleted
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),  # as zstd's frames name it
    Column("trained_to", Integer, nullable=False),
    Column("data", LargeBinary, nullable=False),
)

# Under which the text of an article is found by its copies; the primary key answers textkeys.oldest. What came lately
# waits in a table of its own until much of it can be put away at once.
text_keys, recent_text_keys = (
    Table(
        name,
        metadata,
        Column("key", Integer, primary_key=True, autoincrement=False),
        Column("article_id", Integer, primary_key=True, autoincrement=False),
        sqlite_with_rowid=False,
    )
    for name in ("text_keys", "recent_text_keys")
)

likenesses = Table(
    "likenesses",  # of two articles, a row for each of both orders
    metadata,
    Column("article_id", Integer, primary_key=True, autoincrement=False),
    Column("other_id", Integer, primary_key=True, autoincrement=False),
    Column("odds", Float, nullable=False),
    Column("contained", Float, nullable=False),
    sqlite_with_rowid=False,
)

images = Table(
    "images",
    metadata,
    Column("article_id", ForeignKey("articles.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("url", Text, nullable=False),
    Column("caption", Text),
    Column("credit", Text),
    Column("position", Integer, nullable=False),
)

pictures = Table(
    "pictures",  # of articles, where copies are kept
    metadata,
    Column("id", Integer, primary_key=True),
    Column("url", Text, nullable=False, unique=True),  # pictures.want
    Column("host", Text, nullable=False),
    Column("name", Text),  # of the copy: what it is, by its hash
    Column("bytes", Integer),
    Column("etag", Text),
    Column("last_modified", Text),
    Column("fetched_at", UtcDateTime),
    Column("failures", Integer, nullable=False, default=0),
    Column("error", Text),
    Column("gone", Boolean, nullable=False, default=False),
    Column("picture_at", UtcDateTime),
    Index("ix_pictures_due", "picture_at"),  # due.claim: which pictures want to be fetched
    Index("ix_pictures_name", "name"),  # pictures.orphans, pictures.names
)

pictured = Table(
    "pictured",  # which articles show a picture
    metadata,
    Column("article_id", ForeignKey("articles.id"), primary_key=True),
    Column("picture_id", ForeignKey("pictures.id"), primary_key=True),
    Index("ix_pictured_picture_id", "picture_id"),  # pictures.kept, pictures.orphans
)

chrome = Table(
    "chrome",  # what the pages of a host repeat, packed by steps/extract/chrome.py, within its bounds
    metadata,
    Column("host", Text, primary_key=True),
    Column("blocks", Text, nullable=False),
)

revisions = Table(
    "revisions",  # what articles said before they were edited; the newest revision is the article
    metadata,
    Column("article_id", ForeignKey("articles.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("seen_at", UtcDateTime, nullable=False),
    Column("title", Text, nullable=False),
    Column("text", Packed, nullable=False),
    Column("captions", JSON, nullable=False),
    Column("byline", Text),
)

ledger = Table(
    "ledger",  # a line for all that was kept, revised or deleted; lines are only ever added (ledger.py)
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("what", String(8), nullable=False),
    Column("article_id", Integer, nullable=False),  # of one that is still there, or was
    Column("number", Integer, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("chain", LargeBinary, nullable=False),
)

topics = Table(
    "topics",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("rule", JSON, nullable=False),  # the whole Topic, as topics.toml says it
    Column("version", Integer, nullable=False, default=1),  # moves when what it selects may have changed
    Column("removed", Boolean, nullable=False, default=False),
    Column("replayed_to", Integer, nullable=False, default=0),  # articles up to this id were judged by this version …
    Column("replay_to", Integer, nullable=False, default=0),  # … and they must be up to this one
    Column("publish_at", UtcDateTime),
    Column("published_at", UtcDateTime),
    Index("ix_topics_due", "publish_at"),  # due.claim: which topics want to be published
)

reports = Table(
    "reports",  # feeds on the archive itself, which no topic asks for
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("publish_at", UtcDateTime),  # due.claim; so few that they need no index
)

decisions = Table(
    "decisions",  # a row where a topic takes an article, or took it once
    metadata,
    Column("topic_id", ForeignKey("topics.id"), primary_key=True),
    Column("article_id", ForeignKey("articles.id"), primary_key=True),
    Column("selected", Boolean, nullable=False),
    Column("reason", Text, nullable=False),
    Column("hits", JSON, nullable=False),
    Column("version", Integer, nullable=False),
    Column("decided_at", UtcDateTime, nullable=False),
    Column("until", UtcDateTime),
    Column("score", Float, nullable=False, server_default="1"),
    # the article's, so that a topic's newest are one range of an index
    Column("first_seen", UtcDateTime, nullable=False),
    Column("dated", UtcDateTime, nullable=False),  # published, or first_seen where the page does not say
    Index("ix_decisions_newest", "topic_id", "selected", "first_seen", "dated", "article_id"),  # decisions.selected
    Index("ix_decisions_article_id", "article_id"),  # `why`
    Index("ix_decisions_until", "topic_id", "until"),  # decisions.outdated, topics.published_each
)

withdrawn = Table(
    "withdrawn",  # deleted articles that a topic took, the newest of them: its feed has tombstones of them
    metadata,
    Column("topic_id", ForeignKey("topics.id"), primary_key=True),
    Column("entry_id", ForeignKey("entries.id"), primary_key=True),
    Column("at", UtcDateTime, nullable=False),
)

pages = Table(
    "pages",  # of all that a topic takes, in the order in which it was archived (RFC 5005)
    metadata,
    Column("topic_id", ForeignKey("topics.id"), primary_key=True),
    Column("number", Integer, primary_key=True),  # from 1, the oldest
    Column("version", Integer, nullable=False),  # the topic's
    Column("after_id", Integer, nullable=False),  # it has the articles after this one …
    Column("last_id", Integer, nullable=False),  # … up to this one
    Column("stale", Integer, nullable=False, default=1),  # times that something in it changed since it was written
    Column("written", Boolean, nullable=False, default=False),
    Index("ix_pages_last", "topic_id", "last_id"),  # pages.touch
)
