"""The text in an element: mended, of a kind, in a language."""

import re
from contextlib import suppress
from html import escape
from html.entities import entitydefs
from typing import Any

from lxml import etree

from aggregator.steps.parse.names import name
from aggregator.steps.parse.tree.context import Context, Unusual

HTML = ("text/html", "application/xhtml+xml")
TYPES = {"text": "text/plain", "plain": "text/plain", "html": "text/html", "xhtml": "application/xhtml+xml"}
_MARKUP = re.compile(r"</\w+>|&#?\w+;")
_TAG = re.compile(r"</?(\w+)")
_ENTITY = re.compile(r"&(\w+);")
_ELEMENTS = frozenset(
    """
    a abbr acronym address area article aside audio b big blockquote br button canvas caption center cite code col
    colgroup dd del details dfn dialog dir div dl dt em fieldset figcaption figure font footer form h1 h2 h3 h4 h5 h6
    header hr i img input ins kbd label legend li map menu meter nav noscript ol optgroup option output p pre progress
    q s samp section select small source span strike strong sub sup table tbody td textarea tfoot th thead time tr tt
    u ul var video
    """.split()  # noqa: SIM905  a word list
)
_CONTROL = re.compile("[\x80-\x9f]")
_LATIN = {code: bytes([code]).decode("cp1252") for code in range(128, 160) if code not in (129, 141, 143, 144, 157)}


def value(element: etree._Element) -> str:
    if len(element):
        raise Unusual(f"markup in <{name(element)}>")
    return _mended((element.text or "").strip())


def _mended(said: str) -> str:
    """UTF-8 that was taken for Latin-1 and encoded again, and Windows' characters at the places of controls."""
    if said.isascii():
        return said
    with suppress(UnicodeError):
        said = said.encode("iso-8859-1").decode()
    return said.translate(_LATIN) if _CONTROL.search(said) else said


def construct(context: Context, element: etree._Element, usual: str) -> dict[str, Any]:
    """A text construct: its value, and what kind of text it is."""
    place = context.place.within(element)
    kind = (element.get("type") or usual).lower()
    kind = TYPES.get(kind, kind)
    if kind not in TYPES.values() or element.get("mode", "").lower() == "base64":
        raise Unusual(f"{kind} in <{name(element)}>")
    if kind == "application/xhtml+xml" and len(element):
        said = _mended(_inner(element, context.format).strip())
    else:
        said = value(element)
        if kind == "application/xhtml+xml":
            said = escape(said, quote=False)
    if kind == "text/plain" and not context.format.startswith("atom") and _looks_like_html(said):
        kind = "text/html"
    return {"type": kind, "language": place.language, "base": place.base, "value": said}


def _inner(element: etree._Element, format: str) -> str:
    """The markup in an xhtml construct; of Atom 1.0 without the one div that holds all of it."""
    whole = element
    alone = len(element) == 1 and not (element.text or "").strip() and not (element[0].tail or "").strip()
    if format == "atom10" and alone and name(element[0]).rpartition(":")[2] == "div":
        whole = element[0]
    if any(name(e).rpartition(":")[2] in ("svg", "math") for e in whole.iterdescendants("*")):
        raise Unusual("drawings")
    pieces: list[str] = []
    _write(whole, pieces)
    return "".join(pieces)


def _write(element: etree._Element, pieces: list[str]) -> None:
    if element.text:
        pieces.append(escape(element.text, quote=False))
    for child in element:
        local = name(child).rpartition(":")[2]
        attributes = "".join(
            f' {str(key).rpartition("}")[2].lower()}="{escape(str(value))}"' for key, value in child.attrib.items()
        )
        pieces.append(f"<{local}{attributes}>")
        _write(child, pieces)
        pieces.append(f"</{local}>")
        if child.tail:
            pieces.append(escape(child.tail, quote=False))


def _looks_like_html(said: str) -> bool:
    """Where the type was guessed: some markup, and none that is not HTML's."""
    if ("<" not in said and "&" not in said) or not _MARKUP.search(said):
        return False
    tags, entities = _TAG.findall(said), _ENTITY.findall(said)
    return all(tag.lower() in _ELEMENTS for tag in tags) and all(e in entitydefs for e in entities)
