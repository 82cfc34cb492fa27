"""What came is found by what is known of it, and no list reads or counts all of it (T3, T7, S13)."""

from __future__ import annotations

import uuid

import pytest

from intake.arrivals import listing
from intake.arrivals.listing import ArrivalQuery, count_open, list_arrivals
from intake.arrivals.registration import RegistrationFacts, Sender, register_arrival
from intake.service import Service
from tests.intake.applications_made import person_named, rehearsal_of
from tests.intake.arrivals.paper_desk import arrive
from tests.intake.filings import SARDEGNA

pytestmark = pytest.mark.shared_installation


def found(service: Service, query: ArrivalQuery) -> list[uuid.UUID]:
    with service.transaction() as session:
        return [each.id for each in list_arrivals(session, rehearsal_of(session, SARDEGNA), query).arrivals]


def test_t7_an_arrival_is_found_by_each_word_known_of_it(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted, _ = (arrive(service, b"%d" % each, letter_number=f"15{each}00123456-7") for each in (1, 2))
    sender = Sender("Caffè dell'Orso S.R.L.", address="orso-bruno@pec.esempio.it", tax_code="01234567890")
    with service.transaction() as session:
        edition, protocol = rehearsal_of(session, SARDEGNA), person_named(session, "protocollo")
        facts = RegistrationFacts(sender, "Richiesta di chiarimenti")
        number = register_arrival(service, session, protocol, edition, wanted, facts, at=service.clock()).number_shown
    known = [
        *("orso", "CAFFÈ dell'orso", "s.r.l.", "chiarim", "esempio.it", "orso-bruno@pec.esempio.it", "01234567890"),
        *(number, number.lstrip("0"), f"{number}/2026", "15100123456-7", "15100123", "rich orso"),
    ]
    for path, value in (("READ_FIRST", 0), ("MOST_COUNTED", 0)):
        with monkeypatch.context() as patched:
            patched.setattr(listing, path, value)
            for words in known:
                assert found(service, ArrivalQuery(words=words)) == [wanted], (path, words)
            for words in ("lince", "%", "&", "orso lince", "!", "' OR 99", "0000009"):
                assert found(service, ArrivalQuery(words=words)) == [], (path, words)


@pytest.mark.own_installation
def test_b7_of_many_arrivals_the_first_have_pages_and_the_others_are_said_to_be_there(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "MOST_COUNTED", 3)
    monkeypatch.setattr(listing, "ROWS", 2)
    came = [arrive(service, b"%d" % each, letter_number="777") for each in range(5)]
    with service.transaction() as session:
        edition = rehearsal_of(session, SARDEGNA)
        assert count_open(session, edition) == 4, "one more than is counted"
        last = list_arrivals(session, edition, ArrivalQuery(page=9))
        assert (last.page, last.pages, last.total) == (2, 2, 4)
        assert [each.id for each in last.arrivals] == came[2:4], "the oldest first"
        sought = list_arrivals(session, edition, ArrivalQuery(words="777"))
        assert [each.id for each in sought.arrivals] == came[:2:-1], "the newest first"
        assert sought.pages == 2
