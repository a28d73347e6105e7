"""Queries read into trees; docs/query-language.md is the grammar."""

import difflib
import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import NoReturn

from aggregator.errors import QueryError
from aggregator.steps import text
from aggregator.steps.match.ast import (
    DATE_FIELDS,
    FACT_FIELDS,
    FIELDS,
    TEXT_FIELDS,
    And,
    Date,
    Fact,
    Length,
    Node,
    Not,
    Or,
    Term,
)
from aggregator.steps.match.lexer import Kind, Token, tokens

MAX_LENGTH = 10_000
MAX_DEPTH = 50

_DATE = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?", re.ASCII)
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*")
_LENGTH = re.compile(r"words\s*([<>=]+)\s*(\d+)", re.IGNORECASE)
# What other query languages, and later versions of this one, mean something by.
_RESERVED = re.compile(r"[~^\[\]{}<>|\\]|^[/+!&]|\*(?!$)|\?(?=\w)")
_RESERVED_WORDS = re.compile(r"(AND|OR|NOT|NEAR|WITHIN|XOR)(/\d+)?")
_HANGUL = re.compile("[\uac00-\ud7a3]$")


@lru_cache(maxsize=4096)
def parse(query: str) -> Node:
    """Raises QueryError, which says where and how to write it."""
    if len(query) > MAX_LENGTH:
        raise QueryError(query[:40] + "…", f"longer than {MAX_LENGTH:,} characters", MAX_LENGTH)
    if not query.strip():
        raise QueryError(query, "it is empty: give a word to look for")
    return _Parser(query).query()


class _Parser:
    """Recursive descent: OR binds weakest, then AND, then NOT."""

    def __init__(self, query: str) -> None:
        self.source = query
        self.tokens = tokens(query)
        self.at = 0
        self.depth = 0

    def query(self) -> Node:
        node = self.either(None)
        if self.next.kind == ")":
            self.fail("this bracket was never opened")
        return node

    @property
    def next(self) -> Token:
        return self.tokens[self.at]

    def take(self) -> Token:
        self.at += 1
        return self.tokens[self.at - 1]

    def fail(self, reason: str, token: Token | None = None) -> NoReturn:
        raise QueryError(self.source, reason, (token or self.next).start)

    def clause(self, first: Token) -> str:
        return self.source[first.start : self.tokens[self.at - 1].end]

    def either(self, field: Token | None) -> Node:
        first, parts = self.next, [self.all(field)]
        while self.next.kind == "OR":
            self.take()
            parts.append(self.all(field))
        return parts[0] if len(parts) == 1 else Or(self.clause(first), tuple(parts))

    def all(self, field: Token | None) -> Node:
        first, parts = self.next, [self.one(field)]
        while self.next.kind not in ("OR", ")", "end"):
            if self.next.kind == "AND":
                self.take()
            parts.append(self.one(field))
        return parts[0] if len(parts) == 1 else And(self.clause(first), tuple(parts))

    def one(self, field: Token | None) -> Node:
        token = self.take()
        if token.kind == "NOT":
            part = self.deeper(token, lambda: self.one(field))
            return Not(self.clause(token), part)
        if token.kind == "(":
            return self.deeper(token, lambda: self.group(token, field))
        if token.kind == "field":
            return self.field(token, field)
        if token.kind == "length":
            return self.length(token, field)
        if token.kind in ("word", "phrase"):
            return self.leaf(token, field)
        self.at -= 1
        return self.fail(_missing(token.kind, self.tokens[self.at - 1].kind if self.at else None))

    def deeper(self, token: Token, read: Callable[[], Node]) -> Node:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.fail(f"more than {MAX_DEPTH} levels deep", token)
        node = read()
        self.depth -= 1
        return node

    def group(self, opening: Token, field: Token | None) -> Node:
        node = self.either(field)
        if self.next.kind != ")":
            self.fail("this bracket is never closed", opening)
        self.take()
        return node

    def field(self, token: Token, outer: Token | None) -> Node:
        name = token.text[:-1].lower()
        if outer:
            self.fail(f"{token.text} cannot stand inside the brackets of {outer.text}", token)
        if name not in FIELDS:
            self.fail(_unknown_field(name), token)
        return self.one(token)

    def length(self, token: Token, field: Token | None) -> Node:
        match = _LENGTH.fullmatch(token.text)
        if field or not match:
            self.fail("a number of words cannot stand inside the brackets of a field", token)
        return Length(token.text, match[1], int(match[2]))

    def leaf(self, token: Token, field: Token | None) -> Node:
        clause = self.written(token, field)
        name = field.text[:-1].lower() if field else None
        phrase = token.kind == "phrase"
        value = token.text.rstrip("*")[1:-1] if phrase else token.text
        for fact in FACT_FIELDS:
            if name == fact:
                return Fact(clause, fact, self.value(fact, value.strip(), token))
        for date in DATE_FIELDS:
            if name == date:
                return Date(clause, date, self.day(value.strip(), token))
        where = next((candidate for candidate in TEXT_FIELDS if name == candidate), None)
        if not phrase:
            self.check(token, field)
        found = tuple(text.words(value))
        if not found:
            self.fail("there is no letter or digit here to look for", token)
        # Korean hangs its particles on the noun: who asks for 북한 wants 북한은 and 북한의.
        prefix = token.text.endswith("*") or bool(_HANGUL.search(found[-1]))
        return Term(clause, where, found, prefix)

    def written(self, token: Token, field: Token | None) -> str:
        if field is None:
            return token.text
        return f"{field.text}{token.text}"

    def check(self, word: Token, field: Token | None) -> None:
        if match := _RESERVED_WORDS.fullmatch(word.text):
            self.fail(f"{match[1]} has no meaning here; put it in quotes to look for the word", word)
        if field and word.text.startswith("-"):
            self.fail(f"write -{field.text}{word.text[1:]}: the minus goes before the field", word)
        if re.match(r"-\w", word.text):
            self.fail("a minus needs a space before it", word)
        if match := _RESERVED.search(word.text):
            self.fail(_reserved(match[0], word.text), word)

    def value(self, field: str, value: str, token: Token) -> str:
        if not value:
            self.fail(f"{field}: needs a value", token)
        if token.text.endswith("*") and field != "url":
            self.fail(f"{field}: takes a whole value, without *", token)
        if field == "tag":
            return text.fold(value)
        if field == "source":
            return value
        value = value.lower()
        if field == "lang" and not _LANGUAGE.fullmatch(value := value.replace("_", "-")):
            self.fail("lang: takes a code such as en or pt-br", token)
        if field == "has" and value not in ("caption", "image"):
            self.fail("has: takes caption or image", token)
        return value

    def day(self, value: str, token: Token) -> datetime:
        try:
            if match := _DATE.fullmatch(value):
                return datetime(int(match[1]), int(match[2] or 1), int(match[3] or 1), tzinfo=UTC)
        except ValueError:
            pass  # there is no such day
        return self.fail("before: and after: take a date such as 2024-06-01", token)


def _missing(kind: Kind, before: Kind | None) -> str:
    if kind == ")" and before is None:
        return "this bracket was never opened"
    if kind == ")" and before == "(":
        return "there is nothing in these brackets"
    if kind in (")", "end"):
        return "something to look for is missing here"
    return f"something to look for is missing before {kind}; put it in quotes to look for the word"


def _unknown_field(name: str) -> str:
    if name == "words":
        return "write words>300 or words<300"
    if near := difflib.get_close_matches(name, FIELDS, 1, 0.65):
        return f"there is no field {name}:, did you mean {near[0]}: ?"
    known = " ".join(f"{field}:" for field in FIELDS)
    return f"there is no field {name}: (there are {known}); put it in quotes to look for the words"


def _reserved(mark: str, word: str) -> str:
    hints = {"|": "write OR", "!": "write NOT", "+": "all words are asked for anyway", "&": "write AND"}
    if mark == "*":
        return "* can only end a word, as in nucl*"
    hint = hints.get(mark, f'put it in quotes, "{word}", to look for the words in it')
    return f"{mark} has no meaning here: {hint}"
