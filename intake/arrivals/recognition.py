"""The codes on the pages of an arrival: which form they belong to, what is missing; and what another office's XML says."""

from __future__ import annotations

import uuid
from dataclasses import asdict, dataclass

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.applications.models import IssuedForm
from intake.arrivals.models import Arrival, ArrivalDocument, Recognition
from intake.arrivals.moves import lock_arrival, move_arrival
from intake.arrivals.page_search import ExchangedFiles, FileToSearch, FoundPages, PageSearch, search_pages
from intake.checks.apart import ApartFailed, run_apart
from intake.notices.models import NoticeEdition
from intake.service import Service
from protocol_register.xml_text import LARGEST_XML

log = structlog.get_logger()

_NEVER_SEARCHED = frozenset({"message/rfc822", "text/plain", "text/html", "application/xml", "application/zip"})
_CONTAINERS = (".asics", ".asice", ".scs", ".sce")


@dataclass(frozen=True, slots=True)
class RecognisedForm:
    """A form of ours among the pages: ``missing`` are the pages that did not come, ``documents`` the files it is in."""

    issued: IssuedForm
    documents: tuple[str, ...]
    missing: tuple[int, ...]

    @property
    def superseded(self) -> bool:
        return self.issued.superseded_at is not None


def recognise_arrival(service: Service, arrival_id: uuid.UUID) -> None:
    """Looks for page codes in the files of an arrival, in a process of its own; done again, it says the same."""
    with service.transaction() as session:
        arrival = session.get(Arrival, arrival_id)
        if arrival is None or arrival.recognition is not Recognition.WAITING:
            return
        searched = [str(each.id) for each in arrival.documents]
        documents = arrival.documents
        search = PageSearch(_files(service, documents), _keys(service, session), _exchanged(service, documents))
    found, state = _search(service, search, arrival_id)
    with service.transaction() as session:
        arrival = lock_arrival(session, arrival_id)
        if [str(each.id) for each in arrival.documents] != searched:
            return  # files were added meanwhile: the job that came with them looks at all of them
        arrival.found, arrival.recognition = asdict(found) if found else None, state
        forms = sorted({each.form for each in found.forms}) if found else []
        move_arrival(session, arrival, "recognised", person=None, at=service.clock(), forms=forms)


def recognised_forms(session: Session, arrival: Arrival) -> tuple[RecognisedForm, ...]:
    """The forms of ours that the arrival's pages bear, whole ones first; forms that nobody issued are left out."""
    seen = (arrival.found or {}).get("forms", [])
    issued = {
        each.form: each
        for each in session.scalars(select(IssuedForm).where(IssuedForm.form.in_([one["form"] for one in seen])))
    }
    found = []
    for form, one in issued.items():
        files = [each for each in seen if each["form"] == form]
        pages = {page for each in files for page in each["pages"]}
        missing = tuple(sorted(set(range(1, one.pages + 1)) - pages))
        found.append(RecognisedForm(one, tuple(each["document"] for each in files), missing))
    return tuple(sorted(found, key=lambda each: (each.superseded, len(each.missing))))


def _files(service: Service, documents: list[ArrivalDocument]) -> tuple[FileToSearch, ...]:
    return tuple(
        FileToSearch(str(each.id), each.name, service.store.get(each.sha256))
        for each in documents
        if each.media_type not in _NEVER_SEARCHED
    )


def _exchanged(service: Service, documents: list[ArrivalDocument]) -> ExchangedFiles:
    small = [each for each in documents if each.size <= LARGEST_XML]
    xml = [each for each in small if each.name.casefold().endswith(".xml")]
    containers = [each for each in small if each.name.casefold().endswith(_CONTAINERS)]
    return ExchangedFiles(
        xml=tuple(service.store.get(each.sha256) for each in xml),
        containers=tuple((each.name, service.store.get(each.sha256)) for each in containers),
        trust_folder=service.settings.trust_folder,
        at=service.clock(),
    )


def _keys(service: Service, session: Session) -> tuple[bytes, ...]:
    codes = session.scalars(select(NoticeEdition.register_code).where(NoticeEdition.retired_at.is_(None)))
    return tuple(service.keys.form_public_key(code).public_bytes_raw() for code in codes)


def _search(service: Service, search: PageSearch, arrival_id: uuid.UUID) -> tuple[FoundPages | None, Recognition]:
    if not search.files and not search.exchanged.xml:
        return FoundPages((), 0, ()), Recognition.DONE
    try:
        found = run_apart(search_pages, search, lambda *_: None, seconds=service.settings.check_seconds)
    except ApartFailed as failure:
        log.warning("recognition_failed", arrival=str(arrival_id), reason=failure.reason)
        return None, Recognition.FAILED
    return found, Recognition.DONE
