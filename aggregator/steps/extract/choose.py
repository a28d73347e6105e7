"""Which paragraphs of a page are its article: what trees learned, and the rules that hold wherever they are met."""

from collections.abc import Sequence

from aggregator.steps.extract import features, signs, table, trees
from aggregator.steps.extract.blocks import Block, Box
from aggregator.steps.extract.metadata import Metadata

LIKELY = 0.5
_FEW_WORDS = 25
_TEASER_WORDS = 40
_LINKED = 0.3
_HEADED_BY_LINK = 0.9

LEARNED = trees.compiled(table.TREES, features.NAMES)


def chances(blocks: Sequence[Block], said: Metadata, learned: trees.Forest = LEARNED) -> list[float]:
    """How likely each block is text; 0 for the markers of figures."""
    rows = iter(features.measure(blocks, said))
    return [trees.chance(learned, next(rows)) if b.figure is None else 0.0 for b in blocks]


def chosen(blocks: Sequence[Block], chances: Sequence[float], title: str) -> list[int]:
    """Where the text stands: what is likely; on a page where hardly anything is, the prose that is likeliest."""
    found = [i for i, chance in enumerate(chances) if chance > LIKELY]
    if sum(blocks[i].words for i in found) < _FEW_WORDS:
        prose = {i: chance for i, chance in enumerate(chances) if features.is_good(blocks[i])}
        limit = min(max(prose.values(), default=LIKELY) / 2, LIKELY)
        found = sorted({*found, *(i for i, chance in prose.items() if chance > limit)})
    others = _other_articles(blocks, found, title)
    return [i for i in found if not _is_noise(blocks[i]) and others.isdisjoint(blocks[i].box.path())]


def _is_noise(block: Block) -> bool:
    """True for what is said around articles, for the labels of a form, and for links to others with the words that lead
    to them."""
    if signs.NOISE.match(block.text) or any(box.tag == "form" and not box.goods for box in block.box.path()):
        return True
    return block.words < _TEASER_WORDS and block.linked > _LINKED and bool(signs.TEASER.match(block.text))


def _other_articles(blocks: Sequence[Block], found: Sequence[int], title: str) -> set[Box]:
    """The article elements behind the first text that have a headline of their own, and neither it nor the title."""
    if not found:
        return set()
    own = set(blocks[found[0]].box.path())
    own |= {box for b in blocks if title and b.folded == title for box in b.box.path()}
    heads = [b for b in blocks[found[0] :] if b.box.tag == "h1" or (b.kind == "h2" and b.linked > _HEADED_BY_LINK)]
    around = (next((box for box in b.box.path() if box.tag == "article"), None) for b in heads)
    return {box for box in around if box is not None and box not in own}
