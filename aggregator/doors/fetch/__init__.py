"""HTTP: validators, limits of time and size, redirects, no private addresses, no crowd at one host."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from importlib.metadata import version
from io import BytesIO
from typing import Any, Self

import aiohttp
from aiohttp.http_exceptions import HttpProcessingError
from yarl import URL

from aggregator.doors.fetch import answers
from aggregator.doors.fetch.addresses import Guard, Refused, Resolver, allowed
from aggregator.doors.fetch.answers import REDIRECTS, Redirect
from aggregator.doors.fetch.request import Request
from aggregator.doors.fetch.robots import Robots
from aggregator.doors.fetch.room import Crowded, Room, whole_job
from aggregator.doors.fetch.turns import Turns
from aggregator.doors.fetch.unpack import unpacker
from aggregator.errors import AddressError, FetchError
from aggregator.model import Access, Capture, Response

__all__ = ["FEED", "PLAIN", "SOFTWARE", "Limits", "Web", "whole_job"]

FEED = "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, */*;q=0.8"
PICTURES = "image/avif, image/webp, image/png, image/jpeg, image/gif, */*;q=0.1"
ENCODINGS = "gzip, deflate, br, zstd"
FAILURES = (aiohttp.ClientError, HttpProcessingError, OSError, ValueError)
PLAIN = Access()
SOFTWARE = f"aggregator/{version('aggregator')}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long, how much and whom; `allow_addresses` opens private networks, addresses, or one port of one."""

    timeout: timedelta = timedelta(seconds=30)  # for one answer with its redirects; waiting for our turn is apart
    max_bytes: int = 15 * 2**20  # after decompression
    max_header_bytes: int = 64 * 2**10  # of a line
    max_headers: int = 128
    max_redirects: int = 10
    per_host: int = 1  # requests at a time
    host_pause: timedelta = timedelta(seconds=1)
    connections: int = 64
    user_agent: str = SOFTWARE
    allow_addresses: tuple[str, ...] = ()


class Web:
    """One HTTP client for all: it keeps connections, and waits its turn at each host. `keep` hears of each answer to a
    GET that has a body, before whoever asked does."""

    def __init__(self, limits: Limits, keep: Callable[[Capture], Awaitable[None]] | None = None) -> None:
        self._limits = limits
        self._keep = keep
        self._guard = Guard(allowed(text) for text in limits.allow_addresses)
        self._turns = Turns(limits.per_host, limits.host_pause.total_seconds())
        self._robots = Robots(self.get, limits.user_agent)
        # Not the limit of aiohttp's connector: to wait there would count as the host's slowness.
        self._free = asyncio.Semaphore(limits.connections)
        self._room = Room()
        self._resolver = Resolver(limits.connections, self._guard)
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            await session.close()
        await self._resolver.close()  # which the connector leaves to its owner

    async def get(
        self,
        url: str,
        *,
        etag: str | None = None,
        last_modified: str | None = None,
        accept: str = FEED,
        access: Access = PLAIN,
        robots: bool = False,
    ) -> Response:
        """Follows redirects; whatever goes wrong is a FetchError that names the URL as it was given. `robots`: only
        where each host's robots.txt lets us."""
        headers = _conditional(accept, etag, last_modified)
        if "If-None-Match" in headers:
            headers["A-IM"] = "feed"  # RFC 3229: the new entries are enough
        request = Request(subject=answers.shown(url), headers=headers, access=access)
        return await self._follow(request, answers.askable(url), robots)

    async def picture(
        self, url: str, most: int, *, etag: str | None = None, last_modified: str | None = None, robots: bool = False
    ) -> Response:
        """As `get` does, of at most so many bytes, and `keep` does not hear of it."""
        headers = _conditional(PICTURES, etag, last_modified)
        request = Request(subject=answers.shown(url), headers=headers, access=PLAIN, picture=most)
        return await self._follow(request, answers.askable(url), robots)

    async def post(self, url: str, form: Mapping[str, str]) -> Response:
        """A form, as a WebSub hub wants it."""
        request = Request(subject=answers.shown(url), headers={}, access=PLAIN, form=form)
        return await self._follow(request, answers.askable(url), robots=False)

    async def _follow(self, request: Request, target: URL, robots: bool) -> Response:
        seconds, clock = self._limits.timeout.total_seconds(), asyncio.get_running_loop().time
        permanent = target.raw_user is None  # where we have a password for, no move is recorded: it would be lost
        host: str | None = None
        wait = timedelta()
        hop = 0
        try:
            while hop <= self._limits.max_redirects:
                if _place(target) != host:  # a redirect within a host is the same turn
                    if host is not None:
                        self._turns.end(host)
                        host = None
                    pause = await self._robots.pause(target, request.subject) if robots else 0.0
                    await self._turns.start(_place(target), pause)
                    host = _place(target)
                elif robots:
                    await self._robots.pause(target, request.subject)
                try:
                    async with self._free:
                        started = clock()
                        answer = await self._ask(request, target, seconds, hop)
                        seconds -= clock() - started
                except Crowded as crowded:
                    self._turns.end(host)
                    host = None
                    await self._room.enter(crowded.size)
                    continue
                wait = max(wait, answer.retry_after or timedelta())
                if isinstance(answer, Response):
                    url = answers.shown(str(target)) if hop else request.subject
                    moved_to = url if hop and permanent else None
                    return replace(answer, url=url, moved_to=moved_to, retry_after=wait or None)
                permanent = permanent and answer.permanent
                target = answer.target
                hop += 1
        finally:
            if host is not None:
                self._turns.end(host)
        raise FetchError(request.subject, f"more than {self._limits.max_redirects} redirects (http.max_redirects)")

    async def _ask(self, request: Request, target: URL, seconds: float, hop: int) -> Response | Redirect:
        try:
            async with (
                asyncio.timeout(seconds),
                self._open().request(
                    "GET" if request.form is None else "POST",
                    request.address_of(target),
                    data=request.form,
                    headers=request.headers_for(target),
                    allow_redirects=False,
                    **await self._way(request, target),
                ) as answer,
            ):
                if answer.status in REDIRECTS:
                    return answers.redirect(answer, target)
                answers.accept(answer, request.headers)
                self._turns.well(_place(target))
                # What other 2xx codes add changes nothing for those who read the body; 226 says that it is a delta.
                response = Response(
                    url="",
                    status=answer.status if answer.status in (226, 304) else 200,
                    headers=answers.headers(answer),
                    body=await self._body(answer, request.picture),
                    retry_after=answers.wait(answer),
                )
        except (FetchError, *FAILURES) as error:
            if isinstance(error, FetchError) and error.status == 429:
                self._turns.slow(_place(target))
            via = f"redirected to {answers.shown(str(target))}: " if hop else ""
            # No name for it: with one, the frame and the error would hold each other, and with them what was read.
            raise self._failure(request.subject, via, error) from error
        if self._keep and request.form is None and request.picture is None and not response.not_modified:
            await self._keep(answers.capture(answer, target, response.body))
        return response

    async def _way(self, request: Request, target: URL) -> dict[str, Any]:
        """How the connection is made where a source wants it otherwise: by a proxy, or without a known certificate."""
        way: dict[str, Any] = {}
        if not request.access.verify_tls and request.is_home(target):
            way["ssl"] = False
        if request.access.proxy:
            proxy = URL(request.access.proxy)
            way["proxy"] = proxy.with_user(None)
            if proxy.user:
                # aiohttp makes it Proxy-Authorization, of the request or of CONNECT.
                way["proxy_headers"] = {"Authorization": aiohttp.encode_basic_auth(proxy.user, proxy.password or "")}
            # The guard sees the proxy's address alone; whom the proxy will ask is looked up here.
            for place in await self._resolver.resolve(target.raw_host or "", target.port or 80):
                self._guard.check(place["host"], place["port"])
        return way

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            limits = self._limits
            connector = aiohttp.TCPConnector(
                limit=0,
                # Longer would keep a file handle for each of thousands of hosts.
                keepalive_timeout=limits.host_pause.total_seconds() + 2,
                resolver=self._resolver,
                socket_factory=self._guard,
            )
            self._session = aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": limits.user_agent, "Accept-Encoding": ENCODINGS},
                auto_decompress=False,
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=None),
                max_line_size=limits.max_header_bytes,
                max_field_size=limits.max_header_bytes,
                max_headers=limits.max_headers,
            )
        return self._session

    async def _body(self, answer: aiohttp.ClientResponse, picture: int | None) -> bytes:
        if answer.status == 304:
            return b""
        most = self._limits.max_bytes if picture is None else picture
        setting = "http.max_body" if picture is None else "pictures.max_file"
        too_large = partial(FetchError, "", f"larger than {most / 2**20:g} MiB ({setting})", answer.status)
        if (answer.content_length or 0) > most:
            raise too_large()
        await self._take_room(answer.content_length or 0)
        unpack = unpacker(", ".join(answer.headers.getall("Content-Encoding", [])))
        body, sent = BytesIO(), 0  # unlike a bytearray's, its bytes need no copy in the end
        async for part in answer.content.iter_any():
            sent += len(part)
            for piece in unpack.feed(part):
                body.write(piece)
                if max(sent, body.tell()) > most:
                    raise too_large()
                await self._take_room(body.tell())
        unpack.end()
        return body.getvalue()

    async def _take_room(self, size: int) -> None:
        if not self._room.is_open(size):
            raise Crowded(size)
        await self._room.enter(size)

    def _failure(self, subject: str, via: str, error: Exception) -> FetchError:
        if isinstance(error, FetchError):
            return type(error)(subject, via + error.reason, error.status, error.retry_after)
        refused = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error
        if isinstance(refused, Refused):
            return AddressError(subject, via + refused.reason)
        if isinstance(error, TimeoutError):
            seconds = self._limits.timeout.total_seconds()
            return FetchError(subject, f"{via}not answered in full within {seconds:g} s (http.timeout)")
        if answers.is_of_long_lines(error):
            most = self._limits.max_header_bytes / 2**10
            return FetchError(subject, f"{via}its header has a line of over {most:g} KiB (http.max_header)")
        if answers.is_of_many_headers(error):
            return FetchError(subject, f"{via}its header has over {self._limits.max_headers} lines (http.max_headers)")
        return FetchError(subject, via + answers.reason(error))


def _conditional(accept: str, etag: str | None, last_modified: str | None) -> dict[str, str]:
    headers = {"Accept": accept}
    if known := answers.as_received(etag):
        headers["If-None-Match"] = known
    if known := answers.as_received(last_modified):
        headers["If-Modified-Since"] = known
    return headers


def _place(target: URL) -> str:
    """Whose turns these are: a host and a port."""
    return f"{target.raw_host}:{target.port}"
