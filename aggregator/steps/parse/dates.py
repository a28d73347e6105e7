"""What feeds say of time, as aware UTC datetimes."""

import re
from calendar import timegm
from datetime import UTC, datetime, timedelta
from time import struct_time

from dateutil import parser

_YEARS = range(1900, 3000)  # beyond: "never" (0001, 9999), or a clock gone wrong
_FRACTION = re.compile(r"(\.\d{6})\d+")
_YEAR = re.compile(r"(?<!\d)\d{4}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def from_struct(parsed: struct_time | None) -> datetime | None:
    """feedparser's struct_time, which is UTC."""
    try:
        return None if parsed is None else _sane(_EPOCH + timedelta(seconds=timegm(parsed)))
    except (ValueError, OverflowError, TypeError):
        return None


def from_text(said: object) -> datetime | None:
    """A date in RFC 3339, or in whatever else dateutil reads; UTC where it names no zone."""
    if not isinstance(said, str) or not 8 <= len(said) <= 64 or not _YEAR.search(said):
        return None
    try:
        found = datetime.fromisoformat(_FRACTION.sub(r"\1", said.strip()))
    except ValueError:
        try:
            # The default fills what is not said; with today, a date would depend on the day it is read.
            found = parser.parse(said, default=datetime(1900, 1, 1, tzinfo=UTC), tzinfos=lambda _, offset: offset or 0)
        except (ValueError, OverflowError, TypeError, ArithmeticError):
            return None
    try:
        return _sane(found.replace(tzinfo=found.tzinfo or UTC).astimezone(UTC))
    except (ValueError, OverflowError):
        return None


def _sane(time: datetime) -> datetime | None:
    """The epoch itself is a zero that somebody printed."""
    return time if time.year in _YEARS and time != _EPOCH else None
