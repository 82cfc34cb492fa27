"""C2, N2: time-stamps asked of an authority over HTTP, believed only when checked; and seals that carry one (PAdES B-T)."""

import hashlib
from datetime import timedelta

import pytest
from cryptography import x509
from rfc3161_client import VerifierBuilder, decode_timestamp_response

from signing.inspect import inspect_signatures
from signing.seal import seal_pdf, verify_seal
from signing.seal_key import SealKey
from signing.time_stamping import TimeStampAuthority, TimeStampUnavailable, read_token, stamp, time_stamper
from tests.pki.authority import AT, certificate, trust_store
from tests.pki.time_stamp_server import TimeStampServer, time_stamp_server
from tests.signing.documents import plain_pdf

PATIENCE = 60.0
DIGEST = hashlib.sha256(b"testa del registro").digest()
KEY = SealKey.create("Sportello della Regione di Prova", "Regione di Prova", AT)


@pytest.fixture
def server():
    with time_stamp_server() as running:
        running.at = AT
        yield running


def authority(server: TimeStampServer, **settings) -> TimeStampAuthority:
    return TimeStampAuthority(server.url, **{"seconds": PATIENCE, **settings})


def test_n2_a_head_is_stamped_and_an_independent_verifier_believes_the_token(server):
    token = stamp(DIGEST, authority(server), at=AT)
    assert (token.time, token.authority) == (AT, "Prestatore di Prova Marche Temporali")
    assert server.digests == [DIGEST]
    response = _response_around(token.token)
    verifier = VerifierBuilder()
    for who in ("root", "ca"):
        verifier = verifier.add_root_certificate(x509.load_der_x509_certificate(certificate(who).dump()))
    assert verifier.build().verify_message(decode_timestamp_response(response), b"testa del registro")


def _response_around(token: bytes) -> bytes:
    from asn1crypto import cms, tsp

    return tsp.TimeStampResp({"status": {"status": "granted"}, "time_stamp_token": cms.ContentInfo.load(token)}).dump()


def test_an_authority_that_stumbles_is_asked_again_and_one_that_wants_a_password_gets_it(server):
    server.failures = 1
    assert stamp(DIGEST, authority(server), at=AT).time == AT
    server.login = ("ente", "segreto")
    assert stamp(DIGEST, authority(server, user="ente", password="segreto"), at=AT).time == AT
    with pytest.raises(TimeStampUnavailable, match="401"):
        stamp(DIGEST, authority(server), at=AT)
    assert "segreto" not in repr(authority(server, user="ente", password="segreto"))


@pytest.mark.parametrize(
    ("behaviour", "said"),
    [
        ({"failures": 9}, "non risponde"),
        ({"delay": 1.5}, "non risponde"),
        ({"answer": b"<html>Benvenuti</html>"}, "non si legge"),
        ({"answer": b""}, "non si legge"),
        ({"answer": b"\x30" * 70_000}, "più di quanto"),
        ({"at": AT + timedelta(hours=1)}, "troppo lontano"),
    ],
)
def test_whatever_goes_wrong_is_one_error_that_says_what(server, behaviour, said):
    for name, value in behaviour.items():
        setattr(server, name, value)
    with pytest.raises(TimeStampUnavailable, match=said):
        stamp(DIGEST, authority(server, seconds=0.4 if server.delay else PATIENCE), at=AT)


def test_an_authority_that_is_not_there_is_the_same_error():
    with pytest.raises(TimeStampUnavailable, match="non risponde"):
        stamp(DIGEST, TimeStampAuthority("http://127.0.0.1:9/", attempts=1), at=AT)


def test_a_refusal_a_token_of_other_data_and_a_replayed_one_are_not_believed(server):
    import asyncio

    from asn1crypto import tsp

    refusal = tsp.PKIStatusInfo({"status": "rejection", "status_string": ["sistema in manutenzione"]}).dump()
    server.answer = b"\x30" + bytes([len(refusal)]) + refusal
    with pytest.raises(TimeStampUnavailable, match="ha rifiutato"):
        stamp(DIGEST, authority(server), at=AT)
    server.answer = None
    old = asyncio.run(time_stamper(authority(server)).async_timestamp(hashlib.sha256(b"altro").digest(), "sha256"))
    server.answer = _response_around(old.dump())
    with pytest.raises(TimeStampUnavailable):
        stamp(DIGEST, authority(server), at=AT)


def test_what_is_asked_wrongly_is_refused_before_anything_leaves():
    nowhere = TimeStampAuthority("http://127.0.0.1:9/")
    with pytest.raises(ValueError, match="SHA-256"):
        stamp(b"corto", nowhere, at=AT)
    with pytest.raises(ValueError, match="aware"):
        stamp(DIGEST, nowhere, at=AT.replace(tzinfo=None))


def test_a_changed_token_says_nothing(server):
    token = stamp(DIGEST, authority(server), at=AT).token
    assert read_token(token).digest == DIGEST
    for place in range(len(token) // 2, len(token), len(token) // 7):
        changed = bytearray(token)
        changed[place] ^= 1
        told = read_token(bytes(changed))
        assert told is None or told.digest == DIGEST, place
    assert read_token(b"") is None


def test_n2_a_stamped_seal_holds_says_when_and_its_time_is_proven_where_the_authority_is_trusted(server):
    sealed = seal_pdf(plain_pdf(), KEY, at=AT, reason="Ricevuta", name="Sportello", authority=authority(server))
    check = verify_seal(sealed, KEY.fingerprint, AT + timedelta(minutes=1))
    assert check.holds
    assert (check.stamped_at, check.stamped_by, check.problems) == (AT, "Prestatore di Prova Marche Temporali", ())
    seen = inspect_signatures(sealed, trust=trust_store().with_seal(KEY.fingerprint), at=AT).signatures[0]
    assert (seen.own_seal, seen.proven_time) == (True, AT)
    changed = verify_seal(sealed.replace(b"ore 40", b"ore 48"), KEY.fingerprint, AT + timedelta(minutes=1))
    assert not changed.holds


def test_a_seal_is_not_made_unstamped_in_silence(server):
    server.failures = 9
    with pytest.raises(TimeStampUnavailable):
        seal_pdf(plain_pdf(), KEY, at=AT, reason="Ricevuta", name="Sportello", authority=authority(server, attempts=1))
