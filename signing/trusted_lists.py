"""EU trusted lists (ETSI TS 119 612) as this library keeps them: services, the history of their status, and who they are.

Everything here is already verified and small; reading and verifying the XML is `signing.trusted_list_reading`.
"""

import base64
import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any

from asn1crypto import x509


class Purpose(StrEnum):
    """What an authority is asked to vouch for: a listed service vouches only for what its type names."""

    signer = "signer"
    identity_card = "identity_card"
    timestamp = "timestamp"
    revocation = "revocation"


CA_QC = "CA/QC"
QUALIFIED_TIMESTAMPS = "TSA/QTST"
_SERVICE_TYPES = {
    Purpose.signer: frozenset({CA_QC, "CA/PKC", "NationalRootCA-QC"}),
    # The Italian list names the authorities of CNS and CIE cards by this type.
    Purpose.identity_card: frozenset({"IdV", CA_QC, "CA/PKC"}),
    Purpose.timestamp: frozenset({QUALIFIED_TIMESTAMPS, "TSA", "TSA/TSS-QC", "TSA/TSS-AdESQCandQES"}),
    Purpose.revocation: frozenset({"Certstatus/OCSP", "Certstatus/OCSP/QC", "Certstatus/CRL", "Certstatus/CRL/QC"}),
}
IN_FORCE = frozenset(
    {
        "granted",
        "accredited",
        "undersupervision",
        "supervisionincessation",
        "recognisedatnationallevel",
        "setbynationallaw",
    }
)
"""Statuses of a service that may be relied on: those of eIDAS, of Directive 1999/93/EC before it, and the national ones."""


class ListRefused(Exception):
    """A trusted list that cannot be taken in; the text says why, in Italian: the administrator reads it."""


class ListAbsent(ListRefused):
    """The source does not have that list, and never promised to."""


@dataclass(frozen=True, slots=True)
class Criteria:
    """When a qualifier applies to a certificate (TS 119 612, 5.5.9.2.2). `assertion` is all, atLeastOne or none;
    key usages are (name, wanted) pairs as RFC 5280 names them in snake case."""

    assertion: str
    policies: tuple[tuple[str, ...], ...] = ()
    key_usages: tuple[tuple[tuple[str, bool], ...], ...] = ()
    extended_key_usages: tuple[tuple[str, ...], ...] = ()
    subject_attributes: tuple[tuple[str, ...], ...] = ()
    nested: tuple["Criteria", ...] = ()


@dataclass(frozen=True, slots=True)
class QualifierRule:
    """Qualifiers, by the last part of their URI (QCWithQSCD, NotQualified...), for certificates that meet the criteria."""

    qualifiers: tuple[str, ...]
    criteria: Criteria


@dataclass(frozen=True, slots=True)
class ServiceTerm:
    """One status of a service, from `since` (included) to `until` (excluded; None: still so when the list was issued).

    `purposes` are the ForeSignatures, ForeSeals, ForWebSiteAuthentication that narrow the service.
    """

    service_type: str
    status: str
    since: datetime
    until: datetime | None = None
    purposes: tuple[str, ...] = ()
    rules: tuple[QualifierRule, ...] = ()

    def contains(self, moment: datetime) -> bool:
        return self.since <= moment and (self.until is None or moment < self.until)


@dataclass(frozen=True, slots=True)
class Service:
    """A service of a provider; `encoded` are its certificates in DER, `terms` its history with the present first."""

    territory: str
    provider: str
    name: str
    encoded: tuple[bytes, ...]
    terms: tuple[ServiceTerm, ...]

    @property
    def certificates(self) -> tuple[x509.Certificate, ...]:
        return tuple(map(_certificate, self.encoded))

    def term_at(self, moment: datetime) -> ServiceTerm | None:
        """The status in force at that moment, None before the service was first listed."""
        return next((term for term in self.terms if term.contains(moment)), None)

    def serves(self, purpose: Purpose) -> bool:
        return any(term.service_type in _SERVICE_TYPES[purpose] for term in self.terms)


@dataclass(frozen=True, slots=True)
class ListFacts:
    """One list as it was taken in: number, issue and next update as it says, when and from where it came."""

    territory: str
    sequence: int
    issued_at: datetime
    next_update: datetime | None
    fetched_at: datetime
    location: str
    sha256: str
    services: int

    def is_stale(self, at: datetime) -> bool:
        """Past the instant by which its issuer promised another (TS 119 612, 5.3.15); a closed list has none."""
        return self.next_update is not None and at > self.next_update

    def age(self, at: datetime) -> timedelta:
        """Time since the list was issued, never negative."""
        return max(at - self.issued_at, timedelta(0))


def name_key(name: x509.Name) -> str:
    """A short key for a distinguished name, equal for names that RFC 5280 (7.1) holds equal."""
    return hashlib.sha256(name.hashable.encode()).hexdigest()[:24]


@lru_cache(maxsize=1024)
def _certificate(der: bytes) -> x509.Certificate:
    return x509.Certificate.load(der)


class TrustedLists:
    """The services of all lists at hand, looked up by the name of an authority. Immutable.

    `places` says where the services are whose certificates bear a name (`name_key`), and `read` reads the one at a place:
    thousands of services are at hand, and a verdict needs one or two.
    """

    def __init__(
        self, facts: Sequence[ListFacts], places: Mapping[str, Sequence[int]], read: Callable[[int], Service]
    ) -> None:
        self.facts = tuple(facts)
        self._places = places
        self._read = read
        self._known: dict[int, Service] = {}

    def list_of(self, territory: str) -> ListFacts:
        """The list of a territory. Raises KeyError when there is none."""
        for facts in self.facts:
            if facts.territory == territory:
                return facts
        raise KeyError(territory)

    def services_named(self, name: x509.Name) -> tuple[Service, ...]:
        """Services one of whose certificates has this subject."""
        return tuple(map(self._service, self._places.get(name_key(name), ())))

    def _service(self, place: int) -> Service:
        if place not in self._known:
            self._known[place] = self._read(place)
        return self._known[place]

    def service_of(self, certificate: x509.Certificate, purpose: Purpose) -> Service | None:
        """The service whose own certificate this is, such as a time-stamping unit listed by itself."""
        found = (
            service
            for service in self.services_named(certificate.subject)
            if service.serves(purpose) and certificate.dump() in service.encoded
        )
        return next(found, None)

    def authorities_for(
        self, certificates: Iterable[x509.Certificate], purpose: Purpose
    ) -> tuple[x509.Certificate, ...]:
        """Certificates of listed services of that purpose which may have issued any of the given ones, judged by name."""
        names = {name_key(each.issuer): each.issuer for each in certificates}
        found = {
            der: None
            for name in names.values()
            for service in self.services_named(name)
            if service.serves(purpose)
            for der in service.encoded
        }
        return tuple(each for each in map(_certificate, found) if name_key(each.subject) in names)


def criteria_from(record: Sequence[Any]) -> Criteria:
    assertion, policies, usages, extended, attributes, nested = record
    return Criteria(
        assertion,
        tuple(map(tuple, policies)),
        tuple(tuple((name, wanted) for name, wanted in bits) for bits in usages),
        tuple(map(tuple, extended)),
        tuple(map(tuple, attributes)),
        tuple(map(criteria_from, nested)),
    )


def service_from(record: Sequence[Any]) -> Service:
    """A service from its kept record: the fields in order, instants as ISO 8601, bytes in base64."""
    territory, provider, name, encoded, terms = record
    return Service(territory, provider, name, tuple(map(base64.b64decode, encoded)), tuple(map(_term_from, terms)))


def _term_from(record: Sequence[Any]) -> ServiceTerm:
    service_type, status, since, until, purposes, rules = record
    return ServiceTerm(
        service_type,
        status,
        datetime.fromisoformat(since),
        datetime.fromisoformat(until) if until else None,
        tuple(purposes),
        tuple(QualifierRule(tuple(qualifiers), criteria_from(criteria)) for qualifiers, criteria in rules),
    )
