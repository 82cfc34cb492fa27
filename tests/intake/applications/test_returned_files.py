"""Whatever comes back is kept as received and answered with a finding of its own (C2, C8, N1, N7; house 5 and 8)."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from types import SimpleNamespace

import pikepdf
import pytest
from asn1crypto import cms
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from intake.applications.draft import reopen
from intake.applications.models import Application
from intake.applications.returns import FileTooLarge, Incoming, NothingReceived, UnknownAttachment, take_back
from intake.checks.examination import ReceivedFile, Request, examine
from intake.checks.finding import Examination
from intake.checks.form_signature import form_signature_findings
from intake.checks.models import CheckRun, RunState
from intake.checks.run import perform_check
from intake.checks.severity import Severity
from intake.checks.signature_findings import SignerNames
from intake.errors import NotFound
from intake.service import Service
from ocr.form_map import FormMap
from ocr.simulation import CellEdit, simulate_scan
from signing.rehearsal_signature import RehearsalAuthority
from signing.seal import seal_pdf
from signing.seal_key import SealKey
from tests.intake.applications_made import person_named
from tests.intake.filings import examination_finds, finding, issued, newest_run, sent_back
from tests.pki import authority as provider

pytestmark = pytest.mark.shared_installation

AT = datetime(2026, 11, 21, 12, tzinfo=UTC)
ROSSI, VERDI, NOBODY = (
    ("Mario", "Rossi", "RSSMRA68C02I452O"),
    ("Giulia", "Ferrari", "FRRGLI79E54B354X"),
    ("Antonio", "De Luca", "DLCNTN79C15B354A"),
)


@dataclass(frozen=True)
class Case:
    """Two issued forms and everything an examination needs, made once."""

    pdf: bytes
    other_pdf: bytes
    request: Request
    authority: RehearsalAuthority

    def signed(self, who: tuple[str, str, str] = ROSSI, pdf: bytes | None = None) -> bytes:
        return self.authority.sign_pdf(pdf or self.pdf, *who, AT)

    def examined(self, *files: tuple[str, bytes, str | None], **changes: object) -> Examination:
        received = tuple(
            ReceivedFile(str(number), name, data, attachment) for number, (name, data, attachment) in enumerate(files)
        )
        return examine(replace(self.request, files=received, **changes), lambda *_: None)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def case() -> Case:
    """Typeset from data alone: the examination needs no database."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from intake.applications.issue import _texts, frozen_data
    from intake.notices.load import load_pack
    from intake.people.models import Capacity
    from intake.settings import TEMPLATES
    from intake.typesetting.application_form import typeset_application
    from tests.intake.applications_made import complete_draft

    pack = load_pack(TEMPLATES / "notices" / "sardegna-2020")
    rossi = {"given_name": "Mario", "surname": "Rossi", "tax_code": ROSSI[2], "role": "Legale rappresentante"}
    draft = complete_draft({"employer": {"name": "ALFA SRL", "tax_code": "01234560108", "vat_number": ""}})
    person = SimpleNamespace(surname="Rossi", given_name="Mario", tax_code=ROSSI[2])
    data = frozen_data(draft | {"representative": rossi}, pack, person, Capacity.REPRESENTATIVE)  # type: ignore[arg-type]
    key, authority = Ed25519PrivateKey.generate(), RehearsalAuthority.create(AT)
    forms = [
        typeset_application(
            data, form=number, notice=_texts(pack, rehearsal=False), key=key, issued_at=AT, rehearsal=None
        )
        for number in ("SAR20-AAAAA-11111", "SAR20-BBBBB-22222")
    ]
    request = Request(
        files=(),
        form=forms[0].form,
        issued_pdf=forms[0].pdf,
        form_map=forms[0].form_map.to_json(),
        form_keys=(key.public_key().public_bytes_raw(),),
        superseded_forms=(),
        signers=SignerNames("ALFA SRL", (ROSSI[2], "Mario Rossi"), ((VERDI[2], "Giulia Ferrari"),), rehearsal=True),
        identified_strongly=False,
        trust_folder=None,
        own_anchor=authority.certificate.public_bytes(Encoding.DER),
        at=AT,
        most_pages=200,
    )
    return Case(forms[0].pdf, forms[1].pdf, request, authority)


def codes(examination: Examination) -> set[str]:
    return {each.code for each in examination.findings}


def _pdf(pages: int, **saving: object) -> bytes:
    out = io.BytesIO()
    with pikepdf.new() as document:
        for _ in range(pages):
            document.add_blank_page()
        document.save(out, **saving)  # type: ignore[arg-type]
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "made", "code"),
    [
        ("vuoto.pdf", lambda: b"", "file.empty_file"),
        ("foto.pdf", lambda: b"questo non e' un PDF", "file.not_a_document"),
        ("cifrato.pdf", lambda: _pdf(1, encryption=pikepdf.Encryption(owner="o", user="u")), "file.encrypted_pdf"),
        ("enorme.pdf", lambda: _pdf(5000), "file.too_many_pages"),
        ("tronco.pdf", lambda: b"%PDF-1.7\n1 0 obj", "file.damaged_pdf"),
        ("bianco.pdf", lambda: _pdf(1), "form.blank"),
    ],
    ids=["vuoto", "foto", "cifrato", "enorme", "tronco", "bianco"],
)
def test_a_bad_file_is_named_with_what_to_do(case: Case, name: str, made: Callable[[], bytes], code: str) -> None:
    found = {each.code: each for each in case.examined((name, made(), None)).findings}
    assert code in found, found.keys()
    assert found[code].severity is Severity.ERROR
    assert found[code].message
    assert found[code].remedy


def test_a_clean_return_says_who_signed(case: Case) -> None:
    found = codes(case.examined(("domanda.pdf", case.signed(), None)))
    assert {"signer.representative", "form.ours", "cells.agree"} <= found
    assert not any(code.startswith(("pages.", "file.")) for code in found)


def test_a_delegate_asks_and_a_stranger_refuses(case: Case) -> None:
    assert "signer.other_person" in codes(case.examined(("a.pdf", case.signed(VERDI), None)))
    stranger = codes(case.examined(("a.pdf", case.signed(NOBODY), None)))
    assert "signer.stranger" in stranger
    assert "signer.representative" not in stranger


def test_a_delegates_signature_does_not_give_the_representatives_consent(case: Case) -> None:
    """S21: the consent is the legal representative's, at the price of exclusion."""
    consents = ("Assenso al trattamento dei dati",)
    delegate = case.signed(VERDI)
    both = case.authority.sign_p7m(delegate, *ROSSI, AT)
    assert "consent.not_by_representative" in codes(case.examined(("a.pdf", delegate, None), consents=consents))
    for signed in (case.signed(), both):
        found = codes(case.examined(("a.pdf", signed, None), consents=consents))
        assert "consent.not_by_representative" not in found
        assert "signer.representative" in found


def test_a_signature_whose_bytes_were_changed_is_broken(case: Case) -> None:
    signed = bytearray(case.signed())
    signed[len(case.pdf) // 2] ^= 1
    assert codes(case.examined(("a.pdf", bytes(signed), None))) & {"signature.broken", "signature.unreadable"}


def test_a_form_changed_before_it_was_signed_is_not_the_issued_one(case: Case) -> None:
    changed = io.BytesIO()
    with pikepdf.open(io.BytesIO(case.pdf)) as document:
        document.pages[0].contents_add(b"BT ET", prepend=False)
        del document.pages[-1]
        document.save(changed)
    found = codes(case.examined(("a.pdf", case.signed(pdf=changed.getvalue()), None)))
    assert "pages.missing" in found


def test_an_envelope_of_another_file_is_not_our_form(case: Case) -> None:
    letter = case.authority.sign_p7m(_pdf(1), *ROSSI, AT)
    assert "form.blank" in codes(case.examined(("lettera.pdf.p7m", letter, None)))
    enclosed = case.authority.sign_p7m(case.pdf, *ROSSI, AT)
    assert {"form.ours", "signer.representative"} <= codes(case.examined(("domanda.pdf.p7m", enclosed, None)))


def test_forms_of_other_applications_and_superseded_ones_are_told_apart(case: Case) -> None:
    other = case.signed(pdf=case.other_pdf)
    assert "form.other_application" in codes(case.examined(("a.pdf", other, None)))
    assert "form.superseded" in codes(case.examined(("a.pdf", other, None), superseded_forms=("SAR20-BBBBB-22222",)))


def test_the_same_file_twice_counts_once(case: Case) -> None:
    signed = case.signed()
    found = codes(case.examined(("a.pdf", signed, None), ("b.pdf", signed, None)))
    assert {"document.same_twice", "cells.agree"} <= found
    assert "pages.doubled" not in found


def test_an_unsigned_form_is_refused_and_says_so(case: Case) -> None:
    assert "signature.not_signed" in codes(case.examined(("a.pdf", case.pdf, None)))


def test_a_provider_that_nobody_trusts_here_is_no_reason_to_refuse(case: Case) -> None:
    """The representative's certificate is of an unknown provider: informs or asks, never broken."""
    found = codes(case.examined(("a.pdf", provider.sign_pdf_as("rossi", case.pdf), None)))
    assert not found & {"signature.broken", "signature.changed", "signature.unreadable"}
    assert found & {"signature.signed_with_reservations", "signature.unverifiable"}


def test_a_rehearsal_signature_is_refused_on_a_live_notice(case: Case) -> None:
    live = replace(case.request.signers, rehearsal=False)
    found = codes(case.examined(("a.pdf", case.signed(), None), signers=live, own_anchor=None))
    assert "signature.rehearsal_on_live" in found


def test_the_office_seal_is_nobodys_signature(case: Case) -> None:
    seal = SealKey.create("Sigillo SAR20", "Regione", AT)
    sealed = seal_pdf(case.pdf, seal, at=AT, reason="x", name="Regione")
    assert "signer.representative" not in codes(case.examined(("a.pdf", sealed, None)))
    ours = case.examined(("ricevuta.pdf", sealed, "other"), own_seals=frozenset({seal.fingerprint}))
    assert not [code for code in codes(ours) if code.startswith("attachment_signature.")]


def test_a_hand_signed_scan_needs_the_identity_document_and_shows_the_altered_cell(case: Case) -> None:
    form_map = FormMap.from_json(case.request.form_map)
    zones = [zone for zone in form_map.zones if zone.kind == "signature"]
    hours = next(field for field in form_map.fields if field.name == "workers.2.requested_hours")
    scan = simulate_scan(
        case.pdf,
        seed=7,
        level="clean",
        signatures=zones,
        signer="rossi",
        edits=(CellEdit(hours.page, hours.box, "188"),),
    )
    assert isinstance(scan, bytes)
    examination = case.examined(("scansione.pdf", scan, None))
    found = codes(examination)
    assert {"form.ours", "signature.by_hand", "filing.identity_document_missing", "cells.altered"} <= found
    altered = [each for each in examination.findings if each.code == "cells.altered"]
    [cell] = [each for each in altered if each.field == "workers.2.requested_hours"]
    assert cell.page == hours.page
    assert cell.box is not None
    assert cell.box.left < hours.box.right
    assert hours.box.left < cell.box.right
    assert cell.box.top < hours.box.bottom
    assert hours.box.top < cell.box.bottom
    assert hours.value in cell.message
    assert codes_of_hand_signature(identity_document=True) == {"signature.by_hand"}
    assert codes_of_hand_signature(identity_document=False) == {"signature.by_hand", "filing.identity_document_missing"}


def codes_of_hand_signature(*, identity_document: bool) -> set[str]:
    reading = SimpleNamespace(pages=(), signatures=[SimpleNamespace(present=True, page=1, box=None)])
    found = form_signature_findings(
        reading,  # type: ignore[arg-type]
        2,
        (),
        identity_document=identity_document,
        identified_strongly=False,
    )
    return {each.code for each in found}


def test_a_signature_on_another_file_signs_no_form(case: Case) -> None:
    signed_letter = case.signed(pdf=_pdf(1))
    found = codes(case.examined(("lettera.pdf", signed_letter, None), ("modulo.pdf", case.pdf, None)))
    assert {"form.ours", "signature.not_signed"} <= found


def test_pages_replaced_after_the_issued_bytes_and_then_signed_are_missed(case: Case) -> None:
    writer = IncrementalPdfFileWriter(io.BytesIO(case.pdf))
    pages = writer.root["/Pages"]
    blank = generic.DictionaryObject(
        {
            generic.pdf_name("/Type"): generic.pdf_name("/Page"),
            generic.pdf_name("/MediaBox"): generic.ArrayObject(map(generic.NumberObject, (0, 0, 595, 842))),
            generic.pdf_name("/Parent"): writer.root.raw_get("/Pages"),
        }
    )
    pages["/Kids"] = generic.ArrayObject([writer.add_object(blank)])
    pages["/Count"] = generic.NumberObject(1)
    writer.update_container(pages)
    changed = io.BytesIO()
    writer.write(changed)
    assert changed.getvalue().startswith(case.pdf)
    found = codes(case.examined(("a.pdf", case.signed(pdf=changed.getvalue()), None)))
    assert found & {"form.blank", "form.not_ours", "pages.missing"}
    assert "cells.agree" not in found


def test_an_envelope_without_its_certificate_names_nobody(case: Case) -> None:
    envelope = cms.ContentInfo.load(case.authority.sign_p7m(case.pdf, *ROSSI, AT))
    del envelope["content"]["certificates"]
    found = codes(case.examined(("a.p7m", envelope.dump(), None)))
    assert {"signature.unverifiable", "signature.not_signed"} <= found
    assert "signer.representative" not in found


def test_what_was_received_is_kept_whatever_it_is(service: Service) -> None:
    application_id, _ = issued(service)
    odd = [("", b""), ("../../etc/\x00passwd\n", b"x"), ("\udcff.pdf", b"%PDF-1.7"), ("n" * 300, b"PK\x03\x04")]
    run_id = sent_back(service, application_id, *(Incoming(name, data) for name, data in odd))
    perform_check(service, run_id)
    with service.transaction() as session:
        assert session.get_one(CheckRun, run_id).state is RunState.DONE
        documents = session.get_one(Application, application_id).current_documents
        assert sorted(service.store.get(each.sha256) for each in documents) == sorted(data for _, data in odd)
        assert all(each.name.isprintable() and "/" not in each.name and len(each.name) <= 200 for each in documents)
        assert json.dumps(newest_run(session, application_id).verdicts)


def test_refused_uploads_leave_nothing(service: Service) -> None:
    application_id, _ = issued(service)
    small = replace(service, settings=service.settings.model_copy(update={"largest_upload": 10}))
    for installation, files, refusal in (
        (service, [], NothingReceived),
        (small, [Incoming("a.pdf", b"x" * 11)], FileTooLarge),
        (service, [Incoming("a.pdf", b"x", attachment="inventato")], UnknownAttachment),
    ):
        with pytest.raises(refusal):
            sent_back(installation, application_id, *files)
    with pytest.raises(NotFound):
        sent_back(service, application_id, Incoming("a.pdf", b"di un altro"), by="altra")
    kept = [
        path for path in service.settings.documents.rglob("*") if path.is_file() and path.read_bytes() == b"di un altro"
    ]
    assert kept == [], "whoever may not see the application stores nothing"


def test_a_file_somebody_else_sent_before_tells_nothing_of_it(service: Service) -> None:
    first, _ = issued(service)
    second, _ = issued(service, by="beta", firm="BETA SNC")
    same = Incoming("nome-di-alfa.pdf", b"%PDF-1.7 lo stesso")
    with examination_finds(finding("signer.other_person")):
        perform_check(service, sent_back(service, first, same))
        perform_check(service, sent_back(service, second, replace(same, name="mio.pdf"), by="beta"))
    with service.transaction() as session:
        [document] = session.get_one(Application, second).current_documents
        assert document.name == "mio.pdf"
        assert len(newest_run(session, second).findings) == 1
        [hers] = session.get_one(Application, first).current_documents
        with pytest.raises(NotFound):
            take_back(session, person_named(session, "beta"), first, hers.id, at=service.clock())


def test_an_outdated_run_never_overwrites_and_a_run_done_twice_is_one(service: Service) -> None:
    application_id, _ = issued(service)
    old = sent_back(service, application_id, Incoming("a.pdf", b"prima"))
    new = sent_back(service, application_id, Incoming("b.pdf", b"seconda"))
    with examination_finds(finding("cells.altered")):
        for run_id in (old, new, new, old):
            perform_check(service, run_id)
    with service.transaction() as session:
        assert session.get_one(CheckRun, old).state is RunState.OUTDATED
        assert session.get_one(CheckRun, old).findings == []
        assert [each.code for each in session.get_one(CheckRun, new).findings] == ["cells.altered"]
        ended = [event for event in session.get_one(Application, application_id).events if event.name == "checks_ended"]
        assert len(ended) == 1


def test_reopening_voids_the_form_and_the_files_returned_for_it(service: Service) -> None:
    application_id, _ = issued(service)
    sent_back(service, application_id, Incoming("a.pdf", b"firmato"))
    with service.transaction() as session:
        application = reopen(session, person_named(session, "consulente"), application_id, at=service.clock())
        assert application.current_form is None
        assert application.current_documents == []
        [form] = application.forms
        assert form.superseded_at is not None
        assert len(application.documents) == 1, "what was received stays"
