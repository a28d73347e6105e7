"""Which paragraphs of a page are its article: what trees learned, and the rules that hold wherever they are met."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice

from aggregator.steps.extract import features, signs, table, together, trees
from aggregator.steps.extract.blocks import Block, Box
from aggregator.steps.extract.metadata import Metadata
from aggregator.steps.extract.sums import is_good

LIKELY = 0.5
_FEW_WORDS = 25
_TEASER_WORDS = 40
_LETTER_WORDS = 60  # of a box that asks for an address; an article may be a newsletter's own
_LINKED = 0.3
_HEADED_BY_LINK = 0.9
_AROUND = frozenset({"aside", "footer", "form", "header", "nav"})
_WHOLE = frozenset({"html", "body", "main", "article"})
_LEVELS = 4  # boxes in which an element around articles is looked for: all of a page may stand in a form, or a header

LEARNED = trees.Forest(table.first, table.rest)


@dataclass(frozen=True, slots=True)
class Choice:
    """Where the text stands, why what seemed to be text is none, and why what did not is."""

    kept: list[int]
    out: dict[int, str] = field(default_factory=dict)
    by: dict[int, str] = field(default_factory=dict)

    def without(self, out: dict[int, str]) -> "Choice":
        return Choice([i for i in self.kept if i not in out], self.out | out, self.by)


def chances(blocks: Sequence[Block], said: Metadata, learned: trees.Forest = LEARNED) -> list[float]:
    """How likely each block is text; 0 for the markers of figures."""
    rows = iter(features.measure(blocks, said))
    return [trees.chance(learned, next(rows)) if b.figure is None else 0.0 for b in blocks]


def chosen(blocks: Sequence[Block], chances: Sequence[float], title: str, url: str) -> Choice:
    """What is likely; on a page where hardly anything is, the prose that is likeliest."""
    found = [i for i, chance in enumerate(chances) if chance > LIKELY]
    if sum(blocks[i].words for i in found) < _FEW_WORDS:
        prose = {i: chance for i, chance in enumerate(chances) if is_good(blocks[i])}
        limit = min(max(prose.values(), default=LIKELY) / 2, LIKELY)
        found = sorted({*found, *(i for i, chance in prose.items() if chance > limit)})
    by = together.tables(blocks, chances)
    by |= together.headings(blocks, chances, {*found, *by})
    by = {i: reason for i, reason in by.items() if chances[i] <= LIKELY}
    choice = _without_noise(blocks, sorted({*found, *by}), by)
    choice = choice.without(together.repeated(blocks, choice.kept) | together.teasers(blocks, choice.kept, url))
    choice = choice.without(_ahead(blocks, choice.kept, title))
    others = _other_articles(blocks, choice.kept, title)
    alien = [i for i in choice.kept if not others.isdisjoint(blocks[i].box.path())]
    own = choice.without(dict.fromkeys(alien, "another article, beside this one"))
    # Else it is a page of nothing but teasers.
    return own if sum(blocks[i].words for i in own.kept) >= _FEW_WORDS else choice


def of_body(blocks: Sequence[Block], prune: bool) -> Choice:
    """All of a body that a person's rule found; pruned, without lists of links and what is never text."""
    found = [i for i, b in enumerate(blocks) if b.figure is None]
    if not prune:
        return Choice(found)
    links = [i for i in found if blocks[i].kind == "li" and blocks[i].linked > _HEADED_BY_LINK]
    return _without_noise(blocks, found).without(dict.fromkeys(links, "a list of links"))


def _without_noise(blocks: Sequence[Block], found: Sequence[int], by: dict[int, str] | None = None) -> Choice:
    noise = {i: reason for i in found if (reason := _noise(blocks[i]))}
    return Choice([i for i in found if i not in noise], noise, by or {})


def _noise(block: Block) -> str | None:
    """Why a paragraph is no text wherever it is met: None where it may be."""
    if signs.NOISE.match(block.text):
        return "a line that stands around articles"
    if block.box.hidden and not is_good(block):
        return "hidden, or for screen readers only"
    if any(box.tag == "form" and not box.goods for box in block.box.path()):
        return "in a form"
    near = list(islice(block.box.path(), _LEVELS))
    around = next((box.tag for box in near if box.tag in _AROUND), None)
    if around:
        return f"in a {around} of the page"
    if any(box.words < _LETTER_WORDS and box.tag not in _WHOLE and "newsletter" in box.name.lower() for box in near):
        return "in a box that offers a newsletter"
    if block.box.words < _FEW_WORDS and not block.kind.startswith("h") and signs.SHARE.search(block.box.name):
        return "buttons to share the article"
    if any(signs.is_caption(box.name) for box in near[:2]):
        return "a caption without its picture"
    if block.words < _FEW_WORDS and signs.DURATION.search(block.text) and any(signs.VIDEO.search(b.name) for b in near):
        return "the title of a video"
    is_teaser = block.words < _TEASER_WORDS and block.linked > _LINKED and signs.TEASER.match(block.text)
    return "a link to another article, with the words that lead to it" if is_teaser else None


def _ahead(blocks: Sequence[Block], found: Sequence[int], title: str) -> dict[int, str]:
    """What stands before a headline that most of the prose follows: a banner that asks for consent, as a rule."""
    head = next((i for i, b in enumerate(blocks) if title and b.box.tag == "h1" and b.folded == title), 0)
    ahead = [i for i in found if i < head]
    before, behind = (sum(blocks[i].words for i in some if is_good(blocks[i])) for some in (ahead, found[len(ahead) :]))
    return dict.fromkeys(ahead, "before the headline") if behind > max(before, _FEW_WORDS) else {}


def _other_articles(blocks: Sequence[Block], found: Sequence[int], title: str) -> set[Box]:
    """The article elements behind the first text that have a headline of their own, and neither it nor the title; all
    that stand beside the one that holds title and text."""
    if not found:
        return set()
    own = set(blocks[found[0]].box.path())
    own |= {box for b in blocks if title and b.folded == title for box in b.box.path()}
    heads = [b for b in blocks[found[0] :] if b.box.tag == "h1" or (b.kind == "h2" and b.linked > _HEADED_BY_LINK)]
    others = {box for b in heads if (box := _article(b)) is not None and box not in own}
    titled = next((_article(b) for b in blocks if title and b.folded == title), None)
    if titled is not None and titled.good >= _FEW_WORDS:
        around = set(titled.path())
        beside = (_article(blocks[i]) for i in found if titled not in blocks[i].box.path())
        others |= {box for box in beside if box is not None and box not in around}
    return others


def _article(block: Block) -> Box | None:
    return next((box for box in block.box.path() if box.tag == "article"), None)
