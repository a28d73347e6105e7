"""What a query says, as a tree; `clause` is always the part of the query as the user wrote it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, get_args

TextField = Literal["title", "text", "caption", "byline"]
FactField = Literal["source", "tag", "lang", "url", "has"]
DateField = Literal["before", "after"]
OtherField = Literal["within", "like"]

TEXT_FIELDS: tuple[TextField, ...] = get_args(TextField)
FACT_FIELDS: tuple[FactField, ...] = get_args(FactField)
DATE_FIELDS: tuple[DateField, ...] = get_args(DateField)
FIELDS: tuple[str, ...] = (*TEXT_FIELDS, *FACT_FIELDS, *DATE_FIELDS, *get_args(OtherField))


@dataclass(frozen=True, slots=True)
class Term:
    """Words that stand together; no field means any of TEXT_FIELDS."""

    clause: str
    field: TextField | None
    tokens: tuple[str, ...]  # as text.words gives them
    prefix: bool  # the last token may go on


@dataclass(frozen=True, slots=True)
class Near:
    """Words and phrases in one paragraph, in any order, with at most `distance` other words in between."""

    clause: str
    field: TextField | None
    parts: tuple[Term, ...]
    distance: int


@dataclass(frozen=True, slots=True)
class Regex:
    """A regular expression, held against each paragraph as it is written."""

    clause: str
    field: TextField | None
    pattern: str


@dataclass(frozen=True, slots=True)
class Like:
    """Near in wording to an article of the archive, named by its id or URL."""

    clause: str
    article: str


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that an article has or has not; the value is in the form it is compared in."""

    clause: str
    field: FactField
    value: str


@dataclass(frozen=True, slots=True)
class Date:
    """`before` leaves the day itself out, `after` takes it in."""

    clause: str
    field: DateField
    day: datetime


@dataclass(frozen=True, slots=True)
class Within:
    """Not older than that, now."""

    clause: str
    age: timedelta


@dataclass(frozen=True, slots=True)
class Length:
    """How many words the text has."""

    clause: str
    sign: str
    count: int


@dataclass(frozen=True, slots=True)
class And:
    clause: str
    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Or:
    clause: str
    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Not:
    clause: str
    part: "Node"


@dataclass(frozen=True, slots=True)
class Weighted:
    """What a part counts for a topic's threshold; whether it matches is the part's own matter."""

    clause: str
    part: "Node"
    weight: float


Leaf = Term | Near | Regex | Like | Fact | Date | Within | Length
Node = Leaf | And | Or | Not | Weighted


def leaves(node: Node) -> Iterator[Leaf]:
    """All clauses, in their order."""
    match node:
        case And() | Or():
            for part in node.parts:
                yield from leaves(part)
        case Not() | Weighted():
            yield from leaves(node.part)
        case _:
            yield node
