"""C3: evidence records in containers prove a time over named files and sign nothing; what does not hold is told."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signing import asic_evidence
from signing.inspect import inspect_signatures
from signing.report import Problem, SignatureReport, Verdict
from signing.trust import TrustStore
from tests.pki.authority import AT, trust_store
from tests.pki.evidence_records import Renewed, asn1_record, xml_record
from tests.signing.documents import plain_pdf
from tests.signing.test_asic import EXTENDED, SIMPLE, codes, container, manifest, with_cades

TRUST = trust_store()
MODULE, LIST = plain_pdf(), b"elenco dei lavoratori"
THEN = datetime(2019, 6, 1, 10, tzinfo=UTC)
LATER = (datetime(2019, 9, 1, tzinfo=UTC), datetime(2019, 12, 1, tzinfo=UTC), datetime(2020, 3, 1, tzinfo=UTC))
RENEWED = (Renewed("sha256", (THEN, LATER[0])), Renewed("sha512", LATER[1:]))
MAKERS = {"ers": asn1_record, "xml": xml_record}
BOTH = pytest.mark.parametrize("kind", MAKERS)


def simple(record: bytes, kind: str, document: bytes = MODULE) -> bytes:
    return container({"domanda.pdf": document, f"META-INF/evidencerecord.{kind}": record}, mimetype=SIMPLE)


def extended(documents: dict[str, bytes], record: bytes, kind: str, listed: dict[str, bytes] | None = None) -> bytes:
    name = f"META-INF/evidencerecord001.{kind}"
    said = manifest(name, documents if listed is None else listed)
    return container({**documents, name: record, "META-INF/ASiCEvidenceRecordManifest001.xml": said})


def inspected(data: bytes, trust: TrustStore = TRUST) -> SignatureReport:
    return inspect_signatures(data, name="domanda.asics", trust=trust, at=AT)


def told(report: SignatureReport) -> Problem:
    (one,) = [each for each in report.problems if each.code != "evidence_record_only"]
    return one


@BOTH
@pytest.mark.parametrize("tree", [True, False])
def test_c3_a_record_proves_the_time_of_its_document_and_that_nobody_signed(kind, tree):
    report = inspected(simple(MAKERS[kind]([MODULE], [Renewed("sha256", (THEN,))], tree=tree), kind))
    assert (report.verdict, codes(report)) == (Verdict.not_signed, {"evidence_record_only", "evidence_record_holds"})
    found = told(report)
    assert found.severity == "info"
    assert "domanda.pdf esisteva già il 01/06/2019 alle 12:00" in found.message
    assert "una prova del tempo, non una firma" in found.message


@BOTH
def test_c3_a_record_renewed_in_time_and_in_digest_proves_the_first_time_of_every_file(kind):
    documents = {"domanda.pdf": MODULE, "elenco.csv": LIST}
    found = told(inspected(extended(documents, MAKERS[kind](list(documents.values()), RENEWED), kind)))
    assert (found.code, "domanda.pdf, elenco.csv" in found.message) == ("evidence_record_holds", True)
    assert "01/06/2019" in found.message
    (proof,) = inspected(extended(documents, MAKERS[kind](list(documents.values()), RENEWED), kind)).as_json()[
        "time_proofs"
    ]
    assert proof == {
        "kind": "evidence_record",
        "name": f"META-INF/evidencerecord001.{kind}",
        "covers": ["domanda.pdf", "elenco.csv"],
        "time": "2019-06-01T10:00:00+00:00",
        "holds": True,
        "problem": None,
    }


@BOTH
def test_c3_who_issued_the_time_stamps_counts_as_for_any_other(kind):
    found = told(inspected(simple(MAKERS[kind]([MODULE]), kind), TrustStore.empty()))
    assert (found.code, found.severity) == ("evidence_record_not_trusted", "warning")


@BOTH
def test_c3_a_changed_document_and_a_changed_list_are_told(kind):
    record = MAKERS[kind]([MODULE], RENEWED)
    assert told(inspected(simple(record, kind, plain_pdf("ore 48")))).code == "evidence_record_of_other_data"
    documents = {"domanda.pdf": plain_pdf("ore 48")}
    said = told(inspected(extended(documents, record, kind, {"domanda.pdf": MODULE})))
    assert (said.code, said.technical) == ("evidence_record_of_other_data", "HASH_FAILURE (domanda.pdf)")


@BOTH
def test_c3_a_listed_file_that_the_record_does_not_hold_is_named(kind):
    documents = {"domanda.pdf": MODULE, "elenco.csv": LIST}
    report = inspected(extended(documents, MAKERS[kind]([MODULE]), kind))
    by_code = {one.code: one.message for one in report.problems}
    assert "domanda.pdf esisteva" in by_code["evidence_record_holds"]
    assert "elenco.csv" in by_code["evidence_record_of_other_data"]


@BOTH
def test_c3_without_a_manifest_a_record_covers_what_it_holds(kind):
    members = {"domanda.pdf": MODULE, "elenco.csv": LIST, f"META-INF/evidencerecord.{kind}": MAKERS[kind]([LIST])}
    found = told(inspected(container(members, mimetype=EXTENDED)))
    assert (found.code, "elenco.csv esisteva" in found.message) == ("evidence_record_holds", True)


@BOTH
def test_c3_time_stamps_out_of_order_prove_nothing(kind):
    found = told(inspected(simple(MAKERS[kind]([MODULE], [Renewed("sha256", (LATER[1], THEN))]), kind)))
    assert (found.code, found.technical) == ("evidence_record_broken", "renewed too late")


@BOTH
def test_c3_a_new_chain_that_does_not_bind_the_older_ones_proves_nothing(kind):
    strange = Renewed("sha512", LATER[1:], of=b"un'altra catena")
    found = told(inspected(simple(MAKERS[kind]([MODULE], [RENEWED[0], strange]), kind)))
    assert found.code == {"ers": "evidence_record_of_other_data", "xml": "evidence_record_broken"}[kind]


@BOTH
def test_c3_a_time_stamp_that_is_not_intact_breaks_its_record(kind):
    record = MAKERS[kind]([MODULE])
    if kind == "xml":
        end = record.index(b"</TimeStampToken>") - 8
        spoilt = record[:end] + bytes([record[end] ^ 1]) + record[end + 1 :]
    else:
        spoilt = record[:-5] + bytes([record[-5] ^ 1]) + record[-4:]
    assert told(inspected(simple(spoilt, kind))).code == "evidence_record_broken"


def test_c3_a_record_over_a_signature_proves_when_it_existed():
    signed = with_cades({"domanda.pdf": MODULE}, "expired", THEN)
    assert inspected(container(signed)).verdict is Verdict.signed_with_reservations
    covered = {name: signed[name] for name in signed if not name.endswith(".xml")}
    record = asn1_record(list(covered.values()), [Renewed("sha256", (THEN,))])
    name = "META-INF/evidencerecord001.ers"
    said = manifest(name, covered)
    report = inspected(container({**signed, name: record, "META-INF/ASiCEvidenceRecordManifest001.xml": said}))
    assert (report.verdict, report.signatures[0].proven_time) == (Verdict.signed, THEN)
    assert told(report).code == "evidence_record_holds"


def test_c3_records_beyond_the_bounds_are_said_not_to_be_looked_at(monkeypatch):
    record = asn1_record([MODULE])
    members = {f"META-INF/evidencerecord{place}.ers": record for place in range(asic_evidence.MOST_RECORDS + 2)}
    report = inspected(container({"domanda.pdf": MODULE, **members}))
    assert codes(report) == {"evidence_record_only", "evidence_record_holds", "evidence_records_left"}
    assert "2" in next(one.message for one in report.problems if one.code == "evidence_records_left")
    heavy = {"domanda.pdf": MODULE, "META-INF/evidencerecord.ers": bytes(asic_evidence.LARGEST_RECORDS + 1)}
    assert codes(inspected(container(heavy))) == {"evidence_record_only", "evidence_records_left"}
    monkeypatch.setattr("signing.evidence_record_xml.MOST_ELEMENTS", 5)
    assert told(inspected(simple(xml_record([MODULE]), "xml"))).code == "evidence_record_broken"
    monkeypatch.setattr("signing.evidence_record_asn1.MOST_TOKENS", 3)
    assert told(inspected(simple(asn1_record([MODULE], RENEWED), "ers"))).code == "evidence_record_broken"


def test_c3_a_record_over_encrypted_data_is_unsupported_and_never_broken():
    record = xml_record([MODULE]).replace(
        b"<ArchiveTimeStampSequence>", b"<EncryptionInformation/><ArchiveTimeStampSequence>"
    )
    assert told(inspected(simple(record, "xml"))).code == "evidence_record_unsupported"


def test_c3_an_xml_document_may_be_held_in_its_canonical_form():
    written, plain = b'<elenco  b="2"  a="1"/>', b'<elenco a="1" b="2"></elenco>'
    members = {"elenco.xml": written, "META-INF/evidencerecord.xml": xml_record([plain])}
    assert told(inspected(container(members, mimetype=SIMPLE))).code == "evidence_record_holds"
    members["META-INF/evidencerecord.ers"] = asn1_record([plain])
    del members["META-INF/evidencerecord.xml"]
    assert told(inspected(container(members, mimetype=SIMPLE))).code == "evidence_record_of_other_data"


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(sorted(MAKERS)), st.integers(0), st.integers(1, 255))
def test_c3_no_changed_record_stops_the_look_or_signs_anything(kind, position, flip):
    record = bytearray(RECORDS[kind])
    record[position % len(record)] ^= flip
    report = inspected(simple(bytes(record), kind))
    assert report.verdict is Verdict.not_signed
    assert "internal" not in codes(report)


RECORDS = {kind: make([MODULE], RENEWED) for kind, make in MAKERS.items()}
