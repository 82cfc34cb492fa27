"""A protocol office at work on paper: synthetic arrivals, and a notice that admits letters as applications."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import datetime

from intake.arrivals.models import ArrivalChannel
from intake.arrivals.receiving import PaperArrival, Scan, receive_paper
from intake.arrivals.recognition import recognise_arrival
from intake.notices.pack import NoticePack
from intake.service import Service
from tests.intake.applications_made import person_named, rehearsal_of
from tests.intake.filings import SARDEGNA


def admitting_letters(service: Service, *, legal_instant: str = "arrival") -> Service:
    """The same installation under a notice that takes applications by letter and at the counter."""
    pack = service.packs[SARDEGNA]
    channels = tuple(
        each.model_copy(update={"application": True, "legal_instant": legal_instant})
        if each.key in {"letter", "counter"}
        else each
        for each in pack.channels
    )
    changed: NoticePack = pack.model_copy(update={"channels": channels})
    return replace(service, packs={**service.packs, SARDEGNA: changed})


def arrive(
    service: Service,
    *scans: bytes,
    channel: ArrivalChannel = ArrivalChannel.LETTER,
    at: datetime | None = None,
    arrived_at: datetime | None = None,
    **envelope: object,
) -> uuid.UUID:
    """An arrival received by the protocol office, not looked at yet."""
    at = at or service.clock()
    with service.transaction() as session:
        paper = PaperArrival(channel, arrived_at or at, **envelope)
        files = [Scan(f"scansione-{number}.pdf", data) for number, data in enumerate(scans, 1)]
        edition = rehearsal_of(session, SARDEGNA)
        return receive_paper(service, session, person_named(session, "protocollo"), edition, paper, files, at=at).id


def recognised(service: Service, *scans: bytes, **envelope: object) -> uuid.UUID:
    """An arrival whose page codes were looked for."""
    arrival_id = arrive(service, *scans, **envelope)
    recognise_arrival(service, arrival_id)
    return arrival_id
