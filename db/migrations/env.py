"""Alembic's entry: runs on the connection that db.migrate opened."""

from alembic import context

from db.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
    # Without effect in a transaction of the connection's.
    transaction_per_migration=True,
)
context.run_migrations()
