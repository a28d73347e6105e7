"""An article's headline: what most of a page's witnesses say, the site's name cut off."""

import re
from collections.abc import Sequence
from html import unescape

from aggregator.steps import text

# og:title is often written for sharing and <title> for search engines: one of them alone does not overrule the h1.
WEIGHTS = {"h1": 1.5, "headline": 1.0, "og:title": 1.0, "twitter:title": 0.4, "title": 0.6}
MAX_HEADINGS = 20
_SEPARATOR = re.compile(r"\s+[|–—\-·:»«•/~]+\s+|\s*[|»«]\s*|\s[-–—:]\s")
_FIRST = re.compile(r"([^:|–—]{2,60}?)\s*(?:[:|–—]|\s-)\s+")
_NO_WORD = re.compile(r"\W+")


def title(headings: Sequence[str], said: dict[str, str], site: str, host: str) -> str:
    """The headline by vote; where no two agree, the h1 that another holds, else the first that says anything."""
    told = {name: text.clean(unescape(value)) for name, value in said.items() if value}
    folded = [text.fold(t) for t in told.values()]
    found: dict[str, str] = {}
    names = _names(site, host)
    headings = [h for h in headings[:MAX_HEADINGS] if _bare(h) != _added(told)]
    for heading in headings:
        own = text.fold(heading)
        if len(own) > 5 and own != text.fold(site) and any(own in other for other in folded):
            found["h1"] = heading
            break
    found |= {n: t if n == "headline" else _without_site(t, names) for n, t in told.items() if _bare(t) not in names}
    votes = {name: sum(WEIGHTS[n] for n, t in found.items() if _bare(t) == _bare(found[name])) for name in found}
    best = max(votes, key=lambda name: votes[name], default=None)
    if best is not None and votes[best] > max(WEIGHTS.values()):
        return found[best]
    others = (_without_last_part(found[name], names) for name in WEIGHTS if name != "h1" and name in found)
    return next((t for t in (found.get("h1", ""), *others, *headings) if t), "")


def _added(told: dict[str, str]) -> str:
    """What `title` says beside og:title: where a heading says just that, it is the site's name."""
    whole, shared = _bare(told.get("title", "")), _bare(told.get("og:title", ""))
    return whole.replace(shared, "", 1) if shared and shared != whole else ""


def _names(site: str, host: str) -> list[str]:
    """What the site calls itself, without spaces and signs."""
    host = host.removeprefix("www.")
    return [name for name in dict.fromkeys(map(_bare, (site, host, host.partition(".")[0]))) if len(name) > 1]


def _without_site(said: str, names: list[str]) -> str:
    """Last parts that name the site go, or a first one that is its name."""
    ends = list(_SEPARATOR.finditer(said))
    for end in reversed(ends):
        if not _is_site(_bare(said[end.end() :]), names):
            break
        said = said[: end.start()]
    first = _FIRST.match(said)
    return said[first.end() :] if first and _bare(first[1]) in names else said


def _is_site(part: str, names: list[str]) -> bool:
    return part in names or any(
        (len(name) > 3 and name in part and len(part) < 40) or (len(part) > 2 and part in name) for name in names
    )


def _without_last_part(said: str, names: list[str]) -> str:
    """A short last part behind a separator is a site's name as a rule, where the page does not say that name."""
    ends = list(_SEPARATOR.finditer(said))
    if not ends or any(_bare(said).endswith(name) for name in names if len(name) > 3):
        return said
    head, tail = said[: ends[-1].start()], said[ends[-1].end() :]
    return head if len(tail.split()) <= 4 and len(head.split()) > 3 else said


def _bare(said: str) -> str:
    return _NO_WORD.sub("", text.fold(said))
