"""Articles that nobody wrote: the words of a corpus, as often as they stand there, in articles of its lengths."""

import gzip
import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import Any

MEAN = 1890
"""Characters of a text, on average: longer articles of the corpus are no frames for ours."""

SITES, FEW = 400, 15
CAPTIONED, EDITED, MADE_UP = 0.4, 0.03, 0.01
_START = datetime(2020, 1, 1, tzinfo=UTC)
_SPACELESS = ("ja", "zh")


@dataclass(frozen=True, slots=True)
class Language:
    """The words of one language with their running totals, to be drawn from, and how long its paragraphs are."""

    code: str
    words: list[str]
    totals: list[int]
    frames: list[list[int]]
    between: str


def languages(corpus: Path) -> list[tuple[Language, int]]:
    """Those of which there is something to draw from, and how many articles each has."""
    with gzip.open(corpus, "rt", encoding="utf-8") as lines:
        rows = [row for row in map(json.loads, lines) if row["kind"] == "original"]
    short = _of_mean([row["text"] for row in rows])
    by_language: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        if len(row["text"]) <= short:
            by_language[row["lang"]].append(row["text"])
    return [(_language(code, texts), len(texts)) for code, texts in by_language.items() if len(texts) >= FEW]


def made(known: list[tuple[Language, int]], chance: Random) -> Iterator[dict[str, Any]]:
    """Articles as `load` takes them, without end; a few are edits of what came just before."""
    tongues, often = [language for language, _ in known], [n for _, n in known]
    sites = list(accumulate(1 / (n + 1) for n in range(SITES)))
    number, last = 0, None
    while True:
        if last is not None and chance.random() < EDITED:
            yield last | {"text": f"{last['text']}\n{_words(chance, tongues[0], 20)}"}
        number += 1
        tongue = chance.choices(tongues, often)[0]
        site = chance.choices(range(SITES), cum_weights=sites)[0]
        last = _article(chance, tongue, f"site{site}.example", number)
        yield last


def _article(chance: Random, tongue: Language, site: str, number: int) -> dict[str, Any]:
    title = _words(chance, tongue, chance.randint(5, 12))
    slug = "-".join(word for word in title.lower().split() if word.isascii() and word.isalnum())[:60]
    at = _START + timedelta(minutes=2 * number + chance.randint(0, 600))
    pictures = chance.randint(1, 3) if chance.random() < CAPTIONED else 0
    return {
        "url": f"https://{site}/{at:%Y/%m}/{slug or 'article'}-{number}",
        "title": title,
        "text": "\n".join(_words(chance, tongue, words) for words in chance.choice(tongue.frames)),
        "byline": _words(chance, tongue, 2),
        "published": at.isoformat(),
        "language": tongue.code,
        "source": site.removesuffix(".example"),
        "captions": [
            {
                "image": f"https://{site}/images/{number}-{n}.jpg",
                "text": _words(chance, tongue, chance.randint(6, 20)),
                "credit": _words(chance, tongue, 2),
            }
            for n in range(pictures)
        ],
    }


def _words(chance: Random, tongue: Language, n: int) -> str:
    drawn = chance.choices(tongue.words, cum_weights=tongue.totals, k=n)
    # Names and figures that no corpus has: the index grows by new words for ever.
    return tongue.between.join(_name(chance) if chance.random() < MADE_UP else word for word in drawn)


def _name(chance: Random) -> str:
    if chance.random() < 0.5:
        return f"{chance.randint(1, 99_999):,}"
    return "".join(chance.choice(("ba", "ko", "ri", "ne", "mu", "sta", "lin", "dor")) for _ in range(4)).capitalize()


def _language(code: str, texts: list[str]) -> Language:
    spaceless = code in _SPACELESS
    counts = Counter(word for text in texts for word in (_pairs(text) if spaceless else text.split()))
    frames = [
        [max(1, len(part) // 2 if spaceless else len(part.split())) for part in text.split("\n")] for text in texts
    ]
    words = list(counts)
    return Language(code, words, list(accumulate(counts.values())), frames, "" if spaceless else " ")


def _pairs(text: str) -> Iterator[str]:
    plain = "".join(text.split())
    return (plain[n : n + 2] for n in range(0, len(plain), 2))


def _of_mean(texts: list[str]) -> int:
    """The length up to which the texts have MEAN on average."""
    total = 0
    for n, length in enumerate(sorted(map(len, texts)), 1):
        total += length
        if total > MEAN * n and n > 1:
            return length
    return length
