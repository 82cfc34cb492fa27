"""Attempts counted in the service's own database: one count, however many web processes and machines answer."""

from __future__ import annotations

from limits.storage.base import MovingWindowSupport, Storage
from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

SCHEME = "sportello-database"

_REMOVING = text("SELECT pg_advisory_xact_lock(hashtextextended('attempt', 1))")
_FORGET = text("""
DELETE FROM attempt
 WHERE (SELECT pg_try_advisory_xact_lock(hashtextextended('attempt', 1))) AND until <= statement_timestamp()
""")
"""In a transaction of its own, and only where nobody else is at it: whoever counts waits for no other key."""
_ALONE = text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))")
_ADD = text("""
INSERT INTO attempt (key, until)
SELECT :key, statement_timestamp() + make_interval(secs => :expiry) FROM generate_series(1, :amount)
 WHERE CAST(:most AS bigint) IS NULL
    OR (SELECT count(*) FROM attempt WHERE key = :key AND until > statement_timestamp()) + :amount <= :most
""")
_COUNT = text("""
SELECT count(*), extract(epoch FROM coalesce(min(until), statement_timestamp())),
       extract(epoch FROM coalesce(max(until), statement_timestamp()))
  FROM attempt WHERE key = :key AND until > statement_timestamp()
""")
_CLEAR = text("DELETE FROM attempt WHERE key = :key")
_RESET = text("DELETE FROM attempt")


class AttemptsInDatabase(Storage, MovingWindowSupport):
    """A storage of the ``limits`` package over the table ``attempt``, which a crash of the server may empty.

    It writes on a connection of its own: what an attempt counts stays when the request is refused.
    """

    STORAGE_SCHEME = [SCHEME]  # noqa: RUF012 - as the package declares it

    def __init__(self, uri: str | None = None, *, engine: Engine, wrap_exceptions: bool = False) -> None:
        """``engine``: connections of the application role."""
        super().__init__(uri, wrap_exceptions=wrap_exceptions)
        self._engine = engine

    @property
    def base_exceptions(self) -> type[Exception]:
        return SQLAlchemyError

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Counts ``amount`` attempts of ``key`` for ``expiry`` seconds, unless there would be more than ``limit``."""
        return self._add(key, expiry, amount, limit) == amount

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:  # noqa: ARG002 - the package's signature
        """When the oldest attempt that still counts was made (seconds since 1970), and how many count."""
        count, first, _ = self._counted(key)
        return first - expiry, count

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Counts ``amount`` attempts whatever their number, and answers how many count now."""
        self._add(key, expiry, amount, None)
        return self.get(key)

    def get(self, key: str) -> int:
        return self._counted(key)[0]

    def get_expiry(self, key: str) -> float:
        return self._counted(key)[2]

    def check(self) -> bool:
        try:
            with self._engine.connect() as connection:
                return bool(connection.scalar(text("SELECT has_table_privilege('attempt', 'INSERT')")))
        except SQLAlchemyError:
            return False

    def reset(self) -> int:
        with self._engine.begin() as connection:
            connection.execute(_REMOVING)
            return connection.execute(_RESET).rowcount

    def clear(self, key: str) -> None:
        with self._engine.begin() as connection:
            connection.execute(_REMOVING)
            connection.execute(_CLEAR, {"key": key})

    def _add(self, key: str, expiry: int, amount: int, most: int | None) -> int:
        """One after the other for each key: two at the same instant must not both be the last one allowed."""
        facts = {"key": key, "expiry": expiry, "amount": amount, "most": most}
        with self._engine.begin() as connection:
            connection.execute(_ALONE, {"key": key})
            added = connection.execute(_ADD, facts).rowcount
        with self._engine.begin() as connection:
            connection.execute(_FORGET)
        return added

    def _counted(self, key: str) -> tuple[int, float, float]:
        with self._engine.begin() as connection:
            count, first, last = connection.execute(_COUNT, {"key": key}).one()
        return count, float(first), float(last)
