"""What is decided for several paragraphs together, where the trees, which ask each alone, are often wrong
(docs/decisions/0027-paragraphs-together.md)."""

import re
from collections.abc import Collection, Sequence
from html import unescape
from itertools import islice

from aggregator.steps import urls
from aggregator.steps.extract.blocks import Block, Box
from aggregator.steps.extract.sums import is_good

MIN_CELLS = 6
TABLE = 1 / 3  # a cell has a word or two; a table of the page's frame has a mean below a fifth
HEADING = 0.15
_LINKED = 0.5
_QUOTED_WORDS = 6
_COPY_WORDS = 100
_PROSE_WORDS = 10
MIN_COPIED = 3  # paragraphs that stand whole in another
MAX_REPEATED = 50
MIN_CARDS = 3
_CARD_LEVELS = 4  # boxes around a heading of which one may be its card
_HEADED_BY_LINK = 0.9
_WORD = re.compile(r"\w+")
_LINK = re.compile(r'<a href="([^"]+)"')


def tables(blocks: Sequence[Block], chances: Sequence[float]) -> dict[int, str]:
    """The cells of data tables that are likely as a whole. One that holds prose is there for the page's layout."""
    cells: dict[Box, list[int]] = {}
    for i, block in enumerate(blocks):
        if block.figure is None and (table := _table(block)) is not None:
            cells.setdefault(table, []).append(i)
    found: dict[int, str] = {}
    for table, inside in cells.items():
        is_data = len(inside) >= MIN_CELLS and 4 * table.goods < len(inside)
        if is_data and sum(chances[i] for i in inside) > TABLE * len(inside):
            found |= dict.fromkeys(inside, "in a table that is likely as a whole")
    return found


def headings(blocks: Sequence[Block], chances: Sequence[float], kept: Collection[int]) -> dict[int, str]:
    """Headings with text before them and prose behind them, where they are not hopeless."""
    texts = [i for i, block in enumerate(blocks) if block.figure is None]
    return {
        i: "a heading between paragraphs of the text"
        for before, i, behind in zip(texts, texts[1:], texts[2:], strict=False)
        if blocks[i].kind[0] == "h" and chances[i] > HEADING and blocks[i].linked < _LINKED
        if before in kept and behind in kept and is_good(blocks[behind])
    }


def repeated(blocks: Sequence[Block], kept: Sequence[int]) -> dict[int, str]:
    """Quotations that repeat, set large, what a longer paragraph of the text says; copies of the whole text in one."""
    quotes = [i for i in kept if blocks[i].kind == "blockquote" and blocks[i].words >= _QUOTED_WORDS][:MAX_REPEATED]
    copies = [i for i in kept if blocks[i].words >= _COPY_WORDS and not blocks[i].is_cut][:MAX_REPEATED]
    if not quotes and not copies:
        return {}
    said = {i: " ".join(_WORD.findall(blocks[i].folded)) for i in kept}
    found = {
        i: "a line of the text, quoted beside it"
        for i in quotes
        if any(said[i] in said[k] and len(said[i]) < len(said[k]) for k in kept)
    }
    prose = [k for k in kept if blocks[k].words >= _PROSE_WORDS and k not in found]
    for i in copies:
        if sum(said[k] in said[i] and len(said[k]) < len(said[i]) for k in prose) >= MIN_COPIED:
            found[i] = "other paragraphs say all of it"
    return found


def teasers(blocks: Sequence[Block], kept: Sequence[int], url: str) -> dict[int, str]:
    """What stands in boxes of one make, side by side, that are each headed by a link to another page of the site, where
    most of the text stands elsewhere."""
    rows: dict[tuple[Box, str, str], set[Box]] = {}
    for block in blocks:
        if block.kind[0] == "h" and block.linked > _HEADED_BY_LINK and _leads_on(block, url):
            for box in islice(block.box.path(), _CARD_LEVELS):
                if box.parent is not None and box.tag[0] != "h" and box.tag != "p":
                    rows.setdefault((box.parent, box.tag, box.name), set()).add(box)
    row_of = {card: row for row, cards in rows.items() if len(cards) >= MIN_CARDS for card in cards}
    inside: dict[tuple[Box, str, str], list[int]] = {}
    for i in kept if row_of else ():
        for row in {row_of[box] for box in blocks[i].box.path() if box in row_of}:
            inside.setdefault(row, []).append(i)
    words = sum(blocks[i].words for i in kept)
    few = (those for those in inside.values() if 2 * sum(blocks[i].words for i in those) < words)
    return {i: "in a row of links to other articles" for those in few for i in those}


def _leads_on(heading: Block, url: str) -> bool:
    """True for a link to another page of the same host."""
    link = _LINK.search(heading.html)
    there = (urls.absolute(url, unescape(link[1])) if link else None) or url
    return urls.host(there) == urls.host(url) and there.partition("#")[0] != url.partition("#")[0]


def _table(block: Block) -> Box | None:
    return next((box for box in block.box.path() if box.tag == "table"), None)
