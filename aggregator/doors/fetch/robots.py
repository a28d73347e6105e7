"""What robots.txt lets us ask (RFC 9309)."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from copy import copy
from dataclasses import dataclass

from protego import Protego
from yarl import URL

from aggregator.errors import AddressError, FetchError, RobotsError
from aggregator.model import Response

KEPT = 24 * 3600.0  # seconds; RFC 9309, 2.4
RETRIED = 600.0  # seconds after which a robots.txt that could not be had is asked for again
MAX_HOSTS = 1000
MAX_KEPT = 2 * 2**20  # bytes of all of them; their rules take sixteen times that
MAX_BYTES = 512_000  # RFC 9309, 2.5: at least 500 KiB are to be read
MAX_DELAY = 60.0  # seconds; a longer crawl-delay would hold a job up for longer than its lease


@dataclass(frozen=True, slots=True)
class _Known:
    until: float  # by the loop's clock
    rules: Protego | None = None  # None: everything is allowed
    failure: FetchError | None = None  # nothing is allowed: RFC 9309, 2.3.1.4
    size: int = 0  # bytes of its text


class Robots:
    """The rules of the hosts that were asked last."""

    def __init__(self, get: Callable[[str], Awaitable[Response]], user_agent: str) -> None:
        self._get = get
        self._user_agent = user_agent
        self._known: OrderedDict[URL, _Known] = OrderedDict()
        self._size = 0  # of all that is known

    async def pause(self, target: URL, subject: str) -> float:
        """Seconds that the host wants between two requests (crawl-delay). Raises RobotsError where it does not want
        this one at all."""
        known = await self._rules(target.origin())
        if known.failure is not None:
            failure = known.failure
            if isinstance(failure, AddressError):
                raise AddressError(subject, failure.reason)
            reason = f"its robots.txt cannot be had, so nothing is asked there for now: {failure.reason}"
            raise RobotsError(subject, reason, failure.status, failure.retry_after)
        if known.rules is None:
            return 0.0
        if not known.rules.can_fetch(str(target), self._user_agent):
            raise RobotsError(subject, 'its robots.txt does not want it fetched (http.robots = "none" ignores that)')
        return min(known.rules.crawl_delay(self._user_agent) or 0.0, MAX_DELAY)

    async def _rules(self, origin: URL) -> _Known:
        now = asyncio.get_running_loop().time()
        known = self._known.get(origin)
        if known is None or known.until < now:
            known = await self._ask(origin, now)
            before = self._known.pop(origin, None)
            self._size += known.size - (before.size if before else 0)
            self._known[origin] = known
        self._known.move_to_end(origin)
        while len(self._known) > MAX_HOSTS or self._size > MAX_KEPT:
            _, forgotten = self._known.popitem(last=False)
            self._size -= forgotten.size
        return known

    async def _ask(self, origin: URL, now: float) -> _Known:
        try:
            answer = await self._get(str(origin.with_path("/robots.txt")))
        except FetchError as error:
            if error.status is not None and 400 <= error.status < 500 and error.status != 429:
                return _Known(now + KEPT)
            return _Known(now + RETRIED, failure=copy(error))  # without its traceback, which holds what was read
        said = answer.body[:MAX_BYTES]
        body = said.decode("utf-8", "replace").removeprefix("\ufeff")
        return _Known(now + KEPT, await asyncio.to_thread(Protego.parse, body), size=len(said))
