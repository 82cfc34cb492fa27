"""What an application asks, field by field: the one list that the screens, the import and the checks go by."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from intake.typed_text import visible


class Kind(StrEnum):
    """How a field is typed, tidied and checked."""

    TEXT = "text"
    EMAIL = "email"
    TAX_CODE = "tax_code"
    PERSON_TAX_CODE = "person_tax_code"
    VAT_NUMBER = "vat_number"
    INPS_NUMBER = "inps_number"
    POSTAL_CODE = "postal_code"
    PROVINCE = "province"
    DATE = "date"
    NUMBER = "number"
    HOURS = "hours"
    CHOICE = "choice"


def _mark(text: str) -> str:
    """Marks a text for the catalogue of translations; the screens translate it."""
    return text


N_ = _mark


@dataclass(frozen=True, slots=True)
class Field:
    """``path`` within its section; ``words`` gives the choices and how each is printed."""

    path: str
    label: str
    kind: Kind = Kind.TEXT
    required: bool = True
    words: Mapping[str, str] = field(default_factory=dict)
    autocomplete: str = "off"

    @property
    def label_within(self) -> str:
        """The label in the middle of a sentence: ``partita IVA``, ``CAP``."""
        is_acronym = self.label[:2].isupper()
        return self.label if is_acronym else self.label[:1].lower() + self.label[1:]

    def tidy(self, typed: str) -> str:
        """What is kept of what was typed: ISO dates, a decimal point, compact codes; the text itself where that fails."""
        text = visible(typed)
        match self.kind:
            case Kind.DATE:
                return _iso_date(text) or text
            case Kind.NUMBER | Kind.HOURS:
                return _plain_number(text) or text
            case Kind.TAX_CODE | Kind.PERSON_TAX_CODE | Kind.VAT_NUMBER | Kind.INPS_NUMBER | Kind.PROVINCE:
                return re.sub(r"[\s./-]", "", text).upper()
            case Kind.CHOICE:
                return self._choice(text)
            case _:
                return text

    def _choice(self, text: str) -> str:
        by_word = {word.casefold(): key for key, word in self.words.items()}
        return text if text in self.words else by_word.get(text.casefold(), text)


def _iso_date(text: str) -> str | None:
    found = re.fullmatch(r"([0-9]{1,2})[/.\- ]([0-9]{1,2})[/.\- ]([0-9]{4})", text)
    year, month, day = (found[3], found[2], found[1]) if found else ("", "", "")
    try:
        return (date(int(year), int(month), int(day)) if found else datetime.fromisoformat(text).date()).isoformat()
    except ValueError:
        return None


def _plain_number(text: str) -> str | None:
    """``1.234,50`` and ``1234.5`` alike as ``1234.5``."""
    plain = text.replace(".", "").replace(",", ".") if "," in text else text
    if not re.fullmatch(r"-?[0-9]{1,12}(\.[0-9]{1,6})?", plain):
        return None
    return f"{Decimal(plain).normalize():f}"


QUALIFICATIONS = {
    "blue_collar": N_("Operaio"),
    "white_collar": N_("Impiegato"),
    "intermediate": N_("Equiparato o intermedio"),
    "middle_manager": N_("Quadro"),
    "apprentice_blue": N_("Apprendista operaio"),
    "apprentice_white": N_("Apprendista impiegato"),
}
CONTRACTS = {
    "permanent": N_("Tempo indeterminato"),
    "fixed_term": N_("Tempo determinato"),
    "fixed_term_substitution": N_("Determinato per sostituzione"),
    "apprenticeship": N_("Apprendistato"),
    "intermittent": N_("Intermittente"),
    "agency": N_("Somministrazione"),
    "seasonal": N_("Stagionale"),
    "cooperative": N_("Socio lavoratore"),
}
AGREEMENT_KINDS = {
    "agreement": N_("Accordo sindacale sottoscritto"),
    "prior_notice": N_("Comunicazione preventiva alle organizzazioni"),
    "not_required": N_("Accordo non richiesto"),
}
PERIOD_MODES = {"zero_hours": N_("Sospensione a zero ore"), "reduction": N_("Riduzione di orario")}


def _address(prefix: str) -> tuple[Field, ...]:
    return (
        Field(f"{prefix}.street", N_("Indirizzo e numero civico"), autocomplete="street-address"),
        Field(f"{prefix}.postal_code", N_("CAP"), Kind.POSTAL_CODE, autocomplete="postal-code"),
        Field(f"{prefix}.city", N_("Comune"), autocomplete="address-level2"),
        Field(f"{prefix}.province", N_("Provincia (sigla)"), Kind.PROVINCE),
    )


EMPLOYER = (
    Field("employer.name", N_("Denominazione"), autocomplete="organization"),
    Field("employer.tax_code", N_("Codice fiscale"), Kind.TAX_CODE),
    Field("employer.vat_number", N_("Partita IVA"), Kind.VAT_NUMBER, required=False),
    Field("employer.inps_number", N_("Matricola INPS (10 cifre)"), Kind.INPS_NUMBER),
    Field("employer.legal_form", N_("Forma giuridica")),
    Field("employer.kind", N_("Tipo di datore di lavoro"), Kind.CHOICE),
    Field("employer.sector", N_("Settore di attività")),
    Field("employer.ateco", N_("Codice ATECO"), required=False),
    Field("employer.collective_agreement", N_("Contratto collettivo applicato")),
    Field("employer.total_staff", N_("Dipendenti occupati in tutto"), Kind.NUMBER),
    Field("employer.regions_count", N_("Regioni o Province autonome in cui la crisi coinvolge unità"), Kind.NUMBER),
    *_address("employer.address"),
    Field("employer.email", N_("E-mail"), Kind.EMAIL, autocomplete="email"),
    Field("employer.pec", N_("PEC"), Kind.EMAIL, required=False),
    Field("employer.phone", N_("Telefono"), required=False, autocomplete="tel"),
)
REPRESENTATIVE = (
    Field("representative.surname", N_("Cognome"), autocomplete="family-name"),
    Field("representative.given_name", N_("Nome"), autocomplete="given-name"),
    Field("representative.tax_code", N_("Codice fiscale"), Kind.PERSON_TAX_CODE),
    Field("representative.role", N_("Carica nell'azienda")),
)
UNIT = (Field("unit.name", N_("Nome dell'unità produttiva")), *_address("unit.address"))
PERIOD = (
    Field("from", N_("Dal"), Kind.DATE),
    Field("to", N_("Al"), Kind.DATE),
    Field("mode", N_("Modalità"), Kind.CHOICE, words=PERIOD_MODES),
)
WORKER = (
    Field("surname", N_("Cognome")),
    Field("given_name", N_("Nome")),
    Field("tax_code", N_("Codice fiscale"), Kind.PERSON_TAX_CODE),
    Field("qualification", N_("Qualifica"), Kind.CHOICE, words=QUALIFICATIONS),
    Field("contract", N_("Contratto"), Kind.CHOICE, words=CONTRACTS),
    Field("category", N_("Categoria"), Kind.CHOICE, required=False),
    Field("weekly_hours", N_("Ore settimanali"), Kind.HOURS),
    Field("hired_on", N_("Data di assunzione"), Kind.DATE),
    Field("requested_hours", N_("Ore richieste"), Kind.HOURS),
    Field("exception", N_("Eccezione dichiarata"), Kind.CHOICE, required=False),
)
AGREEMENT = (
    Field("agreement.kind", N_("Accordo o comunicazione"), Kind.CHOICE, words=AGREEMENT_KINDS),
    Field("agreement.date", N_("Data dell'accordo o della comunicazione"), Kind.DATE, required=False),
    Field("agreement.unions", N_("Organizzazioni firmatarie, separate da virgola"), required=False),
    Field("agreement.waiver", N_("Motivo per cui l'accordo non serve"), Kind.CHOICE, required=False),
)
STAMP_DUTY = (
    Field("stamp_duty.way", N_("Imposta di bollo"), Kind.CHOICE),
    Field("stamp_duty.identifier", N_("Identificativo o estremi dell'autorizzazione"), required=False),
)
SINGLE = (*EMPLOYER, *REPRESENTATIVE, *UNIT, *AGREEMENT, *STAMP_DUTY)
