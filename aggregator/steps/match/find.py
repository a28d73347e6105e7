"""Where in an article the clauses of a query are found."""

import operator
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from functools import lru_cache
from itertools import islice
from typing import Any, NamedTuple

import regex

from aggregator.steps import text
from aggregator.steps.match.ast import (
    TEXT_FIELDS,
    And,
    Date,
    Fact,
    Leaf,
    Length,
    Like,
    Near,
    Node,
    Not,
    Or,
    Regex,
    Term,
    TextField,
    Weighted,
    Within,
)
from aggregator.steps.match.parser import parse
from aggregator.steps.match.view import Context, Field, Texts, View

REGEX_SECONDS = 0.1
"""CPU that a regular expression gets for a field: one that runs away matches nothing."""

ALIKE = 0.2
"""Share of the shorter text's wording, at least, that the longer one of two has for `like:`."""

_SIGNS: dict[str, Callable[[int, int], bool]] = {
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
    "=": operator.eq,
}
_SHOWN: tuple[TextField, ...] = ("text", "caption", "title", "byline")
# One character for one, so that a place in one is the place in the other.
_PLAIN = str.maketrans("‘’‚‛“”„‟‐‑‒–—−\xa0\n", "''''\"\"\"\"------  ")


class Spot(NamedTuple):
    """A clause that matched: in a text field, in which paragraph, and there some words, or from which character to
    which; elsewhere `said` is what the article says."""

    clause: str
    field: str
    said: str = ""
    paragraph: int = 0
    words: tuple[int, int] = (0, 0)  # the number of the first, and how many
    chars: tuple[int, int] | None = None


def find(node: Node, seen: View, context: Context) -> tuple[Spot, ...] | None:
    """None: the query does not match. A NOT that holds leaves no spot."""
    return spots(node, lambda leaf: tuple(_FINDERS[type(leaf)](leaf, seen, context)))


def first(node: Node, seen: View, context: Context) -> tuple[Spot, ...] | None:
    """`find`, but of each clause that is words one spot alone: in the text if it is there, or else in a caption."""
    return spots(node, lambda leaf: tuple(_preferred(leaf, seen, context)))


def spots(node: Node, of: Callable[[Leaf], tuple[Spot, ...]]) -> tuple[Spot, ...] | None:
    """`find`, where each clause has the spots that are `of` it."""
    match node:
        case And():
            return _all(node, of)
        case Or():
            found = [some for part in node.parts if (some := spots(part, of)) is not None]
            return tuple(spot for some in found for spot in some) if found else None
        case Not():
            return () if spots(node.part, of) is None else None
        case Weighted():
            return spots(node.part, of)
        case _:
            return of(node) or None


def holds(node: Node, seen: View, context: Context) -> bool:
    """Whether `find` finds it: it ends where that is known."""
    return _holds(node, lambda leaf: next(_FINDERS[type(leaf)](leaf, seen, context), None) is not None)


def is_said(leaf: Term | Near | Regex, texts: Texts) -> bool:
    """`holds`, of what depends on the texts alone."""
    return next(_FINDERS[type(leaf)](leaf, texts, None), None) is not None


def runs_away(leaf: Regex, seen: Texts) -> bool:
    """Whether it found nothing because its time was over."""
    try:
        for name in _fields(leaf.field):
            _compiled(leaf.pattern).search(_plain(seen[name]), timeout=REGEX_SECONDS)
    except TimeoutError:
        return True
    return False


def counted(query: str, found: Collection[Spot], there: Callable[[Leaf], bool]) -> float:
    """What the clauses that were found, because they are there, count together: 1 each, or their weight; a NOT counts
    nothing."""
    if "^" in query:
        return _score(parse(query), there)
    return float(len({spot.clause for spot in found}))  # as `_score`, but that what is said twice counts once


def place(field: Field, spot: Spot) -> tuple[str, int, int]:
    """The paragraph of a spot, and from where to where in it."""
    paragraph = field.paragraphs[spot.paragraph]
    if spot.chars:
        return paragraph, *spot.chars
    spans = text.spans(paragraph)
    if not spans:
        return paragraph, 0, 0
    number, size = spot.words
    first = min(number, len(spans) - 1)
    return paragraph, spans[first][0], spans[min(first + size, len(spans)) - 1][1]


def _holds(node: Node, there: Callable[[Leaf], bool]) -> bool:
    match node:
        case And():
            return all(_holds(part, there) for part in node.parts)
        case Or():
            return any(_holds(part, there) for part in node.parts)
        case Not():
            return not _holds(node.part, there)
        case Weighted():
            return _holds(node.part, there)
        case _:
            return there(node)


def _score(node: Node, there: Callable[[Leaf], bool]) -> float:
    match node:
        case And() | Or():
            parts = [part for part in node.parts if _holds(part, there)]
            whole = isinstance(node, Or) or len(parts) == len(node.parts)
            return sum(_score(part, there) for part in parts) if whole else 0.0
        case Not():
            return 0.0
        case Weighted():
            return node.weight if _holds(node.part, there) else 0.0
        case _:
            return 1.0 if there(node) else 0.0


def _all(node: And, of: Callable[[Leaf], tuple[Spot, ...]]) -> tuple[Spot, ...] | None:
    found: tuple[Spot, ...] = ()
    for part in node.parts:
        if (some := spots(part, of)) is None:
            return None
        found += some
    return found


def _fields(field: TextField | None) -> tuple[TextField, ...]:
    return (field,) if field else TEXT_FIELDS


def _wanted(term: Term) -> str:
    return " " + " ".join(term.tokens) + ("" if term.prefix else " ")


def _preferred(leaf: Leaf, seen: View, context: Context) -> Iterator[Spot]:
    if not isinstance(leaf, Term | Near):
        return _FINDERS[type(leaf)](leaf, seen, context)
    found = (spot for each in _by_field(leaf) for spot in _FINDERS[type(each)](each, seen, context))
    return islice(found, 1)


@lru_cache(maxsize=1024)
def _by_field(leaf: Term | Near) -> tuple[Term | Near, ...]:
    """What is asked of any field, asked of each: first of those that a snippet shows."""
    return (leaf,) if leaf.field else tuple(replace(leaf, field=name) for name in _SHOWN)


def _term(term: Term, seen: Texts, _: object) -> Iterator[Spot]:
    wanted = _wanted(term)
    for name in _fields(term.field):
        for number, words in seen[name].having(term.tokens):
            if (at := words.find(wanted)) >= 0:
                yield Spot(term.clause, name, paragraph=number, words=(words.count(" ", 0, at), len(term.tokens)))
                break


def _near(near: Near, seen: Texts, _: object) -> Iterator[Spot]:
    wanted = [_wanted(part) for part in near.parts]
    tokens = [part.tokens for part in near.parts]
    for name in _fields(near.field):
        for number, words in seen[name].having(*tokens):
            if all(part in words for part in wanted) and (found := _closest(near, words.split())):
                yield Spot(near.clause, name, paragraph=number, words=found)
                break


def _closest(near: Near, words: list[str]) -> tuple[int, int] | None:
    """The first place where the parts stand near enough: which word, and how many."""
    last: dict[int, int] = {}  # of each part, where it began last
    for at in range(len(words)):
        for n, part in enumerate(near.parts):
            if _stands(part, words, at):
                last[n] = at
        if len(last) == len(near.parts) and at in last.values():
            first = min(last.values())
            end = max(begin + len(near.parts[n].tokens) for n, begin in last.items())
            if end - first - sum(len(part.tokens) for part in near.parts) <= near.distance:
                return first, end - first
    return None


def _stands(part: Term, words: list[str], at: int) -> bool:
    *begin, last = part.tokens
    found = words[at : at + len(part.tokens)]
    if len(found) < len(part.tokens) or found[:-1] != begin:
        return False
    return found[-1].startswith(last) if part.prefix else found[-1] == last


def _regex(leaf: Regex, seen: Texts, _: object) -> Iterator[Spot]:
    for name in _fields(leaf.field):
        plain = _plain(seen[name])
        try:
            found = _compiled(leaf.pattern).search(plain, timeout=REGEX_SECONDS)
        except TimeoutError:
            return
        if found and found[0].strip():
            start = found.start() + len(found[0]) - len(found[0].lstrip())
            before = plain.rfind("\n", 0, start) + 1
            end = min(found.end(), *(at for at in [plain.find("\n", start)] if at >= 0), len(plain))
            yield Spot(leaf.clause, name, paragraph=plain.count("\n", 0, before), chars=(start - before, end - before))


def _plain(field: Field) -> str:
    return "\n".join(paragraph.translate(_PLAIN) for paragraph in field.paragraphs)


@lru_cache(maxsize=4096)  # the package itself keeps five hundred
def _compiled(pattern: str) -> "regex.Pattern[str]":
    return regex.compile(pattern, regex.IGNORECASE | regex.MULTILINE | regex.V0)


def _like(leaf: Like, seen: View, context: Context) -> Iterator[Spot]:
    liked = context.liked.get(leaf.article)
    share = context.alike(seen.article, liked) if liked else 0.0
    if share >= ALIKE:
        yield Spot(leaf.clause, "wording", f"{share:.0%} of the shorter text")


def _fact(fact: Fact, seen: View, _: Context) -> Iterator[Spot]:
    for said in seen.facts[fact.field]:
        if fact.value == said or (fact.field == "url" and fact.value in said):
            yield Spot(fact.clause, fact.field, said)
            return


def _date(date: Date, seen: View, _: Context) -> Iterator[Spot]:
    if (seen.published < date.day) is (date.field == "before"):
        yield Spot(date.clause, "published", f"{seen.published:%Y-%m-%d}")


def _within(within: Within, seen: View, context: Context) -> Iterator[Spot]:
    if context.now - seen.dated < within.age:
        yield Spot(within.clause, "published", f"{seen.dated:%Y-%m-%d}")


def _length(length: Length, seen: View, _: Context) -> Iterator[Spot]:
    if _SIGNS[length.sign](seen.words, length.count):
        yield Spot(length.clause, "words", str(seen.words))


_FINDERS: dict[type, Callable[[Any, Any, Any], Iterator[Spot]]] = {
    Term: _term,
    Near: _near,
    Regex: _regex,
    Like: _like,
    Fact: _fact,
    Date: _date,
    Within: _within,
    Length: _length,
}
