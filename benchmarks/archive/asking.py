"""Searches of every kind, drawn from what was archived, and how long their answers take."""

import time
from collections import Counter
from collections.abc import Callable, Iterable
from random import Random
from statistics import quantiles
from typing import Any

from aggregator.questions import Questions
from aggregator.steps import text

EACH, LIMIT = 20, 20


def queries(sample: list[dict[str, Any]], chance: Random) -> dict[str, list[str]]:
    """Words by the share of the sample's articles that have them, and what stands side by side in some."""
    words = [text.words(article["text"]) for article in sample]
    counts = Counter(word for said in words for word in set(said) if word.isalpha())
    share = {word: n / len(sample) for word, n in counts.items()}
    common = [word for word, n in share.items() if n > 0.1]
    some = [word for word, n in share.items() if 0.005 < n < 0.02]
    rare = [word for word, n in counts.items() if n == 2]
    pairs = [" ".join(said[at : at + 2]) for said in words if len(said) > 9 for at in [chance.randrange(len(said) - 2)]]
    captions = [word for a in sample for c in a["captions"] for word in text.words(c["text"]) if len(word) > 4]
    return {
        "common word": _of(chance, common),
        "some in a hundred": _of(chance, some),
        "rare word": _of(chance, rare),
        "two common": [f"{a} {b}" for a, b in zip(_of(chance, common), _of(chance, common), strict=True)],
        "common and rare": [f"{a} {b}" for a, b in zip(_of(chance, common), _of(chance, rare), strict=True)],
        "phrase": [f'"{pair}"' for pair in _of(chance, pairs)],
        "beginning": [f"{word[:4]}*" for word in _of(chance, [word for word in some if len(word) > 4])],
        "caption": [f"caption:{word}" for word in _of(chance, captions)],
        "word and source": [f"{a} source:site{n}" for n, a in enumerate(_of(chance, common))],
        "word and date": [f"{a} before:2020-03" for a in _of(chance, common)],
    }


async def print_times(questions: Questions, asked: dict[str, list[str]], served: Callable[[], float]) -> None:
    """In CPU, of the database's server too: on a busy machine the wall tells of its neighbours."""
    for kind, of_kind in asked.items():
        for best in (False, True):
            spent, found = [], 0
            for query in of_kind:
                start = time.process_time() + served()
                answer = await (questions.best(query, LIMIT) if best else questions.search(query, LIMIT))
                found += len(answer.matches)
                spent.append(1000 * (time.process_time() + served() - start))
            percent = quantiles(spent, n=20)
            way = "best" if best else "newest"
            print(
                f"    {kind:18} {way:7} p50 {percent[9]:8.2f} ms CPU, p95 {percent[18]:8.2f}, found {found / EACH:.1f}"
            )


def _of(chance: Random, words: Iterable[str]) -> list[str]:
    return chance.choices(sorted(set(words)), k=EACH)
