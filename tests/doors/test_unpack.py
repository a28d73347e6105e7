"""doors.fetch.unpack: content codings, in whatever pieces they come."""

import gzip
import zlib
from collections.abc import Callable

import brotli  # type: ignore[import-untyped]
import pytest
from backports import zstd
from hypothesis import given
from hypothesis import strategies as st

from aggregator.doors.fetch.unpack import PIECE, unpacker
from aggregator.errors import FetchError

PACK: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstd.compress,
    "identity": bytes,
    "": bytes,
}
BODY = b"".join(b"%d, " % n for n in range(3000))


def unpacked(encoding: str, body: bytes, size: int = 2**16) -> bytes:
    unpack = unpacker(encoding)
    pieces = [piece for at in range(0, len(body), size) for piece in unpack.feed(body[at : at + size])]
    unpack.end()
    assert all(len(piece) <= 4 * PIECE for piece in pieces) or encoding in ("", "identity")
    return b"".join(pieces)


@given(
    said=st.binary(max_size=2000), size=st.integers(1, 500), encodings=st.lists(st.sampled_from(list(PACK)), max_size=2)
)
def test_what_was_packed_comes_out_in_whatever_pieces_it_came(said: bytes, size: int, encodings: list[str]) -> None:
    body = said
    for encoding in encodings:
        body = PACK[encoding](body)
    assert unpacked(", ".join(encodings), body, size) == said


@pytest.mark.parametrize("length", [PIECE - 1, PIECE, PIECE + 1, 10 * PIECE])
@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd"])
def test_a_bomb_comes_out_in_bounded_pieces(encoding: str, length: int) -> None:
    assert unpacked(encoding, PACK[encoding](b"\0" * length)) == b"\0" * length


def test_deflate_without_the_header_of_zlib_is_read_as_servers_mean_it() -> None:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    assert unpacked("deflate", packer.compress(BODY) + packer.flush()) == BODY


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
def test_several_members_are_one_body(encoding: str) -> None:
    assert unpacked(encoding, PACK[encoding](BODY[:50]) + PACK[encoding](BODY[50:]), 7) == BODY


def test_what_stands_behind_the_end_of_gzip_is_left_aside() -> None:
    assert unpacked("gzip", gzip.compress(BODY) + b"\0\0<!-- cached -->", 9) == BODY


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd"])
def test_a_body_that_ends_too_early_is_cut_off(encoding: str) -> None:
    with pytest.raises(FetchError, match="cut off"):
        unpacked(encoding, PACK[encoding](BODY)[:-3])


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd"])
def test_a_body_that_was_not_packed_so_is_broken(encoding: str) -> None:
    with pytest.raises(FetchError, match="not what its content-encoding says"):
        unpacked(encoding, b"<rss>" * 20)


@pytest.mark.parametrize(
    ("encoding", "reason"), [("rot13", "unknown"), ("gzip, compress", "unknown"), ("br, " * 9, "9 codings")]
)
def test_codings_that_nobody_asked_for_are_refused(encoding: str, reason: str) -> None:
    with pytest.raises(FetchError, match=reason):
        unpacker(encoding)


def test_a_window_of_zstd_that_takes_a_hundred_megabytes_is_refused() -> None:
    packed = zstd.compress(b"ab" * 10_000_000, options={zstd.CompressionParameter.window_log: 27})
    with pytest.raises(FetchError, match="content-encoding"):
        unpacked("zstd", packed)
