"""Queries read into trees; docs/query-language.md is the grammar."""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import NoReturn

from aggregator.errors import QueryError
from aggregator.steps.match.ast import And, Length, Node, Not, Or, Regex, Weighted, Within, leaves
from aggregator.steps.match.clauses import clause, known_field
from aggregator.steps.match.lexer import Kind, Token, tokens

MAX_LENGTH = 10_000
MAX_DEPTH = 50
MAX_COSTLY = 20
"""Regular expressions and ages of one query: of each an article may be judged anew."""
MAX_WEIGHT = 1000

_LENGTH = re.compile(r"words\s*([<>=]+)\s*(\d+)", re.IGNORECASE)
_WEIGHT = re.compile(r"\^(-?\d{1,4}(?:\.\d{1,3})?)", re.ASCII)


@lru_cache(maxsize=4096)
def parse(query: str) -> Node:
    """Raises QueryError, which says where and how to write it."""
    if len(query) > MAX_LENGTH:
        raise QueryError(query[:40] + "…", f"longer than {MAX_LENGTH:,} characters", MAX_LENGTH)
    if not query.strip():
        raise QueryError(query, "it is empty: give a word to look for")
    node = _Parser(query).query()
    costly = [leaf for leaf in leaves(node) if isinstance(leaf, Regex | Within)]
    if len(costly) > MAX_COSTLY:
        where = query.find(costly[MAX_COSTLY].clause)
        raise QueryError(query, f"more than {MAX_COSTLY} regular expressions and within: in one query", where)
    return node


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
            return self.weighted(token, self.deeper(token, lambda: self.group(token, field)))
        if token.kind == "field":
            return self.field(token, field)
        if token.kind == "length":
            return self.weighted(token, self.length(token, field))
        if token.kind in ("word", "phrase", "regex"):
            return self.weighted(token, clause(self.source, token, field))
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
        if outer:
            self.fail(f"{token.text} cannot stand inside the brackets of {outer.text}", token)
        known_field(self.source, token)
        return self.one(token)

    def length(self, token: Token, field: Token | None) -> Node:
        match = _LENGTH.fullmatch(token.text)
        if field or not match:
            self.fail("a number of words cannot stand inside the brackets of a field", token)
        return Length(token.text, match[1], int(match[2]))

    def weighted(self, first: Token, node: Node) -> Node:
        if self.next.kind != "weight":
            return node
        token = self.take()
        match = _WEIGHT.fullmatch(token.text)
        if not match or abs(float(match[1])) > MAX_WEIGHT:
            self.fail(f"^ takes a weight from -{MAX_WEIGHT} to {MAX_WEIGHT}, as in title:korea^3", token)
        return Weighted(self.clause(first), node, float(match[1]))


def _missing(kind: Kind, before: Kind | None) -> str:
    if kind == "weight":
        return "^ stands right behind what it weighs, as in korea^3"
    if kind == ")" and before is None:
        return "this bracket was never opened"
    if kind == ")" and before == "(":
        return "there is nothing in these brackets"
    if kind in (")", "end"):
        return "something to look for is missing here"
    return f"something to look for is missing before {kind}; put it in quotes to look for the word"
