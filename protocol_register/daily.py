"""The registro giornaliero: what one day's operations left in a register (DPR 445/2000, art. 53 c. 2).

A day is civil, in the register's own zone. It holds the entries of the day, and the annulments, classifications and
resumptions made on that day whatever day the entry is of. Ask for it only once the day is over and
`wait_for_commits` has returned: what took its instant before midnight may be committed after it.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, Date, Select, Table, cast, func, select, text

from protocol_register import tables
from protocol_register.entries import Annulment, Classification, Entry, Register, Resumption
from protocol_register.facts import act_from_row, entry_from_row
from protocol_register.search import checkpoint_text, register_of

CLASSIFIED = [column for column in tables.classification.c if column.name != "id"]
WITH_INSTANTS = (tables.entry, tables.annulment, tables.resumption, tables.classification)


@dataclass(frozen=True, kw_only=True)
class RegisterDay:
    """The operations of one day, each list in the order they were made.

    `log_size` and `checkpoint` are the log's as the day ended; checkpoint is None while the register was empty.
    """

    register: Register
    day: date
    entries: tuple[Entry, ...]
    annulments: tuple[Annulment, ...]
    classifications: tuple[Classification, ...]
    resumptions: tuple[Resumption, ...]
    log_size: int
    checkpoint: str | None

    @property
    def operations(self) -> int:
        """How many operations the day had."""
        return len(self.entries) + len(self.annulments) + len(self.classifications) + len(self.resumptions)


def wait_for_commits(connection: Connection, register_code: str) -> None:
    """Return once every registration begun before has been committed or undone. End the transaction soon after."""
    connection.execute(text("SELECT protocol_register.wait_for_commits(:code)"), {"code": register_code})


def bounds_of(register: Register, day: date) -> tuple[datetime, datetime]:
    """The first instant of a day in the register's zone, and the first of the day after."""
    zone = ZoneInfo(register.time_zone)
    return datetime.combine(day, time.min, zone), datetime.combine(day + timedelta(days=1), time.min, zone)


def day_of_register(connection: Connection, register_code: str, day: date, *, told: int | None = None) -> RegisterDay:
    """Everything that was done in a register on one day. Raises UnknownRegister.

    `told`: the `log_size` of the day told before. What was registered in that day once it had been told, by a clock that
    was behind, is then told with this one: every act of the log is in one day or another.
    """
    register = register_of(connection, register_code)
    since, until = bounds_of(register, day)

    def of_day(table: Table, *columns: ColumnElement[Any]) -> Any:
        place = table.c
        statement: Select[Any] = select(*columns) if columns else select(table)
        untold = place.instant >= since if told is None or "log_index" not in place else place.log_index >= told
        statement = statement.where(place.register == register_code, untold, place.instant < until)
        return connection.execute(statement.order_by(place.instant)).mappings()

    size = _log_size_before(connection, register_code, until)
    return RegisterDay(
        register=register,
        day=day,
        entries=tuple(entry_from_row(row) for row in of_day(tables.entry)),
        annulments=tuple(act_from_row(Annulment, row) for row in of_day(tables.annulment)),
        resumptions=tuple(act_from_row(Resumption, row) for row in of_day(tables.resumption)),
        classifications=tuple(
            Classification(**{**row, "instant": row["instant"].astimezone(UTC)})
            for row in of_day(tables.classification, *CLASSIFIED)
        ),
        log_size=size,
        checkpoint=checkpoint_text(connection, register_code, size) if size else None,
    )


def days_with_operations(
    connection: Connection, register_code: str, *, after: date | None, before: date
) -> tuple[date, ...]:
    """The days on which something was done, later than `after` and earlier than `before`. Raises UnknownRegister."""
    register = register_of(connection, register_code)
    since = bounds_of(register, after)[1] if after else None
    until = bounds_of(register, before)[0]
    found: set[date] = set()
    for table in WITH_INSTANTS:
        place = table.c
        civil = cast(func.timezone(register.time_zone, place.instant), Date)
        statement = select(civil).distinct().where(place.register == register_code, place.instant < until)
        found.update(connection.scalars(statement if since is None else statement.where(place.instant >= since)))
    return tuple(sorted(found))


def _log_size_before(connection: Connection, register_code: str, until: datetime) -> int:
    newest = [
        connection.scalar(
            select(table.c.log_index)
            .where(table.c.register == register_code, table.c.instant < until)
            .order_by(table.c.instant.desc())
            .limit(1)
        )
        for table in (tables.entry, tables.annulment, tables.resumption)
    ]
    return max((index + 1 for index in newest if index is not None), default=0)
