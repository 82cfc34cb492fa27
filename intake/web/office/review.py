"""The review: what was issued beside what came back, differences first, each settled by the officer who holds the case."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select

from intake.applications.lifecycle import state_in_words, timeline_sentence
from intake.applications.models import ApplicationEvent, Receipt, State
from intake.cases.case import Case, case_of, form_pages
from intake.cases.models import Settlement
from intake.cases.page_images import DrawingBusy, PageNotDrawable
from intake.cases.review import (
    HasRejectedValues,
    NotSettled,
    ReasonsNeeded,
    Review,
    ValueNeeded,
    find_admissible,
    find_not_admissible,
    review_of,
    settle,
)
from intake.errors import Refusal
from intake.people.models import Role
from intake.web.editions import page_facts, shown_edition
from intake.web.frame.access import Roles, route
from intake.web.frame.context import now, roll_back, service, session
from intake.web.frame.errors import in_words
from intake.web.frame.language import language
from intake.web.frame.signed_in import signed_in_person
from intake.web.office.agreement_view import shown_agreement, standing_in_words
from intake.web.office.case_pages import READERS, page_images
from intake.web.office.evidence_words import (
    engine_in_words,
    rule_in_words,
    value_from_words,
    value_in_words,
    value_name,
)
from intake.web.office.reconciliation_view import kind_in_words, mark_in_words, shown_reconciliation
from intake.web.office.review_view import changed_words, chosen_screen
from intake.web.signature_view import file_cards
from intake.web.stamp_view import kind_in_words as stamp_kind_in_words
from intake.web.stamp_view import shown_stamps

screens = Blueprint("review", __name__)

_CASE = "/pratiche/<uuid:application_id>"


@route(screens, _CASE, allow=Roles(*READERS))
def review_page(application_id: UUID) -> ResponseReturnValue:
    """The case with the page that ``pagina`` names, seen as ``vista`` says, and the value ``dato`` in evidence."""
    return _page(application_id)


@route(screens, f"{_CASE}/dati", methods=["POST"], allow=Roles(Role.OFFICER))
def settle_value(application_id: UUID) -> ResponseReturnValue:
    """Accepts, corrects or rejects one value or finding; then the next that needs eyes."""
    case_of(session(), application_id)
    subject, given = request.form.get("dato", ""), request.form.get("esito", "")
    value, note = (request.form.get(key, "").strip() or None for key in ("valore", "nota"))
    if value and subject.startswith("read:"):
        value = value_from_words(value)
    settlement = Settlement(given) if given in set(Settlement) else None
    try:
        if settlement is None:
            raise ValueNeeded
        settle(
            session(),
            signed_in_person(),
            application_id,
            subject,
            settlement,
            value=value,
            note=note,
            at=now(),
            reads_so=request.form.get("si_legge") == "letto",
        )
        session().flush()
    except ValueNeeded as refusal:
        roll_back()
        return _page(application_id, refusal=refusal, subject=subject), refusal.status
    following = next((row.subject for row in _review(case_of(session(), application_id)).open_rows), None)
    return redirect(
        url_for("review.review_page", application_id=application_id, dato=following, _anchor="dati"),
        HTTPStatus.SEE_OTHER,
    )


@route(screens, f"{_CASE}/ammissibile", methods=["POST"], allow=Roles(Role.OFFICER))
def conclude_admissible(application_id: UUID) -> ResponseReturnValue:
    """Ends the examination with admission, when all is settled."""
    case = case_of(session(), application_id)
    try:
        find_admissible(session(), signed_in_person(), application_id, _review(case), at=now())
    except (NotSettled, HasRejectedValues) as refusal:
        roll_back()
        return _page(application_id, refusal=refusal), refusal.status
    flash(gettext("Domanda ammissibile. Passa al direttore, nell'ordine della coda."), "success")
    return redirect(url_for("review.review_page", application_id=application_id), HTTPStatus.SEE_OTHER)


@route(screens, f"{_CASE}/non-ammessa", methods=["POST"], allow=Roles(Role.OFFICER))
def conclude_not_admissible(application_id: UUID) -> ResponseReturnValue:
    """Ends the examination with "non ammesso": reasons, each with its rule (L. 241/1990, art. 10-bis)."""
    case_of(session(), application_id)
    reasons, rule = request.form.get("motivi", ""), request.form.get("norma", "")
    try:
        find_not_admissible(session(), signed_in_person(), application_id, reasons, rule, at=now())
    except ReasonsNeeded as refusal:
        roll_back()
        return _page(application_id, refusal=refusal, typed=(reasons, rule)), refusal.status
    flash(gettext("Domanda non ammessa. I motivi restano nella cronologia."), "success")
    return redirect(url_for("review.review_page", application_id=application_id), HTTPStatus.SEE_OTHER)


@route(screens, f"{_CASE}/documenti/<uuid:document_id>", allow=Roles(*READERS))
def document_page(application_id: UUID, document_id: UUID) -> ResponseReturnValue:
    """All pages of one document, as they were received."""
    case = case_of(session(), application_id)
    document = case.document(document_id)
    try:
        sizes, problem = page_images().sizes(service().store.get(document.sha256), document.name), None
    except (PageNotDrawable, DrawingBusy) as refusal:
        sizes, problem = (), in_words(refusal)
    return render_template(
        "office/document.html",
        case=case,
        document=document,
        sizes=sizes,
        problem=problem,
        signatures=next(iter(file_cards(case.run, [document])), None),
        **_facts(case),
    )


def _review(case: Case) -> Review:
    return review_of(session(), case.application, case.form, case.run)


def _facts(case: Case) -> dict[str, object]:
    return page_facts(shown_edition(case.application.edition.register_code))


def _page(
    application_id: UUID,
    *,
    refusal: Refusal | None = None,
    subject: str | None = None,
    typed: tuple[str, str] = ("", ""),
) -> str:
    case, person = case_of(session(), application_id), signed_in_person()
    review, sizes = _review(case), _sizes_of(case)
    holds = case.holding is not None and case.holding.officer_id == person.id
    receipts = session().scalars(
        select(Receipt).where(Receipt.application_id == application_id).order_by(Receipt.created_at)
    )
    return render_template(
        "office/review.html",
        case=case,
        review=review,
        screen=chosen_screen(case, review, form_pages(case), request.args, subject, sizes.known),
        not_drawn=in_words(sizes.refusal) if sizes.refusal else None,
        words=value_name,
        paper_value=value_in_words,
        paper_documents={each.id for each in case.application.documents},
        riscontro=shown_reconciliation(case, request.args.get("riscontro")),
        mark_words=mark_in_words,
        witness_words=kind_in_words,
        engine_words=engine_in_words,
        rule_words=rule_in_words,
        changed_words=changed_words,
        holds=holds,
        may_settle=holds and case.application.state is State.EXAMINED,
        state=state_in_words(case.application.state, language()),
        receipts=list(receipts),
        stamps=shown_stamps(case.run.stamps if case.run else None),
        accordo=shown_agreement(case.run.agreement if case.run else None),
        standing_words=standing_in_words,
        kind_words=stamp_kind_in_words,
        signatures={each.document.id: each.card for each in file_cards(case.run, case.application.documents)},
        timeline=[(event.at, _sentence(event), event.person) for event in case.application.events],
        problem=in_words(refusal) if refusal else None,
        problem_subject=subject,
        typed=typed,
        **_facts(case),
    )


@dataclass(frozen=True, slots=True)
class _Sizes:
    """Sizes of the pages of every file that holds pages of the form; none for a file that ``refusal`` keeps from sight."""

    known: dict[UUID, tuple[tuple[float, float], ...]]
    refusal: Refusal | None


def _sizes_of(case: Case) -> _Sizes:
    known, refused = {}, None
    for document in {page.document.id: page.document for page in form_pages(case) if page.document}.values():
        try:
            known[document.id] = page_images().sizes(service().store.get(document.sha256), document.name)
        except (PageNotDrawable, DrawingBusy) as refusal:
            refused = refusal
    return _Sizes(known, refused)


def _sentence(event: ApplicationEvent) -> str:
    if event.name != "value_settled":
        return timeline_sentence(event, language())
    kind, _, name = str(event.detail["subject"]).partition(":")
    match kind:
        case "field":
            what = value_name(name)
        case "read":
            what = value_name(name.partition(":")[2])
        case _:
            what = gettext("un rilievo dei controlli")
    return str(gettext("Verificato: %(what)s.", what=what))
