"""topics.toml: what is published."""

import re
from datetime import timedelta

from aggregator.config.toml import Document, value
from aggregator.model import CHANGES, HEALTH, ONLY, Topic

MOST = 1000
"""Entries of a feed."""

LEAST_KEPT, MOST_KEPT = timedelta(days=1), timedelta(days=20_000)
"""What went is gone: "6m" is six minutes, whoever meant months."""

KEPT_FOR = "keep_for: must be from a day to 20000 days"

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
# Enough that nobody guesses it, and it stands in an address as it is.
_TOKEN = re.compile(r"[A-Za-z0-9_-]{16,128}")
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


def is_name(said: str) -> bool:
    """Fit to name a source or a topic."""
    return bool(_NAME.fullmatch(said))


def is_kept_for(said: timedelta | None) -> bool:
    return said is None or LEAST_KEPT <= said <= MOST_KEPT


def read_topics(document: Document) -> tuple[tuple[Topic, ...], str]:
    """The topics, and what all of them mute. Raises ConfigError."""
    document.only("topic", "mute")
    mute = _mute(document)
    found: dict[str, Topic] = {}
    for n, table in enumerate(document.data.get("topic", ())):
        topic = document.table(Topic, {"mute": mute} | table, ("topic", n), skip=("id",))
        for key, wrong in _troubles(topic):
            raise document.error(("topic", n), key, wrong)
        if topic.name in found:
            raise document.error(("topic", n), "name", f"{topic.name!r} stands here twice")
        found[topic.name] = topic
    return tuple(found.values()), mute


def _mute(document: Document) -> str:
    try:
        return str(value(str, document.data.get("mute", "")))
    except ValueError as error:
        raise document.error((), "mute", f"mute: {error}") from error


def _troubles(topic: Topic) -> list[tuple[str, str]]:
    """Keys whose values make no sense, and why."""
    language = next((said for said in topic.languages if not _LANGUAGE.fullmatch(said)), None)
    other = next((said for said in topic.only if said not in ONLY), None)
    return [
        (key, reason)
        for key, holds, reason in (
            ("name", is_name(topic.name), f"{topic.name!r}: a topic needs a name of a-z, 0-9, '.', '_' and '-'"),
            (
                "name",
                topic.name not in (CHANGES, HEALTH),
                f"{topic.name!r} is a feed on the archive itself: a topic needs another name",
            ),
            ("limit", 1 <= topic.limit <= MOST, f"limit: must be from 1 to {MOST}"),
            ("languages", language is None, f'languages: {language!r} is no code such as "en" or "pt-BR"'),
            ("copies", topic.copies in ("first", "all"), f'{topic.copies!r}: either "first" or "all"'),
            ("order", topic.order in ("newest", "best"), f'{topic.order!r}: either "newest" or "best"'),
            ("only", other is None, f"only: {other!r}: either {' or '.join(map(repr, ONLY))}"),
            (
                "token",
                not topic.token or bool(_TOKEN.fullmatch(topic.token)),
                "token: must be 16 to 128 of A-Z, a-z, 0-9, '_' and '-'",
            ),
            ("keep_for", is_kept_for(topic.keep_for), KEPT_FOR),
            (
                "window",
                topic.window is None or timedelta(hours=1) <= topic.window <= MOST_KEPT,
                f"window: must be from an hour to {MOST_KEPT.days} days",
            ),
        )
        if not holds
    ]
