"""N3, C6: what the two receipts state, in words and as attached facts."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import UTC, datetime

import pikepdf
import pypdfium2
import pytest
import rfc8785
import zxingcpp

from intake.typesetting.finishing import Attachment
from intake.typesetting.printed import PRINTABLE
from intake.typesetting.receipts import (
    RECEIPT_ATTACHMENT,
    typeset_received_receipt,
    typeset_registered_receipt,
)
from intake.typesetting.rehearsal import RehearsalMark
from tests.intake.typesetting.synthetic_application import PrintedText, render, without_spaces
from tests.intake.typesetting.synthetic_receipts import ARRIVAL, AT, FILES, RECEIVED, REGISTERED


def attached(pdf: bytes) -> dict[str, bytes]:
    with pikepdf.open(io.BytesIO(pdf)) as document:
        return {name: document.attachments[name].get_file().read_bytes() for name in document.attachments}


def shown(pdf: bytes) -> str:
    return without_spaces(PrintedText(pdf).everywhere())


@pytest.mark.parametrize(
    "fact",
    ["8 aprile 2020, ore 09:00:03,412", "domanda.pdf.p7m", "182.233 byte", "999 byte", "a3" * 32, "5f" * 32, "ALFA S.R.L.",
     "Non è ancora la registrazione: manca l’invio della domanda.", "Che cosa non prova", "Torni alla domanda"],
)  # fmt: skip
def test_the_received_receipt_states_files_and_what_it_does_not_mean(fact: str) -> None:
    assert without_spaces(fact) in shown(typeset_received_receipt(RECEIVED))


@pytest.mark.parametrize(
    "fact",
    ["0000127/2020", "CIGD-2020", "8 aprile 2020, ore 09:00:03,412", "8 aprile 2020, ore 00:30:00,000",
     "Raccomandata: arrivo allo sportello", "poi secondo il numero", "01234567890", "r_esempi", "AOO-GR", "a3" * 32,
     "La registrazione prova l’arrivo, non l’accoglimento.", "https://cigd.esempio.example/verifica",
     "SAR20/2020/0000123/ABCD-EFGH-IJKL-MNOP-QRST", "non dice se dopo qualcosa è stato tolto dal registro"],
)  # fmt: skip
def test_the_registered_receipt_states_number_instants_and_rule(fact: str) -> None:
    assert without_spaces(fact) in shown(typeset_registered_receipt(REGISTERED))


def test_facts_travel_inside_in_canonical_form() -> None:
    facts = attached(typeset_registered_receipt(REGISTERED))[RECEIPT_ATTACHMENT]
    read = json.loads(facts)
    assert rfc8785.dumps(read) == facts
    assert (read["schema"], read["kind"], read["number"]) == (1, "registered", "0000127")
    assert datetime.fromisoformat(read["legal_instant"]) == ARRIVAL
    assert read["files"][0] == {
        "name": "domanda.pdf.p7m",
        "size": 182233,
        "sha256": "a3" * 32,
        "media_type": "application/pkcs7-mime",
        "description": "Modulo firmato",
    }
    received = json.loads(attached(typeset_received_receipt(RECEIVED))[RECEIPT_ATTACHMENT])
    assert (received["kind"], received["form"]) == ("received", "BAS20-0000000123")


def test_the_caller_adds_files_of_any_kind() -> None:
    extra = (
        Attachment("inclusione.bin", bytes(range(256)), "Prova di inclusione", "application/octet-stream"),
        Attachment("segnatura.xml", b"<Segnatura/>", "Segnatura di protocollo", "application/xml"),
    )
    files = attached(typeset_registered_receipt(REGISTERED, extra))
    assert files.keys() == {RECEIPT_ATTACHMENT, "inclusione.bin", "segnatura.xml"}
    assert files["inclusione.bin"] == bytes(range(256))


def test_no_file_replaces_the_facts() -> None:
    with pytest.raises(ValueError, match="one name"):
        typeset_registered_receipt(REGISTERED, (Attachment(RECEIPT_ATTACHMENT, b"{}", "altro"),))


def test_equal_facts_give_equal_bytes() -> None:
    assert typeset_received_receipt(RECEIVED) == typeset_received_receipt(RECEIVED)
    assert typeset_registered_receipt(REGISTERED) != typeset_registered_receipt(replace(REGISTERED, number="0000128"))


def test_a_rehearsal_receipt_says_so_and_shows_both_clocks() -> None:
    mark = RehearsalMark(AT, datetime(2026, 11, 21, 10, 0, 2, tzinfo=UTC))
    trial = shown(typeset_registered_receipt(replace(REGISTERED, rehearsal=mark)))
    assert "laricevutanonhavalore" in trial
    assert "21novembre2026,ore11:00:02" in trial
    assert "prova:laricevuta" not in shown(typeset_registered_receipt(REGISTERED))


def test_the_address_to_verify_at_is_also_a_code() -> None:
    (code,) = zxingcpp.read_barcodes(render(typeset_registered_receipt(REGISTERED), 1))
    assert code.text == REGISTERED.verify_at


def test_many_files_run_over_pages() -> None:
    many = tuple(replace(FILES[0], name=f"allegato {number}.pdf") for number in range(90))
    pdf = typeset_received_receipt(replace(RECEIVED, files=many))
    text = shown(pdf)
    assert all(f"allegato{number}.pdf" in text for number in range(90))
    assert "pagina3di" in text


def test_long_names_stay_on_the_page() -> None:
    name = "verbale_di_accordo_sindacale_" * 8 + ".pdf"
    pdf = typeset_registered_receipt(replace(REGISTERED, sender="X" * 120, files=(replace(FILES[0], name=name),)))
    page = pypdfium2.PdfDocument(io.BytesIO(pdf))[0]
    text = page.get_textpage()
    rights = [text.get_charbox(index)[2] for index in range(text.count_chars())]
    assert max(rights) <= page.get_width() - 20 * 72 / 25.4 + 1
    assert name in shown(pdf)


def test_a_file_name_in_any_script_gets_its_receipt() -> None:
    name = "协议 😀 مرحبا è.pdf"
    pdf = typeset_received_receipt(replace(RECEIVED, files=(replace(FILES[0], name=name),)))
    assert "è.pdf" in shown(pdf)
    assert "协" not in shown(pdf)
    assert json.loads(attached(pdf)[RECEIPT_ATTACHMENT])["files"][0]["name"] == name


def test_every_letter_called_printable_can_be_printed() -> None:
    letters = " ".join(map(chr, sorted(PRINTABLE - {0x20, 0xAD})))
    pdf = typeset_registered_receipt(replace(REGISTERED, subject=letters))
    assert "�" not in shown(pdf)
