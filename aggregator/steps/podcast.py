"""What podcasts say of an episode in elements of their own (itunes:, podcast:), kept as it is and published again."""

import re
from collections.abc import Iterator

from lxml import etree

MAX_BYTES = 16_384
MAX_ELEMENTS = 100
MAX_DEPTH = 4
NAMESPACES = {
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "podcast": "https://podcastindex.org/namespace/1.0",
}
_OTHER_SPELLING = re.compile(r"https://github.com/Podcastindex-org/podcast-namespace/.{1,100}", re.IGNORECASE)
_BY_URI = {uri.lower(): uri for uri in NAMESPACES.values()}


def podcast(item: etree._Element) -> str:
    """The elements as XML in one of their own; "" where there are none. What is too much is left out."""
    whole = etree.Element("podcast", nsmap=NAMESPACES)
    budget = iter(range(MAX_ELEMENTS))
    size = 0
    for element in item:
        if _name(element) and (copy := _copy(element, budget, MAX_DEPTH)) is not None:
            length = len(etree.tostring(copy))
            if size + length <= MAX_BYTES:
                size += length
                whole.append(copy)
    return etree.tostring(whole, encoding="unicode") if len(whole) else ""


def elements(said: str) -> list[etree._Element]:
    return list(etree.fromstring(said)) if said else []


def _copy(element: etree._Element, budget: Iterator[int], depth: int) -> etree._Element | None:
    name = _name(element)
    if not name or not depth or next(budget, None) is None:
        return None
    copy = etree.Element(
        name, {str(k): str(v) for k, v in element.attrib.items() if not str(k).startswith("{")}, NAMESPACES
    )
    copy.text = element.text
    for child in element:
        if (inner := _copy(child, budget, depth - 1)) is not None:
            copy.append(inner)
    return copy


def _name(element: etree._Element) -> str:
    """In the namespace as it should be spelt; "" for what is no podcast's."""
    if not isinstance(element.tag, str):
        return ""
    uri, _, local = element.tag[1:].rpartition("}")
    known = _BY_URI.get(uri.lower()) or (NAMESPACES["podcast"] if _OTHER_SPELLING.fullmatch(uri) else None)
    return f"{{{known}}}{local}" if known else ""
