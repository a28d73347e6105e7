"""Which paragraphs of a page the truth takes for text: what the trees learn from."""

import re
from collections import defaultdict
from collections.abc import Sequence

from aggregator.steps.extract.blocks import Block
from benchmarks.extraction.corpus import Page

_TOKEN = re.compile(r"\w+")
_SPREAD = 40  # places of one text in the truth that are looked at


def label(page: Page, blocks: Sequence[Block]) -> list[float | None]:
    """1 for text, 0 for what is not, None where the truth does not say."""
    if "body" not in page.truth:
        return [_by_snippets(page, block) for block in blocks]
    truth = _TOKEN.findall("\n".join(page.truth["body"]))
    places: dict[str, list[int]] = defaultdict(list)
    for at, token in enumerate(truth):
        places[token].append(at)
    matches: list[tuple[int, int, int, int]] = []
    for i, block in enumerate(blocks):
        tokens = _TOKEN.findall(block.text)
        matches.extend((i, at, at + length, length) for at, length in _matches(tokens, truth, places))
    return _chain(matches, len(blocks))


def _by_snippets(page: Page, block: Block) -> float | None:
    if any(len(s) > 8 and s in block.text for s in page.truth["absent"]):
        return 0.0
    return 1.0 if any(len(s) > 8 and s in block.text for s in page.truth["present"]) else None


def _matches(tokens: list[str], truth: list[str], places: dict[str, list[int]]) -> list[tuple[int, int]]:
    """Where in the truth a paragraph's words stand, and how many of them, where it is most of them."""
    if not tokens:
        return []
    found = []
    for start in range(min(3, len(tokens))):  # a dateline or a label may stand before
        for at in places.get(tokens[start], ())[:_SPREAD]:
            length = 0
            while (
                start + length < len(tokens)
                and at + length < len(truth)
                and tokens[start + length] == truth[at + length]
            ):
                length += 1
            if length >= 0.7 * len(tokens):
                found.append((at, length))
        if found:
            return found
    shingles = {tuple(tokens[i : i + 4]) for i in range(len(tokens) - 3)}
    hits = [at for s in shingles for at in places.get(s[0], ())[:_SPREAD] if tuple(truth[at : at + 4]) == s]
    return [(min(hits), len(set(hits)))] if len(set(hits)) > 0.5 * len(shingles) > 0 else []


def _chain(matches: list[tuple[int, int, int, int]], count: int) -> list[float | None]:
    """The heaviest choice of matches in the order of both page and truth: a teaser's twin of a paragraph is no text."""
    best: list[tuple[float, int]] = []
    for n, (i, start, _, length) in enumerate(matches):
        weight, before = 0.0, -1
        for m in range(n):
            j, _, end, _ = matches[m]
            if j < i and end <= start and best[m][0] > weight:
                weight, before = best[m][0], m
        best.append((weight + length + 0.1, before))
    labels: list[float | None] = [0.0] * count
    at = max(range(len(best)), key=lambda n: best[n][0], default=-1)
    while at >= 0:
        labels[matches[at][0]] = 1.0
        at = best[at][1]
    return labels
