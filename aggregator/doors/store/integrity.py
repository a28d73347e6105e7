"""Whether what the archive holds is what its ledger says was kept, and can be found."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, Connection, and_, func, select

from aggregator.doors.store import articles as archived
from aggregator.doors.store import days, dialect, ledger
from aggregator.doors.store.tables import articles, entries, revisions, tombstones
from aggregator.doors.store.tables import ledger as lines
from aggregator.errors import StoreError
from aggregator.model import Archived, Article, Finding

BATCH = 500
MAX_WRONG = 10_000
"""Revisions that are known to be wrong while the ledger is read: of more the first are told."""

_DELETED, _ABSENT = 0x80, 0x40  # what the ledger says of an article, and that it is not there …
_MOST = 0x3F  # … and how many of its revisions have a line; of more it is not asked

_UNREADABLE = (StoreError, ValueError)  # a text that cannot be unpacked, captions that are no JSON

Place = tuple[int, int]
"""An article's id and the number of a revision."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What was looked at."""

    articles: int
    revisions: int
    lines: int
    head: tuple[int, bytes]


@dataclass(slots=True)
class _State:
    """What is remembered while the ledger is read: a byte for each article, and what was wrong and may be made right
    by a later line."""

    articles: bytearray
    wrong: dict[Place, str] = field(default_factory=dict)
    said: bytes = ledger.START
    id: int = 0


def damage(tx: Connection) -> tuple[Finding, ...]:
    """What the database itself finds wrong."""
    return tuple(Finding(subject="database", words=words) for words in dialect.damage(tx))


def check(
    tx: Connection,
    words: Callable[[Article], dialect.Words],
    found: Callable[[Finding], None],
    step: Callable[[int], None],
) -> Checked:
    """Read the ledger and all that it tells of, from one state of the archive."""
    total = tx.scalar(select(func.count()).select_from(lines)) or 0
    newest = tx.scalar(select(func.max(articles.c.id))) or 0
    state = _State(bytearray(newest + 1))
    for batch in ledger.read(tx, BATCH):
        for each in _check(tx, batch, state, words):
            found(each)
        step(-(-total // BATCH))
    for (id, number), reason in state.wrong.items():
        found(_wrong(id, number, reason))
    for id, known in enumerate(state.articles):
        if known & _ABSENT and not known & _DELETED:
            found(_wrong(id, None, "is gone, and no line of the ledger says that it was deleted"))
    risen = select(articles.c.id).join(tombstones, tombstones.c.entry_id == articles.c.entry_id).limit(MAX_WRONG)
    for id in tx.scalars(risen.order_by(articles.c.id)):
        found(_wrong(id, None, "is of an entry whose article was deleted"))
    for id in _unreadable_entries(tx):
        found(Finding(subject=f"entry {id}", words="cannot be read: what is kept of its feed's words is damaged"))
    counts = _unwritten(tx, state, found)
    return Checked(articles=counts[0], revisions=counts[1], lines=total, head=ledger.head(tx))


def _check(
    tx: Connection,
    batch: Sequence[tuple[int, bytes, ledger.Line]],
    state: _State,
    words: Callable[[Article], dialect.Words],
) -> Iterator[Finding]:
    ids = sorted({line.article_id for _, _, line in batch if line.article_id < len(state.articles)})
    there = _there(tx, ids)
    contents = {(id, a.revisions): ledger.content(a.article) for id, a in there.items() if a} | _old(tx, ids)
    for id, link, line in batch:
        if id != state.id + 1:
            yield Finding(subject=f"ledger, line {id}", words=f"stands where line {state.id + 1} should")
        if link != ledger.chain(state.said, id, line):
            yield Finding(subject=f"ledger, line {id}", words="was changed, or does not follow from the line before it")
        state.id, state.said = id, link
        if not 0 < line.article_id < len(state.articles):
            yield Finding(subject=f"ledger, line {id}", words=f"tells of article {line.article_id}, which never was")
            continue
        _compare(line, contents, there, state)
        if line.what in ("kept", "found") and (article := there.get(line.article_id)):
            yield from _unfound(tx, article, words)


def _compare(
    line: ledger.Line, contents: dict[Place, bytes | None], there: dict[int, Archived | None], state: _State
) -> None:
    id, place = line.article_id, (line.article_id, line.number)
    if line.what == "deleted":
        state.articles[id] |= _DELETED
        return
    if line.what in ("kept", "found", "revised") and state.articles[id] & _MOST < _MOST:
        state.articles[id] += 1
    if id not in there:
        state.articles[id] |= _ABSENT
    elif contents.get(place) == line.content:
        state.wrong.pop(place, None)
    elif len(state.wrong) < MAX_WRONG:
        state.wrong[place] = _fault(contents, place, is_read=there[id] is not None)


def _fault(contents: dict[Place, bytes | None], place: Place, *, is_read: bool) -> str:
    if contents.get(place):
        return "is not what was kept"
    return "is gone" if is_read and place not in contents else "cannot be read: what is kept of it is damaged"


def _unfound(tx: Connection, article: Archived, words: Callable[[Article], dialect.Words]) -> Iterator[Finding]:
    """By the longest word of each of its fields the index must lead to it."""
    fields = dict(zip(("title", "text", "captions", "byline"), words(article.article), strict=True))
    longest = {name: max(said.split(), key=len)[: dialect.MAX_WORD] for name, said in fields.items() if said.strip()}
    if not longest:
        return
    asked = ("and", tuple(("term", name, (word,), False) for name, word in longest.items()))
    mine = select(articles.c.id).where(articles.c.id == article.id, articles.c.id.in_(dialect.found(tx, asked)))
    if tx.scalar(mine) is None:
        yield Finding(subject=f"article {article.id}", words="is not found by its words in the full-text index")


def _there(tx: Connection, ids: Sequence[int]) -> dict[int, Archived | None]:
    """The articles that there are; None of one that cannot be read, which must not hide the others."""
    try:
        return {a.id or 0: a for a in archived.get(tx, ids)}
    except _UNREADABLE:
        if len(ids) == 1:
            return {ids[0]: None}
        return {id: article for each in ids for id, article in _there(tx, [each]).items()}


def _old(tx: Connection, ids: Sequence[int]) -> dict[Place, bytes | None]:
    """What articles said before they were edited; None of what cannot be read."""
    which = revisions.c.article_id.in_(ids)
    try:
        return _contents(tx, which)
    except _UNREADABLE:
        places = tx.execute(select(revisions.c.article_id, revisions.c.number).where(which)).all()
        return {(id, number): _content(tx, id, number) for id, number in places}


def _content(tx: Connection, id: int, number: int) -> bytes | None:
    try:
        return _contents(tx, and_(revisions.c.article_id == id, revisions.c.number == number))[id, number]
    except _UNREADABLE:
        return None


def _contents(tx: Connection, which: ColumnElement[bool]) -> dict[Place, bytes | None]:
    rows = tx.execute(select(revisions).where(which))
    return {(row.article_id, row.number): ledger.content(archived.revision(row)) for row in rows}


def _unreadable_entries(tx: Connection) -> Iterator[int]:
    """No line of the ledger tells of what feeds said; but a text that is damaged would stop the poll of its source."""
    after: int | None = 0
    while after is not None:
        ids = tx.scalars(_ENTRIES.where(entries.c.id > after)).all()
        after = ids[-1] if ids else None
        if not _is_readable(tx, ids):
            yield from (id for id in ids if not _is_readable(tx, [id]))


def _is_readable(tx: Connection, ids: Sequence[int]) -> bool:
    try:
        tx.execute(select(entries.c.summary, entries.c.content).where(entries.c.id.in_(ids))).all()
    except _UNREADABLE:
        return False
    return True


def _unwritten(tx: Connection, state: _State, found: Callable[[Finding], None]) -> tuple[int, int]:
    """Articles that the ledger does not know, or knows less of, or whose dates lead to no day; returns how many
    articles and revisions there are."""
    after, count, total = 0, 0, 0
    c = articles.c
    page = select(c.id, c.revisions, c.published, c.first_seen).order_by(c.id).limit(50 * BATCH)
    while rows := tx.execute(page.where(c.id > after)).all():
        after, count = rows[-1].id, count + len(rows)
        for id in days.missing(tx, [(row.id, row.published, row.first_seen) for row in rows]):
            found(_wrong(id, None, "is not found by its date"))
        for row in rows:
            total += row.revisions
            known = state.articles[row.id]
            if known & _DELETED:
                found(_wrong(row.id, None, "is there, and the ledger says that it was deleted"))
            elif known & _MOST != min(row.revisions, _MOST):
                found(_wrong(row.id, None, f"has {row.revisions} revisions, of which the ledger has {known & _MOST}"))
    return count, total


def _wrong(id: int, number: int | None, words: str) -> Finding:
    which = f"article {id}" if number is None else f"article {id}, revision {number}"
    return Finding(subject=which, words=words)


_ENTRIES = select(entries.c.id).order_by(entries.c.id).limit(BATCH)
