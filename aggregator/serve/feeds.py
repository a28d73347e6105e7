"""The files of feeds_out/ over HTTP: validators, compression, 304, ranges."""

import asyncio
import gzip
import os
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cached_property
from hashlib import sha256
from pathlib import Path

import brotli  # type: ignore[import-untyped]
from aiohttp import web

from aggregator.serve import limits
from aggregator.serve.archive import Archive
from aggregator.steps.kept import Kept
from aggregator.steps.render import ARCHIVE, PAGED

TYPES = {
    "atom": "application/atom+xml; charset=utf-8",
    "rss": "application/rss+xml; charset=utf-8",
    "json": "application/feed+json; charset=utf-8",
}
# Browsers show feeds of their own type as source text, or save them; readers take either.
_SHOWN = {"atom": "application/xml; charset=utf-8", "rss": "application/xml; charset=utf-8", "json": TYPES["json"]}
PAGE = rf"/feeds/{ARCHIVE}/{{name}}/{{version:\d{{1,9}}}}/{{page:\d{{1,9}}}}.{{format:{'|'.join(PAGED)}}}"
_NAME = re.compile(r"[a-z0-9_-][a-z0-9_.-]*")
MAX_HELD = 32 * 2**20
"""Bytes of feeds that are held, with what their compressed twins will be."""


class Version:
    """What a file says, in each coding that somebody asked for."""

    def __init__(self, plain: bytes) -> None:
        self.plain = plain
        self.etag = sha256(plain).hexdigest()[:32]

    @cached_property
    def gzip(self) -> bytes:
        return gzip.compress(self.plain, mtime=0)

    @cached_property
    def br(self) -> bytes:
        return bytes(brotli.compress(self.plain, quality=5))

    def coded(self, coding: str) -> bytes:
        return self.br if coding == "br" else self.gzip if coding == "gzip" else self.plain

    def tag(self, coding: str) -> str:
        return f'"{self.etag}-{coding}"' if coding else f'"{self.etag}"'


async def published(archive: Archive, held: Kept[Version], request: web.Request) -> web.Response:
    """The feed that the path names; its name is checked, so that no path leads out of the folder."""
    said = request.match_info
    name, format = said["name"], said["format"]
    if not _NAME.fullmatch(name):
        raise web.HTTPNotFound
    token = archive.token(name)
    if not limits.lets_in(token, request):
        raise web.HTTPNotFound
    directory = archive.private_dir if token else archive.feeds_dir
    path = directory / f"{name}.{format}"
    if "page" in said:
        path = directory / ARCHIVE / name / said["version"] / f"{said['page']}.{format}"
    try:
        stat = path.stat()
        feed = await _version(held, path, stat)
    except OSError:
        raise web.HTTPNotFound from None
    modified = datetime.fromtimestamp(int(stat.st_mtime), UTC)
    part = _range(request, feed, modified)
    coding = "" if part else accepted(request.headers.get("Accept-Encoding", ""))
    headers = {
        "ETag": feed.tag(coding),
        "Last-Modified": modified.strftime("%a, %d %b %Y %H:%M:%S GMT"),
        "Cache-Control": f"{'private' if token else 'public'}, max-age=60",
        "Vary": "Accept, Accept-Encoding",
        "Accept-Ranges": "bytes",
    }
    if _unchanged(request, feed, modified):
        return web.Response(status=304, headers=headers)
    headers["Content-Type"] = (_SHOWN if "text/html" in request.headers.get("Accept", "") else TYPES)[format]
    if part:
        return _partial(feed.plain, part, headers)
    if coding:
        headers["Content-Encoding"] = coding
    body = await asyncio.to_thread(feed.coded, coding) if coding else feed.plain
    return web.Response(body=body, headers=headers)


def accepted(header: str) -> str:
    """The coding that is liked best (RFC 9110, 12.5.3): "br", "gzip", or "" for none."""
    liked: dict[str, float] = {}
    for each in header.lower().split(","):
        name, _, parameters = each.partition(";")
        quality = re.fullmatch(r"\s*q\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*", parameters)
        liked[name.strip().removeprefix("x-")] = float(quality[1]) if quality else 1.0
    ours = [(liked.get(coding, liked.get("*", 0.0)), coding) for coding in ("br", "gzip")]
    best, coding = max(ours, key=lambda pair: pair[0])
    return coding if best > 0 else ""


def _range(request: web.Request, feed: Version, modified: datetime) -> slice | None:
    """The one range of bytes that is asked for, of the version that the reader has; several are answered as none."""
    said = request.headers.get("Range", "")
    if request.method != "GET" or not re.fullmatch(r"bytes=(\d{1,15}-\d{0,15}|-\d{1,15})", said):
        return None
    if (version := request.headers.get("If-Range")) is not None:
        since = request.if_range
        if version != feed.tag("") and (since is None or since != modified):
            return None
    first, last = said.removeprefix("bytes=").split("-")
    size = len(feed.plain)
    if not first:
        return slice(max(size - int(last), 0), size)
    return slice(int(first), min(int(last) + 1, size) if last else size)


def _partial(body: bytes, part: slice, headers: Mapping[str, str]) -> web.Response:
    size = len(body)
    if part.start >= min(part.stop, size):
        return web.Response(status=416, headers={**headers, "Content-Range": f"bytes */{size}"})
    span = f"bytes {part.start}-{part.stop - 1}/{size}"
    return web.Response(status=206, body=body[part], headers={**headers, "Content-Range": span})


def _unchanged(request: web.Request, feed: Version, modified: datetime) -> bool:
    # RFC 9110, 13.1.3: with If-None-Match, If-Modified-Since counts for nothing.
    if "If-None-Match" in request.headers:
        known = {tag.value.removesuffix("-gzip").removesuffix("-br") for tag in request.if_none_match or ()}
        return feed.etag in known or "*" in known
    since = request.if_modified_since
    return since is not None and modified <= since


async def _version(held: Kept[Version], path: Path, stat: os.stat_result) -> Version:
    """Read once, in a thread; most requests are for what is held."""
    key = path, stat.st_mtime_ns, stat.st_size, stat.st_ino
    if (found := held.get(key)) is None:
        found = await asyncio.to_thread(lambda: Version(path.read_bytes()))
        held.put(key, found, 2 * stat.st_size)
    return found
