"""Questions and changes about WebSub subscriptions."""

from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from aggregator.doors.store.tables import subscriptions
from aggregator.model import Subscription


def get(tx: Connection, id: int) -> Subscription | None:
    """The subscription of this source."""
    row = tx.execute(select(subscriptions).where(subscriptions.c.id == id)).one_or_none()
    return Subscription(**row._mapping) if row else None


def by_token(tx: Connection, token: str) -> Subscription | None:
    row = tx.execute(select(subscriptions).where(subscriptions.c.token == token)).one_or_none()
    return Subscription(**row._mapping) if row else None


def offered(tx: Connection, offer: Subscription, now: datetime) -> None:
    """What a source's feed says of its hub: a new one, or another topic, is subscribed to at once."""
    known = get(tx, offer.id)
    if known and (known.hub, known.topic) == (offer.hub, offer.topic):
        return
    tx.execute(delete(subscriptions).where(subscriptions.c.id == offer.id))
    tx.execute(insert(subscriptions).values(asdict(replace(offer, renew_at=now))))


def change(tx: Connection, id: int, decide: Callable[[Subscription], Subscription | None]) -> Subscription | None:
    """What is decided of the subscription as it is in this transaction: a hub asks back while we still ask."""
    known = get(tx, id)
    after = decide(known) if known else None
    if after:
        tx.execute(update(subscriptions).where(subscriptions.c.id == id).values(asdict(after)))
    return after


def drop(tx: Connection, id: int) -> None:
    """The feed names no hub any more, or the source is not followed."""
    tx.execute(delete(subscriptions).where(subscriptions.c.id == id))
