"""The archive as a file: written while it lives, and put back."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from aggregator.config import Config
from aggregator.doors import files
from aggregator.doors.store import backups
from aggregator.doors.store.backups import Step
from aggregator.errors import StoreError


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A file that holds a whole archive."""

    file: Path
    schema: str
    bytes: int


def backup(config: Config, to: Path, step: Step) -> Kept:
    """A copy of the archive as it is at one moment; a file of this name is replaced, once the new one is whole."""
    to = to.expanduser().absolute()
    if to.is_dir():
        raise StoreError(str(to), "is a folder: name a file in it")
    if to.exists() and not to.is_file():
        raise StoreError(str(to), "is no file, and would be replaced by one: name another")
    if to.resolve() == _archive(config).resolve():
        raise StoreError(str(to), "is the archive itself: name another file")
    if not to.parent.is_dir():
        raise StoreError(str(to), "its folder does not exist")
    files.sweep(to.parent, to.name)
    with files.beside(to) as new:
        try:
            schema = backups.save(config.database, new, step)
        except StoreError as error:
            subject = str(to) if error.subject == str(new) else error.subject
            raise StoreError(subject, error.reason) from error
    return Kept(file=to, schema=schema, bytes=to.stat().st_size)


def restore(config: Config, backup: Path, now: datetime, step: Step) -> tuple[str, Path | None]:
    """The schema that came back, and what holds the archive that was there, if there was one."""
    with files.lock(config.storage / "daemon.lock"):
        archive = _archive(config)
        names = (
            f"{archive.name}.replaced-{now:%Y%m%dT%H%M%SZ}{ending}"
            for ending in ("", *(f"-{n}" for n in range(2, 100)))
        )
        kept = next(path for path in map(archive.with_name, names) if not path.exists())
        schema = backups.restore(config.database, backup.expanduser().absolute(), kept, step)
    return schema, kept if kept.exists() else None


def _archive(config: Config) -> Path:
    """The archive's file, or what it would be called if it were one."""
    return backups.file(config.database) or config.storage / "archive.dump"
