"""The database a process works on: the embedded one under the data folder, or the one it was told of; migrated."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from botfolk.db import embedded, migrate
from botfolk.settings import Settings

OLDEST = 150_000
"""The oldest PostgreSQL that will do, as the server counts versions."""


class DatabaseError(Exception):
    """The database cannot be used; the text says why and what to do."""


@contextmanager
def open_database(settings: Settings, *, upgrade: bool = True) -> Iterator[str]:
    """Yield the conninfo of a database with this version's schema (without `upgrade`: with whatever it has).

    Raises DatabaseError.
    """
    if settings.database_url is not None:
        _check(settings.database_url)
        if upgrade:
            _migrate(settings.database_url)
        yield settings.database_url
        return
    try:
        server = embedded.start(settings.data_dir)
    except embedded.EmbeddedError as error:
        raise DatabaseError(str(error)) from error
    try:
        if upgrade:
            _migrate(server.dsn)
        yield server.dsn
    finally:
        server.stop()


def _check(dsn: str) -> None:
    try:
        with psycopg.connect(dsn, connect_timeout=10) as connection:
            version = connection.info.server_version
    except psycopg.Error as error:
        raise DatabaseError(f"BOTFOLK_DATABASE_URL: {_brief(error)}") from None
    if version < OLDEST:
        raise DatabaseError(f"BOTFOLK_DATABASE_URL: PostgreSQL {version // 10_000} is too old, 15 or newer is needed")


def _migrate(dsn: str) -> None:
    try:
        migrate.upgrade(dsn)
    except RuntimeError as error:
        raise DatabaseError(str(error)) from error
    except psycopg.Error as error:
        raise DatabaseError(f"the database could not be migrated: {_brief(error)}") from error


def _brief(error: psycopg.Error) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
