"""The union agreement of a case as the office sees it: each value with the cut of the page where it was read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from intake.cases.case import Case, case_of
from intake.cases.page_drawing import PageOrder
from intake.cases.page_images import cut_out
from intake.checks.agreement_findings import SURE
from intake.errors import NotFound
from intake.web.frame.access import Roles, route
from intake.web.frame.context import service, session
from intake.web.office.case_pages import READERS, SCREEN_DPI, page_images
from intake.web.office.evidence_words import value_in_words, value_name
from ocr.agreement.values import FIELD_NAMES

screens = Blueprint("agreement_view", __name__)

_MARGIN = 5.0
_AROUND = 60.0
"""Points to the left and right of a value: the words that it stands among."""


@dataclass(frozen=True, slots=True)
class ShownValue:
    """One value; ``value`` empty where the paper does not say it. ``cut``: whether a picture of its place can be shown."""

    field: str
    label: str
    value: str
    raw: str
    percent: int
    sure: bool
    document_id: UUID | None
    page: int
    cut: bool


@dataclass(frozen=True, slots=True)
class ShownAgreement:
    """``standing``: ``agreement``, ``failed``, ``prior_notice`` or ``other``, the sentence and colour of the whole."""

    standing: str
    values: tuple[ShownValue, ...]
    problems: tuple[str, ...]

    @property
    def told(self) -> tuple[ShownValue, ...]:
        return tuple(each for each in self.values if each.value)

    @property
    def not_told(self) -> tuple[ShownValue, ...]:
        return tuple(each for each in self.values if not each.value)


def shown_agreement(agreement: Mapping[str, Any] | None) -> ShownAgreement | None:
    """What a run read of the agreement, None where none was sent."""
    if agreement is None:
        return None
    return ShownAgreement(
        standing=_standing(agreement),
        values=tuple(_value(name, agreement[name]) for name in FIELD_NAMES),
        problems=tuple(each["message"] for each in agreement["problems"]),
    )


def standing_in_words(standing: str) -> str:
    """The paper in one sentence."""
    words = {
        "agreement": gettext("Il documento è un accordo raggiunto."),
        "failed": gettext("Il documento dice che l'accordo non è stato raggiunto."),
        "prior_notice": gettext("Il documento è una comunicazione ai sindacati, non un accordo."),
        "unsaid": gettext("Il documento parla di un accordo, ma non dice se è stato raggiunto."),
        "other": gettext("Il documento non sembra un accordo sindacale."),
    }
    return str(words[standing])


@route(screens, "/pratiche/<uuid:application_id>/accordo/<field>", allow=Roles(*READERS))
def value_cut(application_id: UUID, field: str) -> ResponseReturnValue:
    """The part of the received page where one value of the agreement was read."""
    case = case_of(session(), application_id)
    value = _read_in(case, field)
    if value is None or value["box"] is None:
        raise NotFound
    document = case.document(UUID(value["source"]))
    order = PageOrder(service().store.get(document.sha256), document.name, value["page"], SCREEN_DPI)
    left, top, right, bottom = value["box"]
    sentence = (left - _AROUND, top, right + _AROUND, bottom)
    picture = cut_out(page_images().picture(order), sentence, SCREEN_DPI, _MARGIN)
    return Response(picture, mimetype="image/webp")


def _read_in(case: Case, field: str) -> Mapping[str, Any] | None:
    agreement = (case.run.agreement if case.run else None) or {}
    return agreement.get(field) if field in FIELD_NAMES else None


def _standing(agreement: Mapping[str, Any]) -> str:
    if agreement["kind"] in {"other", "prior_notice"}:
        return str(agreement["kind"])
    return {"true": "agreement", "false": "failed"}.get(agreement["agreement_reached"]["value"], "unsaid")


def _value(name: str, read: Mapping[str, Any]) -> ShownValue:
    value = read["value"]
    written = "; ".join(value) if isinstance(value, list) else value
    return ShownValue(
        field=name,
        label=value_name(f"union_agreement.{name}"),
        value=value_in_words(written) or "" if written else "",
        raw=read["raw"],
        percent=round(100 * read["confidence"]),
        sure=read["confidence"] >= SURE,
        document_id=UUID(read["source"]) if written else None,
        page=read["page"],
        cut=read["box"] is not None,
    )
