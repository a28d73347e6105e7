"""steps.websub"""

import hashlib
import hmac
from dataclasses import replace
from datetime import timedelta

import pytest

from aggregator.model import Feed, Response, Subscription
from aggregator.steps import websub
from tests.fakes import START

FEED = "https://site.example/feed"
HUB = "https://hub.example/"
OURS = Subscription(id=1, hub=HUB, topic=FEED, host="hub.example", token="t", secret="s")
ASKED = {"hub.mode": "subscribe", "hub.topic": FEED, "hub.challenge": "c"}


@pytest.mark.parametrize(
    ("link", "feed", "found"),
    [
        ("", Feed(format="rss20"), None),
        ("", Feed(format="rss20", hub_url=HUB), (HUB, FEED)),
        ("", Feed(format="rss20", hub_url=HUB, self_url=FEED + "2"), (HUB, FEED + "2")),
        (f'<{HUB}>; rel="hub", </own>; rel=self', Feed(format="rss20"), (HUB, "https://site.example/own")),
        (f'<{HUB}>; title="a, b"; rel="next hub"', Feed(format="rss20", hub_url=HUB + "2"), (HUB, FEED)),
        ("<javascript:x>; rel=hub", Feed(format="rss20"), None),
    ],
)
def test_the_hub_is_that_of_the_headers_or_of_the_feed(link: str, feed: Feed, found: tuple[str, str] | None) -> None:
    assert websub.hub(Response(url=FEED, status=200, headers={"link": link}), feed) == found


def test_a_subscription_lasts_as_long_as_the_hub_says_and_is_renewed_before() -> None:
    after = websub.verified(websub.asking(OURS, START), ASKED | {"hub.lease_seconds": "864000"}, START)
    assert after is not None
    assert (after.until, after.failures) == (START + timedelta(days=10), 0)
    assert after.renew_at == START + timedelta(days=8)


@pytest.mark.parametrize(("said", "lease"), [("1", websub.SHORTEST), ("999999999", websub.LONGEST), ("-5", websub.LEASE),
                                             ("soon", websub.LEASE), ("", websub.LEASE)])  # fmt: skip
def test_an_absurd_lease_is_brought_into_bounds(said: str, lease: timedelta) -> None:
    after = websub.verified(OURS, ASKED | {"hub.lease_seconds": said}, START)
    assert after is not None
    assert after.until == START + lease


@pytest.mark.parametrize(
    "asked", [ASKED | {"hub.topic": "https://other.example/"}, ASKED | {"hub.mode": "unsubscribe"}, {}]
)
def test_what_we_did_not_ask_for_is_not_confirmed(asked: dict[str, str]) -> None:
    assert websub.verified(OURS, asked, START) is None


def test_a_hub_that_denies_is_asked_again_in_a_week() -> None:
    after = websub.verified(OURS, {"hub.mode": "denied", "hub.topic": FEED}, START)
    assert after == replace(OURS, until=None, renew_at=START + timedelta(days=7))


def test_a_hub_that_fails_is_asked_after_longer_each_time_up_to_a_week() -> None:
    subscription, waits = OURS, []
    for _ in range(20):
        subscription = websub.refused(websub.asking(subscription, START), START)
        waits.append((subscription.renew_at or START) - START)
    assert waits == sorted(waits)
    assert (waits[0], waits[-1]) == (timedelta(hours=2), timedelta(days=7))


def signature(algorithm: str, secret: str = "s", body: bytes = b"body") -> str:
    return f"{algorithm}={hmac.new(secret.encode(), body, algorithm).hexdigest()}"


@pytest.mark.parametrize("algorithm", ["sha1", "sha256", "sha384", "sha512"])
def test_what_the_hub_signed_is_believed(algorithm: str) -> None:
    assert websub.is_signed(OURS, signature(algorithm), b"body")
    assert websub.is_signed(OURS, signature(algorithm).upper(), b"body")
    assert not websub.is_signed(OURS, signature(algorithm), b"another")
    assert not websub.is_signed(OURS, signature(algorithm, "x"), b"body")


@pytest.mark.parametrize("said", ["", "sha256", "sha256=", "md5=" + hashlib.md5(b"body").hexdigest(), "sha256=ü"])
def test_what_is_not_signed_is_not_believed(said: str) -> None:
    assert not websub.is_signed(OURS, said, b"body")
