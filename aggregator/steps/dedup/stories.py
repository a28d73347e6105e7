"""The same page or the same text again: first, same or copy; and whether an article was edited."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from aggregator.model import Alike, Article, Verdict
from aggregator.steps.text import fold, words

MIN_WORDS = 40
"""A text shorter than this ("Watch the video", "Subscribers only") says nothing about where it comes from."""


def judge(article: Article, source_id: int, alike: Sequence[Alike]) -> Verdict:
    """The article's place among those of its page or text, `alike`, oldest first."""
    for other in alike:
        if other.same_page and (other.same_text or not _another_part(article, source_id, other)):
            reason = f"the same page as article {other.id}: {other.url}"
            return Verdict(relation="same", story=other.story, copy_of=other.id, reason=reason)
    if len(words(article.text)) < MIN_WORDS:
        return Verdict(relation="first", reason=f"a text of under {MIN_WORDS} words is not compared with others")
    for other in alike:
        if other.same_text:
            reason = f"the same text, word for word, as article {other.id}, seen before at {other.url}"
            return Verdict(relation="copy", story=other.story, copy_of=other.id, reason=reason)
    return Verdict(relation="first", reason="no article of the archive has this page or this text")


def revised(before: Article, after: Article) -> bool:
    """Whether a reader would see an edit: in title, text or captions; typography alone is none."""
    return _said(before) != _said(after)


def _another_part(article: Article, source_id: int, other: Alike) -> bool:
    """One feed that links to several places of one page (a list of links, a "now" page) means different entries."""
    return other.source_id == source_id and urlsplit(other.url).fragment != urlsplit(article.url).fragment


def _said(article: Article) -> tuple[str, str, tuple[str, ...]]:
    captions = tuple(fold(i.caption) for i in article.images if i.caption)
    return fold(article.title), fold(article.text), captions
