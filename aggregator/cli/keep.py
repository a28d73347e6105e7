"""Commands that keep the archive safe: backup, restore."""

from pathlib import Path

import click

from aggregator.cli.common import configured, logs, options, progress


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@options(json=True)
def backup(file: Path, home: str | None, verbose: int, quiet: bool, as_json: bool) -> None:
    """Write the archive as it is at one moment to FILE, while the daemon goes on; checked, and whole or not there.
    Folders of yours (config/) are not in it.

    Example: aggregator backup /mnt/backup/archive.db
    """
    from aggregator import keeping
    from aggregator.questions import line

    logs(verbose, quiet)
    with progress("backing up") as step:
        kept = keeping.backup(configured(home), file, step)
    if as_json:
        click.echo(line({"file": str(kept.file), "bytes": kept.bytes, "schema": kept.schema}))
    elif not quiet:
        click.echo(f"{kept.file}: {kept.bytes / 2**20:.1f} MiB, schema {kept.schema}, checked")


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


COMMANDS = (backup, restore)
