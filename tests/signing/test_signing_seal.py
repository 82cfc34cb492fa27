"""C1, N2, N11: what the service issues is sealed; rehearsal signatures work, and say that they have no value."""

import stat
from datetime import timedelta

import pytest

from signing.inspect import inspect_signatures
from signing.issued_prefix import Relation, compare_with_issued
from signing.rehearsal_signature import WITHOUT_VALUE, RehearsalAuthority
from signing.report import Verdict
from signing.seal import seal_pdf, verify_seal
from signing.seal_key import SealKey
from signing.trust import TrustStore
from tests.pki.authority import AT, certificate, sign_pdf_as, trust_folder, trust_store
from tests.signing.documents import plain_pdf

KEY = SealKey.create("Sportello della Regione di Prova", "Regione di Prova", AT)
SEALED = seal_pdf(plain_pdf(), KEY, at=AT, reason="Emissione del modulo", name="Sportello")


def test_n2_a_seal_is_an_appendix_that_verifies_by_fingerprint_and_certificate():
    assert compare_with_issued(plain_pdf(), SEALED).relation is Relation.prefix
    for expected in (KEY.fingerprint, KEY.fingerprint.upper(), KEY.certificate):
        check = verify_seal(SEALED, expected, AT)
        assert check.holds
        assert (check.signer_name, check.sealed_at, check.problems) == ("Sportello della Regione di Prova", AT, ())


def test_n2_a_seal_of_another_a_changed_document_and_none_do_not_hold():
    other = SealKey.create("Altro ente", "Altro ente", AT)
    assert [one.code for one in verify_seal(SEALED, other.fingerprint, AT).problems] == ["seal_of_another"]
    changed = verify_seal(SEALED.replace(b"ore 40", b"ore 48"), KEY.fingerprint, AT)
    assert not changed.intact
    followed = verify_seal(sign_pdf_as("rossi", SEALED), KEY.fingerprint, AT)
    assert followed.intact
    assert not followed.covers_whole_file
    assert [one.code for one in followed.problems] == ["seal_followed"]
    assert [one.code for one in verify_seal(plain_pdf(), KEY.fingerprint, AT).problems] == ["seal_missing"]
    assert not verify_seal(b"nulla", KEY.fingerprint, AT).holds


def test_n2_a_seal_from_a_time_outside_its_certificate_does_not_hold():
    early = seal_pdf(plain_pdf(), KEY, at=AT - timedelta(days=30), reason="Emissione", name="Sportello")
    assert [one.code for one in verify_seal(early, KEY.fingerprint, AT).problems] == ["seal_out_of_time"]
    assert not verify_seal(SEALED, KEY.fingerprint, AT - timedelta(days=1)).holds


def test_n1_our_own_seal_is_nobodys_signature():
    trust = trust_store().with_seal(KEY.fingerprint)
    only_seal = inspect_signatures(SEALED, trust=trust, at=AT)
    assert only_seal.verdict is Verdict.not_signed
    assert [one.own_seal for one in only_seal.signatures] == [True]
    assert only_seal.sentence == "Il documento porta il sigillo di questo servizio e nessuna firma digitale."
    signed = inspect_signatures(sign_pdf_as("rossi", SEALED), trust=trust, at=AT)
    assert signed.verdict is Verdict.signed
    assert [(one.own_seal, one.signer.surname) for one in signed.signatures] == [(True, ""), (False, "ROSSI")]
    assert "Sportello" not in signed.sentence
    broken = inspect_signatures(SEALED.replace(b"ore 40", b"ore 48"), trust=trust, at=AT)
    assert broken.verdict is Verdict.broken


def test_the_seal_key_is_kept_for_its_owner_alone_and_never_replaced(tmp_path):
    KEY.save(tmp_path / "seal")
    assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "seal").iterdir()} == {0o600}
    assert SealKey.load(tmp_path / "seal").fingerprint == KEY.fingerprint
    with pytest.raises(FileExistsError):
        KEY.save(tmp_path / "seal")
    other = SealKey.create("Altro", "Altro", AT)
    other.save(tmp_path / "other")
    (tmp_path / "seal" / "seal.key.pem").write_bytes((tmp_path / "other" / "seal.key.pem").read_bytes())
    with pytest.raises(ValueError, match=r"seal\.key\.pem"):
        SealKey.load(tmp_path / "seal")


def test_a_seal_needs_an_aware_time():
    with pytest.raises(ValueError, match="aware"):
        seal_pdf(plain_pdf(), KEY, at=AT.replace(tzinfo=None), reason="x", name="x")


@pytest.mark.parametrize("way", ["sign_pdf", "sign_p7m"])
def test_n11_a_rehearsal_signature_counts_only_where_its_authority_is_an_anchor(way, tmp_path):
    RehearsalAuthority.create(AT).save(tmp_path)
    authority = RehearsalAuthority.load(tmp_path)
    signed = getattr(authority, way)(plain_pdf(), "Mario", "Rossi", "RSSMRA80A01H501U", AT)
    rehearsal = inspect_signatures(signed, trust=TrustStore.empty().with_anchor(authority.certificate), at=AT)
    assert rehearsal.verdict is Verdict.signed
    signer = rehearsal.signatures[0].signer
    assert (signer.common_name, signer.tax_code) == ("ROSSI MARIO", "RSSMRA80A01H501U")
    assert WITHOUT_VALUE.encode() in signed or WITHOUT_VALUE.encode().hex().encode() in signed.lower()
    live = inspect_signatures(signed, trust=trust_store(), at=AT)
    assert live.verdict is Verdict.signed_with_reservations
    assert live.signatures[0].problems[0].code == "trust_not_established"


def test_c2_the_trust_folder_is_read_and_refuses_what_is_no_authority(tmp_path):
    store = TrustStore.from_folder(trust_folder(tmp_path))
    assert (len(store.anchors), len(store.intermediates), len(store.crls)) == (1, 1, 2)
    (tmp_path / "anchors" / "rossi.der").write_bytes(certificate("rossi").dump())
    with pytest.raises(ValueError, match=r"rossi\.der"):
        TrustStore.from_folder(tmp_path)
    (tmp_path / "anchors" / "rossi.der").write_bytes(b"nulla")
    with pytest.raises(ValueError, match=r"rossi\.der"):
        TrustStore.from_folder(tmp_path)
    with pytest.raises(ValueError, match="none of the folders"):
        TrustStore.from_folder(tmp_path / "anchors")
    with pytest.raises(ValueError, match="no certification authority"):
        TrustStore.empty().with_anchor(certificate("rossi"))
