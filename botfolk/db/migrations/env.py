"""Alembic's environment: connects by psycopg with the conninfo the caller gave."""

import psycopg
from alembic import context
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from botfolk.db.schema import metadata


def run() -> None:
    """Run the migrations in one transaction."""
    dsn = str(context.config.attributes["dsn"])
    engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(dsn), poolclass=NullPool)
    with engine.connect() as connection:
        context.configure(connection=connection, target_metadata=metadata, transactional_ddl=True)
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


run()
