"""Who may ask the pages, and how long an answer may take."""

import asyncio
import ipaddress
import logging
import re
from secrets import compare_digest
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.typedefs import Handler, Middleware

HEADER_SECONDS = 20.0
"""For a request to arrive whole, and for the next one on the same connection (keepalive_timeout)."""

ANSWER_SECONDS = 60.0
MAX_REQUESTS = 200
"""At work at a time."""

_LABEL = re.compile(r"[a-z0-9_-]{1,63}")
_PRIVATE = (".localhost", ".local", ".lan", ".internal", ".home.arpa")


def hosts(public_url: str = "") -> Middleware:
    """Lets in who asks for an address, for a name that only a network of one's own can have, or for the host of
    `public_url`. A name that somebody made point to us (DNS rebinding) would let a page of theirs read ours in the
    browser of whoever looks at it."""
    public = (urlsplit(public_url).hostname or "").lower()

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        name = _host(request.headers.get("Host", ""))
        if name is None or not (name == public or _is_ours(name) or _is_address(name)):
            said = "This name is not known here: server.public_url says which one is."
            return web.Response(status=421, text=f"{said}\n", headers={"Connection": "close"})
        return await handler(request)

    return check


def patience(seconds: float = ANSWER_SECONDS, most: int = MAX_REQUESTS) -> Middleware:
    """Ends answers that are not fetched, and takes no more than `most` requests at a time."""
    at_work = 0

    @web.middleware
    async def wait(request: web.Request, handler: Handler) -> web.StreamResponse:
        nonlocal at_work
        if at_work >= most:
            return web.Response(status=503, text="Too many at a time.\n", headers={"Retry-After": "10"})
        at_work += 1
        try:
            async with asyncio.timeout(seconds):
                answer = await handler(request)
                await answer.prepare(request)
                await answer.write_eof()
                return answer
        except TimeoutError:
            if request.transport is not None:
                request.transport.abort()
            raise ConnectionResetError("too slow") from None
        finally:
            at_work -= 1

    return wait


class _Ours(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        return not (record.exc_info and isinstance(record.exc_info[1], HttpProcessingError))


_OURS = _Ours()


def log() -> logging.Logger:
    """Of a server: what is no HTTP is answered with 400, and is no line of it, or anybody could fill it."""
    server = logging.getLogger("aiohttp.server")
    server.addFilter(_OURS)
    return server


def lets_in(token: str, request: web.Request) -> bool:
    """Whether it brings the token; "": it needs none. However much of one is right, the answer takes as long."""
    return not token or compare_digest(request.query.get("token", "").encode("utf-8", "replace"), token.encode())


def _host(said: str) -> str | None:
    """The name or address in a Host header; None where it is none."""
    try:
        return (urlsplit(f"//{said}").hostname or "").lower().rstrip(".") or None
    except ValueError:
        return None


def _is_ours(name: str) -> bool:
    """Nobody else can register it: "localhost", "nas", "news.lan"."""
    return bool(_LABEL.fullmatch(name)) or name.endswith(_PRIVATE)


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return False
    return True
