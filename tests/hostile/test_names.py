"""Names that change between two questions, or stand for public and private addresses at once: acted out, each way there is."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

import pytest

from aggregator.doors.fetch import Limits, Web
from aggregator.errors import FetchError
from aggregator.model import Access

OUR_OWN = ("127.0.0.1", "127.0.0.2")
"""The second stands for what is inside: the limits allow the first alone."""

NAME = "name.example"
PUBLIC = "93.184.215.14"
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"


class Names:
    """A resolver of our own: each question for a name gets the next of its answers, the last one for ever."""

    def __init__(self, port: int, asked: list[str]) -> None:
        self.port = port
        self.asked = asked  # addresses that somebody connected to
        self.questions = 0
        self.answers: list[tuple[str, ...]] = []

    def __call__(self, host: str, port: int, *_: object) -> list[Any]:
        found: tuple[str, ...] = (host,)  # an address
        if host == NAME:
            found = self.answers[min(self.questions, len(self.answers) - 1)]
            self.questions += 1
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

    def web(self) -> Web:
        """As after a start: nothing is remembered of any name."""
        return Web(Limits(host_pause=Limits().host_pause * 0, allow_addresses=(f"127.0.0.1:{self.port}",)))


@pytest.fixture
async def names(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Names]:
    asked: list[str] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(writer.get_extra_info("sockname")[0])
        lines = (await reader.readuntil(b"\r\n\r\n")).split(b"\r\n")
        location = b"HTTP/1.1 302 Found\r\nLocation: %b\r\nConnection: close\r\n\r\n"
        there = lines[0].split()[1].partition(b"?to=")[2]
        writer.write(location % there if there else ANSWER)
        writer.close()

    async with await asyncio.start_server(serve, OUR_OWN[0], 0) as outside:
        port = outside.sockets[0].getsockname()[1]
        async with await asyncio.start_server(serve, OUR_OWN[1], port):
            names = Names(port, asked)
            monkeypatch.setattr(socket, "getaddrinfo", names)
            yield names


def _url(names: Names) -> str:
    return f"http://{NAME}:{names.port}/"


async def _feed(web: Web, names: Names) -> None:
    await web.get(_url(names))


async def _page(web: Web, names: Names) -> None:
    await web.get(_url(names), robots=True)


async def _hub(web: Web, names: Names) -> None:
    await web.post(_url(names), {"hub.mode": "subscribe"})


async def _redirect(web: Web, names: Names) -> None:
    await web.get(f"http://127.0.0.1:{names.port}/?to={_url(names)}")


async def _proxy(web: Web, names: Names) -> None:
    """The name is the proxy's."""
    await web.get("http://192.0.43.8/", access=Access(proxy=_url(names).rstrip("/")))


async def _through_a_proxy(web: Web, names: Names) -> None:
    await web.get(_url(names), access=Access(proxy=f"http://127.0.0.1:{names.port}"))


WAYS: Mapping[str, Callable[[Web, Names], Awaitable[None]]] = {
    way.__name__: way for way in (_feed, _page, _hub, _redirect, _proxy, _through_a_proxy)
}


@pytest.mark.parametrize("way", WAYS)
async def test_a_name_that_leads_inside_at_the_second_question_gets_nowhere(names: Names, way: str) -> None:
    names.answers = [OUR_OWN[:1], OUR_OWN[1:]]
    async with names.web() as web:
        await WAYS[way](web, names)
        assert names.questions == 1  # who was checked is who was asked
    names.questions = 1
    async with names.web() as web:
        with pytest.raises(FetchError):
            await WAYS[way](web, names)
    assert set(names.asked) == {OUR_OWN[0]}


@pytest.mark.parametrize("answer", [(PUBLIC, OUR_OWN[1]), (OUR_OWN[1], PUBLIC), (PUBLIC, "169.254.169.254")], ids=str)
@pytest.mark.parametrize("way", WAYS)
async def test_a_name_for_both_kinds_of_addresses_gets_nowhere(names: Names, way: str, answer: tuple[str, ...]) -> None:
    names.answers = [answer]
    async with names.web() as web:
        with pytest.raises(FetchError):
            await WAYS[way](web, names)
    assert set(names.asked) <= {OUR_OWN[0]}  # who redirects there, and no public address either
