"""A TOML file read into dataclasses, with the line of whatever is wrong in it."""

import contextlib
import re
from collections.abc import Callable
from dataclasses import MISSING, Field, dataclass, fields
from datetime import timedelta
from difflib import get_close_matches
from math import isfinite
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

import tomli

from aggregator.errors import ConfigError

T = TypeVar("T")

_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d|w)")
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*(B|KB|KiB|MB|MiB|GB|GiB)")
_UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_BYTES = {"B": 1, "KB": 1000, "KiB": 2**10, "MB": 10**6, "MiB": 2**20, "GB": 10**9, "GiB": 2**30}


# As tomli says it of a table.
_TWICE = re.compile(r"Cannot declare \('([^']+)',\) twice")


class Size(int):
    """Bytes; written as "15 MiB"."""


@dataclass(frozen=True, slots=True)
class Document:
    """A TOML file with its text, so that an error can name the line."""

    path: Path
    text: str
    data: dict[str, Any]

    @classmethod
    def read(cls, path: Path) -> "Document":
        try:
            text = path.read_text("utf-8") if path.exists() else ""
            return cls(path, text, tomli.loads(text))
        except OSError as error:
            raise ConfigError(str(path), f"cannot be read: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise ConfigError(str(path), "is not UTF-8") from error
        except tomli.TOMLDecodeError as error:
            twice = _TWICE.fullmatch(error.msg)
            reason = f"[{twice[1]}] stands here twice: put all of it under the first" if twice else error.msg
            raise ConfigError(f"{path}:{error.lineno}", f"not TOML: {reason}") from error

    def only(self, key: str, *also: str) -> None:
        """The file holds nothing but [[key]] tables, and keys that stand above them."""
        for other in self.data:
            if other not in (key, *also):
                near = get_close_matches(other, also, 1)
                way_out = f"did you mean {near[0]!r}?" if near else f"this file holds [[{key}]] tables"
                raise self.error((), other, f"unknown key {other!r}; {way_out}")
        value = self.data.get(key, [])
        if not isinstance(value, list) or not all(isinstance(table, dict) for table in value):
            raise self.error((), key, f"must be tables: write [[{key}]], with two brackets")

    def table(
        self,
        cls: type[T],
        data: dict[str, Any],
        place: tuple[Any, ...],
        skip: tuple[str, ...] = (),
        also: tuple[str, ...] = (),
    ) -> T:
        """`data` as a frozen `cls`; a key that it does not have, or a value of the wrong kind, is an error. Keys that
        may stand in the same table, read by another call, are `also` known."""
        known = {key: hint for key, hint in hints(cls).items() if key not in skip}
        values: dict[str, Any] = {}
        for key, said in data.items():
            if key not in known:
                names = (*known, *also)
                near = get_close_matches(key, names, 1)
                way_out = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(names)}"
                raise self.error(place, key, f"unknown key {key!r}; {way_out}")
            if not hasattr(known[key], "__dataclass_fields__"):
                try:
                    values[key] = value(known[key], said)
                except ValueError as error:
                    raise self.error(place, key, f"{key}: {error}") from error
            elif isinstance(said, dict):
                values[key] = self.table(known[key], said, (*place, key))
            else:
                raise self.error(place, key, f"must be a table: write [{key}]")
        missing = [f.name for f in fields(cls) if _required(f) and f.name not in values]  # type: ignore[arg-type]
        if missing:
            raise self.error(place, None, f"needs its {missing[0]}")
        return cls(**values)

    def error(self, place: tuple[Any, ...], key: str | None, reason: str) -> ConfigError:
        return ConfigError(self.where(place, key), reason)

    def where(self, place: tuple[Any, ...], key: str | None) -> str:
        return f"{self.path}:{self._line(place, key)}"

    def _line(self, place: tuple[Any, ...], key: str | None) -> int:
        """Where the key stands; only asked once something is wrong, for tomli does not keep positions."""
        lines = self.text.split("\n")
        start = 0
        if place:
            heads = [i for i, line in enumerate(lines) if re.match(rf"\s*\[+\s*{re.escape(str(place[0]))}\s*\]", line)]
            number = place[1] if len(place) > 1 and isinstance(place[1], int) else 0
            start = heads[number] + 1 if number < len(heads) else 0
        if key is not None:
            pattern = re.compile(rf"\s*(?:\[+\s*)?[\"']?{re.escape(key)}[\"']?\s*(?:=|\.|\])")
            # then as a dotted key or in an inline table
            loose = re.compile(rf"[^#]*?(?<![\w-])[\"']?{re.escape(key)}[\"']?\s*[=.]")
            found = (i for p in (pattern, loose) for i in range(start, len(lines)) if p.match(lines[i]))
            return next(found, start - 1) + 1 or 1
        return start or 1


def _required(f: Field[Any]) -> bool:
    return f.default is MISSING and f.default_factory is MISSING


def hints(cls: type[Any]) -> dict[str, Any]:
    """The fields of a dataclass and their types, resolved once: ten thousand sources ask for them."""
    if cls not in _known_hints:
        resolved = get_type_hints(cls)
        _known_hints[cls] = {f.name: resolved[f.name] for f in fields(cls)}
    return _known_hints[cls]


_known_hints: dict[type[Any], dict[str, Any]] = {}


def value(hint: Any, said: Any) -> Any:
    """The value in the field's type. Raises ValueError, worded for the user."""
    for kind, read in _KINDS.items():
        if hint in (kind, kind | None):
            return read(said)
    return _text(said)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"must be text in quotes, not {value!r}")
    return value


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
        raise ValueError(f'must be a list of texts, ["…", "…"], not {value!r}')
    return tuple(value)


def _pairs(value: Any) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(v, str) for v in value.values()):
        raise ValueError(f'must be a table of texts, {{ name = "…" }}, not {value!r}')
    return dict(value)


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"must be true or false, not {value!r}")
    return value


def _number(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError(f"must be a whole number, not {value!r}")
    return value


def _figure(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        raise ValueError(f"must be a number, not {value!r}")
    return float(value)


def _duration(value: Any) -> timedelta:
    if isinstance(value, str) and (match := _DURATION.fullmatch(value.strip())):
        with contextlib.suppress(OverflowError):
            return timedelta(seconds=float(match[1]) * _UNITS[match[2]])
    raise ValueError(f'must be a time like "30s", "15m", "2h" or "1d", not {value!r}')


def _size(value: Any) -> Size:
    if isinstance(value, str) and (match := _SIZE.fullmatch(value.strip())):
        with contextlib.suppress(OverflowError):
            return Size(float(match[1]) * _BYTES[match[2]])
    raise ValueError(f'must be a size like "15 MiB", not {value!r}')


_KINDS: dict[Any, Callable[[Any], Any]] = {
    str: _text,
    bool: _flag,
    int: _number,
    float: _figure,
    timedelta: _duration,
    Size: _size,
    tuple[str, ...]: _texts,
    dict[str, str]: _pairs,
}
