"""Run by Alembic: migrates over the connection that schema.upgrade handed in."""

from alembic import context

from aggregator.doors.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite cannot alter most of a table
    transaction_per_migration=False,
)
context.run_migrations()
