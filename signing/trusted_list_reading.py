"""Trusted lists from XML (ETSI TS 119 612): a list's signature verified at a given time, then what it says.

Slow to import (XML bindings, XAdES): only what updates the lists needs it.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from asn1crypto import x509
from cryptography.x509 import load_der_x509_certificate
from lxml import etree
from pyhanko.generated.etsi import ts_119612, ts_119612_extra
from pyhanko.sign.validation.qualified.eutl_parse import ETSI_TSL_MIME_TYPE, KNOWN_OJEU_REANCHOR_URLS, LOTL_RULE
from signxml.exceptions import SignXMLException
from signxml.xades.xades import XAdESSignatureConfiguration, XAdESVerifier
from xsdata.exceptions import ParserError
from xsdata.formats.dataclass.context import XmlContext
from xsdata.formats.dataclass.parsers import XmlParser
from xsdata.formats.dataclass.parsers.config import ParserConfig
from xsdata.formats.dataclass.parsers.handlers import LxmlEventHandler

from signing.foreign_input import MALFORMED
from signing.trusted_list_services import NotUnderstood, aware, certificates_in, name_in, service_of, services_in
from signing.trusted_lists import ListRefused, Service

_NAMESPACE = ts_119612.TrustServiceStatusList.Meta.namespace
_ROOT = f"{{{_NAMESPACE}}}TrustServiceStatusList"
_CONTEXT = XmlContext()


@dataclass(frozen=True, slots=True)
class ReadList:
    """A list as read. `unread` names services left out because a critical extension of theirs is not understood."""

    territory: str
    sequence: int
    issued_at: datetime
    next_update: datetime | None
    services: tuple[Service, ...]
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
        except (SignXMLException, etree.LxmlError, *MALFORMED) as error:
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
    with _as_refusal():
        return _read(_parsed(xml))


def _read(document: ts_119612.TrustServiceStatusList) -> ReadList:
    scheme = document.scheme_information
    if scheme is None or scheme.list_issue_date_time is None or not scheme.scheme_territory:
        raise ListRefused("non dice il suo Paese e quando è stata emessa")
    services, unread = [], []
    for provider, service in services_in(document):
        try:
            read = service_of(str(scheme.scheme_territory.value), provider, service)
        except (NotUnderstood, *MALFORMED) as error:
            unread.append(f"{name_in(service.service_information.service_name)}: {error}")
            continue
        if read.encoded:
            services.append(read)
    following = scheme.next_update.date_time if scheme.next_update else None
    return ReadList(
        territory=str(scheme.scheme_territory.value),
        sequence=int(scheme.tslsequence_number or 0),
        issued_at=aware(scheme.list_issue_date_time),
        next_update=aware(following) if following else None,
        services=tuple(services),
        unread=tuple(unread),
    )


def read_list_of_lists(xml: bytes) -> ListOfLists:
    """Reads a European list of lists. Raises ListRefused. What it says counts only once its signature is verified."""
    with _as_refusal():
        return _read_list_of_lists(_parsed(xml))


@contextmanager
def _as_refusal() -> Iterator[None]:
    """The bindings take what is not as the standard wants, and fail where it is used."""
    try:
        yield
    except MALFORMED as error:
        raise ListRefused(f"non è scritta come vuole lo standard ({type(error).__name__})") from error


def _read_list_of_lists(document: ts_119612.TrustServiceStatusList) -> ListOfLists:
    facts = _read(document)
    found = [pointer for pointer in map(_pointed, _pointers(document)) if pointer is not None]
    own = [pointer for pointer, to_itself in found if to_itself]
    if not own:
        raise ListRefused("non è una lista delle liste: non rimanda a se stessa")
    signers = tuple(signer for pointer in own for signer in pointer.signers)
    if not signers:
        raise ListRefused("non dice con quali certificati è firmata, o non sono leggibili")
    national: dict[str, Pointer] = {}
    for pointer, to_itself in found:
        if not to_itself:
            before = national[pointer.territory].signers if pointer.territory in national else ()
            national[pointer.territory] = replace(pointer, signers=(*before, *pointer.signers))
    return ListOfLists(
        facts=facts,
        pointers=tuple(national.values()),
        signers=signers,
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
    signers = tuple(each for one in identities.service_digital_identity for each in certificates_in(one))
    return Pointer(territory, str(pointer.tsllocation), signers), LOTL_RULE in rules


def _pivots(document: ts_119612.TrustServiceStatusList) -> Iterator[str]:
    """Lists that announced a change of signers, back to the last time that the Official Journal named them anew."""
    addresses = document.scheme_information.scheme_information_uri if document.scheme_information else None
    for address in addresses.uri if addresses else ():
        if address.value in KNOWN_OJEU_REANCHOR_URLS:
            return
        if address.value.endswith(".xml"):
            yield str(address.value)
