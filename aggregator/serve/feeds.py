"""The files of feeds_out/ over HTTP: validators, compression, 304."""

import asyncio
import gzip
import re
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from aiohttp import web

TYPES = {
    "atom": "application/atom+xml; charset=utf-8",
    "rss": "application/rss+xml; charset=utf-8",
    "json": "application/feed+json; charset=utf-8",
}
_NAME = re.compile(r"[a-z0-9_-][a-z0-9_.-]*")
_CACHE_CONTROL = "public, max-age=60"
# Feeds held with their compressed twins: some 20 MB where they are usual, and topics are few.
_HELD = 64


class _Published(NamedTuple):
    plain: bytes
    compressed: bytes
    etag: str


async def published(request: web.Request, directory: Path) -> web.Response:
    """The feed that the path names; its name is checked, so that no path leads out of `directory`."""
    name, format = request.match_info["name"], request.match_info["format"]
    if not _NAME.fullmatch(name):
        raise web.HTTPNotFound
    try:
        feed, modified = await asyncio.to_thread(_find, directory / f"{name}.{format}")
    except OSError:
        raise web.HTTPNotFound from None
    compress = accepts_gzip(request.headers.get("Accept-Encoding", ""))
    headers = {
        "ETag": f'"{feed.etag}{"-gz" if compress else ""}"',
        "Last-Modified": modified.strftime("%a, %d %b %Y %H:%M:%S GMT"),
        "Cache-Control": _CACHE_CONTROL,
        "Vary": "Accept-Encoding",
    }
    if _unchanged(request, feed.etag, modified):
        return web.Response(status=304, headers=headers)
    headers["Content-Type"] = TYPES[format]
    if compress:
        headers["Content-Encoding"] = "gzip"
    return web.Response(body=feed.compressed if compress else feed.plain, headers=headers)


def accepts_gzip(header: str) -> bool:
    """RFC 9110, 12.5.3, as far as gzip goes."""
    for coding in header.lower().split(","):
        name, _, parameters = coding.strip().partition(";")
        if name.strip() in ("gzip", "x-gzip", "*"):
            return not re.fullmatch(r"\s*q\s*=\s*0(\.0*)?\s*", parameters)
    return False


def _unchanged(request: web.Request, etag: str, modified: datetime) -> bool:
    # RFC 9110, 13.1.3: with If-None-Match, If-Modified-Since counts for nothing.
    if "If-None-Match" in request.headers:
        known = {tag.value.removesuffix("-gz") for tag in request.if_none_match or ()}
        return etag in known or "*" in known
    since = request.if_modified_since
    return since is not None and modified <= since


def _find(path: Path) -> tuple[_Published, datetime]:
    stat = path.stat()
    modified = datetime.fromtimestamp(int(stat.st_mtime), UTC)
    return _read(path, stat.st_mtime_ns, stat.st_size, stat.st_ino), modified


@lru_cache(maxsize=_HELD)
def _read(path: Path, mtime_ns: int, size: int, inode: int) -> _Published:
    """All but the path are there to tell one version of the file from the next."""
    plain = path.read_bytes()
    return _Published(plain, gzip.compress(plain, mtime=0), sha256(plain).hexdigest()[:32])
