"""Where the store lies, how it is connected to, and how its tables come to the newest form."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from platformdirs import user_data_path
from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from agpis.errors import StoreError
from agpis.reasons import Reason

ENVIRONMENT = "AGPIS_DATABASE_URL"
_BUSY_SECONDS = 30
_MIGRATION_LOCK = 0x41475049  # any number that every process of AGPIS agrees on


def database_url(url: str | None = None) -> URL:
    """The database to use: `url`, else `$AGPIS_DATABASE_URL`, else a SQLite file in the user's data folder.

    `postgres://` and `postgresql://` mean the driver psycopg 3; a plain path means a SQLite file.

    Raises:
        StoreError: when it is no URL of SQLite or PostgreSQL.
    """
    given = url or os.environ.get(ENVIRONMENT) or str(user_data_path("agpis", appauthor=False) / "agpis.db")
    if "://" not in given:
        return URL.create("sqlite", database=given)
    try:
        parsed = make_url(given.replace("postgres://", "postgresql://", 1))
    except (ArgumentError, ValueError) as error:
        # The message of SQLAlchemy would repeat a password.
        raise StoreError(
            "the database URL is malformed; it looks like sqlite:////folder/agpis.db "
            "or postgresql://user:password@host/database"
        ) from error
    if parsed.drivername in ("postgresql", "postgresql+psycopg"):
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername == "sqlite" and parsed.database not in (None, "", ":memory:"):
        return parsed
    shown = parsed.render_as_string(hide_password=True)
    raise StoreError(f"{shown} is no database for the store; give a SQLite file or a postgresql:// URL")


def connect(url: URL) -> Engine:
    """An engine; of SQLite with write-ahead log, waiting for locks, and foreign keys.

    Transactions of SQLite begin at once with `BEGIN`, those of an engine with the execution option `writes` with
    `BEGIN IMMEDIATE`: nobody else writes from there on.

    Raises:
        StoreError: when the folder of a SQLite file cannot be made.
    """
    if url.get_backend_name() != "sqlite":
        return create_engine(url, pool_pre_ping=True)
    try:
        Path(str(url.database)).expanduser().parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"the folder of {url.database} cannot be made: {error}; choose another place") from error
    expanded = url.set(database=str(Path(str(url.database)).expanduser()))
    engine = create_engine(expanded, connect_args={"timeout": _BUSY_SECONDS})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    if not isinstance(connection, sqlite3.Connection):
        raise TypeError(f"expected a connection of sqlite3, got {type(connection).__name__}")
    connection.isolation_level = None  # `_begin_sqlite` begins transactions, not the driver
    _use_wal(connection)
    for pragma in ("synchronous = FULL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}")


def _use_wal(connection: sqlite3.Connection) -> None:
    """Several processes may open a new file at once: each stands in the other's way until one gives up and comes back.

    SQLite itself would either refuse at once or wait for the whole time that statements wait.
    """
    last = monotonic() + _BUSY_SECONDS
    connection.execute("PRAGMA busy_timeout = 0")
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            break
        except sqlite3.OperationalError:
            if monotonic() > last:
                raise
            sleep(0.05)
    connection.execute(f"PRAGMA busy_timeout = {1000 * _BUSY_SECONDS}")


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def told_plainly(engine: Engine) -> Iterator[None]:
    """Turn errors of the database into StoreError."""
    try:
        yield
    except SQLAlchemyError as error:
        cause = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        where = engine.url.render_as_string(hide_password=True)
        raise StoreError(Reason.STORE_FAILED.format(where=where, cause=cause)) from error


def migration_config(connection: Connection | None = None) -> Config:
    """Settings of Alembic for the migrations that ship with this package."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def migrate(engine: Engine) -> None:
    """Bring the tables to the newest form; of several processes, one does it and the others wait.

    Raises:
        StoreError: when the database cannot be reached, or a newer AGPIS made its tables.
    """
    head = ScriptDirectory.from_config(migration_config()).get_current_head()
    with told_plainly(engine), engine.execution_options(writes=True).connect() as connection, connection.begin():
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION_LOCK})
        if MigrationContext.configure(connection).get_current_revision() == head:
            return
        try:
            command.upgrade(migration_config(connection), "head")
        except CommandError as error:
            where = engine.url.render_as_string(hide_password=True)
            raise StoreError(
                f"the store at {where} cannot be migrated: {error}; a newer AGPIS may have made it, update this one"
            ) from error
