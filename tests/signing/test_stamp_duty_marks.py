"""Marks of stamp duty without pictures: digital stamps, virtual payment, exemption, F23, amounts by date (C3, N5, T4)."""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signing.stamp_duty.digital import DocumentDigests, read_digital_stamp
from signing.stamp_duty.duty import amount_on, balance_of
from signing.stamp_duty.exemption import find_exemptions, judge_exemption
from signing.stamp_duty.f23 import is_f23, read_f23
from signing.stamp_duty.mark import Authorization, Matched, StampKind, StampMark, StampStatus
from signing.stamp_duty.virtual import KeptAuthorization, find_virtual_notes, judge_virtual_note
from signing.trust import TrustStore
from tests.pki import stamp_authority as bollo

FORM = b"%PDF-1.7 il modulo emesso"
ENVELOPE = b"\x30\x80 busta che contiene il modulo"
DAY = date(2020, 4, 8)
DIGESTS = DocumentDigests.of(issued=[FORM], content=[FORM + b" firmato"], received=[ENVELOPE])


def read(data: bytes, trust: TrustStore | None = None, digests: DocumentDigests = DIGESTS) -> StampMark:
    return read_digital_stamp(data, digests=digests, trust=bollo.trust_store() if trust is None else trust)


def codes(mark: StampMark) -> set[str]:
    return {problem.code.removeprefix("stamp_duty.") for problem in mark.problems}


def test_n5_a_digital_stamp_bought_for_the_issued_form_is_valid() -> None:
    mark = read(bollo.digital_stamp(FORM))
    assert (mark.status, mark.matched, codes(mark)) == (StampStatus.valid, Matched.issued, set())
    assert (mark.identifier, mark.amount) == ("01200002186093", Decimal("16.00"))
    assert mark.issued_at == datetime.fromisoformat("2020-04-06T20:18:01+02:00")
    assert mark.as_json()["matched"] == "issued"


@pytest.mark.parametrize(
    ("document", "matched"),
    [(FORM + b" firmato", Matched.content), (ENVELOPE, Matched.received), (b"un altro documento", None)],
)
def test_n5_it_says_which_document_was_stamped_and_none_is_doubtful(document: bytes, matched: Matched | None) -> None:
    mark = read(bollo.digital_stamp(document))
    assert mark.matched == matched
    assert mark.status is (StampStatus.valid if matched else StampStatus.doubtful)
    assert codes(mark) == (set() if matched else {"digital_of_other_document"})


@pytest.mark.parametrize("write", [str.lower, str.upper, lambda digits: base64.b64encode(digits.encode()).decode()])
def test_n5_sellers_write_the_digest_in_more_than_one_way(write) -> None:
    mark = read(bollo.digital_stamp(FORM, digest=write(hashlib.sha256(FORM).hexdigest())))
    assert (mark.matched, mark.status) == (Matched.issued, StampStatus.valid)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ((b"<Importo>16.00", b"<Importo>160.00"), "digital_broken"),
        ((b"<IUBD>01200002186093", b"<IUBD>01200002186094"), "digital_broken"),
        ((b"enveloped-signature", b"base64"), "digital_broken"),
        ((b"rsa-sha256", b"rsa-quantum"), "digital_signature_unsupported"),
        ((b'URI=""', b'URI="#x"'), "digital_broken"),
        ((b"REC-xml-c14n-20010315", b"xml-exc-c14n#"), "digital_signature_unsupported"),
    ],
)
def test_c3_what_was_changed_after_the_sale_never_passes(changed: tuple[bytes, bytes], code: str) -> None:
    mark = read(bollo.digital_stamp(FORM).replace(*changed, 1))
    assert code in codes(mark)
    assert mark.status is not StampStatus.valid


def test_c3_a_comment_gives_an_intact_stamp_no_second_number() -> None:
    digest = base64.b64encode(hashlib.sha256(FORM).digest())
    sold = bollo.digital_stamp(FORM, identifier="01200002186093")
    parted = sold.replace(b"<IUBD>0120000218609", b"<IUBD>0120000218609<!-- x -->", 1)
    parted = parted.replace(digest, digest[:8] + b"<!-- x -->" + digest[8:], 1)
    assert parted.count(b"<!-- x -->") == 2
    mark = read(parted)
    assert (mark.identifier, mark.matched, codes(mark)) == ("01200002186093", Matched.issued, set())


def test_c3_a_stamp_without_signature_proves_no_payment() -> None:
    bare = re.sub(rb"<Signature .*</Signature>", b"", bollo.digital_stamp(FORM))
    mark = read(bare)
    assert mark.status is StampStatus.invalid
    assert {"digital_not_signed", "digital_not_as_prescribed"} <= codes(mark)


def test_c3_only_the_authority_for_stamps_certifies_sellers() -> None:
    assert codes(read(bollo.digital_stamp(FORM), TrustStore.empty())) == {"digital_issuer_unknown"}
    both = bollo.trust_store().with_anchor(bollo.impostor())
    forged = read(bollo.digital_stamp(FORM, issuer="impostor"), both)
    assert (codes(forged), forged.status) == ({"digital_issuer_unknown"}, StampStatus.doubtful)


def test_c3_a_seller_whose_certificate_did_not_hold_yet() -> None:
    mark = read(bollo.digital_stamp(FORM, bought_at="2014-12-01T10:00:00+01:00"))
    assert (codes(mark), mark.status) == ({"digital_seller_not_authorised"}, StampStatus.invalid)


@pytest.mark.parametrize(
    ("kwargs", "said"),
    [
        ({"identifier": "123"}, "IUBD"),
        ({"amount": "sedici"}, "Importo"),
        ({"bought_at": "6 aprile 2020"}, "OraAcquisto"),
    ],
)
def test_c3_departures_from_the_format_are_named(kwargs: dict[str, str], said: str) -> None:
    mark = read(bollo.digital_stamp(FORM, **kwargs))
    assert mark.status is not StampStatus.valid
    assert any(said in problem.message for problem in mark.problems)


@pytest.mark.parametrize(
    "data",
    [
        b"<marcaDaBollo",
        b"<marcaDaBollo/>",
        b'<!DOCTYPE a [<!ENTITY b "x">]>' + bollo.digital_stamp(FORM).partition(b"?>")[2],
        b"<marcaDaBollo>" + b"<a>" * 5000,
        bollo.digital_stamp(FORM) + b" " * 600_000,
    ],
    ids=["cut", "no namespace", "document type", "deep", "huge"],
)
def test_c3_what_is_no_stamp_is_said_unreadable(data: bytes) -> None:
    mark = read(data)
    assert (mark.status, codes(mark)) == (StampStatus.invalid, {"digital_unreadable"})


@settings(max_examples=60, deadline=None)
@given(place=st.integers(0, 10**6), byte=st.integers(0, 255))
def test_c3_no_changed_byte_makes_a_better_stamp(place: int, byte: int) -> None:
    """Whatever one byte becomes, a stamp still valid says exactly what was sold."""
    sold = bollo.digital_stamp(FORM)
    changed = bytearray(sold)
    changed[place % len(sold)] = byte
    mark = read(bytes(changed))
    if mark.status is StampStatus.valid:
        assert (mark.identifier, mark.amount, mark.matched) == ("01200002186093", Decimal("16.00"), Matched.issued)


def test_c3_the_sample_of_a_real_seller_verifies(conformance: Path) -> None:
    mark = read((conformance / "reference/bollo/mbd_sample_pagopa.xml").read_bytes())
    assert (mark.identifier, mark.amount) == ("01240002186093", Decimal("16.00"))
    assert codes(mark) == {"digital_issuer_unknown", "digital_of_other_document"}


NOTES = {
    "Imposta di bollo assolta in modo virtuale – autorizzazione Agenzia delle Entrate, Direzione Provinciale di Cagliari "
    "n. 12345 del 10/03/2015": ("Agenzia delle Entrate, Direzione Provinciale di Cagliari", "12345", date(2015, 3, 10)),
    "imposta di bollo assolta in modo virtuale ai sensi dell'art. 15 del D.P.R. 642/1972, giusta autorizzazione n. 12345/2015 "
    "del 10.03.2015 dell'Agenzia delle Entrate – Ufficio di Firenze 1": (
        "Agenzia delle Entrate – Ufficio di Firenze 1", "12345/2015", date(2015, 3, 10)),
    "Bollo assolto virtualmente - Aut. A.d.E. di Potenza prot. n. 2009/1234 del 5 marzo 2009": (
        "A.d.E. di Potenza", "2009/1234", date(2009, 3, 5)),
    "imposta di bollo virtuale aut. Intendenza di Finanza di Firenze n. 27/85 del 3-2-85": (
        "Intendenza di Finanza di Firenze", "27/85", date(1985, 2, 3)),
    "Imposta  di\nbollo è assolta in modo virtuale. Autorizzazione dell'Agenzia delle Entrate, Direzione Regionale della "
    "Toscana, prot. 12345 in data 12 febbraio 2008": (
        "Agenzia delle Entrate, Direzione Regionale della Toscana", "12345", date(2008, 2, 12)),
    "Pagamento del bollo in modo virtuale (autorizzazione Agenzia delle Entrate di Roma 2 n. 0034567 dell'11/12/2007)": (
        "Agenzia delle Entrate di Roma 2", "0034567", date(2007, 12, 11)),
    "lmposta di b0llo assolta in modo v1rtuale - Autorizzazione Agenzia delle Entrate di Nuoro n° 77 del 1° giugno 2019": (
        "Agenzia delle Entrate di Nuoro", "77", date(2019, 6, 1)),
}  # fmt: skip


@pytest.mark.parametrize("wording", NOTES)
def test_t4_the_note_of_virtual_payment_in_its_many_wordings(wording: str) -> None:
    (note,) = find_virtual_notes(f"Domanda di cassa integrazione. {wording}. Firma")
    assert (note.authorization.office, note.authorization.number, note.authorization.day) == NOTES[wording]


@pytest.mark.parametrize(
    "text",
    [
        "Nel caso in cui l'imposta di bollo venga assolta in modo virtuale la stessa domanda potrà essere inoltrata",
        "L'imposta di bollo non è assolta in modo virtuale",
        "Ambiente virtuale di prova",
        "Marca da bollo da 16,00 euro",
    ],
)
def test_t4_who_speaks_of_virtual_payment_has_not_paid_by_it(text: str) -> None:
    assert find_virtual_notes(text) == ()


KEPT = KeptAuthorization(
    *("Agenzia delle Entrate – Direzione Provinciale di Firenze", "0123/2009", date(2009, 2, 10), "STUDIO VERDI"),
    frozenset({"01234567897"}),
    valid_from=date(2009, 3, 1),
    valid_to=date(2009, 12, 31),
)
NOTE = (
    "Imposta di bollo assolta in modo virtuale, autorizzazione Agenzia delle Entrate di {office} n. {number} del {day}"
)


@pytest.mark.parametrize(
    ("changed", "on", "parties", "expected"),
    [
        ({}, date(2009, 7, 20), {"01234567897"}, set()),
        ({"number": "123-2009"}, date(2009, 7, 20), set(), set()),
        ({"number": "124/2009"}, date(2009, 7, 20), set(), {"authorization_unknown"}),
        ({"day": "11/02/2009"}, date(2009, 7, 20), set(), {"authorization_unknown"}),
        ({"office": "Siena"}, date(2009, 7, 20), set(), {"authorization_other_office"}),
        ({}, date(2009, 2, 20), set(), {"authorization_not_in_force"}),
        ({}, date(2010, 1, 1), set(), {"authorization_not_in_force"}),
        ({}, date(2009, 12, 31), {"99999999990"}, {"authorization_of_another"}),
    ],
)
def test_t4_the_note_is_held_against_the_offices_list(changed, on: date, parties: set[str], expected: set[str]) -> None:
    text = NOTE.format(**({"office": "Firenze", "number": "123/2009", "day": "10/02/2009"} | changed))
    (note,) = find_virtual_notes(text)
    mark = judge_virtual_note(note, (KEPT,), on=on, parties=parties)
    assert codes(mark) == expected
    assert mark.status is {0: StampStatus.valid}.get(
        len(expected), StampStatus.invalid if "authorization_not_in_force" in expected else StampStatus.doubtful
    )


def test_t4_without_a_list_or_without_references_it_is_doubtful() -> None:
    (whole,) = find_virtual_notes(NOTE.format(office="Firenze", number="1", day="10/02/2009"))
    assert codes(judge_virtual_note(whole, None, on=DAY)) == {"authorization_not_compared"}
    (bare,) = find_virtual_notes("Bollo assolto in modo virtuale")
    mark = judge_virtual_note(bare, (KEPT,), on=DAY)
    assert (mark.authorization, codes(mark)) == (Authorization(), {"authorization_incomplete"})


@pytest.mark.parametrize(
    ("text", "on", "law", "status"),
    [
        (
            "Esente da bollo, art. 41, comma 3, del D.L. 8 aprile 2020, n. 23",
            date(2020, 4, 9),
            "n. 23",
            StampStatus.valid,
        ),
        (
            "Esente da bollo, art. 41, comma 3, del D.L. 8 aprile 2020, n. 23",
            date(2020, 4, 8),
            "n. 23",
            StampStatus.invalid,
        ),
        ("Imposta di bollo: esente, art. 9 tabella allegato B DPR 642/72", DAY, "art. 9", StampStatus.doubtful),
        ("In esenzione dall'imposta di bollo", DAY, None, StampStatus.doubtful),
        ("L'imposta di bollo non è dovuta (art. 82, c. 5, d.lgs. 117/2017)", DAY, "117/2017", StampStatus.doubtful),
    ],
)
def test_c3_an_exemption_stands_by_its_law_and_its_day(
    text: str, on: date, law: str | None, status: StampStatus
) -> None:
    (statement,) = find_exemptions(text)
    mark = judge_exemption(statement, on=on)
    assert mark.status is status
    assert (law or "") in (mark.law or "")


RECEIPT = (
    "MODELLO DI PAGAMENTO: TASSE, IMPOSTE, SANZIONI E ALTRE ENTRATE F23 codice tributo {code} imposta di bollo {amount} "
    "data di pagamento 20/07/2009 codice operazione 0076012345"
)


def test_c3_the_f23_receipt_with_its_code_amount_and_day() -> None:
    text = RECEIPT.format(code="456T", amount="14,62")
    mark = read_f23(text, data=b"ricevuta")
    assert is_f23(text)
    assert (mark.status, mark.amount, mark.identifier) == (StampStatus.valid, Decimal("14.62"), "F23-0076012345")
    assert mark.issued_at is not None
    assert mark.issued_at.date() == date(2009, 7, 20)
    other = read_f23(RECEIPT.format(code="458T", amount="14,62"), data=b"ricevuta")
    assert codes(other) == {"f23_other_code"}
    assert codes(read_f23("F23 456T", data=b"x")) == {"f23_incomplete"}
    assert not is_f23("Domanda n. 456")


def test_c3_the_amount_by_date_and_labels_that_sum_up() -> None:
    assert [amount_on(day).euros for day in (date(2005, 6, 1), date(2013, 6, 25), date(2013, 6, 26))] == [
        Decimal("14.62"),
        Decimal("14.62"),
        Decimal("16.00"),
    ]
    with pytest.raises(ValueError, match="2005-05-31"):
        amount_on(date(2005, 5, 31))

    def label(identifier: str, amount: str, status: StampStatus = StampStatus.valid) -> StampMark:
        return StampMark(StampKind.contrassegno, status, identifier, Decimal(amount))

    ten, six = label("01200000000001", "10.00"), label("01200000000002", "6.00")
    assert balance_of([ten, six], Decimal(16)).lacking == 0
    assert balance_of([ten, ten], Decimal(16)).lacking == 6
    assert balance_of([ten, label("01200000000003", "6.00", StampStatus.invalid)], Decimal(16)).lacking == 6
    assert balance_of([StampMark(StampKind.virtual, StampStatus.doubtful)], Decimal(16)).lacking == 0
