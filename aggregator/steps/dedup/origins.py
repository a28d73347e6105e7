"""What an article itself says of where its text is from."""

import re
from collections.abc import Iterator
from functools import lru_cache

from aggregator.model import ENDS, Article, Member
from aggregator.steps.text import words
from aggregator.steps.urls import host, page_key

# The dots of an address are no ends of sentences.
_WHO = r"[«„“\"《「『]?(?P<who>(?:[^\n.,;:()|。，；：（）》」』]|\.(?=\w)){2,60})"
# A word that has to be there, of several, and what follows it. Most texts have none of these words.
_CREDITS = [
    (hints.split(), re.compile(pattern + _WHO, re.IGNORECASE))
    for hints, pattern in (
        ("first originally", r"\b(?:first|originally)\s+(?:published|appeared|posted|ran)\s+(?:by|in|on|at)\s+"),
        ("first originally", r"\b(?:published|appeared|posted|ran)\s+(?:first|originally)\s+(?:by|in|on|at)\s+"),
        (
            "republished reprinted reposted",
            r"\b(?:republished|reprinted|reposted)\s+(?:(?:here\s+)?with\s+(?:the\s+)?permission\s+)?(?:from|of)\s+",
        ),
        (
            "zuerst ursprünglich",
            r"\b(?:zuerst|ursprünglich)\s+(?:erschienen|veröffentlicht)\s+(?:in|im|bei|beim|auf|von|vom)\s+",
        ),
        (
            "zuerst ursprünglich",
            r"\b(?:zuerst|ursprünglich)\s+(?:in|im|bei|beim|auf|von|vom)\s+(?=.{2,60}\b(?:erschienen|veröffentlicht)\b)",
        ),
        ("erschien", r"\berschien\s+(?:zuerst|ursprünglich)\s+(?:in|im|bei|beim|auf|von|vom)\s+"),
        (
            "publié paru",
            r"\b(?:publié|paru)e?\s+(?:à l.origine|initialement|d.abord)\s+(?:par|dans|sur|en)\s+",
        ),
        (
            "publié paru",
            r"\b(?:à l.origine|initialement|d.abord)\s+(?:publié|paru)e?\s+(?:par|dans|sur|en)\s+",
        ),
        (
            "publicad",
            r"\bpublicad[oa]\s+(?:originalmente|originariamente|por primera vez)\s+(?:en|por|em|no|na)\s+",
        ),
        (
            "publicad",
            r"\b(?:originalmente|originariamente|por primera vez)\s+publicad[oa]\s+(?:en|por|em|no|na)\s+",
        ),
        ("pubblicat", r"\bpubblicat[oa]\s+(?:originariamente|originalmente|per la prima volta)\s+(?:su|in|da)\s+"),
        ("pubblicat", r"\b(?:originariamente|originalmente|per la prima volta)\s+pubblicat[oa]\s+(?:su|in|da)\s+"),
        ("首 转 轉 原", r"(?:首[发發刊][于於自在]|[转轉][载載]自|(?:^|[\s(（])[转轉]自|原[載载][于於自])\s*[:：]?\s*"),
        ("نقل", r"(?<!\w)نقل(?:ا|ًا|اً)\s+عن\s+"),
        (
            "source quelle fuente fonte bron źródło источник джерело المصدر 来源 來源 出典",
            r"(?:^|[(（])(?:source|quelle|fuente|fonte|bron|źródło|источник|джерело|المصدر|来源|來源|出典)\s*[:：]\s*",
        ),
    )
]
_DATELINE = re.compile(r"\A[^\n()]{0,60}\((?P<who>[^\W\d][^()\n]{1,30})\)\s*[-–—]")
_PARTS = re.compile(r"[,;|/()–—]|\s-\s|\s(?:for|of|at|from|via)\s")
# Of a host's labels these name nobody.
_NOBODY = {"com", "co", "org", "net", "gov", "edu", "ac", "www", "news", "blog", "edition", "en", "m", "amp", "rss"}
_ARTICLES = {"the", "der", "die", "das", "dem", "den", "le", "la", "les", "el", "los", "il", "lo", "de", "het"}
_MOST_WORDS = 12


def claim(member: Member, other: Member) -> str | None:
    """How the one says that the other, on another site, is where its text is from; None where it does not."""
    if _site(member.page_key) == _site(other.page_key):
        return None
    if member.canonical and page_key(member.canonical) == other.page_key:
        return "its page names that one as the original"
    names = _names(other)
    return next((said for said, called in _told(member) if not names.isdisjoint(called)), None)


def origin(article: Article) -> str | None:
    """Where an article says that it is from, whether that is archived or not."""
    if article.canonical and _site(page_key(article.canonical)) != _site(page_key(article.url)):
        return f"its page names {article.canonical} as the original"
    return next((f"it says “{said}”" for said, _ in _credits(article.text[:ENDS], article.text[-ENDS:])), None)


# A story's members are asked of each other.
@lru_cache(maxsize=256)
def _told(member: Member) -> tuple[tuple[str, frozenset[str]], ...]:
    """Each way in which it names somebody, and what that one may be called."""
    signed = [(f"its byline names {who.strip()}", _called(who)) for who in _PARTS.split(member.byline or "")]
    return (
        *signed,
        *((f"it says “{said}”", _called(who)) for said, who in _credits(member.opening, member.closing)),
    )


@lru_cache(maxsize=256)
def _names(member: Member) -> frozenset[str]:
    """What the site is called, by its address and by its feed."""
    told = [name for name in ("".join(words(member.source)), *_labels(host(member.url))) if len(name) > 1]
    return frozenset((*told, *(name.removeprefix("the") for name in told)))


def _labels(name: str) -> list[str]:
    """Of a host's name those that tell whose it is."""
    return [label.replace("-", "") for label in name.lower().split(".")[:-1] if label not in _NOBODY]


def _credits(opening: str, closing: str) -> Iterator[tuple[str, str]]:
    """The words, and whom they name."""
    if dateline := _DATELINE.search(opening):
        yield dateline[0].strip(), dateline["who"]
    both = f"{closing}\n{opening}"
    folded = both.lower()
    likely = [pattern for hints, pattern in _CREDITS if any(hint in folded for hint in hints)]
    for line in dict.fromkeys(both.split("\n")) if likely else ():
        for pattern in likely:
            if found := pattern.search(line):
                yield found[0].strip(), found["who"]


def _called(who: str) -> frozenset[str]:
    """Names that these words may begin with: "Reuters Staff" is Reuters, "the BBC News website" and "bbc.co.uk" the
    BBC."""
    said = words(who)[:_MOST_WORDS]
    begun = [said, said[1:]] if said and said[0] in _ARTICLES else [said]
    first = who.split(maxsplit=1)[:1]
    return frozenset(
        (*("".join(name[: n + 1]) for name in begun for n in range(len(name))), *(n for w in first for n in _labels(w)))
    )


def _site(page: str) -> str:
    return page.partition("/")[0]
