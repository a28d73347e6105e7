"""Commands about what is followed: init, remove, list, import, export."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from aggregator.cli.common import SOME_FAILED, configured, counted, logs, options, progress, safe, topic_named, with_app
from aggregator.errors import shown

if TYPE_CHECKING:
    from aggregator.app import App
    from aggregator.config import Config
    from aggregator.model import Archived, Followed, History, Source


@click.command()
@click.argument("folder", metavar="[DIR]", required=False, type=click.Path(file_okay=False, path_type=Path))
@options()
def init(folder: Path | None, home: str | None, verbose: int, quiet: bool) -> None:
    """Write a commented home: DIR, else --home, else the working directory.

    Example: aggregator init news
    """
    from aggregator.config.edit import init as write

    logs(verbose, quiet)
    place = folder or Path(home or ".")
    written = write(place.expanduser().absolute())
    if not written:
        click.echo(f"{place}: is a home already, nothing changed", err=True)
        return
    for path in written if not quiet else ():
        click.echo(path)
    if not quiet:
        here = f"cd {place} && " if place != Path() else ""
        click.echo(f"Next: {here}aggregator add https://…", err=True)


@click.command()
@click.argument("names", metavar="NAME…", nargs=-1, required=True)
@options(json=True)
def remove(names: tuple[str, ...], home: str | None, verbose: int, quiet: bool, as_json: bool) -> None:
    """Stop following sources, by name or URL. Their articles stay.

    Example: aggregator remove example
    """
    from aggregator import config
    from aggregator.config import edit
    from aggregator.doors.store import sources
    from aggregator.questions import line
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
            click.echo(f"aggregator: {safe(name)}: is not followed; `aggregator list` shows what is", err=True)
        if as_json:
            click.echo(line({"name": name, "removed": name not in unknown}))
        elif name not in unknown and not quiet:
            click.echo(f"{name}: no longer followed, its articles stay")
    if unknown:
        sys.exit(2 if len(unknown) == len(names) else SOME_FAILED)


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
        name, url = (safe(shown(data[key])) for key in ("name", "url"))
        click.echo(
            f"{data['state']:8}{name:32}{data['entries']:6} entries  last {data['last_polled'] or 'never':21}"
            f"next {data['next_poll'] or 'never':21}{url}"
        )
        for words in _remarks(followed, bool(verbose)):
            click.echo(f"        {safe(shown(words))}")
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

    from aggregator import jobs
    from aggregator.config import edit
    from aggregator.errors import ParseError
    from aggregator.questions import line
    from aggregator.steps import opml
    from aggregator.steps.urls import normal

    logs(verbose, quiet)
    config = configured(home)
    there = {_normal(source.url) for source in config.sources}
    added: dict[str, Source] = {}
    refused: list[str] = []
    already = 0
    named = getattr(file, "name", "-")
    try:
        listed = opml.parse(file.read(opml.MAX_BYTES + 1))
    except ParseError as error:
        raise ParseError(named, f"no OPML: {error.reason}") from error
    if not listed:
        raise ParseError(named, "names no feed: no outline in this OPML has an xmlUrl")
    names = {source.name for source in config.sources}
    for source in listed:
        try:
            url = normal(source.url)
        except ValueError:
            refused.append(source.url)
            continue
        if url in there or url in added:
            already += 1
        else:
            name = source.name and next(n for n in jobs.numbered(source.name) if n not in names)
            names.add(name)
            added[url] = replace(source, url=url, name=name)
    edit.add(config.home, tuple(added.values()))
    if as_json:
        click.echo(line({"added": len(added), "already_there": already, "refused": len(refused)}))
    else:
        click.echo(f"{len(added)} added, {already} already there, {len(refused)} refused")
    for url in refused:
        click.echo(f"aggregator: {safe(shown(url))}: refused, not an http or https address", err=True)
    if refused:
        sys.exit(SOME_FAILED if len(refused) < len(listed) else 1)


@click.command()
@click.option("--topic", help="Articles of this topic, not OPML.")
@click.option("--search", "query", help="Articles that match this query, not OPML.")
@click.option("--markdown", type=click.Path(file_okay=False, path_type=Path), help="A folder: a file for each article.")
@click.option("--epub", type=click.Path(dir_okay=False, path_type=Path), help="A book: a chapter for each article.")
@click.option(
    "--limit", default=1000, show_default=True, type=click.IntRange(1, 10_000), help="Of the newest articles."
)
@click.option("--with-secrets", is_flag=True, help="OPML with the passwords and tokens that stand in addresses.")
@options()
def export(
    topic: str | None,
    query: str | None,
    markdown: Path | None,
    epub: Path | None,
    limit: int,
    with_secrets: bool,
    home: str | None,
    verbose: int,
    quiet: bool,
) -> None:
    """OPML of what is followed, on standard output, without passwords and tokens in addresses; or the articles of a
    topic or a search as Markdown or EPUB.

    Example: aggregator export > subscriptions.opml

    Example: aggregator export --topic north-korea --epub korea.epub
    """
    from dataclasses import replace

    from aggregator.doors.store import sources
    from aggregator.steps import opml

    logs(verbose, quiet)
    articles, into = (topic is not None) + (query is not None), (markdown is not None) + (epub is not None)
    if articles > 1 or articles != into:
        raise click.UsageError("give --topic or --search together with --markdown DIR or --epub FILE; or none of them")
    if articles:
        _export_articles(configured(home), topic, query, markdown, epub, limit, quiet)
        return
    found = with_app(configured(home), lambda app: app.store.read(sources.followed, None))
    written = [f.source if with_secrets else replace(f.source, url=shown(f.source.url)) for f in found]
    less = sum(source.url != f.source.url for source, f in zip(written, found, strict=True))
    if less and not quiet:
        click.echo(f"left out of {less} addresses: passwords and tokens; --with-secrets keeps them", err=True)
    sys.stdout.buffer.write(opml.render([(s, f.state) for s, f in zip(written, found, strict=True)], "aggregator"))


def _export_articles(
    config: "Config",
    topic: str | None,
    query: str | None,
    markdown: Path | None,
    epub: Path | None,
    limit: int,
    quiet: bool,
) -> None:
    from aggregator import exporting
    from aggregator.questions import Questions

    async def find(app: "App") -> tuple["Archived", ...]:
        if query is not None:
            found = await Questions(app).search(query, limit, scanned=None)
            return await Questions(app).whole([archived.id or 0 for archived, _ in found.matches])
        wanted = topic_named(await Questions(app).topics(), topic or "")
        return await Questions(app).of_topic(wanted, limit)

    found = with_app(config, find)
    with progress("exporting", len(found)) as step:
        if markdown:
            new = exporting.markdown(found, markdown, step)
            said = f"{len(found)} articles in {markdown}, {new} of them new or changed"
        elif epub:
            exporting.epub(topic or query or "", found, epub, step)
            said = f"{len(found)} articles in {epub}"
    if not quiet:
        click.echo(said, err=True)


def _remarks(followed: "Followed", all_of_them: bool) -> Iterator[str]:
    """What `list` says below a source; the hints and the reason for its next poll only with -v."""
    from aggregator.questions import stamp

    state = followed.state
    if state.moved_to:
        here = "asked there" if state.address else "asked there once it stays so"
        yield f"moved permanently to {state.moved_to} since {stamp(state.moved_at) or 'the last poll'}: {here}"
    if state.missed_at:
        yield f"entries were missed before {stamp(state.missed_at)}: none of the poll before was left"
    if state.failures:
        yield f"failed {counted(state.failures, 'time')} in a row: {state.error}"
    elif state.error:
        yield f"not all of it was read: {state.error}"
    if followed.history.history_url:
        yield _past(followed.history)
    if all_of_them:
        yield from _hints(followed)


def _past(history: "History") -> str:
    from aggregator.questions import stamp

    walked = counted(history.history_pages, "page")
    said = f"its past: {walked} walked, next {history.history_url}"
    if history.history_error is None:
        return said
    again = stamp(history.history_at)
    then = f"asked again at {again}" if again else "given up, `aggregator add --history` begins again"
    return f"{said}: failed: {history.history_error}; {then}"


def _hints(followed: "Followed") -> Iterator[str]:
    from aggregator.questions import stamp

    state = followed.state
    if followed.source.paused:
        yield "next: paused in sources.toml"
    elif state.reason:
        yield f"next: {state.reason}"
    if state.renamed_at:
        yield f"most entries came under new guids at {stamp(state.renamed_at)}: known by page, title and words"
    if state.new_url:
        yield f"the feed says that it moves to {state.new_url} (itunes:new-feed-url)"
    if state.self_url:
        yield f"the feed calls its own address {state.self_url} (rel=self)"


def _normal(url: str) -> str:
    from aggregator.steps.urls import normal

    try:
        return normal(url)
    except ValueError:
        return url


COMMANDS = (init, remove, list_, import_, export)
