"""WARC files (ISO 28500): HTTP answers, written as they came."""

import asyncio
import os
from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO, FileIO
from itertools import count
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from aggregator.errors import StoreError
from aggregator.model import Capture

NAME = f"{'[0-9]' * 14}-{'[0-9]' * 5}.warc.gz"  # of files that we began
KNOWN = 50_000
"""Bodies that are remembered, to be written once: some 20 MB where all of them are."""

SECRET = {"set-cookie", "set-cookie2", "authentication-info", "proxy-authentication-info"}
# The body is written without its codings: what said of them how it came keeps its value under another name.
CODED = {"content-encoding", "transfer-encoding", "content-length"}


class _First(NamedTuple):
    """Where a body was written."""

    id: str
    url: str
    at: str


class Warc:
    """A folder of WARC files. What another process began is never written to; where `max_size` is set, the oldest files
    go, and each stands alone: no record of one says "the body is in another"."""

    def __init__(
        self,
        folder: Path,
        *,
        now: Callable[[], datetime],
        software: str,
        file_size: int,
        max_size: int | None = None,
        known: int = KNOWN,
    ) -> None:
        self._folder = folder
        self._now = now
        self._software = software
        self._file_size = file_size
        self._max_size = max_size
        self._most = known
        self._known: OrderedDict[bytes, _First] = OrderedDict()
        self._lock = Lock()
        self._path: Path | None = None
        self._info = ""  # the id of the file's warcinfo

    async def keep(self, capture: Capture) -> None:
        """Raises StoreError; what was written before stays readable."""
        await asyncio.to_thread(self._keep, capture)

    def _keep(self, capture: Capture) -> None:
        with self._lock:
            try:
                with self._opened(len(capture.body)) as file:
                    self._append(file, capture)
            except OSError as error:
                reason = f"cannot be written: {error.strerror or error}"
                raise StoreError(str(self._path or self._folder), reason) from error

    def _opened(self, more: int) -> FileIO:
        """The file to write to, at its end: another where it would become too large, or somebody took it away."""
        if self._path is not None and self._path.exists():
            file = FileIO(self._path, "r+")
            if file.seek(0, os.SEEK_END) + more <= self._file_size:
                return file
            file.close()
        self._path = None
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self._max_size is not None:
            self._known.clear()
            self._make_room(self._max_size - self._file_size)
        return self._begun()

    def _make_room(self, most: int) -> None:
        files = [(path, path.stat().st_size) for path in sorted(self._folder.glob(NAME))]
        total = sum(size for _, size in files)
        for path, size in files:
            if total <= most:
                return
            path.unlink()
            total -= size

    def _begun(self) -> FileIO:
        now = self._now().astimezone(UTC)
        for number in count(1):
            path = self._folder / f"{now:%Y%m%d%H%M%S}-{number:05}.warc.gz"
            try:
                file = FileIO(path, "x", opener=_private)
                break
            except FileExistsError:  # begun within the same second
                continue
        writer = _writer()
        said = {
            "software": self._software,
            "format": "WARC File Format 1.1",
            "description": "Feeds and pages, as fetched",
        }
        info = writer.create_warcinfo_record(path.name, said)
        info.rec_headers.replace_header("WARC-Date", _stamp(now))
        try:
            _write(file, writer, info)
        except OSError:
            file.close()
            path.unlink()
            raise
        self._path, self._info = path, info.rec_headers.get_header("WARC-Record-ID")
        return file

    def _append(self, file: FileIO, capture: Capture) -> None:
        digest = sha256(capture.body).digest()
        first = self._known.get(digest) if capture.body else None
        writer, start = _writer(), file.tell()
        record = self._record(writer, capture, digest.hex(), first)
        try:
            _write(file, writer, record)
        except OSError:
            path, self._path = self._path, None
            file.truncate(start)  # where that fails too, nothing more is written behind the half record
            self._path = path
            raise
        if first is None:
            said = record.rec_headers.get_header
            self._known[digest] = _First(said("WARC-Record-ID"), capture.url, said("WARC-Date"))
        self._known.move_to_end(digest)
        while len(self._known) > self._most:
            self._known.popitem(last=False)

    def _record(self, writer: WARCWriter, capture: Capture, digest: str, first: _First | None) -> Any:
        http = StatusAndHeaders(f"{capture.status} {capture.reason}".strip(), _headers(capture), capture.protocol)
        said = {"WARC-Date": _stamp(self._now()), "WARC-Warcinfo-ID": self._info}
        labelled = f"sha256:{digest}"
        if first is None:
            return writer.create_warc_record(
                capture.url,
                "response",
                payload=BytesIO(capture.body),
                length=len(capture.body),
                warc_headers_dict=said | {"WARC-Payload-Digest": labelled},
                http_headers=http,
            )
        said["WARC-Refers-To"] = first.id
        return writer.create_revisit_record(capture.url, labelled, first.url, first.at, http, said)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _writer() -> WARCWriter:
    return WARCWriter(BytesIO(), gzip=True, warc_version="1.1")


def _write(file: FileIO, writer: WARCWriter, record: Any) -> None:
    """Past all buffers: nothing of it waits to be written after what failed was taken back."""
    writer.write_record(record)
    left = memoryview(writer.out.getvalue())
    while left:
        left = left[file.write(left) :]


def _headers(capture: Capture) -> list[tuple[str, str]]:
    kept = [
        (f"X-Orig-{name}" if name.lower() in CODED else name, value)
        for name, value in capture.headers
        if name.lower() not in SECRET
    ]
    return [*kept, ("Content-Length", str(len(capture.body)))]


def _stamp(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
