"""C2: the person, the organization and the role in a certificate, in the layouts that Italian certificates had and have."""

import pytest
from asn1crypto import x509
from cryptography import x509 as cx
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID, ObjectIdentifier

from signing.certificates import is_identity_card, other_uses, signer_of
from signing.inspect import inspect_signatures
from signing.report import Verdict
from tests.pki.authority import AT, certificate, sign_p7m_as, trust_store

KEY = ec.generate_private_key(ec.SECP256R1())
SERIAL, TITLE, ORGANIZATION = NameOID.SERIAL_NUMBER, NameOID.TITLE, NameOID.ORGANIZATION_NAME
IDENTIFIER = ObjectIdentifier("2.5.4.97")


def made(
    *subject: tuple[ObjectIdentifier, str], policies: tuple[str, ...] = (), usage: str = "", uses: tuple[str, ...] = ()
) -> x509.Certificate:
    builder = (
        cx.CertificateBuilder()
        .subject_name(cx.Name([cx.NameAttribute(oid, value) for oid, value in subject]))
        .issuer_name(cx.Name([cx.NameAttribute(NameOID.COMMON_NAME, "Prestatore")]))
        .public_key(KEY.public_key())
        .serial_number(7)
        .not_valid_before(AT)
        .not_valid_after(AT.replace(year=2040))
    )
    if policies:
        stated = [cx.PolicyInformation(ObjectIdentifier(each), None) for each in policies]
        builder = builder.add_extension(cx.CertificatePolicies(stated), critical=False)
    if uses:
        stated = cx.ExtendedKeyUsage([ObjectIdentifier(each) for each in uses])
        builder = builder.add_extension(stated, critical=False)
    if usage:
        names = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement")
        names += ("key_cert_sign", "crl_sign", "encipher_only", "decipher_only")
        builder = builder.add_extension(cx.KeyUsage(**{name: name == usage for name in names}), critical=True)
    der = builder.sign(KEY, hashes.SHA256()).public_bytes(serialization.Encoding.DER)
    return x509.Certificate.load(der)


@pytest.mark.parametrize(
    ("oid", "value", "tax_code"),
    [
        (SERIAL, "TINIT-RSSMRA80A01H501U", "RSSMRA80A01H501U"),
        (SERIAL, "tinit-x", ""),
        (SERIAL, "IT:RSSMRA80A01H501U", "RSSMRA80A01H501U"),
        (SERIAL, "RSSMRA80A01H501U", "RSSMRA80A01H501U"),
        (SERIAL, "rssmra80a01h501u", "RSSMRA80A01H501U"),
        (SERIAL, "RSSMRA80ALMH50MU", "RSSMRA80ALMH50MU"),
        (SERIAL, "PASIT-YA1234567", ""),
        (SERIAL, "IDCIT-CA12345AA", ""),
        (SERIAL, "2009000123", ""),
        (SERIAL, "TINDE-12/345/67890", "12/345/67890"),
        (SERIAL, "PNOFR-RSSMRA80A01H501U", "PNOFR-RSSMRA80A01H501U"),
        (SERIAL, "DE:RSSMRA80A01H501U", "DE:RSSMRA80A01H501U"),
        (IDENTIFIER, "VATHR-01234560108", "VATHR-01234560108"),
        (IDENTIFIER, "VATIT-01234560108", "01234560108"),
        (IDENTIFIER, "CF:IT-01234560108", "01234560108"),
        (NameOID.COMMON_NAME, "ROSSI/MARIO/RSSMRA80A01H501U/2003111222333", "RSSMRA80A01H501U"),
        (NameOID.COMMON_NAME, "RSSMRA80A01H501U/6120012345678901.AbCdEfGhIjKlMnOpQrStUvWxYz0=", "RSSMRA80A01H501U"),
        (NameOID.COMMON_NAME, "ROSSI MARIO", ""),
        (NameOID.COMMON_NAME, "NOME/DI/RSSMRA80A01H501U", ""),
    ],
)
def test_c2_the_tax_code_is_found_in_every_layout_and_nothing_else_is_taken_for_one(
    oid: ObjectIdentifier, value: str, tax_code: str
) -> None:
    assert signer_of(made((oid, value))).tax_code == tax_code


def test_c2_organization_and_role_are_told_only_where_there_are_any() -> None:
    signer = signer_of(made((ORGANIZATION, "Ordine dei Consulenti"), (TITLE, "Consulente del lavoro::2.5.1.2.0")))
    assert (signer.organization, signer.role) == ("Ordine dei Consulenti", "Consulente del lavoro")
    nobody = signer_of(made((ORGANIZATION, "Non presente")))
    assert (nobody.organization, nobody.role) == ("", "")
    assert signer_of(certificate("bianchi")).organization == ""


@pytest.mark.parametrize(
    ("policy", "usage", "card"),
    [
        ("1.3.76.16.2.1", "digital_signature", True),
        ("1.3.76.47.4", "digital_signature", True),
        ("1.3.159.6.1.3.2.10", "digital_signature", True),
        ("1.3.76.16.2.1", "content_commitment", False),
        ("0.4.0.194112.1.2", "digital_signature", False),
    ],
)
def test_c2_a_card_is_known_by_its_policy_and_never_commits_to_content(policy: str, usage: str, card: bool) -> None:
    assert is_identity_card(made((SERIAL, "TINIT-RSSMRA80A01H501U"), policies=(policy,), usage=usage)) is card


def test_c2_characters_that_nobody_sees_are_left_out_of_a_name() -> None:
    subject = made((NameOID.COMMON_NAME, "MARIO\x00\u00a0ROS\u200bSI\u202e"), (SERIAL, "TINIT-RSSMRA80A01H501U"))
    signer = signer_of(subject)
    assert (signer.common_name, signer.tax_code) == ("MARIO ROSSI", "RSSMRA80A01H501U")


@pytest.mark.parametrize(
    ("usage", "uses", "told"),
    [
        ("", (), None),
        ("content_commitment", (), None),
        ("digital_signature", ("1.3.6.1.5.5.7.3.2", "1.3.6.1.4.1.311.20.2.2"), None),
        ("content_commitment", ("1.3.6.1.5.5.7.3.36",), None),
        ("key_encipherment", (), "key_encipherment"),
        ("crl_sign", ("1.3.6.1.5.5.7.3.4",), "crl_sign"),
        ("digital_signature", ("1.3.6.1.5.5.7.3.1",), "server_auth"),
        ("digital_signature", ("1.3.6.1.5.5.7.3.9",), "ocsp_signing"),
    ],
)
def test_c2_a_certificate_made_for_something_else_is_told(usage: str, uses: tuple[str, ...], told: str | None) -> None:
    assert other_uses(made((SERIAL, "TINIT-RSSMRA80A01H501U"), usage=usage, uses=uses)) == told


def test_c2_a_signature_with_the_certificate_of_a_time_stamping_authority_has_a_reservation() -> None:
    report = inspect_signatures(sign_p7m_as("tsa", b"testo"), trust=trust_store(), at=AT)
    assert report.verdict is Verdict.signed_with_reservations
    assert [one.code for one in report.signatures[0].problems] == ["certificate_for_other_uses"]
