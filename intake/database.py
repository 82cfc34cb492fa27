"""The database: which one, how it is reached, one session factory."""

from __future__ import annotations

import select
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import cast

import psycopg
from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.orm import Session, sessionmaker

from intake.embedded_postgres import APPLICATION, OWNER, EmbeddedPostgres
from intake.settings import Settings


@dataclass(frozen=True)
class Database:
    """Addresses of one database for its two roles. The application role cannot change the schema or the register."""

    application_url: URL
    owner_url: URL

    @cached_property
    def engine(self) -> Engine:
        """Connections of the application role. Values stay out of errors: they are personal data."""
        engine = create_engine(
            self.application_url, pool_size=20, max_overflow=20, pool_use_lifo=True, hide_parameters=True
        )
        event.listen(engine, "checkout", _refuse_ended)
        return engine

    @cached_property
    def sessions(self) -> sessionmaker[Session]:
        return sessionmaker(self.engine, expire_on_commit=False)

    @contextmanager
    def each_alone(self) -> Iterator[psycopg.Connection]:
        """A connection of the application role on which each statement stands alone: one turn to the server, no transaction.

        For what every request asks. The block may raise ``psycopg.Error``."""
        pooled = self.engine.raw_connection()
        connection = cast("psycopg.Connection", pooled.driver_connection)
        try:
            connection.autocommit = True
            yield connection
        except psycopg.Error as error:
            pooled.invalidate(error)
            raise
        finally:
            if not connection.closed:
                connection.autocommit = False
            pooled.close()

    @contextmanager
    def owner_engine(self) -> Iterator[Engine]:
        """Connections of the owner role, for migrations and deliberate acts; closed at the end of the block."""
        engine = create_engine(self.owner_url, hide_parameters=True)
        try:
            yield engine
        finally:
            engine.dispose()


def driver_of(session: Session) -> psycopg.Connection:
    """The driver's own connection, in the transaction of ``session``. What waits in the session is not written first."""
    connection = session.connection().connection.driver_connection
    if not isinstance(connection, psycopg.Connection):
        raise TypeError("the session's connection is psycopg's")
    return connection


def _refuse_ended(connection: psycopg.Connection, *_: object) -> None:
    """A connection that the server ended has something to read. Looking costs nothing, asking the server a turn each time."""
    ended = select.poll()
    ended.register(connection.fileno(), select.POLLIN)
    if ended.poll(0):
        raise InvalidatePoolError


def with_psycopg(url: str) -> URL:
    """``url`` with the driver this project uses, whatever driver it names."""
    return make_url(url).set(drivername="postgresql+psycopg")


@contextmanager
def open_database(settings: Settings) -> Iterator[Database]:
    """The database of these settings for the time of a block; the embedded server is started when it does not run."""
    if settings.database_url and settings.database_owner_url:
        yield Database(
            with_psycopg(settings.database_url.get_secret_value()),
            with_psycopg(settings.database_owner_url.get_secret_value()),
        )
        return
    with embedded_server(settings).running() as server:
        yield Database(server.url(APPLICATION), server.url(OWNER))


def embedded_server(settings: Settings) -> EmbeddedPostgres:
    return EmbeddedPostgres(settings.data / "database")
