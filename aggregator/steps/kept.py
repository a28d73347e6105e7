"""What was made before, kept within a size."""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class Kept(Generic[T]):
    """By whatever tells one from the next; what was not asked for longest goes first."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0
        self._found: OrderedDict[Hashable, tuple[T, int]] = OrderedDict()

    def get(self, key: Hashable) -> T | None:
        if (found := self._found.get(key)) is None:
            return None
        self._found.move_to_end(key)
        return found[0]

    def put(self, key: Hashable, made: T, size: int) -> None:
        if (before := self._found.pop(key, None)) is not None:
            self._bytes -= before[1]
        self._found[key] = made, size
        self._bytes += size
        while self._bytes > self._max_bytes:
            _, (_, oldest) = self._found.popitem(last=False)
            self._bytes -= oldest
