"""The paragraphs of an article, found on a page by readability's vote and the shape of the page."""

import contextlib
import copy
import logging
import re
from dataclasses import dataclass

from lxml import etree, html
from readability import Document
from readability.readability import Unparseable

from aggregator.steps import text
from aggregator.steps.extract import figures

NUMBER = "data-n"
_BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "center",
        "dd",
        "details",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hgroup",
        "hr",
        "html",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
        "caption",
        "figcaption",
    ]
)
_KINDS = {
    "h1": "h2",
    "h2": "h2",
    "h3": "h3",
    "h4": "h4",
    "h5": "h5",
    "h6": "h6",
    "li": "li",
    "blockquote": "blockquote",
    "pre": "pre",
}
_NUMBERS = re.compile(rf'{NUMBER}="(\d+)"')

logging.getLogger("readability.readability").setLevel(logging.CRITICAL)


@dataclass(slots=True)
class Block:
    """A paragraph, or the marker of a figure where `figure` is not None."""

    owner: html.HtmlElement
    kind: str
    text: str
    html: str
    linked: float = 0.0
    figure: int | None = None


def number(root: html.HtmlElement) -> None:
    for n, element in enumerate(root.iter()):
        element.set(NUMBER, str(n))


def vote(root: html.HtmlElement) -> set[str]:
    """The numbers of the elements that readability takes for the article."""
    twin = copy.deepcopy(root)
    for marker in twin.xpath(f"//figure[@{figures.MARK}]"):
        marker.drop_tree()
    with contextlib.suppress(Unparseable, etree.LxmlError, ValueError):
        return set(_NUMBERS.findall(Document(twin).summary(html_partial=True)))
    return set()


def blocks(root: html.HtmlElement) -> list[Block]:
    """All paragraphs of the page in order, and the figures' markers between them."""
    reading = _Reading()
    reading.walk(root, "p")
    reading.flush(root, "p")
    return reading.found


class _Reading:
    """A walk over the page: `run` is the inline content since the last edge of a block."""

    def __init__(self) -> None:
        self.found: list[Block] = []
        self.run: list[str | html.HtmlElement] = []

    def walk(self, element: html.HtmlElement, kind: str) -> None:
        if element.text:
            self.run.append(element.text)
        for child in element:
            self.read(element, child, kind)
            if child.tail:
                self.run.append(child.tail)

    def read(self, element: html.HtmlElement, child: html.HtmlElement, kind: str) -> None:
        if child.get(figures.MARK) is not None:
            self.flush(element, kind)
            self.found.append(Block(child, "figure", "", "", figure=int(child.get(figures.MARK) or 0)))
        elif child.tag in _BLOCKS:
            self.flush(element, kind)
            kind = _KINDS.get(str(child.tag), kind)
            self.walk(child, kind)
            self.flush(child, kind)
        elif _holds_block(child):
            self.walk(child, kind)
        elif isinstance(child.tag, str):
            self.run.append(child)

    def flush(self, owner: html.HtmlElement, kind: str) -> None:
        if self.run:
            self.found.extend(_paragraphs(owner, kind, self.run))
            self.run.clear()


def _holds_block(element: html.HtmlElement) -> bool:
    return any(e.tag in _BLOCKS for e in element.iterdescendants())


def _paragraphs(owner: html.HtmlElement, kind: str, run: list[str | html.HtmlElement]) -> list[Block]:
    """Two line breaks part paragraphs; one does not."""
    parts: list[list[str | html.HtmlElement]] = [[]]
    breaks = 0
    for piece in run:
        if not isinstance(piece, str) and piece.tag == "br":
            breaks += 1
            parts[-1].append(" ") if breaks < 2 else parts.append([])
            continue
        if not isinstance(piece, str) or piece.strip():
            breaks = 0
        parts[-1].append(piece)
    return [block for part in parts if (block := _block(owner, kind, part))]


def _block(owner: html.HtmlElement, kind: str, run: list[str | html.HtmlElement]) -> Block | None:
    said = text.clean("".join(p if isinstance(p, str) else _said(p) for p in run))
    if not said:
        return None
    linked = sum(len(text.clean(_said(a))) for p in run if not isinstance(p, str) for a in p.iter("a"))
    markup = "".join(_escaped(p) if isinstance(p, str) else _markup(p) for p in run).strip()
    return Block(owner, kind, said, markup, linked / len(said))


def _said(element: html.HtmlElement) -> str:
    if element.find(".//br") is None:
        return "".join(element.itertext())
    return " ".join(element.itertext())


def _escaped(said: str) -> str:
    return said.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _markup(element: html.HtmlElement) -> str:
    return str(html.tostring(element, encoding="unicode", with_tail=False))
