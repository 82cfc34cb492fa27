"""S13, T7: what goes to other administrations holds AgID's own schemas, and AgID's sample is read."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import xmlschema
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from protocol_register.entries import Classification, Direction, Document, Party, PartyKind
from protocol_register.segnatura import (
    Addressee,
    Correspondent,
    CorrespondentKind,
    FilingCode,
    Reference,
    SegnaturaFormat,
    segnatura_of,
)
from protocol_register.segnatura_messages import ProtocolMessage, write_message
from protocol_register.segnatura_reading import read_segnatura
from protocol_register.segnatura_writing import write_segnatura
from protocol_register.xml_sealing import XmlSeal
from tests.protocol_register.test_register_segnatura import AT, IDENTIFIER, MESSAGES, REGISTER, entry, seal, write

__all__ = ["seal"]


@pytest.fixture(scope="module")
def schema(conformance: Path) -> Callable[[bytes, str], None]:
    """Validates a document against one of AgID's schemas."""
    folder = conformance / "reference" / "segnatura"
    loaded = {name: xmlschema.XMLSchema(folder / f"{name}.xsd") for name in ("segnatura_protocollo", "pec_message")}

    def validate(xml: bytes, name: str) -> None:
        loaded[name].validate(etree.fromstring(xml))

    return validate


PARTIES = st.builds(
    Party,
    kind=st.sampled_from(PartyKind),
    name=st.text(st.characters(codec="utf-8"), min_size=1, max_size=40),
    tax_code=st.sampled_from([None, "00000000000", "RSSMRA80A01H501U", "r_altra"]),
)


@pytest.mark.conformance
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    sender=PARTIES,
    recipients=st.lists(PARTIES, min_size=1, max_size=3),
    outgoing=st.booleans(),
    subject=st.text(st.characters(codec="utf-8"), min_size=1, max_size=80),
    name=st.text(st.characters(codec="utf-8"), min_size=1, max_size=40),
)
def test_s13_whatever_the_entry_holds_the_segnatura_is_valid_against_the_official_schema(
    schema: Callable[[bytes, str], None],
    seal: XmlSeal,
    sender: Party,
    recipients: list[Party],
    outgoing: bool,
    subject: str,
    name: str,
) -> None:
    document = Document(name=name, sha256="ef" * 32, size=1, media_type="application/pdf")
    direction = Direction.OUT if outgoing else Direction.IN
    xml = write(
        seal, sender=sender, recipients=tuple(recipients), direction=direction, subject=subject, document=document
    )
    schema(xml, "segnatura_protocollo")


@pytest.mark.conformance
def test_s13_classification_file_and_reference_are_valid_too(
    schema: Callable[[bytes, str], None], seal: XmlSeal
) -> None:
    classified = Classification(
        register="PROTGEN",
        year=2020,
        number=127,
        instant=AT,
        operator="office:1",
        classification="VII.3",
        file_reference="2020-VII/3.12",
        assigned_to=None,
    )
    made = segnatura_of(
        REGISTER,
        entry(
            direction=Direction.OUT, recipients=(Party(kind=PartyKind.ADMINISTRATION, name="INPS", tax_code="inps"),)
        ),
        administration_name="Regione di Prova",
        classification=classified,
        reference=Reference(identifier=IDENTIFIER, subject="Domanda", classification=FilingCode(name="x", code="1")),
        signed_files=frozenset({"ab" * 32}),
    )
    person = Correspondent(
        kind=CorrespondentKind.PERSON,
        name="Mario Rossi",
        given_name="Mario",
        surname="Rossi",
        tax_code="RSSMRA80A01H501U",
    )
    made = replace(
        made,
        recipients=(*made.recipients, Addressee(correspondent=person, for_information=True)),
        first_registration=IDENTIFIER,
        confidential=True,
    )
    xml = write_segnatura(made, seal, at=AT)
    schema(xml, "segnatura_protocollo")
    assert read_segnatura(xml) == made


@pytest.mark.conformance
def test_t7_the_official_sample_is_read(conformance: Path) -> None:
    sample = (conformance / "reference" / "segnatura" / "segnatura_sample_synthetic.xml").read_bytes()
    found = read_segnatura(sample)
    assert found.format is SegnaturaFormat.AGID_3
    assert found.identifier.number == "0000001"
    assert found.document is not None
    assert found.document.signed


@pytest.mark.conformance
@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: message.kind.name.lower())
def test_s13_the_answers_are_valid_against_the_official_schema(
    schema: Callable[[bytes, str], None], message: ProtocolMessage
) -> None:
    schema(write_message(message), "pec_message")
