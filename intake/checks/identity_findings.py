"""What the copy of an identity document means for a form signed by hand (CAD, art. 65): it may ask, it never refuses."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from intake.checks.finding import Finding
from intake.checks.severity import Severity
from intake.typesetting.printed import print_date
from ocr.extracted import Extracted
from ocr.papers.identity_document import IdentityReading, Person

KINDS = {
    "electronic_identity_card": "la carta d'identità elettronica",
    "paper_identity_card": "la carta d'identità",
    "driving_licence": "la patente di guida",
    "passport": "il passaporto",
    "residence_permit": "il permesso di soggiorno",
}
_EXTENDED = (date(2020, 1, 31), date(2021, 9, 30))
_LAW_OF_COPY = "D.P.R. 445/2000, art. 38, comma 3"
_LAW_OF_EXPIRED = "D.P.R. 445/2000, art. 45, comma 3"


def identity_findings(readings: Sequence[IdentityReading], signer: Person, on: date, *, by_hand: bool) -> list[Finding]:
    """``signer``: whose hand should be in the form's box; ``on``: the day in Italy. Of a form that nobody signed by hand the
    document is only told."""
    found = [finding for reading in readings for finding in _of_document(reading, signer, on)]
    return found if by_hand else [each for each in found if each.severity is Severity.INFO]


def valid_until(expires: date) -> date:
    """The last day: what expired in the emergency of 2020 stayed valid (D.L. 18/2020, art. 104)."""
    first, last = _EXTENDED
    return last if first <= expires < last else expires


def _of_document(reading: IdentityReading, signer: Person, on: date) -> list[Finding]:
    if not reading.legible:
        return [_not_legible(reading)]
    other = _other_holder(reading, signer)
    expired = _expired(reading, on)
    return [each for each in (_seen(reading), other, expired) if each is not None]


def _seen(reading: IdentityReading) -> Finding:
    kind, named, expires = KINDS.get(_value(reading.kind)), _named(reading), _value(reading.expires)
    whose = f" di {named}" if named else ", ma non si legge di chi è"
    until = f"scade il {print_date(expires)}" if expires else "la scadenza non si legge"
    seen = f"si vede {kind}{whose}" if kind else f"si legge il nome di {named}, ma non riconosciamo che documento è"
    document, page = _place(reading)
    box = reading.surname or reading.kind or reading.expires
    return Finding(
        "identity.read",
        Severity.INFO,
        f"Nella copia {seen}; {until}.",
        document=document,
        page=box.page if box else page,
        box=box.box if box else None,
    )


def _other_holder(reading: IdentityReading, signer: Person) -> Finding | None:
    if reading.holder is not None and reading.holder.tax_code == signer.tax_code:
        return None
    if reading.holder is None and not reading.other_holder:
        return None
    evidence = reading.surname or reading.kind
    document, page = _place(reading)
    return Finding(
        "identity.other_holder",
        Severity.WARNING,
        f"Il documento d'identità è di {_named(reading)}, ma nel riquadro del modulo firma {signer.full_name}.",
        f"Carichi la copia del documento di {signer.full_name}. Se abbiamo letto male il nome può inviare: l'ufficio guarderà.",
        law=_LAW_OF_COPY,
        document=document,
        page=evidence.page if evidence else page,
        box=evidence.box if evidence else None,
    )


def _expired(reading: IdentityReading, on: date) -> Finding | None:
    if reading.expires is None or not isinstance(reading.expires.value, str):
        return None
    expires = date.fromisoformat(reading.expires.value)
    if valid_until(expires) >= on:
        return None
    return Finding(
        "identity.expired",
        Severity.WARNING,
        f"Il documento d'identità risulta scaduto il {print_date(reading.expires.value)}.",
        "Carichi la copia di un documento valido. Vale anche quello scaduto se chi lo possiede scrive e firma sulla copia che "
        "i suoi dati non sono cambiati.",
        law=_LAW_OF_EXPIRED,
        document=reading.expires.source,
        page=reading.expires.page,
        box=reading.expires.box,
    )


def _not_legible(reading: IdentityReading) -> Finding:
    document, page = _place(reading)
    return Finding(
        "identity.not_legible",
        Severity.INFO,
        "La copia del documento d'identità non si legge: non sappiamo dire che documento è né di chi.",
        "La scansioni di nuovo a 300 dpi, in piano, a colori. Può inviare lo stesso: l'ufficio la guarderà.",
        law=_LAW_OF_COPY,
        document=document,
        page=page,
    )


def _named(reading: IdentityReading) -> str:
    if reading.holder is not None:
        return reading.holder.full_name
    names = [_value(each) for each in (reading.given_name, reading.surname)]
    return " ".join(name for name in names if name)


def _place(reading: IdentityReading) -> tuple[str | None, int | None]:
    return reading.pages[0] if reading.pages else (None, None)


def _value(extracted: Extracted | None) -> str:
    return extracted.value if extracted is not None and isinstance(extracted.value, str) else ""
