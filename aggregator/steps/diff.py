"""What an edit changed, in words."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from difflib import SequenceMatcher
from heapq import nlargest
from html import escape
from itertools import pairwise, zip_longest
from typing import Literal, NamedTuple

from aggregator.model import Archived, Revision

# SequenceMatcher is quadratic: past this, a paragraph counts as replaced whole.
_MOST_WORDS = 600
_MOST_PARAGRAPHS = 600
_WORDS = re.compile(r"\s+|\w+|[^\w\s]")


class Run(NamedTuple):
    kind: Literal["same", "del", "ins"]
    text: str


Paragraph = tuple[Run, ...]


class Edit(NamedTuple):
    """From one revision to the next: the changed paragraphs only."""

    number: int
    seen_at: datetime
    title: Paragraph
    paragraphs: tuple[Paragraph, ...]


class _Said(NamedTuple):
    number: int
    seen_at: datetime
    title: str
    blocks: list[str]


def edits(revisions: Sequence[Revision], archived: Archived) -> tuple[Edit, ...]:
    """The newest first; the article as it stands is the last revision, whether it is among them or not."""
    return tuple(_edit(old, new) for old, new in reversed(list(pairwise(_chain(revisions, archived)))))


def edit_guid(guid: str, number: int) -> str:
    """By which the edit of an entry that made this revision is published."""
    return f"{guid}#revision-{number}"


def newest(edited: Iterable[tuple[Archived, Sequence[Revision]]], limit: int) -> list[Archived]:
    """The last edits of these articles as entries of a feed, the newest first."""
    pairs = [(old, new, archived) for archived, said in edited for old, new in pairwise(_chain(said, archived))]
    last = nlargest(limit, pairs, key=lambda pair: pair[1].seen_at)
    return [_entry(archived, _edit(old, new)) for old, new, archived in last]


def lines(edit: Edit) -> list[str]:
    """For a terminal: what is gone as [-this-], what came as {+this+}."""
    marks = {"same": "{}", "del": "[-{}-]", "ins": "{{+{}+}}"}
    return ["".join(marks[kind].format(said) for kind, said in runs) for runs in _changes(edit)]


def _changes(edit: Edit) -> list[Paragraph]:
    titled = any(run.kind != "same" for run in edit.title)
    return [edit.title, *edit.paragraphs] if titled else list(edit.paragraphs)


def _chain(revisions: Sequence[Revision], archived: Archived) -> list[_Said]:
    chain, now = [_said(revision) for revision in revisions], _said(archived.newest)
    if chain and (chain[-1].title, chain[-1].blocks) != (now.title, now.blocks):
        chain.append(now._replace(number=chain[-1].number + 1))
    return chain


def _said(revision: Revision) -> _Said:
    return _Said(revision.number, revision.seen_at, revision.title, _blocks(revision.text, revision.captions))


def _edit(old: _Said, new: _Said) -> Edit:
    return Edit(new.number, new.seen_at, _words(old.title, new.title), tuple(_changed(old.blocks, new.blocks)))


def _entry(archived: Archived, edit: Edit) -> Archived:
    tags = {"same": "{}", "del": "<del>{}</del>", "ins": "<ins>{}</ins>"}
    shown = ["".join(tags[kind].format(escape(said)) for kind, said in runs) for runs in _changes(edit)]
    article = archived.article
    said = replace(
        article,
        title=f"Edited: {''.join(run.text for run in edit.title if run.kind != 'del')}",
        html="".join(f"<p>{paragraph}</p>" for paragraph in shown),
        summary=None,
        published=edit.seen_at,
        images=(),
    )
    guid = archived.guid or article.url
    return replace(archived, article=said, guid=edit_guid(guid, edit.number), revised_at=edit.seen_at, enclosures=())


def _blocks(text: str, captions: Sequence[str]) -> list[str]:
    paragraphs = [p.strip() for p in text.split("\n\n") if p.strip()]
    return (paragraphs + [f"[{caption}]" for caption in captions])[:_MOST_PARAGRAPHS]


def _changed(old: list[str], new: list[str]) -> Iterator[Paragraph]:
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind != "equal":
            for before, after in zip_longest(old[a:b], new[c:d], fillvalue=""):
                yield _words(before, after)


def _words(old: str, new: str) -> Paragraph:
    before, after = _WORDS.findall(old), _WORDS.findall(new)
    if max(len(before), len(after)) > _MOST_WORDS:
        before, after = [old], [new]
    runs: list[Run] = []
    removed = added = ""
    for kind, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        gone, come = "".join(before[a:b]), "".join(after[c:d])
        # A lone space between two changes would cut "two weeks -> next month" into single words.
        if kind != "equal" or (gone.isspace() and removed and added and b < len(before)):
            removed, added = removed + gone, added + come
            continue
        runs += Run("del", removed), Run("ins", added), Run("same", gone)
        removed = added = ""
    runs += Run("del", removed), Run("ins", added)
    return tuple(run for run in runs if run.text)
