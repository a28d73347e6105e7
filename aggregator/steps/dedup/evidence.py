"""What two texts have in common, in figures."""

from array import array
from datetime import datetime
from math import log1p
from typing import NamedTuple

from aggregator.steps.dedup.sketch import FIGURE, HEAD, WIDTH, Sketch, word_hash

LEAD = 30
"""Shingles at the start of a text: a copy is trimmed from its end, a quotation stands in the middle."""


class Evidence(NamedTuple):
    """Figures about a pair of texts; of shares, 0 is nothing and 1 is all. The shorter text has fewer shingles."""

    contained: float  # share of the shorter text's shingles that the longer one has
    covered: float  # share of the longer text's that the shorter one has
    length: float  # logarithm of the shorter's shingles
    longer: float
    run: float  # the longest sequence in common, as a share of the shorter
    run_length: float
    own: float  # the longest sequence that is the shorter's alone, as a share of it
    own_length: float
    other_own: float  # and the longer's
    other_own_length: float
    pieces: float  # in how many the common text is cut, for each shingle
    lead: float  # share of the shorter's lead that stands anywhere in the longer
    other_lead: float
    same_lead: float  # share of the shorter's lead that stands in the lead of the longer
    first: float  # where in the longer the common text begins
    last: float  # how much of the longer comes after it
    density: float  # of the common text between these two places
    figures_missing: float  # share of the shorter's figures that the longer lacks
    other_figures_missing: float
    figures_differ: float  # share of all figures that only one has
    figures_changed: float  # figures within the common text that the longer lacks, their number
    figures_changed_share: float
    figures_kept: float
    words: float  # share of the shorter's vocabulary that the longer has
    other_words: float
    titles: float  # shared words of the titles, of all
    titles_contained: float  # … of the shorter title's
    title_words: float  # the same without figures
    title_figures: float  # whether the titles' figures differ …
    title_figures_only: float  # … and little else does
    title_told: float  # share of the shorter text's title that stands in the longer's title or head
    other_title_told: float
    title_inside: float  # whether the shorter's title stands in the longer text, as a round-up has it
    other_title_inside: float
    same_site: float
    apart: float  # hours between the two, their logarithm
    at_once: float  # published in the same minute


def shared(a: Sketch, b: Sketch) -> float:
    """Share of the shorter text that stands in the longer one too."""
    ours, theirs = set(a.shingles), set(b.shingles)
    return len(ours & theirs) / max(1, min(len(ours), len(theirs)))


def evidence(a: Sketch, b: Sketch, same_site: bool, a_at: datetime | None, b_at: datetime | None) -> Evidence:
    """The order of the two makes no difference."""
    short, long = sorted((a, b), key=lambda s: (len(s.shingles), s.shingles))
    in_short, in_long = set(short.shingles), set(long.shingles)
    common = len(in_short & in_long)
    hits = bytes(map(in_long.__contains__, short.shingles))
    other_hits = bytes(map(in_short.__contains__, long.shingles))
    n, m = max(1, len(hits)), max(1, len(other_hits))
    run, own, other_own = _longest(hits, b"\0"), _longest(hits, b"\1"), _longest(other_hits, b"\1")
    first = other_hits.find(1) if common else m
    after = m - 1 - other_hits.rfind(1) if common else m
    long_lead = set(long.shingles[: 2 * LEAD])
    hours = abs((a_at - b_at).total_seconds()) / 3600 if a_at and b_at else None
    return Evidence(
        common / max(1, len(in_short)),
        common / max(1, len(in_long)),
        log1p(n),
        log1p(m),
        run / n,
        log1p(run),
        own / n,
        log1p(own),
        other_own / m,
        log1p(other_own),
        (hits.count(b"\0\1") + hits.startswith(b"\1")) / n,
        hits[:LEAD].count(1) / min(LEAD, n),
        other_hits[:LEAD].count(1) / min(LEAD, m),
        sum(map(long_lead.__contains__, short.shingles[:LEAD])) / min(LEAD, n),
        first / m,
        after / m,
        common / max(1, m - first - after),
        *_figures(short, long, hits),
        *_words(short, long),
        *_titles(short, long),
        same_site,
        log1p(hours) if hours is not None else 2.0,
        hours is not None and hours < 1 / 60,
    )


def _longest(hits: bytes, stop: bytes) -> int:
    return max(map(len, hits.split(stop)))


def _words(short: Sketch, long: Sketch) -> tuple[float, float]:
    ours, theirs = set(short.words), set(long.words)
    common = len(ours & theirs)
    return common / max(1, len(ours)), common / max(1, len(theirs))


def _figures(short: Sketch, long: Sketch, hits: bytes) -> tuple[float, float, float, float, float, float]:
    ours, theirs = set(short.figures), set(long.figures)
    common = len(ours & theirs)
    places = zip(short.figures_at, short.figures, strict=True)
    within = [figure in theirs for at, figure in places if hits.find(1, max(0, at - WIDTH + 1), at + 1) >= 0]
    kept = sum(within)
    changed = len(within) - kept
    return (
        (len(ours) - common) / (len(ours) + 1),
        (len(theirs) - common) / (len(theirs) + 1),
        1 - (common + 1) / (len(ours | theirs) + 1),
        log1p(changed),
        changed / (len(within) + 1),
        log1p(kept),
    )


def _titles(short: Sketch, long: Sketch) -> tuple[float, float, float, float, float, float, float, float, float]:
    ours, theirs = set(short.title), set(long.title)
    common = len(ours & theirs)
    plain, other_plain = {w for w in ours if not w[0].isdigit()}, {w for w in theirs if not w[0].isdigit()}
    words = len(plain & other_plain) / max(1, len(plain | other_plain))
    figures = ours - plain != theirs - other_plain
    return (
        common / max(1, len(ours | theirs)),
        common / max(1, min(len(ours), len(theirs))),
        words,
        figures,
        figures and words > 0.5,
        _told(plain, other_plain, long),
        _told(other_plain, plain, short),
        _inside(short.title, long),
        _inside(long.title, short),
    )


def _told(title: set[str], other: set[str], text: Sketch) -> float:
    head = set(text.words[:HEAD])
    return sum(word in other or word_hash(word) in head for word in title) / max(1, len(title))


def _inside(title: tuple[str, ...], text: Sketch) -> bool:
    wanted = array("I", [FIGURE if word[0].isdigit() else word_hash(word) for word in title])
    return len(title) > 3 and wanted.tobytes() in text.words.tobytes()
