"""doors.fetch: a server on loopback whose certificate nobody has signed but itself."""

import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import trustme
from aiohttp import web as served

from aggregator.doors.fetch import Limits, Web
from aggregator.errors import FetchError
from aggregator.model import Access

LIMITS = Limits(allow_addresses=("127.0.0.1", "::1"))


@pytest.fixture
async def url(tmp_path: Path) -> AsyncIterator[str]:
    """Where the server is: /feed is a feed, /away leads to the same server under another name."""
    own = trustme.CA()  # an authority's own certificate is signed by itself
    (tmp_path / "own.pem").write_bytes(own.private_key_pem.bytes() + own.cert_pem.bytes())
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(tmp_path / "own.pem")

    async def feed(_request: served.Request) -> served.Response:
        return served.Response(body=b"<rss/>")

    async def away(request: served.Request) -> served.Response:
        raise served.HTTPFound(f"https://localhost:{request.url.port}/feed")

    application = served.Application()
    application.router.add_get("/feed", feed)
    application.router.add_get("/away", away)
    runner = served.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await served.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    yield f"https://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


async def test_a_self_signed_certificate_is_refused_with_the_way_out(url: str) -> None:
    async with Web(LIMITS) as web:
        with pytest.raises(FetchError) as caught:
            await web.get(f"{url}/feed")
    assert "TLS certificate not valid: self-signed certificate" in caught.value.reason
    assert "verify_tls = false for a source of this host in sources.toml" in caught.value.reason
    assert "whoever sits in between can change what is read" in caught.value.reason


async def test_a_source_that_says_so_takes_it_at_its_own_host_alone(url: str) -> None:
    access = Access(origin=url, verify_tls=False)
    async with Web(LIMITS) as web:
        assert (await web.get(f"{url}/feed", access=access)).body == b"<rss/>"
        with pytest.raises(FetchError, match=r"redirected to https://localhost.*TLS certificate not valid"):
            await web.get(f"{url}/away", access=access)
