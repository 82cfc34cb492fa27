"""Questions to OCSP responders and the answers of authorities (RFC 6960, RFC 5280): are they for us, and valid now.

Whether an answer was signed by whom it had to be is no matter of this module: path validation checks that.
"""

from datetime import UTC, datetime, timedelta

from asn1crypto import crl, ocsp, x509
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import OCSPNonce, load_der_x509_certificate
from cryptography.x509.ocsp import OCSPRequestBuilder

from signing.foreign_input import MALFORMED

_CLOCK_SKEW = timedelta(minutes=5)


def ocsp_request(certificate: x509.Certificate, issuer: x509.Certificate, nonce: bytes) -> bytes:
    """DER of a question about one certificate; the hash only names it, SHA-1 is what every responder understands."""
    subject, authority = (load_der_x509_certificate(each.dump()) for each in (certificate, issuer))
    builder = OCSPRequestBuilder().add_certificate(subject, authority, SHA1())  # noqa: S303
    return builder.add_extension(OCSPNonce(nonce), critical=False).build().public_bytes(Encoding.DER)


def usable_response(data: bytes, nonce: bytes | None, now: datetime) -> ocsp.OCSPResponse | None:
    """A successful response that is valid now, and the answer to `nonce` where it repeats one; None for anything else."""
    try:
        response = ocsp.OCSPResponse.load(data, strict=True)
        if response["response_status"].native != "successful" or not _answers(response, nonce):
            return None
        starts = [_aware(one["this_update"].native) for one in response.response_data["responses"]]
        following = next_update(response)
    except MALFORMED:
        return None
    in_time = bool(starts) and max(starts) <= now + _CLOCK_SKEW
    return response if in_time and (following is None or now <= following) else None


def _answers(response: ocsp.OCSPResponse, nonce: bytes | None) -> bool:
    """Responders may leave the nonce out (RFC 5019); one that repeats another answers somebody else."""
    repeated = response.nonce_value
    return nonce is None or repeated is None or repeated.native == nonce


def next_update(response: ocsp.OCSPResponse) -> datetime | None:
    """Until when the response is good; None where it does not say, which means: until newer information."""
    ends = [one["next_update"].native for one in response.response_data["responses"]]
    return min((_aware(each) for each in ends if each is not None), default=None)


def usable_list(data: bytes, issuer: x509.Certificate | None, now: datetime) -> crl.CertificateList | None:
    """A revocation list that is valid now, and of that issuer where one is given; None for anything else."""
    try:
        found = crl.CertificateList.load(data, strict=True)
        contents = found["tbs_cert_list"]
        start, following = _aware(contents["this_update"].native), _aware(contents["next_update"].native)
        same = issuer is None or found.issuer.hashable == issuer.subject.hashable
    except MALFORMED:
        return None
    return found if same and start <= now + _CLOCK_SKEW and now <= following else None


def _aware(instant: datetime) -> datetime:
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
