"""How alike an article and others of the archive are: the same page, the same text, or neither."""

from collections.abc import Sequence

from aggregator.model import Alike, Article, Likeness
from aggregator.steps.dedup.evidence import Evidence, evidence, shared
from aggregator.steps.dedup.rule import CERTAIN, SAME_PAGE, odds
from aggregator.steps.dedup.sketch import LEAST, keys, sketch
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
    """The article's likenesses to these others, where there are any."""
    found = (_likeness(article, source_id, page_key, other) for other in others)
    return tuple(like for like in found if like.odds > KEPT)


def wording(a: Article, b: Article) -> float:
    """Share of the shorter one's wording that stands in the longer one too; none where they have no text key in
    common, as the archive would not find the one by the other."""
    ours, theirs = sketch(a.title, a.text), sketch(b.title, b.text)
    return shared(ours, theirs) if set(keys(ours)) & set(keys(theirs)) else 0.0


def compare(a: Article, a_page: str, b: Article, b_page: str) -> Evidence:
    """What two articles have in common; the pages are those of compose.page_key."""
    a_text, b_text = sketch(a.title, a.text), sketch(b.title, b.text)
    same_site = a_page.partition("/")[0] == b_page.partition("/")[0]
    return evidence(a_text, b_text, a_page == b_page, same_site, a.published, b.published)


def _likeness(article: Article, source_id: int, page_key: str, other: Alike) -> Likeness:
    ours, theirs = sketch(article.title, article.text), sketch(other.article.title, other.article.text)
    contained = shared(ours, theirs)
    tells = contained >= NOTHING and min(len(ours.words), len(theirs.words)) >= LEAST
    certainty = odds(compare(article, page_key, other.article, other.page_key)) if tells else -CERTAIN
    if other.page_key == page_key and _one_article(article, source_id, other, certainty > 0):
        return Likeness(other=other.id, odds=SAME_PAGE, contained=contained)
    return Likeness(other=other.id, odds=certainty, contained=contained)


def _one_article(article: Article, source_id: int, other: Alike, same_text: bool) -> bool:
    """Whether two entries that link to one page are one article. A list of links, a "now" page, a feed whose entries
    all link to its front page, two blogs that comment on one page: these share an address and say different things."""
    if same_text or fold(other.article.title) == fold(article.title):
        return True
    return other.source_id != source_id and article.origin == other.article.origin == "page"
