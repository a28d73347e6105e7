"""Memory that is freed goes back to the system, and what stays is not looked through for more."""

import ctypes
import gc
from collections.abc import Iterator
from contextlib import contextmanager

# malloc.h of glibc
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8
LARGE = 2**20


def give_back() -> None:
    """glibc keeps what was freed, for each thread, and large pieces too once one was freed: of bodies of 14 MB twice
    what is in use. Other systems' C libraries do without."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        for option, value in ((M_MMAP_THRESHOLD, LARGE), (M_TRIM_THRESHOLD, 4 * LARGE), (M_ARENA_MAX, 2)):
            mallopt(option, value)


def trim() -> None:
    """What lies between pieces that are in use goes back too: after a large answer that is most of what was made of it.
    A hundredth of a second."""
    malloc_trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if malloc_trim is not None:
        malloc_trim(0)


def settle() -> None:
    """What is there by now stays: Python's collector needs some 80 ms to look through all that was imported, each time,
    and finds nothing."""
    gc.collect()
    gc.freeze()


@contextmanager
def settled() -> Iterator[None]:
    """The same while a command works; without looking through it even once, for it may end sooner."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
