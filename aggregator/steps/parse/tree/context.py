"""Where in a document an element stands, and what was read so far."""

import re
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import urljoin

from lxml import etree

from aggregator.steps import urls

LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_BASE = "{http://www.w3.org/XML/1998/namespace}base"
_SLASHES = re.compile(r"^([A-Za-z][A-Za-z0-9+-.]*://)/+")


class Unusual(Exception):
    """feedparser should read this document."""


class Place(NamedTuple):
    """What an element inherits: the address that relative ones start from, and the language."""

    base: str
    language: str | None

    def within(self, element: etree._Element) -> "Place":
        if not element.attrib:
            return self
        base = element.get(_BASE) or element.get("base")
        said = element.get(LANGUAGE, element.get("lang"))
        language = self.language if said is None else said.replace("_", "-") or None
        return Place(joined(self.base, base) if base else self.base, language)


@dataclass(slots=True)
class Context:
    """The entry or the feed that is being read."""

    format: str
    place: Place
    said: dict[str, Any] = field(default_factory=dict)
    is_entry: bool = True
    has_content: bool = False  # then a second summary is content too
    titled: bool = False  # then another title says nothing


def joined(base: str, said: str) -> str:
    try:
        if urls.is_plain(said):
            return said
        return urljoin(base, _SLASHES.sub(r"\1", said))
    except ValueError:
        return ""
