"""A second opinion where the trees doubt: the container that readability-lxml scores highest."""

import logging
from collections.abc import Sequence

from lxml import etree, html
from readability import Document
from readability.readability import Unparseable

from aggregator.steps import html as markup
from aggregator.steps import text
from aggregator.steps.extract.blocks import Block

DOUBT = 0.5
"""From here on readability-lxml is asked, on one page of twenty: it costs more than all the rest."""

FULLER = 2
"""Its choice holds so many times the words of the trees' before it is taken: theirs is the better one otherwise."""

MAX_BLOCKS = 1500
"""A longer page is not worth seconds."""

_FEW_WORDS = 25  # of what the trees found by chance

_LONG = 60  # characters; a shorter text may stand anywhere in another

logging.getLogger("readability.readability").setLevel(logging.CRITICAL)


def doubt(blocks: Sequence[Block], chances: Sequence[float]) -> float:
    """Words that may be wrongly in or out, for each word of the text; none on a page too long to ask for."""
    if len(blocks) > MAX_BLOCKS:
        return 0.0
    unsure = sum(b.words * min(c, 1 - c) for b, c in zip(blocks, chances, strict=True))
    return unsure / max(_words(blocks, chances), 1)


def fuller(blocks: Sequence[Block], chances: Sequence[float], root: html.HtmlElement) -> Sequence[float]:
    """The chances, or readability's choice in their place where that is much fuller. `root` is of no use afterwards."""
    try:
        paragraphs = [text.fold(p) for p in markup.plain(Document(root).summary(html_partial=True)).split("\n\n")]
    except (Unparseable, etree.LxmlError, ValueError):
        return chances
    whole, known = "\n".join(paragraphs), set(paragraphs)
    votes = [float(_stands(b, whole, known)) for b in blocks]
    words = _words(blocks, chances)
    agreed = _words(blocks, [min(vote, chance) for vote, chance in zip(votes, chances, strict=True)])
    # A container that misses what the trees found is another part of the page: its related articles, or its foot.
    is_other = words >= _FEW_WORDS and 2 * agreed < words
    return votes if _words(blocks, votes) > FULLER * words and not is_other else chances


def _stands(block: Block, whole: str, known: set[str]) -> bool:
    if block.figure is not None:
        return False
    folded = text.fold(block.text)
    return folded in known or (len(folded) > _LONG and folded in whole)


def _words(blocks: Sequence[Block], chances: Sequence[float]) -> int:
    return sum(b.words for b, c in zip(blocks, chances, strict=True) if c > 0.5)
