"""What is compared of a text: its word sequences as numbers, its figures, its title."""

import sys
from array import array
from dataclasses import dataclass
from functools import lru_cache
from zlib import crc32

from aggregator.steps.kept import Kept, kept
from aggregator.steps.text import words

WIDTH = 5
"""Words of a shingle (characters, in scripts without spaces): fewer are common phrases, more break at every edit."""

LEAST = 20
"""A text of fewer words ("Watch the video", "Subscribers only") says nothing about where it comes from."""

HEAD = 60
"""Words from the start that have keys of their own: excerpts and briefs keep the beginning of a long text."""

KEYS_OF_ALL, KEYS_OF_HEAD, KEYS_WITH_FIGURES = 14, 8, 2

MAX_KEPT = 24 * 2**20
"""Bytes of sketches: those of some eight thousand articles, and no more of long ones."""

FIGURE = 0
"""The hash of a word that begins with a digit."""

# Odd, for the lower bits to be even; below 2^29, for a sum of WIDTH products to stay in its 64 bits.
_FACTORS = sum(
    factor << 64 * n for n, factor in enumerate((0x1E3779B1, 0x05EBCA6B, 0x12B2AE35, 0x17D4EB2F, 0x165667B1))
)

_OVERHEAD = 700  # bytes of the objects themselves


@dataclass(frozen=True, slots=True, eq=False)
class Sketch:
    """A text made ready for comparison; arrays of numbers, so that thousands fit into memory."""

    words: "array[int]"  # a hash for each; figures, the words that begin with a digit, have one for them all
    shingles: "array[int]"  # one for each sequence of WIDTH words, in their order
    figures: "array[int]"
    figures_at: "array[int]"  # which words they are
    title: tuple[str, ...]
    figured: tuple[int, ...]  # the smallest of the shingles that begin with a figure, with that figure and the next
    distinct: int  # shingles
    distinct_words: int


_kept: Kept[Sketch] = Kept(MAX_KEPT)


def sketch(title: str, text: str) -> Sketch:
    """Kept for a while: an article is compared with every copy that comes after it, mostly soon."""
    key = hash(title), hash(text), len(text)  # 128 bits that nobody outside can foresee
    found = _kept.get(key)
    if found is None:
        found = _sketch(title, text)
        size = _OVERHEAD + 8 * (len(found.words) + len(found.figures)) + 60 * len(found.title)
        _kept.put(key, found, size)
    return found


def _sketch(title: str, text: str) -> Sketch:
    said = words(text)
    hashes = array("I", map(crc32, map(str.encode, said)))
    figures_at = array("I", [at for at, word in enumerate(said) if word < ":"])  # digits are folded, and sort first
    figures = array("I", map(hashes.__getitem__, figures_at))
    # The next edition of a table must look like this one before its figures are compared.
    for at in figures_at:
        hashes[at] = FIGURE
    shingles = _shingles(hashes)
    return Sketch(
        words=hashes,
        shingles=shingles,
        figures=figures,
        figures_at=figures_at,
        title=tuple(words(title)),
        figured=_figured(shingles, figures, figures_at),
        distinct=len(set(shingles)),
        distinct_words=len(set(hashes)),
    )


@kept(2**22, lambda sketch, _: 60 * (sketch.distinct + sketch.distinct_words))
def vocabulary(sketch: Sketch) -> tuple[frozenset[int], frozenset[int]]:
    """Its shingles and its words, for those of many others to be looked up in."""
    return frozenset(sketch.shingles), frozenset(sketch.words)


@lru_cache(maxsize=8192)
def word_hash(word: str) -> int:
    return crc32(word.encode())


def keys(sketch: Sketch) -> tuple[int, ...]:
    """Under which an article is found by its copies: the smallest of its shingles, which two texts that share much
    share too (Broder's min-wise sampling), some of them from its head, and its title. By those with figures in them the
    copies of one edition of a template find each other among all editions. Signed 32-bit integers."""
    if len(sketch.words) < LEAST:
        return ()
    found = {
        *_smallest(KEYS_OF_ALL, sketch.shingles),
        *_smallest(KEYS_OF_HEAD, sketch.shingles[:HEAD]),
        *sketch.figured,
    }
    if len(sketch.title) > 3:
        found.add(word_hash(" ".join(("title:", *sketch.title))))
    return tuple(key - 2**31 for key in sorted(found))


def _figured(shingles: "array[int]", figures: "array[int]", figures_at: "array[int]") -> tuple[int, ...]:
    """Of each figure the shingle that it begins, itself and the next one: two editions may agree in one figure."""
    begun = zip(figures_at, figures, figures[1:] + figures[:1], strict=True)
    found = {(shingles[at] + 3 * one + 5 * two) & 0xFFFFFFFF for at, one, two in begun if at < len(shingles)}
    return tuple(sorted(found)[:KEYS_WITH_FIGURES])


def _smallest(n: int, hashes: "array[int]") -> list[int]:
    """The n smallest of them, each once. They are spread evenly: few of them are below a limit that few more than n
    should be below, and only these are sorted."""
    limit = (4 * n << 32) // max(1, len(hashes))
    found = sorted({one for one in hashes if one < limit})
    return (found if len(found) >= n else sorted(set(hashes)))[:n]


def _shingles(hashes: "array[int]") -> "array[int]":
    """Of every WIDTH words in a row the sum of factor times hash, of which the lower 32 bits are kept. All at once, as
    one product of large numbers with 64 bits a word, is three times as quick as one by one."""
    product = int.from_bytes(_little(array("Q", hashes)).tobytes(), "little") * _FACTORS
    sums = _little(array("I", product.to_bytes(8 * (len(hashes) + WIDTH), "little")))
    return sums[2 * (WIDTH - 1) : 2 * len(hashes) : 2]


def _little(numbers: "array[int]") -> "array[int]":
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers
