"""C6, DPR 445/2000 art. 53-54: nobody changes what was registered, and what an owner changes is found."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Engine, insert, select, text
from sqlalchemy.exc import DBAPIError

from protocol_register import following, tables
from protocol_register.checkpoint import make_checkpoint
from protocol_register.entries import NewEntry, Register, RegisterKind
from protocol_register.errors import (
    AlreadyAnnulled,
    InvalidEntry,
    InvalidResumption,
    NotRehearsal,
    RegisterRewritten,
    UnknownEntry,
    UnknownRegister,
)
from protocol_register.keys import RegisterKey
from protocol_register.registration import (
    annul,
    classify,
    create_register,
    register_document,
    resume_register,
    wipe_rehearsal_register,
)
from protocol_register.search import annulment_of, checkpoint_text, classifications_of, entry_of, register_of
from protocol_register.verification import verify_register

GROWING = ["entry", "annulment", "classification", "checkpoint", "tree_node", "resumption", "register"]


@dataclass(frozen=True)
class Filled:
    """A register with six entries of one year, the second annulled, the third classified."""

    register: Register
    key: RegisterKey
    year: int


@pytest.fixture
def filled(app_engine: Engine, register: Register, key: RegisterKey, incoming: NewEntry) -> Filled:
    """The register `Filled` describes."""
    for turn in range(6):
        with app_engine.begin() as connection:
            entry = register_document(connection, register.code, replace(incoming, subject=f"Atto {turn}"), key=key)
    with app_engine.begin() as connection:
        annul(
            connection, register.code, entry.year, 2, operator="op-7", act="Det. 9/2020", reason="doppio invio", key=key
        )
        classify(connection, register.code, entry.year, 3, operator="op-7", classification="12.3", assigned_to="Lavoro")
    return Filled(register, key, entry.year)


@pytest.mark.parametrize("table", GROWING)
@pytest.mark.parametrize("statement", ["UPDATE {} SET {} = {}", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
@pytest.mark.usefixtures("filled")
def test_c6_neither_service_nor_owner_can_change_what_only_grows(
    owner_engine: Engine, app_engine: Engine, table: str, statement: str
) -> None:
    column = "code" if table == "register" else "register"
    change = statement.format(f"protocol_register.{table}", column, column)
    with app_engine.connect() as connection, pytest.raises(DBAPIError, match="permission denied"):
        connection.execute(text(change))
    if table == "resumption" and "TRUNCATE" not in statement:
        return  # no row here: row triggers have nothing to refuse
    with owner_engine.connect() as connection, pytest.raises(DBAPIError, match="non si modifica"):
        connection.execute(text(change))


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE protocol_register.register_head SET last_number = 90",
        "INSERT INTO protocol_register.tree_node VALUES ('PROTGEN', 9, 9, sha256('x'))",
        "INSERT INTO protocol_register.resumption SELECT * FROM protocol_register.resumption",
        "SELECT protocol_register.lock_head('PROTGEN')",
        "ALTER TABLE protocol_register.entry DISABLE TRIGGER ALL",
        "SET session_replication_role = replica",
    ],
)
@pytest.mark.usefixtures("filled")
def test_c6_the_service_cannot_go_round_the_register(app_engine: Engine, change: str) -> None:
    with app_engine.connect() as connection, pytest.raises(DBAPIError, match=r"permission denied|must be owner"):
        connection.execute(text(change))


@pytest.mark.parametrize("wrong", [{"number": 7}, {"year": 1999}, {"log_index": 70}, {"instant": "2020-01-01T00:00Z"}])
@pytest.mark.parametrize("with_place", [False, True])
def test_c6_an_invented_place_is_refused(
    app_engine: Engine,
    filled: Filled,
    wrong: dict[str, Any],
    with_place: bool,
) -> None:
    with app_engine.begin() as connection:
        row = dict(connection.execute(select(tables.entry).limit(1)).mappings().one())
    with app_engine.connect() as connection:
        if with_place:
            place = (
                connection.execute(text("SELECT * FROM protocol_register.next_places('PROTGEN', 1)")).mappings().one()
            )
            row |= {name: place[name] for name in ("year", "number", "instant", "log_index")}
            row |= {"number": place["number"] + 90} if "number" in wrong else wrong
        else:
            row |= {"number": 77, "log_index": 7, "instant": datetime.now(UTC)} | wrong
        row["legal_instant"] = row["arrival_instant"] = datetime(2000, 1, 1, tzinfo=UTC)
        with pytest.raises(DBAPIError, match="non è stato dato"):
            connection.execute(insert(tables.entry).values(row))


@pytest.mark.usefixtures("filled")
def test_c6_an_insert_that_does_nothing_does_not_fill_a_place(app_engine: Engine) -> None:
    statement = "INSERT INTO protocol_register.entry SELECT * FROM protocol_register.entry ON CONFLICT DO NOTHING"
    with app_engine.connect() as connection:
        connection.execute(text("SELECT protocol_register.next_places('PROTGEN', 1)"))
        connection.execute(text(statement))
        with pytest.raises(DBAPIError, match="senza registrazione"):
            connection.commit()


def test_n2_a_registration_without_its_signed_head_is_not_committed(
    app_engine: Engine, register: Register, key: RegisterKey, incoming: NewEntry
) -> None:
    with app_engine.connect() as connection:
        register_document(connection, register.code, incoming, key=key)
        row = dict(connection.execute(select(tables.entry)).mappings().one())
        connection.rollback()
        place = connection.execute(text("SELECT * FROM protocol_register.next_places('PROTGEN', 1)")).mappings().one()
        connection.execute(insert(tables.entry).values(row | {"instant": place["instant"]}))
        with pytest.raises(DBAPIError, match="senza sigillo"):
            connection.commit()


@pytest.mark.usefixtures("filled")
def test_n2_a_head_that_is_not_the_register_s_cannot_be_stored(
    app_engine: Engine, register: Register, key: RegisterKey
) -> None:
    note = make_checkpoint(register.origin, 8, bytes(32), key.private)
    with app_engine.connect() as connection, pytest.raises(DBAPIError, match="non corrisponde alla testa"):
        connection.execute(insert(tables.checkpoint).values(register=register.code, size=8, root=bytes(32), note=note))


def test_c6_annulment_keeps_the_original_with_date_operator_and_act(app_engine: Engine, filled: Filled) -> None:
    act = {"operator": "op-7", "act": "Det. 9/2020", "reason": "doppio invio"}
    with app_engine.begin() as connection:
        annulment = annulment_of(connection, filled.register.code, filled.year, 2)
        original = entry_of(connection, filled.register.code, filled.year, 2)
        assert annulment is not None
        assert (annulment.operator, annulment.act, annulment.reason) == tuple(act.values())
        assert annulment.instant > original.instant
        assert original.subject == "Atto 1"
        assert annulment_of(connection, filled.register.code, filled.year, 1) is None
    for place, error in ((2, AlreadyAnnulled), (77, UnknownEntry)):
        with app_engine.connect() as connection, pytest.raises(error):
            annul(connection, filled.register.code, filled.year, place, key=filled.key, **act)
    with app_engine.connect() as connection, pytest.raises(InvalidEntry):
        annul(connection, filled.register.code, filled.year, 1, key=filled.key, **{**act, "act": " "})


def test_c6_classification_keeps_its_history(app_engine: Engine, filled: Filled) -> None:
    with app_engine.begin() as connection:
        classify(
            connection,
            filled.register.code,
            filled.year,
            3,
            operator="op-8",
            classification="12.4",
            assigned_to="Bilancio",
        )
        history = classifications_of(connection, filled.register.code, filled.year, 3)
    assert [(line.operator, line.classification, line.assigned_to) for line in history] == [
        ("op-7", "12.3", "Lavoro"),
        ("op-8", "12.4", "Bilancio"),
    ]
    assert history[0].instant < history[1].instant


TAMPERING = {
    **{
        f"entry.{column}": (f"UPDATE protocol_register.entry SET {column} = {value} WHERE number = 3", "leaf_changed")
        for column, value in {
            "direction": "'out'",
            "channel": "'pec'",
            "sender": """'{"kind": "person", "name": "Altra", "tax_code": null, "address": null}'""",
            "recipients": """'[{"kind": "person", "name": "Altra", "tax_code": null, "address": null}]'""",
            "subject": "'altro'",
            "received_date": "'2020-01-01'",
            "received_protocol": "'55'",
            "document_name": "'altro.pdf'",
            "document_sha256": "repeat('0', 64)",
            "document_size": "1",
            "document_media_type": "'text/plain'",
            "attachments": "'[]'",
            "operator": "'altri'",
            "arrival_instant": "arrival_instant - interval '1 day'",
            "legal_instant": "legal_instant - interval '1 day'",
            "deferral_reason": "'x', deferral_act = 'y'",
            "emergency_number": "'E1', channel = 'emergency'",
            "salt": "sha256('x')",
            "leaf_hash": "sha256('x')",
        }.items()
    },
    "entry.attachments, a member more": (
        """UPDATE protocol_register.entry SET attachments = jsonb_set(attachments, '{0,note}', '"x"') WHERE number = 3""",
        "leaf_changed",
    ),
    "entry.number": ("UPDATE protocol_register.entry SET number = 33 WHERE number = 6", "number"),
    "entry.instant": (
        "UPDATE protocol_register.entry SET instant = instant + interval '1 hour' WHERE number = 4",
        "instant_order",
    ),
    "entry.removed": ("DELETE FROM protocol_register.entry WHERE number = 5", "log_gap"),
    "entry.last removed": ("DELETE FROM protocol_register.entry WHERE number = 6", "log_gap"),
    "annulment.removed": ("DELETE FROM protocol_register.annulment", "log_size"),
    "annulment.reason": ("UPDATE protocol_register.annulment SET reason = 'altro'", "leaf_changed"),
    "checkpoint.removed": ("DELETE FROM protocol_register.checkpoint WHERE size = 3", "checkpoint_missing"),
    "checkpoint.root": ("UPDATE protocol_register.checkpoint SET root = sha256('x') WHERE size = 3", "checkpoint_root"),
    "checkpoint.note": ("UPDATE protocol_register.checkpoint SET note = note || 'x'", "checkpoint_signature"),
    "tree_node.hash": ("UPDATE protocol_register.tree_node SET hash = sha256('x') WHERE level = 1", "tree_node"),
    "tree_node.removed": ("DELETE FROM protocol_register.tree_node WHERE level = 1 AND index = 1", "tree_node"),
    "checkpoint.added": (
        "INSERT INTO protocol_register.checkpoint SELECT register, 0, root, note FROM protocol_register.checkpoint LIMIT 1",
        "checkpoint_unexplained",
    ),
    "tree_node.added": ("INSERT INTO protocol_register.tree_node VALUES ('PROTGEN', 0, -1, sha256('x'))", "tree_node"),
    "head.root": ("UPDATE protocol_register.register_head SET root = sha256('x')", "head_root"),
    "head.frontier": ("UPDATE protocol_register.register_head SET frontier = '{}'", "head_frontier"),
    "head.number": ("UPDATE protocol_register.register_head SET last_number = 9", "head_number"),
    "head.place": ("UPDATE protocol_register.register_head SET open_place = 'entry'", "open_place"),
    "head.size": ("UPDATE protocol_register.register_head SET tree_size = 9", "log_size"),
    "register.key": ("UPDATE protocol_register.register SET public_key = sha256('x')", "key_fingerprint"),
    "register.kind": ("UPDATE protocol_register.register SET kind = 'rehearsal'", "checkpoint_root"),
    "register.aoo": ("UPDATE protocol_register.register SET aoo = 'ALTRA'", "checkpoint_root"),
    "register.salts": ("UPDATE protocol_register.register SET salt_policy = 'none'", "salt_policy"),
}


@pytest.mark.parametrize("name", TAMPERING)
@pytest.mark.usefixtures("filled")
def test_n2_whatever_the_owner_changes_behind_the_fences_is_found(
    owner_engine: Engine,
    app_engine: Engine,
    register: Register,
    key: RegisterKey,
    name: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(following, "ROWS_AT_ONCE", 3)  # so that seven acts come in more than one part
    change, code = TAMPERING[name]
    with app_engine.begin() as connection:
        assert verify_register(connection, register.code, public_key=key.public).holds
    with owner_engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text(change))
    with app_engine.begin() as connection:
        check = verify_register(connection, register.code, public_key=key.public)
    assert not check.holds
    assert code in {problem.code for problem in check.problems}


def test_n2_every_column_of_an_entry_is_tampered_with_above() -> None:
    places = {"register", "year", "number", "instant", "log_index", "deferral_act"}
    tampered = {name.removeprefix("entry.") for name in TAMPERING}
    assert {column.name for column in tables.entry.c} <= tampered | places


def test_n2_a_register_rewritten_with_a_new_key_is_found_by_what_left_the_office(
    owner_engine: Engine, app_engine: Engine, filled: Filled, incoming: NewEntry
) -> None:
    with app_engine.begin() as connection:
        published = checkpoint_text(connection, filled.register.code) or ""
        third = entry_of(connection, filled.register.code, filled.year, 3)
    forged = RegisterKey.generate(filled.register.code)
    with owner_engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        for table in reversed(tables.metadata.sorted_tables):
            connection.execute(table.delete())
    with owner_engine.begin() as connection:
        facts = {"kind": RegisterKind.LIVE, "administration": "r_prova", "aoo": "A1B2C3D"}
        create_register(connection, filled.register.code, key=forged, **facts)
    for turn in range(8):
        with app_engine.begin() as connection:
            register_document(connection, filled.register.code, replace(incoming, subject=f"Falso {turn}"), key=forged)
    with app_engine.begin() as connection:
        assert verify_register(connection, filled.register.code).holds
        by_key = verify_register(connection, filled.register.code, public_key=filled.key.public, published=[published])
        by_receipt = verify_register(connection, filled.register.code, known_leaves={third.log_index: third.leaf_hash})
        by_kept = verify_register(connection, filled.register.code, kept=[published])
    assert [problem.code for problem in by_kept.problems] == ["kept_checkpoint"]
    assert (by_key.remedy or "").startswith("Prima controlli ciò che ha indicato")
    assert (by_kept.remedy, by_receipt.remedy) == (RegisterRewritten.remedy, RegisterRewritten.remedy)
    assert {"key_changed", "published_root"} <= {problem.code for problem in by_key.problems}
    assert [problem.code for problem in by_receipt.problems] == ["receipt_changed"]


def test_n2_a_register_cut_short_is_found_by_a_published_head(app_engine: Engine, filled: Filled) -> None:
    ahead = make_checkpoint(filled.register.origin, 40, bytes(32), filled.key.private)
    with app_engine.begin() as connection:
        check = verify_register(connection, filled.register.code, published=[ahead], known_leaves={39: bytes(32)})
    assert {problem.code for problem in check.problems} == {"published_ahead", "receipt_missing"}


def test_c6_resumption_after_a_loss_is_declared_and_the_register_still_verifies(
    owner_engine: Engine, app_engine: Engine, filled: Filled, incoming: NewEntry
) -> None:
    act = {"operator": "op-1", "act": "Det. 30/2020"}
    with owner_engine.connect() as connection, pytest.raises(InvalidResumption):
        resume_register(connection, filled.register.code, after=6, key=filled.key, **act)
    with owner_engine.begin() as connection:
        resume_register(connection, filled.register.code, after=40, key=filled.key, **act)
    with app_engine.begin() as connection:
        entry = register_document(connection, filled.register.code, incoming, key=filled.key)
        check = verify_register(connection, filled.register.code)
    assert entry.number == 41
    assert check.problems == ()
    assert (check.entries, check.annulments, check.resumptions) == (7, 1, 1)


def test_n11_only_a_rehearsal_register_is_wiped(
    owner_engine: Engine, app_engine: Engine, filled: Filled, incoming: NewEntry
) -> None:
    rehearsal = RegisterKey.generate("PROVA-1")
    with owner_engine.begin() as connection:
        facts = {"kind": RegisterKind.REHEARSAL, "administration": "r_prova", "aoo": "A1B2C3D"}
        create_register(connection, "PROVA-1", key=rehearsal, **facts)
    with app_engine.begin() as connection:
        assert register_document(connection, "PROVA-1", incoming, key=rehearsal).number == 1
        connection.execute(text("SET LOCAL protocol_register.wiping = 'PROVA-1'"))
        with pytest.raises(DBAPIError, match="permission denied"):
            connection.execute(text("DELETE FROM protocol_register.entry"))
        connection.rollback()
    with app_engine.begin() as connection:
        register_document(connection, "PROVA-1", incoming, key=rehearsal)
    with owner_engine.connect() as connection, pytest.raises(NotRehearsal):
        wipe_rehearsal_register(connection, filled.register.code)
    with owner_engine.begin() as connection:
        wipe_rehearsal_register(connection, "PROVA-1")
    with app_engine.begin() as connection:
        with pytest.raises(UnknownRegister):
            register_of(connection, "PROVA-1")
        assert verify_register(connection, filled.register.code).entries == 6
