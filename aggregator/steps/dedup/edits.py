"""Whether an article was edited."""

import re

from aggregator.model import Article
from aggregator.steps.dedup.captions import caption_key
from aggregator.steps.dedup.likeness import NOTHING, share
from aggregator.steps.dedup.passing import lasting
from aggregator.steps.text import spelled, words

NOTICE = 30
"""Words of what stands for a text that is hidden or gone: "Subscribe now to continue reading", "Are you a human?"."""


_WITHDRAWN = re.compile(
    r"\b(?:retract|withdr[ae]w|zuruckgezogen|zuruckgenommen|(?:a ete|est) retire|retractad|retirad[oa]\b|ritirat[oa]\b"
    r"|ingetrokken|teruggetrokken|dragits? tillbaka|trukket tilbake|wycofan|отозван|снят[оа]? с публикации|geri cekil)"
    r"|撤 [稿回下]|取 り 下 げ|تم سحب|سحبت?\b"
)  # among words, of which each character of a script without spaces is one


def revised(before: Article, after: Article) -> bool:
    """Whether a reader would see an edit: in title, text or captions; typography, the case of a title, credits, and
    lines that change by themselves are none."""
    if _headed(before) != _headed(after):
        return True
    return spelled(before.text) != spelled(after.text) and lasting(before.text) != lasting(after.text)


def rewritten(before: Article, after: Article) -> bool:
    """Whether another text stands there now, at length: copies of the one are none of the other. A notice in its place
    ("This article was withdrawn") is not: who had copied it still has."""
    return 2 * len(after.text) >= len(before.text) and share(before, after) < NOTHING


def cut(before: Article, after: Article) -> bool:
    """Whether the page hides what it showed in full: of a text at most its first half and a notice are left. A paywall
    came down, a machine is asked whether it is one, the page was taken offline. That is no edit; that the editors take
    it back is the greatest of all."""
    if after.partial and len(after.text) < len(before.text):
        return True
    had, left = words(before.text), words(after.text)
    if len(had) < 2 * max(len(left), NOTICE):
        return False
    kept = next((n for n, (one, other) in enumerate(zip(had, left, strict=False)) if one != other), len(left))
    return len(left) - kept <= NOTICE and not _WITHDRAWN.search(" ".join(left[kept:]))


def _headed(article: Article) -> tuple[str, tuple[str, ...]]:
    captions = tuple(caption_key(i.caption) for i in article.images if i.caption)
    return spelled(article.title).casefold(), captions
