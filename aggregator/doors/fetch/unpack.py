"""Content codings, unpacked piece by piece: a bomb is never held whole."""

import sys
import zlib
from collections.abc import Callable, Iterator
from typing import Any, Protocol

import brotli  # type: ignore[import-untyped]

from aggregator.errors import FetchError

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

MAX_CODINGS = 2
"""One inside the other; nobody has a reason for more."""

PIECE = 2**16
"""Bytes that are unpacked at a time."""

_ZSTD_WINDOW: dict[int, int] = {
    zstd.DecompressionParameter.window_log_max: 23
}  # RFC 9659; libzstd itself would take 128 MiB
_BROKEN = "the body is not what its content-encoding says"
_CUT_OFF = "the body was cut off, by its content-encoding"


class Unpacker(Protocol):
    """Takes a body in the pieces that came; `end` raises FetchError where something is missing."""

    def feed(self, data: bytes) -> Iterator[bytes]: ...

    def end(self) -> None: ...


def unpacker(said: str) -> Unpacker:
    """For a Content-Encoding. Raises FetchError for one that was not asked for."""
    codings = [name for part in said.lower().split(",") if (name := part.strip()) not in ("", "identity")]
    if len(codings) > MAX_CODINGS:
        raise FetchError("", f"content-encoding names {len(codings)} codings, one inside the other")
    if unknown := [name for name in codings if name not in _CODINGS]:
        raise FetchError("", f"unknown content-encoding {unknown[0][:40]!r}")
    chain: Unpacker = _Plain()
    for name in codings:  # the last was applied last, and is unpacked first
        chain = _Chain(_CODINGS[name](), chain)
    return chain


class _Plain:
    def feed(self, data: bytes) -> Iterator[bytes]:
        yield data

    def end(self) -> None:
        pass


class _Chain:
    def __init__(self, outer: Unpacker, inner: Unpacker) -> None:
        self._outer = outer
        self._inner = inner

    def feed(self, data: bytes) -> Iterator[bytes]:
        for piece in self._outer.feed(data):
            yield from self._inner.feed(piece)

    def end(self) -> None:
        self._outer.end()
        self._inner.end()


class _Zlib:
    """gzip of one or several members, or deflate; what stands behind gzip's end and is none is left aside, as browsers
    do."""

    def __init__(self, is_gzip: bool) -> None:
        self._is_gzip = is_gzip
        self._stream: Any = None
        self._is_begun = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        is_full = False  # there may be more to come of what was taken already
        while data or is_full:
            if self._stream is None:
                if self._is_begun and not (self._is_gzip and data[0] == 0x1F):
                    return
                self._stream, self._is_begun = zlib.decompressobj(self._window(data[0])), True
            try:
                piece = self._stream.decompress(data, PIECE)
            except zlib.error as error:
                raise FetchError("", _BROKEN) from error
            data = self._stream.unconsumed_tail or self._stream.unused_data
            is_full = len(piece) == PIECE and not self._stream.eof
            if self._stream.eof:
                self._stream = None
            if piece:
                yield piece

    def _window(self, first: int) -> int:
        if self._is_gzip:
            return 16 + zlib.MAX_WBITS
        # Some servers send deflate without zlib's header (RFC 9110, 8.4.1.2 has a note on it).
        return zlib.MAX_WBITS if first & 0xF == zlib.DEFLATED else -zlib.MAX_WBITS

    def end(self) -> None:
        if self._stream is not None:
            raise FetchError("", _CUT_OFF)


class _Brotli:
    def __init__(self) -> None:
        self._stream = brotli.Decompressor()
        self._is_begun = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        self._is_begun = True
        try:
            while not self._stream.is_finished():
                piece = self._stream.process(data, output_buffer_limit=PIECE)
                data = b""
                if piece:
                    yield piece
                elif self._stream.can_accept_more_data():
                    return
        except brotli.error as error:
            raise FetchError("", _BROKEN) from error

    def end(self) -> None:
        if self._is_begun and not self._stream.is_finished():
            raise FetchError("", _CUT_OFF)


class _Zstd:
    """One frame or several."""

    def __init__(self) -> None:
        self._stream: zstd.ZstdDecompressor | None = None

    def feed(self, data: bytes) -> Iterator[bytes]:
        while data or (self._stream and not self._stream.needs_input):
            self._stream = self._stream or zstd.ZstdDecompressor(options=_ZSTD_WINDOW)
            try:
                piece = self._stream.decompress(data, PIECE)
            except zstd.ZstdError as error:
                raise FetchError("", _BROKEN) from error
            data = b""
            if self._stream.eof:
                data, self._stream = self._stream.unused_data, None
            if piece:
                yield piece

    def end(self) -> None:
        if self._stream is not None:
            raise FetchError("", _CUT_OFF)


_CODINGS: dict[str, Callable[[], Unpacker]] = {
    "gzip": lambda: _Zlib(is_gzip=True),
    "x-gzip": lambda: _Zlib(is_gzip=True),
    "deflate": lambda: _Zlib(is_gzip=False),
    "br": _Brotli,
    "zstd": _Zstd,
}
