"""Marks of stamp duty for whoever tries the service in a rehearsal: numbers that no real mark has, all of them marked PROVA."""

from __future__ import annotations

import json
import uuid
from datetime import datetime
from decimal import Decimal
from http import HTTPStatus

from intake.applications.models import Application, IssuedForm
from intake.clock import ROME
from intake.errors import Refusal
from intake.notices.duty import stamp_duty_due
from intake.service import Service
from ocr.form_map import FormMap, FormZone
from ocr.trial_label import TrialLabel, label_sheet, pasted
from signing.rehearsal_stamp import TrialPurchase, sell_trial_stamp
from signing.stamp_duty.duty import amount_on
from signing.stamp_duty.trial import trial_identifier


class NoPlaceForStamp(Refusal):
    code = "no_place_for_stamp"
    message = "Questo modulo non ha il posto per la marca da bollo: nei dati è indicato un altro modo di pagare."
    remedy = "Per provare la marca riapra i dati, scelga il contrassegno telematico ed emetta di nuovo il modulo."
    status = HTTPStatus.CONFLICT


def trial_number(application_id: uuid.UUID) -> str:
    """The number of the trial marks of an application, known before its form is issued."""
    return trial_identifier(application_id.bytes)


def place_of_stamp(form: IssuedForm) -> FormZone | None:
    """Where the form has the label pasted, None where it is paid otherwise."""
    zones = FormMap.from_json(json.dumps(form.form_map).encode()).zones
    return next((zone for zone in zones if zone.kind == "revenue_stamp"), None)


def with_trial_label(service: Service, application: Application, form: IssuedForm, *, at: datetime) -> bytes:
    """The PDF of the form with a trial label in its place. Raises ``NoPlaceForStamp``. ``at``: the real instant."""
    place = place_of_stamp(form)
    if place is None:
        raise NoPlaceForStamp
    return pasted(service.store.get(form.pdf_sha256), _label(service, application, at), place.page, place.box)


def trial_label_sheet(service: Service, application: Application, lines: tuple[str, ...], *, at: datetime) -> bytes:
    """A scanned sheet with the trial label, annulled for this application. ``at``: the real instant."""
    return label_sheet(_label(service, application, at), lines)


def trial_digital_stamp(service: Service, application: Application, form: IssuedForm, *, at: datetime) -> bytes:
    """A digital stamp bought for the form as issued, from the authority of the rehearsal. ``at``: the real instant."""
    authority = service.keys.rehearsal_authority(application.edition.register_code)
    purchase = TrialPurchase(
        trial_number(application.id), _amount(service, application, at), at.astimezone(ROME).replace(microsecond=0)
    )
    return sell_trial_stamp(authority, service.store.get(form.pdf_sha256), purchase)


def _label(service: Service, application: Application, at: datetime) -> TrialLabel:
    on_notice = application.edition.own_clock(at).astimezone(ROME)
    return TrialLabel(trial_number(application.id), _amount(service, application, at), on_notice)


def _amount(service: Service, application: Application, at: datetime) -> Decimal:
    """What is due on the notice's day; what the law would ask, where the notice asks nothing."""
    day = application.edition.own_clock(at).astimezone(ROME).date()
    return stamp_duty_due(service.pack_of(application.edition), day).amount or amount_on(day).euros
