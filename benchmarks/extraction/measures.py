"""What is measured of one page.

Text: word 4-grams and "every word right", as scrapinghub/article-extraction-benchmark has them; snippets that must and
must not be there. Captions: one to one, after typography, case and credits are set aside.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from dateutil import parser as dates

from aggregator.steps import text
from benchmarks.extraction.corpus import Page
from benchmarks.extraction.engines import Found

_TOKEN = re.compile(r"\w+")
_LEAD = re.compile(r"^(?:photo|foto|credit|bild|image|picture|by|via)\b[: ]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Captions:
    """Counts over one page."""

    truth: int
    given: int
    right: int
    judged: bool  # False: the truth misses captions, so that what is too much cannot be told
    twice: int
    in_text: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One page, one engine; None where the truth is silent."""

    id: str
    precision: float | None = None
    recall: float | None = None
    exact: bool | None = None
    snippets: tuple[int, int, int] | None = None  # true positives, false positives, false negatives
    snippets_led: tuple[int, int, int] | None = None  # the same, the summary before the text
    captions: Captions | None = None
    title: tuple[bool, bool] | None = None  # exact, near
    date: bool | None = None
    authors: float | None = None

    @property
    def f1(self) -> float:
        both = (self.precision or 0) + (self.recall or 0)
        return 2 * (self.precision or 0) * (self.recall or 0) / both if both else 0.0


def score(page: Page, found: Found) -> Score:
    truth = page.truth
    precision = recall = exact = None
    if "body" in truth:
        precision, recall, exact = body("\n\n".join(truth["body"]), found.text)
    title = _title(truth["title"], found.title) if truth.get("title") else None
    date = (
        _date(truth["published"], found.published) if truth.get("published") and found.published is not None else None
    )
    authors = _authors(truth["authors"], found.authors) if truth.get("authors") and found.authors is not None else None
    return Score(
        id=page.id,
        precision=precision,
        recall=recall,
        exact=exact,
        snippets=_snippets(truth, found.text) if "present" in truth else None,
        snippets_led=_snippets(truth, f"{found.summary} {found.text}") if "present" in truth else None,
        captions=captions(truth["images"], found, truth.get("body", [])) if truth.get("images") else None,
        title=title,
        date=date,
        authors=authors,
    )


def body(truth: str, said: str) -> tuple[float, float, bool]:
    """Precision and recall of word 4-grams, and whether every word is right."""
    wanted, given = _TOKEN.findall(truth), _TOKEN.findall(said)
    true, pred = _shingles(wanted), _shingles(given)
    hits = sum((true & pred).values())
    precision = hits / sum(pred.values()) if pred else 0.0
    return precision, hits / sum(true.values()) if true else 1.0, wanted == given


def _shingles(tokens: list[str], n: int = 4) -> Counter[tuple[str, ...]]:
    return Counter(tuple(tokens[i : i + n]) for i in range(max(1, len(tokens) - n + 1)) if tokens)


def _snippets(truth: dict[str, list[str]], said: str) -> tuple[int, int, int]:
    folded = " ".join(said.split())
    present = [" ".join(s.split()) in folded for s in truth["present"] if s.strip()]
    absent = [" ".join(s.split()) in folded for s in truth["absent"] if s.strip()]
    return sum(present), sum(absent), len(present) - sum(present)


def captions(images: list[dict[str, object]], found: Found, body: Sequence[str]) -> Captions:
    """Credits count neither for nor against: they are cut off both sides before these are compared. A caption that
    repeats a sentence of the article stands in its text rightly."""
    wanted = [_forms(str(i["caption"]), [str(c) for c in _list(i["credits"])]) for i in images if i["caption"]]
    credits = [str(c) for i in images for c in _list(i["credits"])]
    given = [(c, k) for c, k in found.captions or () if c]
    said = [_forms(c, [*credits, k]) | {_folded(f"{c} {k}")} for c, k in given]
    open_ = list(range(len(wanted)))
    for forms in said:
        hit = next((w for w in open_ if wanted[w] & forms), None)
        if hit is not None:
            open_.remove(hit)
    words, said_anyway = f" {_folded(found.text)} ", f" {_folded(' '.join(body))} "
    return Captions(
        truth=len(wanted),
        given=len(said),
        right=len(wanted) - len(open_),
        judged=len(wanted) == len(images),
        twice=len(said) - len({_folded(c) for c, _ in given}),
        in_text=sum(
            any(f" {f} " in words and f" {f} " not in said_anyway for f in forms if len(f) > 20) for forms in wanted
        ),
    )


def _forms(caption: str, credits: list[str]) -> set[str]:
    """A caption as it stands, and without its credit."""
    forms = {_folded(caption)}
    for credit in filter(None, map(_folded, credits)):
        for form in tuple(forms):
            rest = form.removesuffix(credit).strip()
            forms.add(
                re.sub(r"(?: (?:photo|foto|photograph|credit|bild|image|picture|quelle|source|by|via|c))+$", "", rest)
            )
            forms.add(_LEAD.sub("", form.removeprefix(credit).strip()))
    return {f for f in forms if f}


def _list(value: object) -> list[object]:
    return list(value) if isinstance(value, list) else [value] if value else []


def _folded(said: str) -> str:
    return " ".join(text.words(said))


def _title(truth: str, said: str | None) -> tuple[bool, bool]:
    a, b = text.words(truth), text.words(said or "")
    shared = sum((Counter(a) & Counter(b)).values())
    near = 2 * shared / (len(a) + len(b)) >= 0.8 if a and b else False
    return a == b, near


def _date(truth: str, said: str) -> bool:
    """The same day, where the page stands or in UTC."""
    if not said:
        return False
    wanted, given = dates.parse(truth), dates.parse(said)
    days = {wanted.date(), _utc(wanted).date()}
    return given.date() in days or _utc(given).date() in days


def _utc(at: datetime) -> datetime:
    return at.astimezone(UTC) if at.tzinfo and abs(at.utcoffset() or timedelta()) < timedelta(days=1) else at


def _authors(truth: list[str], said: tuple[str, ...]) -> float:
    a, b = {_folded(n) for n in truth}, {_folded(n) for n in said}
    return 2 * len(a & b) / (len(a) + len(b))
