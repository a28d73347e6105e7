"""The article put together: which paragraphs are its text, which lines its standfirst, where its pictures stand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, islice

from aggregator.model import Image
from aggregator.steps import html, text
from aggregator.steps.extract import choose, place, shown, signs
from aggregator.steps.extract.blocks import Block
from aggregator.steps.extract.figures import Figure
from aggregator.steps.extract.metadata import Metadata

_MIN_TEXT = 140


@dataclass(frozen=True, slots=True, kw_only=True)
class Assembled:
    """The parts of an article that come from its body."""

    text: str
    html: str
    standfirst: str | None
    images: tuple[Image, ...]
    shown: datetime | None = None  # the day that stands beside the headline


def assemble(
    page: Sequence[Block], chances: Sequence[float], pictures: list[Figure], said: Metadata, base: str
) -> Assembled:
    """Keep what is likely text, put the pictures between it."""
    chosen = choose.chosen(page, chances)
    if sum(len(page[i].text) for i in chosen) < _MIN_TEXT and len(said.body or "") > _MIN_TEXT:
        return _written(said.body or "")
    start = _after_headline(page, chosen, said.title)
    captions = {text.fold(c) for f in pictures for c in (f.caption, f"{f.caption} {f.credit}") if c}
    title = text.fold(said.title)
    kept = [i for i in chosen if not _is_double(page[i], captions, title)]
    lead = _standfirst(page, kept, start, said)
    kept = [i for i in kept if i not in lead]
    standfirst = " ".join(page[i].text for i in lead) or None
    images, places = place.place(page, kept, pictures, start)
    return Assembled(
        text="\n\n".join(page[i].text for i in kept),
        html=html.sanitize(_markup(page, kept, images, places), base),
        standfirst=standfirst,
        images=tuple(images),
        shown=shown.day(page, said.title, kept[0]) if kept else None,
    )


def _written(said: str) -> Assembled:
    """What JSON-LD says where a script writes the page's text."""
    paragraphs = html.plain(said).split("\n\n") if "<" in said else [text.clean(p) for p in said.split("\n")]
    paragraphs = [p for p in paragraphs if p]
    markup = "".join(f"<p>{_escape(p)}</p>" for p in paragraphs)
    return Assembled(text="\n\n".join(paragraphs), html=html.sanitize(markup, ""), standfirst=None, images=())


def _after_headline(page: Sequence[Block], chosen: list[int], title: str) -> int:
    """Where the article's span begins: the last headline before its text, or the text's first paragraph."""
    if not chosen:
        return 0
    folded = text.fold(title)
    ahead = [i for i in range(chosen[0], -1, -1) if page[i].figure is None and not page[i].box.hidden]
    headings = [i for i in ahead if page[i].box.tag == "h1"] or [
        i for i in ahead if folded and page[i].folded == folded
    ]
    return headings[0] if headings else chosen[0]


def _is_double(block: Block, captions: set[str], title: str) -> bool:
    return block.box.tag == "h1" or block.folded == title or block.folded in captions


def _standfirst(page: Sequence[Block], kept: list[int], start: int, said: Metadata) -> list[int]:
    """Lines between headline and text that say they lead in, by their class or by being the page's description."""
    if not kept:
        return []
    description = text.fold(said.description or "")
    ahead = [i for i in range(start, kept[0]) if page[i].figure is None and len(page[i].text) > 30]
    found = []
    for i in [*ahead, *kept[:2]]:
        block = page[i]
        if len(block.text) > 800 or block.linked > 0.3:
            break
        named = any(signs.STANDFIRST.search(box.name) for box in islice(block.box.path(), 2))
        folded = block.folded
        described = len(folded) > 30 and (folded == description or (i < kept[0] and folded[:60] == description[:60]))
        if (named or described) and _short_share(page, kept, i):
            found.append(i)
        elif i in kept:
            break
    return found


def _short_share(page: Sequence[Block], kept: list[int], i: int) -> bool:
    return sum(len(page[k].text) for k in kept if k != i) > len(page[i].text)


def _markup(page: Sequence[Block], kept: list[int], images: list[Image], places: dict[int, list[int]]) -> str:
    pieces: list[str] = [_figures(images, places.get(0, []))]
    position = 0
    for kind, group in groupby(kept, key=lambda i: page[i].kind):
        items = []
        for i in group:
            position += 1
            tag = "p" if kind == "blockquote" else kind
            items.append(f"<{tag}>{page[i].html}</{tag}>{_figures(images, places.get(position, []))}")
        joined = "".join(items)
        pieces.append(
            f"<ul>{joined}</ul>"
            if kind == "li"
            else f"<blockquote>{joined}</blockquote>"
            if kind == "blockquote"
            else joined
        )
    return "".join(pieces)


def _figures(images: list[Image], numbers: list[int]) -> str:
    return "".join(_figure(images[n]) for n in numbers)


def _figure(image: Image) -> str:
    said = " ".join(s for s in (image.caption, f"({image.credit})" if image.credit else None) if s)
    caption = f"<figcaption>{_escape(said)}</figcaption>" if said else ""
    return f'<figure><img src="{_escape(image.url)}" alt="">{caption}</figure>'


def _escape(said: str) -> str:
    return said.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
