"""What was made before, kept within a size."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from functools import wraps
from threading import Lock
from typing import Any, Generic, TypeVar

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")

EACH = 500
"""Bytes of a key, a value and their places, where nothing is in them."""


class Kept(Generic[T]):
    """By whatever tells one from the next; what was not asked for longest goes first, but the newest stays, however
    large it is."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0
        self._found: OrderedDict[Hashable, tuple[T, int]] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable) -> T | None:
        with self._lock:
            if (found := self._found.get(key)) is None:
                return None
            self._found.move_to_end(key)
            return found[0]

    def put(self, key: Hashable, made: T, size: int) -> None:
        with self._lock:
            if (before := self._found.pop(key, None)) is not None:
                self._bytes -= before[1]
            self._found[key] = made, size
            self._bytes += size
            while self._bytes > self._max_bytes and len(self._found) > 1:
                _, (_, oldest) = self._found.popitem(last=False)
                self._bytes -= oldest


def kept(max_bytes: int, size: Callable[[Any, Any], int]) -> Callable[[Callable[[K], T]], Callable[[K], T]]:
    """As functools.lru_cache does, but by bytes: what strangers send may be a million times as long as usual. `size` is
    of the argument and what was made of it; EACH is added, for a million may be empty."""

    def keeping(make: Callable[[K], T]) -> Callable[[K], T]:
        found: Kept[T] = Kept(max_bytes)

        @wraps(make)
        def known(of: K) -> T:
            made = found.get(of)
            if made is None:
                made = make(of)
                found.put(of, made, EACH + size(of, made))
            return made

        return known

    return keeping
