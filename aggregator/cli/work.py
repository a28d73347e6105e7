"""Commands that work: run, publish, load, dump, extract, demo."""

import asyncio
import logging
import signal
import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from itertools import chain
from typing import TYPE_CHECKING, Any, TextIO

import click

from aggregator.cli.common import SOME_FAILED, configured, logs, options, progress, safe, topic_named, with_app
from aggregator.errors import shown

if TYPE_CHECKING:
    from aggregator.app import App
    from aggregator.config import Config


@click.command()
@options()
def run(home: str | None, verbose: int, quiet: bool) -> None:
    """The daemon: polls, archives and publishes what is due, and serves it over HTTP, until TERM or INT.

    Example: aggregator run
    """
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # until the daemon listens to it: it must not end one that starts

    from aggregator.app import App
    from aggregator.daemon import Daemon

    logs(verbose, quiet, usual=logging.INFO)
    config = configured(home)

    async def serve() -> None:
        async with App(config) as app:
            await Daemon(app).run()

    asyncio.run(serve())
    logging.getLogger(__name__).info("stopped")


@click.command()
@click.argument("names", metavar="[TOPIC…]", nargs=-1)
@options(json=True)
def publish(names: tuple[str, ...], home: str | None, verbose: int, quiet: bool, as_json: bool) -> None:
    """Write feeds_out/ again, or the named topics of it.

    Example: aggregator publish north-korea
    """
    from aggregator import jobs
    from aggregator.doors.store import pages, reports, topics
    from aggregator.questions import line

    logs(verbose, quiet)
    config = configured(home)
    for name in sorted(names):
        topic_named(config.topics, name)

    async def write(app: "App") -> None:
        for live in await app.store.read(topics.live):
            if not names or live.topic.name in names:
                await app.store.write(pages.again, live.topic.id)
                done = await jobs.publish(app, live)
                if as_json:
                    click.echo(line({"name": done.subject, "articles": done.new, "changed": done.changed}))
                elif not quiet:
                    click.echo(f"{done.subject}: {done.new} articles, {done.changed} files changed")
        for each in await app.store.read(reports.every) if not names else ():
            await jobs.report(app, each)
        if names:
            await jobs.publish_index(app)

    with_app(config, write)
    if not config.topics and not quiet:
        click.echo("no topics yet: write one into config/topics.toml", err=True)


@click.command()
@click.argument("file", type=click.File("r", encoding="utf-8", errors="replace"))
@options(json=True)
def load(file: TextIO, home: str | None, verbose: int, quiet: bool, as_json: bool) -> None:
    """Take articles, one JSON object a line ("-": standard input), into the archive: deduplicated, judged by topics.
    What `dump --all` wrote is put into a new home, all of it as it was.

    Example: aggregator load articles.jsonl
    """
    from aggregator import dumping, loading
    from aggregator.questions import line

    logs(verbose, quiet)
    config, name, first = configured(home), getattr(file, "name", "-"), file.readline()

    async def articles(app: "App") -> tuple[dict[str, int], list[tuple[int, str]], int]:
        with progress("loading") as step:
            loaded = await loading.load(app, chain([first], file), step)
        await _publish_due(app)
        figures = {key: getattr(loaded, key) for key in ("new", "changed", "known", "deleted")}
        return figures, loaded.refused, 0

    async def everything(app: "App") -> tuple[dict[str, int], list[tuple[int, str]], int]:
        assert whole is not None
        with progress("loading") as step:
            taken = await dumping.load(app, name, whole, file, step)
        return taken.rows, taken.refused, taken.more

    whole = dumping.head(first)
    figures, refused, more = with_app(config, everything if whole else articles, take_up=whole is None)
    said = figures | {"refused": len(refused) + more}
    if as_json:
        click.echo(line(said))
    elif not quiet:
        click.echo(", ".join(f"{n} {word}" for word, n in said.items() if n or word in _LOADED))
    for number, reason in refused[:20]:
        click.echo(f"aggregator: {name}{f':{number}' if number else ''}: {safe(reason)}", err=True)
    if refused:
        sys.exit(SOME_FAILED if any(figures.values()) else 1)


_LOADED = ("new", "changed", "known", "refused")


@click.command()
@click.option("--all", "everything", is_flag=True, help="The whole archive, for `load` into a new home.")
@options(json=True)
def dump(everything: bool, home: str | None, verbose: int, quiet: bool, as_json: bool) -> None:
    """Every article of the archive, one JSON object a line, with or without --json. With --all every row of it: sources
    with their state, entries, articles, revisions, captions, stories, reasons, stars, what was deleted, the ledger.

    Example: aggregator dump > articles.jsonl
    """
    from aggregator import dumping
    from aggregator.doors.store import articles
    from aggregator.questions import article_json, line

    logs(verbose, quiet)

    async def each(app: "App") -> None:
        after = 0
        while found := await app.store.read(articles.dump, after):
            for archived in found:
                click.echo(line(article_json(archived)))
            after = found[-1].id or 0

    async def whole(app: "App") -> None:
        with progress("dumping") as step:
            await dumping.dump(app, lambda said: sys.stdout.write(f"{said}\n"), step)

    with_app(configured(home), whole if everything else each, take_up=not everything)


@click.command()
@click.argument("places", metavar="[PATH|URL…]", nargs=-1)
@click.option("--again", is_flag=True, help="Over storage/warc/, and keep in the archive what comes out better.")
@options(json=True)
def extract(places: tuple[str, ...], again: bool, home: str | None, verbose: int, quiet: bool, as_json: bool) -> None:
    """Run extraction on pages, store nothing: a file, a URL, or a folder of *.html or *.html.gz with its urls.json;
    or WARC files (*.warc.gz), a line for each page in them.
    Prints one JSON object a line. Rules for a site in the home's config/sites/ are obeyed (docs/extraction.md).
    With -v each paragraph is named, and why it is text or is none; with -v --json in "blocks".
    With --again the archive's articles are read anew from the pages that were kept as fetched (docs/keeping.md).

    Example: aggregator extract page.html

    Example: aggregator extract --again
    """
    from aggregator import extraction
    from aggregator.questions import line

    if again == bool(places):
        raise click.UsageError("give a PATH or a URL, or --again")
    if again:
        _extract_again(configured(home), verbose, quiet, as_json)
        return
    logs(0, quiet, usual=logging.WARNING)
    failed = total = 0

    async def run() -> None:
        nonlocal failed, total
        with progress("extracting", extraction.count(places)) as step:
            async for data, error in extraction.run(places, home, explained=verbose > 0):
                total += 1
                if not as_json:
                    _explain(data.pop("blocks", ()))
                click.echo(line(data))
                if error:
                    failed += 1
                    click.echo(f"aggregator: {safe(str(error))}", err=True)
                step()

    asyncio.run(run())
    if not total:
        click.echo(f"no *.html and no page in {', '.join(places)}", err=True)
    if failed:
        sys.exit(1 if failed == total else SOME_FAILED)


def _extract_again(config: "Config", verbose: int, quiet: bool, as_json: bool) -> None:
    from aggregator.improving import improve
    from aggregator.questions import line

    logs(verbose, quiet)
    counts = {"improved": 0, "unchanged": 0}

    async def run(app: "App") -> None:
        with progress("extracting again") as step:
            async for each in improve(app, step):
                counts[each.outcome] += 1
                if as_json:
                    click.echo(line(asdict(each)))
                elif each.outcome == "improved" and not quiet:
                    click.echo(f"{safe(shown(each.url))}: improved")
        await _publish_due(app)

    with_app(config, run)
    if not (as_json or quiet):
        click.echo(", ".join(f"{n} {word}" for word, n in counts.items()), err=True)


def _explain(blocks: Iterable[Mapping[str, Any]]) -> None:
    """Two lines for each paragraph: + is text, - is none; how likely the trees find it; its start; the reason."""
    for block in blocks:
        chance = "    " if block["chance"] is None else f"{block['chance']:4.2f}"
        click.echo(f"{'+' if block['kept'] else '-'} {chance}  {safe(block['text'])}", err=True)
        click.echo(f"        {safe(block['reason'])}", err=True)


def _listen(_context: click.Context, _option: click.Parameter, said: str) -> str:
    from aggregator.config import address

    try:
        address(said)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error
    return said


@click.command()
@click.option("--once", is_flag=True, help="End after the summary.")
@click.option(
    "--listen", default="127.0.0.1:8080", show_default=True, callback=_listen, help="Where the archive is served."
)
def demo(once: bool, listen: str) -> None:
    """A small newsroom of its own on loopback, polled, archived, published and served: no network needed.

    Example: aggregator demo
    """
    from aggregator.demo import show

    asyncio.run(show(once, listen))


async def _publish_due(app: "App") -> None:
    from aggregator.passes import drain
    from aggregator.runners.local import Local

    await drain(app, Local(app, 8), ("publish", "report"))


COMMANDS = (run, publish, load, dump, extract, demo)
