"""Issuing the form: the draft is frozen with its PDF, its page codes and the map of its fields."""

from __future__ import annotations

import json
import secrets
import uuid
from collections.abc import Mapping
from copy import deepcopy
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from intake.applications.access import locked_application_for
from intake.applications.draft import get, put
from intake.applications.draft_check import DraftProblem, choices_of, draft_problems
from intake.applications.fields import CONTRACTS, QUALIFICATIONS, SINGLE
from intake.applications.firm_check import firm_problems
from intake.applications.lifecycle import Actor, move
from intake.applications.models import IssuedForm
from intake.applications.worker_papers import issue_worker_papers
from intake.errors import Refusal
from intake.notices.draft import day_at
from intake.notices.measure import CategoryField
from intake.notices.models import NoticeEdition
from intake.notices.pack import NoticePack
from intake.notices.rules import count_weeks, readable_periods, required_documents
from intake.people.mandates import mandate_of
from intake.people.models import Capacity, Person
from intake.service import Service
from intake.typesetting.application_form import FormTexts, typeset_application
from intake.typesetting.printed import print_date, print_number
from intake.typesetting.rehearsal import rehearsal_mark

# Crockford's alphabet: no letter that is read as a digit, so that a form number can be dictated.
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class NotYetIssuable(Refusal):
    code = "not_yet_issuable"
    message = "Il modulo non si può ancora emettere: ci sono {count} cose da sistemare."
    remedy = "Le trova elencate nel riepilogo, ognuna con il collegamento al suo campo."

    def __init__(self, problems: tuple[DraftProblem, ...]) -> None:
        self.problems = problems
        super().__init__(count=len(problems))


def issue_form(
    service: Service, session: Session, person: Person, application_id: uuid.UUID, *, at: datetime
) -> IssuedForm:
    """Freezes the draft and issues its form. Raises ``NotFound``, ``NotYetIssuable``, ``MoveNotPossible``."""
    application = locked_application_for(session, person, application_id)
    edition, pack = application.edition, service.pack_of(application.edition)
    problems = (
        *draft_problems(application.draft, pack, edition.own_clock(at)),
        *firm_problems(session, application),
    )
    blocking = tuple(problem for problem in problems if problem.blocks)
    if blocking:
        raise NotYetIssuable(blocking)
    capacity = mandate_of(session, person, application.employer_id).capacity
    data = frozen_data(application.draft, pack, person, capacity)
    document = typeset_application(
        data,
        form=_new_form_number(edition),
        notice=_texts(pack, rehearsal=edition.is_rehearsal),
        key=service.keys.form_key(edition.register_code),
        issued_at=at,
        rehearsal=rehearsal_mark(edition, at),
    )
    service.store.put(document.pdf)
    form = IssuedForm(
        form=document.form,
        application_id=application.id,
        issued_at=at,
        issued_by=person.id,
        pdf_sha256=document.sha256,
        pages=document.pages,
        data=data,
        form_map=json.loads(document.form_map.to_json()),
        worker_papers=issue_worker_papers(service, edition, data, form=document.form, at=at),
    )
    session.add(form)
    move(
        session,
        application,
        "form_issued",
        actor=Actor.FILER,
        person=person,
        at=at,
        form=document.form,
        pages=document.pages,
    )
    return form


def frozen_data(draft: Mapping[str, Any], pack: NoticePack, person: Person, capacity: Capacity) -> dict[str, Any]:
    """The application as it is printed and transmitted: the draft with words for its choices and the notice's texts."""
    choices = choices_of(pack)
    draft = _with_every_field(draft)
    periods = readable_periods(draft["periods"])
    filed_by = {
        "surname": person.surname,
        "given_name": person.given_name,
        "tax_code": person.tax_code,
        "capacity": "employer" if capacity is Capacity.REPRESENTATIVE else "consultant",
    }
    employer = {**draft["employer"], "kind": choices["employer.kind"].get(draft["employer"].get("kind", ""), "")}
    hours = sum((Decimal(worker["requested_hours"]) for worker in draft["workers"]), Decimal(0))
    stamp, agreement = draft["stamp_duty"], draft["agreement"]
    return {
        "employer": employer,
        "representative": draft["representative"],
        "filed_by": filed_by,
        "unit": draft["unit"],
        "measure": {"title": pack.measure.title, "cause": pack.measure.cause},
        "periods": [{**draft["periods"][period.row - 1], "days": period.days} for period in periods],
        "weeks_requested": str(count_weeks(pack, periods).calendar_weeks),
        "workers": [_frozen_worker(worker, pack, choices) for worker in draft["workers"]],
        "totals": {"workers": len(draft["workers"]), "requested_hours": f"{hours.normalize():f}"},
        "agreement": {
            "kind": agreement["kind"],
            "date": agreement["date"],
            "unions": [name.strip() for name in agreement["unions"].split(",") if name.strip()],
            "waiver": choices["agreement.waiver"].get(agreement.get("waiver", ""), ""),
        },
        "declarations": [
            {"key": rule.key, "text": _plain(pack.markdown(rule.text)), "law": rule.law}
            for rule in pack.declarations
            if draft.get("declarations", {}).get(rule.key)
        ],
        "stamp_duty": {
            "way": stamp["way"],
            "statement": _stamp_statement(stamp, choices["stamp_duty.way"]),
            "identifier": stamp["identifier"],
            "law": next((way.citation for way in pack.stamp_duty.ways if way.way == stamp["way"]), ""),
        },
        "attachments": [
            {"key": document.key, "title": document.title}
            for document in required_documents(pack, {**draft, "filed_by": filed_by})
            if document.status == "required"
        ],
        "consents": [
            {"key": rule.key, "text": _plain(pack.markdown(rule.text))}
            for rule in pack.consents
            if draft.get("consents", {}).get(rule.key)
        ],
    }


def _stamp_statement(stamp: Mapping[str, Any], titles: Mapping[str, str]) -> str:
    """The note of payment as the law wants it on the document (DPR 642/1972, art. 15), or the way as the notice calls it."""
    if stamp["way"] == "virtual" and stamp["identifier"]:
        return f"Imposta di bollo assolta in modo virtuale – autorizzazione {stamp['identifier']}"
    if stamp["way"] == "exempt":
        return "Esente dall'imposta di bollo"
    return titles.get(stamp["way"], "")


def _with_every_field(draft: Mapping[str, Any]) -> dict[str, Any]:
    """The draft with empty text where an optional field was never touched."""
    whole = deepcopy(dict(draft))
    for field in SINGLE:
        put(whole, field.path, get(draft, field.path))
    return whole


def _frozen_worker(
    worker: Mapping[str, Any], pack: NoticePack, choices: Mapping[str, Mapping[str, str]]
) -> dict[str, Any]:
    words = {
        "qualification": QUALIFICATIONS.get(worker["qualification"], worker["qualification"]),
        "contract": CONTRACTS.get(worker["contract"], worker["contract"]),
        "category": choices["category"].get(worker.get("category", ""), ""),
        "exception": choices["exception"].get(worker.get("exception", ""), ""),
    }
    return {**worker, **words, "extra": _frozen_extra(worker, pack)}


def _frozen_extra(worker: Mapping[str, Any], pack: NoticePack) -> list[dict[str, str]]:
    """What the worker's category asks for besides, with the labels of the notice; what was left empty is left out."""
    asked = next((each.fields for each in pack.categories if each.key == worker.get("category")), ())
    typed = worker.get("extra", {})
    return [
        {"label": field.label, "value": _extra_in_words(field, str(typed[field.key]))}
        for field in asked
        if typed.get(field.key)
    ]


def _extra_in_words(field: CategoryField, value: str) -> str:
    if field.kind == "boolean":
        return {"true": "sì", "false": "no"}.get(value, value)
    if field.kind == "number":
        return print_number(value)
    day = day_at({"day": value}, "day") if field.kind == "date" else None
    return print_date(day.isoformat()) if day else value


def _plain(markdown: str) -> str:
    """Markdown paragraphs as one running text, without its marks of emphasis."""
    return " ".join(markdown.replace("**", "").replace("# ", "").split())


def _texts(pack: NoticePack, *, rehearsal: bool) -> FormTexts:
    return FormTexts(
        administration=pack.administration.name,
        office=pack.administration.office,
        form_title=pack.measure.title,
        notice_title=f"{pack.title}{' (PROVA)' if rehearsal else ''}",
        act=pack.acts[0].title,
        signing="Firmare il file PDF con firma digitale, oppure firmare a mano nel riquadro e allegare la copia del "
        "documento d'identità.",
    )


def _new_form_number(edition: NoticeEdition) -> str:
    """``SAR20-7K2M9-QXW4T``: not guessable, never used twice, at most 18 characters."""
    letters = "".join(secrets.choice(_LETTERS) for _ in range(10))
    return f"{edition.register_code.split('-', 1)[0][:6]}-{letters[:5]}-{letters[5:]}"
