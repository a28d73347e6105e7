"""What feeds say of time, as aware UTC datetimes."""

import re
from calendar import timegm
from datetime import UTC, datetime, timedelta, timezone
from time import struct_time

from dateutil import parser

_YEARS = range(1900, 3000)  # beyond: "never" (0001, 9999), or a clock gone wrong
_FRACTION = re.compile(r"(\.\d{6})\d+")
_YEAR = re.compile(r"(?<!\d)\d{4}")
_RFC822 = re.compile(
    r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6},\s+)?(\d{1,2})\s+([A-Za-z]{3})\s+(\d{4})"
    r"\s+(\d\d):(\d\d)(?::(\d\d))?\s+([+-]\d{4}|GMT|UTC|[ECMP][SD]T)",
    re.ASCII,
)
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d)|\d{4}-\d\d-\d\d", re.ASCII)
_MONTHS = {"janfebmaraprmayjunjulaugsepoctnovdec"[n * 3 : n * 3 + 3]: n + 1 for n in range(12)}
_ZONES = {"GMT": UTC, "UTC": UTC} | {
    f"{zone}{summer}T": timezone(timedelta(hours=hours + (summer == "D")))
    for zone, hours in (("E", -5), ("C", -6), ("M", -7), ("P", -8))
    for summer in "SD"
}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def usual(said: str) -> datetime | None:
    """A date as RFC 822 or RFC 3339 have it, to the second; None for all else, and for what is no date."""
    try:
        if found := _RFC822.fullmatch(said):
            day, month, year, hour, minute, second, zone = found.groups()
            shift = _ZONES.get(zone) or timezone(timedelta(hours=int(zone[:3]), minutes=int(zone[0] + zone[3:])))
            day_of = int(year), _MONTHS[month.lower()], int(day)
            return datetime(*day_of, int(hour), int(minute), int(second or 0), tzinfo=shift).astimezone(UTC)
        if _RFC3339.fullmatch(said):
            at = datetime.fromisoformat(said).replace(microsecond=0)
            return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError, KeyError):
        pass
    return None


def from_struct(parsed: struct_time | datetime | None) -> datetime | None:
    """feedparser's struct_time, which is UTC; or what `usual` made."""
    if isinstance(parsed, datetime):
        return _sane(parsed)
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
