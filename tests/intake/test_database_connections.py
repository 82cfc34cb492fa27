"""A connection on which each statement stands alone goes back to the others as it came (N9)."""

from __future__ import annotations

import psycopg
import pytest
from sqlalchemy import text

from intake.database import Database


def test_each_statement_stands_alone_and_the_next_transaction_is_one_again(database: Database) -> None:
    with database.each_alone() as connection:
        connection.execute("INSERT INTO attempt (key, until) VALUES ('kept', now())")
        with pytest.raises(ZeroDivisionError), database.each_alone():
            raise ZeroDivisionError
        with database.engine.connect() as other:
            assert other.scalar(text("SELECT count(*) FROM attempt")) == 1, "nobody waited for a commit"
    for _ in range(2):
        with database.engine.connect() as other:
            other.execute(text("DELETE FROM attempt"))
            other.rollback()
            assert other.scalar(text("SELECT count(*) FROM attempt")) == 1


def test_a_connection_that_broke_is_not_used_again(database: Database) -> None:
    with pytest.raises(psycopg.Error), database.each_alone() as connection:
        connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    with database.each_alone() as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
