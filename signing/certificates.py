"""What a signer's certificate says: the person, its own claims, and whether it is a CNS or CIE authentication certificate.

Layouts: AgID Det. 121/2019 (as corrected by 147/2019), Deliberazione CNIPA 45/2009, ETSI EN 319 412-1 and 412-5.
"""

import re

from asn1crypto import core, x509

from signing.foreign_input import MALFORMED
from signing.problems import printable
from signing.report import Claims, Signer

_PREFIXED = re.compile(r"^(?:(?:TIN|PNO|VAT|NTR|CF:)(?P<country>[A-Z]{2})-|(?P<state>[A-Z]{2}):)(?P<code>.+)$")
_ABSENT = "non presente"
"""What the first Italian rules wanted written where a subject had no organization (Deliberazione CNIPA 45/2009, art. 12)."""
_CARD_COMMON_NAME = re.compile(r"^(?P<tax_code>[A-Z0-9]{16})/")
_BARE_TAX_CODE = re.compile(
    r"^[A-Z]{6}[0-9LMNPQRSTUV]{2}[ABCDEHLMPRST][0-9LMNPQRSTUV]{2}[A-Z][0-9LMNPQRSTUV]{3}[A-Z]$|^[0-9]{11}$"
)

_QC_STATEMENTS = "1.3.6.1.5.5.7.1.3"
_QC_COMPLIANCE = "0.4.0.1862.1.1"
_QC_SSCD = "0.4.0.1862.1.4"
_QC_TYPE = "0.4.0.1862.1.6"
_QC_TYPES = {"0.4.0.1862.1.6.1": "esign", "0.4.0.1862.1.6.2": "eseal", "0.4.0.1862.1.6.3": "web"}

_SIGNS = frozenset({"digital_signature", "non_repudiation"})
_FOR_DOCUMENTS = frozenset(
    {
        "2.5.29.37.0",  # any use
        "1.3.6.1.5.5.7.3.2",  # a card's holder
        "1.3.6.1.5.5.7.3.4",  # mail
        "1.3.6.1.5.5.7.3.36",  # documents (RFC 9336)
        "1.3.6.1.4.1.311.10.3.12",
        "1.2.840.113583.1.1.5",
    }
)
"""Extended key usages under which a key signs what a person wants."""

CNS_POLICIES = frozenset({"1.3.76.16.2.1", "1.3.159.6.1.3.2.10", "1.3.76.12.1.1.10.2.2.10"})
CIE_POLICIES = frozenset({"1.3.76.47.4"})


def _first(name: x509.Name, *oids: str) -> str:
    """The first value of these, without characters that nobody sees: a name is shown, compared and kept."""
    for oid in oids:
        for entry in name.chosen:
            for pair in entry:
                if str(pair["type"].dotted) == oid and isinstance(pair["value"].native, str):
                    return printable(str(pair["value"].native))
    return ""


def _tax_code(subject: x509.Name) -> str:
    """From serialNumber or organizationIdentifier, with or without a prefix; else from the name of a card, or of the first
    Italian certificates, where it stands between slashes. The number of a passport or identity card is no tax code, and one of
    another country that looks like an Italian one keeps its prefix.
    """
    for value in (_first(subject, "2.5.4.5"), _first(subject, "2.5.4.97")):
        prefixed = _PREFIXED.match(value)
        if prefixed:
            code = prefixed["code"].upper()
            is_italian = "IT" in {prefixed["country"], prefixed["state"]}
            return code if is_italian or not _BARE_TAX_CODE.match(code) else value.upper()
        if _BARE_TAX_CODE.match(value.upper()):
            return value.upper()
    parts = _first(subject, "2.5.4.3").upper().split("/")
    return next((part for part in parts[:-1] if len(part) == 16 and _BARE_TAX_CODE.match(part)), "")


def _organization(subject: x509.Name) -> str:
    named = _first(subject, "2.5.4.10")
    return "" if named.casefold() == _ABSENT else named


def _role(subject: x509.Name) -> str:
    """The title, without the code of the profession that may follow it (AgID Det. 121/2019)."""
    return _first(subject, "2.5.4.12").partition("::")[0].strip()


def signer_of(certificate: x509.Certificate) -> Signer:
    """The person or body in the subject; fields that the subject lacks are empty."""
    subject, issuer = certificate.subject, certificate.issuer
    return Signer(
        common_name=_first(subject, "2.5.4.3", "2.5.4.65", "2.5.4.10"),
        given_name=_first(subject, "2.5.4.42"),
        surname=_first(subject, "2.5.4.4"),
        tax_code=_tax_code(subject),
        country=_first(subject, "2.5.4.6"),
        issuer=_first(issuer, "2.5.4.3", "2.5.4.10"),
        organization=_organization(subject),
        role=_role(subject),
    )


class _Oids(core.SequenceOf):  # type: ignore[misc]
    _child_spec = core.ObjectIdentifier


class _Statement(core.Sequence):  # type: ignore[misc]
    _fields = [("id", core.ObjectIdentifier), ("info", core.Any, {"optional": True})]  # noqa: RUF012 - asn1crypto's way


class _Statements(core.SequenceOf):  # type: ignore[misc]
    _child_spec = _Statement


def claims_of(certificate: x509.Certificate) -> Claims:
    """The qcStatements of the certificate. A statement that does not parse claims nothing."""
    qualified = qscd = False
    kind: str | None = None
    for extension in certificate["tbs_certificate"]["extensions"] or ():
        if str(extension["extn_id"].dotted) != _QC_STATEMENTS:
            continue
        try:
            for statement in _Statements.load(extension["extn_value"].contents):
                oid = statement["id"].dotted
                qualified |= oid == _QC_COMPLIANCE
                qscd |= oid == _QC_SSCD
                if oid == _QC_TYPE:
                    kinds = [_QC_TYPES.get(value.dotted) for value in _Oids.load(statement["info"].dump())]
                    kind = next(filter(None, kinds), None)
        except MALFORMED:
            return Claims()
    if qualified and kind is None and _first(certificate.subject, "2.5.4.42"):
        kind = "esign"
    return Claims(qualified, qscd, kind)


def is_identity_card(certificate: x509.Certificate) -> bool:
    """True for a CNS or CIE authentication certificate: never nonRepudiation; their policies, or clientAuth with a card's name.

    Source: DPCM 22/2/2013 art. 61 c. 2: towards the administration it stands for an advanced signature.
    """
    usage = certificate.key_usage_value
    if usage is not None and "non_repudiation" in usage.native:
        return False
    policies = {str(policy["policy_identifier"].dotted) for policy in certificate.certificate_policies_value or ()}
    if policies & (CNS_POLICIES | CIE_POLICIES):
        return True
    extended = certificate.extended_key_usage_value
    card_name = _CARD_COMMON_NAME.match(_first(certificate.subject, "2.5.4.3"))
    return bool(extended and "client_auth" in extended.native and card_name)


def other_uses(certificate: x509.Certificate) -> str | None:
    """What the certificate is for where it is not for signing documents (RFC 5280, 4.2.1.3 and 4.2.1.12); None where it is."""
    usage = certificate.key_usage_value
    if usage is not None and _SIGNS.isdisjoint(usage.native):
        return ", ".join(sorted(usage.native)) or "no use"
    extended = certificate.extended_key_usage_value
    if extended is None or not _FOR_DOCUMENTS.isdisjoint(str(each.dotted) for each in extended):
        return None
    return ", ".join(str(each.native) for each in extended)


def publishes_no_revocation(certificate: x509.Certificate) -> bool:
    """True when the certificate says that no revocation information is published for it: noRevAvail (RFC 9608) or
    validity-assured short term (ETSI EN 319 412-1, clause 5.2)."""
    declared = {str(extension["extn_id"].dotted) for extension in certificate["tbs_certificate"]["extensions"] or ()}
    return bool(declared & {"2.5.29.56", "0.4.0.194121.2.1"})


def is_readable(certificate: x509.Certificate) -> bool:
    """True when every part of the certificate that is ever asked for can be read; asn1crypto reads each only when asked."""
    try:
        _ = certificate.serial_number, certificate.public_key.algorithm, certificate.critical_extensions
        _ = certificate.not_valid_before, certificate.not_valid_after, certificate.key_identifier
        _ = certificate.issuer.hashable, certificate.subject.hashable, certificate.subject.human_friendly
        (
            signer_of(certificate),
            claims_of(certificate),
            is_identity_card(certificate),
            publishes_no_revocation(certificate),
            other_uses(certificate),
        )
    except MALFORMED:
        return False
    return True
