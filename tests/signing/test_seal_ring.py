"""N2: a seal that is replaced stays recognised; a key in a token (PKCS #11) seals as one in a file does."""

import stat
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from signing.seal import seal_pdf, verify_seal
from signing.seal_key import SealKey
from signing.seal_pkcs11 import Token, TokenKey, TokenUnavailable
from signing.seal_ring import SealRing
from tests.pki.authority import AT
from tests.signing.documents import plain_pdf

LATER = AT + timedelta(days=400)


def new_key(name: str = "Sigillo") -> SealKey:
    return SealKey.create(name, "Regione di Prova", AT)


def sealed_with(ring: SealRing, at=AT, token=None) -> bytes:
    return seal_pdf(plain_pdf(), ring.current(token), at=at, reason="Ricevuta", name="Sportello")


@pytest.fixture
def ring(tmp_path):
    new_key().save(tmp_path / "seal")
    return SealRing(tmp_path / "seal")


def test_n2_what_the_old_seal_sealed_still_verifies_after_the_rotation(ring):
    old = sealed_with(ring)
    old_key = ring.current()
    ring.add(SealKey.create("Sigillo", "Regione di Prova", LATER), at=LATER)
    new = sealed_with(ring, at=LATER)
    for pdf in (old, new):
        assert verify_seal(pdf, ring.known(), LATER + timedelta(days=1)).holds
    assert [(one.number, one.retired_at) for one in ring.seals()] == [(2, None), (1, LATER)]
    afterwards = seal_pdf(plain_pdf(), old_key, at=LATER + timedelta(hours=1), reason="x", name="x")
    check = verify_seal(afterwards, ring.known(), LATER + timedelta(days=1))
    assert [one.code for one in check.problems] == ["seal_out_of_time"]


def test_n2_the_replaced_private_key_is_destroyed_and_nothing_else(ring):
    ring.add(new_key(), at=LATER)
    ring.add(new_key(), at=LATER + timedelta(days=1))
    names = {path.name for path in ring.folder.iterdir()}
    assert names == {
        *("seal.cert.pem", "seal.retired", "seal-2.cert.pem", "seal-2.retired"),
        *("seal-3.cert.pem", "seal-3.key.pem"),
    }
    assert [one.retired_at for one in ring.seals()] == [None, LATER + timedelta(days=1), LATER]
    assert {stat.S_IMODE(path.stat().st_mode) for path in ring.folder.iterdir()} == {0o600}


def test_a_seal_cut_short_in_the_making_is_none(ring):
    before = ring.current().fingerprint
    new_key().save(ring.folder, "seal-2")
    (ring.folder / "seal-2.key.pem").unlink()
    assert ring.current().fingerprint == before
    ring.add(new_key(), at=LATER)
    assert [one.number for one in ring.seals()] == [2, 1]


def test_a_seal_comes_into_use_once_and_an_empty_folder_has_none(ring, tmp_path):
    with pytest.raises(ValueError, match="già"):
        ring.add(ring.current(), at=LATER)
    with pytest.raises(FileNotFoundError):
        SealRing(tmp_path / "nowhere").current()


def test_a_key_that_is_not_of_its_certificate_never_comes_into_use(ring):
    mixed = SealKey(new_key().certificate, new_key().private_key)
    with pytest.raises(ValueError, match="non è quella"):
        ring.add(mixed, at=LATER)
    assert [one.number for one in ring.seals()] == [1]


def test_c1_a_key_in_a_token_seals_and_the_seal_verifies(token, ring):
    before = sealed_with(ring)
    ring.add(TokenKey.find(token, "SIG"), at=LATER)
    assert [one.in_token for one in ring.seals()] == [True, False]
    sealed = sealed_with(ring, at=LATER, token=token)
    check = verify_seal(sealed, ring.known(), LATER)
    assert (check.holds, check.signer_name) == (True, "Sigillo nel dispositivo")
    assert verify_seal(before, ring.known(), LATER).holds
    assert not list(ring.folder.glob("*.key.pem"))
    with pytest.raises(TokenUnavailable, match="non è configurato"):
        ring.current()


def test_a_key_in_a_token_signs_for_other_programs_and_never_leaves_it(token):
    key = TokenKey.find(token, "SIG")
    signature = key.private_key.sign(b"segnatura", ec.ECDSA(hashes.SHA256()))
    key.certificate.public_key().verify(signature, b"segnatura", ec.ECDSA(hashes.SHA256()))
    with pytest.raises(TypeError, match="does not leave"):
        key.private_key.private_numbers()


@pytest.mark.parametrize("wrong", ["module", "label", "pin", "pin_file", "key"])
def test_whatever_is_wrong_with_the_token_is_one_error(token, tmp_path, wrong):
    (tmp_path / "pin").write_text("000000")
    broken = {
        "module": Token(Path("/usr/lib/nowhere.so"), token.label, token.pin_file),
        "label": Token(token.module, "altro", token.pin_file),
        "pin": Token(token.module, token.label, tmp_path / "pin"),
        "pin_file": Token(token.module, token.label, tmp_path / "none"),
    }.get(wrong, token)
    with pytest.raises(TokenUnavailable) as told:
        TokenKey.find(broken, "ALTRA" if wrong == "key" else "SIG")
    assert token.pin_file.read_text().strip() not in str(told.value)


def test_a_certificate_of_another_key_is_found_out_before_the_token_is_used(token, ring):
    stranger = TokenKey(token, "SIG", new_key().certificate)
    with pytest.raises(ValueError, match="non è quella"):
        ring.add(stranger, at=LATER)
    with pytest.raises(TokenUnavailable):
        ring.add(TokenKey(token, "ALTRA", new_key().certificate), at=LATER)
