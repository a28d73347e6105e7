"""Where in an article the clauses of a query are found."""

import operator
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from aggregator.model import Archived
from aggregator.steps import text
from aggregator.steps.match.ast import TEXT_FIELDS, And, Date, Fact, Length, Node, Not, Or, Term, TextField

_SIGNS: dict[str, Callable[[int, int], bool]] = {
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
    "=": operator.eq,
}


class Spot(NamedTuple):
    """A clause that matched. In a text field `at` is the place in the field's folded form; elsewhere `said`
    is what the article says."""

    clause: str
    field: str
    said: str = ""
    at: int = 0
    size: int = 0


@dataclass(frozen=True, slots=True)
class Field:
    """A text field to search: its paragraphs, and the words of all of them as one string.

    Every word in `folded` has a space on both sides and a line feed parts the paragraphs, so that a phrase is a
    substring and never runs from one paragraph or caption into the next."""

    paragraphs: tuple[str, ...]
    folded: str


@dataclass(frozen=True, slots=True)
class View:
    """An article made ready for many questions."""

    fields: dict[TextField, Field]
    facts: dict[str, tuple[str, ...]]
    published: datetime
    words: int


@lru_cache(maxsize=8)
def view(archived: Archived) -> View:
    """Kept for a moment, because an article is held against every topic in turn."""
    article = archived.article
    captions = article.captions
    fields: dict[TextField, Field] = {
        "title": _field((article.title,)),
        "text": _field((*filter(None, (article.summary,)), *article.text.split("\n\n"))),
        "caption": _field(captions),
        "byline": _field((article.byline or "",)),
    }
    has = ["image"] * bool(article.images) + ["caption"] * bool(captions)
    language = (article.language or "").lower().replace("_", "-")
    return View(
        fields=fields,
        facts={
            "source": (archived.source,),
            "tag": tuple(map(text.fold, (*archived.tags, *archived.categories))),
            "lang": tuple(_openings(language)),
            "url": (article.url.lower(),),
            "has": tuple(has),
        },
        published=article.published or archived.first_seen,
        words=len(fields["text"].folded.split()),
    )


def find(node: Node, seen: View) -> tuple[Spot, ...] | None:
    """None: the query does not match. A NOT that holds leaves no spot."""
    match node:
        case Term():
            return tuple(_spots(node, seen)) or None
        case And():
            return _all(node, seen)
        case Or():
            found = [spots for part in node.parts if (spots := find(part, seen)) is not None]
            return tuple(spot for spots in found for spot in spots) if found else None
        case Not():
            return () if find(node.part, seen) is None else None
        case Fact():
            return _fact(node, seen)
        case Date():
            holds = seen.published < node.day if node.field == "before" else seen.published >= node.day
            return (Spot(node.clause, "published", f"{seen.published:%Y-%m-%d}"),) if holds else None
        case Length():
            holds = _SIGNS[node.sign](seen.words, node.count)
            return (Spot(node.clause, "words", str(seen.words)),) if holds else None


def excerpt(field: Field, spot: Spot, around: int) -> str:
    """The words of a spot as the article has them, with some of their paragraph on both sides."""
    before = field.folded[: spot.at]
    paragraph = field.paragraphs[before.count("\n")]
    spans = text.spans(paragraph)
    first = len(before.rpartition("\n")[2].split())
    if not spans:
        return paragraph
    if spans[-1][1] / len(spans) < 3:  # a script without spaces: a character is less than a word
        around *= 3
    start = spans[max(0, min(first, len(spans)) - around)][0] if first > around else 0
    last = first + spot.size - 1 + around
    end = spans[last][1] if last < len(spans) - 1 else len(paragraph)
    cut = " ".join(paragraph[start:end].split())
    return f"{'… ' if start else ''}{cut}{' …' if end < len(paragraph) else ''}"


def _field(paragraphs: tuple[str, ...]) -> Field:
    return Field(paragraphs, " " + " \n ".join(" ".join(text.words(part)) for part in paragraphs) + " ")


def _openings(language: str) -> Iterator[str]:
    """en-gb-scotland is also en-gb, and en."""
    while language:
        yield language
        language = language.rpartition("-")[0]


def _all(node: And, seen: View) -> tuple[Spot, ...] | None:
    found: tuple[Spot, ...] = ()
    for part in node.parts:
        if (spots := find(part, seen)) is None:
            return None
        found += spots
    return found


def _spots(term: Term, seen: View) -> Iterator[Spot]:
    wanted = " " + " ".join(term.tokens) + ("" if term.prefix else " ")
    for field in (term.field,) if term.field else TEXT_FIELDS:
        if (at := seen.fields[field].folded.find(wanted)) >= 0:
            yield Spot(term.clause, field, at=at, size=len(term.tokens))


def _fact(fact: Fact, seen: View) -> tuple[Spot, ...] | None:
    for said in seen.facts[fact.field]:
        if fact.value == said or (fact.field == "url" and fact.value in said):
            return (Spot(fact.clause, fact.field, said),)
    return None
