"""S13, T7: the segnatura that goes to other administrations, and the ones that come from them, in every format."""

import base64
import hashlib
from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from signxml.xades import XAdESSignatureConfiguration, XAdESVerifier

from protocol_register.entries import (
    Channel,
    Direction,
    Document,
    Entry,
    Party,
    PartyKind,
    Register,
    RegisterKind,
)
from protocol_register.errors import ForeignXmlRefused, SegnaturaUnreadable
from protocol_register.segnatura import (
    RegistrationId,
    SegnaturaFormat,
    segnatura_of,
)
from protocol_register.segnatura_messages import MessageKind, ProtocolMessage, read_message, write_message
from protocol_register.segnatura_reading import read_segnatura
from protocol_register.segnatura_writing import write_segnatura
from protocol_register.xml_sealing import XmlSeal
from protocol_register.xml_text import LARGEST_XML

AT = datetime(2020, 4, 8, 7, 0, 3, 412000, UTC)
REGISTER = Register(
    code="PROTGEN",
    kind=RegisterKind.LIVE,
    administration="r_prova",
    aoo="A1B2C3D",
    time_zone="Europe/Rome",
    public_key=bytes(32),
    fingerprint="",
    salt_policy="",
    created_at=AT,
)
IDENTIFIER = RegistrationId(
    administration="r_prova", aoo="A1B2C3D", register="PROTGEN", number="0000127", day=date(2020, 4, 8)
)


@pytest.fixture(scope="module")
def seal() -> XmlSeal:
    """A self-signed certificate, as an installation has."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Sigillo di prova")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(AT - timedelta(days=1))
        .not_valid_after(AT + timedelta(days=3650))
        .sign(key, hashes.SHA256())
    )
    return XmlSeal(certificate, key)


def entry(**facts: object) -> Entry:
    """An application as registered."""
    known = {
        "direction": Direction.IN,
        "channel": Channel.ONLINE,
        "sender": Party(kind=PartyKind.COMPANY, name="Panificio Verdi & C. S.r.l.", tax_code="00000000000"),
        "subject": "Domanda di CIG in deroga – unità di Potenza",
        "operator": "system",
        "document": Document(name="domanda.pdf.p7m", sha256="ab" * 32, size=9, media_type="application/pkcs7-mime"),
        "attachments": (Document(name="accordo.pdf", sha256="cd" * 32, size=9, media_type="application/pdf"),),
        "register": "PROTGEN",
        "year": 2020,
        "number": 127,
        "instant": AT,
        "arrival_instant": AT,
        "legal_instant": AT,
        "salt": bytes(32),
        "leaf_hash": bytes(32),
        "log_index": 126,
    }
    return Entry(**{**known, **facts})  # type: ignore[arg-type]


def write(seal: XmlSeal, **facts: object) -> bytes:
    """The segnatura of such an entry."""
    made = segnatura_of(REGISTER, entry(**facts), administration_name="Regione di Prova")
    return write_segnatura(made, seal, at=AT)


def test_s13_what_is_written_is_read_back_whole(seal: XmlSeal) -> None:
    made = segnatura_of(REGISTER, entry(), administration_name="Regione di Prova")
    read = read_segnatura(write_segnatura(made, seal, at=AT))
    assert read == made
    assert read.identifier.number == "0000127"
    assert read.identifier.hour == time(9, 0, 3, tzinfo=timezone(timedelta(hours=2)))
    assert read.document is not None
    assert read.document.digest == bytes.fromhex("ab" * 32)


def test_s13_an_entry_without_document_has_no_segnatura() -> None:
    with pytest.raises(ValueError, match="no document"):
        segnatura_of(REGISTER, entry(document=None, channel=Channel.COUNTER), administration_name="Regione di Prova")


def test_s13_the_seal_is_xades_states_the_time_given_and_covers_everything(seal: XmlSeal) -> None:
    xml = write(seal)
    expected = XAdESSignatureConfiguration(expect_references=3, verification_time=AT)
    checked = XAdESVerifier().verify(xml, x509_cert=seal.certificate, expect_config=expected)
    assert local(checked[0].signed_xml) == "SegnaturaInformatica"
    text = etree.fromstring(xml).find(".//{http://uri.etsi.org/01903/v1.3.2#}SigningTime").text
    assert datetime.fromisoformat(text) == AT.replace(microsecond=0)
    changed = xml.replace(b"0000127", b"0000128")
    with pytest.raises(Exception, match="Digest mismatch"):
        XAdESVerifier().verify(changed, x509_cert=seal.certificate, expect_config=expected)


def local(element: object) -> str:
    return str(etree.QName(element).localname)


OLD = """<?xml version="1.0" encoding="ISO-8859-1"?>
<!DOCTYPE Segnatura SYSTEM "Segnatura.dtd">
<Segnatura versione="2001-05-07" xml:lang="it"><Intestazione>
<Identificatore><CodiceAmministrazione>c_x999</CodiceAmministrazione><CodiceAOO>AOO1</CodiceAOO>{register}
<NumeroRegistrazione>0000815</NumeroRegistrazione><DataRegistrazione>2009-05-04</DataRegistrazione></Identificatore>
<OraRegistrazione tempo="locale">16:09:19,710</OraRegistrazione>
<Origine><IndirizzoTelematico>a@b.it</IndirizzoTelematico><Mittente><Amministrazione>
<Denominazione>Comune Inventato</Denominazione><CodiceAmministrazione>c_x999</CodiceAmministrazione></Amministrazione>
<AOO><Denominazione>Protocollo</Denominazione><CodiceAOO>AOO1</CodiceAOO></AOO></Mittente></Origine>
<Destinazione confermaRicezione="si"><IndirizzoTelematico>c@d.it</IndirizzoTelematico><Destinatario>
<Amministrazione><Denominazione>Regione di Prova</Denominazione></Amministrazione></Destinatario></Destinazione>
<PerConoscenza><IndirizzoTelematico>e@f.it</IndirizzoTelematico><Destinatario><Persona><Nome>Mario</Nome>
<Cognome>Rossi</Cognome></Persona></Destinatario></PerConoscenza>
<Oggetto>Trasmissione verbale</Oggetto><Classifica><Denominazione>Lavoro</Denominazione><Livello>7</Livello>
<Livello>3</Livello></Classifica></Intestazione>
<Descrizione><Documento nome="verbale.pdf" tipoRiferimento="MIME"><Impronta algoritmo="{algorithm}" codifica="base64">
{digest}</Impronta></Documento><Allegati><Documento nome="elenco.pdf" tipoRiferimento="MIME"/></Allegati></Descrizione>
</Segnatura>"""


@pytest.mark.parametrize(
    ("kind", "algorithm", "register"),
    [
        (SegnaturaFormat.AIPA_2001, "SHA-1", ""),
        (SegnaturaFormat.AIPA_2009, "SHA-256", ""),
        (SegnaturaFormat.CIRCULAR_2013, "SHA-256", "<CodiceRegistro>PG</CodiceRegistro>"),
    ],
)
def test_t7_messages_of_older_formats_are_read(kind: SegnaturaFormat, algorithm: str, register: str) -> None:
    digest = hashlib.new(algorithm.replace("-", ""), b"verbale").digest()
    encoded = base64.b64encode(digest).decode()
    text = OLD.format(algorithm=algorithm, digest=encoded, register=register)
    found = read_segnatura(text.encode("iso-8859-1"))
    assert found.format is kind
    assert (found.identifier.number, found.identifier.day) == ("0000815", date(2009, 5, 4))
    assert found.identifier.hour == time(16, 9, 19, 710000)
    assert found.identifier.register == ("PG" if register else None)
    assert (found.sender.name, found.sender.code, found.sender.aoo) == ("Comune Inventato", "c_x999", "AOO1")
    assert [(one.correspondent.name, one.for_information) for one in found.recipients] == [
        ("Regione di Prova", False),
        ("Mario Rossi", True),
    ]
    assert found.recipients[0].confirmation_asked
    assert found.classification.code == "7.3"
    assert found.document is not None
    assert (found.document.name, found.document.digest, found.document.algorithm) == ("verbale.pdf", digest, algorithm)
    assert [one.name for one in found.attachments] == ["elenco.pdf"]


def test_t7_text_that_others_divide_into_elements_is_read_whole() -> None:
    digest = hashlib.sha256(b"verbale").digest()
    encoded = base64.b64encode(digest).decode()
    divided = f"{encoded[:20]}<parte>{encoded[20:]}</parte>"
    text = OLD.format(algorithm="SHA-256", digest=divided, register="").replace(">7<", "><valore>7</valore><")
    found = read_segnatura(text.encode("iso-8859-1"))
    assert found.classification.code == "7.3"
    assert found.document is not None
    assert found.document.digest == digest


IDENTIFIED = (
    "<Segnatura><Intestazione><Identificatore><NumeroRegistrazione>{number}</NumeroRegistrazione>"
    "<DataRegistrazione>{day}</DataRegistrazione></Identificatore></Intestazione><Descrizione/></Segnatura>"
)


@pytest.mark.parametrize(
    "xml",
    [
        b"",
        b"nothing",
        b"<Segnatura/>",
        b"<html/>",
        b"<Segnatura><Intestazione/><Descrizione/></Segnatura>",
        IDENTIFIED.format(number="x", day="2020-01-01").encode(),
        IDENTIFIED.format(number="1", day="ieri").encode(),
        IDENTIFIED.format(number="٣٤", day="2020-01-01").encode(),
        b'<!DOCTYPE x [<!ENTITY a "b">]><Segnatura>&a;</Segnatura>',
        b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><Segnatura>&a;</Segnatura>',
        b"<a>" * 100_000,
        b"<a>" + b" " * LARGEST_XML + b"</a>",
    ],
)
def test_b_a_message_that_cannot_be_read_is_refused_in_a_sentence(xml: bytes) -> None:
    with pytest.raises((ForeignXmlRefused, SegnaturaUnreadable)) as refused:
        read_segnatura(xml)
    assert refused.value.message.endswith(".")
    assert refused.value.remedy


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200))
def test_b_any_bytes_are_read_or_refused(data: bytes) -> None:
    for read in (read_segnatura, read_message):
        with pytest.raises((ForeignXmlRefused, SegnaturaUnreadable)):
            read(data)


MESSAGES = [
    ProtocolMessage(kind=MessageKind.CONFIRMATION, identifier=IDENTIFIER, received=IDENTIFIER),
    ProtocolMessage(kind=MessageKind.UPDATE, identifier=IDENTIFIER, received=IDENTIFIER),
    ProtocolMessage(kind=MessageKind.EXCEPTION, received_description="PEC del 4 maggio", reason="002_AnomaliaImpronte"),
    ProtocolMessage(
        kind=MessageKind.ANNULMENT, identifier=IDENTIFIER, reason="Doppia registrazione", act="Det. 12/2020"
    ),
]


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: message.kind.name.lower())
def test_s13_the_answers_between_administrations_are_read_as_they_are_written(message: ProtocolMessage) -> None:
    assert read_message(write_message(message)) == message


@pytest.mark.parametrize(
    "message",
    [
        ProtocolMessage(kind=MessageKind.CONFIRMATION, identifier=IDENTIFIER),
        ProtocolMessage(kind=MessageKind.CONFIRMATION, received=IDENTIFIER),
        ProtocolMessage(kind=MessageKind.EXCEPTION, received=IDENTIFIER),
        ProtocolMessage(kind=MessageKind.ANNULMENT, identifier=IDENTIFIER, reason="Errore"),
    ],
)
def test_s13_a_message_that_lacks_its_content_is_not_written(message: ProtocolMessage) -> None:
    with pytest.raises(ValueError, match="is wrong in"):
        write_message(message)
