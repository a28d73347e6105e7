"""Hubs (WebSub): those of sources tell us what is new, ours is told what we published."""

from collections.abc import Iterable
from functools import partial

from aggregator.app import App
from aggregator.doors.store import subscriptions
from aggregator.errors import AggregatorError
from aggregator.jobs.common import Done
from aggregator.model import Feed, Job, Response, Source, Subscription
from aggregator.steps import urls, websub


async def subscribe(app: App, subscription: Subscription) -> Done:
    """Ask a hub to send us what is new of a source, or to go on with it."""
    job = Job("subscribe", subscription.id, subscription.host)
    callback = f"{app.config.settings.public_url}/websub/{subscription.token}"
    # Before, not after: some hubs ask back while we still wait for their answer.
    await app.store.write(subscriptions.change, subscription.id, partial(websub.asking, now=app.now()))
    try:
        await app.web.post(subscription.hub, websub.request(subscription, callback))
    except AggregatorError as error:
        await app.store.write(subscriptions.change, subscription.id, partial(websub.refused, now=app.now()))
        return Done(job=job, subject=subscription.topic, outcome="failed", error=str(error))
    return Done(job=job, subject=subscription.topic, outcome="asked")


async def is_told(app: App, source: Source) -> bool:
    """Whether a hub has promised to send what is new."""
    if not app.config.settings.server.public_url:
        return False
    subscription = await app.store.read(subscriptions.get, source.id or 0)
    return bool(subscription and subscription.until and subscription.until > app.now())


async def offered(app: App, source: Source, response: Response, feed: Feed) -> None:
    """A daemon that hubs can reach subscribes where the feed names one."""
    if not app.config.settings.server.public_url:
        return
    found = websub.hub(response, feed)
    if found is None:
        await app.store.write(subscriptions.drop, source.id or 0)
        return
    hub, topic = found
    offer = Subscription(
        id=source.id or 0, hub=hub, topic=topic, host=urls.host(hub), token=app.secret(), secret=app.secret()
    )
    await app.store.write(subscriptions.offered, offer, app.now())


async def tell(app: App, urls: Iterable[str]) -> str | None:
    """Feeds of ours changed; why our hub could not be told, if it could not."""
    hub = app.config.settings.server.hub
    for url in urls if hub else ():
        try:
            await app.web.post(hub, websub.news(url))
        except AggregatorError as error:
            return f"the hub was not told: {error}"
    return None
