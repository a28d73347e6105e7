"""An article's headline: what most of a page's witnesses say, the site's name cut off."""

import re
from collections.abc import Sequence
from html import unescape

from aggregator.steps import text

# og:title is often written for sharing and <title> for search engines: one of them alone does not overrule the h1, nor
# do both where they say the same: that is one field of the site's.
WEIGHTS = {"h1": 1.5, "headline": 1.0, "og:title": 1.0, "twitter:title": 0.4, "title": 0.6}
MAX_HEADINGS = 20
MAX_TITLE = 1000  # characters, as in feeds
_REWORDED = 0.5  # of the words of the shorter one: two headlines of one article
_FEW_WORDS = 3
_SHORT, _SIGNS = 5, 3  # characters that are too few for a headline; of scripts in which a word has two signs
_IDEOGRAPH = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")
_SEPARATOR = re.compile(r"\s+[|–—\-·:»«•/~]+\s+|\s*[|»«]\s*|\s[-–—:]\s")
_FIRST = re.compile(r"([^:|–—]{2,60}?)\s*(?:[:|–—]|\s-)\s+")
_NO_WORD = re.compile(r"\W+")


def title(headings: Sequence[str], said: dict[str, str], site: str, host: str) -> str:
    """The headline by vote; where no two agree, the h1 that another holds or rewords, else the first that says
    anything."""
    told = {name: text.clean(unescape(value[:MAX_TITLE])) for name, value in said.items() if value}
    names = _names(site, host)
    headings = [h[:MAX_TITLE] for h in headings[:MAX_HEADINGS] if _bare(h) != _added(told)]
    own = _own(headings, told, text.fold(site))
    found = {"h1": own} if own else {}
    found |= {n: t if n == "headline" else _without_site(t, names) for n, t in told.items() if _bare(t) not in names}
    votes = {name: _votes(found, _bare(said)) for name, said in found.items()}
    best = max(votes, key=lambda name: votes[name], default=None)
    if best is not None and votes[best] > max(WEIGHTS.values()):
        return _as_edited(found[best], found)
    others = (_without_last_part(found[name], names) for name in WEIGHTS if name != "h1" and name in found)
    return next((t for t in (found.get("h1", ""), *others, *headings) if t), "")


def _own(headings: Sequence[str], told: dict[str, str], site: str) -> str | None:
    """The heading that another witness holds, else one that says the same in other words."""
    folded = {h: text.fold(h) for h in headings}
    likely = [
        h for h in headings if len(folded[h]) > (_SIGNS if _IDEOGRAPH.search(h) else _SHORT) and folded[h] != site
    ]
    others = [text.fold(t) for t in told.values()]
    if held := next((h for h in likely if any(_holds(other, folded[h]) for other in others)), None):
        return held
    said = [text.words(t) for t in told.values()]
    whole = [h for h in likely if len(folded[h]) > _SHORT]
    return next((h for h in whole if any(_rewords(text.words(h), words) for words in said)), None)


def _holds(said: str, heading: str) -> bool:
    """A short heading may be a section's name, and stand in a headline by chance: it must be its beginning."""
    if len(heading) > _SHORT:
        return heading in said
    return said.startswith(heading) and not said[len(heading) :][:1].isalnum()


def _rewords(a: Sequence[str], b: Sequence[str]) -> bool:
    shorter = min(len(set(a)), len(set(b)))
    return shorter >= _FEW_WORDS and len(set(a) & set(b)) >= _REWORDED * shorter and not _is_row_of(b, a)


def _votes(found: dict[str, str], bare: str) -> float:
    agree = {name for name, said in found.items() if _bare(said) == bare}
    return sum(WEIGHTS[name] for name in agree - ({"title"} if "og:title" in agree else set()))


def _as_edited(best: str, found: dict[str, str]) -> str:
    """Where <title> says the same, that may be longer by what people search for: og:title keeps the editors' words."""
    shared, whole = text.words(found.get("og:title", "")), text.words(best)
    is_for_search = _bare(found.get("title", "")) == _bare(best)
    return found["og:title"] if is_for_search and len(shared) >= _FEW_WORDS and _is_row_of(shared, whole) else best


def _is_row_of(few: Sequence[str], many: Sequence[str]) -> bool:
    """True where the few words stand among the many in the same order."""
    rest = iter(many)
    return all(word in rest for word in few)


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
