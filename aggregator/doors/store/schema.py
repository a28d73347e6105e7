"""Bringing a database to this program's schema."""

from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from aggregator.doors.store import views
from aggregator.errors import StoreError

HEAD = "0026"
"""The newest migration: named here so that Alembic is imported only when there is something to migrate."""


Rehearse = Callable[[str, Callable[[Connection], None]], None]
"""What is done with a schema and the migrations that it has not seen before they run."""


def upgrade(engine: Engine, rehearse: Rehearse = lambda version, migrate: None) -> None:
    """Run the migrations that this database has not seen, all or none. Raises StoreError where it is newer than the
    program."""
    with engine.begin() as tx:
        version = _version(tx)
        if version == HEAD:
            return
        if version is not None and version > HEAD:
            raise StoreError(engine.url.render_as_string(hide_password=True), newer(version))
        if version is not None:
            rehearse(version, _run)
        _run(tx)


def newer(version: str) -> str:
    """Why an archive is left alone that this program is too old for."""
    return f"written by a newer aggregator (schema {version}, this program knows {HEAD}): upgrade the program"


def _version(tx: Connection) -> str | None:
    if not inspect(tx).has_table("alembic_version"):
        return None
    return tx.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _run(tx: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = tx
    views.drop(tx)
    command.upgrade(config, "head")
    views.create(tx)
