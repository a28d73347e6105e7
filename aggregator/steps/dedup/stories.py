"""Which articles are one story: groups of articles that are alike, the first of each, and what the others are to it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import chain

from aggregator.model import Likeness, Member, Verdict
from aggregator.steps.dedup.likeness import NOTHING
from aggregator.steps.dedup.origins import claim
from aggregator.steps.dedup.rule import SAME_PAGE

LINK = 1.5
"""Two groups are one story where the log-odds of all pairs between them are this on average: a story does not grow
along a chain of neighbours, of which the last has nothing in common with the first."""

UNLIKE = -3.0
"""The log-odds of two articles that were never found to be alike."""

WHOLE = 0.8
"""Of an excerpt that stands in the text that it was made of."""

NEARER = 0.5
"""Log-odds by which another copy is named beside the first: an article may have been made of it."""

NOT_OLDER = "no older article of the archive has this page or this text"

CLAIMED = "articles that are older by their dates say that they have it from here"

Links = Mapping[tuple[int, int], Likeness]
"""By the two ids, in both orders."""


def stories(members: Sequence[Member], links: Links) -> dict[int, Verdict]:
    """The place of each of these articles, which are connected by their likenesses. The order in which they were seen
    makes no difference but where it is all that tells which one was first."""
    found: dict[int, Verdict] = {}
    for group in _groups(sorted(members, key=_since), links):
        found |= _places(group, links)
    return found


def remaining(members: Sequence[Member], links: Links) -> dict[int, Verdict]:
    """The place of each in a story of which some are no more: it stays one, also where only they held it together."""
    return _places(sorted(members, key=_since), links)


def apart(like: Likeness) -> str:
    """Why an article is of another story than the one that it is most like."""
    share = f"{like.contained:.0%} of the shorter text stands in the longer one, log-odds {like.odds:+.1f}"
    whole = "between all of its articles and all of the other story" if like.odds >= LINK else "on average"
    return f"of another story than article {like.other}: {share}; a story takes {LINK:+.1f} {whole}"


def follows(member: Member, twin: Member) -> bool:
    """Whether of two articles that say the same on one page this one came after the other."""
    return _since(twin) < _since(member)


def beside(twin: Member, place: Verdict) -> Verdict:
    """The place of an article that follows its twin, which is like no other page."""
    return place if place.relation == "same" else _same_page(twin, place.story or twin.id)


def _places(group: list[Member], links: Links) -> dict[int, Verdict]:
    first, *others = _claimed_first(group)
    found = {first.id: Verdict(relation="first", story=first.id, reason=NOT_OLDER if first is group[0] else CLAIMED)}
    before = [first]
    for each in others:
        found[each.id] = _verdict(each, before, links)
        before.append(each)
    return found


def _groups(members: Sequence[Member], links: Links) -> list[list[Member]]:
    """Average linkage: the two groups that are most alike become one, as long as they are alike enough."""
    groups = {m.id: [m] for m in members}
    sums = {(a.id, b.id): _likeness(a, b, members, links) for n, a in enumerate(members) for b in members[n + 1 :]}
    while sums:
        (a, b), total = max(
            sums.items(), key=lambda item: item[1] / (len(groups[item[0][0]]) * len(groups[item[0][1]]))
        )
        if total / (len(groups[a]) * len(groups[b])) < LINK:
            break
        del sums[a, b]
        for other in [id for id in groups if id not in (a, b)]:
            ours, theirs = _pair(sums, a, other), _pair(sums, b, other)
            sums[ours] += sums.pop(theirs)
        groups[a] += groups.pop(b)
    return [sorted(group, key=_since) for group in groups.values()]


def _likeness(a: Member, b: Member, members: Sequence[Member], links: Links) -> float:
    """Their log-odds. Two that have little in common may be parts of one older text: that speaks neither for nor
    against their being one story."""
    odds = links[a.id, b.id].odds if (a.id, b.id) in links else UNLIKE
    if odds < 0 and any(_is_part(a, m, links) and _is_part(b, m, links) and _fit(a, b, m) for m in members):
        return LINK
    return odds


def _fit(a: Member, b: Member, whole: Member) -> bool:
    return WHOLE * (a.length + b.length) <= whole.length


def _is_part(part: Member, whole: Member, links: Links) -> bool:
    like = links.get((part.id, whole.id))
    return like is not None and like.odds >= LINK and like.contained >= WHOLE and _since(whole)[0] < _since(part)[0]


def _pair(sums: Mapping[tuple[int, int], float], a: int, b: int) -> tuple[int, int]:
    return (a, b) if (a, b) in sums else (b, a)


def _since(member: Member) -> tuple[datetime, datetime, int]:
    """A page from the future was published when it was seen."""
    published = min(member.published or member.first_seen, member.first_seen)
    return published, member.first_seen, member.id


def _claimed_first(group: list[Member]) -> list[Member]:
    """The oldest first; who says that another of them is where its text is from stands behind it, whatever the dates:
    the one that most name, and that names none itself."""
    named = {one.id: [other.id for other in group if claim(one, other)] for one in group}
    times = Counter(chain.from_iterable(named.values()))
    first = max(group, key=lambda m: 0 if named[m.id] else times[m.id])
    return [first, *(m for m in group if m is not first)]


def _verdict(member: Member, before: Sequence[Member], links: Links) -> Verdict:
    first = before[0]
    linked = [(other, links[member.id, other.id]) for other in before if (member.id, other.id) in links]
    if same := next((other for other, like in linked if like.odds >= SAME_PAGE), None):
        return _same_page(same, first.id, _address_of(member, same))
    if not linked:
        reason = f"the same text as articles that came after it, and they are of the story of article {first.id}"
        return Verdict(relation="copy", story=first.id, copy_of=first.id, reason=reason)
    # The first where it is alike; else the one that is most.
    most = max(linked, key=_odds)
    other, like = linked[0] if linked[0][0] is first and linked[0][1].odds >= LINK else most
    said = claim(member, other)
    reason = (
        f"{like.contained:.0%} of the shorter text stands in the longer one, here and in article {other.id} "
        f"({other.url}), {_dated(other)} there, {_dated(member)} here; log-odds of one text {like.odds:+.1f}"
        f"{' before an edit' if like.contained < NOTHING else ''}{f'; {said}' if said else ''}"
    )
    if _odds(most) > like.odds + NEARER:
        reason += f"; most like article {most[0].id} ({most[0].url}): {most[1].contained:.0%}, {_odds(most):+.1f}"
    return Verdict(relation="copy", story=first.id, copy_of=other.id, reason=reason)


def _odds(linked: tuple[Member, Likeness]) -> float:
    return linked[1].odds


def _dated(member: Member) -> str:
    return f"{_since(member)[0]:%Y-%m-%d %H:%M}"


def _address_of(member: Member, other: Member) -> str:
    """By which address the two are one page, where it is not the one that both have."""
    if member.url == other.url:
        return ""
    return f", by {'its canonical address' if member.canonical else 'the address'} {member.page_key}"


def _same_page(other: Member, story: int, by: str = "") -> Verdict:
    reason = f"the same page as article {other.id}: {other.url}{by}"
    return Verdict(relation="same", story=story, copy_of=other.id, reason=reason)
