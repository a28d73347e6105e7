"""HTTP: validators, limits of time and size, redirects, no private addresses, no crowd at one host."""

import asyncio
import http
import re
from dataclasses import dataclass, field, replace
from datetime import timedelta
from email.utils import parsedate_to_datetime
from importlib.metadata import version
from typing import NamedTuple, Self

import aiohttp
from aiohttp.http_exceptions import ContentEncodingError, HttpProcessingError
from yarl import URL

from aggregator.doors.fetch.addresses import Guard, Refused, Resolver, allowed
from aggregator.doors.fetch.turns import Turns
from aggregator.errors import AddressError, FetchError, GoneError
from aggregator.model import Response

FEED = "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, */*;q=0.8"
ENCODINGS = {"", "identity", "gzip", "deflate", "br", "zstd"}
REDIRECTS = {301: True, 302: False, 303: False, 307: False, 308: True}  # is it permanent?
LISTS = {"cache-control", "link", "vary", "www-authenticate"}  # headers whose lines add up; of others the first counts
DAY = timedelta(days=1)
MAX_HEADER_BYTES = 64 * 1024  # aiohttp's 8190 is less than some content-security-policies
PHRASES = {status.value: status.phrase for status in http.HTTPStatus}
FAILURES = (aiohttp.ClientError, HttpProcessingError, OSError, ValueError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long, how much and whom; `allow_addresses` opens private networks, addresses, or one port of one."""

    timeout: timedelta = timedelta(seconds=30)  # for one answer with its redirects; waiting for our turn is apart
    max_bytes: int = 15 * 2**20  # after decompression
    max_redirects: int = 10
    per_host: int = 1  # requests at a time
    host_pause: timedelta = timedelta(seconds=1)
    connections: int = 64
    user_agent: str = field(default_factory=lambda: f"aggregator/{version('aggregator')}")
    allow_addresses: tuple[str, ...] = ()


class Web:
    """One HTTP client for all: it keeps connections, and waits its turn at each host."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._guard = Guard(allowed(text) for text in limits.allow_addresses)
        self._turns = Turns(limits.per_host, limits.host_pause.total_seconds())
        # Not the limit of aiohttp's connector: to wait there would count as the host's slowness.
        self._free = asyncio.Semaphore(limits.connections)
        self._resolver = Resolver(limits.connections)
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
        self, url: str, *, etag: str | None = None, last_modified: str | None = None, accept: str = FEED
    ) -> Response:
        """Follows redirects; whatever goes wrong is a FetchError that names the URL as it was given."""
        subject, target = _shown(url), _target(url)
        headers = {"Accept": accept}
        if known := _as_received(etag):
            headers["If-None-Match"] = known
            headers["A-IM"] = "feed"  # RFC 3229: the new entries are enough
        if known := _as_received(last_modified):
            headers["If-Modified-Since"] = known
        seconds, clock = self._limits.timeout.total_seconds(), asyncio.get_running_loop().time
        permanent = target.raw_user is None  # where we have a password for, no move is recorded: it would be lost
        host: str | None = None
        wait = timedelta()
        try:
            for hop in range(self._limits.max_redirects + 1):
                if target.raw_host != host:  # a redirect within a host is the same turn
                    if host is not None:
                        self._turns.end(host)
                        host = None
                    await self._turns.start(target.raw_host or "")
                    host = target.raw_host
                async with self._free:
                    started = clock()
                    answer = await self._ask(subject, target, headers, seconds, hop)
                    seconds -= clock() - started
                wait = max(wait, answer.retry_after or timedelta())
                if isinstance(answer, Response):
                    url = _shown(str(target)) if hop else subject
                    moved_to = url if hop and permanent else None
                    return replace(answer, url=url, moved_to=moved_to, retry_after=wait or None)
                permanent = permanent and answer.permanent
                target = answer.target
        finally:
            if host is not None:
                self._turns.end(host)
        raise FetchError(subject, f"more than {self._limits.max_redirects} redirects")

    async def _ask(
        self, subject: str, target: URL, headers: dict[str, str], seconds: float, hop: int
    ) -> "Response | Redirect":
        try:
            async with (
                asyncio.timeout(seconds),
                self._open().get(target, headers=headers, allow_redirects=False) as answer,
            ):
                if answer.status in REDIRECTS:
                    return _redirect(answer, target)
                _accept(answer, headers)
                # What other 2xx codes add changes nothing for those who read the body; 226 says that it is a delta.
                status = answer.status if answer.status in (226, 304) else 200
                return Response(
                    url="",
                    status=status,
                    headers=_headers(answer),
                    body=await self._body(answer),
                    retry_after=_retry_after(answer),
                )
        except (FetchError, *FAILURES) as error:
            via = f"redirected to {_shown(str(target))}: " if hop else ""
            raise self._failure(subject, via, error) from error

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
                headers={"User-Agent": limits.user_agent},
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=None),
                max_line_size=MAX_HEADER_BYTES,
                max_field_size=MAX_HEADER_BYTES,
            )
        return self._session

    async def _body(self, answer: aiohttp.ClientResponse) -> bytes:
        if answer.status == 304:
            return b""
        encoding = answer.headers.get("Content-Encoding", "").strip().lower()
        if encoding not in ENCODINGS:
            raise FetchError("", f"unknown content-encoding {encoding[:40]!r}", answer.status)
        size, parts = 0, []
        async for part in answer.content.iter_any():
            size += len(part)
            if size > self._limits.max_bytes:
                raise FetchError(
                    "", f"larger than {self._limits.max_bytes / 2**20:g} MiB (http.max_body)", answer.status
                )
            parts.append(part)
        return b"".join(parts)

    def _failure(self, subject: str, via: str, error: Exception) -> FetchError:
        if isinstance(error, FetchError):
            return type(error)(subject, via + error.reason, error.status, error.retry_after)
        if isinstance(error, aiohttp.ClientConnectorError) and isinstance(error.os_error, Refused):
            return AddressError(subject, via + error.os_error.reason)
        if isinstance(error, TimeoutError):
            return FetchError(
                subject, f"{via}not answered in full within {self._limits.timeout.total_seconds():g} s (http.timeout)"
            )
        return FetchError(subject, via + _reason(error))


class Redirect(NamedTuple):
    target: URL
    permanent: bool
    retry_after: timedelta | None


def _target(url: str) -> URL:
    """Fit to be asked: absolute, http or https, with a host."""
    shown = _shown(url)
    try:
        target = URL(url.strip())
        _ = target.port, target.raw_host
    except ValueError:
        # Not chained: the message quotes the URL, and a password in it.
        raise FetchError(shown, "not a valid URL") from None
    if target.scheme not in ("http", "https"):
        raise AddressError(shown, "only http:// and https:// addresses are fetched")
    if not target.raw_host:
        raise FetchError(shown, "not a valid URL: it names no host")
    return target


def _redirect(answer: aiohttp.ClientResponse, asked: URL) -> Redirect:
    """From the header alone: the body may be a bomb, and nobody needs it."""
    location = answer.headers.get("Location", "").strip()
    if not location:
        raise FetchError("", f"{answer.status}, a redirect to nowhere", answer.status)
    try:
        joined = str(asked.join(URL(location)))
        target = _target(joined)
    except FetchError as error:
        raise type(error)("", f"redirected to {error.subject}: {error.reason}", answer.status) from None
    except ValueError:
        raise FetchError("", "redirected to what is not a valid URL", answer.status) from None
    same_site = target.raw_host == asked.raw_host and target.scheme in (asked.scheme, "https")
    if same_site and asked.raw_user is not None and target.raw_user is None:
        target = target.with_user(asked.user).with_password(asked.password)
    return Redirect(target.with_fragment(None), REDIRECTS[answer.status], _retry_after(answer))


def _accept(answer: aiohttp.ClientResponse, headers: dict[str, str]) -> None:
    """Raises for all but 2xx, and a 304 that was asked for."""
    status = answer.status
    if 200 <= status < 300:
        return
    if status == 304:
        if "If-None-Match" in headers or "If-Modified-Since" in headers:
            return
        raise FetchError("", "304 Not Modified, though nothing was known", status)
    reason = f"{status} {PHRASES.get(status, '')}".strip()
    if status == 410:
        raise GoneError("", reason, status)
    retry_after = _retry_after(answer)
    if retry_after is not None:
        reason += f", retry after {retry_after.total_seconds():g} s"
    raise FetchError("", reason, status, retry_after)


def _retry_after(answer: aiohttp.ClientResponse) -> timedelta | None:
    """A date counts from the answer's own Date, so that a clock that is wrong, theirs or ours, does no harm."""
    text = answer.headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        return timedelta(seconds=min(int(text[:9]), DAY.total_seconds()))
    try:
        wait = parsedate_to_datetime(text) - parsedate_to_datetime(answer.headers.get("Date", ""))
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(wait, timedelta()), DAY)


def _headers(answer: aiohttp.ClientResponse) -> dict[str, str]:
    """Latin-1, which takes any byte and gives it back: databases refuse the surrogates that aiohttp makes."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in answer.raw_headers:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        if name not in headers:
            headers[name] = value
        elif name in LISTS:
            headers[name] += ", " + value
    return headers


def _as_received(validator: str | None) -> str | None:
    """The text that aiohttp sends as the bytes that once came; it writes UTF-8 only: other bytes are not sent."""
    if not validator or not validator.isprintable():
        return None
    if validator.isascii():
        return validator
    try:
        return validator.encode("latin-1").decode()
    except UnicodeError:
        return None


def _shown(url: str) -> str:
    """On one line, and without user and password."""
    url = " ".join(url.split())
    return re.sub(r"(?<=//)[^/?#]*@", "", url, count=1)


def _reason(error: Exception) -> str:
    """In a reader's words, and without the URL, which may hold a password."""
    match error:
        case aiohttp.ClientConnectorDNSError():
            return "host not found"
        case aiohttp.ClientConnectorCertificateError():
            return f"TLS certificate not valid: {getattr(error.certificate_error, 'verify_message', '') or 'refused'}"
        case aiohttp.ClientConnectorSSLError():
            return f"TLS failed: {getattr(error.os_error, 'reason', None) or 'no common language'}"
        case aiohttp.ClientConnectorError():
            return f"cannot connect: {error.os_error.strerror or error.os_error}"
        case aiohttp.ServerDisconnectedError():
            return "the connection was closed without an answer"
        case aiohttp.ClientPayloadError():
            encoding = isinstance(error.__cause__, ContentEncodingError)
            return "the body is not what its content-encoding says" if encoding else "the body was cut off"
        case aiohttp.ClientResponseError() | HttpProcessingError():
            return f"not a valid HTTP answer: {' '.join(error.message.split())[:200]}"
        case aiohttp.ClientConnectionError() | OSError():
            return f"the connection broke: {getattr(error, 'strerror', None) or type(error).__name__}"
    return "not a valid URL" if isinstance(error, ValueError) else f"failed: {type(error).__name__}"
