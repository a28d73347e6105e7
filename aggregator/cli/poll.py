"""The command poll: one pass, and what came of it."""

import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import click

from aggregator.cli.common import SOME_FAILED, configured, counted, logs, options, progress, safe, with_app
from aggregator.errors import shown

if TYPE_CHECKING:
    from aggregator.app import App
    from aggregator.jobs import Done


@click.command()
@click.argument("names", metavar="[NAME…]", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Every source, due or not.")
@options(json=True)
def poll(names: tuple[str, ...], everything: bool, home: str | None, verbose: int, quiet: bool, as_json: bool) -> None:
    """One pass over what is due, or the named sources, or all: poll, archive, publish; then exit.

    Example: aggregator poll --all
    """
    from aggregator.questions import line

    logs(verbose, quiet or not verbose)
    done = with_app(configured(home), lambda app: _pass(app, names, everything))
    for each in done.polls:
        if as_json:
            keys = ("status", "outcome", "new", "changed", "error")
            click.echo(line({"name": each.subject} | {key: getattr(each, key) for key in keys}))
        elif each.error:
            click.echo(f"{safe(shown(each.subject))}: {each.outcome}: {safe(each.error)}")
        elif not quiet:
            click.echo(f"{safe(shown(each.subject))}: {each.outcome}, {each.new} new, {each.changed} changed")
    if not (quiet or as_json):
        _say(done, bool(verbose))
    failed = sum(each.outcome == "failed" for each in done.polls)
    if done.broken:
        count = counted(done.broken, "article or feed", "articles and feeds")
        click.echo(f"aggregator: {count} could not be kept, for the reasons above; they are tried again", err=True)
    if failed or done.broken:
        sys.exit(1 if failed == len(done.polls) else SOME_FAILED)


@dataclass
class _Passed:
    """How the jobs of a pass ended."""

    polls: list["Done"] = field(default_factory=list)
    walked: list["Done"] = field(default_factory=list)
    revised: list[str] = field(default_factory=list)  # their addresses
    broken: int = 0  # jobs of other kinds that broke off: the disk is full, or a mistake of ours

    def add(self, done: "Done") -> None:
        if done.job.kind == "poll":
            self.polls.append(done)
        elif not done.subject:
            self.broken += 1
        elif done.job.kind == "history":
            self.walked.append(done)
        elif done.outcome == "revised":
            self.revised.append(done.subject)


async def _pass(app: "App", names: tuple[str, ...], everything: bool) -> _Passed:
    from aggregator.doors.store import sources
    from aggregator.errors import ConfigError
    from aggregator.passes import drain, held_back, named, pass_over
    from aggregator.runners.local import Local

    done = _Passed()
    with progress("polling") as step:

        def report(each: "Done") -> None:
            step()
            done.add(each)

        runner = Local(app, 2 * app.config.settings.http.connections, report)
        if names:
            found = await app.store.read(sources.followed, names)
            missing = set(names) - {f.source.name for f in found} - {f.source.url for f in found}
            if missing:
                raise ConfigError(min(missing), "is not followed; `aggregator list` shows what is")
            await pass_over(app, runner, [f.source for f in found])
            await drain(app, runner, ("archive", "publish", "report"))
        else:
            if everything:
                await app.store.write(sources.due_now, None, app.now())
            since = app.now()
            wanted = await app.store.read(sources.due, since)
            await drain(app, runner)
            done.polls += await held_back(app, wanted - {each.job.id for each in done.polls}, since)
    done.polls = sorted(await named(app, done.polls), key=lambda each: each.subject)
    return done


def _say(done: _Passed, all_of_it: bool) -> None:
    """What a pass did beside the polls."""
    for each in sorted(done.walked, key=lambda each: each.subject):
        said = f"failed: {safe(each.error)}" if each.error else f"{each.new} new"
        click.echo(f"{safe(shown(each.subject))}: a page of its past: {said}")
    for url in sorted(done.revised) if all_of_it else ():
        click.echo(f"{safe(shown(url))}: revised")
    if done.revised:
        count = counted(len(done.revised), "article")
        click.echo(f"{count} revised: what changed is in feeds_out/changes.*, and `aggregator show --history` says it")
    if not done.polls and not done.walked:
        click.echo("no source was due", err=True)
