"""Rows of figures from the pages' scores, and whether a difference between two engines is more than chance."""

import random
from collections.abc import Callable, Sequence
from statistics import mean

from benchmarks.extraction.measures import Score

DRAWS = 1000


def f1(scores: Sequence[Score]) -> float | None:
    """The harmonic mean of mean precision and mean recall, as the Zyte benchmark has it."""
    precisions = [s.precision for s in scores if s.precision is not None]
    recalls = [s.recall for s in scores if s.recall is not None]
    return _harmonic(mean(precisions), mean(recalls)) if precisions else None


def accuracy(scores: Sequence[Score]) -> float | None:
    return _share([s.exact for s in scores])


def snippets(scores: Sequence[Score]) -> float | None:
    return _found([s.snippets for s in scores])


def _found(said: Sequence[tuple[int, int, int] | None]) -> float | None:
    counts = [s for s in said if s is not None]
    right, wrong, missed = (sum(c[n] for c in counts) for n in range(3))
    return 2 * right / (2 * right + wrong + missed) if right else None


def caption_figures(scores: Sequence[Score]) -> list[float | None]:
    """F1, precision, twice, in the text, pages perfect."""
    counts = [s.captions for s in scores if s.captions]
    judged = [c for c in counts if c.judged]
    if not judged or not any(c.given for c in counts):
        return [None] * 5
    precision = sum(c.right for c in judged) / max(sum(c.given for c in judged), 1)
    recall = sum(c.right for c in counts) / max(sum(c.truth for c in counts), 1)
    return [
        _harmonic(precision, recall),
        precision,
        sum(c.twice for c in counts) / max(sum(c.given for c in counts), 1),
        sum(c.in_text for c in counts) / max(sum(c.truth for c in counts), 1),
        _share([c.right == c.given == c.truth for c in judged]),
    ]


COLUMNS: dict[str, Callable[[Sequence[Score]], float | None]] = {
    "F1": f1,
    "exact": accuracy,
    "snippets": snippets,
    "+ summary": lambda scores: _found([s.snippets_led for s in scores]),
    "caption F1": lambda scores: caption_figures(scores)[0],
    "cap. prec.": lambda scores: caption_figures(scores)[1],
    "twice": lambda scores: caption_figures(scores)[2],
    "in text": lambda scores: caption_figures(scores)[3],
    "perfect": lambda scores: caption_figures(scores)[4],
    "title": lambda scores: _share([s.title[0] for s in scores if s.title]),
    "near": lambda scores: _share([s.title[1] for s in scores if s.title]),
    "date": lambda scores: _share([s.date for s in scores]),
    "authors": lambda scores: _mean([s.authors for s in scores]),
}


def row(scores: Sequence[Score]) -> str:
    figures = (column(scores) for column in COLUMNS.values())
    return "".join("          -" if f is None else f"{f:11.3f}" for f in figures)


def header() -> str:
    return "".join(f"{name:>11}" for name in COLUMNS)


def difference(
    ours: Sequence[Score], theirs: Sequence[Score], figure: Callable[[Sequence[Score]], float | None]
) -> tuple[float, float, float] | None:
    """Ours less theirs, with the 95 % range of a paired bootstrap over the pages."""
    chance = random.Random(1)
    whole = figure(ours), figure(theirs)
    if whole[0] is None or whole[1] is None:
        return None
    found = []
    for _ in range(DRAWS):
        drawn = chance.choices(range(len(ours)), k=len(ours))
        a, b = figure([ours[i] for i in drawn]), figure([theirs[i] for i in drawn])
        if a is not None and b is not None:
            found.append(a - b)
    found.sort()
    return whole[0] - whole[1], found[int(0.025 * len(found))], found[int(0.975 * len(found))]


def worst(scores: Sequence[Score], count: int) -> list[Score]:
    """The pages whose text is furthest from the truth."""
    return sorted((s for s in scores if s.precision is not None), key=lambda s: s.f1)[:count]


def _harmonic(a: float, b: float) -> float:
    return 2 * a * b / (a + b) if a + b else 0.0


def _share(said: Sequence[bool | None]) -> float | None:
    return _mean([float(s) for s in said if s is not None])


def _mean(said: Sequence[float | None]) -> float | None:
    known = [s for s in said if s is not None]
    return mean(known) if known else None
