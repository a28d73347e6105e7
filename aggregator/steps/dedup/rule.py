"""Whether two texts are one, by weights that were fitted (benchmarks/dedup/fit.py)."""

from math import log
from operator import mul

from aggregator.steps.dedup.evidence import Evidence

CERTAIN = 4.0
"""Log-odds are bounded to this and a little more: no pair of texts speaks louder than three others, but which of two
copies is of which of two editions is told by those that are most alike."""

MORE = 0.05
"""Of what goes beyond CERTAIN."""

WORD_FOR_WORD = CERTAIN + 1

SAME_PAGE = 9.0
"""The log-odds of two articles of one page, which no text makes unlike."""

LEAST_CHANGED, MOST_CHANGED = log(2.5), 0.5
"""Two pages of one site in whose common text two figures or more are others, and more than half of all, are a template
that was filled anew, though it be in the same minute: of 2,200 such pairs none is one text."""

HARDLY_OTHER = 0.7
"""So are two that have more than this in common, and each a word of its title in its text that the other has nowhere:
of 32 such pairs one is one text."""

START = -2.133
WEIGHTS = Evidence(
    contained=4.881,
    little=-15.758,
    covered=-1.214,
    length=0.455,
    longer=-1.220,
    run=-1.943,
    run_length=0.569,
    own=3.904,
    own_length=-0.775,
    other_own=-4.245,
    other_own_length=0.851,
    pieces=11.292,
    lead=1.554,
    other_lead=1.597,
    same_lead=-1.394,
    first=-4.597,
    last=-1.354,
    density=1.695,
    figures_missing=-0.427,
    other_figures_missing=-0.167,
    figures_differ=0.157,
    figures_changed=-2.085,
    figures_changed_share=-5.309,
    figures_kept=0.234,
    words=8.565,
    few_words=3.032,
    other_words=-1.546,
    titles=-0.764,
    titles_contained=3.037,
    title_words=-2.799,
    title_figures=-0.416,
    title_figures_only=-0.957,
    title_told=-0.232,
    other_title_told=4.549,
    subject=-1.535,
    other_subject=-0.070,
    title_inside=0.642,
    other_title_inside=-1.130,
    same_page=5.677,
    same_site=0.419,
    site_contained=-3.314,
    site_figures=-0.351,
    site_subject=-5.764,
    apart=-0.732,
    late=-1.800,
    at_once=-1.651,
)


def odds(evidence: Evidence) -> float:
    """The log-odds that these two are one text."""
    return bounded(weighed(evidence), evidence)


def weighed(evidence: Evidence) -> float:
    return float(START + sum(map(mul, WEIGHTS, evidence)))


def bounded(odds: float, evidence: Evidence) -> float:
    """The same text, word for word, is certain, whenever it was published; so is a template that was filled anew."""
    if evidence.contained == evidence.covered == 1 and evidence.figures_differ == evidence.own == 0:
        return WORD_FOR_WORD
    if _filled_anew(evidence):
        return -CERTAIN
    return max(-CERTAIN, min(odds, CERTAIN + MORE * (odds - CERTAIN)))


def _filled_anew(evidence: Evidence) -> bool:
    changed = evidence.figures_changed > LEAST_CHANGED and evidence.figures_changed_share > MOST_CHANGED
    other_subject = evidence.contained > HARDLY_OTHER and evidence.subject > 0 and evidence.other_subject > 0
    return bool((changed or other_subject) and evidence.same_site and not evidence.same_page)
