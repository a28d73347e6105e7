"""A PostgreSQL archive to a file and back, by PostgreSQL's own client programs."""

import os
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

from sqlalchemy import Connection, make_url

from aggregator.doors.store.tables import metadata
from aggregator.errors import StoreError

LOCK_TIMEOUT = "10s"


def save(url: str, to: Path, step: Callable[[int], None]) -> None:
    name, env = _named(url)
    _run(["pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={to}", f"--dbname={name}"], name, env)
    step(1)


def restore(url: str, backup: Path, kept: Path, step: Callable[[int], None]) -> None:
    name, env = _named(url)
    save(url, kept, lambda of: None)
    # A script in one transaction: pg_restore itself would leave what the backup does not know of.
    told = ["psql", "--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", f"--dbname={name}"]
    script = ["pg_restore", "--no-owner", "--no-privileges", "--file=-", str(backup)]
    with (
        subprocess.Popen(  # noqa: S603
            [_program(script[0], name), *script[1:]], stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as reading,
        subprocess.Popen(  # noqa: S603
            [_program(told[0], name), *told[1:]],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=env,
        ) as writing,
    ):  # fmt: skip
        assert reading.stdout
        assert writing.stdin
        try:
            writing.stdin.write(_emptied().encode())
            shutil.copyfileobj(reading.stdout, writing.stdin)
            if reading.wait():
                writing.kill()  # before it commits a half
            writing.stdin.close()
        except BrokenPipeError:
            reading.kill()
        said = writing.stderr.read() if writing.stderr else b""
        failed = reading.wait() and reading.stderr
        if failed and not said:
            said = failed.read()
    if writing.returncode or reading.returncode:
        raise StoreError(name, f"cannot be restored: {_line(said)}; it is as it was")
    step(1)


def rehearse(url: str, version: str, migrate: Callable[[Connection], None]) -> None:
    """Nothing: migrations are one transaction, and who may use a database may seldom copy it."""


def schema(backup: Path) -> str | None:
    """The schema of an archive, None where it is none."""
    name = str(backup)
    _run(["pg_restore", "--list", name], name, None)
    rows = _run(["pg_restore", "--data-only", "--table=alembic_version", "--file=-", name], name, None).splitlines()
    at = next((n for n, row in enumerate(rows) if row.startswith("COPY ")), None)
    return rows[at + 1] if at is not None and at + 1 < len(rows) else None


def _emptied() -> str:
    tables = ", ".join(("alembic_version", "articles_fts", *metadata.tables))
    return f"SET lock_timeout = '{LOCK_TIMEOUT}';\nDROP TABLE IF EXISTS {tables} CASCADE;\nSET lock_timeout = 0;\n"


def _named(url: str) -> tuple[str, dict[str, str]]:
    """The address as libpq reads it, and an environment with the password: an argument would be seen by everybody."""
    parsed = make_url(url)
    name = parsed.set(drivername="postgresql")._replace(password=None).render_as_string(hide_password=False)
    return name, os.environ | ({"PGPASSWORD": str(parsed.password)} if parsed.password else {})


def _run(command: Sequence[str], subject: str, env: dict[str, str] | None) -> str:
    done = subprocess.run(  # noqa: S603  a program of PostgreSQL's
        [_program(command[0], subject), *command[1:]], capture_output=True, env=env, check=False
    )
    if done.returncode:
        raise StoreError(subject, _line(done.stderr))
    return done.stdout.decode(errors="replace")


def _program(name: str, subject: str) -> str:
    if found := shutil.which(name):
        return found
    reason = f"{name} is not installed here: PostgreSQL's client programs do this (Debian: postgresql-client)"
    raise StoreError(subject, reason)


def _line(said: bytes) -> str:
    """What a program said, in one line."""
    return " ".join(said.decode(errors="replace").split())[:500] or "the program ended without a word"
