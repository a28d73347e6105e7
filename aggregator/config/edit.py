"""Changing sources.toml without losing a comment; writing a new home."""

import fcntl
import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

import tomli

from aggregator.config import FILES, read_sources
from aggregator.config.toml import Document
from aggregator.errors import ConfigError
from aggregator.model import Source

PRIVATE = 0o600
"""The mode of files that may hold a password."""

_LINE = re.compile(r"[^\n]*\n|[^\n]+")  # TOML's lines: str.splitlines parts at U+2028 too
_HEAD = re.compile(r"^\s*\[(?!\s*source\s*\.)")  # [source.headers] belongs to the source above
_SOURCE = re.compile(r"^\s*\[\[\s*source\s*\]\]")


def init(home: Path) -> tuple[Path, ...]:
    """Write a commented home; what is there already stays. Returns the files written."""
    folder = home / "config"
    try:
        for each in (folder, home / "storage", home / "feeds_out"):
            each.mkdir(parents=True, exist_ok=True, mode=0o755 if each.name == "feeds_out" else 0o700)
        written = [folder / name for name in FILES if not (folder / name).exists()]
        for path in written:
            path.touch(PRIVATE)
            path.write_text((files("aggregator.config") / "examples" / path.name).read_text("utf-8"), "utf-8")
    except OSError as error:
        raise ConfigError(str(home), f"cannot be made a home: {error.strerror}") from error
    return tuple(written)


def add(home: Path, wanted: Sequence[Source]) -> None:
    """Append sources to sources.toml; the caller knows that they are not there yet."""
    _change(home, lambda text: text + "".join(_block(source) for source in wanted))


def remove(home: Path, urls: Sequence[str]) -> None:
    """Take the sources with these addresses out of sources.toml, and nothing else: comments before the next stay."""
    _change(home, lambda text: _without(text, frozenset(urls)))


def _change(home: Path, change: Callable[[str], str]) -> None:
    path = home / "config" / "sources.toml"
    with _alone(path):
        # bytes, not text: reading text would turn the user's \r\n into \n
        before = path.read_bytes().decode() if path.exists() else ""
        after = change(before if before.endswith("\n") or not before else before + "\n")
        try:
            read_sources(Document(path, after, tomli.loads(after)))
        except tomli.TOMLDecodeError as error:
            raise ConfigError(str(path), f"cannot be changed safely, please edit it by hand ({error})") from error
        except ConfigError as error:
            raise ConfigError(str(path), f"not changed: {error.reason}") from error
        beside = path.with_name(f".{path.name}.{os.getpid()}")
        mode = path.stat().st_mode & 0o777 if path.exists() else PRIVATE
        beside.touch(mode)
        beside.chmod(mode)
        beside.write_bytes(after.encode())
        beside.replace(path)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """One change at a time, whichever process makes it: the folder itself is locked, no file is left in it."""
    try:
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            yield
        finally:
            os.close(folder)
    except OSError as error:
        raise ConfigError(str(path), f"cannot be written: {error.strerror}") from error


def _block(source: Source) -> str:
    lines = ["", "[[source]]", f"url = {_quoted(source.url)}"]
    if source.name:
        lines.append(f"name = {_quoted(source.name)}")
    if source.tags:
        lines.append(f"tags = [{', '.join(map(_quoted, source.tags))}]")
    if source.interval:
        lines.append(f'interval = "{round(source.interval.total_seconds())}s"')
    if source.full_text is not None:
        lines.append(f"full_text = {str(source.full_text).lower()}")
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """A TOML basic string."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in escaped) + '"'


def _without(text: str, urls: frozenset[str]) -> str:
    lines = _LINE.findall(text)
    starts = [i for i, line in enumerate(lines) if _SOURCE.match(line)]
    tables = tomli.loads(text).get("source", [])
    if len(starts) != len(tables):
        raise ConfigError("sources.toml", "is written in a way that cannot be changed safely, please edit it by hand")
    drop: set[int] = set()
    for start, table in zip(starts, tables, strict=True):
        if table.get("url") in urls:
            end = next((i for i in range(start + 1, len(lines)) if _HEAD.match(lines[i])), len(lines))
            while end - 1 > start and (not lines[end - 1].strip() or lines[end - 1].lstrip().startswith("#")):
                end -= 1
            drop.update(range(start, end))
            # the blank line before goes with its block
            if start and not lines[start - 1].strip():
                drop.add(start - 1)
    kept = "".join(line for i, line in enumerate(lines) if i not in drop)
    left = [table for table in tables if table.get("url") not in urls]
    if tomli.loads(kept).get("source", []) != left:
        raise ConfigError("sources.toml", "is written in a way that cannot be changed safely, please edit it by hand")
    return kept
