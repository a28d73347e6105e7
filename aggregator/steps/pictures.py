"""Pictures: what they are, when to look at one again, and articles that show our copies."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from html import escape, unescape
from pathlib import Path

from aggregator.errors import AggregatorError
from aggregator.model import Article, Picture, Response
from aggregator.steps.pace import retry
from aggregator.steps.urls import host

LONGEST = 2000
"""Characters of an address that is asked."""

GONE = 3
"""Failures in a row after which an original counts as gone: a server may be down for some days."""

FAILED, LOST = timedelta(days=2), timedelta(days=30)  # that network may have been ours
LEAST, MOST = timedelta(days=7), timedelta(days=180)

# An SVG is a document with scripts: none is kept.
_KINDS = (
    ("jpg", re.compile(rb"\xff\xd8\xff")),
    ("png", re.compile(rb"\x89PNG\r\n\x1a\n")),
    ("gif", re.compile(rb"GIF8[79]a")),
    ("webp", re.compile(rb"RIFF....WEBP", re.DOTALL)),
    ("avif", re.compile(rb"....ftypavi[fs]", re.DOTALL)),
)
TYPES = {"jpg": "image/jpeg", "png": "image/png", "gif": "image/gif", "webp": "image/webp", "avif": "image/avif"}
"""By the ending of a copy's name."""

_SHOWN = re.compile(r'(<img [^>]*?\bsrc=")([^"]*)(")')


def name(body: bytes) -> str | None:
    """What a copy is called: by its hash, and by what its first bytes say that it is; None where it is no picture."""
    ending = next((ending for ending, begins in _KINDS if begins.match(body)), None)
    return f"{sha256(body).hexdigest()}.{ending}" if ending else None


def place(folder: Path, name: str) -> Path:
    """Where a copy is kept."""
    return folder / name[:2] / name


def wanted(article: Article, most: int) -> dict[str, str]:
    """The first pictures of an article that can be asked for, and their hosts."""
    urls = dict.fromkeys(image.url for image in article.images)
    asked = [url for url in urls if len(url) <= LONGEST and url.startswith(("http://", "https://")) and host(url)]
    return {url: host(url) for url in asked[:most]}


def seen(picture: Picture, response: Response, copy: str | None, now: datetime) -> Picture:
    """The picture after its publisher answered; `copy` is what its bytes are called, None where they are none. The
    first copy stays, whatever stands there later; where no picture does any more, it fails."""
    if copy is None and not (response.not_modified and picture.name):
        return failed(picture, "is no JPEG, PNG, GIF, WebP or AVIF", now)
    kept = picture if picture.name else replace(picture, name=copy, fetched_at=now)
    rest = min(max(now - (kept.fetched_at or now), LEAST), MOST)
    if not response.not_modified:
        headers = response.headers
        kept = replace(kept, etag=headers.get("etag"), last_modified=headers.get("last-modified"))
    return replace(kept, failures=0, error=None, gone=False, picture_at=now + rest)


def failed(picture: Picture, error: AggregatorError | str, now: datetime) -> Picture:
    """The picture after it could not be had: without a copy it is tried for some days, else looked at now and then."""
    failures = picture.failures + 1
    gone = picture.name is not None and failures >= GONE
    again = retry(failures, now) if picture.name is None else now + (LOST if gone else FAILED)
    return replace(picture, failures=failures, error=str(error), gone=gone, picture_at=again)


def shown(article: Article, ours: Mapping[str, str]) -> Article:
    """The article with our addresses in the place of those that stand here."""

    def address(found: re.Match[str]) -> str:
        mine = ours.get(unescape(found[2]))
        return f"{found[1]}{escape(mine)}{found[3]}" if mine else found[0]

    images = tuple(replace(image, url=ours.get(image.url, image.url)) for image in article.images)
    return replace(article, html=_SHOWN.sub(address, article.html), images=images)
