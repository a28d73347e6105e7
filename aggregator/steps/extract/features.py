"""What is measured of each paragraph of a page, for the trees that choose."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from aggregator.steps import text
from aggregator.steps.extract import signs
from aggregator.steps.extract.blocks import Block, Box
from aggregator.steps.extract.metadata import Metadata

_END = re.compile(r"[.!?…。！？।؟:;][\"'”’»)\]]*\s*$|[”»\"]$")
_LABEL = re.compile(r"^\W*(?:\w+\W+){0,3}\w+\s?[:：]\s*\S")
_TRAILS = re.compile(r"(?:…|\.\.\.)\W{0,3}(?:\w+ ?){0,2}$")
_FAR = 30.0
_KINDS = {"p": 0, "li": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 5, "blockquote": 6, "pre": 7, "figure": 8}
_TAGS = {"p": 0, "div": 1, "section": 1, "article": 1, "li": 2, "blockquote": 3, "td": 4, "th": 4, "h1": 5, "h2": 6}

OWN = (
    "words", "linked", "ends", "kind", "tag", "commas", "digits", "capitals", "bold", "slanted", "framed", "noise",
    "mean_word", "repeated", "good", "label", "trails",
)  # fmt: skip
WITNESS = ("in_body", "is_description", "in_title", "since_title", "is_h1")
PLACE = (
    "index", "good_before", "after_first", "before_last", "from_start", "to_end", "depth", "under_best", "above_best",
    "under_top", "above_top", "under_title", "above_title",
)  # fmt: skip
LEVELS = ("own", "parent", "grand", "great")
AROUND = tuple(f"{what}_{level}" for level in LEVELS for what in ("good", "linked", "blocks", "goods"))
MARKED = tuple(f"mark_{mark}" for mark in signs.MARKS)
TAGGED = ("aside", "ul", "article", "main", "table", "blockquote", "header", "form", "hidden")
MAKE = ("make_good", "make_count", "make_linked", "class_good", "class_count")
SIDES = (-2, -1, 1, 2)
BESIDE = tuple(
    f"{what}_{'before' if side < 0 else 'behind'}_{abs(side)}"
    for side in SIDES
    for what in ("words", "linked", "kind", "good", "same_box")
)
UNDER = ("since_heading", "since_picture", "till_picture")
PAGE = ("page_good", "page_goods", "page_blocks", "best_share", "top_share", "body_share", "is_news", "dated")
NAMES = (*OWN, *WITNESS, *PLACE, *AROUND, *MARKED, *TAGGED, *MAKE, *BESIDE, *UNDER, *PAGE)

_ASIDE = {"aside": 0, "nav": 0, "footer": 0, "ul": 1, "ol": 1, "dl": 1, "article": 2, "main": 3, "table": 4}
_TAGGED = {**_ASIDE, "blockquote": 5, "header": 6, "form": 7}


@dataclass(slots=True)
class _Page:
    """The sums over a page, and what its paragraphs are held against."""

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
        and (block.words >= 30 or bool(_END.search(block.text)))
    )


def make(block: Block) -> object:
    """What paragraphs of one hand share: the tags and classes around them."""
    parent = block.box.parent
    return block.box.tag, block.box.name, (parent.tag, parent.name) if parent else None


def measure(blocks: Sequence[Block], said: Metadata) -> list[list[float]]:
    """For each paragraph the figures of NAMES; the markers of figures have none."""
    if not blocks:
        return []
    good = [is_good(b) for b in blocks]
    page = _sums(blocks, good, said)
    sides = [(float(b.words), b.linked, float(_KINDS[b.kind]), float(g)) for b, g in zip(blocks, good, strict=True)]
    boxes: dict[Box, list[float]] = {}
    seen = Counter(b.folded for b in blocks if b.folded)
    title = page.title_at
    pictures = [i for i, b in enumerate(blocks) if b.figure is not None]
    rows = []
    before, headed, next_picture = 0.0, -_FAR, 0
    for i, block in enumerate(blocks):
        while next_picture < len(pictures) and pictures[next_picture] <= i:
            next_picture += 1
        if block.box not in boxes:
            boxes[block.box] = _box(block.box, page)
        if block.figure is not None:
            continue
        around = block.box.parent or block.box
        rows.append(
            [
                *_own(block, float(seen[block.folded]), float(good[i])),
                *_witness(block, page, i - title),
                *(i / len(blocks), before / page.good, i - page.first, page.last - i),
                *(float(i - around.first), float(around.first + around.blocks - i)),
                *boxes[block.box],
                *_make(block, page),
                *_beside(blocks, sides, i),
                min(i - headed, _FAR),
                i - pictures[next_picture - 1] if next_picture else _FAR,
                pictures[next_picture] - i if next_picture < len(pictures) else _FAR,
                *(float(page.good), float(page.best.goods), float(len(blocks))),
                *(page.best.good / page.good, page.top.good / page.good, page.body_share),
                *(float(said.is_news), float(said.published is not None)),
            ]
        )
        before += block.words if good[i] else 0
        if block.kind[0] == "h" or (block.words < 12 and signs.HEADING.match(block.text)):
            headed = float(i)
    return rows


def _sums(blocks: Sequence[Block], good: list[bool], said: Metadata) -> _Page:
    tops: dict[Box, int] = {}
    makes: dict[object, list[float]] = {}
    classes: dict[object, list[float]] = {}
    whole = 1
    for i, (block, is_prose) in enumerate(zip(blocks, good, strict=True)):
        words, linked = block.words, block.words * block.linked
        prose = min(words, 200) if is_prose else 0
        whole += prose
        for box in block.box.path():
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
    prose_at = [i for i, g in enumerate(good) if g] or [0]
    best = _best(blocks, whole)
    top = max(tops, key=lambda box: tops[box])
    body = text.fold(said.body or "")
    title = text.fold(said.title)
    in_best = [i for i in prose_at if best in set(blocks[i].box.path())] or prose_at
    titles = [i for i, b in enumerate(blocks) if b.box.tag == "h1" or (title and b.folded == title)]
    title_at = min(titles, key=lambda i: abs(in_best[0] - i), default=in_best[0])
    return _Page(
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


def _best(blocks: Sequence[Block], whole: int) -> Box:
    """The innermost box that holds more than half of the page's prose."""
    boxes = {box for block in blocks for box in block.box.path() if box.good > whole * 0.5}
    return max(boxes, key=lambda box: box.depth, default=next(reversed(list(blocks[0].box.path()))))


def _own(block: Block, repeated: float, good: float) -> tuple[float, ...]:
    said, length = block.text, len(block.text)
    short = block.words < 15
    return (
        float(block.words),
        block.linked,
        float(bool(_END.search(said))),
        float(_KINDS[block.kind]),
        float(_TAGS.get(block.box.tag, 8)),
        (said.count(",") + said.count("،") + said.count("、")) / block.words,
        sum(map(said[:200].count, "0123456789")) / min(length, 200),
        sum(map(str.isupper, said[:200])) / min(length, 200),
        block.bold,
        block.slanted,
        block.framed,
        float(bool(short and signs.NOISE.match(said))),
        length / block.words,
        repeated,
        good,
        float(bool(_LABEL.match(said))),
        float(bool(_TRAILS.search(said[-40:]))),
    )


def _witness(block: Block, page: _Page, since_title: int) -> tuple[float, ...]:
    """What JSON-LD, description and headline have to do with it."""
    folded = block.folded
    in_body = -1.0 if len(page.body) < 200 else float(folded in page.body) if len(folded) > 8 else 0.5
    described = 0.0
    if len(folded) > 20 and page.description:
        described = 2.0 if folded == page.description else float(folded[:50] == page.description[:50])
    words = set(folded.split()) if block.words < 40 else set()
    shared = len(words & page.title_words) / max(len(words), len(page.title_words), 1)
    return in_body, described, shared, max(-_FAR, min(since_title, 3 * _FAR)), float(block.box.tag == "h1")


def _box(box: Box, page: _Page) -> list[float]:
    """What all paragraphs of a box share: its place in the page, what is around it."""
    path = list(box.path())
    found = [float(box.depth)]
    for way in (page.best_path, page.top_path, page.title_path):
        under = next((n for n, b in enumerate(path) if b in way), 0)
        found += [float(under), float(way.get(path[under], 0))]
    for n in range(len(LEVELS)):
        around = path[min(n, len(path) - 1)]
        found += [around.good / page.good, around.linked / max(around.words, 1), around.blocks, around.goods]
    half = page.good * 0.5
    marked = dict.fromkeys(signs.MARKS, _FAR)
    tagged = [_FAR] * (len(TAGGED) - 1)
    for n, around in enumerate(path):
        for mark in around.marks:
            if n < marked[mark] and (around.good < half or mark in ("body", "lead", "title")):
                marked[mark] = float(n)
        place = _TAGGED.get(around.tag)
        if place is not None and tagged[place] > n:
            tagged[place] = float(n)
    return [*found, *marked.values(), *tagged, float(box.hidden)]


def _make(block: Block, page: _Page) -> tuple[float, ...]:
    good, count, linked, words = page.makes[make(block)]
    class_good, class_count, *_ = page.classes[block.box.tag, block.box.name]
    return good / page.good, count, linked / max(words, 1), class_good / page.good, class_count


def _beside(blocks: Sequence[Block], sides: list[tuple[float, float, float, float]], i: int) -> list[float]:
    found: list[float] = []
    for step in SIDES:
        at = i + step
        if 0 <= at < len(blocks):
            found += sides[at]
            found.append(float(blocks[at].box.parent is blocks[i].box.parent))
        else:
            found += (-1.0, -1.0, -1.0, -1.0, -1.0)
    return found
