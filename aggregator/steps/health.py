"""What is wrong with sources, and what to do about it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from difflib import get_close_matches

from aggregator.model import Archived, Article, Counted, Finding, Followed, Source, Topic

LATELY = timedelta(days=30)
FAILURES = 3
"""In a row: fewer are weather."""
SILENT = 10
"""Times its usual pause that a source is quiet before that is strange."""
PAGES = 5
POLLS = 100
"""Polls for one entry that an interval of the user's may cost."""
MOST = 500
"""Entries in LATELY, and more than half of all, that make a source the one that costs most."""

NOTHING = Counted()


def findings(followed: Sequence[Followed], counted: Mapping[int, Counted], now: datetime) -> Iterator[Finding]:
    """Source by source; `counted` has what came of each lately, by its id."""
    total = sum(counts.lately for counts in counted.values())
    for each in followed:
        if not each.source.paused:
            yield from _of(each, counted.get(each.source.id or 0, NOTHING), total, now)


def strangers(topics: Iterable[Topic], followed: Iterable[Source], names: frozenset[str]) -> Iterator[Finding]:
    """A topic of a source that is not there takes nothing; it may come, so that this is no error."""
    tags = {f"tag:{tag}".lower() for source in followed for tag in source.tags}
    for topic in topics:
        for name in topic.sources:
            if name not in names and name.lower() not in tags:
                near = get_close_matches(name, sorted(names | tags), 1)
                way_out = f"did you mean {near[0]!r}?" if near else "`aggregator list` shows what is followed"
                yield _finding(
                    "config", f"topic {topic.name}: sources", f"{name!r} is no source and no tag of one", way_out
                )


def entry(finding: Finding, base_url: str, now: datetime) -> Archived:
    """A finding as an entry of a feed: one for each month that it lasts."""
    return Archived(
        article=Article(
            url=f"{base_url}/sources",
            title=f"{finding.subject}: {finding.words}",
            text=f"{finding.words}.\n\nWhat to do: {finding.way_out}" if finding.way_out else finding.words,
        ),
        source="aggregator",
        guid=f"{finding.kind} {finding.subject} {now:%Y-%m}",
        first_seen=now.replace(hour=0, minute=0, second=0, microsecond=0),
    )


def _of(each: Followed, counts: Counted, total: int, now: datetime) -> Iterator[Finding]:
    state, name = each.state, each.source.name or each.source.url
    if state.gone:
        yield _finding("gone", name, "its server says that it is gone for good (410)", f"aggregator remove {name}")
        return
    if state.failures >= FAILURES:
        yield _finding("failing", name, f"fails again and again: {state.error}", _way_out(each))
    elif state.polled_at and not each.entries:
        yield _finding("silent", name, "has never had an entry", "is it the right feed? `aggregator add` finds others")
    elif quiet := _quiet(each, counts, now):
        yield _finding("silent", name, quiet, "has it a new address? Its site may name one")
    if to := state.moved_to or state.new_url:
        yield _finding("moved", name, f"has moved to {to}", f'in sources.toml, set its url to "{to}"')
    if state.missed_at and now - state.missed_at < LATELY:
        yield _finding(
            "missed", name, "entries came and went between two polls", 'poll it more often: interval = "15m"'
        )
    if counts.pages_failed >= PAGES and 2 * counts.pages_failed > counts.lately:
        words = f"most of its pages cannot be had; the last: {counts.page_error}"
        yield _finding("pages", name, words, "give it headers or cookies in sources.toml, or full_text = false")
    yield from _cost(each, counts, total)


def _way_out(each: Followed) -> str:
    status, name = each.state.status, each.source.name or each.source.url
    if status in (401, 403):
        return "give it auth, headers or a user_agent in sources.toml"
    if status == 404:
        return f"look for its new address with `aggregator add`, or `aggregator remove {name}`"
    return f"open {each.source.url} in a browser; it is asked again by itself"


def _quiet(each: Followed, counts: Counted, now: datetime) -> str | None:
    """Long after it should have said something."""
    state = each.state
    if counts.newest_at is None:
        return None
    pause = state.watched / state.arrivals if state.arrivals > 0 else timedelta()
    if now - counts.newest_at <= max(LATELY, SILENT * pause):
        return None
    return f"has said nothing since {counts.newest_at:%Y-%m-%d}, and answers as usual"


def _cost(each: Followed, counts: Counted, total: int) -> Iterator[Finding]:
    state, name = each.state, each.source.name or each.source.url
    if counts.lately >= MOST and 2 * counts.lately > total:
        words = "more than half of all that is archived comes from it"
        yield _finding("cost", name, words, "full_text = false, or retention, in sources.toml keeps it small")
    if each.source.interval and state.arrivals > 0 and state.watched / state.arrivals > POLLS * each.source.interval:
        words = f"more than {POLLS} polls for each new entry, by its interval"
        yield _finding("cost", name, words, "leave interval out: it adapts by itself")


def _finding(kind: str, subject: str, words: str, way_out: str) -> Finding:
    return Finding(kind=kind, subject=subject, words=words, way_out=way_out)
