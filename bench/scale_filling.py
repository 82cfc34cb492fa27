"""An office with as many registered cases as wanted: some true ones, copied by set-based SQL with the fences down.

A copy has its own firm, form, file, check, event, number and instants, and its file came on one of the last ``DAYS`` days;
the pages read rows, and these are like true ones. The files that came today are in the store too, a few bytes each: the
balance looks for them there.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from sqlalchemy import Connection, Engine, text

DAYS = 60
SERIES = "generate_series(CAST(:first AS bigint), CAST(:last AS bigint)) AS n JOIN pattern p ON p.turn = n % :patterns"
_PATTERN = """
CREATE TEMPORARY TABLE pattern ON COMMIT DROP AS
SELECT s.*, row_number() OVER (ORDER BY s.number) - 1 AS turn FROM submission s
 WHERE s.register_code = :code AND s.number <= :patterns
"""
_COPIES = {
    "employer": (
        "JOIN application a ON a.id = p.application_id JOIN employer original ON original.id = a.employer_id",
        "'id', md5('employer' || n)::uuid, 'tax_code', (90000000000 + n)::text, 'name', 'Ditta ' || n",
    ),
    "application": (
        "JOIN application original ON original.id = p.application_id",
        "'id', md5('application' || n)::uuid, 'employer_id', md5('employer' || n)::uuid",
    ),
    "issued_form": (
        "JOIN issued_form original ON original.form = p.form",
        "'form', 'SCALA-' || n, 'application_id', md5('application' || n)::uuid",
    ),
    "returned_document": (
        "JOIN returned_document original ON original.application_id = p.application_id",
        (
            "'id', md5('document' || original.id || n)::uuid, 'application_id', md5('application' || n)::uuid, "
            "'sha256', encode(sha256(n::text::bytea), 'hex'), 'size', length(n::text), "
            f"'received_at', original.received_at - n % {DAYS} * interval '1 day'"
        ),
    ),
    "check_run": (
        "JOIN check_run original ON original.application_id = p.application_id",
        (
            "'id', md5('check' || original.id || n)::uuid, 'application_id', md5('application' || n)::uuid, "
            "'form', 'SCALA-' || n"
        ),
    ),
    "application_event": (
        "JOIN application_event original ON original.application_id = p.application_id",
        (
            "'id', nextval(pg_get_serial_sequence('application_event', 'id')), "
            "'application_id', md5('application' || n)::uuid"
        ),
    ),
    "submission": (
        "JOIN submission original ON original.application_id = p.application_id",
        (
            "'application_id', md5('application' || n)::uuid, 'form', 'SCALA-' || n, 'number', n + 1, "
            "'registered_at', e.instant, 'legal_instant', e.instant, "
            "'snapshot', jsonb_set(original.snapshot, '{data,employer,name}', to_jsonb('Ditta ' || n))"
        ),
    ),
}
_ENTRIES = f"""
INSERT INTO protocol_register.entry
SELECT (jsonb_populate_record(original, jsonb_build_object(
           'number', n + 1, 'log_index', n, 'instant', later, 'arrival_instant', later, 'legal_instant', later,
           'sender', jsonb_set(original.sender, '{{name}}', to_jsonb('Ditta ' || n)),
           'document_sha256', encode(sha256(n::text::bytea), 'hex')))).*
  FROM {SERIES}
  JOIN protocol_register.entry original ON original.register = :code AND original.number = p.number
  JOIN (SELECT max(instant) AS last FROM protocol_register.entry
         WHERE register = :code AND number <= :patterns) AS true_ones ON true,
       LATERAL (SELECT last + n * interval '1 millisecond' AS later) AS made
"""
_HEAD = """
UPDATE protocol_register.register_head h
   SET last_number = :last + 1, tree_size = :last + 1, last_instant = e.instant
  FROM protocol_register.entry e
 WHERE h.register = :code AND e.register = :code AND e.number = :last + 1
"""


def fill(superuser: Engine, code: str, *, patterns: int, size: int, documents: Path) -> None:
    """Grows the cases of a register to ``size``. Its first ``patterns`` are true ones, transmitted.

    ``documents``: the store's folder.
    """
    with superuser.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text(_PATTERN), {"code": code, "patterns": patterns})
        given = connection.scalar(text("SELECT count(*) FROM submission WHERE register_code = :code"), {"code": code})
        facts = {"code": code, "patterns": patterns, "first": given, "last": size - 1}
        connection.execute(text(_ENTRIES), facts)
        for table in _COPIES:
            _copy(connection, table, facts)
        connection.execute(text(_HEAD), {"code": code, "last": size - 1})
    for n in range(given + -given % DAYS, size, DAYS):
        _keep(documents, str(n).encode())
    with superuser.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


def _keep(documents: Path, data: bytes) -> None:
    """Where the store would put it, without the writes to the disk that a lost bench does not need."""
    sha256 = hashlib.sha256(data).hexdigest()
    folder = documents / sha256[:2]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / sha256).write_bytes(data)


def _copy(connection: Connection, table: str, facts: dict[str, object]) -> None:
    joined, changes = _COPIES[table]
    numbered = (
        "JOIN protocol_register.entry e ON e.register = :code AND e.number = n + 1" if table == "submission" else ""
    )
    copied = f"SELECT (jsonb_populate_record(original, jsonb_build_object({changes}))).* FROM {SERIES}"
    statement = f"INSERT INTO {table} OVERRIDING SYSTEM VALUE {copied} {joined} {numbered}"
    connection.execute(text(statement), facts)
