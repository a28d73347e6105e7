"""How many feeds a second one process serves, told by the CPU that it takes.

    .venv/bin/python -m benchmarks.publish.serving [--requests 20000]

A reader that has the newest version asks again over kept connections: 304. One that has none: 200, gzip of some 200 kB.
"""

import argparse
import asyncio
import multiprocessing
import os
import tempfile
from collections.abc import Mapping
from multiprocessing.connection import Connection
from pathlib import Path
from typing import cast

from aiohttp import web

from aggregator.serve import Archive, application

READERS = 8


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=20_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="serving-") as name:
        folder = Path(name)
        words = " ".join(str(n * 7919 % 10007) for n in range(40_000))
        (folder / "topic.atom").write_text(f"<feed>{words}</feed>")
        ours, theirs = multiprocessing.Pipe()
        server = multiprocessing.get_context("spawn").Process(target=_serve, args=(folder, theirs))
        server.start()
        try:
            asyncio.run(_ask(ours.recv(), server.pid or 0, options.requests))
        finally:
            server.kill()
            server.join()


class _Files:
    """All that the pages ask for when a feed is asked for."""

    def __init__(self, folder: Path) -> None:
        self.feeds_dir = folder
        self.private_dir = folder

    def token(self, name: str) -> str:
        return ""


def _serve(folder: Path, told: Connection) -> None:
    async def run() -> None:
        runner = web.AppRunner(application(cast("Archive", _Files(folder))), access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        told.send(runner.addresses[0][1])
        await asyncio.Event().wait()

    asyncio.run(run())


async def _ask(port: int, server: int, count: int) -> None:
    _, headers = await _get(port, {"Accept-Encoding": "gzip"}, 1)
    for what, said in (("304", {"If-None-Match": headers["etag"]}), ("200", {})):
        started = _cpu(server)
        share = count // READERS
        found = await asyncio.gather(*(_get(port, {"Accept-Encoding": "gzip"} | said, share) for _ in range(READERS)))
        assert {status for status, _ in found} == {what}
        taken = _cpu(server) - started
        print(f"{what}: {share * READERS / taken:.0f} a second of CPU")


async def _get(port: int, headers: Mapping[str, str], times: int) -> tuple[str, dict[str, str]]:
    """Status and headers of the last of so many answers over one connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    lines = "".join(f"{name}: {said}\r\n" for name, said in headers.items())
    request = f"GET /feeds/topic.atom HTTP/1.1\r\nHost: localhost\r\n{lines}\r\n".encode()
    status, found = "", dict[str, str]()
    for _ in range(times):
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        status = head[0].split()[1]
        found = dict(line.lower().split(": ", 1) for line in head[1:] if line)
        if status == "200":
            await reader.readexactly(int(found["content-length"]))
    writer.close()
    return status, found


def _cpu(pid: int) -> float:
    """Seconds of CPU that a process has taken."""
    user, system = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
