"""What a message is, told from its bytes and its provider's signature, never from what it says of itself (T3, S13, B9)."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake.certified_mail.daticert import read_daticert
from intake.certified_mail.parts import MOST_PARTS
from intake.certified_mail.provider_seal import Seal
from intake.certified_mail.reading import MailKind, MailToRead, ReadMail, read_mail
from tests.intake.certified_mail.certified_messages import (
    AT,
    PROVIDER,
    SENDER,
    attachment,
    daticert,
    enclosed,
    envelope,
    ordinary,
    original,
    provider,
    receipt,
    self_made,
    unsigned,
)

LARGEST = 200_000


@pytest.fixture(scope="module")
def trust(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return provider().trust_folder(tmp_path_factory.mktemp("trust"))


def read(data: bytes, trust: Path | None = None) -> ReadMail:
    return read_mail(MailToRead(data, trust, AT, LARGEST))


def codes(found: ReadMail) -> list[str]:
    return [each.code for each in found.remarks]


def test_an_envelope_gives_sender_instant_text_and_each_attachment_whole(trust: Path) -> None:
    files = (("domanda.pdf.p7m", b"\x30\x80busta"), ("accordo à.pdf", b"%PDF-1.7 accordo"))
    found = read(envelope(original(*files)), trust)
    assert (found.kind, found.seal.state, codes(found)) == (MailKind.ENVELOPE, Seal.TRUSTED, [])
    assert (found.sender, found.sender_name, found.text) == (SENDER, "Alfa", "In allegato la domanda.")
    assert found.certified_at is not None
    assert found.certified_at.isoformat() == "2026-11-20T11:15:30+01:00"
    assert [each.data for each in found.files] == [data for _, data in files]


def test_saved_with_other_line_ends_the_seal_still_holds(trust: Path) -> None:
    assert read(envelope(original()).replace(b"\r\n", b"\n"), trust).seal.state is Seal.TRUSTED


def test_t3_a_forged_part_in_front_of_a_genuine_envelope_is_not_under_its_seal(trust: Path) -> None:
    head, _, body = envelope(original()).partition(b"\r\n\r\n")
    signed, signature = re.split(rb"--firma(?:--)?\r\n", body)[1:3]
    forgery = envelope(original(), data=daticert(sender="falso@pec.example"))
    forged = forgery.split(b"--firma\r\n")[1].split(b"--busta\r\nContent-Type: message/rfc822")[0]
    without_empty_lines = (re.sub(rb"(?:\r\n)+", b"\r\n", part).strip() for part in (forged, signature))
    framed = b"\r\n--firma\r\n".join((head, *without_empty_lines))
    read_otherwise = framed + b"\r\n--firma--\r\n\r\n--firma\r\n" + signed + b"--firma\r\n"
    found = read(read_otherwise, trust)
    assert found.sender == "falso@pec.example"
    assert (found.seal.state, codes(found)[-1], found.certified_at) == (Seal.BROKEN, "mail.seal_broken", None)


def test_t3_only_a_trusted_seal_states_the_instant_and_never_one_of_the_far_past(trust: Path) -> None:
    assert read(envelope(original()), trust).certified_at is not None
    for message in (unsigned(envelope(original())), b"Date: Mon, 2 Mar 2026 10:00:00 +0100\r\n" + original()):
        assert read(message, trust).certified_at is None
    assert read(envelope(original())).certified_at is None
    for day in (b"01/01/0001", b"01/11/2005"):
        assert read(envelope(original(), data=daticert().replace(b"20/11/2026", day)), trust).certified_at is None
    assert read(receipt(), trust).certified_at is None


def test_an_identifier_beyond_measure_is_cut_and_still_tells_two_apart(trust: Path) -> None:
    one, other = (f"<{'x' * 3000}{end}@pec.example>" for end in "ab")
    found = [
        read(
            receipt(data=daticert("avvenuta-consegna", message_id=each), headers={"X-Riferimento-Message-ID": each}),
            trust,
        )
        for each in (one, other)
    ]
    assert [each.kind for each in found] == [MailKind.RECEIPT, MailKind.RECEIPT]
    assert {len(each.reference) for each in found} == {500}
    assert found[0].reference != found[1].reference


def test_without_the_provider_s_authority_the_seal_is_intact_and_nothing_more() -> None:
    found = read(envelope(original()))
    assert (found.seal.state, codes(found)) == (Seal.INTACT, ["mail.provider_unknown"])


def test_an_envelope_changed_on_its_way_is_told(trust: Path) -> None:
    found = read(envelope(original()).replace(b"In allegato", b"In ALLEGATO"), trust)
    assert (found.seal.state, codes(found)) == (Seal.BROKEN, ["mail.seal_broken"])


def test_s13_a_receipt_of_the_provider_is_a_receipt(trust: Path) -> None:
    found = read(receipt(), trust)
    assert (found.kind, found.receipt_kind, found.reference) == (
        MailKind.RECEIPT,
        "avvenuta-consegna",
        "<m1@pec.example>",
    )
    assert (found.files, codes(found)) == ((), [])


@pytest.mark.parametrize(
    ("made", "code"),
    [
        (lambda: unsigned(receipt()), "receipt.not_sealed"),
        (lambda: receipt().replace(b"Ricevuta.", b"Domanda!!"), "receipt.not_sealed"),
        (lambda: receipt(signed_by=self_made()), "receipt.provider_unknown"),
        (lambda: receipt(headers={"X-Ricevuta": "accettazione"}), "receipt.kinds_differ"),
        (lambda: receipt(headers={"X-Trasporto": "posta-certificata"}), "receipt.kinds_differ"),
        (
            lambda: envelope(original(("domanda.pdf", b"x")), headers={"X-Ricevuta": "accettazione"}),
            "receipt.kinds_differ",
        ),
        (lambda: receipt(signed_by=provider("alfa@altrove.example")), "receipt.sender_differs"),
        (lambda: receipt(headers={"From": "alfa@pec.example"}), "receipt.sender_differs"),
        (lambda: receipt(headers={"X-Riferimento-Message-ID": "<altro@pec.example>"}), "receipt.reference_differs"),
        (lambda: receipt(files=(("domanda.pdf", b"%PDF-1.7"),)), "receipt.carries_files"),
        (lambda: receipt(data=daticert("avvenuta-consegna"), headers={"X-Ricevuta": ""}), "receipt.kinds_differ"),
    ],
    ids=[
        *(
            "unsigned",
            "altered",
            "self-made seal",
            "other kind",
            "transport of a message",
            "files and a receipt's header",
        ),
        *("another provider", "a sender's address", "another reference", "carries files", "no header"),
    ],
)
def test_b9_what_only_claims_to_be_a_receipt_goes_to_a_person(
    trust: Path, made: Callable[[], bytes], code: str
) -> None:
    found = read(made(), trust)
    assert found.kind is MailKind.CLAIMED_RECEIPT
    assert code in codes(found)
    assert all(each.message and each.remedy for each in found.remarks)


def test_real_receipts_whose_signature_was_taken_off_prove_nothing(conformance: Path) -> None:
    for name, kind in (("accettazione", "accettazione"), ("consegna", "errore-consegna")):
        data = (conformance / "reference" / "pec" / f"{name}.eml").read_bytes()
        found = read(data)
        assert (found.kind, found.receipt_kind, found.subject[-8:]) == (MailKind.CLAIMED_RECEIPT, kind, "Test PEC")
        assert found.daticert is not None
        assert found.daticert.instant is not None


def test_an_anomaly_envelope_and_ordinary_mail_say_that_nobody_vouches_for_the_sender() -> None:
    anomaly = read(envelope(original(sender="chiunque@example.org"), headers={"X-Trasporto": "errore"}, data=b""))
    assert (anomaly.kind, anomaly.sender) == (MailKind.ANOMALY, "chiunque@example.org")
    assert codes(anomaly)[0] == "mail.anomaly"
    ordinary = read(original(("domanda.pdf", b"%PDF-1.7")))
    assert (ordinary.kind, codes(ordinary)) == (MailKind.ORDINARY, ["mail.not_certified"])
    assert [each.name for each in ordinary.files] == ["domanda.pdf"]


@pytest.mark.parametrize(
    "data",
    [
        b"<postacert tipo='posta-certificata'><intestazione><mittente>alfa@pec.example</mittente>",
        b"<?xml version='1.0' encoding='UTF-8'?><postacert tipo='posta-certificata'>\xe6<dati></postacert>",
        b"",
        b"non sono XML",
        b"<altro/>",
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><postacert><mittente>&x;</mittente></postacert>',
    ],
)
def test_a_malformed_daticert_leaves_headers_and_attachments(trust: Path, data: bytes) -> None:
    found = read(envelope(original(("domanda.pdf", b"%PDF-1.7")), data=data), trust)
    assert found.kind is MailKind.ENVELOPE
    assert (found.sender, [each.name for each in found.files]) == (SENDER, ["domanda.pdf"])
    assert {"mail.daticert_missing", "mail.daticert_mended"} & set(codes(found))


def test_daticert_dates_that_cannot_be_leave_no_instant() -> None:
    wrong = daticert().replace(b"20/11/2026", b"32/11/2026")
    found = read_daticert(wrong)
    assert found is not None
    assert found.instant is None
    without_zone = read_daticert(daticert().replace(b' zona="+0100"', b""))
    assert without_zone is not None
    assert without_zone.instant is not None
    assert without_zone.instant.utcoffset() is not None


def test_the_attested_sender_counts_and_the_other_is_told(trust: Path) -> None:
    found = read(envelope(original(sender="beta@pec.example")), trust)
    assert (found.sender, codes(found)) == (SENDER, ["mail.sender_differs"])


def test_a_message_too_large_to_open_keeps_its_head(trust: Path) -> None:
    found = read(envelope(original(("enorme.pdf", b"x" * LARGEST))), trust)
    assert (found.kind, codes(found)) == (MailKind.UNREADABLE, ["mail.too_large"])
    assert found.subject == "POSTA CERTIFICATA: Domanda di cassa in deroga"
    assert found.files == ()


def test_names_of_attachments_are_never_a_path(trust: Path) -> None:
    found = read(envelope(original(("..\\..\\etc/passwd", b"x"), ("=?utf-8?B?w6AucGRm?=", b"y"))), trust)
    assert [each.name for each in found.files] == ["passwd", "à.pdf"]


def test_b_a_name_that_no_alphabet_decodes_costs_no_attachment() -> None:
    nameless = (
        b"Content-Type: application/pdf\r\nContent-Disposition: attachment; filename*=undefined''a%41\r\n\r\n%PDF"
    )
    found = read(ordinary(nameless, attachment("domanda.pdf", b"%PDF")))
    assert [(each.name, each.data) for each in found.files] == [("allegato-2.pdf", b"%PDF"), ("domanda.pdf", b"%PDF")]


@pytest.mark.parametrize("charset", ["unicode_escape", "utf-7", "undefined", "rot13", "zlib", "idna", "x-ignoto", ""])
def test_a_body_in_a_foreign_character_set_is_text_that_can_be_kept(charset: str) -> None:
    body = b"prima \\ud800 +2AA- \x00\xff dopo"
    found = read(b"From: a@b.example\r\nContent-Type: text/plain; charset=" + charset.encode() + b"\r\n\r\n" + body)
    assert found.kind is MailKind.ORDINARY
    assert found.text.encode("utf-8").decode() == found.text
    assert "prima" in found.text
    assert "\0" not in found.text


def test_t3_a_message_forwarded_inside_an_ordinary_one_is_a_file_of_its_own_and_hides_no_other() -> None:
    forwarded = original(("a.txt", b"x"), sender="terzo@altrove.example", subject="Vecchio " + "messaggio " * 12)
    forwarded = forwarded.replace(b"In allegato", b"From qui\r\nin allegato")
    found = read(ordinary(enclosed(forwarded, "inoltrato.eml"), attachment("domanda.pdf", b"%PDF-1.7")))
    assert (found.kind, found.sender, found.subject) == (MailKind.ORDINARY, "beta@ditta.example", "La nostra domanda")
    assert [each.name for each in found.files] == ["inoltrato.eml", "domanda.pdf"]
    assert found.files[0].data == forwarded
    assert found.text == "Ecco la domanda."


def test_t3_what_an_envelope_carries_beside_the_original_is_not_lost_and_is_told(trust: Path) -> None:
    second = enclosed(original(subject="Un altro"))
    found = read(envelope(original(("domanda.pdf", b"%PDF")), beside=(second, attachment("fuori.pdf", b"%PDF"))), trust)
    assert (found.kind, found.subject) == (MailKind.ENVELOPE, "Domanda di cassa in deroga")
    assert [each.name for each in found.files] == ["domanda.pdf", "postacert.eml", "fuori.pdf"]
    assert codes(found) == ["mail.files_beside"]
    anomaly = read(envelope(original(), beside=(attachment("fuori.pdf", b"%PDF"),), headers={"X-Trasporto": "errore"}))
    assert [each.name for each in anomaly.files] == ["fuori.pdf"]
    assert "mail.files_beside" in codes(anomaly)


@pytest.mark.parametrize(
    ("written", "address", "name"),
    [
        ("=?utf-8?q?Rossi=2C_Mario?= <mario@ditta.example>", "mario@ditta.example", "Rossi, Mario"),
        ("=?utf-8?q?ditta=40pec?= <Mario@ditta.example>", "mario@ditta.example", "ditta@pec"),
        (
            f"=?utf-8?q?Gestore_=3C{PROVIDER.replace('@', '=40')}=3E?= <x@altrove.example>",
            "x@altrove.example",
            "Gestore <",
        ),
        ("Rossi, Mario <mario@ditta.example>", "mario@ditta.example", "Mario"),
        ("=?utf-8?q?Mario_=3Cmario=40ditta.example=3E?=", "mario@ditta.example", "Mario"),
        ("mario", "mario", ""),
        ("mario@ditta.example <Mario@ditta.example>", "mario@ditta.example", "mario@ditta.example"),
        (f"Per conto di: x@ditta.example <{PROVIDER}>", PROVIDER, "Per conto di: x@ditta.example"),
        ("a@ditta.example,a@ditta.example,", "a@ditta.example", ""),
        ("a@ditta.example,b@ditta.example,", "", ""),
        ("a@ditta.example <b@ditta.example> <c@ditta.example>", "", ""),
    ],
)
def test_t3_the_sender_s_address_is_the_one_that_a_mail_program_would_answer(
    written: str, address: str, name: str
) -> None:
    found = read(ordinary(sender=written))
    assert found.sender == address
    assert found.sender_name.startswith(name)


def test_s13_an_address_as_the_unquoted_name_of_the_provider_s_makes_no_receipt_doubtful(trust: Path) -> None:
    found = read(receipt(headers={"From": f"Per conto di: {SENDER} <{PROVIDER}>"}), trust)
    assert (found.kind, codes(found)) == (MailKind.RECEIPT, [])


def test_an_envelope_whose_daticert_and_signature_have_no_name_carries_nothing_beside(trust: Path) -> None:
    whole = envelope(original(("domanda.pdf", b"%PDF")), nameless=True)
    found = read(whole, trust)
    assert b"daticert.xml" not in whole
    assert b"smime.p7s" not in whole
    assert (found.kind, found.seal.state, codes(found)) == (MailKind.ENVELOPE, Seal.TRUSTED, [])
    assert [each.name for each in found.files] == ["domanda.pdf"]


def test_t3_a_nameless_xml_or_signature_that_is_not_the_provider_s_is_a_file(trust: Path) -> None:
    xml = b"Content-Type: application/xml\r\n\r\n<segnatura/>"
    signature = b"Content-Type: application/pkcs7-signature\r\n\r\nfirma"
    found = read(ordinary(xml, signature), trust)
    assert [each.media_type for each in found.files] == ["application/xml", "application/pkcs7-signature"]
    assert [each.data for each in read(envelope(original(), beside=(xml,)), trust).files] == [b"<segnatura/>"]


def test_b_more_parts_than_are_opened_are_told() -> None:
    files = [attachment(f"{place}.pdf", b"%PDF") for place in range(MOST_PARTS)]
    found = read(ordinary(*files))
    assert 0 < len(found.files) < len(files)
    assert codes(found) == ["mail.not_certified", "mail.parts_left"]


def test_parts_inside_parts_beyond_measure_are_answered() -> None:
    nested = b"Content-Type: text/plain\r\n\r\nfondo"
    for level in range(3000):
        head = b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (level, level)
        nested = head + nested + b"\r\n--b%d--\r\n" % level
    found = read_mail(MailToRead(b"From: a@b.example\r\n" + nested, None, AT, 10_000_000))
    assert (found.kind, codes(found)) == (MailKind.UNREADABLE, ["mail.unreadable"])


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_change_of_any_byte_is_read_and_never_makes_a_receipt_of_what_is_none(data: st.DataObject) -> None:
    message = bytearray(envelope(original(("domanda.pdf", b"%PDF-1.7 prova"))))
    for _ in range(data.draw(st.integers(1, 4))):
        message[data.draw(st.integers(0, len(message) - 1))] = data.draw(st.integers(0, 255))
    assert read(bytes(message)).kind is not MailKind.RECEIPT


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_whatever_are_answered(data: bytes) -> None:
    assert read(data).kind in {MailKind.ORDINARY, MailKind.UNREADABLE, MailKind.CLAIMED_RECEIPT}
