"""What feedgen cannot say by itself: media with captions, the source of an entry, every enclosure, the language; links
of a feed, and words for who sees it in a browser."""

from collections.abc import Mapping
from urllib.parse import quote

from feedgen.ext.base import BaseEntryExtension, BaseExtension
from lxml import etree

from aggregator.steps import podcast
from aggregator.steps.render.entry import Rendered
from aggregator.steps.render.head import Head

_XHTML = "http://www.w3.org/1999/xhtml"
_HISTORY = "http://purl.org/syndication/history/1.0"
_TOMBSTONES = "http://purl.org/atompub/tombstones/1.0"
_LINK = "{http://www.w3.org/2005/Atom}link"
_MEDIA = "http://search.yahoo.com/mrss/"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
# RSS demands a type and a length; 0 is the custom for a length nobody knows.
_ANY_TYPE = "application/octet-stream"


class Namespaces(BaseExtension):  # type: ignore[misc]  # feedgen has no types
    def extend_ns(self) -> dict[str, str]:
        return {"media": _MEDIA}


class Around(BaseExtension):  # type: ignore[misc]  # feedgen has no types
    """What stands before the entries: feedgen's RSS keeps rel=self alone of all links."""

    def extend_ns(self) -> dict[str, str]:
        return {"h": _XHTML, "fh": _HISTORY, "at": _TOMBSTONES, **podcast.NAMESPACES}

    def show(self, head: Head, format: str) -> None:
        self.head, self.url = head, head.url(format)

    def extend_atom(self, feed: etree._Element) -> etree._Element:
        self._extend(
            feed, "link"
        )  # without a namespace, as feedgen makes Atom's elements: a prefix of its own otherwise
        for id, at in self.head.deleted:
            etree.SubElement(feed, f"{{{_TOMBSTONES}}}deleted-entry", ref=id, when=at.isoformat())
        return feed

    def extend_rss(self, rss: etree._Element) -> etree._Element:
        self._extend(rss[0], _LINK)
        return rss

    def _extend(self, parent: etree._Element, link: str) -> None:
        if self.head.hub:
            etree.SubElement(parent, link, rel="hub", href=self.head.hub)
        for rel, address in (("prev-archive", self.head.older), ("current", self.head.current)):
            if address:
                href = self.head.whole(address, "atom")
                etree.SubElement(parent, link, rel=rel, href=href, type="application/atom+xml")
        if self.head.current:
            etree.SubElement(parent, f"{{{_HISTORY}}}archive")
        self._explain(etree.SubElement(parent, f"{{{_XHTML}}}div"))

    def _explain(self, div: etree._Element) -> None:
        """A style sheet cannot make a link; XHTML in a feed is one, and feed readers leave it aside."""
        first, second = (etree.SubElement(div, f"{{{_XHTML}}}p") for _ in range(2))
        first.text = "This is a feed: copy its address into a feed reader to follow it. "
        etree.SubElement(first, f"{{{_XHTML}}}code").text = self.url
        link = etree.SubElement(second, f"{{{_XHTML}}}a", href=self.head.home_url)
        link.text = "All topics, to read and to follow"


class _Extension(BaseEntryExtension):  # type: ignore[misc]  # feedgen has no types
    entry: Rendered

    def show(self, entry: Rendered) -> None:
        self.entry = entry


class Media(_Extension):
    """Each image is a `media:content` of its own; feedgen's wraps a lone one in a group, which validators refuse."""

    def extend_atom(self, entry: etree._Element) -> etree._Element:
        for image in self.entry.images:
            content = _media(entry, "content", url=image.url, medium="image")
            if image.caption:
                _media(content, "description", type="plain").text = image.caption
            if image.credit:
                _media(content, "credit").text = image.credit
        return entry

    extend_rss = extend_atom


class Enclosures(_Extension):
    """feedgen's Atom links lose rel, type and length, and its RSS keeps one enclosure only."""

    def extend_atom(self, entry: etree._Element) -> etree._Element:
        for enclosure in self.entry.enclosures:
            link = etree.SubElement(entry, "link", rel="enclosure", href=enclosure.url)
            _say(link, type=enclosure.type, length=enclosure.length)
        return entry

    def extend_rss(self, item: etree._Element) -> etree._Element:
        if not self.entry.enclosures:
            return item
        first, *others = self.entry.enclosures
        element = etree.SubElement(item, "enclosure", url=first.url)
        _say(element, length=first.length or 0, type=first.type or _ANY_TYPE)
        # RSS profile: an item has one enclosure; what is more goes the way of Media RSS.
        for enclosure in others:
            _say(_media(item, "content", url=enclosure.url), fileSize=enclosure.length, type=enclosure.type)
        return item


class Podcast(_Extension):
    """What a podcast says of its episode, untouched."""

    def extend_atom(self, entry: etree._Element) -> etree._Element:
        entry.extend(podcast.elements(self.entry.podcast))
        return entry

    extend_rss = extend_atom


class Origin(_Extension):
    """feedgen's `atom:source` has neither id nor updated."""

    def extend_atom(self, entry: etree._Element) -> etree._Element:
        source = etree.SubElement(entry, "source")
        id = self.entry.source_id or self.entry.source_url or f"urn:aggregator:source:{quote(self.entry.source)}"
        etree.SubElement(source, "id").text = id
        etree.SubElement(source, "title").text = self.entry.source
        etree.SubElement(source, "updated").text = (self.entry.source_updated or self.entry.updated).isoformat()
        # Else the feed's author, which is ours, would be taken for the author of an article without a byline.
        author = etree.SubElement(source, "author")
        etree.SubElement(author, "name").text = self.entry.source
        for rel, url in (("self", self.entry.source_feed), ("alternate", self.entry.source_site)):
            if url:
                etree.SubElement(source, "link", rel=rel, href=url)
        return entry

    def extend_rss(self, item: etree._Element) -> etree._Element:
        if self.entry.source_url:
            etree.SubElement(item, "source", url=self.entry.source_url).text = self.entry.source
        return item


class Language(_Extension):
    """xml:lang of an entry: a topic gathers several languages; RSS says it by dc:language."""

    def extend_atom(self, entry: etree._Element) -> etree._Element:
        if self.entry.language:
            entry.set(_LANG, self.entry.language)
        return entry


ALL: Mapping[str, type[_Extension]] = {
    "media": Media,
    "enclosures": Enclosures,
    "episode": Podcast,
    "origin": Origin,
    "xml_language": Language,
}


def _media(parent: etree._Element, name: str, **attributes: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{_MEDIA}}}{name}", attributes)


def _say(element: etree._Element, **attributes: str | int | None) -> None:
    for name, value in attributes.items():
        if value is not None:
            element.set(name, str(value))
