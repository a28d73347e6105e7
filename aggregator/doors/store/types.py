"""How values are kept that the databases have no type for, or a large one."""

from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, Text, TypeDecorator
from sqlalchemy.types import TypeEngine

from aggregator.model import Article

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PART = "part"
_MICROSECOND = timedelta(microseconds=1)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC datetime; SQLite gives its datetimes back without a zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive datetime: {value}")
        return value.astimezone(UTC)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        at: datetime = value
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


class Seconds(TypeDecorator[timedelta]):
    """A duration, kept as whole seconds."""

    impl = Integer
    cache_ok = True

    def process_bind_param(self, value: timedelta | None, dialect: Dialect) -> int | None:
        return None if value is None else round(value.total_seconds())

    def process_result_value(self, value: Any | None, dialect: Dialect) -> timedelta | None:
        return None if value is None else timedelta(seconds=value)


class Instant(UtcDateTime):
    """A UtcDateTime where there are millions of them: microseconds since 1970 in SQLite, a third of the bytes."""

    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(BigInteger() if dialect.name == "sqlite" else DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        at = super().process_bind_param(value, dialect)
        return (at - _EPOCH) // _MICROSECOND if at and dialect.name == "sqlite" else at

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        if value is None or dialect.name != "sqlite":
            return super().process_result_value(value, dialect)
        since: int = value
        return _EPOCH + since * _MICROSECOND


class Hashed(TypeDecorator[int]):
    """A name that is only ever looked up: its hash, which SQLite keeps in six bytes. What comes back is the hash."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: str | int | None, dialect: Dialect) -> int | None:
        return hashed(value) if isinstance(value, str) else value


def hashed(name: str) -> int:
    """Of ten million names two share one, once in five archives."""
    return int.from_bytes(blake2b(name.encode("utf-8", "surrogatepass"), digest_size=6).digest()) - 2**47


def kept_origin(article: Article) -> str:
    """Where an article comes from, and whether its page shows only a part of it, in one word."""
    return _PART if article.partial and article.origin == "page" else article.origin


def origin(kept: str) -> dict[str, Any]:
    """The two fields of the article again."""
    return {"origin": "page" if kept == _PART else kept, "partial": kept == _PART}


class Default(TypeDecorator[str]):
    """A text that is nearly always the same, which takes no room."""

    impl = Text
    cache_ok = True

    def __init__(self, usual: str) -> None:
        super().__init__()
        self.usual = usual

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return "" if value == self.usual else value

    def process_result_value(self, value: Any | None, dialect: Dialect) -> str | None:
        return value or self.usual
