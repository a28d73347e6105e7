"""OPML: sources from other readers and for them, and the list of our topics."""

import re
from collections.abc import Iterable, Sequence

from lxml import etree

from aggregator.errors import ParseError
from aggregator.model import PollState, Source, Topic
from aggregator.steps.text import clean, printable

MAX_BYTES = 32 * 2**20
MAX_ATTRIBUTES = 60  # of an outline; lxml looks through all of them for each

_NOT_IN_NAME = re.compile(r"[^a-z0-9]+")
_NOT_IN_SLUG = re.compile(r"[\W_]+")


def parse(body: bytes) -> tuple[Source, ...]:
    """Folders and categories become tags, which are lower-case words with hyphens; a feed in two folders has both. The
    name is its title's, where that can be one; two may have the same."""
    found: dict[str, dict[str, None]] = {}
    names: dict[str, str] = {}
    for outline in _root(body).iter("{*}outline"):
        if len(outline.attrib) > MAX_ATTRIBUTES:
            raise ParseError("OPML", f"an outline has more than {MAX_ATTRIBUTES} attributes")
        said = {str(name).lower(): clean(str(value)) for name, value in outline.attrib.items()}
        if url := said.get("xmlurl"):
            tags = [*_folders(outline), *said.get("category", "").split(",")]
            found.setdefault(url, {}).update(dict.fromkeys(filter(None, map(_slug, tags))))
            names.setdefault(url, _name(said.get("title") or said.get("text") or ""))
    return tuple(Source(url=url, name=names[url], tags=tuple(tags)) for url, tags in found.items())


def render(sources: Iterable[tuple[Source, PollState]], title: str) -> bytes:
    """A source's first tag is its folder, since other readers know no categories; all tags are its category."""
    root, body = _document(title)
    folders: dict[str, etree._Element] = {}
    for source, state in sources:
        parent = body
        if source.tags:
            tag = clean(source.tags[0])
            if tag not in folders:
                folders[tag] = etree.SubElement(body, "outline", text=tag, title=tag)
            parent = folders[tag]
        name = printable(clean(state.title or "")) or clean(source.name) or clean(source.url)
        outline = etree.SubElement(parent, "outline", type="rss", text=name, title=name)
        outline.set("xmlUrl", clean(source.url))
        if state.site_url:
            outline.set("htmlUrl", clean(state.site_url))
        if source.tags:
            outline.set("category", ",".join(map(clean, source.tags)))
    return _bytes(root)


def opml_topics(topics: Sequence[Topic], base_url: str) -> bytes:
    """All our topics for a reader to follow at once, in Atom."""
    root, body = _document("Topics")
    for topic in topics:
        title = clean(topic.title) or topic.name
        url = f"{base_url.rstrip('/')}/feeds/{topic.name}.atom{topic.query}"
        etree.SubElement(body, "outline", type="rss", text=title, title=title, xmlUrl=clean(url))
    return _bytes(root)


def _root(body: bytes) -> etree._Element:
    if len(body) > MAX_BYTES:
        raise ParseError("OPML", f"larger than {MAX_BYTES // 2**20} MiB")
    # Exports with a bare & in a title are common, so the parser mends what it can.
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=True)
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise ParseError("OPML", f"it is no XML: {error}") from error
    if root is None or str(root.tag).rpartition("}")[2].lower() != "opml":
        raise ParseError("OPML", "it has no <opml> element")
    dtd = root.getroottree().docinfo.internalDTD
    if dtd is not None and dtd.entities():  # type: ignore[union-attr]  # lxml-stubs leaves it out
        raise ParseError("OPML", "it defines entities of its own")
    return root


def _folders(outline: etree._Element) -> list[str]:
    names = [str(a.get("text") or a.get("title") or "") for a in outline.iterancestors("{*}outline")]
    return names[::-1]


def _name(title: str) -> str:
    return _NOT_IN_NAME.sub("-", title.lower()).strip("-")[:60].rstrip("-")


def _slug(name: str) -> str:
    return _NOT_IN_SLUG.sub("-", name.lower()).strip("-")


def _document(title: str) -> tuple[etree._Element, etree._Element]:
    root = etree.Element("opml", version="2.0")
    head = etree.SubElement(root, "head")
    etree.SubElement(head, "title").text = clean(title)
    return root, etree.SubElement(root, "body")


def _bytes(root: etree._Element) -> bytes:
    return etree.tostring(root, pretty_print=True, encoding="UTF-8", xml_declaration=True)
