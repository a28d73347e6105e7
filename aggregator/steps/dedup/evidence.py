"""What two texts have in common, in figures."""

from array import array
from datetime import datetime
from difflib import SequenceMatcher
from math import log1p
from typing import NamedTuple

from aggregator.steps.dedup.sketch import FIGURE, HEAD, WIDTH, Sketch, vocabulary, word_hash

SPELLING = 0.8
"""How alike two words are that are spellings of one, as difflib has it."""

LEAD = 30
"""Shingles at the start of a text: a copy is trimmed from its end, a quotation stands in the middle."""

UNKNOWN = 2.0
"""How far two articles are apart of which one has no date."""


class Evidence(NamedTuple):
    """Figures about a pair of texts; of shares, 0 is nothing and 1 is all. The shorter text has fewer shingles."""

    contained: float  # share of the shorter text's shingles that the longer one has
    little: float  # how far that is below a half
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
    few_words: float  # how far the first of these is below nine tenths
    other_words: float
    titles: float  # shared words of the titles, of all
    titles_contained: float  # … of the shorter title's
    title_words: float  # the same without figures
    title_figures: float  # whether the titles' figures differ …
    title_figures_only: float  # … and little else does
    title_told: float  # share of the shorter text's title that stands in the longer's title or head
    other_title_told: float
    subject: float  # words of the shorter's title and text that stand nowhere in the longer, their number's logarithm
    other_subject: float
    title_inside: float  # whether the shorter's title stands in the longer text, as a round-up has it
    other_title_inside: float
    same_page: float = 0.0  # from here on what `published` adds
    same_site: float = 0.0
    site_contained: float = 0.0  # … times `contained`: much in common says less where all articles have it in common …
    site_figures: float = 0.0  # … times `figures_changed`: a template, filled anew
    site_subject: float = 0.0  # … times `subject`, with no figure in it
    apart: float = 0.0  # hours between the two, their logarithm
    late: float = 0.0  # … times `contained`: what comes back whole after days is a template more often than a copy
    at_once: float = 0.0  # published in the same minute


def in_common(a: Sketch, b: Sketch) -> frozenset[int]:
    """The shingles of both. The order of the two makes no difference, but of many pairs in a row one had better be the
    first of all."""
    return vocabulary(a)[0].intersection(b.shingles)


def contained(a: Sketch, b: Sketch, common: frozenset[int]) -> float:
    """Share of the shorter text that stands in the longer one too."""
    return len(common) / max(1, min(a.distinct, b.distinct))


def evidence(a: Sketch, b: Sketch, common: frozenset[int]) -> Evidence:
    """Of two texts and what `in_common` finds in them, wherever and whenever they were published."""
    short, long = sorted((a, b), key=lambda s: (len(s.shingles), s.shingles))
    hits, other_hits = _hits(short, common), _hits(long, common)
    n, m = max(1, len(hits)), max(1, len(other_hits))
    run, own, other_own = _longest(hits, b"\0"), _longest(hits, b"\1"), _longest(other_hits, b"\1")
    first = other_hits.find(1) if common else m
    after = m - 1 - other_hits.rfind(1) if common else m
    long_lead = set(long.shingles[: 2 * LEAD])
    share = len(common) / max(1, short.distinct)
    return Evidence(
        share,
        max(0.0, 0.5 - share),
        len(common) / max(1, long.distinct),
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
        len(common) / max(1, m - first - after),
        *_figures(short, long, hits),
        *_words(short, long, len(vocabulary(a)[1].intersection(b.words))),
        *_titles(short, long),
    )


def published(
    found: Evidence, same_page: bool, same_site: bool, a_at: datetime | None, b_at: datetime | None
) -> Evidence:
    """With what their places and times add to what two texts have in common."""
    hours = abs((a_at - b_at).total_seconds()) / 3600 if a_at and b_at else None
    apart = log1p(hours) if hours is not None else UNKNOWN
    return found._replace(
        same_page=same_page,
        same_site=same_site,
        site_contained=same_site * found.contained,
        site_figures=same_site * found.figures_changed,
        site_subject=same_site * found.subject,
        apart=apart,
        late=found.contained * apart,
        at_once=hours is not None and hours < 1 / 60,
    )


def _hits(text: Sketch, common: frozenset[int]) -> bytes:
    """Of each shingle in its order whether the other text has it: 1 or 0."""
    if len(common) == text.distinct:
        return b"\1" * len(text.shingles)
    return bytes(map(common.__contains__, text.shingles))


def _longest(hits: bytes, stop: bytes) -> int:
    return max(map(len, hits.split(stop)))


def _words(short: Sketch, long: Sketch, common: int) -> tuple[float, float, float]:
    share = common / max(1, short.distinct_words)
    return share, max(0.0, 0.9 - share), common / max(1, long.distinct_words)


class _Figures(NamedTuple):
    missing: float
    other_missing: float
    differ: float
    changed: float
    changed_share: float
    kept: float


def _figures(short: Sketch, long: Sketch, hits: bytes) -> _Figures:
    ours, theirs = set(short.figures), set(long.figures)
    common = len(ours & theirs)
    places = zip(short.figures_at, short.figures, strict=True)
    within = [figure in theirs for at, figure in places if hits.find(1, max(0, at - WIDTH + 1), at + 1) >= 0]
    kept = sum(within)
    changed = len(within) - kept
    return _Figures(
        (len(ours) - common) / (len(ours) + 1),
        (len(theirs) - common) / (len(theirs) + 1),
        1 - (common + 1) / (len(ours | theirs) + 1),
        log1p(changed),
        changed / (len(within) + 1),
        log1p(kept),
    )


class _Titles(NamedTuple):
    shared: float
    contained: float
    words: float
    figures: float
    figures_only: float
    told: float
    other_told: float
    subject: float
    other_subject: float
    inside: float
    other_inside: float


def _titles(short: Sketch, long: Sketch) -> _Titles:
    ours, theirs = set(short.title), set(long.title)
    common = len(ours & theirs)
    plain, other_plain = {w for w in ours if not w[0].isdigit()}, {w for w in theirs if not w[0].isdigit()}
    words = len(plain & other_plain) / max(1, len(plain | other_plain))
    subject, other_subject = _subjects(plain - other_plain, short, other_plain - plain, long)
    figures = ours - plain != theirs - other_plain
    return _Titles(
        common / max(1, len(ours | theirs)),
        common / max(1, min(len(ours), len(theirs))),
        words,
        figures,
        figures and words > 0.5,
        _told(plain, other_plain, long),
        _told(other_plain, plain, short),
        log1p(len(subject)),
        log1p(len(other_subject)),
        _inside(short.title, long),
        _inside(long.title, short),
    )


def _told(title: set[str], other: set[str], text: Sketch) -> float:
    untold = set(map(word_hash, title - other)).difference(text.words[:HEAD])
    return (len(title) - len(untold)) / max(1, len(title))


def _subjects(title: set[str], text: Sketch, other: set[str], other_text: Sketch) -> tuple[set[str], set[str]]:
    """A copy has no other subject than its original; a template that is filled anew has, though no figure differs."""
    if not title and not other:
        return set(), set()
    hashes = {word_hash(word): word for word in (*title, *other)}
    here, there = set(hashes).intersection(text.words), set(hashes).intersection(other_text.words)
    ours, theirs = {hashes[h] for h in here - there} & title, {hashes[h] for h in there - here} & other
    if ours and theirs:  # "centers" is "centres"
        spelled = [
            (a, b) for a in ours for b in theirs if a[0] == b[0] and SequenceMatcher(None, a, b).ratio() > SPELLING
        ]
        ours, theirs = ours - {a for a, _ in spelled}, theirs - {b for _, b in spelled}
    return ours, theirs


def _inside(title: tuple[str, ...], text: Sketch) -> bool:
    if len(title) < 4:
        return False
    wanted = array("I", [FIGURE if word[0].isdigit() else word_hash(word) for word in title])
    return wanted.tobytes() in text.words.tobytes()
