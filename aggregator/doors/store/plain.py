"""The values of columns as JSON has them, and back; the same on both databases."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from math import isfinite
from typing import Any

from sqlalchemy import JSON, Boolean, Column, Float, Integer, LargeBinary, TypeDecorator

from aggregator.doors.store.packing import Body, PackedBody
from aggregator.doors.store.types import Hashed, Seconds, UtcDateTime


def plain(value: Any) -> Any:
    """Times in UTC with microseconds, durations in seconds, bytes in hex, texts unpacked."""
    match value:
        case datetime():
            return value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
        case timedelta():
            return round(value.total_seconds())
        case Body():
            return value._asdict()
        case bytes() | memoryview():
            return bytes(value).hex()
    return value


def value(column: Column[Any], said: Any) -> Any:
    """What `plain` made plain. Raises ValueError, worded for the user."""
    if said is None:
        return None
    return next((read for kind, read in _READ if isinstance(column.type, kind)), _text)(said)


def _text(said: Any) -> str:
    if not isinstance(said, str) or "\0" in said:
        raise ValueError("must be a text")
    said.encode()  # raises ValueError for half a character
    return said


def _number(said: Any, most: int = 2**31) -> int:
    if isinstance(said, bool) or not isinstance(said, int) or not -most <= said < most:
        raise ValueError("must be a whole number")
    return said


def _figure(said: Any) -> float:
    if isinstance(said, bool) or not isinstance(said, int | float) or not isfinite(said):
        raise ValueError("must be a number")
    return float(said)


def _flag(said: Any) -> bool:
    if not isinstance(said, bool):
        raise ValueError("must be true or false")
    return said


def _instant(said: Any) -> datetime:
    at = datetime.fromisoformat(_text(said))
    if at.tzinfo is None:
        raise ValueError("needs a zone: Z")
    return at


def _body(said: Any) -> Body:
    if not isinstance(said, dict) or said.keys() != {"text", "html"}:
        raise ValueError("must have text and html, and nothing else")
    return Body(_text(said["text"]), _text(said["html"]))


# The first that fits: a packed text is a decorated column of bytes.
_READ: tuple[tuple[type[Any], Callable[[Any], Any]], ...] = (
    (UtcDateTime, _instant),
    (Seconds, lambda said: timedelta(seconds=_number(said))),
    (Hashed, lambda said: _number(said, 2**47)),
    (PackedBody, _body),
    (TypeDecorator, _text),
    (LargeBinary, lambda said: bytes.fromhex(_text(said))),
    (JSON, lambda said: said),
    (Boolean, _flag),
    (Integer, _number),
    (Float, _figure),
)
