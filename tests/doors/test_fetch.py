"""doors.fetch: against a server on loopback that says whatever a test wants it to."""

import asyncio
import gc
import gzip
import ipaddress
import socket
import time
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import nullcontext, suppress
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from typing import Any

import brotli  # type: ignore[import-untyped]
import pytest
from backports import zstd

from aggregator.doors.fetch import Limits, Web, whole_job
from aggregator.doors.fetch.addresses import Allowed, Guard, Refused, allowed, refusal
from aggregator.doors.fetch.turns import Turns
from aggregator.errors import AddressError, ConfigError, FetchError, GoneError, RobotsError
from aggregator.model import Access, Response

LIMITS = Limits(
    timeout=timedelta(seconds=5),
    max_bytes=2**20,
    max_redirects=3,
    host_pause=timedelta(0),
    allow_addresses=("127.0.0.1",),
)
BODY = b"<rss>" + b"news " * 1000 + b"</rss>"


class Server:
    """Answers each path with the bytes it was given, or lets a function do it; keeps what was asked."""

    def __init__(self) -> None:
        self.answers: dict[str, bytes | Callable[[asyncio.StreamWriter], Awaitable[None]]] = {}
        self.asked: list[bytes] = []
        self.port = 0
        self.connections = self.now = self.most = 0

    def __getitem__(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def __setitem__(self, path: str, answer: bytes | Callable[[asyncio.StreamWriter], Awaitable[None]]) -> None:
        self.answers[path] = answer

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                asked = await reader.readuntil(b"\r\n\r\n")
                self.asked.append(asked)
                self.now += 1
                self.most = max(self.most, self.now)
                answer = self.answers[asked.split()[1].decode()]
                try:
                    if isinstance(answer, bytes):
                        writer.write(answer)
                        await writer.drain()
                    else:
                        await answer(writer)
                finally:
                    self.now -= 1
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    server = Server()
    async with await asyncio.start_server(server.serve, "127.0.0.1", 0) as listening:
        server.port = listening.sockets[0].getsockname()[1]
        yield server


@pytest.fixture
async def web() -> AsyncIterator[Web]:
    async with Web(LIMITS) as web:
        yield web


def http(status: int = 200, body: bytes = b"", /, **headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status} Whatever"] + [f"{k.replace('_', '-')}: {v}" for k, v in headers.items()]
    if status != 304 and "Content_Length" not in headers:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def redirect(status: int, location: str) -> bytes:
    return http(status, b"", Location=location)


async def failure(web: Web, url: str, **how: Any) -> FetchError:
    with pytest.raises(FetchError) as caught:
        await web.get(url, **how)
    assert len(str(caught.value).splitlines()) == 1
    return caught.value


async def test_an_answer_is_its_body_and_its_headers_in_lower_case(server: Server, web: Web) -> None:
    server["/a"] = http(200, BODY, ETag='"1"', Cache_Control="no-cache", cache_control="max-age=5")
    response = await web.get(server["/a"])
    assert (response.url, response.status, response.body) == (server["/a"], 200, BODY)
    assert (response.headers["etag"], response.moved_to) == ('"1"', None)
    assert response.headers["cache-control"] == "no-cache, max-age=5"
    assert b"User-Agent: aggregator/" in server.asked[0]
    assert b"Cookie" not in server.asked[0]


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("identity", BODY),
        ("gzip", gzip.compress(BODY)),
        ("deflate", zlib.compress(BODY)),
        ("br", brotli.compress(BODY)),
        ("zstd", zstd.compress(BODY)),
    ],
    ids=["identity", "gzip", "deflate", "br", "zstd"],
)
async def test_bodies_are_unpacked(server: Server, web: Web, encoding: str, body: bytes) -> None:
    server["/a"] = http(200, body, Content_Encoding=encoding)
    assert (await web.get(server["/a"])).body == BODY
    assert encoding == "identity" or encoding.encode() in server.asked[0]


@pytest.mark.parametrize("etag", [b'W/"a b"', b"unquoted", b'"caf\xc3\xa9"', b'"', b'"a--gzip", "b"'])
async def test_validators_are_echoed_byte_for_byte(server: Server, web: Web, etag: bytes) -> None:
    modified = b"yesterday, or so"
    server["/a"] = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nETag: %b\r\nLast-Modified: %b\r\n\r\n" % (etag, modified)
    first = await web.get(server["/a"])
    server["/a"] = http(304, ETag="2")
    second = await web.get(server["/a"], etag=first.headers["etag"], last_modified=first.headers["last-modified"])
    assert second.not_modified
    assert second.headers["etag"] == "2"
    assert b"\r\nIf-None-Match: %b\r\n" % etag in server.asked[1]
    assert b"\r\nIf-Modified-Since: %b\r\n" % modified in server.asked[1]
    assert b"\r\nA-IM: feed\r\n" in server.asked[1]
    assert server.connections == 1


async def test_the_longest_wait_that_any_answer_on_the_way_asks_for_is_told(server: Server, web: Web) -> None:
    server["/a"] = http(301, b"", Location="/b", Retry_After="7200")
    server["/b"] = http(200, BODY, Retry_After="60")
    assert (await web.get(server["/a"])).retry_after == timedelta(hours=2)
    assert (await web.get(server["/b"])).retry_after == timedelta(minutes=1)


async def test_226_is_as_good_as_200_and_says_that_it_is_a_delta(server: Server, web: Web) -> None:
    server["/a"] = http(226, BODY, IM="feed")
    response = await web.get(server["/a"], etag="1")
    assert (response.status, response.is_delta, response.body) == (226, True, BODY)


async def test_304_without_validators_is_a_failure(server: Server, web: Web) -> None:
    server["/a"] = http(304)
    assert (await failure(web, server["/a"])).status == 304


async def test_an_etag_that_cannot_be_sent_is_left_out(server: Server, web: Web) -> None:
    server["/a"] = b'HTTP/1.1 200 OK\r\nContent-Length: 0\r\nETag: "caf\xe9"\r\n\r\n'
    first = await web.get(server["/a"])
    await web.get(server["/a"], etag=first.headers["etag"], last_modified="new\nline")
    assert b"If-" not in server.asked[1]


@pytest.mark.parametrize(
    ("statuses", "moved"),
    [((301,), True), ((308, 301), True), ((301, 302), False), ((307,), False), ((303, 301, 301), False)],
)
async def test_redirects_are_followed_and_permanent_ones_recorded(
    server: Server, web: Web, statuses: tuple[int, ...], moved: bool
) -> None:
    for n, status in enumerate(statuses):
        server[f"/{n}"] = redirect(status, f"/{n + 1}#there" if n else f"//127.0.0.1:{server.port}/1")
    last = f"/{len(statuses)}"
    server[last] = http(200, BODY)
    response = await web.get(server["/0"])
    assert (response.url, response.body) == (server[last], BODY)
    assert response.moved_to == (server[last] if moved else None)


async def test_the_body_of_a_redirect_is_never_read(server: Server, web: Web) -> None:
    async def endless(writer: asyncio.StreamWriter) -> None:
        writer.write(http(302, b"", Location="/b", Content_Length="99999999999"))
        while True:
            writer.write(bytes(2**16))
            await writer.drain()

    server["/a"], server["/b"] = endless, http(200, BODY)
    assert (await web.get(server["/a"])).body == BODY


async def test_who_finds_no_room_keeps_nobody_from_asking_and_asks_again_where_it_was(server: Server) -> None:
    times, asked_twice = 0, asyncio.Event()

    async def large(writer: asyncio.StreamWriter) -> None:
        nonlocal times
        times += 1
        if times == 2:
            asked_twice.set()
        writer.write(http(200, bytes(2**21 + 1)))
        await writer.drain()

    server["/a"], server["/large"], server["/small"] = redirect(301, "/large"), large, http(200, BODY)
    async with Web(replace(LIMITS, max_bytes=2**22, connections=1)) as web:

        async def job() -> Response:
            with whole_job():
                return await web.get(server["/a"])

        with whole_job():
            await web.get(server["/large"])  # there is room for one
            other = asyncio.create_task(job())
            await asked_twice.wait()
            assert (await asyncio.wait_for(web.get(server["/small"]), 30)).body == BODY
            assert not other.done()
        response = await other
    assert response.url == response.moved_to == server["/large"]
    assert [asked.split()[1] for asked in server.asked] == [b"/large", b"/a", b"/large", b"/small", b"/large"]


async def test_a_redirect_loop_ends(server: Server, web: Web) -> None:
    server["/a"] = redirect(301, "/a")
    assert (await failure(web, server["/a"])).reason == "more than 3 redirects (http.max_redirects)"
    assert len(server.asked) == 4


@pytest.mark.parametrize(
    ("location", "kind", "reason"),
    [
        ("http://127.0.0.2/", AddressError, "127.0.0.2 is this machine (loopback); http.allow_addresses = "),
        ("http://[::1]/", AddressError, '::1 is this machine (loopback); http.allow_addresses = ["[::1]:80"]'),
        ("http://10.0.0.1:8080/", AddressError, "10.0.0.1 is a private address"),
        ("http://169.254.169.254/meta", AddressError, "169.254.169.254 is a link-local address"),
        ("file:///etc/passwd", AddressError, "redirected to file:///etc/passwd: only http:// and https://"),
        ("data:text/plain,a", AddressError, "only http:// and https://"),
        ("http://[bad/", FetchError, "not a valid URL"),
        ("", FetchError, "302, a redirect to nowhere"),
    ],
)
async def test_redirects_to_where_we_must_not_go_are_refused(
    server: Server, web: Web, location: str, kind: type[FetchError], reason: str
) -> None:
    server["/a"] = redirect(302, location)
    error = await failure(web, server["/a"])
    assert type(error) is kind
    assert reason in error.reason
    assert error.subject == server["/a"]


@pytest.mark.parametrize(
    ("answer", "status", "reason", "seconds"),
    [
        (http(404), 404, "404 Not Found", None),
        (http(599), 599, "599", None),
        (http(300), 300, "300 Multiple Choices", None),
        (http(503, Retry_After="120"), 503, "503 Service Unavailable, retry after 120 s", 120),
        (http(429, Retry_After="9" * 5000), 429, "429 Too Many Requests, retry after 86400 s", 86400),
        (
            http(429, Retry_After="Fri, 31 Dec 1999 23:59:59 GMT", Date="Fri, 31 Dec 1999 23:00:00 GMT"),
            429,
            "429 Too Many Requests, retry after 3599 s",
            3599,
        ),
        (
            http(429, Retry_After="Fri, 31 Dec 9999 23:59:59 GMT", Date="Fri, 31 Dec 1999 23:00:00 GMT"),
            429,
            "429 Too Many Requests, retry after 86400 s",
            86400,
        ),
        (http(429, Retry_After="Fri, 31 Dec 1999 23:59:59 GMT"), 429, "429 Too Many Requests", None),
        (http(429, Retry_After="soon"), 429, "429 Too Many Requests", None),
    ],
)
async def test_other_answers_are_failures(
    server: Server, web: Web, answer: bytes, status: int, reason: str, seconds: int | None
) -> None:
    server["/a"] = answer
    error = await failure(web, server["/a"])
    assert (error.status, error.reason) == (status, reason)
    assert error.retry_after == (timedelta(seconds=seconds) if seconds is not None else None)


async def test_gone_is_an_error_of_its_own(server: Server, web: Web) -> None:
    server["/a"] = http(410)
    assert isinstance(await failure(web, server["/a"]), GoneError)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (http(200, bytes(2**20 + 1)), "larger than 1 MiB (http.max_body)"),
        (http(200, gzip.compress(bytes(2**27)), Content_Encoding="gzip"), "larger than 1 MiB (http.max_body)"),
        (
            http(200, brotli.compress(bytes(2**27), quality=5), Content_Encoding="br"),
            "larger than 1 MiB (http.max_body)",
        ),
        (http(200, zstd.compress(bytes(2**27)), Content_Encoding="zstd"), "larger than 1 MiB (http.max_body)"),
        (http(200, b"not gzip", Content_Encoding="gzip"), "the body is not what its content-encoding says"),
        (http(200, BODY, Content_Encoding="rot13"), "unknown content-encoding 'rot13'"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\ncut", "the body was cut off"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\ncut", "the body was cut off"),
        (
            b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\nyet",
            "not a valid HTTP answer: more came than its status",
        ),
        (b"SSH-2.0-OpenSSH_9\r\n\r\n", "not a valid HTTP answer: "),
        (b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n", "not a valid HTTP answer: "),
        (b"", "the connection was closed without an answer"),
    ],
)
async def test_bodies_that_are_bombs_broken_or_cut_off(server: Server, web: Web, answer: bytes, reason: str) -> None:
    async def say_and_close(writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        await writer.drain()
        writer.close()

    server["/a"] = say_and_close
    assert (await failure(web, server["/a"])).reason.startswith(reason)


async def test_what_was_read_of_a_body_is_let_go_with_its_failure(server: Server, web: Web) -> None:
    def being_read() -> int:
        return sum(isinstance(each, BytesIO) for each in gc.get_objects())

    server["/a"] = http(200, zstd.compress(bytes(2**27)), Content_Encoding="zstd")
    gc.collect()
    gc.disable()
    try:
        before = being_read()
        with suppress(FetchError):
            await web.get(server["/a"])
        assert being_read() == before
    finally:
        gc.enable()


async def test_a_reset_is_a_failure(server: Server, web: Web) -> None:
    async def reset(writer: asyncio.StreamWriter) -> None:
        writer.write(http(200, b"some", Content_Length="99"))
        await writer.drain()
        await asyncio.sleep(0.05)
        writer.transport.abort()

    server["/a"] = reset
    assert (await failure(web, server["/a"])).status is None


async def test_a_slow_drip_ends_at_the_total_deadline(server: Server) -> None:
    async def drip(writer: asyncio.StreamWriter) -> None:
        writer.write(http(200, b"", Content_Length="99"))
        for _ in range(99):
            writer.write(b".")
            await writer.drain()
            await asyncio.sleep(0.05)

    server["/a"] = drip
    async with Web(replace(LIMITS, timeout=timedelta(seconds=0.3))) as web:
        started = time.monotonic()
        error = await failure(web, server["/a"])
    assert error.reason == "not answered in full within 0.3 s (http.timeout)"
    assert time.monotonic() - started < 1


async def test_nobody_there(web: Web) -> None:
    async with await asyncio.start_server(lambda *_: None, "127.0.0.1", 0) as closed:
        port = closed.sockets[0].getsockname()[1]
    assert (await failure(web, f"http://127.0.0.1:{port}/")).reason.startswith("cannot connect: ")
    assert (await failure(web, "http://no-such-host.invalid/")).reason == "host not found"


async def test_a_host_that_speaks_no_tls(web: Web) -> None:
    async def plain(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(http(400))
        writer.close()

    async with await asyncio.start_server(plain, "127.0.0.1", 0) as listening:
        port = listening.sockets[0].getsockname()[1]
        error = await failure(web, f"https://127.0.0.1:{port}/")
    assert error.reason.startswith("TLS failed: ")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.org/feed",
        "http://",
        "http:///feed",
        "http://[::1/",
        "http://a:b:c/",
        "http://127.0.0.1:99999/",
        "http://" + "a" * 70 + ".org/",
        "http://a..b/",
        "http://\udc80.org/",
        "http://exa mple.org/",
        "http://a\nb/",
        "ftp://example.org/feed",
        "javascript:alert(1)",
        "http://xn--a/",
        "http://2130706433/",
        "http://127.1/",
    ],
)
async def test_what_is_not_a_url_is_refused(web: Web, url: str) -> None:
    assert (await failure(web, url)).status is None


@pytest.mark.parametrize(
    "host",
    ["127.0.0.2", "0x7f.2", "0.0.0.0", "[::]", "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]"],
)
async def test_no_spelling_reaches_a_private_address(web: Web, host: str) -> None:
    assert isinstance(await failure(web, f"http://{host}/"), AddressError)


async def test_an_allowed_port_opens_that_port_only(server: Server) -> None:
    server["/a"] = http(200, BODY)
    async with Web(replace(LIMITS, allow_addresses=(f"127.0.0.1:{server.port}",))) as web:
        assert (await web.get(server["/a"])).body == BODY
        assert (await web.get(f"http://localhost:{server.port}/a")).body == BODY
        error = await failure(web, "http://127.0.0.1:1/a")
    assert isinstance(error, AddressError)
    assert '["127.0.0.1:1"]' in error.reason


@pytest.mark.parametrize("at_a_time", [1, 2])
async def test_a_host_gets_so_many_requests_at_a_time(server: Server, at_a_time: int) -> None:
    async def slowly(writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.01)
        writer.write(http(200, BODY))

    server["/a"] = slowly
    async with Web(replace(LIMITS, per_host=at_a_time)) as web:
        await asyncio.gather(*(web.get(server["/a"]) for _ in range(10)))
    assert server.most == at_a_time
    assert server.connections == at_a_time


async def test_a_host_is_left_alone_for_a_while_and_then_forgotten(server: Server) -> None:
    server["/a"], server["/b"] = http(200, BODY), redirect(302, "/a")
    async with Web(replace(LIMITS, host_pause=timedelta(seconds=0.2), timeout=timedelta(seconds=0.15))) as web:
        started = time.monotonic()
        await asyncio.gather(*(web.get(server["/b"]) for _ in range(3)))
        assert 0.4 <= time.monotonic() - started < 0.6
        await asyncio.sleep(0.3)
        assert not web._turns._hosts


async def test_who_gives_up_waiting_leaves_the_turn_to_others() -> None:
    turns = Turns(1, 0.05)
    await turns.start("a")
    waiting = [asyncio.create_task(turns.start("a")) for _ in range(3)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    turns.end("a")
    await asyncio.sleep(0)
    waiting[1].cancel()
    await asyncio.wait_for(waiting[2], 60)
    turns.end("a")
    await asyncio.sleep(0.2)
    assert not turns._hosts


async def test_a_host_that_says_429_gets_longer_pauses_and_recovers(server: Server) -> None:
    turns = Turns(1, 0.5)
    turns.slow("a")
    assert (turns._pause_at("a"), turns._pause_at("b")) == (2, 0.5)
    for _ in range(9):
        turns.slow("a")
    assert turns._pause_at("a") == 60
    for _ in range(100):
        turns.well("a")
    assert turns._pause_at("a") == 0.5
    assert not turns._slowed


async def test_429_slows_its_host_down(server: Server, web: Web) -> None:
    server["/a"] = http(429)
    await failure(web, server["/a"])
    assert list(web._turns._slowed) == [f"127.0.0.1:{server.port}"]


@pytest.fixture
def site(server: Server) -> Access:
    """What a source on the server is asked with."""
    return Access(origin=server[""], headers={"Authorization": "Basic c2VjcmV0", "Cookie": "a=1"}, user_agent="Own/1")


async def test_credentials_go_to_the_sources_own_host_alone(server: Server, web: Web, site: Access) -> None:
    other = Server()
    async with await asyncio.start_server(other.serve, "127.0.0.1", 0) as listening:
        other.port = listening.sockets[0].getsockname()[1]
        server["/a"], server["/b"] = redirect(302, "/b"), redirect(302, other["/c"])
        other["/c"] = http(200, BODY)
        assert (await web.get(server["/a"], access=site)).body == BODY
    assert all(b"Authorization: Basic c2VjcmV0" in asked and b"Cookie: a=1" in asked for asked in server.asked)
    assert b"User-Agent: Own/1" in other.asked[0]
    assert b"secret" not in other.asked[0].lower()
    assert b"Authorization" not in other.asked[0]
    assert b"Cookie" not in other.asked[0]


async def test_a_proxy_is_asked_in_the_hosts_place_and_not_for_a_private_one(server: Server, web: Web) -> None:
    through = Access(proxy=server[""].replace("//", "//us:er@"))
    server["http://192.0.43.8/feed"] = http(200, BODY)
    assert (await web.get("http://192.0.43.8/feed", access=through)).body == BODY
    assert b"Proxy-Authorization: Basic" in server.asked[0]
    with pytest.raises(AddressError, match=r"169\.254\.169\.254 is a link-local address"):
        await web.get("http://169.254.169.254/feed", access=through)
    assert len(server.asked) == 1


async def test_a_login_of_its_own_goes_over_the_one_in_the_address(server: Server, web: Web) -> None:
    server["/feed"] = http(200, BODY)
    own = Access(origin=server[""], headers={"authorization": "Bearer own"})
    url = server["/feed"].replace("//", "//user:password@")
    assert (await web.get(url, access=own)).body == BODY
    assert (await web.get(url)).body == BODY
    assert [line for asked in server.asked for line in asked.lower().split(b"\r\n") if b"authorization" in line] == [
        b"authorization: bearer own",
        b"authorization: basic dxnlcjpwyxnzd29yza==",
    ]


async def test_a_headers_limits_are_settings(server: Server) -> None:
    many = {f"X-{n}": "x" for n in range(40)}
    server["/many"], server["/long"] = http(200, BODY, **many), http(200, BODY, X="y" * 5000)
    async with Web(replace(LIMITS, max_headers=32, max_header_bytes=4096)) as web:
        assert "over 32 lines (http.max_headers)" in (await failure(web, server["/many"])).reason
        assert "a line of over 4 KiB (http.max_header)" in (await failure(web, server["/long"])).reason
    async with Web(replace(LIMITS, max_headers=64, max_header_bytes=8192)) as web:
        assert (await web.get(server["/many"])).body == (await web.get(server["/long"])).body == BODY


ROBOTS = b"User-agent: *\nDisallow: /private\nUser-agent: aggregator\nDisallow: /ours\nAllow: /ours/this\n"


async def test_robots_txt_is_asked_once_and_obeyed(server: Server, web: Web) -> None:
    server["/robots.txt"] = http(200, ROBOTS)
    server["/a"] = server["/ours/this"] = server["/private"] = http(200, BODY)
    for path in ("/a", "/ours/this", "/private"):  # the rules for us alone hold
        assert (await web.get(server[path], robots=True)).body == BODY
    with pytest.raises(RobotsError, match="does not want it fetched"):
        await web.get(server["/ours/that"], robots=True)
    assert [asked.split()[1] for asked in server.asked].count(b"/robots.txt") == 1


async def test_robots_txt_is_obeyed_at_every_redirect(server: Server, web: Web) -> None:
    server["/robots.txt"] = http(200, ROBOTS)
    server["/a"] = redirect(302, "/ours/that")
    with pytest.raises(RobotsError):
        await web.get(server["/a"], robots=True)
    assert server.asked[-1].startswith(b"GET /a ")


async def test_without_a_robots_txt_everything_may_be_asked(server: Server, web: Web) -> None:
    server["/robots.txt"], server["/a"] = http(404), http(200, BODY)
    assert (await web.get(server["/a"], robots=True)).body == BODY


@pytest.mark.parametrize("status", [500, 429])
async def test_a_robots_txt_that_cannot_be_had_forbids_all_for_now(server: Server, web: Web, status: int) -> None:
    server["/robots.txt"], server["/a"] = http(status), http(200, BODY)
    with pytest.raises(RobotsError, match="cannot be had") as caught:
        await web.get(server["/a"], robots=True)
    assert caught.value.status == status
    assert [asked.split()[1] for asked in server.asked] == [b"/robots.txt"]
    assert (await web.get(server["/a"])).body == BODY


async def test_a_form_is_posted(server: Server, web: Web) -> None:
    server["/hub"] = http(202)
    await web.post(server["/hub"], {"hub.mode": "subscribe"})
    assert server.asked[0].startswith(b"POST /hub ")


async def test_cancelling_passes_through(server: Server, web: Web) -> None:
    async def never(_: asyncio.StreamWriter) -> None:
        await asyncio.sleep(60)

    server["/a"], server["/b"] = never, http(200, BODY)
    task = asyncio.create_task(web.get(server["/a"]))
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await web.get(server["/b"])).body == BODY


async def test_a_password_is_sent_and_never_shown(server: Server, web: Web) -> None:
    server["/a"], server["/b"] = redirect(301, "/b"), http(200, BODY)
    response = await web.get(server["/a"].replace("//", "//me:s3cret@"))
    assert (response.url, response.moved_to) == (server["/b"], None)
    assert all(b"Authorization: Basic bWU6czNjcmV0" in asked for asked in server.asked)
    server["/b"] = http(404)
    for url in (server["/a"], "http://10.0.0.1/", "http://no-such-host.invalid/", "http://[bad/", "ftp://a/"):
        error = await failure(web, url.replace("//", "//me:s3cret@"))
        assert "s3cret" not in str(error)
        assert "me" not in error.subject


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("93.184.215.14", None),
        ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", None),
        ("127.0.0.1", "loopback"),
        ("::1", "loopback"),
        ("10.1.2.3", "private"),
        ("172.16.0.1", "private"),
        ("192.168.1.1", "private"),
        ("fd00::1", "private"),
        ("169.254.1.1", "link-local"),
        ("fe80::1", "link-local"),
        ("100.64.0.1", "reserved"),
        ("100.127.255.255", "reserved"),
        ("224.0.0.1", "multicast"),
        ("ff02::1", "multicast"),
        ("0.0.0.0", "no address"),
        ("::", "no address"),
        ("0.1.2.3", "private"),
        ("240.0.0.1", "private"),
        ("255.255.255.255", "private"),
        ("fec0::1", "reserved"),
        ("4000::1", "reserved"),
        ("::7f00:1", "reserved"),
        ("::ffff:127.0.0.1", "IPv4-mapped"),
        ("::ffff:93.184.215.14", "IPv4-mapped"),
        ("2002:7f00:1::", "6to4"),
        ("64:ff9b::10.0.0.1", "NAT64"),
        ("2001::1", "Teredo"),
        ("192.0.0.192", "private"),
        ("192.88.99.1", "reserved"),
        ("168.63.129.16", "metadata"),
        ("2001:20::1", "reserved"),
        ("3fff::1", "private"),
    ],
)
def test_only_public_addresses_are_asked(address: str, why: str | None) -> None:
    reason = refusal(ipaddress.ip_address(address))
    assert reason is None if why is None else why in (reason or "")


@pytest.mark.parametrize(
    ("places", "refused"),
    [
        (["93.184.215.14", "2606:2800:21f::1"], None),
        (["93.184.215.14", "10.0.0.1"], "10.0.0.1"),
        (["93.184.215.14", "::1"], "::1"),
        (["127.0.0.1", "::1"], None),  # the socket is what refuses these
        (["10.9.9.9", "93.184.215.14"], None),
    ],
)
def test_a_name_for_public_addresses_and_others_is_refused(places: list[str], refused: str | None) -> None:
    guard = Guard([allowed("10.9.9.9")])
    with pytest.raises(Refused) if refused else nullcontext() as caught:
        guard.check_all([(place, 80) for place in places])
    assert caught is None or (refused or "") in caught.value.reason


async def test_a_name_is_looked_up_and_checked_before_anybody_is_asked(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    def found(host: str, port: int, *_: object) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (place, port)) for place in ("93.184.215.14", "10.0.0.1")]

    monkeypatch.setattr(socket, "getaddrinfo", found)
    async with Web(LIMITS) as web:
        error = await failure(web, "http://both.example/")
    assert isinstance(error, AddressError)
    assert "10.0.0.1 is a private address" in error.reason


@pytest.mark.parametrize("host", ["127.1", "0177.0.0.1", "0x7f000001", "2130706433", "017700000001", "0"])
async def test_a_number_in_place_of_a_host_is_named_for_what_it_means(web: Web, host: str) -> None:
    error = await failure(web, f"http://{host}/")
    assert isinstance(error, AddressError)
    assert "its host is a number for" in error.reason


@pytest.mark.parametrize(
    ("text", "opens", "leaves"),
    [
        ("10.1.0.0/16", ("10.1.255.1", 80), ("10.2.0.1", 80)),
        ("10.1.2.3", ("10.1.2.3", 443), ("10.1.2.4", 443)),
        ("127.0.0.1:8000", ("127.0.0.1", 8000), ("127.0.0.1", 80)),
        ("::1", ("::1", 80), ("127.0.0.1", 80)),
        ("[::1]", ("::1", 80), ("::2", 80)),
        ("[::1]:80", ("::1", 80), ("::1", 81)),
        ("fd00::/8", ("fd00::1", 80), ("fe80::1", 80)),
    ],
)
def test_an_entry_opens_what_it_says(text: str, opens: tuple[str, int], leaves: tuple[str, int]) -> None:
    entry: Allowed = allowed(text)
    assert (ipaddress.ip_address(opens[0]), opens[1]) in entry
    assert (ipaddress.ip_address(leaves[0]), leaves[1]) not in entry


@pytest.mark.parametrize("text", ["localhost", "localhost:80", "10.1.2.3/16", "10.0.0.0/8:80", "", "::1:99999:"])
def test_an_entry_that_means_nothing_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match=r"http\.allow_addresses"):
        Web(Limits(allow_addresses=(text,)))
