"""A query cut into its marks, words and phrases."""

import re
from typing import Literal, NamedTuple

from aggregator.errors import QueryError
from aggregator.steps.match.ast import TEXT_FIELDS

Kind = Literal["(", ")", "AND", "OR", "NOT", "field", "length", "regex", "phrase", "weight", "word", "end"]
Patterns = tuple[tuple[Kind, re.Pattern[str]], ...]

QUOTES = '"“”„«»'  # people paste; any of them opens, and any closes
_TOKENS: Patterns = (
    ("(", re.compile(r"\(")),
    (")", re.compile(r"\)")),
    ("phrase", re.compile(rf"[{QUOTES}]([^{QUOTES}]*)[{QUOTES}]\*?(?:~[0-9]*)?")),
    ("regex", re.compile(r"/(?:[^/\\\n]|\\[^\n])+/(?=[\s()^]|$)")),
    ("weight", re.compile(r"\^[^\s()]*")),
    ("length", re.compile(r"words\s*(?:>=|<=|>|<|=)\s*[0-9]{1,9}(?=[\s()^]|$)", re.IGNORECASE)),
    ("field", re.compile(r"[a-z_]+:", re.IGNORECASE)),
    ("NOT", re.compile(r"(?:NOT(?=[\s(]|$))|(?:(?<![^\s(-])-(?=[^\s)]))")),
    ("AND", re.compile(r"AND(?=[\s()]|$)")),
    ("OR", re.compile(r"OR(?=[\s()]|$)")),
    ("word", re.compile(rf"[^\s(){QUOTES}^]+")),
)
# Behind a field: an address may begin with a slash, so that only a text field takes a regular expression.
_VALUES = tuple(token for token in _TOKENS if token[0] in ("(", "phrase", "word"))
_TEXT_VALUES = tuple(token for token in _TOKENS if token[0] in ("(", "phrase", "regex", "word"))
_NO_LENGTH = re.compile(r"words\s*[<>=]", re.IGNORECASE)
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
        token = _token(query, at, _expected(found))
        if token is None:
            raise QueryError(query, _trouble(query[at]), at)
        if token.kind == "word" and _expected(found) is _TOKENS and _NO_LENGTH.match(query, at):
            raise QueryError(query, "words takes a number of nine digits at most, as in words>300", at)
        if token.kind == "field" and query[token.end : token.end + 1].strip(")") in ("", " ", "\t", "\n"):
            raise QueryError(query, f"{token.text} needs a value right behind the colon", at)
        found.append(token)
        at = token.end if token.kind == "field" else _skip(query, token.end)
    return [*found, Token("end", "", len(query), len(query))]


def _expected(found: list[Token]) -> Patterns:
    if not found or found[-1].kind != "field":
        return _TOKENS
    return _TEXT_VALUES if found[-1].text[:-1].lower() in TEXT_FIELDS else _VALUES


def _skip(query: str, at: int) -> int:
    space = _SPACE.match(query, at)
    return space.end() if space else at


def _token(query: str, at: int, kinds: Patterns) -> Token | None:
    for kind, pattern in kinds:
        if match := pattern.match(query, at):
            return Token(kind, match[0], at, match.end())
    return None


def _trouble(char: str) -> str:
    return "the quote is never closed" if char in QUOTES else f"a value cannot start with {char!r}"
