"""The pages of WARC files, whoever wrote them."""

import zlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from warcio.archiveiterator import ArchiveIterator
from warcio.bufferedreaders import ChunkedDataReader
from warcio.exceptions import ArchiveLoadFailed
from warcio.statusandheaders import StatusAndHeadersParserException

from aggregator.errors import ExtractError
from aggregator.model import Response

ENDINGS = (".warc", ".warc.gz")
HTML = ("text/html", "application/xhtml+xml")
PART = 2**16
MAX_PAGE = 64 * 2**20
DATE = "warc-date"
"""Among the headers of a page, the record's own."""

_UNREADABLE = (ArchiveLoadFailed, StatusAndHeadersParserException, zlib.error, OSError, ValueError, EOFError)


def read(path: Path, max_bytes: int) -> Iterator[tuple[str, Response]]:
    """The HTML pages of a file, each with its record's id, its body in the content-encoding that its headers tell; of a
    larger one, a byte more than `max_bytes`. Raises ExtractError where it cannot be read any further."""
    try:
        with path.open("rb") as file:
            for record in ArchiveIterator(file):
                if _is_page(record):
                    yield _page(path, record, max_bytes)
    except _UNREADABLE as error:
        raise ExtractError(str(path), f"is no WARC file, or not to its end: {str(error).strip()[:200]}") from error


def fetched_at(response: Response) -> datetime | None:
    """When a page that was read from a WARC file was written into it."""
    try:
        return datetime.fromisoformat(response.headers.get(DATE, ""))
    except ValueError:
        return None


def _is_page(record: Any) -> bool:
    if record.rec_type != "response" or not (record.http_headers and record.rec_headers.get_header("WARC-Target-URI")):
        return False
    kind = (record.http_headers.get_header("Content-Type") or "").partition(";")[0].strip().lower()
    return kind in HTML and str(record.http_headers.get_statuscode()).startswith("2")


def _page(path: Path, record: Any, max_bytes: int) -> tuple[str, Response]:
    url = record.rec_headers.get_header("WARC-Target-URI")
    is_chunked = (record.http_headers.get_header("Transfer-Encoding") or "").lower() == "chunked"
    body, stream = bytearray(), ChunkedDataReader(record.raw_stream) if is_chunked else record.raw_stream
    while len(body) <= max_bytes and (part := stream.read(PART)):
        body += part
    if len(body) <= max_bytes and getattr(record.raw_stream, "limit", 0) > 0:
        raise ExtractError(str(path), "ends in the middle of a record, where its writer was stopped")
    headers = {DATE: record.rec_headers.get_header("WARC-Date") or ""}
    for name, value in record.http_headers.headers:
        headers.setdefault(name.lower(), value)
    id = (record.rec_headers.get_header("WARC-Record-ID") or "").strip("<>")
    return id, Response(url=url, status=200, headers=headers, body=bytes(body[: max_bytes + 1]))
