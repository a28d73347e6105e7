"""One clause of a query: a word, a phrase, a regular expression, or the value of a field."""

import difflib
import re
from datetime import UTC, datetime, timedelta
from typing import NoReturn

import regex

from aggregator.errors import QueryError
from aggregator.steps import text
from aggregator.steps.match.ast import (
    DATE_FIELDS,
    FACT_FIELDS,
    FIELDS,
    TEXT_FIELDS,
    Date,
    Fact,
    Leaf,
    Like,
    Near,
    Regex,
    Term,
    TextField,
    Within,
)
from aggregator.steps.match.lexer import QUOTES, Token

MAX_DISTANCE = 1000

# What others call our fields, by no letter alike.
_ALSO_CALLED = {
    "author": "byline",
    "by": "byline",
    "from": "source",
    "feed": "source",
    "site": "url",
    "domain": "url",
    "host": "url",
    "link": "url",
    "inurl": "url",
    "category": "tag",
    "label": "tag",
    "body": "text",
    "content": "text",
    "date": "after",
    "since": "after",
    "until": "before",
    "newer": "within",
    "similar": "like",
}
MAX_PATTERN = 1000
MAX_REPEATS = 1000
"""Of a regular expression: a{9999999} alone takes seconds to compile."""

HAS = ("caption", "image", "page", "edits")

_DATE = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?", re.ASCII)
_AGE = re.compile(r"(\d{1,5})([hdw])", re.ASCII)
_HOURS = {"h": 1, "d": 24, "w": 168}
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*")
_PHRASE = re.compile(rf"[{QUOTES}](.*)[{QUOTES}](\*?)(?:~([0-9]*))?", re.DOTALL)
# What other query languages, and later versions of this one, mean something by.
_RESERVED = re.compile(r"[~^\[\]{}<>|\\]|^[/+!&]|\*(?!$)|\?(?=\w)")
_RESERVED_WORDS = re.compile(r"(AND|OR|NOT|NEAR|WITHIN|XOR)(/\d+)?")
_HANGUL = re.compile("[\uac00-\ud7a3]$")


def known_field(query: str, token: Token) -> None:
    """Raises QueryError with the nearest field where there is none of this name."""
    if (name := token.text[:-1].lower()) not in FIELDS:
        _fail(query, _unknown_field(name), token)


def clause(query: str, token: Token, field: Token | None) -> Leaf:
    """What a word, phrase or regular expression asks for, in its field. Raises QueryError."""
    written = field.text + token.text if field else token.text
    name = field.text[:-1].lower() if field else None
    where = next((candidate for candidate in TEXT_FIELDS if name == candidate), None)
    if field is None or where:
        return _words(query, token, field, where, written)
    phrase = _PHRASE.fullmatch(token.text)
    value = (phrase[1] if phrase else token.text).strip()
    if phrase and phrase[3] is not None:
        _fail(query, f"{name}: takes no ~", token)
    for fact in FACT_FIELDS:
        if name == fact:
            return Fact(written, fact, _value(query, fact, value, token))
    for date in DATE_FIELDS:
        if name == date:
            return Date(written, date, _day(query, value, token))
    if name == "within":
        return Within(written, _age(query, value, token))
    return Like(written, _article(query, value, token))


def _words(query: str, token: Token, field: Token | None, where: TextField | None, written: str) -> Leaf:
    if token.kind == "regex":
        return Regex(written, where, _pattern(query, token))
    phrase = _PHRASE.fullmatch(token.text)
    if not phrase:
        _check(query, token, field)
        return _term(query, token, written, where, token.text, token.text.endswith("*"))
    if phrase[3] is not None:
        return _near(query, token, written, where, phrase)
    return _term(query, token, written, where, phrase[1], bool(phrase[2]))


def _term(query: str, token: Token, written: str, where: TextField | None, value: str, goes_on: bool) -> Term:
    found = tuple(text.words(value))
    if not found:
        _fail(query, "there is no letter or digit here to look for", token)
    # Korean hangs its particles on the noun: who asks for 북한 wants 북한은 and 북한의.
    return Term(written, where, found, goes_on or bool(_HANGUL.search(found[-1])))


def _near(query: str, token: Token, written: str, where: TextField | None, phrase: re.Match[str]) -> Near:
    if not phrase[3] or int(phrase[3]) > MAX_DISTANCE:
        _fail(query, f'write how many words may stand in between, up to {MAX_DISTANCE}, as in "putin kim"~8', token)
    said = phrase[1].split()
    parts = [
        _term(query, token, word, where, word, bool(phrase[2]) and n == len(said)) for n, word in enumerate(said, 1)
    ]
    parts = list({(part.tokens, part.prefix): part for part in parts}.values())
    if len(parts) < 2:
        _fail(query, '~ takes two different words or more, as in "putin kim"~8', token)
    return Near(written, where, tuple(parts), int(phrase[3]))


def _pattern(query: str, token: Token) -> str:
    pattern = token.text[1:-1].replace(r"\/", "/")
    if len(pattern) > MAX_PATTERN:
        _fail(query, f"a regular expression of more than {MAX_PATTERN} characters", token)
    if any(int(number) > MAX_REPEATS for number in re.findall(r"[{,](\d{1,1000})(?=[,}])", pattern)):
        _fail(query, f"a regular expression that repeats more than {MAX_REPEATS} times", token)
    try:
        regex.compile(pattern, regex.IGNORECASE | regex.V0)
    except regex.error as error:
        reason, _, at = str(error).partition(" at position ")
        place = token._replace(start=token.start + 1 + (int(at) if at.isdecimal() else 0))
        _fail(query, f"not a regular expression: {reason}", place)
    except (RecursionError, ValueError, OverflowError, MemoryError):
        _fail(query, "a regular expression that cannot be read: too deep", token)
    return pattern


def _check(query: str, word: Token, field: Token | None) -> None:
    if match := _RESERVED_WORDS.fullmatch(word.text):
        hint = ' (write "a b"~5)' if match[1] in ("NEAR", "WITHIN") else ""
        _fail(query, f"{match[1]} has no meaning here{hint}; put it in quotes to look for the word", word)
    if field and word.text.startswith("-"):
        _fail(query, f"write -{field.text}{word.text[1:]}: the minus goes before the field", word)
    if re.match(r"-\w", word.text):
        _fail(query, "a minus needs a space before it", word)
    if match := _RESERVED.search(word.text):
        _fail(query, _reserved(match[0], word.text), word._replace(start=word.start + match.start()))


def _value(query: str, field: str, value: str, token: Token) -> str:
    if not value:
        _fail(query, f"{field}: needs a value", token)
    if token.text.endswith("*") and field != "url":
        _fail(query, f"{field}: takes a whole value, without *", token)
    if field == "tag":
        return text.fold(value)
    if field == "source":
        return value
    value = value.lower()
    if field == "lang" and not _LANGUAGE.fullmatch(value := value.replace("_", "-")):
        _fail(query, "lang: takes a code such as en or pt-br", token)
    if field == "has" and value not in HAS:
        _fail(query, f"has: takes {_choice(HAS)}{_nearest(value, HAS)}", token)
    return value


def _day(query: str, value: str, token: Token) -> datetime:
    try:
        if match := _DATE.fullmatch(value):
            return datetime(int(match[1]), int(match[2] or 1), int(match[3] or 1), tzinfo=UTC)
    except ValueError:
        pass  # there is no such day
    return _fail(query, "before: and after: take a date such as 2024-06-01", token)


def _age(query: str, value: str, token: Token) -> timedelta:
    if (match := _AGE.fullmatch(value.lower())) and int(match[1]):
        return timedelta(hours=int(match[1]) * _HOURS[match[2]])
    return _fail(query, "within: takes hours, days or weeks, such as 36h, 7d or 2w", token)


def _article(query: str, value: str, token: Token) -> str:
    if (value.isascii() and value.isdecimal() and len(value) < 10) or re.match(r"https?://\S+$", value):
        return value
    return _fail(query, "like: takes an article's id or address, such as like:12", token)


def _unknown_field(name: str) -> str:
    if name == "words":
        return "write words>300 or words<300"
    if name in ("http", "https"):
        return "an address is looked for as url:example.org/a, or in quotes where a text names it"
    if name in _ALSO_CALLED:
        return f"there is no field {name}:, did you mean {_ALSO_CALLED[name]}: ?"
    if near := difflib.get_close_matches(name, FIELDS, 1, 0.65):
        return f"there is no field {name}:, did you mean {near[0]}: ?"
    known = " ".join(f"{field}:" for field in FIELDS)
    return f"there is no field {name}: (there are {known}); put it in quotes to look for the words"


def _reserved(mark: str, word: str) -> str:
    hints = {
        "|": "write OR",
        "!": "write NOT",
        "+": "all words are asked for anyway",
        "&": "write AND",
        "~": 'it stands behind a phrase, as in "putin kim"~8',
        "/": "a regular expression ends with a slash too, and no letter behind it",
    }
    if mark == "*":
        return "* can only end a word, as in nucl*"
    hint = hints.get(mark, f'put it in quotes, "{word}", to look for the words in it')
    return f"{mark} has no meaning here: {hint}"


def _choice(values: tuple[str, ...]) -> str:
    return f"{', '.join(values[:-1])} or {values[-1]}"


def _nearest(value: str, known: tuple[str, ...]) -> str:
    near = difflib.get_close_matches(value, known, 1)
    return f"; did you mean {near[0]}?" if near else ""


def _fail(query: str, reason: str, token: Token) -> NoReturn:
    raise QueryError(query, reason, token.start)
