"""What feedparser loses of a feed, read from its XML by lxml."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice
from typing import Any

from lxml import etree

from aggregator.model import Image
from aggregator.steps import text, urls
from aggregator.steps.measure import Measure
from aggregator.steps.parse.media import Media, media, number
from aggregator.steps.parse.names import parsed_xml
from aggregator.steps.podcast import podcast

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_PERIODS = {"hourly": 1, "daily": 24, "weekly": 168, "monthly": 730, "yearly": 8766}  # hours
MAX_ID = 1000
MAX_DELETED = 5000
_LONGEST = timedelta(days=366)
_ITUNES = re.compile(r"\{http://www\.itunes\.com/dtds/podcast-1\.0\.dtd\}", re.IGNORECASE)
_TOMBSTONE = "{http://purl.org/atompub/tombstones/1.0}deleted-entry"
_RELATIONS = {"self": "self_url", "hub": "hub_url", "next": "next_url", "prev-archive": "prev_archive_url"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """What lxml found in one entry, and by what to know it again."""

    guid: str
    link: str
    media: Media
    podcast: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extras:
    """Fields of Feed beside its entries, and the entries' media in document order."""

    fields: dict[str, Any] = field(default_factory=dict)
    items: tuple[Item, ...] = ()


def extras(xml: bytes, base: str, measure: Measure) -> Extras:
    """Never fails: of what lxml cannot read, nothing is known."""
    root = parsed_xml(xml, recover=True)
    if root is None:
        return Extras()
    items = [e for e in root.iter("{*}item", "{*}entry", "{*}Item") if not _inside_item(e)]
    return of_tree(root, items, base, measure)


def of_tree(root: etree._Element, items: Sequence[etree._Element], base: str, measure: Measure) -> Extras:
    """Of a document whose entries are these elements."""
    return Extras(fields=_fields(list(_head(root)), base), items=tuple(_item(e, base, measure) for e in items))


def _inside_item(element: etree._Element) -> bool:
    return any(_local(a) in ("item", "entry") for a in element.iterancestors())


def _local(element: etree._Element) -> str:
    return element.tag.rpartition("}")[2].lower() if isinstance(element.tag, str) else ""


def _head(root: etree._Element) -> Iterator[etree._Element]:
    """The children of feed or channel; in RSS 1.0 what stands beside the channel too."""
    for child in root:
        name = _local(child)
        if name == "channel":
            yield from (e for e in child if _local(e) not in ("item", "entry"))
        elif name not in ("item", "entry"):
            yield child


def _fields(head: list[etree._Element], base: str) -> dict[str, Any]:
    found: dict[str, Any] = {"deleted": tuple(dict.fromkeys(islice(_deleted(head), MAX_DELETED))), "feed_id": _id(head)}
    period, frequency = "", 1
    for element in head:
        name, said = _local(element), (element.text or "").strip()
        if name == "ttl" and (minutes := number(said)):
            found["ttl"] = min(timedelta(minutes=min(minutes, 10**7)), _LONGEST)
        elif name == "skiphours":
            # "24" is midnight: RSS 0.91 counted from 1, RSS 2.0 counts from 0.
            hours = (number(e.text) if (e.text or "").strip() != "0" else 0 for e in element)
            found["skip_hours"] = frozenset(h % 24 for h in hours if h is not None and h <= 24)
        elif name == "skipdays":
            days = ((e.text or "").strip().lower() for e in element)
            found["skip_days"] = frozenset(_DAYS.index(d) for d in days if d in _DAYS)
        elif name == "updateperiod":
            period = said.lower()
        elif name == "updatefrequency":
            frequency = number(said) or 1
        elif name == "new-feed-url" and _ITUNES.match(str(element.tag)):
            found["new_url"] = urls.absolute(base, said)
        elif name == "link" and (key := _RELATIONS.get((element.get("rel") or "").strip().lower())):
            found.setdefault(key, urls.absolute(base, element.get("href", "")))
    if period in _PERIODS:
        found["update_interval"] = timedelta(hours=_PERIODS[period]) / frequency
    return found


def _id(head: list[etree._Element]) -> str | None:
    """As it is said: feedparser would make an address of it."""
    said = (text.clean(element.text or "") for element in head if _local(element) == "id")
    return next((id for id in said if 0 < len(id) <= MAX_ID), None)


def _deleted(head: list[etree._Element]) -> Iterator[str]:
    for element in head:
        if element.tag == _TOMBSTONE and (ref := (element.get("ref") or "").strip()):
            yield ref


def _item(element: etree._Element, base: str, measure: Measure) -> Item:
    said: dict[str, str] = {}
    pictures: list[Image] = []
    for child in element:
        name = _local(child)
        if name in ("guid", "id", "title") and not said.get(name):
            said[name] = (child.text or "").strip()
        elif name == "link" and not said.get(name):
            said[name] = (child.get("href") or child.text or "").strip()
        elif name == "image" and _ITUNES.match(str(child.tag)):
            url = urls.absolute(base, child.get("href") or child.text or "")
            pictures += [Image(url=url)] if url else []
    found = media(element, base, text.clean(said.get("title", "")), measure)
    if not found.images and pictures:
        found = Media(
            images=tuple(pictures[:1]),
            enclosures=found.enclosures,
            description=found.description,
            plain=found.plain,
        )
    guid = said.get("guid") or said.get("id") or ""
    return Item(guid=guid, link=said.get("link", ""), media=found, podcast=podcast(element))
