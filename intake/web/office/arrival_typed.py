"""What the protocol office types about an arrival; what cannot be understood is an error beside its field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from intake.arrivals.listing import ArrivalQuery
from intake.arrivals.models import ArrivalChannel, ArrivalState
from intake.arrivals.receiving import PaperArrival
from intake.arrivals.registration import RegistrationFacts, Sender
from intake.clock import ROME
from intake.typed_text import typed_day, visible
from protocol_register.entries import PartyKind

SENDER_KINDS = (PartyKind.COMPANY, PartyKind.PERSON, PartyKind.ADMINISTRATION)
_LONGEST = 500


@dataclass(slots=True)
class Typed:
    """Values as typed, and what is wrong with them by field."""

    values: dict[str, str]
    errors: dict[str, str] = field(default_factory=dict)

    def required(self, key: str, sentence: str) -> str:
        if not self.values[key]:
            self.errors[key] = sentence
        return self.values[key]

    def day(self, key: str) -> date | None:
        if not self.values[key]:
            return None
        try:
            return typed_day(self.values[key])
        except ValueError:
            self.errors[key] = gettext("Scriva la data come 2020-04-08, oppure la scelga dal calendario.")
            return None


def typed(given: MultiDict[str, str], *keys: str) -> Typed:
    """The fields ``keys`` of a form, in single spaces, cut at a length that no honest answer reaches."""
    return Typed({key: visible(given.get(key, ""))[:_LONGEST] for key in keys})


def read_paper(given: MultiDict[str, str]) -> tuple[Typed, PaperArrival | None]:
    """The envelope's data. None when something is wrong: the errors say what."""
    form = typed(given, "canale", "giorno", "ora", "raccomandata", "spedita")
    if form.values["canale"] not in {ArrivalChannel.LETTER, ArrivalChannel.COUNTER}:
        form.errors["canale"] = gettext("Scelga come è arrivato.")
    day, hour = form.day("giorno"), _hour(form)
    if day is None and "giorno" not in form.errors:
        form.errors["giorno"] = gettext("Scriva il giorno di arrivo allo sportello.")
    posted = form.day("spedita")
    if form.errors or day is None or hour is None:
        return form, None
    arrived = datetime.combine(day, hour, ROME)
    return form, PaperArrival(
        ArrivalChannel(form.values["canale"]), arrived, posted, form.values["raccomandata"] or None
    )


def read_registration(given: MultiDict[str, str]) -> tuple[Typed, RegistrationFacts | None]:
    """Sender, subject and the sender's own data. None when something is wrong."""
    keys = ("mittente", "natura", "codice_fiscale", "indirizzo", "oggetto", "data_mittente", "protocollo_mittente")
    form = typed(given, *keys, "motivo_differimento", "atto_differimento")
    name = form.required("mittente", gettext("Scriva chi l'ha mandato."))
    subject = form.required("oggetto", gettext("Scriva di che cosa tratta."))
    received = form.day("data_mittente")
    if form.errors:
        return form, None
    values = form.values
    kind = PartyKind(values["natura"]) if values["natura"] in set(SENDER_KINDS) else PartyKind.COMPANY
    sender = Sender(name, kind, values["codice_fiscale"].upper() or None, values["indirizzo"] or None)
    return form, RegistrationFacts(
        sender,
        subject,
        received,
        values["protocollo_mittente"] or None,
        values["motivo_differimento"] or None,
        values["atto_differimento"] or None,
    )


def read_query(given: Mapping[str, str]) -> tuple[Typed, ArrivalQuery]:
    """The search that the address asks for."""
    form = typed(MultiDict(given), "cerca", "stato", "dal", "al", "pagina")
    since, until = form.day("dal"), form.day("al")
    values = form.values
    return form, ArrivalQuery(
        words=values["cerca"] or None,
        state=ArrivalState(values["stato"]) if values["stato"] in set(ArrivalState) else None,
        since=datetime.combine(since, time.min, ROME) if since else None,
        until=datetime.combine(until + timedelta(days=1), time.min, ROME) if until else None,
        page=page_number(values["pagina"]),
    )


def page_number(given: str) -> int:
    """The page of a list that an address asks for; the first for anything that is no number of a page."""
    return int(given) if given.isdecimal() and len(given) < 7 else 1


def _hour(form: Typed) -> time | None:
    try:
        return time.fromisoformat(form.values["ora"])
    except ValueError:
        form.errors["ora"] = gettext("Scriva l'ora di arrivo come 09:30.")
        return None
