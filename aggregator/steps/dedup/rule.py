"""Whether two texts are one, by weights that were fitted (benchmarks/dedup/fit.py)."""

from math import log
from operator import mul

from aggregator.steps.dedup.evidence import Evidence

CERTAIN = 4.0
"""Log-odds are bounded to this: no pair of texts speaks louder than three others."""

SAME_PAGE = 9.0
"""The log-odds of two articles of one page, which no text makes unlike."""

LEAST_CHANGED, MOST_CHANGED = log(2.5), 0.5
"""Two pages of one site in whose common text two figures or more are others, and more than half of all, are a template
that was filled anew, though it be in the same minute: of 2,200 such pairs none is one text."""

START = -10.035
WEIGHTS = Evidence(
    contained=4.960,
    little=-16.143,
    covered=0.486,
    length=0.729,
    longer=-0.696,
    run=-3.151,
    run_length=1.127,
    own=5.784,
    own_length=-1.112,
    other_own=-1.725,
    other_own_length=0.099,
    pieces=18.401,
    lead=2.426,
    other_lead=1.713,
    same_lead=-1.750,
    first=-3.047,
    last=-0.476,
    density=1.060,
    figures_missing=0.349,
    other_figures_missing=1.154,
    figures_differ=-1.520,
    figures_changed=-2.601,
    figures_changed_share=-4.255,
    figures_kept=0.438,
    words=13.057,
    few_words=5.618,
    other_words=-2.466,
    titles=-0.803,
    titles_contained=3.300,
    title_words=-2.473,
    title_figures=-0.639,
    title_figures_only=-0.947,
    title_told=0.186,
    other_title_told=4.298,
    title_inside=0.831,
    other_title_inside=-1.454,
    same_page=6.136,
    same_site=-0.735,
    site_contained=-1.280,
    site_figures=-1.249,
    apart=-0.736,
    late=-2.089,
    at_once=-0.922,
)


def odds(evidence: Evidence) -> float:
    """The log-odds that these two are one text."""
    return bounded(weighed(evidence), evidence)


def weighed(evidence: Evidence) -> float:
    return float(START + sum(map(mul, WEIGHTS, evidence)))


def bounded(odds: float, evidence: Evidence) -> float:
    """The same text, word for word, is certain, whenever it was published; so is a template that was filled anew."""
    if evidence.contained == evidence.covered == 1 and evidence.figures_differ == evidence.own == 0:
        return CERTAIN
    return -CERTAIN if _filled_anew(evidence) else max(-CERTAIN, min(CERTAIN, odds))


def _filled_anew(evidence: Evidence) -> bool:
    changed = evidence.figures_changed > LEAST_CHANGED and evidence.figures_changed_share > MOST_CHANGED
    return bool(changed and evidence.same_site and not evidence.same_page)
