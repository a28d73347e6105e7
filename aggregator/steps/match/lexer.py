"""A query cut into its marks, words and phrases."""

import re
from typing import Literal, NamedTuple

from aggregator.errors import QueryError

Kind = Literal["(", ")", "AND", "OR", "NOT", "field", "length", "phrase", "word", "end"]

_QUOTES = '"“”„«»'  # people paste; any of them opens, and any closes
_TOKENS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("(", re.compile(r"\(")),
    (")", re.compile(r"\)")),
    ("phrase", re.compile(rf"[{_QUOTES}]([^{_QUOTES}]*)[{_QUOTES}]\*?")),
    ("length", re.compile(r"words\s*(?:>=|<=|>|<|=)\s*[0-9]{1,9}(?=[\s()]|$)", re.IGNORECASE)),
    ("field", re.compile(r"[a-z_]+:", re.IGNORECASE)),
    ("NOT", re.compile(r"(?:NOT(?=[\s(]|$))|(?:(?<![^\s(-])-(?=[^\s)]))")),
    ("AND", re.compile(r"AND(?=[\s()]|$)")),
    ("OR", re.compile(r"OR(?=[\s()]|$)")),
    ("word", re.compile(rf"[^\s(){_QUOTES}]+")),
)
_VALUES = tuple(token for token in _TOKENS if token[0] in ("(", "phrase", "word"))
_SPACE = re.compile(r"\s*")


class Token(NamedTuple):
    kind: Kind
    text: str
    start: int
    end: int


def tokens(query: str) -> list[Token]:
    """The tokens, an "end" behind the last. Raises QueryError."""
    found: list[Token] = []
    at = _skip(query, 0)
    while at < len(query):
        after_field = bool(found) and found[-1].kind == "field"
        token = _token(query, at, _VALUES if after_field else _TOKENS)
        if token is None:
            raise QueryError(query, _trouble(query[at]), at)
        if token.kind == "field" and query[token.end : token.end + 1].strip(")") in ("", " ", "\t", "\n"):
            raise QueryError(query, f"{token.text} needs a value right behind the colon", at)
        found.append(token)
        at = token.end if token.kind == "field" else _skip(query, token.end)
    return [*found, Token("end", "", len(query), len(query))]


def _skip(query: str, at: int) -> int:
    space = _SPACE.match(query, at)
    return space.end() if space else at


def _token(query: str, at: int, kinds: tuple[tuple[Kind, re.Pattern[str]], ...]) -> Token | None:
    for kind, pattern in kinds:
        if match := pattern.match(query, at):
            return Token(kind, match[0], at, match.end())
    return None


def _trouble(char: str) -> str:
    return "the quote is never closed" if char in _QUOTES else f"a value cannot start with {char!r}"
