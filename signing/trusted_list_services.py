"""The services of a trusted list (ETSI TS 119 612, 5.5): who they are, and the whole history of their status.

A past status carries no certificate of its own in the lists of today, so the service's certificates stand for all of them.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from asn1crypto import x509
from pyhanko.generated.etsi import ts_119612, ts_119612_extra, ts_119612_sie

from signing.certificates import is_readable
from signing.trusted_lists import Criteria, ListRefused, QualifierRule, Service, ServiceTerm

_SERVICE_TYPE = "/Svctype/"
_PURPOSES = frozenset({"ForeSignatures", "ForeSeals", "ForWebSiteAuthentication"})
_UNDERSTOOD = (
    ts_119612_sie.Qualifications,
    ts_119612.AdditionalServiceInformation,
    ts_119612.ExpiredCertsRevocationInfo,
    ts_119612_extra.TakenOverBy,
)


class NotUnderstood(Exception):
    """A critical extension that this reader does not know."""


def services_in(document: ts_119612.TrustServiceStatusList) -> Iterator[tuple[str, Any]]:
    """Every service with the name of its provider."""
    providers = document.trust_service_provider_list
    for provider in providers.trust_service_provider if providers else ():
        name = name_in(provider.tspinformation.tspname if provider.tspinformation else None)
        for service in provider.tspservices.tspservice if provider.tspservices else ():
            if service.service_information is not None:
                yield name, service


def service_of(territory: str, provider: str, service: Any) -> Service:
    """A service with its history. Raises NotUnderstood, or one of `MALFORMED` for what is not as the standard wants."""
    present = service.service_information
    past = service.service_history.service_history_instance if service.service_history else ()
    terms: list[ServiceTerm] = []
    for instance in sorted((present, *past), key=lambda each: aware(each.status_starting_time), reverse=True):
        terms.append(_term(instance, terms[-1].since if terms else None))
    encoded = tuple(dict.fromkeys(each.dump() for each in _certificates((present, *past))))
    return Service(territory, provider, name_in(present.service_name), encoded, tuple(terms))


def _certificates(instances: Iterable[Any]) -> Iterator[x509.Certificate]:
    for instance in instances:
        if instance.service_digital_identity:
            yield from certificates_in(instance.service_digital_identity)


def certificates_in(identity: Any) -> Iterator[x509.Certificate]:
    """The readable certificates of a digital identity."""
    for digital in identity.digital_id:
        if digital.x509_certificate:
            certificate = x509.Certificate.load(digital.x509_certificate)
            if is_readable(certificate):
                yield certificate


def _term(instance: Any, until: datetime | None) -> ServiceTerm:
    extensions = instance.service_information_extensions
    purposes: list[str] = []
    rules: list[QualifierRule] = []
    for extension in extensions.extension if extensions else ():
        for content in extension.content:
            if isinstance(content, ts_119612_sie.Qualifications):
                rules.extend(_rules(content))
            elif isinstance(content, ts_119612.AdditionalServiceInformation) and content.uri:
                purposes.append(_last_part(content.uri.value))
            elif extension.critical and not isinstance(content, _UNDERSTOOD):
                raise NotUnderstood(f"critical extension {type(content).__name__}")
    return ServiceTerm(
        service_type=str(instance.service_type_identifier.value).split(_SERVICE_TYPE)[-1],
        status=_last_part(str(instance.service_status.value)),
        since=aware(instance.status_starting_time),
        until=until,
        purposes=tuple(sorted(_PURPOSES & set(purposes))),
        rules=tuple(rules),
    )


def _rules(qualifications: ts_119612_sie.Qualifications) -> Iterator[QualifierRule]:
    for element in qualifications.qualification_element:
        if element.qualifiers and element.criteria_list:
            qualifiers = tuple(_last_part(str(each.uri)) for each in element.qualifiers.qualifier)
            yield QualifierRule(qualifiers, _criteria(element.criteria_list))


def _criteria(listed: ts_119612_sie.CriteriaListType) -> Criteria:
    others = listed.other_criteria_list.content if listed.other_criteria_list else ()
    extended, attributes = [], []
    for other in others:
        if isinstance(other, ts_119612_extra.ExtendedKeyUsage):
            extended.append(tuple(_oid(each) for each in other.key_purpose_id))
        elif isinstance(other, ts_119612_extra.CertSubjectDNAttribute):
            attributes.append(tuple(_oid(each) for each in other.attribute_oid))
        else:
            raise NotUnderstood(f"criterion {type(other).__name__}")
    return Criteria(
        assertion=str(listed.assert_value.value) if listed.assert_value else "all",
        policies=tuple(tuple(_oid(each) for each in policies.policy_identifier) for policies in listed.policy_set),
        key_usages=tuple(
            tuple((_snake(bit.name.value), bool(bit.value)) for bit in usage.key_usage_bit if bit.name)
            for usage in listed.key_usage
        ),
        extended_key_usages=tuple(extended),
        subject_attributes=tuple(attributes),
        nested=tuple(map(_criteria, listed.criteria_list)),
    )


def _oid(identifier: Any) -> str:
    return str(identifier.identifier.value).removeprefix("urn:oid:").strip()


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


def _last_part(uri: str) -> str:
    return uri.strip().rstrip("/").rsplit("/", 1)[-1]


def aware(instant: Any) -> datetime:
    """An instant of the list. Raises ListRefused for one without a time zone."""
    moment: datetime = instant.to_datetime()
    if moment.tzinfo is None:
        raise ListRefused(f"l'istante {instant} non ha fuso orario")
    return moment


def name_in(names: Any) -> str:
    """A name in Italian where there is one, else in English, else the first."""
    texts = {each.lang: str(each.value) for each in names.name} if names else {}
    return texts.get("it") or texts.get("en") or next(iter(texts.values()), "?")
