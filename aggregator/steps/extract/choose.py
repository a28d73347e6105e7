"""Which paragraphs of a page are its article: what each looks like, then what its neighbours were taken for."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from aggregator.steps.extract import features, table, trees
from aggregator.steps.extract.blocks import Block
from aggregator.steps.extract.metadata import Metadata

_SIDES = (-3, -2, -1, 1, 2, 3)
_FAR = 60.0
_LIKELY = 0.5
_FEW_WORDS = 25
CONTEXT = (
    "first", *(f"first{side:+}" for side in _SIDES), "first_around", "first_make", "first_class", "mass_before",
    "mass_after", "after_on", "before_off", "since_on", "till_on", "first_mean", "ons", "first_before5", "first_after5",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Chooser:
    """The trees of both looks."""

    first: tuple[trees.Tree, ...]
    second: tuple[trees.Tree, ...]

    @classmethod
    def of(cls, first: Sequence[trees.Said], second: Sequence[trees.Said]) -> "Chooser":
        return cls(
            first=trees.compiled(first, features.NAMES), second=trees.compiled(second, (*features.NAMES, *CONTEXT))
        )


LEARNED = Chooser.of(table.FIRST, table.SECOND)


def chances(blocks: Sequence[Block], said: Metadata, chooser: Chooser = LEARNED) -> list[float]:
    """How likely each paragraph is text; the blocks are those of paragraphs and figures."""
    texts = [b for b in blocks if b.figure is None]
    rows = features.measure(blocks, said)
    first = [trees.chance(chooser.first, row) for row in rows]
    around = context(texts, first)
    return [trees.chance(chooser.second, [*row, *more]) for row, more in zip(rows, around, strict=True)]


def chosen(blocks: Sequence[Block], chances: Sequence[float]) -> list[int]:
    """Where the text stands: what is likely; on a page where hardly anything is, the prose that is likeliest."""
    likely = dict(zip((i for i, b in enumerate(blocks) if b.figure is None), chances, strict=True))
    found = [i for i, chance in likely.items() if chance > _LIKELY]
    if sum(blocks[i].words for i in found) >= _FEW_WORDS:
        return found
    prose = {i: chance for i, chance in likely.items() if features.is_good(blocks[i])}
    limit = min(max(prose.values(), default=_LIKELY) / 2, _LIKELY)
    return sorted({*found, *(i for i, chance in prose.items() if chance > limit)})


def context(texts: Sequence[Block], first: Sequence[float]) -> list[list[float]]:
    """For each paragraph the figures of CONTEXT, out of what all were taken for at first."""
    count = len(texts)
    words = [float(b.words) for b in texts]
    mass = [p * w for p, w in zip(first, words, strict=True)]
    sums = [0.0, *accumulate(mass)]
    chances = [0.0, *accumulate(first)]
    whole = sums[-1] + 1
    on = [k for k, p in enumerate(first) if p > 0.5] or [0]
    groups = [
        _shares(keys, mass, words)
        for keys in (
            [id(b.box.parent) for b in texts],
            [features.make(b) for b in texts],
            [(b.box.tag, b.box.name) for b in texts],
        )
    ]
    following = _following(first)
    since = _FAR
    rows = []
    for k in range(count):
        rows.append(
            [
                first[k],
                *(first[k + side] if 0 <= k + side < count else -1.0 for side in _SIDES),
                *(shares[k] for shares in groups),
                sums[k] / whole,
                (whole - 1 - sums[k + 1]) / whole,
                float(k - on[0]),
                float(on[-1] - k),
                since,
                following[k],
                chances[-1] / count,
                float(len(on)),
                (chances[k] - chances[max(0, k - 5)]) / 5,
                (chances[min(count, k + 6)] - chances[k + 1]) / 5,
            ]
        )
        since = 1.0 if first[k] > 0.5 else min(since + 1, _FAR)
    return rows


def _shares(keys: Sequence[object], mass: Sequence[float], words: Sequence[float]) -> list[float]:
    """The share of text in the words of all others of the same key; -1 where there are none."""
    masses: dict[object, float] = defaultdict(float)
    counts: dict[object, float] = defaultdict(float)
    for key, m, w in zip(keys, mass, words, strict=True):
        masses[key] += m
        counts[key] += w
    return [
        (masses[key] - m) / (counts[key] - w) if counts[key] > w else -1.0
        for key, m, w in zip(keys, mass, words, strict=True)
    ]


def _following(first: Sequence[float]) -> list[float]:
    """How far the next one is that was taken for text."""
    found = []
    till = _FAR
    for p in reversed(first):
        found.append(till)
        till = 1.0 if p > 0.5 else min(till + 1, _FAR)
    return found[::-1]
