"""N2: whatever a stranger's file holds, the check of a receipt answers with a sentence."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pikepdf
import pytest

from intake.applications.receipts import PROOF_ATTACHMENT
from intake.receipt_check import check_receipt, registered_facts
from intake.typesetting.receipts import RECEIPT_ATTACHMENT

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
