"""N2, N3: a receipt that anyone checks offline; search; the register's key."""

import json
from copy import deepcopy
from dataclasses import asdict, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from protocol_register import entry_search
from protocol_register.checkpoint import verifier_key, verify_checkpoint
from protocol_register.entries import (
    Channel,
    Direction,
    Document,
    Entry,
    NewEntry,
    Party,
    PartyKind,
    Register,
    RegisterKind,
)
from protocol_register.entry_search import EntryPage, EntryQuery, find_entries
from protocol_register.errors import (
    CheckpointUnreadable,
    InvalidRegisterCode,
    KeyExists,
    KeyUnreadable,
    ReceiptUnreadable,
    UnknownEntry,
    UnknownRegister,
    WrongRegisterKey,
)
from protocol_register.facts import entry_from_facts, entry_to_facts, entry_to_row
from protocol_register.keys import RegisterKey, check_key, key_path
from protocol_register.leaf import canonical, entry_leaf
from protocol_register.log_proof import LogProof, current_proof, read_log_proof, write_log_proof
from protocol_register.merkle import extends
from protocol_register.receipt import Outcome, receipt_of, verify_receipt_facts
from protocol_register.registration import create_register, register_document, register_documents
from protocol_register.search import checkpoint_text, consistency_proof, entry_of, registers

PEOPLE = st.builds(
    Party,
    kind=st.sampled_from(PartyKind),
    name=st.text(st.characters(codec="utf-8"), min_size=1),
    tax_code=st.none() | st.text(st.characters(codec="utf-8")),
)
FILES = st.builds(
    Document,
    name=st.text(st.characters(codec="utf-8")),
    sha256=st.just("ef" * 32),
    size=st.integers(0, 2**40),
    media_type=st.just("application/pdf"),
)
INSTANTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
ENTRIES = st.builds(
    Entry,
    direction=st.sampled_from(Direction),
    channel=st.sampled_from(Channel),
    subject=st.text(st.characters(codec="utf-8")),
    operator=st.text(st.characters(codec="utf-8")),
    sender=st.none() | PEOPLE,
    recipients=st.lists(PEOPLE, max_size=2).map(tuple),
    document=st.none() | FILES,
    attachments=st.lists(FILES, max_size=2).map(tuple),
    received_date=st.none() | st.dates(),
    register=st.just("PROTGEN"),
    year=st.integers(2000, 2100),
    number=st.integers(1, 10**8),
    instant=INSTANTS,
    arrival_instant=INSTANTS,
    legal_instant=INSTANTS,
    salt=st.binary(min_size=32, max_size=32),
    leaf_hash=st.binary(min_size=32, max_size=32),
    log_index=st.integers(0, 10**8),
)


@pytest.fixture
def year(app_engine: Engine, register: Register, key: RegisterKey, incoming: NewEntry) -> int:
    """The year of a register with nine entries."""
    for turn in range(9):
        new = replace(incoming, subject=f"Domanda {turn} di CIG in deroga", received_date=date(2020, 4, 8))
        with app_engine.begin() as connection:
            entry = register_document(connection, register.code, new, key=key)
    return entry.year


def receipt(engine: Engine, register: Register, year: int, number: int) -> dict[str, Any]:
    with engine.begin() as connection:
        facts = receipt_of(connection, register.code, year, number)
    return json.loads(json.dumps(facts, ensure_ascii=False))  # as a file: nothing but JSON


@pytest.mark.parametrize("number", range(1, 10))
def test_n2_every_receipt_verifies_offline_and_against_today_s_register(
    app_engine: Engine, register: Register, key: RegisterKey, year: int, number: int
) -> None:
    facts = receipt(app_engine, register, year, number)
    with app_engine.begin() as connection:
        today = current_proof(connection, register.code, year, number)
    check = verify_receipt_facts(facts, key.public, today)
    assert check.holds
    assert check.reservations == ()
    codes = ["number", "leaf", "checkpoint", "inclusion", "key", "newer", "growth"]
    assert [line.code for line in check.lines] == codes
    assert all(line.sentence.endswith(".") for line in check.lines)


def test_n2_without_a_known_key_the_receipt_says_so(app_engine: Engine, register: Register, year: int) -> None:
    check = verify_receipt_facts(receipt(app_engine, register, year, 4))
    assert check.holds
    assert [line.code for line in check.reservations] == ["key"]


def spoiled(facts: dict[str, Any], path: str, value: object) -> dict[str, Any]:
    copy = deepcopy(facts)
    *parents, last = path.split(".")
    target = copy
    for parent in parents:
        target = target[parent]
    assert target[last] != value
    target[last] = value
    return copy


@pytest.mark.parametrize(
    "case",
    [
        ("entry.subject", "Altra domanda", {"leaf", "inclusion"}),
        ("entry.legal_instant", "2020-04-08T07:00:00.000000Z", {"leaf", "inclusion"}),
        ("entry.sender.name", "Altra ditta", {"leaf", "inclusion"}),
        ("entry.document.sha256", "00" * 32, {"leaf", "inclusion"}),
        ("entry.received_date", "2020-04-07", {"leaf", "inclusion"}),
        ("entry.leaf_hash", "00" * 32, {"leaf"}),
        ("entry.log_index", 2, {"inclusion"}),
        ("entry.number", 1, {"number", "leaf", "inclusion"}),
        ("number", "0000001", {"number"}),
        ("rank_rule", "Prima i più grandi.", {"number"}),
        ("proof", [], {"inclusion"}),
        ("checkpoint", "", {"checkpoint"}),
    ],
)
def test_n2_a_changed_receipt_does_not_hold(
    app_engine: Engine, register: Register, key: RegisterKey, year: int, case: tuple[str, object, set[str]]
) -> None:
    path, value, failing = case
    check = verify_receipt_facts(spoiled(receipt(app_engine, register, year, 4), path, value), key.public)
    assert {line.code for line in check.lines if line.outcome is Outcome.FAILS} == failing


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("format", "other/1"),
        ("entry.number", "4"),
        ("entry.log_index", None),
        ("entry.instant", "0001-01-01T00:00:00+12:00"),
        ("entry.subject", "\ud800"),
        ("register.key", "x"),
        ("register.kind", "rehearsal"),
        ("entry.instant", "2020-04-08T07:00:00"),
        ("entry.direction", "sideways"),
        ("entry.document", {"name": "x"}),
        ("entry.salt", "zz"),
        ("entry.foreign", 1),
        ("proof", [1]),
        ("register.origin", "r_altra/A1B2C3D/PROTGEN"),
        ("register.administration", "r_altra"),
        ("register.code", "ALTRO"),
        ("register", None),
    ],
)
def test_n2_what_is_no_receipt_is_refused(
    app_engine: Engine, register: Register, year: int, path: str, value: object
) -> None:
    facts = receipt(app_engine, register, year, 4)
    facts["entry"].setdefault("foreign", 0) if path == "entry.foreign" else None
    with pytest.raises(ReceiptUnreadable):
        verify_receipt_facts(spoiled(facts, path, value))


def test_n2_a_receipt_of_another_register_s_key_does_not_hold(
    app_engine: Engine, register: Register, year: int
) -> None:
    check = verify_receipt_facts(receipt(app_engine, register, year, 4), RegisterKey.generate("X").public)
    assert {line.code for line in check.lines if line.outcome is Outcome.FAILS} == {"checkpoint", "key"}


def test_n2_newer_heads_alone_say_only_what_they_can(
    app_engine: Engine, register: Register, key: RegisterKey, year: int
) -> None:
    facts = receipt(app_engine, register, year, 4)

    def newer(text: str | None) -> Outcome:
        return verify_receipt_facts(facts, key.public, text).lines[-1].outcome

    with app_engine.begin() as connection:
        heads = {size: checkpoint_text(connection, register.code, size) for size in (3, 4, 9)}
        others = current_proof(connection, register.code, year, 5)
        absent = checkpoint_text(connection, register.code, 10)
    assert absent is None
    assert {size: newer(text) for size, text in heads.items()} == {
        3: Outcome.UNKNOWN,
        4: Outcome.HOLDS,
        9: Outcome.UNKNOWN,
    }
    assert newer(others) is Outcome.FAILS
    assert newer("c2sp.org/tlog-proof@v1\nindex x\n\n") is Outcome.FAILS


def test_n2_a_log_that_did_not_only_grow_since_the_receipt_is_told(
    app_engine: Engine, register: Register, key: RegisterKey, year: int
) -> None:
    facts = receipt(app_engine, register, year, 3)
    with app_engine.begin() as connection:
        proof = read_log_proof(current_proof(connection, register.code, year, 3))
    assert (proof.since, bool(proof.growth)) == (3, True)

    def told(changed: LogProof) -> list[tuple[str, Outcome]]:
        check = verify_receipt_facts(facts, key.public, write_log_proof(changed))
        return [(line.code, line.outcome) for line in check.lines[5:]]

    held = ("newer", Outcome.HOLDS)
    assert told(proof) == [held, ("growth", Outcome.HOLDS)]
    assert told(replace(proof, growth=(bytes(32), *proof.growth[1:]))) == [held, ("growth", Outcome.FAILS)]
    assert told(replace(proof, growth=())) == [held, ("growth", Outcome.FAILS)]
    unknown = ("growth", Outcome.UNKNOWN)
    assert told(replace(proof, since=None, growth=())) == [held, unknown], "what nothing proves is not known"
    assert told(replace(proof, since=4)) == [held, unknown], "of another head than the receipt's"
    with app_engine.begin() as connection:
        own_head = checkpoint_text(connection, register.code, 3) or ""
    same = LogProof(2, tuple(bytes.fromhex(step) for step in facts["proof"]), own_head)
    assert told(same) == [held, ("growth", Outcome.HOLDS)], "the same tree needs no proof"


def test_n2_the_log_proves_that_it_only_grew(
    app_engine: Engine, register: Register, key: RegisterKey, year: int
) -> None:
    with app_engine.begin() as connection:
        for old in range(1, 10):
            before = verify_checkpoint(checkpoint_text(connection, register.code, old) or "", key.public)
            after = verify_checkpoint(checkpoint_text(connection, register.code) or "", key.public)
            hashes = consistency_proof(connection, register.code, old, 9)
            assert extends(old, before.root, 9, after.root, hashes)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(st.characters(codec="utf-8")),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters(codec="ascii")), inner, max_size=3)
    ),
    max_leaves=6,
)


HASHES = st.lists(st.binary(min_size=32, max_size=32), max_size=5).map(tuple)


@given(index=st.integers(0, 2**60), hashes=HASHES, since=st.integers(0, 2**60), growth=HASHES)
def test_n2_a_proof_file_says_what_was_written(
    index: int, hashes: tuple[bytes, ...], since: int, growth: tuple[bytes, ...]
) -> None:
    proof = LogProof(index, hashes, "log\n1\nAAAA\n\n— log x\n")
    written = write_log_proof(proof)
    assert read_log_proof(written) == proof
    grown = replace(proof, since=since, growth=growth)
    assert read_log_proof(write_log_proof(grown)) == grown
    for foreign in ("eA==", "non Base64", "QUFBQUFBQUFBQUFB"):
        assert read_log_proof(written.replace("\n", f"\nextra {foreign}\n", 1)) == proof


@pytest.mark.parametrize(
    "text",
    ["", "index 1\n\nx", "c2sp.org/tlog-proof@v1\nindex +1\n\nx", "c2sp.org/tlog-proof@v1\nindex 1\nAAAA\n\nx"],
)
def test_n2_a_malformed_proof_file_is_refused(text: str) -> None:
    with pytest.raises(CheckpointUnreadable):
        read_log_proof(text)


@settings(max_examples=50)
@given(value=VALUES)
def test_n2_leaves_are_canonical_json_of_rfc_8785(value: Any) -> None:
    assert canonical(value) == rfc8785.dumps(value)


@settings(max_examples=40)
@given(entry=ENTRIES)
def test_n2_facts_lose_nothing_and_the_leaf_names_nobody(entry: Entry) -> None:
    again = entry_from_facts(json.loads(json.dumps(entry_to_facts(entry))))
    assert again == entry
    assert entry_leaf(again) == entry_leaf(entry)
    assert set(entry_to_row(entry)) >= {"document_sha256", "recipients", "legal_instant"}


def test_n2_the_leaf_holds_personal_data_only_as_commitments(
    app_engine: Engine, register: Register, key: RegisterKey, incoming: NewEntry
) -> None:
    with app_engine.begin() as connection:
        entry, twin = (register_document(connection, register.code, incoming, key=key) for _ in range(2))
    leaf = json.loads(entry_leaf(entry))
    assert "Verdi" not in entry_leaf(entry).decode()
    assert "domanda.pdf" not in entry_leaf(entry).decode()
    assert leaf["files"][0]["sha256"] == "ab" * 32
    assert leaf["commitments"]["sender"] != json.loads(entry_leaf(twin))["commitments"]["sender"]
    assert set(asdict(entry)) - set(leaf) - set(leaf["commitments"]) == {
        "document", "attachments", "deferral_reason", "deferral_act", "salt", "leaf_hash", "log_index",
    }  # fmt: skip


def test_n11_a_rehearsal_s_receipt_says_so(owner_engine: Engine, app_engine: Engine, incoming: NewEntry) -> None:
    rehearsal = RegisterKey.generate("PROVA-1")
    with owner_engine.begin() as connection:
        facts = {"kind": RegisterKind.REHEARSAL, "administration": "r_prova", "aoo": "A1B2C3D"}
        register = create_register(connection, "PROVA-1", key=rehearsal, **facts)
    with app_engine.begin() as connection:
        entry = register_document(connection, "PROVA-1", incoming, key=rehearsal)
        assert registers(connection) == (register,)
    check = verify_receipt_facts(receipt(app_engine, register, entry.year, 1), rehearsal.public)
    assert check.holds
    assert "non ha effetti" in check.lines[-1].sentence
    as_live = spoiled(receipt(app_engine, register, entry.year, 1), "register.kind", "live")
    as_live["register"]["origin"] = as_live["register"]["origin"].removesuffix("/prova")
    as_live["register"]["key"] = verifier_key(as_live["register"]["origin"], rehearsal.public)
    assert not verify_receipt_facts(as_live, rehearsal.public).holds


def places(facts: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every path to a value of a JSON document."""
    inner = facts.items() if isinstance(facts, dict) else enumerate(facts) if isinstance(facts, list) else ()
    return [*([path] if path else []), *(found for key, value in inner for found in places(value, (*path, key)))]


def test_n2_no_change_of_any_kind_passes_unseen(
    app_engine: Engine, register: Register, key: RegisterKey, year: int
) -> None:
    facts = receipt(app_engine, register, year, 6)
    unseen = []
    for path in places(facts):
        for value in (None, True, 0, -1, 1.5, "", "x", [], {}, [None], {"a": 1}, "\ud800", "2" * 400):
            copy = deepcopy(facts)
            target = copy
            for step in path[:-1]:
                target = target[step]
            if type(target[path[-1]]) is type(value) and target[path[-1]] == value:
                continue
            target[path[-1]] = value
            try:
                held = verify_receipt_facts(copy, key.public).holds
            except ReceiptUnreadable:
                held = False
            if held:
                unseen.append((path, value))
    assert unseen == []


def test_c6_entries_are_found_by_what_the_office_knows_of_them(
    app_engine: Engine, register: Register, key: RegisterKey, year: int, incoming: NewEntry
) -> None:
    answer = replace(
        incoming,
        direction=Direction.OUT,
        sender=None,
        recipients=(Party(kind=PartyKind.PERSON, name="Bianchi Ada"),),
        subject="Richiesta di integrazione",
        attachments=(Document(name="nota.pdf", sha256="12" * 32, size=3, media_type="application/pdf"),),
    )
    with app_engine.begin() as connection:
        sent = register_document(connection, register.code, answer, key=key)

    def found(**query: Any) -> list[int]:
        with app_engine.begin() as connection:
            return [entry.number for entry in find_entries(connection, register.code, EntryQuery(**query)).entries]

    assert found(party="bian ada") == found(subject="integr") == found(direction=Direction.OUT) == [10]
    assert found(sha256="12" * 32) == [10]
    assert found(sha256="ab" * 32) == list(range(10, 0, -1))
    assert found(year=year, number=4) == [4]
    assert found(year=year - 1) == []
    assert found(since=sent.instant) == [10]
    assert found(until=sent.instant, before=(year, 6), per_page=4) == [5, 4, 3, 2]
    assert found(until=sent.instant, after=(year, 4), per_page=4) == [8, 7, 6, 5]
    assert found(subject="domanda 3") == [3 + 1]
    assert found(subject="':* | &") == list(range(10, 0, -1))
    with app_engine.begin() as connection:
        page = find_entries(connection, register.code, EntryQuery(party="verdi", per_page=4))
        with pytest.raises(UnknownEntry):
            entry_of(connection, register.code, year, 99)
    assert (page.newer, page.older, len(page.entries)) == (None, (year, 6), 4)
    assert sent.instant - page.entries[0].instant < timedelta(minutes=1)


@pytest.mark.parametrize("read_first", [1, 500])
@pytest.mark.parametrize(
    "query", [{}, {"subject": "pari"}, {"sha256": "ab" * 32}, {"party": "verdi", "subject": "disp"}]
)
def test_c6_pages_next_to_an_entry_show_every_match_once_forward_and_back(
    app_engine: Engine,
    register: Register,
    key: RegisterKey,
    incoming: NewEntry,
    monkeypatch: pytest.MonkeyPatch,
    query: dict[str, str],
    read_first: int,
) -> None:
    monkeypatch.setattr(entry_search, "READ_FIRST", read_first)
    documents = [replace(incoming, subject=f"n. {turn} {'pari' if turn % 2 == 0 else 'dispari'}") for turn in range(9)]
    with app_engine.begin() as connection:
        registered = register_documents(connection, register.code, documents, key=key)
        wanted = [entry.number for entry in reversed(registered) if " " + query.get("subject", "") in entry.subject]

        def page_of(**beside: Any) -> EntryPage:
            return find_entries(connection, register.code, EntryQuery(**query, **beside, per_page=2))

        pages = [page_of()]
        while pages[-1].older:
            pages.append(page_of(before=pages[-1].older))
        back = [pages[-1]]
        while back[-1].newer:
            back.append(page_of(after=back[-1].newer))
    assert [entry.number for page in pages for entry in page.entries] == wanted
    assert [page.entries for page in back[1:]] == [page.entries for page in reversed(pages[:-1])]
    assert pages[0].newer is back[-1].newer is None


def test_n2_the_key_is_kept_private_durable_and_never_replaced(tmp_path: Path, key: RegisterKey) -> None:
    path = key.save(tmp_path)
    assert path == key_path(tmp_path, key.code)
    assert path.stat().st_mode & 0o777 == 0o600
    assert RegisterKey.load(tmp_path, key.code).public == key.public
    with pytest.raises(KeyExists):
        RegisterKey.generate(key.code).save(tmp_path)
    assert RegisterKey.load(tmp_path, key.code).fingerprint == key.fingerprint
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    path.chmod(0o640)
    with pytest.raises(KeyUnreadable, match="altri utenti"):
        RegisterKey.load(tmp_path, key.code)
    path.chmod(0o600)
    path.write_text("niente")
    with pytest.raises(KeyUnreadable, match="non è una chiave"):
        RegisterKey.load(tmp_path, key.code)
    with pytest.raises(KeyUnreadable, match="manca"):
        RegisterKey.load(tmp_path, "ALTRO")


@pytest.mark.parametrize("code", ["", "..", "../x", ".x", "a/b", "a b", "x" * 17, "à", "A\n"])
def test_c6_a_code_that_could_name_another_folder_is_refused(tmp_path: Path, code: str) -> None:
    with pytest.raises(InvalidRegisterCode):
        RegisterKey.generate(code)
    with pytest.raises(InvalidRegisterCode):
        key_path(tmp_path, code)


def test_n2_the_service_refuses_to_start_on_another_key(
    app_engine: Engine, register: Register, key: RegisterKey
) -> None:
    with app_engine.begin() as connection:
        check_key(connection, register.code, key)
        with pytest.raises(WrongRegisterKey) as refusal:
            check_key(connection, register.code, RegisterKey.generate(register.code))
        with pytest.raises(UnknownRegister):
            check_key(connection, "ALTRO", key)
    assert register.fingerprint[:16] in refusal.value.message
    assert "copia di sicurezza" in refusal.value.remedy


@settings(max_examples=40)
@given(ENTRIES)
def test_n2_the_leaf_of_an_entry_is_canonical_json(entry: Entry) -> None:
    written = entry_leaf(entry)
    assert rfc8785.dumps(json.loads(written)) == written
