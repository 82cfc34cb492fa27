"""Writing in the register: create one, register a document, annul, classify, resume numbering after a loss.

`register_documents` is the only function that gives protocol numbers. Every function works in the transaction of the
connection it is given, so the host's own rows commit with the register's or not at all; from the call to the commit
the register's head stays locked, so make it the last thing before the commit. The transaction is READ COMMITTED: at a
higher level PostgreSQL refuses, with a serialization failure, whoever waited for the head. An error raised once a place
is taken (each docstring says which) leaves it open, and nothing of that transaction can be committed: roll back.
"""

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, timedelta
from typing import TypeVar

from psycopg.types.json import Json
from sqlalchemy import Connection, RowMapping, Table, delete, insert, select, text

from protocol_register import tables
from protocol_register.checkpoint import make_checkpoint
from protocol_register.emergency_tables import ALL_TABLES
from protocol_register.entries import (
    Annulment,
    Classification,
    Entry,
    NewEntry,
    Register,
    RegisterKind,
    Resumption,
    check_new_entry,
    shown_number,
)
from protocol_register.errors import (
    AlreadyAnnulled,
    EmergencyNumberUsed,
    InvalidEntry,
    InvalidRegisterCode,
    InvalidResumption,
    NotRehearsal,
    RegisterExists,
    UnknownEntry,
    WrongRegisterKey,
)
from protocol_register.facts import entry_to_record, instant_text
from protocol_register.keys import CODE, RegisterKey, check_code
from protocol_register.known_head import KnownHead, require_not_behind
from protocol_register.leaf import SALT_BYTES, SALT_POLICY, leaf_of
from protocol_register.merkle import EMPTY_ROOT, append, fold
from protocol_register.search import register_of

Record = TypeVar("Record", Entry, Annulment, Resumption)

APART = timedelta(microseconds=1)
"""Between the instants of documents registered together, as the database gives their places."""

NEXT_PLACES = text("SELECT * FROM protocol_register.next_places(:register, :how_many)")
INSERT_ENTRIES = text(
    "INSERT INTO protocol_register.entry SELECT * FROM json_populate_recordset(NULL::protocol_register.entry, :rows)"
)
NEXT_ACT = text("SELECT * FROM protocol_register.next_act(:register, :act)")


def create_register(
    connection: Connection, code: str, *, kind: RegisterKind, administration: str, aoo: str, key: RegisterKey
) -> Register:
    """Create an official register: a deliberate act of the schema's owner, once per code.

    `administration` and `aoo` are IPA codes; `key` signs its log for ever. Raises RegisterExists,
    InvalidRegisterCode, WrongRegisterKey (a key saved for another code).
    """
    check_code(code)
    for field, value in (("il codice dell’amministrazione", administration), ("il codice AOO", aoo)):
        if not CODE.fullmatch(value):
            raise InvalidRegisterCode(value=value, field=field)
    if key.code != code:
        raise WrongRegisterKey(register=code, expected=code, found=key.code)
    if connection.scalar(select(tables.register.c.code).where(tables.register.c.code == code)):
        raise RegisterExists(register=code)
    connection.execute(
        insert(tables.register).values(
            code=code,
            kind=kind.value,
            administration=administration,
            aoo=aoo,
            public_key=key.public,
            fingerprint=key.fingerprint,
            salt_policy=SALT_POLICY,
        )
    )
    connection.execute(insert(tables.register_head).values(register=code, root=EMPTY_ROOT))
    return register_of(connection, code)


def register_document(
    connection: Connection, register_code: str, new: NewEntry, *, key: RegisterKey, known: KnownHead | None = None
) -> Entry:
    """Give the next number of the register to a document, and sign the log's new head.

    The instant is taken inside the register's lock. ``known``: the newest head kept outside the database. Raises
    InvalidEntry, DeferralNotAllowed, UnknownRegister and WrongRegisterKey before a number is taken; RegisterBehind,
    EmergencyNumberUsed, and InvalidEntry for an arrival or legal instant ahead of the registration, once it is taken.
    """
    return register_documents(connection, register_code, [new], key=key, known=known)[0]


def register_documents(
    connection: Connection,
    register_code: str,
    documents: Sequence[NewEntry],
    *,
    key: RegisterKey,
    known: KnownHead | None = None,
) -> list[Entry]:
    """Register several documents, in their order, inside one lock and under one signed head.

    Three statements for all of them. Their instants are a microsecond apart. Raises what `register_document` raises;
    whichever it is about, all must be rolled back.
    """
    for new in documents:
        check_new_entry(new)
    register = _register_with(connection, register_code, key)
    if not documents:
        return []
    asked = {"register": register.code, "how_many": len(documents)}
    place = connection.execute(NEXT_PLACES, asked).mappings().one()
    require_not_behind(register.code, place["log_index"], known)
    entries = [_entry(register, new, place, turn) for turn, new in enumerate(documents)]
    _require_new_emergency_numbers(connection, register.code, entries)
    connection.execute(INSERT_ENTRIES, {"rows": Json([entry_to_record(entry) for entry in entries])})
    _sign_head(connection, register, entries, place, key)
    return entries


def _entry(register: Register, new: NewEntry, place: RowMapping, turn: int) -> Entry:
    instant = place["instant"].astimezone(UTC) + turn * APART
    arrival = (new.arrival_instant or instant).astimezone(UTC)
    legal = (new.legal_instant or instant).astimezone(UTC)
    if max(arrival, legal) > instant:
        raise InvalidEntry(reason="l’arrivo non può seguire la registrazione")
    facts = {name: getattr(new, name) for name in NewEntry.__dataclass_fields__}
    entry = Entry(
        **{**facts, "arrival_instant": arrival, "legal_instant": legal},
        register=register.code,
        year=place["year"],
        number=place["number"] + turn,
        instant=instant,
        salt=secrets.token_bytes(SALT_BYTES),
        leaf_hash=b"",
        log_index=place["log_index"] + turn,
    )
    return _with_leaf(entry)


def annul(
    connection: Connection,
    register_code: str,
    year: int,
    number: int,
    *,
    operator: str,
    act: str,
    reason: str,
    key: RegisterKey,
    known: KnownHead | None = None,
) -> Annulment:
    """Annul a whole registration (art. 54): a new record in the log; the original stays as it was.

    ``known``: the newest head kept outside the database. Raises UnknownEntry, UnknownRegister, WrongRegisterKey,
    InvalidEntry when act, reason or operator is missing; and RegisterBehind, AlreadyAnnulled, once the place is taken.
    """
    if not (operator.strip() and act.strip() and reason.strip()):
        raise InvalidEntry(reason="l’annullamento chiede operatore, provvedimento e motivo")
    register = _register_with(connection, register_code, key)
    _require_entry(connection, register_code, year, number)
    place = connection.execute(NEXT_ACT, {"register": register_code, "act": "annulment"}).mappings().one()
    require_not_behind(register_code, place["log_index"], known)
    _require_not_annulled(connection, register_code, year, number)
    annulment = _with_leaf(
        Annulment(
            register=register_code,
            year=year,
            number=number,
            instant=place["instant"].astimezone(UTC),
            operator=operator,
            act=act,
            reason=reason,
            salt=secrets.token_bytes(SALT_BYTES),
            leaf_hash=b"",
            log_index=place["log_index"],
        )
    )
    _insert_act(connection, tables.annulment, annulment)
    _sign_head(connection, register, [annulment], place, key)
    return annulment


def resume_register(
    connection: Connection, register_code: str, *, after: int, operator: str, act: str, key: RegisterKey
) -> Resumption:
    """Resume numbering after `after`, the last number known from receipts, when entries were lost with the database.

    An act of the schema's owner; the hole stays declared in the log. Raises UnknownRegister, WrongRegisterKey,
    InvalidEntry when operator or act is missing; and InvalidResumption, once the place is taken, when the register is
    already past that number.
    """
    if not (operator.strip() and act.strip()):
        raise InvalidEntry(reason="la ripresa chiede operatore e provvedimento")
    register = _register_with(connection, register_code, key)
    head = (
        connection.execute(
            select(tables.register_head).where(tables.register_head.c.register == register_code).with_for_update()
        )
        .mappings()
        .one()
    )
    place = connection.execute(NEXT_ACT, {"register": register_code, "act": "resumption"}).mappings().one()
    instant = place["instant"].astimezone(UTC)
    year = connection.scalar(
        text("SELECT extract(year FROM CAST(:instant AS timestamptz) AT TIME ZONE :zone)::integer"),
        {"instant": instant, "zone": register.time_zone},
    )
    last = head["last_number"] if head["year"] == year else 0
    if after <= last:
        raise InvalidResumption(register=register_code, after=after, last=last)
    resumption = _with_leaf(
        Resumption(
            register=register_code,
            year=year or 0,
            after=after,
            instant=instant,
            operator=operator,
            act=act,
            salt=secrets.token_bytes(SALT_BYTES),
            leaf_hash=b"",
            log_index=place["log_index"],
        )
    )
    _insert_act(connection, tables.resumption, resumption)
    _sign_head(connection, register, [resumption], place, key)
    return resumption


def classify(
    connection: Connection,
    register_code: str,
    year: int,
    number: int,
    *,
    operator: str,
    classification: str | None = None,
    file_reference: str | None = None,
    assigned_to: str | None = None,
) -> Classification:
    """Add a line to the history of the only modifiable data: classification, file, office assigned.

    The database stamps the instant. Raises UnknownEntry.
    """
    _require_entry(connection, register_code, year, number)
    row = (
        connection.execute(
            insert(tables.classification)
            .values(
                register=register_code,
                year=year,
                number=number,
                operator=operator,
                classification=classification,
                file_reference=file_reference,
                assigned_to=assigned_to,
            )
            .returning(*(column for column in tables.classification.c if column.name != "id"))
        )
        .mappings()
        .one()
    )
    return Classification(**row)


def wipe_rehearsal_register(connection: Connection, register_code: str) -> None:
    """Remove a rehearsal register with all it holds: the schema's owner only.

    Raises NotRehearsal for a live one, UnknownRegister.
    """
    if register_of(connection, register_code).kind is not RegisterKind.REHEARSAL:
        raise NotRehearsal(register=register_code)
    connection.execute(text("SELECT set_config('protocol_register.wiping', :code, true)"), {"code": register_code})
    holding = [table for table in reversed(ALL_TABLES) if table is not tables.register]
    for table in holding:
        connection.execute(delete(table).where(table.c.register == register_code))
    connection.execute(delete(tables.register).where(tables.register.c.code == register_code))


def _register_with(connection: Connection, code: str, key: RegisterKey) -> Register:
    register = register_of(connection, code)
    if register.fingerprint != key.fingerprint:
        raise WrongRegisterKey(register=code, expected=register.fingerprint[:16], found=key.fingerprint[:16])
    return register


def _with_leaf(record: Record) -> Record:
    return replace(record, leaf_hash=leaf_of(record))


def _insert_act(connection: Connection, table: Table, record: Annulment | Resumption) -> None:
    connection.execute(insert(table), vars(record))


def _sign_head(
    connection: Connection,
    register: Register,
    records: Sequence[Entry | Annulment | Resumption],
    place: RowMapping,
    key: RegisterKey,
) -> None:
    frontier = tuple(bytes(peak) for peak in place["frontier"])
    for record in records:
        frontier, _ = append(frontier, record.log_index, record.leaf_hash)
    size, root = records[-1].log_index + 1, fold(frontier)
    note = make_checkpoint(register.origin, size, root, key.private)
    row = {"register": register.code, "size": size, "root": root, "note": note}
    connection.execute(insert(tables.checkpoint), row)


def _require_entry(connection: Connection, register_code: str, year: int, number: int) -> None:
    place = tables.entry.c
    found = select(place.number).where(place.register == register_code, place.year == year, place.number == number)
    if connection.scalar(found) is None:
        raise UnknownEntry(register=register_code, year=year, number=number)


def _require_new_emergency_numbers(connection: Connection, register_code: str, entries: Sequence[Entry]) -> None:
    """Refuse a number that an entry has already, stored or earlier among these."""
    asked = [entry for entry in entries if entry.emergency_number is not None]
    if not asked:
        return
    place = tables.entry.c
    found = select(place.emergency_number, place.year, place.number).where(
        place.register == register_code, place.emergency_number.in_([entry.emergency_number for entry in asked])
    )
    given = {used: (year, number) for used, year, number in connection.execute(found)}
    for entry in asked:
        if entry.emergency_number in given:
            year, number = given[entry.emergency_number]
            raise EmergencyNumberUsed(emergency_number=entry.emergency_number, year=year, number=shown_number(number))
        given[entry.emergency_number] = (entry.year, entry.number)


def _require_not_annulled(connection: Connection, register_code: str, year: int, number: int) -> None:
    place = tables.annulment.c
    found = select(place.instant).where(place.register == register_code, place.year == year, place.number == number)
    instant = connection.scalar(found)
    if instant is not None:
        raise AlreadyAnnulled(year=year, number=number, instant=instant_text(instant))
