"""A whole archive into one file while others write to it, and back again."""

from collections.abc import Callable
from pathlib import Path
from types import ModuleType

from sqlalchemy import Connection, make_url
from sqlalchemy.exc import ArgumentError

from aggregator.doors.store import schema
from aggregator.doors.store.backups import postgresql, sqlite
from aggregator.errors import ConfigError, StoreError

Step = Callable[[int], None]
"""Called for each piece, with how many there are."""


def save(url: str, to: Path, step: Step = lambda of: None) -> str:
    """Write the archive as it is now to a new file, which is then checked; returns its schema. Raises StoreError."""
    kind = _kind(url)
    kind.save(url, to, step)
    return _schema(kind, to)


def restore(url: str, backup: Path, kept: Path, step: Step = lambda of: None) -> str:
    """Put what `backup` holds in the place of the archive, all of it or nothing, and what was there into `kept`;
    returns the schema. The caller holds the home's lock. Raises StoreError."""
    kind = _kind(url)
    version = _schema(kind, backup)
    if version > schema.HEAD:
        raise StoreError(str(backup), schema.newer(version))
    kind.restore(url, backup, kept, step)
    return version


def file(url: str) -> Path | None:
    """The archive's own file, where it is one."""
    return Path(make_url(url).database or "") if _kind(url) is sqlite else None


def former(url: str) -> list[Path]:
    """Archives that stayed when another took their place, or their schema was changed."""
    if (here := file(url)) is None:
        return []
    found = [path for kind in ("schema", "replaced") for path in here.parent.glob(f"{here.name}.{kind}-*")]
    return sorted(path for path in found if not path.name.endswith(sqlite.BESIDE[1:]))


def rehearse(url: str, version: str, migrate: Callable[[Connection], None]) -> None:
    """Keep the archive as it is, and see whether it takes the migrations. Raises StoreError where it does not."""
    _kind(url).rehearse(url, version, migrate)


def _kind(url: str) -> ModuleType:
    try:
        return {"sqlite": sqlite, "postgresql": postgresql}[make_url(url).get_backend_name()]
    except (ArgumentError, KeyError) as error:
        raise ConfigError("database", "names no database we know: use sqlite:///… or postgresql+psycopg://…") from error


def _schema(kind: ModuleType, backup: Path) -> str:
    if not backup.is_file():
        raise StoreError(str(backup), "no such file")
    version: str | None = kind.schema(backup)
    if version is None:
        raise StoreError(str(backup), "is no backup of an archive")
    return version
