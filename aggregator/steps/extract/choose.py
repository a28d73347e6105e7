"""Which paragraphs of a page are its article: what trees learned, and the rules that hold wherever they are met."""

from collections.abc import Sequence
from itertools import islice

from aggregator.steps.extract import features, signs, table, trees
from aggregator.steps.extract.blocks import Block, Box
from aggregator.steps.extract.metadata import Metadata

LIKELY = 0.5
_FEW_WORDS = 25
_TEASER_WORDS = 40
_LINKED = 0.3
_HEADED_BY_LINK = 0.9
_AROUND = frozenset({"aside", "footer", "form", "header", "nav"})
_LEVELS = 4  # boxes in which an element around articles is looked for: all of a page may stand in a form, or a header

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
    found = [i for i in found if not _is_noise(blocks[i])]
    others = _other_articles(blocks, found, title)
    own = [i for i in found if others.isdisjoint(blocks[i].box.path())]
    return own if sum(blocks[i].words for i in own) >= _FEW_WORDS else found  # else a page of nothing but teasers


def of_body(blocks: Sequence[Block], prune: bool) -> list[int]:
    """All of a body that a person's rule found; pruned, without lists of links and what is never text."""
    found = [i for i, b in enumerate(blocks) if b.figure is None]
    if not prune:
        return found
    return [
        i
        for i in found
        if not _is_noise(blocks[i]) and not (blocks[i].kind == "li" and blocks[i].linked > _HEADED_BY_LINK)
    ]


def _is_noise(block: Block) -> bool:
    """True for what is said around articles or to screen readers, for captions without a picture, for the labels of a
    form, and for links to others with the words that lead to them."""
    if signs.NOISE.match(block.text) or (block.box.hidden and not features.is_good(block)):
        return True
    if any(box.tag == "form" and not box.goods for box in block.box.path()):
        return True
    near = list(islice(block.box.path(), _LEVELS))
    if any(box.tag in _AROUND for box in near) or any(signs.CAPTION.search(box.name) for box in near[:2]):
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
