"""The encoding that bytes are in, where what is said of it is missing or wrong."""

import codecs
import re
from itertools import islice

from chardetng_py import EncodingDetector

# The encoding standard of the Web: what pages and feeds mean by these names.
ALIASES = {
    **dict.fromkeys(("iso-8859-1", "latin-1", "latin1", "us-ascii", "ascii"), "cp1252"),
    **dict.fromkeys(("gb2312", "gbk", "x-gbk"), "gb18030"),
    **dict.fromkeys(("ks_c_5601-1987", "euc-kr", "windows-949"), "cp949"),
    **dict.fromkeys(("shift_jis", "shift-jis", "sjis", "x-sjis", "windows-31j"), "cp932"),
    **dict.fromkeys(("tis-620", "windows-874"), "cp874"),
    "iso-8859-9": "cp1254",
    "big5": "cp950",
    "x-euc-jp": "euc_jp",
    "iso-8859-8-i": "iso8859-8",
}
LATIN = "cp1252"
LATINS = frozenset({LATIN, "cp1250", "iso8859-2", "cp1254", "cp1257", "iso8859-4", "iso8859-10", "cp1258"})
UTF_16 = ("utf-16-le", "utf-16-be")
# That of UTF-32 begins as that of UTF-16 does.
_MARKS = ((codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be"), (codecs.BOM_UTF8, "utf-8"),
          (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))  # fmt: skip

# Python knows them, the Web does not; two of them take a time that grows with the square of the text.
_NO_ENCODINGS = frozenset({"idna", "punycode", "unicode-escape", "raw-unicode-escape", "utf-7"})
_SAMPLE = 500_000  # bytes that are guessed by
_START = 1024
_STRAY = 100
_ROW = re.compile(rb"[\x80-\xff]{4}")  # a word in another script than Latin, where accents stand between letters
_ROWS = 5


def marked(body: bytes) -> str | None:
    """The text behind a byte order mark; None: there is none."""
    for mark, name in _MARKS:
        if body.startswith(mark):
            return body[len(mark) :].decode(name, "replace")
    return None


def codec(name: str) -> str | None:
    """Python's name of an encoding that bytes without NULs can be in; None for what is none."""
    name = ALIASES.get(name.lower(), name)
    try:
        "".encode(name)  # zip and its like are no text encodings
        found = codecs.lookup(name).name
    except (LookupError, ValueError):
        return None
    return None if found in _NO_ENCODINGS or found.startswith(("utf-16", "utf-32")) else found


def wide(body: bytes) -> str | None:
    """UTF-16 without a mark: markup in it has a NUL in every other byte, which no other encoding has."""
    start = body[:_START]
    even, odd = start[::2].count(0), start[1::2].count(0)
    if max(even, odd) * 8 < len(start) or min(even, odd) * 8 > max(even, odd):
        return None
    return UTF_16[even > odd]


def guessed(body: bytes) -> str:
    """What bytes that are no sound UTF-8 look like: UTF-8 with a few broken ones, else what Firefox would guess."""
    sample = body[:_SAMPLE]
    said = sample.decode("utf-8", "replace")
    broken = said.count("\ufffd")
    if sum(1 for c in said if c > "\x7f") > 2 * broken:  # others make 0.4 for each by chance
        return "utf-8"
    detector = EncodingDetector()
    detector.feed(sample, last=True)
    found = codec(detector.guess(tld=None, allow_utf8=False)) or LATIN
    is_sure = found in LATINS or next(islice(_ROW.finditer(sample), _ROWS - 1, None), None) is not None
    return found if is_sure else LATIN


def nearly(body: bytes, name: str) -> str | None:
    """The text, where hardly a byte of it is wrong in this encoding."""
    said = body.decode(name, "replace")
    return said if said.count("\ufffd") * _STRAY <= sum(1 for c in said if c > "\x7f") else None
