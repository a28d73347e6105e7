"""The command that follows a feed: finds it, writes it down, polls it, archives what it holds."""

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import click

from aggregator.cli.common import SOME_FAILED, configured, counted, logs, options, progress, safe, with_app
from aggregator.errors import AggregatorError, ConfigError, shown

if TYPE_CHECKING:
    from aggregator.app import App
    from aggregator.model import Feed, Followed, Response, Source

TITLES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """What became of one URL, as --json prints it."""

    url: str
    name: str | None = None
    title: str | None = None
    outcome: Literal["added", "followed", "failed"]
    entries: int = 0
    error: str | None = None


@click.command()
@click.argument("urls", metavar="URL…", nargs=-1, required=True)
@click.option("--name", help="A short name, for one URL; else made from the feed's title.")
@click.option("--tag", "tags", multiple=True, help="A tag; may be given several times.")
@click.option("--history", is_flag=True, help="Fetch the feed's past too, where it has archive pages (RFC 5005).")
@click.option("--no-full-text", is_flag=True, help="Keep what the feed has, do not fetch the pages.")
@click.option("--no-archive", is_flag=True, help="Leave the articles to the daemon or the next `poll`.")
@options(json=True)
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
    as_json: bool,
) -> None:
    """Follow feeds; the address of a page is enough. Prints the first titles, then archives the articles.

    Example: aggregator add https://example.org --tag news
    """
    from dataclasses import asdict

    from aggregator.config.topics import is_name
    from aggregator.model import Source
    from aggregator.questions import line

    if name and len(urls) > 1:
        raise click.UsageError("--name goes with one URL")
    if name and not is_name(name):
        raise ConfigError("--name", f"{name!r}: only a-z, 0-9, '.', '_' and '-'")
    logs(verbose, quiet)
    config = configured(home)
    talk = not quiet and not as_json

    async def run(app: "App") -> int:
        failed = 0
        for url in urls:
            wanted = Source(
                url=_with_scheme(url), name=name or "", tags=tags, full_text=False if no_full_text else None
            )
            try:
                added = await _add(app, wanted, history, talk)
            except AggregatorError as error:
                added = Added(url=url, outcome="failed", error=str(error))
            if added.error:
                click.echo(f"aggregator: {safe(added.error)}", err=True)
            if as_json:
                click.echo(line(asdict(added)))
            failed += added.outcome == "failed"
        if failed < len(urls) and not no_archive:
            await _archive(app)
        return failed

    failed = with_app(config, run)
    if failed:
        sys.exit(1 if failed == len(urls) else SOME_FAILED)


async def _add(app: "App", wanted: "Source", history: bool, talk: bool) -> Added:
    from aggregator.jobs.loops import foreign

    followed = await _followed(app, wanted.url)
    if followed and not history:
        return _told(followed, talk)
    url, had, feed = await _feed_at(app, wanted.url, talk)
    feed = await foreign(app, feed, had.url)
    if followed := await _followed(app, url) or await _followed(app, had.url):
        if history:
            await _fetch_past(app, followed.url, feed, talk)
        return _told(followed, talk)
    added = await _follow(app, wanted, url, had, feed)
    if talk:
        entries = counted(added.entries, "entry", "entries")
        click.echo(f"added {added.name}: {safe(added.title) or shown(added.url)} ({entries})")
        if had.moved_to:
            click.echo(f"  it has moved to {shown(had.moved_to)}, which is asked itself once that has lasted")
        for entry in feed.entries[:TITLES]:
            click.echo(f"  {safe(entry.title or entry.url or entry.guid)}")
    if history:
        await _fetch_past(app, added.url, feed, talk)
    return added


async def _follow(app: "App", wanted: "Source", url: str, had: "Response", feed: "Feed") -> Added:
    """Write the feed down and keep what it holds; a failure is said, and the source is followed all the same."""
    from dataclasses import replace

    from aggregator import config, jobs
    from aggregator.config import edit
    from aggregator.doors.store import sources
    from aggregator.steps.urls import normal
    from aggregator.sync import sync

    url = normal(url)
    taken = await app.store.read(sources.names)
    former = await app.store.read(sources.former_name, url)
    if wanted.name in taken:
        raise ConfigError("--name", f"{wanted.name!r} is the name of another source; give another")
    name = wanted.name or former or next(n for n in jobs.names(feed.title, url) if n not in taken)
    edit.add(app.config.home, [replace(wanted, url=url, name=name)])
    app.config = config.load(app.config.home)
    await sync(app)
    (followed,) = await app.store.read(sources.followed, [name])
    done = await jobs.poll(app, followed.source, followed.state, had)
    (followed,) = await app.store.read(sources.followed, [name])
    return Added(url=url, name=name, title=feed.title, outcome="added", entries=followed.entries, error=done.error)


async def _followed(app: "App", url: str) -> Added | None:
    """The source that is followed at this address, or has moved to it, if any."""
    from aggregator.steps.urls import normal

    try:
        url = normal(url)
    except ValueError:
        return None  # asking it says what is wrong
    if (found := await _at(app, url)) is None:
        return None
    title, url = found.state.title, found.source.url
    return Added(
        url=url,
        name=found.source.name,
        title=title,
        outcome="followed",
        entries=found.entries,
        error=f"{url}: is followed and fails: {found.state.error}" if found.state.failures else None,
    )


async def _at(app: "App", url: str) -> "Followed | None":
    """Before others that have moved to an address the one that has it for its own."""
    from aggregator.doors.store import sources

    return min(await app.store.read(sources.followed, [url]), key=lambda f: f.source.url != url, default=None)


def _told(followed: Added, talk: bool) -> Added:
    if talk:
        click.echo(f"{shown(followed.url)}: is followed already")
    return followed


async def _fetch_past(app: "App", url: str, feed: "Feed", talk: bool) -> None:
    """Let the daemon, and each `poll`, walk the feed's archive pages."""
    from aggregator.doors.store import sources
    from aggregator.model import History

    first = feed.prev_archive_url or feed.next_url
    if first is None:
        click.echo(
            f"{shown(url)}: the feed names no archive pages (RFC 5005): its past cannot be had from it", err=True
        )
        return
    followed = await _at(app, url)
    assert followed is not None
    await app.store.write(sources.walked, followed.source, History(history_url=first, history_at=app.now()))
    if talk:
        click.echo(
            f"its past follows from {shown(first)}: a page every 30 s by the daemon, or with each `aggregator poll`"
        )


async def _feed_at(app: "App", url: str, talk: bool) -> tuple[str, "Response", "Feed"]:
    """The feed of this address: itself, or the best that the page names; all found are listed and the choice said."""
    from aggregator.errors import ParseError
    from aggregator.steps import discover, parse

    settings = app.config.settings
    bounds = b"", settings.poll.max_entries, settings.entry
    response = await app.web.get(url)
    try:
        feed = await app.cpu(parse.feed, response, *bounds)
        return url, response, feed
    except ParseError:
        if not parse.looks_like_html(response):
            raise  # a feed that is broken: another one is not what was asked for
    named = await app.cpu(discover.feeds, response)
    for found in named if talk else ():
        click.echo(f"found {shown(found.url)}{'  ' + safe(found.title) if found.title else ''}")
    for found in named or await app.cpu(discover.guesses, response):
        try:
            response = await app.web.get(found.url)
            feed = await app.cpu(parse.feed, response, *bounds)
        except AggregatorError as error:
            if named:
                click.echo(f"not usable: {safe(str(error))}", err=True)
            continue
        if talk and len(named) != 1:
            why = "the first that is the page’s own" if named else "named by no page, but there"
            click.echo(f"taking {shown(found.url)}: {why}")
        return found.url, response, feed
    if named:
        raise ParseError(url, "none of the feeds that the page names can be used")
    raise ParseError(url, "no feed here: the page names none, and none is where feeds usually are; give the feed's own")


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
            await drain(
                app,
                Local(app, app.config.settings.http.connections, lambda _: step()),
                ("archive", "publish", "report"),
            )
    except ServeError:
        click.echo("the running daemon archives the articles", err=True)


def _with_scheme(url: str) -> str:
    return url if "://" in url else f"https://{url}"
