"""How alike an article and others of the archive are: the same page, the same text, or neither."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple
from urllib.parse import urldefrag

from aggregator.model import Alike, Article, Likeness
from aggregator.steps import urls
from aggregator.steps.dedup.evidence import Evidence, contained, evidence, in_common, published
from aggregator.steps.dedup.rule import CERTAIN, SAME_PAGE, odds
from aggregator.steps.dedup.sketch import LEAST, Sketch, keys, sketch
from aggregator.steps.text import fold

NOTHING = 0.2
"""Texts that share less than this of the shorter one are not looked at more closely: of 6,400 pairs that are one text
one does."""

KEPT = -3.0
"""Log-odds below which a likeness is not kept: it is what counts for articles that nothing is known of."""


def text_keys(article: Article) -> tuple[int, ...]:
    """Under which the article's text is found by its copies."""
    return keys(sketch(article.title, article.text))


def likenesses(article: Article, source_id: int, page_key: str, others: Sequence[Alike]) -> tuple[Likeness, ...]:
    """The article's likenesses to these others, where there are any. What two were to each other before an edit, they
    stay: a copy may have been made of either text. One page they are only as long as they are."""
    ours, theirs = sketch(article.title, article.text), [sketch(o.article.title, o.article.text) for o in others]
    texts = {text: _between(ours, text) for text in set(theirs)}  # many copies say the same, word for word
    found = (_likeness(article, source_id, page_key, o, texts[text]) for o, text in zip(others, theirs, strict=True))
    lasting = (_lasting(like, other.former) for like, other in zip(found, others, strict=True))
    return tuple(like for like in lasting if like.odds > KEPT)


def share(a: Article, b: Article) -> float:
    """Share of the shorter one's wording that stands in the longer one too."""
    ours, theirs = sketch(a.title, a.text), sketch(b.title, b.text)
    return contained(ours, theirs, in_common(ours, theirs))


def wording(a: Article, b: Article) -> float:
    """Their share; none where they have no text key in common, as the archive would not find the one by the other."""
    return share(a, b) if set(text_keys(a)) & set(text_keys(b)) else 0.0


def compare(a: Article, a_page: str, b: Article, b_page: str) -> Evidence:
    """What two articles have in common; the pages are those of compose.page_key."""
    ours, theirs = sketch(a.title, a.text), sketch(b.title, b.text)
    return _published(evidence(ours, theirs, in_common(ours, theirs)), a, a_page, b, b_page)


def _published(texts: Evidence, a: Article, a_page: str, b: Article, b_page: str) -> Evidence:
    same_site = a_page.partition("/")[0] == b_page.partition("/")[0]
    return published(texts, a_page == b_page, same_site, a.published, b.published)


class _Between(NamedTuple):
    """Two texts."""

    contained: float
    long_enough: bool
    evidence: Evidence | None  # None: it does not tell


def _between(ours: Sketch, theirs: Sketch) -> _Between:
    common = in_common(ours, theirs)
    held = contained(ours, theirs, common)
    long_enough = min(len(ours.words), len(theirs.words)) >= LEAST
    tells = held >= NOTHING and long_enough
    return _Between(held, long_enough, evidence(ours, theirs, common) if tells else None)


def _likeness(article: Article, source_id: int, page_key: str, other: Alike, texts: _Between) -> Likeness:
    certainty = -CERTAIN
    if texts.evidence:
        certainty = odds(_published(texts.evidence, article, page_key, other.article, other.page_key))
    differ = texts.long_enough and not texts.evidence
    if other.page_key == page_key and (certainty > 0 or _one_article(article, source_id, other, differ)):
        return Likeness(other=other.id, odds=SAME_PAGE, contained=texts.contained)
    return Likeness(other=other.id, odds=certainty, contained=texts.contained)


def _lasting(like: Likeness, former: float | None) -> Likeness:
    return replace(like, odds=former) if former is not None and like.odds < former < SAME_PAGE else like


def _one_article(article: Article, source_id: int, other: Alike, differ: bool) -> bool:
    """Whether two entries of one page are one article though their texts do not tell. A list of links, a status page
    whose entries are fragments, a "now" page, a feed whose entries all link to its front page or name it as canonical,
    two blogs that comment on one page: these share an address and say different things."""
    one, two = article.url, other.article.url
    if urls.page_key(one) != urls.page_key(two) or _fragments_differ(one, two):
        return False
    if other.source_id != source_id and article.origin == other.article.origin == "page":
        return True
    return not differ and fold(other.article.title) == fold(article.title)


def _fragments_differ(one: str, two: str) -> bool:
    fragments = {urldefrag(url).fragment for url in (one, two)} - {""}
    return len(fragments) > 1
