"""config/sites/: what a person says of the pages of a host, a file for each."""

import logging
import re
from collections import OrderedDict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Generic, TypeVar

T = TypeVar("T")

log = logging.getLogger(__name__)

MAX_KEPT = 500  # files whose rules stay in memory
MAX_BYTES = 200_000

_HOST = re.compile(r"(?!\.)[\w.-]{1,253}")


class Sites(Generic[T]):
    """A file is read when a page of its host is met, and again when it has changed: thousands of them cost nothing at
    the start. `parse` makes its name and text to rules, and gives a warning for each line that is none."""

    def __init__(self, folder: Path, parse: Callable[[str, str], tuple[T, tuple[str, ...]]]) -> None:
        self._folder = folder
        self._parse = parse
        self._kept: OrderedDict[Path, tuple[tuple[int, int], T | None]] = OrderedDict()

    def of(self, host: str) -> T | None:
        """The rules for a host: those of its own file, else of the nearest file for a domain and all below it."""
        for name in _names(host.lower()):
            path = self._folder / name
            try:
                said = path.stat()
            except OSError:
                continue
            return self._rules(path, (said.st_mtime_ns, said.st_size))
        return None

    def _rules(self, path: Path, stamp: tuple[int, int]) -> T | None:
        known = self._kept.get(path)
        if known is None or known[0] != stamp:
            known = self._kept[path] = (stamp, self._read(path))
            if len(self._kept) > MAX_KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(path)
        return known[1]

    def _read(self, path: Path) -> T | None:
        name = f"config/sites/{path.name}"
        try:
            with path.open("rb") as file:
                text = file.read(MAX_BYTES).decode("utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            log.warning("%s: cannot be read, and is not obeyed: %s", name, error)
            return None
        rules, warnings = self._parse(name, text)
        for warning in warnings:
            log.warning("%s", warning)
        return rules


def _names(host: str) -> Iterator[str]:
    """The files that may speak for a host, the nearest first: FiveFilters' names, with and without www."""
    bare = host.rpartition(":")[0] if re.search(r":\d+$", host) else host
    if not _HOST.fullmatch(bare):
        return
    plain = bare.removeprefix("www.")
    yield from dict.fromkeys((f"{bare}.txt", f"{plain}.txt"))
    while plain:
        yield f".{plain}.txt"
        plain = plain.partition(".")[2]
