"""The same page or the same text again: first, same or copy; and whether an article was edited."""

from collections.abc import Sequence

from aggregator.model import Alike, Article, Verdict
from aggregator.steps.text import fold


def judge(article: Article, source_id: int, alike: Sequence[Alike]) -> Verdict:
    """The article's place among those of its page or text, `alike`, oldest first."""
    for other in alike:
        if other.same_page and _one_article(article, source_id, other):
            reason = f"the same page as article {other.id}: {other.url}"
            return Verdict(relation="same", story=other.story, copy_of=other.id, reason=reason)
    for other in alike:
        if other.same_text:
            reason = f"the same text, word for word, as article {other.id}, seen before at {other.url}"
            return Verdict(relation="copy", story=other.story, copy_of=other.id, reason=reason)
    return Verdict(relation="first", reason="no article of the archive has this page or this text")


def revised(before: Article, after: Article) -> bool:
    """Whether a reader would see an edit: in title, text or captions; typography alone is none."""
    return _said(before) != _said(after)


def _one_article(article: Article, source_id: int, other: Alike) -> bool:
    """Whether two entries that link to one page are one article. A list of links, a "now" page, a feed whose entries
    all link to its front page, two blogs that comment on one page: these share an address and say different things."""
    if other.same_text or fold(other.title) == fold(article.title):
        return True
    return other.source_id != source_id and article.origin == other.origin == "page"


def _said(article: Article) -> tuple[str, str, tuple[str, ...]]:
    captions = tuple(fold(i.caption) for i in article.images if i.caption)
    return fold(article.title), fold(article.text), captions
