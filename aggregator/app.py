"""Wiring: the doors that a home needs, opened and closed together, and the clock."""

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from secrets import token_urlsafe
from typing import TYPE_CHECKING, Self

from aggregator.config import FILES, Config, Settings, line
from aggregator.config.access import Asking
from aggregator.config.sites import Sites
from aggregator.doors import files, memory
from aggregator.doors.cpu import Cpu
from aggregator.doors.fetch import SOFTWARE, Limits, Web
from aggregator.doors.store import Store
from aggregator.errors import ConfigError, StoreError
from aggregator.model import Capture
from aggregator.steps import match
from aggregator.steps.extract import site
from aggregator.steps.kept import Kept

if TYPE_CHECKING:
    from aggregator.steps.render import Fragment  # feedgen, which few commands need

log = logging.getLogger(__name__)

MAX_FRAGMENTS = 64 * 2**20
"""Bytes of what is published, kept in memory: some 50 topics of 50 entries."""


def clock() -> datetime:
    return datetime.now(UTC)  # noqa: TID251  the one place that asks the clock


MAX_READING = 32
"""Polls whose documents are read and kept at a time. Others wait with their answers, which take less than what is made
of them."""


class App:
    """The open doors of one home: `async with App(config) as app`. `secret` makes what nobody can guess, the one thing
    that chance decides."""

    def __init__(
        self,
        config: Config,
        now: Callable[[], datetime] = clock,
        web: Web | None = None,
        secret: Callable[[], str] = token_urlsafe,
    ) -> None:
        self.config = config
        self.now = now
        self.secret = secret
        self.version = version("aggregator")
        self.asking: Mapping[str, Asking] = {}  # config.asking by the address that the store has (sync)
        self.fragments: Kept[Fragment] = Kept(MAX_FRAGMENTS)
        self.files = files.Together()
        self.reading = asyncio.Semaphore(MAX_READING)
        self.hanging = asyncio.Semaphore(1)  # of the sources whose document ran into cpu_timeout the last time
        self.rendering = asyncio.Lock()  # one topic at a time: those that are published together lack the same
        self.judged: dict[int, int] = {}  # by topic, the version of its rule that has judged the whole archive
        self.pictures_size: int | None = None  # bytes of all copies; None: to be counted
        self.is_full_said = False
        self.rules: match.Rules | None = None  # the topics made ready for what arrives (jobs.rules)
        self.sites = Sites(config.home / "config" / "sites", site.parse)
        with _named(config, (), "database"):
            self.store = Store(config.database)
        self.cpu = cpu_of(config.settings)
        self.web = web or web_of(config, now)

    async def __aenter__(self) -> Self:
        memory.give_back()
        await self.web.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.web.close()
        await self.cpu.close()
        await self.store.close()


@contextmanager
def _named(config: Config, table: tuple[str, ...], key: str) -> Iterator[None]:
    """What only a door can tell of a setting is said with the setting's line."""
    try:
        yield
    except ConfigError as error:
        variable = "AGGREGATOR_" + "__".join((*table, key)).upper()
        where = variable if variable in os.environ else line(config.home, FILES[0], table, key)
        raise ConfigError(where, f"{key}: {error.reason}") from error


def _user_agent(contact: str) -> str:
    """Whom we are, and where we can be reached: publishers block robots that do not say."""
    return SOFTWARE + (f" (+{contact})" if contact else "")


def web_of(config: Config, now: Callable[[], datetime]) -> Web:
    with _named(config, ("http",), "allow_addresses"):
        return Web(limits(config.settings), _raw(config, now) if config.settings.raw.warc else None)


def _raw(config: Config, now: Callable[[], datetime]) -> Callable[[Capture], Awaitable[None]]:
    """Keeps what is fetched; a disk that is full costs these copies, never the poll, and is said once."""
    from aggregator.doors.warc import Warc  # warcio, which few homes need

    raw = config.settings.raw
    warc = Warc(config.warc, now=now, software=SOFTWARE, file_size=raw.file_size, max_size=raw.max_size or None)
    is_well = True

    async def keep(capture: Capture) -> None:
        nonlocal is_well
        try:
            await warc.keep(capture)
        except StoreError as error:
            if is_well:
                log.error("%s; until it can, what is fetched is not kept raw", error)
            is_well = False
        else:
            is_well = True

    return keep


def cpu_of(settings: Settings) -> Cpu:
    return Cpu(settings.cpu_workers, settings.cpu_timeout, settings.cpu_memory)


def limits(settings: Settings) -> Limits:
    http = settings.http
    return Limits(
        timeout=http.timeout,
        max_bytes=http.max_body,
        max_header_bytes=http.max_header,
        max_headers=http.max_headers,
        max_redirects=http.max_redirects,
        per_host=http.per_host,
        host_pause=http.host_pause,
        connections=http.connections,
        user_agent=http.user_agent or _user_agent(http.contact or settings.server.public_url),
        allow_addresses=http.allow_addresses,
    )
