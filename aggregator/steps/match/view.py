"""An article made ready for many questions."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from operator import itemgetter

from aggregator.model import Archived, Article
from aggregator.steps import text
from aggregator.steps.kept import kept
from aggregator.steps.match.ast import FactField, TextField


def _unlike(_one: Article, _other: Article) -> float:
    return 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a query's meaning depends on beside the article."""

    now: datetime
    liked: Mapping[str, Article] = field(default_factory=dict)  # what `like:` names, as it is named
    alike: Callable[[Article, Article], float] = _unlike  # the share of one's wording that the other has


@dataclass(frozen=True, slots=True)
class Field:
    """A text field to search, paragraph by paragraph: to part a text into its words takes longer than all else, and
    most paragraphs have nothing of what is looked for."""

    paragraphs: tuple[str, ...]
    _plain: dict[int, str] = field(default_factory=dict)
    _spaced: dict[int, str] = field(default_factory=dict)

    @property
    def folded(self) -> Iterator[str]:
        """The words of each paragraph with a space on both sides of every one, so that a phrase is a substring."""
        return map(self._words, range(len(self.paragraphs)))

    def having(self, *parts: tuple[str, ...]) -> Iterator[tuple[int, str]]:
        """The words of the paragraphs in which all of these may stand; each with its number."""
        for n in range(len(self.paragraphs)):
            said = self._fold(n)
            for tokens in parts:
                if not may_stand(tokens, said):
                    break
            else:
                yield n, self._words(n)

    def _fold(self, n: int) -> str:
        if (plain := self._plain.get(n)) is None:
            plain = self._plain[n] = text.folded(self.paragraphs[n])
        return plain

    def _words(self, n: int) -> str:
        if (words := self._spaced.get(n)) is None:
            said = text.tokens(self._fold(n))
            words = self._spaced[n] = f" {' '.join(said)} "
        return words


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """What an article says. A field is folded once it is asked for."""

    article: Article
    fields: dict[TextField, Field] = field(default_factory=dict)

    def __getitem__(self, name: TextField) -> Field:
        if name not in self.fields:
            self.fields[name] = Field(_PARAGRAPHS[name](self.article))
        return self.fields[name]

    @property
    def words(self) -> int:
        """Of the text."""
        body = self["text"]
        if (plain := text.folded_plainly("\n\n".join(body.paragraphs))) is not None:
            return len(text.tokens(plain))
        return sum(len(words.split()) for words in body.folded)


@dataclass(frozen=True, slots=True, kw_only=True)
class View(Texts):
    """What clauses are held against."""

    facts: dict[FactField, tuple[str, ...]]
    published: datetime
    dated: datetime  # a page from the future is as old as its discovery


def _size(archived: Archived, _: object) -> int:
    article = archived.article
    said = sum(map(len, (article.title, article.text, article.summary or "", *article.captions)))
    return 2500 + 20 * said + len(article.html) + 300 * len(article.images)


@kept(2**22, _size)
def view(archived: Archived) -> View:
    """Kept for a moment, because an article is held against every topic in turn."""
    article = archived.article
    published = article.published or archived.first_seen
    return View(
        article=article,
        facts={
            "source": (archived.source,),
            "tag": tuple(map(text.fold, (*archived.tags, *archived.categories))),
            "lang": tuple(_openings((article.language or "").lower().replace("_", "-"))),
            "url": (article.url.lower(),),
            "has": tuple(_has(archived)),
        },
        published=published,
        dated=min(published, archived.first_seen),
    )


def may_stand(tokens: tuple[str, ...], folded: str) -> bool:
    """Whether these words are there one after the other, if as parts of others: much quicker told than whether they
    are words."""
    if len(tokens) == 1:
        return tokens[0] in folded
    for token in tokens:
        if token not in folded:
            return False
    # From the longest: the shortest word of a phrase stands in many others.
    before, longest, after = _around(tokens)
    at = folded.find(longest)
    while at >= 0:
        if after.match(folded, at + len(longest)) and _precede(before, folded, at):
            return True
        at = folded.find(longest, at + 1)
    return False


def excerpt(paragraph: str, start: int, end: int, around: int) -> tuple[str, int, int]:
    """The characters from `start` to `end` with some words of their paragraph on both sides, and where in that they
    are."""
    spans = text.spans(paragraph)
    if not spans:
        return paragraph, start, end
    if spans[-1][1] / len(spans) < 3:  # a script without spaces: a character is less than a word
        around *= 3
    first = min(bisect_right(spans, start, key=itemgetter(1)), len(spans) - 1)
    last = min(bisect_left(spans, end, key=itemgetter(1)), len(spans) - 1)
    opening = spans[first - around][0] if first > around else 0
    closing = spans[last + around][1] if last + around < len(spans) - 1 else len(paragraph)
    before = _spaced("… " if opening else "", paragraph[opening:start]).lstrip()
    found = _spaced("", paragraph[start:end])
    after = _spaced("", paragraph[end:closing]).rstrip() + (" …" if closing < len(paragraph) else "")
    return before + found + after, len(before), len(before) + len(found)


@lru_cache(maxsize=1024)
def _around(tokens: tuple[str, ...]) -> tuple[tuple[str, ...], str, re.Pattern[str]]:
    """The words before the longest one, the last of them first; that one; and what stands after it."""
    n = max(range(len(tokens)), key=lambda n: len(tokens[n]))
    return tokens[:n][::-1], tokens[n], re.compile("".join(rf"[\W_]*{re.escape(token)}" for token in tokens[n + 1 :]))


def _precede(tokens: tuple[str, ...], folded: str, at: int) -> bool:
    """Whether these words, the last of them first, stand before this place with no others between."""
    for token in tokens:
        while not folded.endswith(token, 0, at):
            at -= 1
            if at < 0 or folded[at].isalnum():
                return False
        at -= len(token)
    return True


def _spaced(head: str, part: str) -> str:
    return head + re.sub(r"\s+", " ", part)


def _has(archived: Archived) -> Iterator[str]:
    article = archived.article
    if article.images:
        yield "image"
    if article.captions:
        yield "caption"
    if article.origin == "page" and not article.partial:
        yield "page"
    if archived.revisions > 1:
        yield "edits"


def _openings(language: str) -> Iterator[str]:
    """en-gb-scotland is also en-gb, and en."""
    while language:
        yield language
        language = language.rpartition("-")[0]


def _body(article: Article) -> tuple[str, ...]:
    return (*filter(None, (article.summary,)), *article.text.split("\n\n"))


_PARAGRAPHS: dict[TextField, Callable[[Article], tuple[str, ...]]] = {
    "title": lambda article: (article.title,),
    "text": _body,
    "caption": lambda article: article.captions,
    "byline": lambda article: (article.byline or "",),
}
