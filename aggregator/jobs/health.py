"""The health of a home: its disk, its files, its sources."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from aggregator.app import App
from aggregator.doors import files
from aggregator.doors.store import backups, health, pictures, sources
from aggregator.model import Finding, Followed
from aggregator.steps import health as judged

LEAST_FREE = 256 * 2**20
"""Bytes that must be free at least; and a fifth of the archive, for what is written beside it."""

LATE = timedelta(days=1)


async def findings(app: App) -> tuple[Finding, ...]:
    """Everything that wants a look, the home first."""
    now = app.now()
    followed = await app.store.read(sources.followed)
    counted = await app.store.read(health.counted, now - judged.LATELY)
    copies = (await app.store.read(pictures.counts))["pictures_bytes"]
    strangers = judged.strangers(app.config.topics, app.config.sources, await app.store.read(sources.names))
    home = (*_home(app), *strangers, *_pictures(app, copies), *_unpolled(app, followed))
    return (*home, *judged.findings(followed, counted, now))


def _pictures(app: App, size: int) -> Iterator[Finding]:
    settings = app.config.settings.pictures
    if settings.keep and not settings.has_room(size):
        words = f"holds {size >> 20} MiB: no more pictures are fetched"
        yield Finding(kind="disk", subject="storage/pictures", words=words, way_out="raise pictures.max_size")


def _unpolled(app: App, followed: Sequence[Followed]) -> Iterator[Finding]:
    """Whoever polls by a command now and then has no daemon, and needs none."""
    late = [each for each in followed if each.state.poll_at and app.now() - each.state.poll_at > LATE]
    if late and not files.locked(app.config.storage / "daemon.lock"):
        words = f"no daemon runs on this home, and {len(late)} sources are overdue by more than a day"
        yield Finding(kind="daemon", subject="storage", words=words, way_out="aggregator run")


def _home(app: App) -> Iterator[Finding]:
    config = app.config
    for folder in (config.storage, config.feeds_out):
        if not files.writable(folder):
            yield Finding(
                kind="files", subject=folder.name, words="cannot be written to", way_out="give this user the right"
            )
    archive = backups.file(config.database)
    least = max(LEAST_FREE, files.size(archive) // 5 if archive else 0)
    if files.free(config.storage) < least:
        words = f"less than {least >> 20} MiB are free"
        yield Finding(kind="disk", subject="storage", words=words, way_out="free some, or move storage/ elsewhere")
    for kept in backups.former(config.database):
        words = f"a former archive, {files.size(kept) >> 20} MiB"
        yield Finding(kind="disk", subject=kept.name, words=words, way_out="remove it once all is well")
    has_secrets = any(asking.secrets for asking in config.asking.values())
    for name, held, are_held, instead in (
        ("sources.toml", "secrets", has_secrets, ', or "env:NAME" in their place'),
        ("topics.toml", "tokens", any(topic.token for topic in config.topics), ""),
    ):
        if are_held and files.others_read(config.home / "config" / name):
            words = f"holds {held}, and everybody on this machine can read it"
            yield Finding(kind="files", subject=name, words=words, way_out=f"chmod 600{instead}")
    for url, asking in config.asking.items():
        if not asking.verify_tls:
            words = "whoever sits in between can change what it says (verify_tls = false)"
            yield Finding(kind="config", subject=url, words=words, way_out="better without")
