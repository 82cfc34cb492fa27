"""T7: the number and the date that an administration gave its own document are proposed to who registers it here."""

from __future__ import annotations

from dataclasses import replace

import pytest

from intake.arrivals.models import Arrival, ArrivalChannel
from intake.arrivals.receiving import PaperArrival, Scan, receive_paper
from intake.arrivals.recognition import recognise_arrival
from intake.arrivals.segnatura_found import RegistrationFound, segnatura_in
from intake.service import Service
from intake.web.office.arrival_shown import proposed_registration
from tests.intake.applications_made import rehearsal_of
from tests.intake.arrivals.paper_desk import person_named
from tests.intake.filings import SARDEGNA
from tests.protocol_register.test_register_segnatura import OLD

pytestmark = pytest.mark.shared_installation

SEGNATURA = OLD.format(algorithm="SHA-1", digest="", register="<CodiceRegistro>PG</CodiceRegistro>").encode(
    "iso-8859-1"
)
OWN = RegistrationFound("c_x999", "Comune Inventato", "AOO1", "PG", "0000815", "2009-05-04", "10:11:12")


@pytest.mark.parametrize(
    "other",
    [
        b"",
        b"<fattura/>",
        b"\x00\xff not xml",
        SEGNATURA.replace(b"0000815", b"molti"),
        b'<!DOCTYPE Segnatura [<!ENTITY a "b">]><Segnatura>&a;</Segnatura>',
    ],
)
def test_t7_the_first_segnatura_is_read_and_other_xml_says_nothing(other: bytes) -> None:
    assert segnatura_in([other]) is None
    found = segnatura_in([other, SEGNATURA])
    assert found is not None
    assert replace(found[0].registration, hour=OWN.hour) == OWN


def test_t7_what_the_segnatura_says_is_proposed_for_the_registration(service: Service) -> None:
    at = service.clock()
    with service.transaction() as session:
        person, edition = person_named(session, "protocollo"), rehearsal_of(session, SARDEGNA)
        scans = [Scan("fattura.xml", b"<fattura/>"), Scan("Segnatura.XML", SEGNATURA)]
        paper = PaperArrival(ArrivalChannel.COUNTER, at)
        arrival_id = receive_paper(service, session, person, edition, paper, scans, at=at).id
    recognise_arrival(service, arrival_id)
    with service.transaction() as session:
        proposed = proposed_registration(session, session.get_one(Arrival, arrival_id)).values
    assert proposed["oggetto"] == segnatura_in([SEGNATURA])[0].subject
    keys = ("mittente", "natura", "protocollo_mittente", "data_mittente")
    assert [proposed[key] for key in keys] == [
        OWN.administration_name,
        "administration",
        "0000815 (c_x999/AOO1/PG)",
        OWN.day,
    ]
