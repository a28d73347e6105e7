"""Commands about what stays and what goes: star, unstar, prune."""

from typing import TYPE_CHECKING

import click

from aggregator.cli.common import article_named, configured, counted, headline, logs, options, progress, with_app

if TYPE_CHECKING:
    from aggregator.app import App
    from aggregator.model import Archived

PAGE = 200


@click.command()
@click.argument("names", metavar="[ARTICLE…]", nargs=-1)
@options(json=True)
def star(names: tuple[str, ...], home: str | None, verbose: int, quiet: bool, as_json: bool) -> None:
    """Keep articles, by id or URL, whatever retention says; without any, list those that are starred.

    Example: aggregator star 12
    """
    from aggregator.doors.store import stars

    logs(verbose, quiet)

    async def ask(app: "App") -> None:
        for archived in await _named(app, names):
            await app.store.write(stars.star, archived.id or 0, app.now())
            _tell(archived, as_json, quiet)
        before: int | None = None
        while not names and (found := await app.store.read(stars.newest, before, PAGE)):
            for archived in found:
                _tell(archived, as_json)
            before = found[-1].id

    with_app(configured(home), ask)


@click.command()
@click.argument("names", metavar="ARTICLE…", nargs=-1, required=True)
@options()
def unstar(names: tuple[str, ...], home: str | None, verbose: int, quiet: bool) -> None:
    """Treat articles as others again.

    Example: aggregator unstar 12
    """
    from aggregator.doors.store import stars

    logs(verbose, quiet)

    async def ask(app: "App") -> None:
        for archived in await _named(app, names):
            await app.store.write(stars.unstar, archived.id or 0)
            _tell(archived, False, quiet)

    with_app(configured(home), ask)


@click.command()
@click.option("--dry-run", is_flag=True, help="Only show what would be deleted, and by which rule.")
@options(json=True)
def prune(dry_run: bool, home: str | None, verbose: int, quiet: bool, as_json: bool) -> None:
    """Delete what sources and topics are told to be rid of (keep_for, keep_most), as the daemon does once a night.
    Without such settings nothing goes, and never what is starred or what another topic takes (docs/keeping.md).

    Example: aggregator prune --dry-run
    """
    from aggregator import pruning
    from aggregator.jobs import pictures
    from aggregator.passes import drain
    from aggregator.questions import article_json, line
    from aggregator.runners.local import Local

    logs(verbose, quiet)

    async def show(app: "App") -> int:
        count = 0
        async for cut, archived in pruning.preview(app):
            count += 1
            if as_json:
                click.echo(line(article_json(archived) | {"rule": f"{cut.kind} {cut.name}"}))
            else:
                click.echo(f"{headline(archived)} [{cut.kind} {cut.name}]")
        return count

    async def delete(app: "App") -> int:
        with progress("deleting") as step:
            count = await pruning.prune(app, lambda n: step(n=n))
        await pictures.sweep(app)
        await drain(app, Local(app, 8), ("publish", "report"))
        return count

    count = with_app(configured(home), show if dry_run else delete)
    if as_json and not dry_run:
        click.echo(line({"deleted": count}))
    elif not quiet:
        click.echo(f"{counted(count, 'article')} {'would be ' if dry_run else ''}deleted", err=dry_run)


async def _named(app: "App", names: tuple[str, ...]) -> list["Archived"]:
    """All of them, or none: a name that is wrong is said before anything is done."""
    from aggregator.questions import Questions

    return [await article_named(Questions(app), name) for name in names]


def _tell(archived: "Archived", as_json: bool, quiet: bool = False) -> None:
    from aggregator.questions import article_json, line

    if as_json:
        click.echo(line(article_json(archived)))
    elif not quiet:
        click.echo(headline(archived))


COMMANDS = (star, unstar, prune)
