"""How Alembic runs the migrations: on the connection of `agpis.store.database`, or on one of its own."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection

import agpis.store.catalogue_tables  # noqa: F401 - so that Base knows its tables
from agpis.store.database import connect, database_url
from agpis.store.tables import Base


def run(connection: Connection) -> None:
    """Run the wanted migrations inside the transaction of the connection."""
    # Batches, because SQLite changes a column only by copying its table.
    context.configure(connection, target_metadata=Base.metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    with connect(database_url()).execution_options(writes=True).begin() as own:
        run(own)
