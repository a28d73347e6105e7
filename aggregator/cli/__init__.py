"""The commands. Nothing heavy is imported before a command needs it: --help must answer at once."""

import sys
from collections.abc import Sequence

import click

from aggregator.cli import add, ask, follow, keep, poll, retain, rules, work
from aggregator.cli.common import GroupInOrder, safe
from aggregator.errors import AggregatorError, ConfigError, QueryError


@click.group(cls=GroupInOrder, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="aggregator")
def aggregator() -> None:
    """Polls feeds, archives the articles behind them for ever, and republishes them by topic.

    \b
    aggregator init news && cd news
    aggregator add https://example.org
    aggregator run
    """


asking = (ask.search, ask.show, rules.why, rules.topic, ask.status)
for command in (*follow.COMMANDS, add.add, poll.poll, *work.COMMANDS, *asking, *retain.COMMANDS, *keep.COMMANDS):
    aggregator.add_command(command)


def main(args: Sequence[str] | None = None) -> None:
    """Errors of ours are one line, under the place in a rule that cannot be read; used wrongly is 2, failed is 1."""
    try:
        aggregator.main(args, prog_name="aggregator", standalone_mode=False)
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        sys.exit(error.exit_code)
    except click.ClickException as error:
        asked = getattr(error, "ctx", None)
        way_out = f"; `{asked.command_path} --help` explains" if asked else ""
        click.echo(f"aggregator: {safe(error.format_message()).rstrip('.')}{way_out}".replace("\n", " "), err=True)
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("aborted", err=True)
        sys.exit(130)
    except AggregatorError as error:
        rule = error.__cause__ if isinstance(error, ConfigError) else error
        if isinstance(rule, QueryError):
            click.echo(rule.pointed, err=True)
        click.echo(f"aggregator: {safe(str(error))}".replace("\n", " "), err=True)
        sys.exit(2 if isinstance(error, ConfigError | QueryError) else 1)
    except BrokenPipeError:
        sys.exit(0)
