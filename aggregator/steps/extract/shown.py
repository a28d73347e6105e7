"""The day that a page shows beside its headline, for pages that say none to machines."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from aggregator.steps import text
from aggregator.steps.extract.blocks import Block

MAX_WORDS = 25
_BEFORE, _BEHIND = 3, 12
# The first letters of the months' names in languages of Latin script, without accents.
_MONTHS = {
    start: number
    for number, starts in enumerate(
        ("jan ene gen", "feb fev", "mar mrt maa", "apr abr avr", "may mai mag mei maj", "jun juin giu", "jul juil lug",
         "aug ago aou", "sep set", "oct okt out ott", "nov", "dec dez dic des"), 1,
    )
    for start in starts.split()
}  # fmt: skip
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_PATTERNS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th|er|\.|º)?\s+(?:de\s+|of\s+)?(?P<name>[a-z]{{3,10}})\.?,?\s+(?:de\s+)?{_YEAR}\b",
        rf"\b(?P<name>[a-z]{{3,9}})\.?\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+{_YEAR}\b",
        rf"\b{_YEAR}\s?[-/.年]\s?(?P<month>\d{{1,2}})\s?[-/.月]\s?(?P<day>\d{{1,2}})(?!\d)",
        rf"\b(?P<day>\d{{1,2}})\.\s?(?P<month>\d{{1,2}})\.\s?{_YEAR}\b",
    )
)
_LATER = re.compile(r"\b(?:updated|modified|reviewed|aktualisiert|mis a jour|actualizado|aggiornato)\b")


def day(blocks: Sequence[Block], title: str, first: int) -> datetime | None:
    """The first day between the headline and the text, or right before the headline in its own box: a date elsewhere
    is the page's own, not the article's."""
    heads = [i for i in range(first + 1) if blocks[i].box.tag == "h1" or (title and blocks[i].folded == title)]
    if not heads:
        return None
    head = heads[-1]
    around = blocks[head].box.parent
    own = [i for i in range(max(0, head - _BEFORE), head) if around is not None and around in blocks[i].box.path()]
    for i in (*range(head + 1, min(first + 1, head + _BEHIND)), *own):
        if blocks[i].words <= MAX_WORDS and (found := read(blocks[i].text)):
            return found
    return None


def read(shown: str) -> datetime | None:
    """The first day in a text that is written for people."""
    said = text.fold(shown)
    if _LATER.search(said):
        return None
    for pattern in _PATTERNS:
        if found := pattern.search(said):
            parts = found.groupdict()
            name = parts.get("name") or ""
            month = int(parts["month"]) if "month" in parts else _MONTHS.get(name[:4]) or _MONTHS.get(name[:3]) or 0
            try:
                return datetime(int(parts["year"]), month, int(parts["day"]), tzinfo=UTC)
            except ValueError:
                continue
    return None
