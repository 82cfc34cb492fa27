"""N7, C2, C3: whatever a check of signatures or of stamp duty says, a reader of English is told it in English."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from string import Formatter

import pytest
from flask import Flask
from flask_babel import Babel

from intake.web.frame.language import chosen_language
from intake.web.frame.said import in_english
from signing.evidence_examination import evidence_told
from signing.evidence_record import EvidenceFacts
from signing.issued_additions import Added, Addition
from signing.issued_words import in_words
from signing.problem_kinds import ProblemKind
from signing.problems import KINDS
from signing.report import Claims, Indication, Signature, SignatureReport, Signer, Verdict
from signing.stamp_duty import problems as stamp_duty

FACTS = {
    "time": "08/04/2020 alle 09:00",
    "detail": "IUBD non è ammesso",
    "missing": "l'ufficio, la data",
    "validity": "vale dal 01/01/2020 al 31/12/2020",
    "where": "nel codice a barre",
    "examples": " (aggiorna.js)",
}
"""Facts that are words of ours, not names or numbers."""


@pytest.fixture(scope="module")
def reader() -> Iterator[None]:
    app = Flask(__name__)
    app.secret_key = "x"
    Babel(app, default_locale="it", locale_selector=chosen_language)
    with app.test_request_context("/?lingua=en"):
        yield


def sentences(kind: ProblemKind, **instead: str) -> tuple[str, str]:
    places = [name for _, name, _, _ in Formatter().parse(kind.message) if name]
    facts = {name: instead.get(name, FACTS.get(name, "domanda.pdf")) for name in places}
    return kind.message.format(**facts), kind.remedy


@pytest.mark.usefixtures("reader")
@pytest.mark.parametrize("table", [KINDS, stamp_duty.KINDS], ids=["signatures", "stamp duty"])
def test_n7_every_problem_and_its_remedy_have_their_english(table: dict[str, ProblemKind]) -> None:
    told = [one for kind in table.values() for one in (*sentences(kind), *sentences(kind, examples=""))]
    assert [one for one in dict.fromkeys(told) if not in_english(one)] == []


@pytest.mark.usefixtures("reader")
@pytest.mark.parametrize("name", ["", "ROSSI MARIO"])
def test_n7_every_verdict_has_its_english(name: str) -> None:
    facts = (Verdict.signed, Indication.total_passed, None, True, Signer(common_name=name), None, None, "sha256")
    signature = Signature("PAdES", 0, *facts, "whole_file", "none", Claims(), "unknown", ())
    said = [in_english(SignatureReport("pdf", verdict, (signature,)).sentence) for verdict in Verdict]
    assert all(said)
    assert said[0] == f"Signed by {name or 'a signer who is not named'}: the signature is whole and verified."


@pytest.mark.usefixtures("reader")
def test_n7_what_a_proof_of_time_covers_is_named_in_english() -> None:
    at = datetime(2020, 4, 8, 7, 0, tzinfo=UTC)
    (own,) = evidence_told(EvidenceFacts(("questa firma",), at, True), ("questa firma",), stated=False)
    assert str(in_english(own.message)).endswith("that this signature already existed on 08/04/2020 at 09:00.")
    names = tuple(f"{number}.pdf" for number in range(7))
    (several,) = evidence_told(EvidenceFacts(names, at, True), names, stated=False)
    assert "4.pdf and 2 others already existed" in str(in_english(several.message))


@pytest.mark.usefixtures("reader")
@pytest.mark.parametrize("count", [1, 2])
def test_n1_what_was_added_to_an_issued_form_is_named_in_english(count: int) -> None:
    kinds = [Addition(kind, count, 3, detail) for kind in Added for detail in (None, "Stamp")]
    words = in_words(kinds, signing_too=True).split(", ")
    assert [one for one in words if not in_english(one)] == []
    added = "Dopo, il programma di firma ha aggiunto: una firma, un timbro a pagina 3."
    told = f"«modulo.pdf» è il file emesso, byte per byte. {added}"
    assert str(in_english(told)).endswith("added: a signature, a stamp on page 3.")
