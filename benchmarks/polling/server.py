"""A loopback server that answers for as many sources as are asked for, from the feeds of a corpus folder."""

import asyncio
import gzip
import multiprocessing
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from hashlib import blake2b
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Literal, NamedTuple

Mode = Literal["plain", "identical", "differ", "new"]
"""plain: validators are honoured. identical: they are not. differ: nor are they, and a comment moves with each round.
new: every tenth source has one more entry in each round, the others 304."""

_ITEM = re.compile(rb"<(?:item|entry)[\s>].*?</(?:item|entry)>", re.DOTALL)
_GUID = re.compile(rb"(<(?:guid|id)\b[^>]*>\s*(?:<!\[CDATA\[)?)")
_ABOUT = re.compile(rb'(rdf:about\s*=\s*["\'])')
_LINK = re.compile(rb"(<link>\s*(?:<!\[CDATA\[)?\s*http[^<\]]*|<link\b[^>]*\shref=[\"'][^\"']*)")
_TITLE = re.compile(rb"(<title\b[^>]*>\s*(?:<!\[CDATA\[)?)")


class Answer(NamedTuple):
    tag: bytes
    body: bytes
    gzipped: bytes


class Server:
    """Where the sources are, and how they answer from now on."""

    def __init__(self, port: int, feeds: int, mean_bytes: float, control: Connection) -> None:
        self.port = port
        self.feeds = feeds
        self.mean_bytes = mean_bytes
        self._control = control

    def url(self, source: int) -> str:
        return f"http://127.0.0.1:{self.port}/{source}"

    def set(self, mode: Mode, round: int = 0, latency: float = 0.0) -> None:
        """Returns when it is so."""
        self._control.send((mode, round, latency))
        self._control.recv()


@contextmanager
def serving(folder: Path) -> Iterator[Server]:
    """In a process of its own, so that its work is nobody else's CPU time."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_run, args=(folder, theirs), daemon=True)
    process.start()
    port, feeds, mean_bytes = ours.recv()
    try:
        yield Server(port, feeds, mean_bytes, ours)
    finally:
        process.terminate()
        process.join()


def corpus(folder: Path) -> list[bytes]:
    """RSS and Atom; JSON Feed is left out, for newsboat does not read it."""
    bodies = (gzip.decompress(path.read_bytes()) for path in sorted(folder.glob("*.gz")))
    return [body for body in bodies if not body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")]


class _State:
    def __init__(self, bodies: list[bytes]) -> None:
        self.bodies = bodies
        self.plain = [_answer(body) for body in bodies]
        self.changed = self.plain
        self.mode: Mode = "plain"
        self.latency = 0.0

    def set(self, mode: Mode, round: int, latency: float) -> None:
        self.mode, self.latency = mode, latency
        if mode in ("differ", "new"):
            change = _differing if mode == "differ" else _with_new
            self.changed = [_answer(change(body, round)) for body in self.bodies]

    def answer(self, source: int, tag: bytes) -> Answer | None:
        """None: not modified."""
        of = source % len(self.bodies)
        if self.mode == "new" and source % 10 == 0:
            return None if tag == self.changed[of].tag else self.changed[of]
        if self.mode == "differ":
            return self.changed[of]
        return None if self.mode != "identical" and tag else self.plain[of]


class _Protocol(asyncio.Protocol):
    def __init__(self, state: _State) -> None:
        self._state = state
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        while b"\r\n\r\n" in self._received:
            head, _, self._received = self._received.partition(b"\r\n\r\n")
            answer = self._answer(head)
            if self._state.latency:
                asyncio.get_running_loop().call_later(self._state.latency, self._transport.write, answer)
            else:
                self._transport.write(answer)

    def _answer(self, head: bytes) -> bytes:
        first, *lines = head.split(b"\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(b":") for line in lines)}
        found = self._state.answer(int(first.split(b" ")[1].strip(b"/")), headers.get(b"if-none-match", b""))
        if found is None:
            return b"HTTP/1.1 304 Not Modified\r\nETag: " + headers[b"if-none-match"] + b"\r\n\r\n"
        zipped = b"gzip" in headers.get(b"accept-encoding", b"")
        body = found.gzipped if zipped else found.body
        encoding = b"Content-Encoding: gzip\r\n" if zipped else b""
        return (b"HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\nETag: %b\r\n%bContent-Length: %d\r\n\r\n%b"
                % (found.tag, encoding, len(body), body))  # fmt: skip


def _answer(body: bytes) -> Answer:
    return Answer(b'"%b"' % blake2b(body, digest_size=8).hexdigest().encode(), body, gzip.compress(body, 6, mtime=0))


def _differing(body: bytes, round: int) -> bytes:
    """A comment before the first entry, where others have a lastBuildDate."""
    found = _ITEM.search(body)
    at = found.start() if found else len(body)
    return body[:at] + b"<!-- round %d -->" % round + body[at:]


def _with_new(body: bytes, round: int) -> bytes:
    """One more entry for each round, of the size and dialect of the others."""
    found = _ITEM.search(body)
    if not found:
        return body
    added = b""
    for n in range(round, 0, -1):
        item = _GUID.sub(rb"\g<1>new-%d-" % n, found[0])
        item = _ABOUT.sub(rb"\g<1>http://new.example/%d/" % n, item)
        item = _LINK.sub(rb"\g<1>/new/%d" % n, item)
        added += _TITLE.sub(rb"\g<1>New %d: " % n, item)
    return body[: found.start()] + added + body[found.start() :]


def _run(folder: Path, control: Connection) -> None:
    asyncio.run(_serve(_State(corpus(folder)), control))


async def _serve(state: _State, control: Connection) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(partial(_Protocol, state), "127.0.0.1", 0, backlog=1024)
    control.send(
        (server.sockets[0].getsockname()[1], len(state.bodies), sum(map(len, state.bodies)) / len(state.bodies))
    )

    def told() -> None:
        state.set(*control.recv())
        control.send(None)

    loop.add_reader(control.fileno(), told)
    await server.serve_forever()
