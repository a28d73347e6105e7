"""A server on loopback that does what a table says, each row at an address of its own."""

import asyncio
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Self

Act = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent at once. `{port}` and `{apart}` in it are the server's, `{inside}` another's whom nobody may ask."""

    head: bytes
    body: bytes = b""
    measured: bool = False  # with a true Content-Length

    def sent(self, ports: Mapping[bytes, int]) -> bytes:
        head, body = self.head, self.body
        for name, port in ports.items():
            head, body = head.replace(name, b"%d" % port), body.replace(name, b"%d" % port)
        return head + (b"Content-Length: %d\r\n\r\n" % len(body) if self.measured else b"") + body


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One behaviour, and what must become of a source that shows it."""

    name: str
    answer: Answer | Act
    kept: int | None = None  # so many entries
    error: str | None = None  # a word of the error that is recorded
    added: str | None = None  # what `add` says of it instead
    said: str | None = None  # words of its article, where the row is a page
    is_apart: bool = False  # at a host of its own, which is to be left alone


def http(body: bytes | str = b"", /, status: int = 200, type: str | None = "application/xml", **headers: str) -> Answer:
    """An answer as it should be."""
    said = {"Connection": "close", "Content-Type": type}
    said |= {name.replace("_", "-").title(): text for name, text in headers.items()}
    lines = [f"HTTP/1.1 {status} Said", *(f"{name}: {text}" for name, text in said.items() if text is not None)]
    head = "\r\n".join([*lines, ""]).encode()
    return Answer(head, body.encode() if isinstance(body, str) else body, measured=True)


NOTHING = http(b"nothing here", status=404, type="text/plain")


class Server:
    """Runs in a thread of its own, so that a test may call commands meanwhile."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self.rows = {row.name: row for row in rows}
        self.asked: Counter[str] = Counter()
        self.port = self.apart = self.inside = self.inside_asked = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="hostile")
        self._servers: list[asyncio.Server] = []

    def __enter__(self) -> Self:
        self._thread.start()
        self.port, self.apart, self.inside = asyncio.run_coroutine_threadsafe(self._open(), self._loop).result(10)
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def url(self, row: Row) -> str:
        return f"http://127.0.0.1:{self.apart if row.is_apart else self.port}/{row.name}"

    async def _open(self) -> tuple[int, ...]:
        for serve in (self._serve, self._serve, self._serve_inside):
            self._servers.append(await asyncio.start_server(serve, "127.0.0.1", 0))
        return tuple(server.sockets[0].getsockname()[1] for server in self._servers)

    async def _close(self) -> None:
        for server in self._servers:
            server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            path = (await reader.readuntil(b"\r\n\r\n")).split()[1].decode().lstrip("/")
            self.asked[path] += 1
            row = self.rows.get(path.partition("?")[0])
            answer = row.answer if row else NOTHING
            if isinstance(answer, Answer):
                writer.write(answer.sent({b"{port}": self.port, b"{apart}": self.apart, b"{inside}": self.inside}))
                await writer.drain()
            else:
                await answer(writer)
        with suppress(OSError, asyncio.CancelledError):
            writer.close()

    async def _serve_inside(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.inside_asked += 1
        writer.close()


def slowly(*parts: bytes, pause: float = 0.2, forever: bytes = b"") -> Act:
    """Piece by piece; then `forever` again and again."""

    async def act(writer: asyncio.StreamWriter) -> None:
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(pause)
        while forever:
            writer.write(forever)
            await writer.drain()
            await asyncio.sleep(pause)

    return act


def reset(before: bytes = b"") -> Act:
    """The connection breaks hard after these bytes."""

    async def act(writer: asyncio.StreamWriter) -> None:
        writer.write(before)
        await writer.drain()
        transport: Any = writer.transport
        transport.abort()

    return act
