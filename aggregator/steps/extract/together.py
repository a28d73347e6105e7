"""What is decided for several paragraphs together, where the trees, which ask each alone, are often wrong."""

import re
from collections.abc import Collection, Sequence

from aggregator.steps.extract.blocks import Block, Box
from aggregator.steps.extract.features import is_good

MIN_CELLS = 6
TABLE = 1 / 3  # a cell has a word or two; a table of the page's frame has a mean below a fifth
HEADING = 0.15
_LINKED = 0.5
_QUOTED_WORDS = 6
MAX_QUOTES = 50
_WORD = re.compile(r"\w+")


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


def quoted(blocks: Sequence[Block], kept: Sequence[int]) -> dict[int, str]:
    """Quotations that repeat, set large, what a longer paragraph of the text says."""
    quotes = [i for i in kept if blocks[i].kind == "blockquote" and blocks[i].words >= _QUOTED_WORDS][:MAX_QUOTES]
    if not quotes:
        return {}
    said = {i: " ".join(_WORD.findall(blocks[i].folded)) for i in kept}
    return {
        i: "a line of the text, quoted beside it"
        for i in quotes
        if any(said[i] in said[k] and len(said[i]) < len(said[k]) for k in kept)
    }


def _table(block: Block) -> Box | None:
    return next((box for box in block.box.path() if box.tag == "table"), None)
