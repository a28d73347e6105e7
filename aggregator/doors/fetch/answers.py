"""What an HTTP answer says, and how a failure is told in a reader's words."""

import http
import os
import re
import socket
from collections.abc import Mapping
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import NamedTuple

import aiohttp
from aiohttp.http_exceptions import HttpProcessingError
from yarl import URL

from aggregator.doors.fetch.addresses import meant, refusal
from aggregator.errors import AddressError, FetchError, GoneError
from aggregator.model import Capture

REDIRECTS = {301: True, 302: False, 303: False, 307: False, 308: True}  # is it permanent?
LISTS = {"cache-control", "link", "vary", "www-authenticate"}  # headers whose lines add up; of others the first counts
DAY = timedelta(days=1)
UNVERIFIED = (
    "verify_tls = false for a source of this host in sources.toml takes any, "
    "and then whoever sits in between can change what is read"
)
PHRASES = {status.value: status.phrase for status in http.HTTPStatus}


class Redirect(NamedTuple):
    target: URL
    permanent: bool
    retry_after: timedelta | None


def askable(url: str) -> URL:
    """Fit to be asked: absolute, http or https, with a host. Raises FetchError."""
    subject = shown(url)
    try:
        target = URL(url.strip())
        _ = target.port, target.raw_host
    except ValueError:
        # Not chained: the message quotes the URL, and a password in it.
        raise FetchError(subject, "not a valid URL") from None
    if target.scheme not in ("http", "https"):
        raise AddressError(subject, "only http:// and https:// addresses are fetched")
    if not target.raw_host:
        raise FetchError(subject, "not a valid URL: it names no host")
    if (address := meant(target.raw_host)) and str(address) != target.raw_host:
        why = refusal(address) or "to be written so"
        raise AddressError(subject, f"its host is a number for {address}, which is {why}")
    return target


def redirect(answer: aiohttp.ClientResponse, asked: URL) -> Redirect:
    """From the header alone: the body may be a bomb, and nobody needs it."""
    location = answer.headers.get("Location", "").strip()
    if not location:
        raise FetchError("", f"{answer.status}, a redirect to nowhere", answer.status)
    try:
        joined = str(asked.join(URL(location)))
        target = askable(joined)
    except FetchError as error:
        raise type(error)("", f"redirected to {error.subject}: {error.reason}", answer.status) from None
    except ValueError:
        raise FetchError("", "redirected to what is not a valid URL", answer.status) from None
    same_site = target.raw_host == asked.raw_host and target.scheme in (asked.scheme, "https")
    if same_site and asked.raw_user is not None and target.raw_user is None:
        target = target.with_user(asked.user).with_password(asked.password)
    return Redirect(target.with_fragment(None), REDIRECTS[answer.status], wait(answer))


def accept(answer: aiohttp.ClientResponse, asked: Mapping[str, str]) -> None:
    """Raises for all but 2xx, and a 304 that was asked for."""
    status = answer.status
    if 200 <= status < 300:
        return
    if status == 304:
        if "If-None-Match" in asked or "If-Modified-Since" in asked:
            return
        raise FetchError("", "304 Not Modified, though nothing was known", status)
    reason = f"{status} {PHRASES.get(status, '')}".strip()
    if status == 410:
        raise GoneError("", reason, status)
    retry_after = wait(answer)
    if retry_after is not None:
        reason += f", retry after {retry_after.total_seconds():g} s"
    raise FetchError("", reason, status, retry_after)


def wait(answer: aiohttp.ClientResponse) -> timedelta | None:
    """Retry-After, a day at most. A date counts from the answer's own Date, so that a wrong clock, theirs or ours, does
    no harm."""
    text = answer.headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        return timedelta(seconds=min(int(text[:9]), DAY.total_seconds()))
    try:
        wait = parsedate_to_datetime(text) - parsedate_to_datetime(answer.headers.get("Date", ""))
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(wait, timedelta()), DAY)


def headers(answer: aiohttp.ClientResponse) -> dict[str, str]:
    """By name in lower case; as Latin-1, which takes any byte and gives it back: databases refuse the surrogates that
    aiohttp makes."""
    found: dict[str, str] = {}
    for raw_name, raw_value in answer.raw_headers:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        if name not in found:
            found[name] = value
        elif name in LISTS:
            found[name] += ", " + value
    return found


def capture(answer: aiohttp.ClientResponse, target: URL, body: bytes) -> Capture:
    said = answer.reason or ""
    return Capture(
        url=str(target.with_user(None).with_fragment(None)),
        status=answer.status,
        reason=said if said.isascii() and said.isprintable() else PHRASES.get(answer.status, ""),
        protocol="HTTP/1.0" if answer.version == (1, 0) else "HTTP/1.1",
        headers=tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in answer.raw_headers),
        body=body,
    )


def as_received(validator: str | None) -> str | None:
    """The text that aiohttp sends as the bytes that once came; it writes UTF-8 only: other bytes are not sent."""
    if not validator or not validator.isprintable():
        return None
    if validator.isascii():
        return validator
    try:
        return validator.encode("latin-1").decode()
    except UnicodeError:
        return None


def shown(url: str) -> str:
    """On one line, and without user and password."""
    url = " ".join(url.split())
    return re.sub(r"(?<=//)[^/?#]*@", "", url, count=1)


def reason(error: Exception) -> str:
    """In a reader's words, and without the URL, which may hold a password."""
    match error:
        case aiohttp.ClientConnectorDNSError() | socket.gaierror():
            return "host not found"
        case aiohttp.ClientConnectorCertificateError():
            why = getattr(error.certificate_error, "verify_message", "") or "refused"
            return f"TLS certificate not valid: {why}; {UNVERIFIED}"
        case aiohttp.ClientConnectorSSLError():
            return f"TLS failed: {getattr(error.os_error, 'reason', None) or 'no common language'}"
        case aiohttp.ClientConnectorError():
            return f"cannot connect: {_in_words(error.os_error)}"
        case aiohttp.ServerDisconnectedError():
            return "the connection was closed without an answer"
        case aiohttp.ClientPayloadError():
            return "the body was cut off"
        case aiohttp.ClientResponseError() | HttpProcessingError():
            if error.message.strip().startswith("Data after"):
                return "not a valid HTTP answer: more came than its status or its content-length allows"
            # What follows the first line quotes the answer itself.
            return f"not a valid HTTP answer: {error.message.strip().partition(chr(10))[0].rstrip(':')[:200]}"
        case aiohttp.ClientConnectionError() | OSError():
            return f"the connection broke: {_in_words(error)}"
    return "not a valid URL" if isinstance(error, ValueError) else f"failed: {type(error).__name__}"


def is_of_long_lines(error: Exception) -> bool:
    """Of an answer's header; aiohttp says it in the message alone."""
    return isinstance(error, aiohttp.ClientResponseError) and "Got more than" in error.message


def is_of_many_headers(error: Exception) -> bool:
    return isinstance(error, aiohttp.ClientResponseError) and "Too many headers" in error.message


def _in_words(error: Exception) -> str:
    """asyncio puts "Connect call failed" and the address into strerror."""
    number = getattr(error, "errno", None)
    return os.strerror(number).lower() if isinstance(number, int) else type(error).__name__
