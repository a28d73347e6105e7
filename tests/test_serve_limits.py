"""serve.limits: against clients that are slow, many, or came by a name that is not ours."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from aggregator import serve
from aggregator.serve import limits
from tests.test_serve import FakeArchive

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def served(application: web.Application, keepalive: float = 5.0) -> AsyncIterator[int]:
    runner = web.AppRunner(
        application,
        access_log=None,
        logger=serve.log(),
        keepalive_timeout=keepalive,
        lingering_time=0.5,
        shutdown_timeout=0.1,
    )
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


async def test_what_is_no_http_is_refused_and_fills_no_log(caplog: pytest.LogCaptureFixture) -> None:
    async with served(simple(hello)) as port:
        twice = await say(port, b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n")
        nothing = await say(port, b"\x16\x03\x01 nothing of the kind\r\n\r\n")
    assert twice.startswith(b"HTTP/1.0 400 ")
    assert nothing.startswith(b"HTTP/1.0 400 ")
    assert caplog.text == ""


async def test_a_mistake_of_ours_is_still_told(caplog: pytest.LogCaptureFixture) -> None:
    async def fail(_request: web.Request) -> web.StreamResponse:
        raise RuntimeError("a bug")

    async with served(simple(fail)) as port:
        assert (await say(port, asking("a"))).startswith(b"HTTP/1.1 500 ")
    assert "a bug" in caplog.text


def simple(answer: Answer, *middlewares: Middleware) -> web.Application:
    application = web.Application(middlewares=middlewares)
    application.router.add_get("/", answer)
    return application


async def say(port: int, request: bytes) -> bytes:
    """All that comes back until the connection is closed."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    said = await asyncio.wait_for(reader.read(), 10)
    writer.close()
    return said


async def hello(_request: web.Request) -> web.StreamResponse:
    return web.Response(text="hello")


def asking(host: str) -> bytes:
    return f"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode("latin-1")


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8080", 200),
        ("localhost", 200),
        ("LOCALHOST:8080", 200),
        ("[::1]:8080", 200),
        ("192.168.1.5", 200),
        ("news.example", 200),
        ("News.Example.:443", 200),
        ("nas:8080", 200),
        ("news.lan", 200),
        ("evil.example", 421),
        ("127.0.0.1.evil.example", 421),
        ("news.example.evil.example", 421),
        ("news.example@evil.example", 421),
        ("", 421),
        ("[::1", 421),
        ("a b", 421),
    ],
)
async def test_only_who_asks_for_us_by_a_name_of_ours_is_answered(host: str, status: int) -> None:
    async with served(simple(hello, limits.hosts("https://news.example/feeds"))) as port:
        assert (await say(port, asking(host))).startswith(f"HTTP/1.1 {status} ".encode())


async def test_the_pages_ask_who_is_asked_for(tmp_path: object) -> None:
    async with served(serve.application(FakeArchive(tmp_path))) as port:  # type: ignore[arg-type]
        answer = await say(port, asking("rebound.example"))
        assert answer.startswith(b"HTTP/1.1 421 ")
        assert b"Content-Security-Policy" in answer


async def test_a_request_that_never_comes_whole_is_not_waited_for() -> None:
    async with served(simple(hello), keepalive=0.3) as port:
        assert await say(port, b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ") == b""


async def test_an_answer_that_nobody_fetches_is_ended() -> None:
    ended = asyncio.Event()

    async def large(_request: web.Request) -> web.StreamResponse:
        return web.Response(body=b" " * 2**26)

    @web.middleware
    async def outside(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        finally:
            ended.set()

    async with served(simple(large, outside, limits.patience(seconds=0.3))) as port:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(asking("127.0.0.1"))
        await asyncio.wait_for(ended.wait(), 10)
        writer.transport.abort()


async def test_who_comes_when_too_many_are_there_is_told_to_come_back() -> None:
    inside, go = asyncio.Event(), asyncio.Event()

    async def slow(_request: web.Request) -> web.StreamResponse:
        inside.set()
        await go.wait()
        return web.Response(text="hello")

    async with served(simple(slow, limits.patience(most=1))) as port:
        first = asyncio.create_task(say(port, asking("127.0.0.1")))
        await inside.wait()
        assert (await say(port, asking("127.0.0.1"))).startswith(b"HTTP/1.1 503 ")
        go.set()
        assert (await first).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize(
    "request_",
    [
        b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: " + b"a" * 100_000 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n" + b"X: a\r\n" * 10_000 + b"\r\n",
        b"\0\1\2\3\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 99999999999\r\nConnection: close\r\n\r\n",
        b"PUT /feeds/a.atom HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1\r\nConnection: close\r\n\r\na",
        b"DELETE /article/1 HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n",
        b"GET /feeds/..%2f..%2fconfig%2fsources.atom HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n",
        b"GET /feeds/%00.atom HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n",
        b"GET /article/99999999999999999999 HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n",
        b"GET /%0d%0aSet-Cookie:%20a=b HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n",
        b"POST /websub/"
        + b"a" * 40
        + b" HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1\r\nConnection: close\r\n\r\na",
    ],
    ids=range(13),
)
async def test_what_nobody_should_ask_is_refused_in_a_few_words(tmp_path: object, request_: bytes) -> None:
    async with served(serve.application(FakeArchive(tmp_path)), keepalive=1) as port:  # type: ignore[arg-type]
        answer = await say(port, request_)
    assert answer[9:10] == b"4"
    assert len(answer) < 5000
    assert b"Set-Cookie: " not in answer.partition(b"\r\n\r\n")[0]
