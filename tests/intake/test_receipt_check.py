"""N2: whatever a stranger's file holds, the check of a receipt answers with a sentence."""

from __future__ import annotations

import base64
import copy
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake.applications.receipts import PROOF_ATTACHMENT
from intake.receipt_check import check_receipt, registered_facts
from intake.typesetting.receipts import RECEIPT_ATTACHMENT
from protocol_register.checkpoint import make_checkpoint, parse_verifier_key, read_checkpoint
from protocol_register.entries import Channel, Direction, Document, Entry, Party, PartyKind, Register, RegisterKind
from protocol_register.errors import CheckpointUnreadable, RegisterError
from protocol_register.keys import RegisterKey
from protocol_register.leaf import SALT_POLICY, leaf_of
from protocol_register.log_proof import read_log_proof
from protocol_register.receipt import Outcome, receipt_facts

AT = datetime(2026, 11, 22, tzinfo=UTC)


def with_attachments(**attached: bytes) -> bytes:
    """A PDF of one page with these attachments."""
    out = io.BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        for name, content in attached.items():
            pdf.attachments[name] = content
        pdf.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("receipt", "proof"),
    [
        (b"[]", None),
        (b"7", b"{}"),
        (b"[" * 100_000, None),
        (b'{"files": 5}', None),
        (b'{"files": [], "kind": []}', None),
        (b"{}", b"[" * 100_000),
        (b"{}", b"[1]"),
        (b"{}", b'{"format": "protocol-register-receipt/1", "entry": 4}'),
        (b"\xff", b"\xff"),
    ],
)
def test_n2_a_receipt_of_another_shape_fails_with_a_sentence(receipt: bytes, proof: bytes | None) -> None:
    attached = {RECEIPT_ATTACHMENT: receipt} | ({PROOF_ATTACHMENT: proof} if proof else {})
    checked = check_receipt(with_attachments(**attached), at=AT)
    assert not checked.holds
    assert all(line.sentence.endswith(".") for line in checked.lines)


@pytest.mark.parametrize("proof", [b"[" * 100_000, b"\xff", b"{"])
def test_n2_a_proof_that_cannot_be_read_is_no_proof(proof: bytes) -> None:
    assert registered_facts(with_attachments(**{PROOF_ATTACHMENT: proof})) is None


@cache
def true_proof() -> dict[str, Any]:
    """The facts of the only registration of a register, as a receipt carries them."""
    key = RegisterKey.generate("PROVA")
    entry = Entry(
        direction=Direction.IN,
        channel=Channel.ONLINE,
        subject="Domanda",
        operator="servizio",
        sender=Party(kind=PartyKind.COMPANY, name="ACME SRL"),
        document=Document(name="domanda.pdf", sha256="ab" * 32, size=3, media_type="application/pdf"),
        register="PROVA",
        year=AT.year,
        number=1,
        instant=AT,
        arrival_instant=AT,
        legal_instant=AT,
        salt=b"s" * 32,
        leaf_hash=b"",
        log_index=0,
    )
    entry = replace(entry, leaf_hash=leaf_of(entry))
    register = Register(
        code="PROVA",
        kind=RegisterKind.LIVE,
        administration="r_prova",
        aoo="A1",
        public_key=key.public,
        fingerprint=key.fingerprint,
        salt_policy=SALT_POLICY,
        time_zone="Europe/Rome",
        created_at=AT,
    )
    head = make_checkpoint(register.origin, 1, entry.leaf_hash, key.private)
    facts: dict[str, Any] = json.loads(json.dumps(receipt_facts(register, entry, (), head)))
    return facts


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every member inside a JSON value."""
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, member in members:
        yield (*path, name)
        yield from places(member, (*path, name))


def outcomes(proof: object) -> dict[str, Outcome]:
    """How each check of a receipt with this proof ended; its page says what the true one says."""
    facts = {"number": "0000001", "register": "PROVA", "registered_at": AT.isoformat()}
    attached = {RECEIPT_ATTACHMENT: json.dumps(facts).encode(), PROOF_ATTACHMENT: json.dumps(proof).encode()}
    lines = check_receipt(with_attachments(**attached), at=AT).lines
    for line in lines:
        line.sentence.encode()
    return {line.code: line.outcome for line in lines}


def test_n2_a_proof_without_its_number_or_with_a_name_that_is_no_text_fails() -> None:
    assert outcomes(true_proof())["page"] is Outcome.HOLDS
    without = {name: value for name, value in true_proof().items() if name != "number"}
    assert outcomes(without)["number"] is Outcome.FAILS
    signature = base64.b64encode(bytes(68)).decode()
    note = f"\ud800x\n5\n{base64.b64encode(bytes(32)).decode()}\n\n— \ud800x {signature}\n"
    assert outcomes(true_proof() | {"checkpoint": note})["checkpoint"] is Outcome.FAILS
    assert outcomes(true_proof() | {"format": "\ud800"})["register"] is Outcome.FAILS


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_n2_whatever_member_of_a_proof_is_spoilt_the_check_answers(data: st.DataObject) -> None:
    proof = copy.deepcopy(true_proof())
    *before, last = data.draw(st.sampled_from(list(places(proof))))
    holder: Any = proof
    for name in before:
        holder = holder[name]
    wrong = st.sampled_from([None, True, -1, 2**70, 0.5, "", "é", "\ud800", "\0", [], [1], {}, {"a": 1}])
    if data.draw(st.booleans()):
        del holder[last]
    else:
        was, holder[last] = holder[last], data.draw(wrong)
        if holder[last] == was:
            return
    assert Outcome.FAILS in outcomes(proof).values()


@pytest.mark.parametrize("text", ["\ud800\n1\n{}\n\n— x y\n", "x\0\n1\n{}\n\n— x y\n", "x\n1\né\n\n— x y\n", "é"])
def test_n2_a_head_that_is_no_text_is_unreadable(text: str) -> None:
    with pytest.raises(CheckpointUnreadable):
        read_checkpoint(text.replace("{}", base64.b64encode(bytes(32)).decode()))
    with pytest.raises(CheckpointUnreadable):
        parse_verifier_key(f"\ud800+00000000+{base64.b64encode(bytes(33)).decode()}")
    with pytest.raises(RegisterError):
        read_log_proof(f"c2sp.org/tlog-proof@v1\nindex 0\n{text}\n\n{text}")
    assert read_log_proof("c2sp.org/tlog-proof@v1\nextra é\nindex 0\n\nx").since is None
