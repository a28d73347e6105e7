"""What the commands share: the home, the way data and words are printed, progress."""

import asyncio
import logging
import sys
from collections.abc import Callable, Coroutine, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import click

from aggregator.errors import AggregatorError, ConfigError, shown

if TYPE_CHECKING:
    from aggregator.app import App
    from aggregator.config import Config
    from aggregator.model import Archived, Topic
    from aggregator.questions import Questions

R = TypeVar("R")
F = TypeVar("F", bound=Callable[..., Any])

SOME_FAILED = 3
_JOINERS = "\n\u200c\u200d"  # Persian words and families of emoji need the last two


class GroupInOrder(click.Group):
    """Lists its commands in the order in which they were added: that of a first day."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)


def options(json: bool = False) -> Callable[[F], F]:
    """--home, -v/-q and, where data is printed, --json."""

    def add(command: F) -> F:
        for option in reversed(
            [
                click.option(
                    "--home", metavar="DIR", help="The home: else $AGGREGATOR_HOME, the working directory, XDG."
                ),
                click.option("-v", "--verbose", count=True, help="Say more, on stderr."),
                click.option("-q", "--quiet", is_flag=True, help="Say only what went wrong."),
                *(
                    [click.option("--json", "as_json", is_flag=True, help="Print JSON, one object a line.")]
                    if json
                    else []
                ),
            ]
        ):
            command = option(command)
        return command

    return add


def configured(home: str | None) -> "Config":
    from aggregator import config

    return config.load(config.home(home))


def with_app(config: "Config", ask: Callable[["App"], Coroutine[Any, Any, R]], take_up: bool = True) -> R:
    """Open the home's doors, take up its files unless they are only tried, ask, and close the doors again."""
    from aggregator.app import App
    from aggregator.doors import memory
    from aggregator.sync import sync

    async def run() -> R:
        async with App(config) as app:
            if take_up:
                await sync(app)
            with memory.settled():
                return await ask(app)

    return asyncio.run(run())


def logs(verbose: int, quiet: bool, usual: int = logging.ERROR) -> None:
    """Log lines on stderr: a daemon's INFO, a command's errors only, each -v one level more."""
    level = logging.ERROR if quiet else max(logging.DEBUG, usual - 10 * verbose)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_OneLine("%(asctime)s %(levelname)s %(message)s"))
    logging.basicConfig(level=level, handlers=[handler])
    for talkative in ("apscheduler", "alembic"):
        logging.getLogger(talkative).setLevel(logging.WARNING)


class _OneLine(logging.Formatter):
    """No stranger's text begins a line of the log, tells a terminal what to do, or holds a password."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  the library's name
        return shown(super().formatMessage(record))


def safe(text: str | None) -> str:
    """Text for a terminal: no control character of a stranger's title reaches it."""
    return "".join(c if c.isprintable() or c in _JOINERS else " " for c in text or "")


def counted(n: int, one: str, more: str = "") -> str:
    """How many of what: "1 article", "2 articles"; `more` where an s does not do."""
    return f"{n} {one if n == 1 else more or one + 's'}"


@contextmanager
def progress(words: str, total: int | None = None) -> Iterator[Callable[..., None]]:
    """A bar on a terminal, nothing elsewhere; call what it yields once for each piece done, with how many there are
    where only the work itself tells."""
    if not sys.stderr.isatty():
        yield lambda of=None, n=1: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(words, total=total)
        yield lambda of=None, n=1: bar.update(task, total=of or total, advance=n)


async def article_named(questions: "Questions", name: str) -> "Archived":
    found = await questions.named(name)
    if found is None and (at := await questions.deleted_at(name)):
        raise AggregatorError(name, f"was deleted at {at}, as your settings ask (keep_for, keep_most)")
    if found is None:
        raise AggregatorError(name, "no such article; give an id or a URL, `aggregator search` finds them")
    return found


def topic_named(topics: Iterable["Topic"], name: str) -> "Topic":
    for each in topics:
        if each.name == name:
            return each
    raise ConfigError(name, "is no topic of topics.toml; `aggregator topic list` shows them")


def headline(archived: "Archived") -> str:
    from aggregator.questions import stamp

    at = stamp(archived.article.published or archived.first_seen)
    return f"{archived.id:>7} {at} {archived.source}: {safe(archived.article.title)}"
