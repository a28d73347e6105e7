"""Taking up what the home's files say."""

import logging
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from aggregator import config, jobs
from aggregator.app import App
from aggregator.config import Config
from aggregator.doors import files
from aggregator.doors.store import due, sources, topics
from aggregator.errors import AggregatorError, ConfigError
from aggregator.model import Source, Topic
from aggregator.steps import health, match, render, urls

log = logging.getLogger(__name__)


async def sync(app: App) -> None:
    """Make the archive's sources and topics those of the home's files. Raises ConfigError for a rule that cannot be
    read."""
    for number, topic in enumerate(app.config.topics):
        _check(app.config, number, topic)
    now = app.now()
    followed = _by_address(app.config.sources)
    wanted = [source if source.url == url else replace(source, url=url) for url, source in followed.items()]
    app.asking = {url: app.config.asking[s.url] for url, s in followed.items() if s.url in app.config.asking}
    for url, asking in app.asking.items():
        if not asking.verify_tls:
            log.warning("%s: whoever sits in between can change what it says (verify_tls = false)", url)
    await app.store.write(due.put_back, now)
    await app.store.write(sources.sync, wanted, urls.host, now)
    if any(topic.sources for topic in app.config.topics):
        for each in health.strangers(app.config.topics, wanted, await app.store.read(sources.names)):
            log.warning("%s: %s; %s", each.subject, each.words, each.way_out)
    removed = await app.store.write(topics.sync, app.config.topics, now)
    for name in removed:
        for folder in (app.config.feeds_out, app.config.private):
            _remove(folder, name)
    for topic in app.config.topics:  # it may have come to ask for a token, or to ask for none
        _remove(app.config.feeds_out if topic.token else app.config.private, topic.name)
    if removed:
        await jobs.publish_index(app)


def _remove(folder: Path, name: str) -> None:
    for ending in render.FORMATS:
        files.remove(folder / f"{name}.{ending}")
    files.keep(folder / render.ARCHIVE / name)


def _by_address(followed: Iterable[Source]) -> dict[str, Source]:
    """By normal address: two spellings of one are one source, the first."""
    found: dict[str, Source] = {}
    for source in followed:
        try:
            found.setdefault(urls.normal(source.url), source)
        except ValueError as error:
            raise ConfigError("sources.toml", f"{source.url!r} cannot be asked: {error}") from error
    return found


def _check(said: Config, number: int, topic: Topic) -> None:
    for key, rule in (("match", topic.match), ("exclude", topic.exclude), ("mute", topic.mute)):
        try:
            if rule or key == "match":
                match.parse(rule)
        except AggregatorError as error:
            of_all = key == "mute" and rule == said.mute
            where = config.line(said.home, "topics.toml", () if of_all else ("topic", number), key)
            raise ConfigError(where, f"topic {topic.name!r}: {error}") from error
