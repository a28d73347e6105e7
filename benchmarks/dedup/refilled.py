"""Templates that were filled anew with another subject and the same figures: horoscopes, bond issues, security updates.
The corpus has few of them; these are made from its originals."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from zlib import crc32

from aggregator.model import Article
from aggregator.steps import text
from benchmarks.dedup.corpus import Document

LEAST = 60
"""Words of an original."""

SUBJECTS = 2
"""Words of its title that become others, at most."""

_WORD = re.compile(r"[^\W\d]\w{3,}")


def refilled(found: list[Document]) -> Iterator[tuple[Document, Document]]:
    """Originals, each with what its site would say of another's subject within the next four days."""
    by_site: dict[str, list[Document]] = defaultdict(list)
    for document in found:
        if document.kind == "original" and len(text.words(document.article.text)) >= LEAST:
            by_site[document.site].append(document)
    for of_site in by_site.values():
        for one, other in zip(of_site, of_site[1:] + of_site[:1], strict=True):
            if made := _refilled(one.article, other.article):
                yield one, replace(one, article=made)


def _refilled(one: Article, other: Article) -> Article | None:
    """None: there is nothing to put another subject in the place of."""
    old = [word for word in _subjects(one) if _has(one.text, word)]
    new = [word for word in _subjects(other) if not _has(f"{one.title} {one.text}", word)]
    swapped = dict(list(zip(old, new, strict=False))[:SUBJECTS])
    if not swapped or not one.published:
        return None
    pattern = re.compile(rf"\b({'|'.join(map(re.escape, swapped))})\b")
    title, body = (pattern.sub(lambda match: swapped[match[0]], said) for said in (one.title, one.text))
    later = one.published + timedelta(hours=crc32(one.title.encode()) % 96)
    return replace(one, title=title, text=body, url=f"{one.url}/another", published=later)


def _subjects(article: Article) -> list[str]:
    return list(dict.fromkeys(_WORD.findall(article.title)))


def _has(said: str, word: str) -> bool:
    return re.search(rf"\b{re.escape(word)}\b", said) is not None
