"""A feed's bytes, parted at its entries: what was read before is known by its mark and not read again."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import islice, pairwise

from aggregator.model import Entry, Response
from aggregator.steps.measure import Measure

MARK = 8
"""Bytes of a mark. Of two thousand entries two have the same one once in 10^13 polls."""

MAX_ENTRIES = 5000
"""Entries whose marks are kept; where more are to be read, all of them are each time."""

_FIRST = re.compile(rb"<((?:[\w.-]{1,20}:)?(?:item|entry))(?=[\s>])")
# What may be a guid: the text in an element, in CDATA or in an attribute.
_SAID = re.compile(rb"""[>"'\[]([^<>"'\[\]]{1,4000})(?=["'<\]])""")
_SIGNS = re.compile(r"""[<>"'\[\]]""")
_AMPERSANDS = (b"&amp;", b"&#038;", b"&#38;", b"&#x26;", b"&")  # the last in CDATA
_ROOT = re.compile(rb"<[A-Za-z][^<>]*>")


@dataclass(frozen=True, slots=True)
class Parts:
    """`head` and `tail` hold the feed's own words; `marks` begin with that of what an entry inherits."""

    head: bytes
    entries: tuple[bytes, ...]
    tail: bytes
    marks: tuple[bytes, ...]

    def fresh(self, known: bytes) -> tuple[bytes, ...]:
        """The entries that are not among the marks of an earlier document."""
        before = (
            {known[i : i + MARK] for i in range(MARK, len(known), MARK)} if known[:MARK] == self.marks[0] else set()
        )
        return tuple(e for e, mark in zip(self.entries, self.marks[1:], strict=True) if mark not in before)

    def document(self, entries: tuple[bytes, ...]) -> bytes:
        """The same feed with these entries alone."""
        return b"".join((self.head, *entries, self.tail))

    def sharing(self, read: Sequence[Entry], some: tuple[bytes, ...]) -> tuple[bytes, ...] | None:
        """Beside `some`, of which those were read, the entries that have the guid or the link of one of them: read
        together they tell who is who. None: only the whole document does, for one is known by what it says alone, or by
        an address that is spelled otherwise than it is read, as a relative one."""
        if not all(any(s in own for s in _spellings(e.guid)) for e, own in zip(read, some, strict=True)):
            return None
        names = {name for e in read for name in (e.guid, e.url) if name}
        if any(_SIGNS.search(name) for name in names):
            return None
        left = set(some)
        others = [e for e in self.entries if e not in left]
        joined = b"".join(others)
        # The pattern takes long, and few are there at all.
        signs = tuple(sign for sign in _AMPERSANDS if sign in joined)
        said = {spelled for name in names for spelled in _spellings(name, signs) if spelled in joined}
        if not said:
            return ()
        return tuple(e for e in others if not said.isdisjoint(s.strip() for s in _SAID.findall(e)))


def parts(response: Response, measure: Measure | None = None) -> Parts | None:
    """Of the entries that may be read. None where it is not certain what belongs to which: then the document is read
    whole."""
    body = response.body
    if not (first := _FIRST.search(body)):
        return None
    end = b"</" + first[1] + b">"
    measure, last = measure or Measure(), body.rfind(end) + len(end)
    found = re.finditer(rb"<%b[\s>]" % re.escape(first[1]), body)
    starts = [m.start() for m in islice(found, None if measure.entries is None else measure.entries + 1)]
    entries = [body[start:stop] for start, stop in measure.first(list(pairwise((*starts, last))))]
    head, tail = body[: starts[0]], body[last:]
    if len(entries) > MAX_ENTRIES or any(e.count(end) != 1 or not e.rstrip().endswith(end) for e in entries):
        return None
    root = _ROOT.search(head)
    inherited = (
        head[: root.end()] if root else head,
        response.url.encode(),
        response.headers.get("content-type", "").encode(),
    )
    marks = (_mark(b"\0".join(inherited)), *(_mark(e.rstrip()) for e in entries))
    return Parts(head, tuple(entries), tail, marks)


def _spellings(name: str, signs: tuple[bytes, ...] = _AMPERSANDS) -> set[bytes]:
    plain = name.encode()
    return {plain.replace(b"&", sign) for sign in signs} if b"&" in plain else {plain}


def _mark(said: bytes) -> bytes:
    return blake2b(said, digest_size=MARK).digest()
