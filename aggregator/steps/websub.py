"""WebSub (W3C Recommendation, 2018): what to ask of a hub, what of its answers to believe, and what to tell it."""

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from aggregator.model import Feed, Response, Subscription
from aggregator.steps import urls

LEASE = timedelta(days=10)
SHORTEST, LONGEST = timedelta(hours=1), timedelta(days=30)
UNVERIFIED = timedelta(hours=12)
"""A hub that did not ask back in this time is asked again."""

_LINK = re.compile(
    r"<([^<>]{1,2000})>((?:\s{0,5};\s{0,5}[\w*]{1,40}\s{0,5}=\s{0,5}(?:\"[^\"]{0,500}\"|[^\s;,\"]{1,500})){1,10})"
)
_REL = re.compile(r";\s*rel\s*=\s*(?:\"([^\"]*)\"|([^\s;,\"]+))", re.IGNORECASE)
_ALGORITHMS = ("sha1", "sha256", "sha384", "sha512")


def hub(response: Response, feed: Feed) -> tuple[str, str] | None:
    """Hub and topic, by the headers first (WebSub, 4); None where the feed names no hub."""
    said: dict[str, str] = {}
    for target, parameters in _LINK.findall(response.headers.get("link", "")[:10_000]):
        rels = next((quoted or bare for quoted, bare in _REL.findall(parameters)), "").lower().split()
        if url := urls.absolute(response.url, target):
            said |= {rel: url for rel in rels if rel not in said}
    found = said.get("hub") or feed.hub_url
    return (found, said.get("self") or feed.self_url or response.url) if found else None


def request(subscription: Subscription, callback: str) -> dict[str, str]:
    """The form that asks a hub to subscribe us, or to renew it (WebSub, 5.1)."""
    return {
        "hub.mode": "subscribe",
        "hub.topic": subscription.topic,
        "hub.callback": callback,
        "hub.secret": subscription.secret,
        "hub.lease_seconds": str(round(LEASE.total_seconds())),
    }


def news(url: str) -> dict[str, str]:
    """The form that tells a hub of a feed of ours that changed: the Recommendation leaves it open, hubs agree."""
    return {"hub.mode": "publish", "hub.url": url, "hub.topic": url}


def asking(subscription: Subscription, now: datetime) -> Subscription:
    """While we ask the hub: it must ask back."""
    return replace(subscription, failures=subscription.failures + 1, renew_at=now + UNVERIFIED)


def refused(subscription: Subscription, now: datetime) -> Subscription:
    """The hub did not take our request: it is asked again after longer each time, up to a week."""
    return replace(subscription, renew_at=now + min(SHORTEST * 2 ** min(subscription.failures, 12), timedelta(days=7)))


def verified(subscription: Subscription, query: Mapping[str, str], now: datetime) -> Subscription | None:
    """After the hub asked whether it was us (WebSub, 5.3): with its lease, or denied; None: it was not."""
    mode = query.get("hub.mode")
    if query.get("hub.topic") != subscription.topic or mode not in ("subscribe", "denied"):
        return None
    if mode == "denied":
        return replace(subscription, until=None, renew_at=now + timedelta(days=7))
    said = query.get("hub.lease_seconds", "")
    lease = timedelta(seconds=int(said)) if re.fullmatch(r"[0-9]{1,9}", said) else LEASE
    lease = min(max(lease, SHORTEST), LONGEST)
    return replace(subscription, until=now + lease, renew_at=now + lease * 0.8, failures=0)


def is_signed(subscription: Subscription, signature: str, body: bytes) -> bool:
    """Whether the hub that knows our secret sent this body (WebSub, 8.1)."""
    algorithm, _, said = signature.strip().partition("=")
    if algorithm.lower() not in _ALGORITHMS:
        return False
    true = hmac.new(subscription.secret.encode(), body, getattr(hashlib, algorithm.lower())).hexdigest()
    return hmac.compare_digest(true.encode(), said.strip().lower().encode("utf-8", "replace"))
