"""The sums over a page that its paragraphs are held against."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from aggregator.steps import text
from aggregator.steps.extract.blocks import Block, Box
from aggregator.steps.extract.metadata import Metadata

END = re.compile(r"[.!?…。！？।؟:;][\"'”’»)\]]*\s*$|[”»\"]$")


@dataclass(slots=True)
class Page:
    """`best` is the innermost box that holds more than half of the page's prose, `top` the parent of most of it."""

    good: int
    first: int
    last: int
    title_at: int
    best: Box
    best_path: dict[Box, int]
    top: Box
    top_path: dict[Box, int]
    title_path: dict[Box, int]
    makes: dict[object, list[float]]
    classes: dict[object, list[float]]
    body: str
    description: str
    title: str
    title_words: set[str]
    body_share: float


def is_good(block: Block) -> bool:
    """True for what is prose by its look alone."""
    return (
        block.words >= 10
        and block.linked < 0.35
        and not block.box.hidden
        and (block.words >= 30 or bool(END.search(block.text)))
    )


def make(block: Block) -> object:
    """What paragraphs of one hand share: the tags and classes around them."""
    parent = block.box.parent
    return block.box.tag, block.box.name, (parent.tag, parent.name) if parent else None


def sums(blocks: Sequence[Block], good: list[bool], said: Metadata) -> Page:
    tops: dict[Box, int] = {}
    makes: dict[object, list[float]] = {}
    classes: dict[object, list[float]] = {}
    whole = 1
    for i, (block, is_prose) in enumerate(zip(blocks, good, strict=True)):
        words, linked = block.words, block.words * block.linked
        prose = min(words, 200) if is_prose else 0
        whole += prose
        box = block.box
        if not box.blocks:
            box.first = i
        box.blocks += 1
        box.words += words
        box.linked += linked
        box.good += prose
        box.goods += is_prose
        around = block.box.parent or block.box
        tops[around] = tops.get(around, 0) + prose
        for sums, key in ((makes, make(block)), (classes, (block.box.tag, block.box.name))):
            sum_ = sums.setdefault(key, [0.0, 0.0, 0.0, 0.0])
            for n, value in enumerate((prose, 1, linked, words)):
                sum_[n] += value
        block.folded = text.fold(block.text[:2000]) if words else ""
    boxes = _added_up(blocks)
    prose_at = [i for i, g in enumerate(good) if g] or [0]
    best = next((box for box in boxes if box.good > whole * 0.5), boxes[-1])
    top = max(tops, key=lambda box: tops[box])
    body = text.fold(said.body or "")
    title = text.fold(said.title)
    in_best = [i for i in prose_at if best in set(blocks[i].box.path())] or prose_at
    titles = [i for i, b in enumerate(blocks) if b.box.tag == "h1" or (title and b.folded == title)]
    title_at = min(titles, key=lambda i: abs(in_best[0] - i), default=in_best[0])
    return Page(
        title_at=title_at,
        title_path={box: n for n, box in enumerate(blocks[title_at].box.path())},
        good=whole,
        first=in_best[0],
        last=in_best[-1],
        best=best,
        best_path={box: n for n, box in enumerate(best.path())},
        top=top,
        top_path={box: n for n, box in enumerate(top.path())},
        makes=makes,
        classes=classes,
        body=body,
        description=text.fold(said.description or ""),
        title=title,
        title_words=set(title.split()),
        body_share=min(len(body.split()) / whole, 3.0),
    )


def _added_up(blocks: Sequence[Block]) -> list[Box]:
    """All boxes, the innermost first: the sums of each are its parent's too."""
    boxes = sorted({box for block in blocks for box in block.box.path()}, key=lambda box: -box.depth)
    for box in boxes:
        around = box.parent
        if around is not None:
            around.first = min(around.first, box.first) if around.blocks else box.first
            around.blocks += box.blocks
            around.words += box.words
            around.linked += box.linked
            around.good += box.good
            around.goods += box.goods
    return boxes
