"""Whether an article was edited."""

from aggregator.model import Article
from aggregator.steps.text import fold


def revised(before: Article, after: Article) -> bool:
    """Whether a reader would see an edit: in title, text or captions; typography alone is none."""
    return _said(before) != _said(after)


def _said(article: Article) -> tuple[str, str, tuple[str, ...]]:
    captions = tuple(fold(i.caption) for i in article.images if i.caption)
    return fold(article.title), fold(article.text), captions
