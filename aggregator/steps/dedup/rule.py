"""Whether two texts are one, by weights that were fitted (benchmarks/dedup/fit.py)."""

from operator import mul

from aggregator.steps.dedup.evidence import Evidence

CERTAIN = 4.0
"""Log-odds are bounded to this: no pair of texts speaks louder than three others."""

SAME_PAGE = 9.0
"""The log-odds of two articles of one page, which no text makes unlike."""

START = -9.862
WEIGHTS = Evidence(
    contained=4.077,
    covered=1.280,
    length=0.195,
    longer=-0.210,
    run=-1.857,
    run_length=0.840,
    own=0.553,
    own_length=0.092,
    other_own=-0.523,
    other_own_length=0.024,
    pieces=48.082,
    lead=1.936,
    other_lead=1.314,
    same_lead=-1.373,
    first=-1.880,
    last=0.612,
    density=0.604,
    figures_missing=-0.713,
    other_figures_missing=-0.364,
    figures_differ=0.039,
    figures_changed=-2.291,
    figures_changed_share=-3.617,
    figures_kept=0.226,
    words=5.606,
    other_words=-0.692,
    titles=-0.359,
    titles_contained=2.297,
    title_words=-1.441,
    title_figures=-0.571,
    title_figures_only=-0.860,
    title_told=0.983,
    other_title_told=3.071,
    title_inside=0.717,
    other_title_inside=-0.449,
    same_site=-1.144,
    apart=-1.267,
    at_once=-1.309,
)


def odds(evidence: Evidence) -> float:
    """The log-odds that these two are one text."""
    return bounded(weighed(evidence), evidence)


def weighed(evidence: Evidence) -> float:
    return float(START + sum(map(mul, WEIGHTS, evidence)))


def bounded(odds: float, evidence: Evidence) -> float:
    """The same text, word for word, is certain, whenever it was published."""
    exact = evidence.contained == evidence.covered == 1 and evidence.figures_differ == evidence.own == 0
    return CERTAIN if exact else max(-CERTAIN, min(CERTAIN, odds))
