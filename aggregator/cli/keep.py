"""Commands that keep the archive safe: doctor, backup, restore, verify."""

import asyncio
import sys
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from aggregator.cli.common import configured, logs, options, progress, safe, with_app

if TYPE_CHECKING:
    from aggregator.model import Finding


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@options(json=True)
def backup(file: Path, home: str | None, verbose: int, quiet: bool, as_json: bool) -> None:
    """Write the archive as it is at one moment to FILE, while the daemon goes on; checked, and whole or not there.
    config/, pictures and WARC files are not in it.

    Example: aggregator backup /mnt/backup/archive.db
    """
    from aggregator import keeping
    from aggregator.questions import line

    logs(verbose, quiet)
    config = configured(home)
    with progress("backing up") as step:
        kept = keeping.backup(config, file, step)
    if as_json:
        click.echo(line({"file": str(kept.file), "bytes": kept.bytes, "schema": kept.schema}))
    elif not quiet:
        click.echo(f"{kept.file}: {kept.bytes / 2**20:.1f} MiB, schema {kept.schema}, checked")
        if config.pictures.is_dir():
            click.echo(f"pictures are not in it: copy {config.pictures} too", err=True)


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@options(json=True)
def restore(file: Path, home: str | None, verbose: int, quiet: bool, as_json: bool) -> None:
    """Put a backup in the place of the archive; what was there is kept beside it. No daemon may be running.

    Example: aggregator restore /mnt/backup/archive.db
    """
    from aggregator import keeping
    from aggregator.app import clock
    from aggregator.questions import line

    logs(verbose, quiet)
    with progress("restoring") as step:
        schema, kept = keeping.restore(configured(home), file, clock(), step)
    if as_json:
        click.echo(line({"file": str(file), "schema": schema, "kept": str(kept) if kept else None}))
    elif not quiet:
        click.echo(f"restored from {file}, schema {schema}")
        if kept:
            click.echo(f"what was there is {kept}; remove it once all is well", err=True)


@click.command()
@click.option("--head", is_flag=True, help="Only print the ledger's last line, to be kept elsewhere.")
@click.option("--witness", metavar="HEAD", help="A line that was printed by --head: is it there, unchanged?")
@options(json=True)
def verify(head: bool, witness: str | None, home: str | None, verbose: int, quiet: bool, as_json: bool) -> None:
    """Is the archive whole? Reads all of it: the database, every revision against the ledger, the full-text index,
    copies of pictures, what was published. Ends with 1 and names each fault where there is one.

    Example: aggregator verify
    """
    from aggregator import verifying
    from aggregator.questions import line

    logs(verbose, quiet)
    config = configured(home)
    if head:
        click.echo(asyncio.run(verifying.head(config)))
        return
    with progress("verifying") as step:
        found = asyncio.run(verifying.verify(config, witness, step))
    figures = {key: getattr(found.checked, key, None) for key in ("articles", "revisions", "lines")}
    if as_json:
        listed = [asdict(each) for each in found.findings]
        click.echo(line({"whole": not listed} | figures | {"head": found.head, "findings": listed, "more": found.more}))
    else:
        tell(found.findings)
        if found.more:
            click.echo(f"and {found.more} more")
        if found.checked and not quiet:
            counts = "{articles} articles, {revisions} revisions, {lines} lines of the ledger".format(**figures)
            click.echo(f"{'' if found.findings else 'whole: '}{counts}\nhead {found.head}")
    if found.findings:
        sys.exit(1)


@click.command()
@options(json=True)
def doctor(home: str | None, verbose: int, quiet: bool, as_json: bool) -> None:
    """What is wrong with this home, and what to do about it: its settings, disk and files; sources that fail, are
    silent, have moved, miss entries or cost the most. Ends with 1 where something is. `feeds_out/health.*` says it
    day by day.

    Example: aggregator doctor
    """
    from aggregator import jobs
    from aggregator.questions import line

    logs(verbose, quiet)
    config = configured(home)
    found = with_app(config, jobs.findings)
    if as_json:
        for each in found:
            click.echo(line(asdict(each)))
    else:
        tell(found)
        if not found and not quiet:
            click.echo("nothing wants a look")
    if found:
        sys.exit(1)


def tell(findings: Iterable["Finding"]) -> None:
    """A line for each, with what to do about it."""
    for each in findings:
        way_out = f"; {each.way_out}" if each.way_out else ""
        click.echo(safe(f"{each.subject}: {each.words}{way_out}"))


COMMANDS = (doctor, backup, restore, verify)
