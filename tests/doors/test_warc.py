"""doors.warc: what is written there, read by warcio's own reader."""

import asyncio
import gzip
import os
import resource
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from warcio.archiveiterator import ArchiveIterator
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from aggregator.doors.fetch import Web
from aggregator.doors.warc import Warc, pages
from aggregator.errors import ExtractError, FetchError, StoreError
from aggregator.model import Access, Capture
from tests.doors.test_fetch import BODY, LIMITS, Server, http, server
from tests.fakes import Clock, page

__all__ = ["server"]

PAGE = Capture(
    url="https://a.example/1",
    status=200,
    reason="OK",
    protocol="HTTP/1.1",
    headers=(("Content-Type", "text/html; charset=utf-8"), ("ETag", '"1"')),
    body=page(),
)


class Record(NamedTuple):
    kind: str
    warc: dict[str, str]
    status: str
    http: dict[str, str]
    body: bytes


def records(path: Path) -> list[Record]:
    """All records of a file; each digest is checked."""
    found = []
    with path.open("rb") as file:
        for record in ArchiveIterator(file, check_digests="raise"):
            http = record.http_headers
            said = dict(http.headers) if http else {}
            body = record.content_stream().read()
            found.append(
                Record(record.rec_type, dict(record.rec_headers.headers), http.statusline if http else "", said, body)
            )
    return found


def files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.warc.gz"))


def noise(n: int, size: int = 4000) -> Capture:
    """Of a body that gzip makes no smaller."""
    body = b"".join(hash((n, i)).to_bytes(8, "big", signed=True) for i in range(size // 8))
    return replace(PAGE, url=f"https://a.example/{n}", body=body)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "warc"


def warc(folder: Path, now: Clock, **how: Any) -> Warc:
    return Warc(folder, now=now, software="aggregator/1", **({"file_size": 2**20} | how))


async def test_an_answer_is_written_as_it_came_and_is_its_owners_alone(folder: Path, now: Clock) -> None:
    await warc(folder, now).keep(PAGE)
    (path,) = files(folder)
    assert path.name == "20260302093000-00001.warc.gz"
    assert (mode(path), mode(folder)) == (0o600, 0o700)
    info, response = records(path)
    assert (info.kind, info.warc["WARC-Filename"]) == ("warcinfo", path.name)
    assert b"software: aggregator/1\r\n" in info.body
    assert (response.kind, response.status, response.body) == ("response", "200 OK", PAGE.body)
    assert response.warc["WARC-Target-URI"] == PAGE.url
    assert response.warc["WARC-Date"] == info.warc["WARC-Date"] == "2026-03-02T09:30:00Z"
    assert response.warc["WARC-Warcinfo-ID"] == info.warc["WARC-Record-ID"]
    assert response.http == dict(PAGE.headers) | {"Content-Length": str(len(PAGE.body))}


async def test_each_record_is_a_gzip_member_of_its_own(folder: Path, now: Clock) -> None:
    kept = warc(folder, now)
    for n in range(3):
        await kept.keep(noise(n))
    with files(folder)[0].open("rb") as file:
        reader = ArchiveIterator(file)
        places = [(reader.get_record_offset(), reader.get_record_length()) for _ in reader]
    raw = files(folder)[0].read_bytes()
    assert sum(length for _, length in places) == len(raw)
    assert all(gzip.decompress(raw[at : at + length]).startswith(b"WARC/1.1\r\n") for at, length in places)


async def test_the_same_body_again_is_a_revisit(folder: Path, now: Clock) -> None:
    kept = warc(folder, now)
    await kept.keep(PAGE)
    now.advance(hours=1)
    await kept.keep(replace(PAGE, url="https://b.example/", headers=(("ETag", '"2"'),)))
    _, first, again = records(files(folder)[0])
    assert (again.kind, again.body, again.http["ETag"]) == ("revisit", b"", '"2"')
    assert again.warc["WARC-Profile"].endswith("/1.1/revisit/identical-payload-digest")
    assert again.warc["WARC-Payload-Digest"] == first.warc["WARC-Payload-Digest"]
    assert again.warc["WARC-Refers-To"] == first.warc["WARC-Record-ID"]
    assert again.warc["WARC-Refers-To-Target-URI"] == PAGE.url
    assert (again.warc["WARC-Refers-To-Date"], again.warc["WARC-Date"]) == (first.warc["WARC-Date"], "2026-03-02T10:30:00Z")  # fmt: skip


async def test_the_memory_of_bodies_has_an_end(folder: Path, now: Clock) -> None:
    kept = warc(folder, now, known=2)
    for n in (1, 2, 1, 3, 1, 2):
        await kept.keep(noise(n))
    assert [r.kind for r in records(files(folder)[0])[1:]] == ["response", "response", "revisit", "response", "revisit", "response"]  # fmt: skip


async def test_an_empty_body_refers_to_nothing(folder: Path, now: Clock) -> None:
    kept = warc(folder, now)
    for _ in range(2):
        await kept.keep(replace(PAGE, body=b""))
    assert [r.kind for r in records(files(folder)[0])] == ["warcinfo", "response", "response"]


async def test_another_file_is_begun_before_one_becomes_too_large(folder: Path, now: Clock) -> None:
    kept = warc(folder, now, file_size=10_000)
    for n in range(6):
        now.advance(seconds=1)
        await kept.keep(noise(n))
    await kept.keep(noise(0))
    found = files(folder)
    assert len(found) > 2
    assert all(path.stat().st_size <= 10_000 for path in found)
    kinds = [[r.kind for r in records(path)] for path in found]
    assert all(kind[0] == "warcinfo" for kind in kinds)
    assert sum(kind.count("response") for kind in kinds) == 6
    assert kinds[-1][-1] == "revisit"  # of a body in the first file


def yours(folder: Path) -> Path:
    """A file that the program did not write."""
    folder.mkdir(parents=True)
    path = folder / "2020-01-mine.warc.gz"
    path.write_bytes(b"mine" * 50_000)
    return path


async def test_no_file_is_removed_unless_a_limit_is_set(folder: Path, now: Clock) -> None:
    limited, free = folder / "limited", folder / "free"
    mine = yours(limited)
    for kept in (warc(limited, now, file_size=10_000, max_size=25_000), warc(free, now, file_size=10_000)):
        for n in range(20):
            now.advance(seconds=1)
            await kept.keep(noise(n))
    left = sorted(limited.glob("2026*.warc.gz"))
    assert sum(path.stat().st_size for path in left) <= 25_000
    assert {path.name for path in left} <= {path.name for path in files(limited)[-4:]}
    assert records(left[-1])[-1].warc["WARC-Target-URI"] == "https://a.example/19"
    assert mine in files(limited)
    assert sum(r.kind == "response" for path in files(free) for r in records(path)) == 20


async def test_where_old_files_are_removed_none_refers_to_another(folder: Path, now: Clock) -> None:
    kept = warc(folder, now, file_size=10_000, max_size=50_000)
    for n in (0, 1, 2, 3, 0):
        await kept.keep(noise(n))
    assert records(files(folder)[-1])[-1].kind == "response"


async def test_each_start_begins_a_file(folder: Path, now: Clock) -> None:
    for _ in range(2):
        await warc(folder, now).keep(PAGE)
    assert [path.name for path in files(folder)] == [f"20260302093000-0000{n}.warc.gz" for n in (1, 2)]


async def test_a_file_that_was_taken_away_is_not_missed(folder: Path, now: Clock) -> None:
    kept = warc(folder, now)
    await kept.keep(PAGE)
    files(folder)[0].unlink()
    await kept.keep(noise(1))
    assert [r.kind for r in records(files(folder)[0])] == ["warcinfo", "response"]


async def test_many_at_a_time_are_one_behind_the_other(folder: Path, now: Clock) -> None:
    kept = warc(folder, now)
    await asyncio.gather(*(kept.keep(noise(n)) for n in range(40)))
    assert sum(r.kind == "response" for r in records(files(folder)[0])) == 40


def urls(path: Path) -> list[str]:
    """Of the pages that can be read."""
    found = []
    with suppress(ExtractError):
        for _, response in pages.read(path, 2**20):
            found.append(response.url)
    return found


@pytest.mark.parametrize("left", [0, 1, 40, 200, 1500, 4000])
async def test_a_writer_killed_in_a_record_leaves_what_stands_before_it(folder: Path, now: Clock, left: int) -> None:
    kept = warc(folder, now)
    await kept.keep(PAGE)
    (path,) = files(folder)
    whole = path.stat().st_size
    await kept.keep(noise(1))
    os.truncate(path, whole + left)
    assert urls(path) == [PAGE.url]
    await warc(folder, now).keep(noise(2))
    assert urls(files(folder)[1]) == [noise(2).url]


@contextmanager
def disk(size: int) -> Iterator[None]:
    """No file can grow beyond it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def test_a_full_disk_is_an_error_of_ours_and_leaves_no_half_record(folder: Path, now: Clock) -> None:
    kept = warc(folder, now)
    await kept.keep(PAGE)
    with (
        disk(files(folder)[0].stat().st_size + 1000),
        pytest.raises(StoreError, match=r"\.warc\.gz: cannot be written"),
    ):
        await kept.keep(noise(1))
    await kept.keep(noise(1))
    (path,) = files(folder)
    assert [r.kind for r in records(path)] == ["warcinfo", "response", "response"]


async def test_a_file_that_cannot_be_begun_leaves_nothing(folder: Path, now: Clock) -> None:
    with disk(100), pytest.raises(StoreError, match="cannot be written"):
        await warc(folder, now).keep(PAGE)
    assert files(folder) == []


async def test_what_is_fetched_is_kept_without_its_codings_and_without_secrets(
    server: Server, folder: Path, now: Clock
) -> None:
    packed = gzip.compress(BODY)
    server["/a?page=1"] = http(203, packed, Content_Encoding="gzip", Set_Cookie="session=s3cret", X_Name="café")  # fmt: skip
    address = server["/a?page=1"].replace("//", "//me:s3cret@")
    origin = f"http://127.0.0.1:{server.port}"
    access = Access(origin=origin, headers={"Cookie": "a=s3cret"})
    async with Web(LIMITS, warc(folder, now).keep) as web:
        response = await web.get(f"{address}#top", access=access)
    assert b"s3cret" in server.asked[0]
    (path,) = files(folder)
    assert b"s3cret" not in gzip.decompress(path.read_bytes())
    _, kept = records(path)
    assert kept.warc["WARC-Target-URI"] == server["/a?page=1"]
    assert (kept.status, kept.body) == ("203 Whatever", BODY) == ("203 Whatever", response.body)
    assert kept.http["Content-Length"] == str(len(BODY))
    assert (kept.http["X-Orig-Content-Encoding"], kept.http["X-Orig-Content-Length"]) == ("gzip", str(len(packed)))
    assert "Content-Encoding" not in kept.http


async def test_what_did_not_change_and_what_failed_is_not_kept(server: Server, folder: Path, now: Clock) -> None:
    server["/same"], server["/moved"] = http(304), http(302, b"", Location="/a")
    server["/a"] = http(200, BODY)
    async with Web(LIMITS, warc(folder, now).keep) as web:
        assert (await web.get(server["/same"], etag='"1"')).not_modified
        await web.post(server["/a"], {"hub.mode": "subscribe"})
        assert files(folder) == []
        await web.get(server["/moved"])
    assert [r.warc["WARC-Target-URI"] for r in records(files(folder)[0])[1:]] == [server["/a"]]


async def test_a_picture_has_a_limit_of_its_own_and_is_not_kept_raw(server: Server, folder: Path, now: Clock) -> None:
    server["/a.jpg"] = http(200, BODY)
    async with Web(LIMITS, warc(folder, now).keep) as web:
        assert (await web.picture(server["/a.jpg"], len(BODY))).body == BODY
        with pytest.raises(FetchError, match=r"larger than .* MiB \(pictures.max_file\)"):
            await web.picture(server["/a.jpg"], len(BODY) - 1)
    assert b"Accept: image/avif" in server.asked[0]
    assert files(folder) == []


def test_what_is_no_warc_file_is_said_in_a_line(tmp_path: Path) -> None:
    for body in (b"no such thing", gzip.compress(b"nor this"), b"\x1f\x8bbroken"):
        path = tmp_path / "x.warc.gz"
        path.write_bytes(body)
        with pytest.raises(ExtractError) as caught:
            list(pages.read(path, 2**20))
        assert len(str(caught.value).splitlines()) == 1


def others(path: Path, *, is_gzip: bool, body: bytes, status: str = "200 OK", **headers: str) -> None:
    """A file of another program."""
    with path.open("wb") as file:
        writer = WARCWriter(file, gzip=is_gzip)
        said = StatusAndHeaders(status, [(k.replace("_", "-"), v) for k, v in headers.items()], "HTTP/1.1")
        record = writer.create_warc_record(
            "https://a.example/1", "response", payload=BytesIO(body), length=len(body), http_headers=said
        )
        writer.write_record(record)


@pytest.mark.parametrize("is_gzip", [True, False])
@pytest.mark.parametrize(
    ("body", "headers"),
    [(page(), {}), (b"%x\r\n%s\r\n0\r\n\r\n" % (len(page()), page()), {"Transfer_Encoding": "chunked"})],
)
def test_pages_in_files_of_other_programs_are_read(
    tmp_path: Path, is_gzip: bool, body: bytes, headers: dict[str, str]
) -> None:
    path = tmp_path / "x.warc"
    others(path, is_gzip=is_gzip, body=body, Content_Type="Text/HTML; charset=utf-8", **headers)
    ((id, response),) = pages.read(path, 2**20)
    assert id.startswith("urn:uuid:")
    assert (response.url, response.body) == ("https://a.example/1", page())
    assert response.headers["content-type"] == "Text/HTML; charset=utf-8"


def test_what_is_no_page_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "x.warc"
    for status, kind in (("404 Not Found", "text/html"), ("200 OK", "application/xml"), ("200 OK", "")):
        others(path, is_gzip=True, body=page(), status=status, Content_Type=kind)
        assert list(pages.read(path, 2**20)) == []


def test_a_page_is_read_to_its_limit(tmp_path: Path) -> None:
    path = tmp_path / "x.warc"
    others(path, is_gzip=True, body=b"<html>" + bytes(10**6), Content_Type="text/html")
    ((_, response),) = pages.read(path, 1000)
    assert len(response.body) == 1001
