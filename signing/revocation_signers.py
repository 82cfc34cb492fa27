"""Answers about revocation that others than the authority sign: delegated responders, and services that a trusted list names.

RFC 6960 (4.2.2.2) admits responders that the authority certified for OCSP, and those that the relying party knows otherwise;
for us these are the services of status information in the trusted lists (ETSI TS 119 612, 5.5.1.3), of the authority's own
provider. pyhanko-certvalidator knows the first kind only where their own revocation is settled, and not the second.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from asn1crypto import algos, crl, ocsp, x509

from signing.algorithms import WEAK_DIGESTS, UnsupportedSignature, digest_name, hash_of, public_key, verify_signature
from signing.foreign_input import MALFORMED
from signing.trusted_lists import IN_FORCE, Purpose, TrustedLists

_NO_CHECK = "1.3.6.1.5.5.7.48.1.5"
_PARTIAL_LIST = frozenset({"issuing_distribution_point", "delta_crl_indicator"})


@dataclass(frozen=True, slots=True)
class Told:
    """What an answer says of a certificate: since when it is revoked, None while it is not."""

    revoked_since: datetime | None = None

    def is_revoked(self, at: datetime) -> bool:
        return self.revoked_since is not None and self.revoked_since <= at


@dataclass(frozen=True, slots=True)
class Authorised:
    """Who may answer. `lists` are the trusted lists at hand; `stands` says whether a delegated responder, which names where its
    own revocation can be looked up, is known not to be revoked."""

    lists: TrustedLists | None
    stands: Callable[[x509.Certificate], bool]

    def for_responses(self, responder: x509.Certificate, issuer: x509.Certificate, then: datetime) -> bool:
        """Whether it may answer at that instant about certificates of that issuer."""
        if not responder.not_valid_before <= then <= responder.not_valid_after:
            return False
        return self._delegated(responder, issuer) or self.is_listed(responder, issuer, then, "Certstatus/OCSP")

    def _delegated(self, responder: x509.Certificate, issuer: x509.Certificate) -> bool:
        usage = responder.extended_key_usage_value
        if usage is None or "ocsp_signing" not in usage.native or responder.issuer.hashable != issuer.subject.hashable:
            return False
        contents, value = responder["tbs_certificate"].dump(), responder["signature_value"].native
        if not _verifies(issuer, responder["signature_algorithm"], value, contents):
            return False
        return _names_no_way(responder) or self.stands(responder)

    def is_listed(self, signer: x509.Certificate, issuer: x509.Certificate, then: datetime, kind: str) -> bool:
        """Whether a list names it for that kind of service, in force then, beside its provider's own authority."""
        service = self.lists.service_of(signer, Purpose.revocation) if self.lists else None
        term = service.term_at(then) if service is not None else None
        if self.lists is None or service is None or term is None or term.status not in IN_FORCE:
            return False
        owners = {(each.territory, each.provider) for each in self.lists.services_named(issuer.subject)}
        return kind == term.service_type.removesuffix("/QC") and (service.territory, service.provider) in owners


def _names_no_way(responder: x509.Certificate) -> bool:
    """The authority says that nobody need look (id-pkix-ocsp-nocheck), or names nowhere to look (RFC 6960, 4.2.2.2.1)."""
    declared = {str(one["extn_id"].dotted) for one in responder["tbs_certificate"]["extensions"] or ()}
    return _NO_CHECK in declared or not (responder.ocsp_urls or responder.crl_distribution_points)


def told_about(
    certificate: x509.Certificate,
    issuer: x509.Certificate,
    *,
    responses: Iterable[ocsp.OCSPResponse],
    lists: Iterable[crl.CertificateList],
    known: Iterable[x509.Certificate],
    authorised: Authorised,
    at: datetime,
) -> Told | None:
    """What responses and lists by authorised signers say of the certificate at the instant `at`; a revocation before all else.

    `known` are certificates among which responders may be found. None where nobody who may answers. Never raises for foreign
    bytes.
    """
    candidates = tuple(known)
    answers = [*_from_responses(certificate, issuer, responses, candidates, authorised, at)]
    answers += _from_lists(certificate, issuer, lists, authorised, at)
    return min(answers, key=lambda told: not told.is_revoked(at), default=None)


def _from_responses(
    certificate: x509.Certificate,
    issuer: x509.Certificate,
    responses: Iterable[ocsp.OCSPResponse],
    known: tuple[x509.Certificate, ...],
    authorised: Authorised,
    at: datetime,
) -> Iterator[Told]:
    for response in responses:
        try:
            basic = response.basic_ocsp_response
            contents = basic["tbs_response_data"]
            told = next((one for one in contents["responses"] if _is_about(one["cert_id"], certificate, issuer)), None)
            signer = _responder(basic, known) if told is not None else None
            then = _aware(contents["produced_at"].native)
            if signer is None or not authorised.for_responses(signer, issuer, then):
                continue
            if _verifies(signer, basic["signature_algorithm"], basic["signature"].native, contents.dump()):
                yield from _status(told, at)
        except (UnsupportedSignature, *MALFORMED):
            continue


def _is_about(name: ocsp.CertId, certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    digest = digest_name(name["hash_algorithm"])
    told = (name["serial_number"].native, name["issuer_name_hash"].native, name["issuer_key_hash"].native)
    issuer_key = hash_of(bytes(issuer.public_key["public_key"]), digest)
    return told == (certificate.serial_number, hash_of(certificate.issuer.dump(), digest), issuer_key)


def _responder(basic: ocsp.BasicOCSPResponse, known: tuple[x509.Certificate, ...]) -> x509.Certificate | None:
    """The certificate that the responder's identifier names: among those it sends first."""
    identifier = basic["tbs_response_data"]["responder_id"]
    for one in (*(basic["certs"] or ()), *known):
        if identifier.name == "by_name" and one.subject.hashable == identifier.chosen.hashable:
            return one
        if identifier.name == "by_key" and hash_of(bytes(one.public_key["public_key"]), "sha1") == identifier.native:
            return one
    return None


def _status(told: ocsp.SingleResponse, at: datetime) -> Iterator[Told]:
    """An answer that was past its time at that instant says nothing of it; one of later does."""
    following = told["next_update"].native
    if following is not None and _aware(following) < at:
        return
    match told["cert_status"].name:
        case "good":
            yield Told()
        case "revoked":
            yield Told(_aware(told["cert_status"].chosen["revocation_time"].native))


def _from_lists(
    certificate: x509.Certificate,
    issuer: x509.Certificate,
    lists: Iterable[crl.CertificateList],
    authorised: Authorised,
    at: datetime,
) -> Iterator[Told]:
    """Whole lists in the issuer's name, signed by a listed service of revocation lists."""
    for one in lists:
        try:
            contents = one["tbs_cert_list"]
            if one.issuer.hashable != certificate.issuer.hashable or _is_partial(one):
                continue
            if _aware(contents["next_update"].native) < at:
                continue
            if any(
                _verifies(signer, one["signature_algorithm"], one["signature"].native, contents.dump())
                for signer in _listed_signers(one, issuer, authorised)
            ):
                yield _listed_status(one, certificate.serial_number)
        except (UnsupportedSignature, *MALFORMED):
            continue


def _is_partial(revocation_list: crl.CertificateList) -> bool:
    extensions = revocation_list["tbs_cert_list"]["crl_extensions"] or ()
    return any(one["extn_id"].native in _PARTIAL_LIST for one in extensions)


def _listed_signers(
    revocation_list: crl.CertificateList, issuer: x509.Certificate, authorised: Authorised
) -> Iterator[x509.Certificate]:
    then = _aware(revocation_list["tbs_cert_list"]["this_update"].native)
    for service in authorised.lists.services_named(revocation_list.issuer) if authorised.lists else ():
        for signer in service.certificates:
            if authorised.is_listed(signer, issuer, then, "Certstatus/CRL"):
                yield signer


def _listed_status(revocation_list: crl.CertificateList, serial: int) -> Told:
    for entry in revocation_list["tbs_cert_list"]["revoked_certificates"] or ():
        if entry["user_certificate"].native == serial:
            return Told(_aware(entry["revocation_date"].native))
    return Told()


def _verifies(
    signer: x509.Certificate, algorithm: algos.SignedDigestAlgorithm, signature: bytes, message: bytes
) -> bool:
    digest = algorithm.hash_algo
    if digest in WEAK_DIGESTS:
        return False
    return verify_signature(public_key(signer.public_key), algorithm, digest, signature, message)


def _aware(instant: datetime) -> datetime:
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
