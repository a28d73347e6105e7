"""Commands about what is followed: init, add, remove, list, import, export."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from aggregator.cli.common import SOME_FAILED, configured, logs, options, progress, safe, with_app
from aggregator.errors import AggregatorError

if TYPE_CHECKING:
    from aggregator.app import App
    from aggregator.model import Feed, Followed, Source

TITLES = 5


@click.command()
@click.argument("folder", metavar="[DIR]", default=".", type=click.Path(file_okay=False, path_type=Path))
def init(folder: Path) -> None:
    """Write a commented home.

    Example: aggregator init news
    """
    from aggregator.config.edit import init as write

    written = write(folder.absolute())
    if not written:
        click.echo(f"{folder}: is a home already, nothing changed", err=True)
        return
    for path in written:
        click.echo(path)
    here = f"cd {folder} && " if folder != Path() else ""
    click.echo(f"Next: {here}aggregator add https://…", err=True)


@click.command()
@click.argument("urls", metavar="URL…", nargs=-1, required=True)
@click.option("--name", help="A short name, for one URL; else made from the feed's title.")
@click.option("--tag", "tags", multiple=True, help="A tag; may be given several times.")
@click.option("--history", is_flag=True, help="Fetch the feed's past too, where it has archive pages (RFC 5005).")
@click.option("--no-full-text", is_flag=True, help="Keep what the feed has, do not fetch the pages.")
@click.option("--no-archive", is_flag=True, help="Leave the articles to the daemon or the next `poll`.")
@options()
def add(
    urls: tuple[str, ...],
    name: str | None,
    tags: tuple[str, ...],
    history: bool,
    no_full_text: bool,
    no_archive: bool,
    home: str | None,
    verbose: int,
    quiet: bool,
) -> None:
    """Follow feeds; the address of a page is enough. Prints the first titles, then archives the articles.

    Example: aggregator add https://example.org --tag news
    """
    from aggregator.model import Source

    if name and len(urls) > 1:
        raise click.UsageError("--name goes with one URL")
    logs(verbose, quiet)
    config = configured(home)

    async def run(app: "App") -> int:
        failed = 0
        for url in urls:
            wanted = Source(
                url=_with_scheme(url), name=name or "", tags=tags, full_text=False if no_full_text else None
            )
            try:
                await _add(app, wanted, history, quiet)
            except AggregatorError as error:
                failed += 1
                click.echo(f"aggregator: {error}", err=True)
        if failed < len(urls) and not no_archive:
            await _archive(app)
        return failed

    failed = with_app(config, run)
    if failed:
        sys.exit(1 if failed == len(urls) else SOME_FAILED)


@click.command()
@click.argument("names", metavar="NAME…", nargs=-1, required=True)
@options()
def remove(names: tuple[str, ...], home: str | None, verbose: int, quiet: bool) -> None:
    """Stop following sources, by name or URL. Their articles stay.

    Example: aggregator remove example
    """
    from aggregator import config
    from aggregator.config import edit
    from aggregator.doors.store import sources
    from aggregator.steps.urls import normal
    from aggregator.sync import sync

    logs(verbose, quiet)
    before = configured(home)

    async def run(app: "App") -> list[str]:
        followed = {f.source.name: f.source.url for f in await app.store.read(sources.followed)}
        written = {normal(s.url): s.url for s in app.config.sources}
        wanted = {name: followed.get(name, name) for name in names}
        unknown = [name for name, url in wanted.items() if _normal(url) not in written]
        edit.remove(app.config.home, [written[_normal(u)] for n, u in wanted.items() if n not in unknown])
        app.config = config.load(app.config.home)
        await sync(app)
        return unknown

    unknown = with_app(before, run)
    for name in names:
        if name in unknown:
            click.echo(f"aggregator: {name}: is not followed; `aggregator list` shows what is", err=True)
        elif not quiet:
            click.echo(f"{name}: no longer followed, its articles stay")
    if unknown:
        sys.exit(1 if len(unknown) == len(names) else SOME_FAILED)


@click.command("list")
@options(json=True)
def list_(home: str | None, verbose: int, quiet: bool, as_json: bool) -> None:
    """Sources, with state, last and next poll, last error and number of entries; -v: why the next poll is then.

    Example: aggregator list -v
    """
    from aggregator.doors.store import sources
    from aggregator.questions import line, source_json

    logs(0, quiet)
    found = with_app(configured(home), lambda app: app.store.read(sources.followed))
    for followed in found:
        data = source_json(followed)
        if as_json:
            click.echo(line(data))
            continue
        click.echo(
            f"{data['state']:8}{data['name']:32}{data['entries']:6} entries  last {data['last_polled'] or 'never':21}"
            f"next {data['next_poll'] or 'never':21}{safe(data['url'])}"
        )
        for words in _remarks(followed, bool(verbose)):
            click.echo(f"        {safe(words)}")
    if not found and not as_json:
        click.echo("nothing is followed yet: aggregator add URL", err=True)


@click.command("import")
@click.argument("file", type=click.File("rb"))
@options(json=True)
def import_(file: BinaryIO, home: str | None, verbose: int, quiet: bool, as_json: bool) -> None:
    """Follow the feeds of an OPML file ("-": standard input). They are polled at the next `poll` or by the daemon.

    Example: aggregator import subscriptions.opml
    """
    from dataclasses import replace

    from aggregator.config import edit
    from aggregator.questions import line
    from aggregator.steps import opml
    from aggregator.steps.urls import normal

    logs(verbose, quiet)
    config = configured(home)
    there = {_normal(source.url) for source in config.sources}
    added: dict[str, Source] = {}
    refused: list[str] = []
    already = 0
    for source in opml.parse(file.read()):
        try:
            url = normal(source.url)
        except ValueError:
            refused.append(source.url)
            continue
        if url in there or url in added:
            already += 1
        else:
            added[url] = replace(source, url=url)
    edit.add(config.home, tuple(added.values()))
    if as_json:
        click.echo(line({"added": len(added), "already_there": already, "refused": len(refused)}))
    else:
        click.echo(f"{len(added)} added, {already} already there, {len(refused)} refused")
    for url in refused:
        click.echo(f"aggregator: {safe(url)}: refused, not an http or https address", err=True)
    if refused:
        sys.exit(SOME_FAILED)


@click.command()
@options()
def export(home: str | None, verbose: int, quiet: bool) -> None:
    """OPML of what is followed, on standard output.

    Example: aggregator export > subscriptions.opml
    """
    from aggregator.doors.store import sources
    from aggregator.steps import opml

    logs(verbose, quiet)
    found = with_app(configured(home), lambda app: app.store.read(sources.followed, None))
    sys.stdout.buffer.write(opml.render([(f.source, f.state) for f in found], "aggregator"))


def _remarks(followed: "Followed", all_of_them: bool) -> Iterator[str]:
    """What `list` says below a source; the hints and the reason for its next poll only with -v."""
    from aggregator.questions import stamp

    state = followed.state
    if state.moved_to:
        here = "asked there" if state.address else "asked there once it stays so"
        yield f"moved permanently to {state.moved_to} since {stamp(state.moved_at) or 'the last poll'}: {here}"
    if state.missed_at:
        yield f"entries were missed before {stamp(state.missed_at)}: none of the poll before was left"
    if state.error:
        yield f"failed {state.failures} {'time' if state.failures == 1 else 'times'} in a row: {state.error}"
    if followed.history.history_url:
        yield f"its past: {followed.history.history_pages} pages walked, next {followed.history.history_url}"
    if all_of_them:
        if state.reason:
            yield f"next: {state.reason}"
        if state.new_url:
            yield f"the feed says that it moves to {state.new_url} (itunes:new-feed-url)"
        if state.self_url:
            yield f"the feed calls its own address {state.self_url} (rel=self)"


async def _add(app: "App", wanted: "Source", history: bool, quiet: bool) -> None:
    """Find the feed, write it down, poll it, and say what it holds."""
    from dataclasses import replace

    from aggregator import config, jobs
    from aggregator.config import edit
    from aggregator.doors.store import sources
    from aggregator.steps.urls import normal
    from aggregator.sync import sync

    url, feed = await _feed_at(app, wanted.url, quiet)
    url = normal(url)
    if url in {normal(s.url) for s in app.config.sources}:
        click.echo(f"{url}: is followed already")
        if history:
            await _fetch_past(app, url, feed)
        return
    taken = await app.store.read(sources.names)
    former = await app.store.read(sources.former_name, url)
    name = wanted.name or former or next(n for n in jobs.names(feed.title, url) if n not in taken)
    edit.add(app.config.home, [replace(wanted, url=url, name=name)])
    app.config = config.load(app.config.home)
    await sync(app)
    (followed,) = await app.store.read(sources.followed, [name])
    done = await jobs.poll(app, followed.source, followed.state)
    if done.error:
        click.echo(f"aggregator: {done.error}", err=True)
    click.echo(f"added {name}: {safe(feed.title) or url} ({done.new} entries)")
    for entry in feed.entries[:TITLES] if not quiet else ():
        click.echo(f"  {safe(entry.title) or entry.url or entry.guid}")
    if history:
        await _fetch_past(app, url, feed)


async def _fetch_past(app: "App", url: str, feed: "Feed") -> None:
    """Let the daemon, and each `poll`, walk the feed's archive pages."""
    from aggregator.doors.store import sources
    from aggregator.model import History

    first = feed.prev_archive_url or feed.next_url
    if first is None:
        click.echo(f"{url}: the feed names no archive pages (RFC 5005): its past cannot be had from it", err=True)
        return
    (followed,) = await app.store.read(sources.followed, [url])
    await app.store.write(sources.walked, followed.source, History(history_url=first, history_at=app.now()))
    click.echo(f"its past follows from {first}, a page at a time: by the daemon, or one with each `aggregator poll`")


async def _feed_at(app: "App", url: str, quiet: bool) -> tuple[str, "Feed"]:
    """The feed of this address: itself, or the best that the page names; all found are listed and the choice said."""
    from aggregator.errors import ParseError
    from aggregator.steps import discover, parse

    response = await app.web.get(url)
    try:
        return response.url if response.moved_to else url, await app.cpu(parse.feed, response)
    except ParseError as error:
        no_feed = error
    named = await app.cpu(discover.feeds, response)
    for found in named if not quiet else ():
        click.echo(f"found {found.url}{'  ' + safe(found.title) if found.title else ''}")
    for found in named or discover.guesses(response):
        try:
            feed = await app.cpu(parse.feed, await app.web.get(found.url))
        except AggregatorError as error:
            if named:
                click.echo(f"not usable: {error}", err=True)
            continue
        if len(named) > 1 or not named:
            click.echo(
                f"taking {found.url}: {'the first that is the page’s own' if named else 'named by no page, but there'}"
            )
        return found.url, feed
    if named:
        raise ParseError(url, "none of the feeds that the page names can be used")
    raise ParseError(url, f"no feed here, the page names none ({no_feed.reason}); give the feed's own address")


async def _archive(app: "App") -> None:
    """Archive and publish what is new, unless a daemon runs that does."""
    from aggregator.doors import files
    from aggregator.doors.store import due
    from aggregator.errors import ServeError
    from aggregator.passes import drain
    from aggregator.runners.local import Local

    waiting = (await app.store.read(due.waiting, app.now()))["archive"]
    try:
        with files.lock(app.config.storage / "daemon.lock"), progress("archiving", waiting) as step:
            await drain(app, Local(app, app.config.settings.http.connections, lambda _: step()), ("archive", "publish"))
    except ServeError:
        click.echo("the running daemon archives the articles", err=True)


def _with_scheme(url: str) -> str:
    return url if "://" in url else f"https://{url}"


def _normal(url: str) -> str:
    from aggregator.steps.urls import normal

    try:
        return normal(url)
    except ValueError:
        return url


COMMANDS = (init, add, remove, list_, import_, export)
