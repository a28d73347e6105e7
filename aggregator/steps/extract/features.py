"""What is measured of each paragraph of a page, for the trees that choose."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from math import inf

from aggregator.steps.extract import signs, sums
from aggregator.steps.extract.blocks import Block, Box
from aggregator.steps.extract.metadata import Metadata

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
_PLACE_OF = {mark: n for n, mark in enumerate(signs.MARKS)}
_WIDE = ("body", "lead", "title")  # what may be said of a box that holds most of a page's prose


@dataclass(slots=True)
class _Placed:
    """At which depths around a box the way to the best paragraphs was left (and how far from them), and where each mark
    and tag was met last. Shared with the box around, where it is the same there."""

    ways: list[tuple[int, int]]
    marked: list[float]


_OUTSIDE = _Placed([(0, 0)] * 3, [-inf] * (len(MARKED) + len(TAGGED) - 1))


def measure(blocks: Sequence[Block], said: Metadata) -> list[list[float]]:
    """For each paragraph the figures of NAMES; the markers of figures have none."""
    if not blocks:
        return []
    good = [sums.is_good(b) for b in blocks]
    page = sums.sums(blocks, good, said)
    sides = [(float(b.words), b.linked, float(_KINDS[b.kind]), float(g)) for b, g in zip(blocks, good, strict=True)]
    boxes: dict[Box, list[float]] = {}
    places: dict[Box, _Placed] = {}
    seen = Counter(b.folded for b in blocks if b.folded)
    title = page.title_at
    pictures = [i for i, b in enumerate(blocks) if b.figure is not None]
    rows = []
    before, headed, next_picture = 0.0, -_FAR, 0
    for i, block in enumerate(blocks):
        while next_picture < len(pictures) and pictures[next_picture] <= i:
            next_picture += 1
        if block.box not in boxes:
            boxes[block.box] = _box(block.box, page, places)
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


def _own(block: Block, repeated: float, good: float) -> tuple[float, ...]:
    said, length = block.text, len(block.text)
    short = block.words < 15
    return (
        float(block.words),
        block.linked,
        float(bool(sums.END.search(said))),
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


def _witness(block: Block, page: sums.Page, since_title: int) -> tuple[float, ...]:
    """What JSON-LD, description and headline have to do with it."""
    folded = block.folded
    in_body = -1.0 if len(page.body) < 200 else float(folded in page.body) if len(folded) > 8 else 0.5
    described = 0.0
    if len(folded) > 20 and page.description:
        described = 2.0 if folded == page.description else float(folded[:50] == page.description[:50])
    words = set(folded.split()) if block.words < 40 else set()
    shared = len(words & page.title_words) / max(len(words), len(page.title_words), 1)
    return in_body, described, shared, max(-_FAR, min(since_title, 3 * _FAR)), float(block.box.tag == "h1")


def _box(box: Box, page: sums.Page, places: dict[Box, _Placed]) -> list[float]:
    """What all paragraphs of a box share: its place in the page, what is around it."""
    placed, depth = _placed(box, page, places), box.depth
    found = [float(depth)]
    for met, above in placed.ways:
        found += [float(depth - met), float(above)]
    around = box
    for _ in LEVELS:
        found += [around.good / page.good, around.linked / max(around.words, 1), around.blocks, around.goods]
        around = around.parent or around
    found += [float(depth - met) if depth - met < _FAR else _FAR for met in placed.marked]
    found.append(float(box.hidden))
    return found


def _placed(box: Box, page: sums.Page, places: dict[Box, _Placed]) -> _Placed:
    new = list(takewhile(lambda each: each not in places, box.path()))
    for each in reversed(new):
        placed = places[each.parent] if each.parent else _OUTSIDE
        met = [_PLACE_OF[mark] for mark in each.marks if 2 * each.good < page.good or mark in _WIDE]
        if each.tag in _TAGGED:
            met.append(len(MARKED) + _TAGGED[each.tag])
        if met:
            marked = [*placed.marked]
            for n in met:
                marked[n] = each.depth
            placed = _Placed(placed.ways, marked)
        ways = (page.best_path, page.top_path, page.title_path)
        if any(each in way for way in ways):
            placed = _Placed(
                [(each.depth, way[each]) if each in way else far for way, far in zip(ways, placed.ways, strict=True)],
                placed.marked,
            )
        places[each] = placed
    return places[box]


def _make(block: Block, page: sums.Page) -> tuple[float, ...]:
    good, count, linked, words = page.makes[sums.make(block)]
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
