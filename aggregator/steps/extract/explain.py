"""Why each paragraph of a page is text or is none."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from aggregator.steps.extract.assemble import Assembled
from aggregator.steps.extract.blocks import Block
from aggregator.steps.extract.choose import LIKELY, Choice

MAX_START = 100  # characters of a paragraph's text


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A paragraph by the start of its text; `chance` is None where no tree was asked."""

    text: str
    kept: bool
    chance: float | None
    reason: str


def explain(
    blocks: Sequence[Block],
    chances: Sequence[float],
    choice: Choice,
    found: Assembled,
    stripped: Iterable[tuple[str, str]],
    by: str,
    is_ruled: bool,
) -> tuple[Judged, ...]:
    """All paragraphs in their order, after those that a rule took out unread; `by` is who chose; where a
    rule did (`is_ruled`), chances counted for nothing."""
    gone = [Judged(text=_start(text), kept=False, chance=None, reason=rule) for text, rule in stripped]
    kept, out = set(found.kept), choice.out | found.out
    for i, block in enumerate(blocks):
        if block.figure is not None:
            continue
        if i in kept:
            likely = by if is_ruled or chances[i] > LIKELY else f"{by}: the likeliest where hardly anything is likely"
            reason = choice.by.get(i, likely)
        else:
            reason = out.get(i, "unlikely")
        gone.append(Judged(text=_start(block.text), kept=i in kept, chance=round(chances[i], 3), reason=reason))
    return tuple(gone)


def _start(text: str) -> str:
    return text if len(text) <= MAX_START else text[: MAX_START - 1] + "…"
