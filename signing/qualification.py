"""What a trusted list confirms of a signer's certificate at a time (ETSI TS 119 615): qualified signature or seal, or not.

pyHanko's assessor applies a service's qualifiers to the certificate; this module hands it the terms that were in force, at the
issue of the certificate and at the signature, since a certificate has to be qualified at both.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from asn1crypto import x509
from pyhanko.sign.validation.qualified.assess import UNQUALIFIED, QualificationAssessor
from pyhanko.sign.validation.qualified.q_status import QualifiedStatus
from pyhanko.sign.validation.qualified.tsp import (
    CA_QC_URI,
    BaseServiceInformation,
    CAServiceInformation,
    CertSubjectDNCriterion,
    CriteriaCombination,
    CriteriaList,
    Criterion,
    KeyUsageCriterion,
    PolicySetCriterion,
    QcCertType,
    Qualification,
    Qualifier,
    TSPRegistry,
)
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko_certvalidator.path import ValidationPath

from signing.certificates import claims_of, is_identity_card
from signing.foreign_input import MALFORMED
from signing.problems import problem
from signing.report import Problem
from signing.stated_times import in_rome
from signing.trust import TrustStore
from signing.trusted_lists import CA_QC, Criteria, ListFacts, QualifierRule, Service, ServiceTerm, TrustedLists

_EIDAS = datetime(2016, 7, 1, tzinfo=ZoneInfo("Europe/Brussels"))
_BEFORE_EIDAS = frozenset({"accredited", "undersupervision", "supervisionincessation"})
_TYPES = {
    "ForeSignatures": QcCertType.QC_ESIGN,
    "ForeSeals": QcCertType.QC_ESEAL,
    "ForWebSiteAuthentication": QcCertType.QC_WEB,
}
_QUALIFIERS = {each.value: each for each in Qualifier}


@dataclass(frozen=True, slots=True)
class Qualified:
    """`kind` as in the `inspect` contract; `problems` name the list used with its age, and what speaks against it."""

    kind: str
    problems: tuple[Problem, ...] = ()


def qualify(
    certificate: x509.Certificate,
    path: ValidationPath | None,
    trust: TrustStore,
    *,
    proven: datetime | None,
    claimed: datetime | None,
    at: datetime,
) -> Qualified:
    """What the lists say of a signature by `certificate`, at the proven time, else both at the claimed time and at `at`.

    `path` leads to an anchor, None where there is no such path. A CNS or CIE card is told as such whatever a list says of its
    authority, but where anybody is believed the authority has to be one of them.
    """
    lists = trust.lists
    if is_identity_card(certificate) and (path is not None or not trust.believes_anyone):
        return Qualified("cns_or_cie", tuple(_lists_used(path, lists, at)))
    if lists is None or trust.is_own_seal(certificate):
        return Qualified("unknown")
    services = tuple(_services_on(path, lists)) if path is not None else ()
    if path is None or not services:
        return Qualified("unknown", tuple(_lists_searched(lists, at, needed=path is None)))
    used = tuple(_lists_used(path, lists, at))
    earlier = [moment for moment in (claimed,) if moment is not None and moment < at]
    moments = [proven] if proven is not None else [*earlier, at]
    kinds = {_kind_at(certificate, path, services, moment) for moment in moments}
    if len(kinds) > 1:
        return Qualified("unknown", (*used, problem("qualification_time_unproven")))
    kind = kinds.pop()
    told = _against(services, moments[0]) if kind == "not_qualified" else ()
    return Qualified(kind, (*used, *told))


def _kind_at(
    certificate: x509.Certificate,
    path: ValidationPath,
    services: tuple[Service, ...],
    moment: datetime,
) -> str:
    issued, signed = (_status_at(certificate, path, services, each) for each in (certificate.not_valid_before, moment))
    if not (issued.qualified and signed.qualified) or signed.qc_type is QcCertType.QC_WEB:
        return "not_qualified"
    if not signed.qc_key_security.is_qscd:
        return "advanced"
    return "qualified_seal" if signed.qc_type is QcCertType.QC_ESEAL else "qualified_signature"


def _status_at(
    certificate: x509.Certificate,
    path: ValidationPath,
    services: tuple[Service, ...],
    moment: datetime,
) -> QualifiedStatus:
    registry = TSPRegistry()
    ignored = {"QCForLegalPerson"} if claims_of(certificate).type == "eseal" else set()
    for service in services:
        term = service.term_at(moment)
        if term is not None and _grants(term, moment):
            registry.register_ca(_definition(service, term, ignored))
    try:
        return QualificationAssessor(registry).check_entity_cert_qualified(path, moment).status
    except MALFORMED:
        # The certificate's own statements cannot be read: it claims nothing.
        return UNQUALIFIED


def _grants(term: ServiceTerm, moment: datetime) -> bool:
    return term.status == "granted" or (term.status in _BEFORE_EIDAS and moment < _EIDAS)


def _services_on(path: ValidationPath, lists: TrustedLists) -> Iterator[Service]:
    """Listed services that are an authority of the path: the same name and the same key."""
    for authority in path.iter_authorities():
        for service in lists.services_named(authority.name):
            if any(
                each.public_key.dump() == authority.public_key.dump() and each.subject == authority.name
                for each in service.certificates
            ):
                yield service


def _definition(service: Service, term: ServiceTerm, ignored: set[str]) -> CAServiceInformation:
    return CAServiceInformation(
        base_info=BaseServiceInformation(
            service_type=CA_QC_URI,
            service_name=service.name,
            valid_from=term.since,
            valid_until=term.until,
            provider_certs=service.certificates if term.service_type == CA_QC else (),
            additional_info_certificate_type=frozenset(_TYPES[each] for each in term.purposes),
            other_additional_info=frozenset(),
        ),
        qualifications=frozenset(filter(None, (_rule(each, ignored) for each in term.rules))),
        expired_certs_revocation_info=None,
    )


def _rule(rule: QualifierRule, ignored: set[str]) -> Qualification | None:
    qualifiers = frozenset(_QUALIFIERS[each] for each in rule.qualifiers if each in _QUALIFIERS and each not in ignored)
    return Qualification(qualifiers, _criteria(rule.criteria)) if qualifiers else None


def _criteria(criteria: Criteria) -> CriteriaList:
    return CriteriaList(CriteriaCombination(criteria.assertion), frozenset(_criterion_list(criteria)))


def _criterion_list(criteria: Criteria) -> Iterator[Criterion]:
    yield from (PolicySetCriterion(frozenset(each)) for each in criteria.policies)
    for bits in criteria.key_usages:
        yield KeyUsageCriterion(
            KeyUsageConstraints(
                key_usage=frozenset(name for name, wanted in bits if wanted),
                key_usage_forbidden=frozenset(name for name, wanted in bits if not wanted),
                match_all_key_usages=True,
            )
        )
    for purposes in criteria.extended_key_usages:
        yield KeyUsageCriterion(KeyUsageConstraints(extd_key_usage=frozenset(purposes)))
    yield from (CertSubjectDNCriterion(frozenset(each)) for each in criteria.subject_attributes)
    yield from map(_criteria, criteria.nested)


def _against(services: Iterable[Service], moment: datetime) -> tuple[Problem, ...]:
    withdrawn = [
        term
        for service in services
        for term in (service.term_at(moment),)
        if term is not None and term.service_type == CA_QC and not _grants(term, moment)
    ]
    if withdrawn:
        return (problem("service_withdrawn", withdrawn[0].status, since=_day(withdrawn[0].since)),)
    return (problem("certificate_not_qualified"),)


def _lists_used(path: ValidationPath | None, lists: TrustedLists | None, at: datetime) -> Iterator[Problem]:
    if path is None or lists is None:
        return
    for territory in dict.fromkeys(service.territory for service in _services_on(path, lists)):
        facts = lists.list_of(territory)
        code = "trusted_list_stale" if facts.is_stale(at) else "trusted_list_used"
        yield problem(code, None, territory=territory, sequence=facts.sequence, **_dates(facts, at))


def _lists_searched(lists: TrustedLists, at: datetime, *, needed: bool) -> Iterator[Problem]:
    """Searched in vain. How old they are is a doubt only where nobody else vouches for the certificate (`needed`)."""
    national = [facts for facts in lists.facts if facts.services]
    if national:
        oldest = min(national, key=lambda facts: facts.issued_at)
        stale = needed and any(facts.is_stale(at) for facts in national)
        territories = ", ".join(facts.territory for facts in national)
        code = "trusted_lists_searched_stale" if stale else "trusted_lists_searched"
        yield problem(code, None, territories=territories, **_dates(oldest, at))


def _dates(facts: ListFacts, at: datetime) -> dict[str, object]:
    return {
        "issued": _day(facts.issued_at),
        "age": facts.age(at).days,
        "next": _day(facts.next_update) if facts.next_update else "mai",
    }


def _day(instant: datetime) -> str:
    return in_rome(instant).strftime("%d/%m/%Y")
