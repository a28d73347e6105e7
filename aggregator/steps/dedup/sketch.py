"""What is compared of a text: its word sequences as numbers, its figures, its title."""

from array import array
from dataclasses import dataclass
from functools import lru_cache
from heapq import nsmallest
from zlib import crc32

from aggregator.steps.text import words

WIDTH = 5
"""Words of a shingle (characters, in scripts without spaces): fewer are common phrases, more break at every edit."""

LEAST = 20
"""A text of fewer words ("Watch the video", "Subscribers only") says nothing about where it comes from."""

HEAD = 60
"""Words from the start that have keys of their own: excerpts and briefs keep the beginning of a long text."""

KEYS_OF_ALL, KEYS_OF_HEAD = 14, 8

FIGURE = 0
"""The hash of a word that begins with a digit."""


@dataclass(frozen=True, slots=True)
class Sketch:
    """A text made ready for comparison; arrays of numbers, so that thousands fit into memory."""

    words: "array[int]"  # a hash for each; figures, the words that begin with a digit, have one for them all
    shingles: "array[int]"  # one for each sequence of WIDTH words, in their order
    figures: "array[int]"
    figures_at: "array[int]"  # which words they are
    title: tuple[str, ...]


@lru_cache(maxsize=4096)  # 25 MB; an article is compared with every copy that comes after it, mostly soon
def sketch(title: str, text: str) -> Sketch:
    said = words(text)
    # The next edition of a table must look like this one before its figures are compared.
    hashes = array("I", [FIGURE if word[0].isdigit() else word_hash(word) for word in said])
    figures_at = array("I", [at for at, hash in enumerate(hashes) if hash == FIGURE])
    return Sketch(
        words=hashes,
        shingles=_shingles(hashes),
        figures=array("I", [word_hash(said[at]) for at in figures_at]),
        figures_at=figures_at,
        title=tuple(words(title)),
    )


def word_hash(word: str) -> int:
    return crc32(word.encode())


def keys(sketch: Sketch) -> tuple[int, ...]:
    """Under which an article is found by its copies: the smallest of its shingles, which two texts that share much
    share too (Broder's min-wise sampling), some of them from its head, and its title. Signed 32-bit integers."""
    if len(sketch.words) < LEAST:
        return ()
    found = set(nsmallest(KEYS_OF_ALL, set(sketch.shingles)))
    found.update(nsmallest(KEYS_OF_HEAD, set(sketch.shingles[:HEAD])))
    if len(sketch.title) > 3:
        found.add(word_hash(" ".join(("title:", *sketch.title))))
    return tuple(key - 2**31 for key in sorted(found))


def _shingles(hashes: "array[int]") -> "array[int]":
    packed, size = memoryview(hashes).cast("B"), 4 * WIDTH
    ends = range(size, len(packed) + 1, 4)
    return array("I", map(crc32, map(packed.__getitem__, map(slice, range(0, len(packed), 4), ends))))
