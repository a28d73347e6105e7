"""Whether an article was edited."""

from aggregator.model import Article
from aggregator.steps.dedup.captions import caption_key
from aggregator.steps.text import fold


def revised(before: Article, after: Article) -> bool:
    """Whether a reader would see an edit: in title, text or captions; typography and credits alone are none."""
    return _said(before) != _said(after)


def cut(before: Article, after: Article) -> bool:
    """Whether the page now shows only the beginning of what it showed in full: a paywall came down. That is no edit."""
    return after.partial and len(after.text) < len(before.text)


def _said(article: Article) -> tuple[str, str, tuple[str, ...]]:
    captions = tuple(caption_key(i.caption) for i in article.images if i.caption)
    return fold(article.title), fold(article.text), captions
