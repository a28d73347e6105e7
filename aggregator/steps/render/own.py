"""The ids of what we publish, by which it is known again where it comes back."""

import re
from collections.abc import Iterable, Set
from dataclasses import replace
from hashlib import sha256
from urllib.parse import urlsplit

from aggregator.errors import ParseError
from aggregator.model import Entry, Feed

_OWN = re.compile(r"urn:aggregator:article:[0-9a-f]{64}")
_OUT = "what it publishes is not taken in again: remove the source"


def entry_id(feed_url: str, guid: str) -> str:
    """The same in every format and whatever the source is called: made of the feed's address and what it said. What
    an archive like this has published keeps the id it got there (RFC 4287, 4.2.6): so each knows its own again, however
    many lie between."""
    if is_given(guid):
        return guid
    key = f"{feed_url}\n{guid}"
    return f"urn:aggregator:article:{sha256(key.encode('utf-8', 'replace')).hexdigest()}"


def is_given(guid: str) -> bool:
    """Whether an archive like ours made it; which one, it does not say."""
    return bool(_OWN.fullmatch(guid))


def refuse(url: str, public_url: str) -> None:
    """Raises ParseError for the address of a feed of ours."""
    ours, theirs = urlsplit(public_url), urlsplit(url)
    if theirs.netloc == ours.netloc and theirs.path.startswith(f"{ours.path}/feeds/"):
        raise ParseError(url, f"a feed of this archive itself; {_OUT}")


def marked(entries: Iterable[Entry]) -> list[Entry]:
    """Those that an archive like ours has published."""
    return [entry for entry in entries if is_given(entry.guid) and entry.url]


def foreign(feed: Feed, ours: Set[str], url: str) -> Feed:
    """The feed without the entries that have one of these ids. Raises ParseError where it has no others."""
    kept = tuple(entry for entry in feed.entries if entry.guid not in ours)
    if feed.entries and not kept and not feed.seen:
        raise ParseError(url, f"all its entries came out of this archive, if through another aggregator; {_OUT}")
    return replace(feed, entries=kept) if len(kept) < len(feed.entries) else feed
