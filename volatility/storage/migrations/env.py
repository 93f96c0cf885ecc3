"""Runs the migrations on the connection that ``volatility.storage.migrate`` hands over."""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=None,
    # MariaDB commits at every DDL statement; on SQLite the whole upgrade is one transaction of the caller's.
    transaction_per_migration=False,
)
context.run_migrations()
