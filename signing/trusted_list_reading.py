"""Trusted lists from XML (ETSI TS 119 612): a list's signature verified at a given time, then its services with their history.

Slow to import (XML bindings, XAdES): only what updates the lists needs it. Services keep the whole history of their status,
from the present back; a past status carries no certificate of its own, so the service's certificates stand for all.
"""

import base64
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass, replace
from datetime import datetime
from typing import Any

from asn1crypto import x509
from cryptography.x509 import load_der_x509_certificate
from lxml import etree
from pyhanko.generated.etsi import ts_119612, ts_119612_extra, ts_119612_sie
from pyhanko.sign.validation.qualified.eutl_parse import ETSI_TSL_MIME_TYPE, KNOWN_OJEU_REANCHOR_URLS, LOTL_RULE
from signxml.exceptions import SignXMLException
from signxml.xades.xades import XAdESSignatureConfiguration, XAdESVerifier
from xsdata.exceptions import ParserError
from xsdata.formats.dataclass.context import XmlContext
from xsdata.formats.dataclass.parsers import XmlParser
from xsdata.formats.dataclass.parsers.config import ParserConfig
from xsdata.formats.dataclass.parsers.handlers import LxmlEventHandler

from signing.certificates import is_readable
from signing.foreign_input import MALFORMED
from signing.trusted_lists import Criteria, QualifierRule, Service, ServiceTerm, fingerprint_of

_NAMESPACE = ts_119612.TrustServiceStatusList.Meta.namespace
_ROOT = f"{{{_NAMESPACE}}}TrustServiceStatusList"
_CONTEXT = XmlContext()
_SERVICE_TYPE = "/Svctype/"
_PURPOSES = frozenset({"ForeSignatures", "ForeSeals", "ForWebSiteAuthentication"})
_UNDERSTOOD = (
    ts_119612_sie.Qualifications,
    ts_119612.AdditionalServiceInformation,
    ts_119612.ExpiredCertsRevocationInfo,
    ts_119612_extra.TakenOverBy,
)


class ListRefused(Exception):
    """A trusted list that cannot be taken in; the text says why, in Italian: the administrator reads it."""


class ListAbsent(ListRefused):
    """The source does not have that list, and never promised to."""


@dataclass(frozen=True, slots=True)
class ReadList:
    """A list as read. `unread` names services left out because a critical extension of theirs is not understood."""

    territory: str
    sequence: int
    issued_at: datetime
    next_update: datetime | None
    services: tuple[Service, ...]
    certificates: tuple[x509.Certificate, ...]
    unread: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Pointer:
    """Where the list of lists says that a national list is, and who may sign it."""

    territory: str
    location: str
    signers: tuple[x509.Certificate, ...]


@dataclass(frozen=True, slots=True)
class ListOfLists:
    """The European list of lists: pointers to the national ones, who may sign its next issue, and its pivots (oldest first)."""

    facts: ReadList
    pointers: tuple[Pointer, ...]
    signers: tuple[x509.Certificate, ...]
    pivots: tuple[str, ...]


def verified(xml: bytes, signers: Iterable[x509.Certificate], at: datetime) -> bytes:
    """The signed bytes of a list, whose XAdES signature was made by one of `signers`, valid at `at`.

    Only what the signature covers is given back, so nothing else can be read by mistake. Raises ListRefused.
    """
    reasons = []
    for signer in sorted(signers, key=lambda each: each.not_valid_before, reverse=True):
        try:
            return _signed_root(xml, signer, at)
        except (SignXMLException, etree.XMLSyntaxError, *MALFORMED) as error:
            reasons.append(f"{signer.subject.native.get('common_name', '?')}: {str(error)[:160]}")
    raise ListRefused(
        "nessuno dei firmatari attesi l'ha firmata validamente. " + "; ".join(reasons or ["nessuno è noto"])
    )


def _signed_root(xml: bytes, signer: x509.Certificate, at: datetime) -> bytes:
    configuration = XAdESSignatureConfiguration(require_x509=True, expect_references=True, verification_time=at)
    results = XAdESVerifier().verify(
        xml, x509_cert=load_der_x509_certificate(signer.dump()), expect_config=configuration
    )
    for result in results:
        if result.signed_xml is not None and result.signed_xml.tag == _ROOT:
            return bytes(result.signed_data)
    raise ValueError("the signature does not cover the list")


def _root(xml: bytes) -> Any:
    hardened = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
    try:
        root = etree.fromstring(xml, hardened)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise ListRefused("non è una lista di fiducia") from error
    if root.tag != _ROOT:
        raise ListRefused("non è una lista di fiducia")
    return root


def _parsed(xml: bytes) -> ts_119612.TrustServiceStatusList:
    configuration = ParserConfig(fail_on_unknown_properties=False, fail_on_unknown_attributes=False)
    parser = XmlParser(config=configuration, handler=LxmlEventHandler, context=_CONTEXT)
    try:
        return parser.parse(etree.ElementTree(_root(xml)), ts_119612.TrustServiceStatusList)
    except (ParserError, *MALFORMED) as error:
        raise ListRefused(f"non è una lista di fiducia leggibile ({type(error).__name__})") from error


def headline(xml: bytes) -> tuple[str, int]:
    """Territory and number that a file claims, its signature not looked at: to choose among files. Raises ListRefused."""
    root = _root(xml)
    scheme = f"{{{_NAMESPACE}}}SchemeInformation/{{{_NAMESPACE}}}"
    territory, number = root.findtext(f"{scheme}SchemeTerritory"), root.findtext(f"{scheme}TSLSequenceNumber")
    if not territory or not (number or "").strip().isdecimal():
        raise ListRefused("non dice il suo Paese e il suo numero")
    return territory.strip(), int(number)


def read_list(xml: bytes) -> ReadList:
    """Reads a list whose signature was verified (`verified`). Raises ListRefused when it is none."""
    return _read(_parsed(xml))


def _read(document: ts_119612.TrustServiceStatusList) -> ReadList:
    scheme = document.scheme_information
    if scheme is None or scheme.list_issue_date_time is None or not scheme.scheme_territory:
        raise ListRefused("non dice il suo Paese e quando è stata emessa")
    services, certificates, unread = [], {}, []
    for provider, service in _services(document):
        try:
            read, own = _service(str(scheme.scheme_territory.value), provider, service)
        except (_NotUnderstood, *MALFORMED) as error:
            unread.append(f"{_name(service.service_information.service_name)}: {error}")
            continue
        if own:
            services.append(read)
            certificates.update({fingerprint_of(each): each for each in own})
    following = scheme.next_update.date_time if scheme.next_update else None
    return ReadList(
        territory=str(scheme.scheme_territory.value),
        sequence=int(scheme.tslsequence_number or 0),
        issued_at=_aware(scheme.list_issue_date_time),
        next_update=_aware(following) if following else None,
        services=tuple(services),
        certificates=tuple(certificates.values()),
        unread=tuple(unread),
    )


def read_list_of_lists(xml: bytes) -> ListOfLists:
    """Reads the European list of lists, its signature already verified. Raises ListRefused."""
    document = _parsed(xml)
    facts = _read(document)
    found = [pointer for pointer in map(_pointed, _pointers(document)) if pointer is not None]
    own = [pointer for pointer, to_itself in found if to_itself]
    if not own:
        raise ListRefused("non è una lista delle liste: non rimanda a se stessa")
    national: dict[str, Pointer] = {}
    for pointer, to_itself in found:
        if not to_itself:
            before = national[pointer.territory].signers if pointer.territory in national else ()
            national[pointer.territory] = replace(pointer, signers=(*before, *pointer.signers))
    return ListOfLists(
        facts=facts,
        pointers=tuple(national.values()),
        signers=tuple(signer for pointer in own for signer in pointer.signers),
        pivots=tuple(sorted(_pivots(document))),
    )


def _pointers(document: ts_119612.TrustServiceStatusList) -> tuple[Any, ...]:
    scheme = document.scheme_information
    pointers = scheme.pointers_to_other_tsl if scheme else None
    return tuple(pointers.other_tslpointer) if pointers else ()


def _pointed(pointer: Any) -> tuple[Pointer, bool] | None:
    """A pointer to a list in XML, and whether it is to the list of lists itself; None for other formats."""
    territory = media_type = ""
    rules: set[str] = set()
    for other in pointer.additional_information.other_information if pointer.additional_information else ():
        for content in other.content:
            match content:
                case ts_119612.SchemeTerritory():
                    territory = str(content.value)
                case ts_119612_extra.MimeType():
                    media_type = str(content.value)
                case ts_119612.SchemeTypeCommunityRules():
                    rules |= {str(uri.value) for uri in content.uri}
    identities = pointer.service_digital_identities
    if media_type != ETSI_TSL_MIME_TYPE or not territory or not pointer.tsllocation or identities is None:
        return None
    signers = tuple(each for one in identities.service_digital_identity for each in _identified(one))
    return Pointer(territory, str(pointer.tsllocation), signers), LOTL_RULE in rules


def _pivots(document: ts_119612.TrustServiceStatusList) -> Iterator[str]:
    """Lists that announced a change of signers, back to the last time that the Official Journal named them anew."""
    addresses = document.scheme_information.scheme_information_uri if document.scheme_information else None
    for address in addresses.uri if addresses else ():
        if address.value in KNOWN_OJEU_REANCHOR_URLS:
            return
        if address.value.endswith(".xml"):
            yield str(address.value)


class _NotUnderstood(Exception):
    """A critical extension that this reader does not know."""


def _services(document: ts_119612.TrustServiceStatusList) -> Iterator[tuple[str, Any]]:
    providers = document.trust_service_provider_list
    for provider in providers.trust_service_provider if providers else ():
        name = _name(provider.tspinformation.tspname if provider.tspinformation else None)
        for service in provider.tspservices.tspservice if provider.tspservices else ():
            if service.service_information is not None:
                yield name, service


def _service(territory: str, provider: str, service: Any) -> tuple[Service, tuple[x509.Certificate, ...]]:
    present = service.service_information
    past = service.service_history.service_history_instance if service.service_history else ()
    certificates = tuple(_certificates((present, *past)))
    terms: list[ServiceTerm] = []
    for instance in sorted((present, *past), key=lambda each: _aware(each.status_starting_time), reverse=True):
        terms.append(_term(instance, terms[-1].since if terms else None))
    fingerprints = tuple(dict.fromkeys(map(fingerprint_of, certificates)))
    return Service(territory, provider, _name(present.service_name), fingerprints, tuple(terms)), certificates


def _certificates(instances: Iterable[Any]) -> Iterator[x509.Certificate]:
    for instance in instances:
        if instance.service_digital_identity:
            yield from _identified(instance.service_digital_identity)


def _identified(identity: Any) -> Iterator[x509.Certificate]:
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
                raise _NotUnderstood(f"critical extension {type(content).__name__}")
    return ServiceTerm(
        service_type=str(instance.service_type_identifier.value).split(_SERVICE_TYPE)[-1],
        status=_last_part(str(instance.service_status.value)),
        since=_aware(instance.status_starting_time),
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
            raise _NotUnderstood(f"criterion {type(other).__name__}")
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


def _aware(instant: Any) -> datetime:
    moment: datetime = instant.to_datetime()
    if moment.tzinfo is None:
        raise ListRefused(f"l'istante {instant} non ha fuso orario")
    return moment


def _name(names: Any) -> str:
    """In Italian where there is one, else in English, else the first."""
    texts = {each.lang: str(each.value) for each in names.name} if names else {}
    return texts.get("it") or texts.get("en") or next(iter(texts.values()), "?")


def record_of(service: Service) -> list[Any]:
    """What `signing.trusted_lists.service_from` reads back: plain lists, instants as ISO 8601."""
    return [_plain(each) for each in astuple(service)]


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return [_plain(each) for each in value] if isinstance(value, tuple | list) else value


def encoded(certificate: x509.Certificate) -> str:
    """DER in base64."""
    return base64.b64encode(certificate.dump()).decode()
