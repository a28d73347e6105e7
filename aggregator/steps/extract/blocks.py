"""A page as its paragraphs in order: what each says, and in which boxes it stands."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape

from lxml import html

from aggregator.steps import text
from aggregator.steps.extract import clean, figures, signs

MAX_BLOCKS = 4000
MAX_BLOCK = 50_000  # characters
_PROSE = 15  # words of what can only be a paragraph

_KINDS = {"h1": "h2", **{tag: tag for tag in ("h2", "h3", "h4", "h5", "h6", "li", "blockquote", "pre")}}
_INLINE = frozenset(
    """
    a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label mark nobr q rb rp rt ruby s samp small
    span strike strong sub sup time tt u var wbr
    """.split()  # noqa: SIM905 - a list of names is read as one
)
_BLOCKS = frozenset(
    """
    address article aside blockquote body caption center dd details div dl dt fieldset figcaption figure footer form
    h1 h2 h3 h4 h5 h6 header hgroup hr html li main nav ol p pre section summary table tbody td tfoot th thead tr ul
    """.split()  # noqa: SIM905
)
_SAID = frozenset("abbr b cite code del dfn em i ins kbd mark q s samp small strong sub sup u var".split())  # noqa: SIM905
_HIDDEN = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
_SPACELESS = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")


@dataclass(slots=True, eq=False)
class Box:
    """An element that holds paragraphs. The sums are over all blocks inside."""

    tag: str
    name: str  # class and id
    role: str
    parent: "Box | None"
    depth: int
    marks: frozenset[str]
    hidden: bool
    words: int = 0
    linked: float = 0.0
    good: int = 0
    blocks: int = 0
    goods: int = 0
    first: int = -1

    def path(self) -> Iterator["Box"]:
        """This box and all around it, the innermost first."""
        box: Box | None = self
        while box is not None:
            yield box
            box = box.parent


@dataclass(slots=True, eq=False)
class Block:
    """A paragraph, or the marker of a figure where `figure` is not None. The shares are of its characters."""

    box: Box
    kind: str
    text: str = ""
    html: str = ""
    linked: float = 0.0
    bold: float = 0.0
    slanted: float = 0.0
    framed: float = 0.0  # in inline elements that bear a frame's name
    figure: int | None = None
    words: int = 0
    folded: str = field(default="")
    is_cut: bool = False


def read(root: html.HtmlElement) -> list[Block]:
    """All paragraphs of the page in order, and the figures' markers between them."""
    reader = _Reader()
    box = reader.box(root, None)
    reader.walk(root, box, "p")
    reader.flush(box, "p")
    _unhide(reader.found)
    return reader.found


def _unhide(blocks: list[Block]) -> None:
    """A page that hides most of its text shows it by a script."""
    hidden = sum(b.words for b in blocks if b.box.hidden and b.words >= _PROSE)
    if hidden > 2 * sum(b.words for b in blocks if not b.box.hidden and b.words >= _PROSE):
        for block in blocks:
            block.box.hidden = False


class _Reader:
    """A walk over the page that collects inline content until the edge of a block."""

    def __init__(self) -> None:
        self.found: list[Block] = []
        self.open: list[str] = []  # start tags around here
        self.links = self.bolds = self.slants = self.frames = self.breaks = 0
        self._clear()

    def _clear(self) -> None:
        self.said: list[str] = []
        self.is_blank = True
        self.markup: list[str] = list(self.open)
        self.linked = self.bold = self.slanted = self.framed = 0

    def box(self, element: html.HtmlElement, parent: Box | None) -> Box:
        name = clean.names(element)
        hidden = (
            (parent is not None and parent.hidden)
            or element.get("hidden") is not None
            or element.get("aria-hidden") == "true"
            or bool(_HIDDEN.search(element.get("style") or ""))
            or signs.is_unseen(name)
        )
        return Box(
            tag=str(element.tag),
            name=name.strip(),
            role=element.get("role") or element.get("itemprop") or "",
            parent=parent,
            depth=parent.depth + 1 if parent else 0,
            marks=signs.marks(name),
            hidden=hidden,
        )

    def walk(self, element: html.HtmlElement, box: Box, kind: str) -> None:
        if len(self.found) >= MAX_BLOCKS:
            return
        if element.text:
            self.say(element.text)
        for child in element:
            tag = child.tag
            if tag == "br":
                self.breaks += 1
                if self.breaks > 1:
                    self.flush(box, kind)
                else:
                    self.said.append(" ")
                    self.markup.append("<br>")
            elif tag in _INLINE:
                self.inline(child, box, kind)
            elif tag == "figure" and (number := child.get(figures.MARK)) is not None:
                self.flush(box, kind)
                self.found.append(Block(box, "figure", figure=int(number)))
            elif tag in _BLOCKS or not isinstance(tag, str) or _holds_block(child):
                self.block(child, box, kind)
            else:
                self.inline(child, box, kind)
            if child.tail:
                self.say(child.tail)

    def block(self, element: html.HtmlElement, around: Box, kind: str) -> None:
        self.flush(around, kind)
        box = self.box(element, around)
        kind = _KINDS.get(str(element.tag), kind)
        self.walk(element, box, kind)
        self.flush(box, kind)

    def inline(self, element: html.HtmlElement, box: Box, kind: str) -> None:
        tag = str(element.tag)
        name = element.get("class") or ""
        style = element.get("style") or ""
        if (name and signs.is_unseen(name)) or ("none" in style and _HIDDEN.search(style)):
            return
        link, bold, slanted = tag == "a", tag in ("b", "strong"), tag in ("i", "em")
        framed = bool(name) and not signs.marks(name).isdisjoint(signs.FRAMES)
        start = f'<a href="{escape(element.get("href") or "")}">' if link else f"<{tag}>" if tag in _SAID else ""
        self.links += link
        self.bolds += bold
        self.slants += slanted
        self.frames += framed
        if start:
            self.open.append(start)
            self.markup.append(start)
        self.walk(element, box, kind)
        if start:
            self.open.pop()
            self.markup.append(f"</{tag}>")
        self.links -= link
        self.bolds -= bold
        self.slants -= slanted
        self.frames -= framed

    def say(self, said: str) -> None:
        self.said.append(said)
        if said.isspace():
            self.markup.append(" ")
            return
        self.breaks, self.is_blank = 0, False
        self.markup.append(escape(said, quote=False))
        length = len(said)
        if self.links:
            self.linked += length
        if self.bolds:
            self.bold += length
        if self.slants:
            self.slanted += length
        if self.frames:
            self.framed += length

    def flush(self, owner: Box, kind: str) -> None:
        self.breaks = 0
        if self.is_blank:
            if self.said:
                self._clear()
            return
        joined = "".join(self.said)
        said = text.clean(joined[:MAX_BLOCK])
        if said:
            whole, is_cut = max(len(joined.strip()), 1), len(joined) > MAX_BLOCK
            markup = "".join(
                [*self.markup, *(f"</{start[1:].split(' ')[0].rstrip('>')}>" for start in reversed(self.open))]
            )
            self.found.append(
                Block(
                    owner,
                    kind,
                    said,
                    escape(said, quote=False) if is_cut else markup.strip().removesuffix("<br>"),
                    linked=min(self.linked / whole, 1.0),
                    bold=min(self.bold / whole, 1.0),
                    slanted=min(self.slanted / whole, 1.0),
                    framed=min(self.framed / whole, 1.0),
                    words=_count(said),
                    is_cut=is_cut,
                )
            )
        self._clear()


def _holds_block(element: html.HtmlElement) -> bool:
    return any(e.tag in _BLOCKS for e in element.iterdescendants())


def _count(said: str) -> int:
    """Words, two characters counting as one where a script has no spaces."""
    count = said.count(" ") + 1
    if len(said) > 12 * count and not said.isascii():
        count += len(_SPACELESS.findall(said)) // 2
    return count
