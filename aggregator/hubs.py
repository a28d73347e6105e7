"""What WebSub hubs say to us over HTTP."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from aggregator import jobs
from aggregator.app import App
from aggregator.doors.store import sources, subscriptions
from aggregator.errors import AggregatorError
from aggregator.model import Response
from aggregator.steps import websub

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Hubs:
    """Who speaks to us is known by the token in the address, and what it sends by its signature."""

    app: App

    async def confirms(self, token: str, query: Mapping[str, str]) -> str | None:
        """What to say back to a hub that asks whether we want this; None: we do not."""
        found = await self.app.store.read(subscriptions.by_token, token)
        if found is None:
            return None
        decide = partial(websub.verified, query=query, now=self.app.now())
        after = await self.app.store.write(subscriptions.change, found.id, decide)
        if after is None:
            return None
        log.info("subscribed topic=%s hub=%s until=%s", after.topic, after.hub, after.until)
        return query.get("hub.challenge", "")

    async def knows(self, token: str) -> bool:
        return await self.app.store.read(subscriptions.by_token, token) is not None

    async def sends(self, token: str, signature: str, content_type: str, body: bytes) -> None:
        """New content of a feed; what is not signed as we agreed is left aside, and nobody is told (WebSub, 8.1)."""
        found = await self.app.store.read(subscriptions.by_token, token)
        if found is None or not websub.is_signed(found, signature, body):
            log.warning("a hub's message is left aside: its signature is not that of the hub we know")
            return
        followed = await self.app.store.read(sources.get, found.id)
        if followed is None:
            return
        response = Response(url=found.topic, status=226, headers={"content-type": content_type}, body=body)
        try:
            done = await jobs.told(self.app, *followed, response)
        except AggregatorError as error:
            log.warning("a hub's message cannot be read: %s", error)
            return
        log.info("told %s new=%d changed=%d", done.subject, done.new, done.changed)
