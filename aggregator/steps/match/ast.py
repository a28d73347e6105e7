"""What a query says, as a tree; `clause` is always the part of the query as the user wrote it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

TextField = Literal["title", "text", "caption", "byline"]
FactField = Literal["source", "tag", "lang", "url", "has"]
DateField = Literal["before", "after"]

TEXT_FIELDS: tuple[TextField, ...] = get_args(TextField)
FACT_FIELDS: tuple[FactField, ...] = get_args(FactField)
DATE_FIELDS: tuple[DateField, ...] = get_args(DateField)
FIELDS: tuple[str, ...] = (*TEXT_FIELDS, *FACT_FIELDS, *DATE_FIELDS)


@dataclass(frozen=True, slots=True)
class Term:
    """Words that stand together; no field means any of TEXT_FIELDS."""

    clause: str
    field: TextField | None
    tokens: tuple[str, ...]  # as text.words gives them
    prefix: bool  # the last token may go on


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


Node = Term | Fact | Date | Length | And | Or | Not
