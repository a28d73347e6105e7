"""Texts made small: zstd frames, with a dictionary that was trained on the archive's own articles.

A frame names its dictionary (RFC 8878), and the archive keeps it in `dictionaries`: any zstd reads a text with the two
(`zstd -D`). What a frame would not make smaller stays as it is, in UTF-8, which never begins like a frame."""

import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Dialect, LargeBinary, TypeDecorator

from aggregator.errors import StoreError

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

LEVEL = 6
"""Half of 9's time for 2 % more bytes."""

_MAGIC = b"\x28\xb5\x2f\xfd"


@dataclass(frozen=True, slots=True)
class Dictionary:
    """What the texts of an archive have in common, as it was among the articles up to the id `trained_to`."""

    id: int
    trained_to: int
    data: zstd.ZstdDict


class Body(NamedTuple):
    """An article's text and HTML, which says the same again: together they take little more than one of them."""

    text: str
    html: str


# An id is made of its dictionary's bytes, so that all archives that are open may share them.
_known: dict[int, Dictionary] = {}
_newest: WeakKeyDictionary[Dialect, Dictionary] = WeakKeyDictionary()
_kept = threading.local()  # to make a compressor takes longer than to use it, and no two threads can use one


class UnknownDictionary(StoreError):
    """It is not in the archive; or it was not when the transaction began, and another process has trained it since."""


class DamagedText(StoreError):
    """What is kept of a text is not what was packed."""


class Packed(TypeDecorator[str]):
    """A text, as pack keeps it."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        return None if value is None else pack(value, _newest.get(dialect))

    def process_result_value(self, value: Any | None, dialect: Dialect) -> str | None:
        return None if value is None else unpack(value)


class PackedBody(TypeDecorator[Body]):
    """A Body in one frame. HTML that is nothing but the text's paragraphs is made again."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: Body | None, dialect: Dialect) -> bytes | None:
        return None if value is None else pack(joined(value), _newest.get(dialect))

    def process_result_value(self, value: Any | None, dialect: Dialect) -> Body | None:
        if value is None:
            return None
        text, parted, html = unpack(value).partition("\0")
        return Body(text, html if parted else _paragraphs(text))


class PackedText(PackedBody):
    """Its HTML stays what it is, and the Body has none."""

    cache_ok = True

    def process_result_value(self, value: Any | None, dialect: Dialect) -> Body | None:
        return None if value is None else Body(text_of(value), "")


def joined(body: Body) -> str:
    """What is packed of a body; neither of the two can hold a NUL."""
    return body.text if body.html == _paragraphs(body.text) else f"{body.text}\0{body.html}"


def pack(text: str, dictionary: Dictionary | None) -> bytes:
    plain = text.encode()
    frame = _compressor(dictionary).compress(plain, zstd.ZstdCompressor.FLUSH_FRAME)
    return frame if len(frame) < len(plain) else plain


def unpack(kept: bytes) -> str:
    """Raises UnknownDictionary, DamagedText."""
    return _decoded(_unpacked(kept))


def text_of(kept: bytes) -> str:
    """Of a body, the text alone: its HTML stays what it is. Raises UnknownDictionary, DamagedText."""
    return _decoded(_unpacked(kept).partition(b"\0")[0])


def train(texts: Sequence[bytes], size: int) -> zstd.ZstdDict:
    return zstd.train_dict(texts, size)


def newest(tx: Connection) -> Dictionary | None:
    """With what this transaction packs."""
    return _newest.get(tx.dialect)


def learn(dictionary: Dictionary) -> None:
    """So that what it packed can be read."""
    _known[dictionary.id] = dictionary


def refresh(tx: Connection) -> bool:
    """At the beginning of a transaction: learn the dictionaries that it may meet; tells whether one is new. Only one
    that is committed packs."""
    ids = [row[0] for row in tx.exec_driver_sql("SELECT id FROM dictionaries ORDER BY trained_to")]
    new = [id for id in ids if id not in _known]
    for id in new:
        row = tx.exec_driver_sql(f"SELECT trained_to, data FROM dictionaries WHERE id = {id:d}").one()  # noqa: S608
        learn(Dictionary(id, row.trained_to, zstd.ZstdDict(bytes(row.data))))
    if ids:
        _newest[tx.dialect] = _known[ids[-1]]
    return bool(new)


def _unpacked(kept: bytes) -> bytes:
    if not kept.startswith(_MAGIC):
        return kept
    try:
        id = zstd.get_frame_info(kept).dictionary_id
        if id and id not in _known:
            raise UnknownDictionary(f"dictionary {id}", "is not in the archive: no text that it packed can be read")
        return zstd.decompress(kept, _known[id].data if id else None)
    except zstd.ZstdError as error:
        raise _damaged() from error


def _decoded(text: bytes) -> str:
    try:
        return text.decode()
    except UnicodeDecodeError as error:
        raise _damaged() from error


def _damaged() -> DamagedText:
    words = "is damaged: `aggregator verify` says whose it is, `aggregator restore FILE` puts a backup back"
    return DamagedText("a text of the archive", words)


def _compressor(dictionary: Dictionary | None) -> zstd.ZstdCompressor:
    if getattr(_kept, "dictionary", ...) is not dictionary:
        _kept.compressor = zstd.ZstdCompressor(level=LEVEL, zstd_dict=dictionary.data if dictionary else None)
        _kept.dictionary = dictionary
    made: zstd.ZstdCompressor = _kept.compressor
    return made


def _paragraphs(text: str) -> str:
    """The HTML of a text that has none of its own."""
    return "<p>" + escape(text).replace("\n\n", "</p><p>") + "</p>" if text else ""
