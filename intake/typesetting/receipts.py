"""The receipts: files received online, a document arrived at the office, a document registered.

A receipt states facts and what they mean; the same facts travel inside it as ``ricevuta.json`` in canonical form
(RFC 8785), so that a program reads exactly what a person reads. Sealing it is the caller's act.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

import rfc8785

from intake.typesetting.compiler import typeset
from intake.typesetting.finishing import Attachment, finish_pdf
from intake.typesetting.printed import print_date, print_foreign_text, print_instant, print_size
from intake.typesetting.rehearsal import RehearsalMark, rehearsal_input
from intake.typesetting.symbols import qr_symbol

TEMPLATE = "receipt.typ"
RECEIPT_ATTACHMENT = "ricevuta.json"


@dataclass(frozen=True, slots=True)
class ReceiptFile:
    """One file the receipt speaks of; ``size`` in bytes, ``sha256`` hexadecimal, of the bytes as they came."""

    name: str
    size: int
    sha256: str
    media_type: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class ReceivedFacts:
    """What the *ricevuto* receipt states. ``received_at`` is the instant at which the last byte was stored."""

    administration: str
    office: str
    notice_title: str
    form: str
    applicant: str
    sent_by: str
    received_at: datetime
    files: tuple[ReceiptFile, ...]
    rehearsal: RehearsalMark | None = None


@dataclass(frozen=True, slots=True)
class ArrivedFacts:
    """What the *ricevuto* receipt of a letter, a delivery or a certified message states.

    ``arrived_at``: at the counter, or in the certified box; ``kept_at`` when the office had its files stored.
    ``way`` in words; ``letter_number`` and ``posted_on`` of a registered letter; ``sender`` empty where nobody read it yet.
    """

    administration: str
    office: str
    notice_title: str
    way: str
    arrived_at: datetime
    kept_at: datetime
    sender: str
    letter_number: str
    posted_on: date | None
    files: tuple[ReceiptFile, ...]
    rehearsal: RehearsalMark | None = None


@dataclass(frozen=True, slots=True)
class RegisteredFacts:
    """What the *registrato* receipt states (D.P.R. 445/2000, art. 53 and 55).

    ``number`` as printed (at least seven digits, art. 57), ``legal_instant`` the instant that decides the order of
    examination and ``legal_instant_source`` what it comes from, ``rank_rule`` the rule in words, ``verification_code`` what
    the register knows the receipt by.
    """

    administration: str
    administration_code: str
    area: str
    area_code: str
    office: str
    register: str
    register_name: str
    number: str
    year: int
    registered_at: datetime
    legal_instant: datetime
    legal_instant_source: str
    rank_rule: str
    channel: str
    sender: str
    sender_tax_code: str
    subject: str
    form: str
    files: tuple[ReceiptFile, ...]
    verify_at: str
    verification_code: str
    rehearsal: RehearsalMark | None = None


def typeset_received_receipt(facts: ReceivedFacts) -> bytes:
    """The *ricevuto* receipt as PDF/A-3a, PDF/UA-1 with its facts attached. Raises ``TypesettingError``."""
    pages = {
        "title": "Ricevuta di caricamento",
        "summary": "Abbiamo ricevuto i file elencati qui sotto. Non è ancora la registrazione: manca l’invio della domanda.",
        "highlight": None,
        "footer": f"Modulo {facts.form}",
        "rows": [
            _row("Ricevuti il", print_instant(facts.received_at, milliseconds=True)),
            _row("Avviso", facts.notice_title),
            _row("Modulo", facts.form, mono=True),
            _row("Datore di lavoro", facts.applicant),
            _row("Caricati da", facts.sent_by),
        ],
        "files_title": "File ricevuti",
        "meanings": [
            {
                "title": "Che cosa prova",
                "points": [
                    "I file elencati sono arrivati, all’istante indicato e con le impronte indicate.",
                    "L’ufficio li conserva come li ha ricevuti, senza modificarli.",
                ],
            },
            {
                "title": "Che cosa non prova",
                "points": [
                    "La domanda non è ancora inviata e non ha un numero di protocollo.",
                    "Questo istante non conta per l’ordine di esame né per i termini.",
                    "I file non sono stati ancora controllati.",
                ],
            },
        ],
        "next": {
            "title": "Che cosa fare ora",
            "text": "Torni alla domanda, legga l’esito dei controlli e prema «Invia la domanda» prima della scadenza. "
            "Solo dopo l’invio riceverà il numero di protocollo.",
            "symbol": None,
            "address": "",
        },
    }
    return _typeset(facts, "received", pages, at=facts.received_at, extra=())


def typeset_arrived_receipt(facts: ArrivedFacts) -> bytes:
    """The *ricevuto* receipt of what came on paper or by mail, PDF/A-3a and PDF/UA-1. Raises ``TypesettingError``."""
    asked = (
        ("Arrivato il", print_instant(facts.arrived_at)),
        ("Come", facts.way),
        ("Raccomandata n.", facts.letter_number),
        ("Spedita il", print_date(facts.posted_on.isoformat()) if facts.posted_on else ""),
        ("Mittente", facts.sender),
        ("Conservato dal", print_instant(facts.kept_at, milliseconds=True)),
        ("Avviso", facts.notice_title),
    )
    pages = {
        "title": "Ricevuta di arrivo",
        "summary": "L’ufficio protocollo ha ricevuto quello che è elencato qui sotto. Non è ancora la registrazione: il "
        "numero di protocollo si dà dopo.",
        "highlight": None,
        "footer": f"Arrivo del {print_instant(facts.arrived_at)}",
        "rows": [_row(label, value) for label, value in asked if value],
        "files_title": "File conservati",
        "meanings": [
            {
                "title": "Che cosa prova",
                "points": [
                    "Il documento è arrivato all’ufficio, nel modo e all’istante indicati.",
                    "L’ufficio ne conserva i file elencati, con le impronte indicate, e non li modifica.",
                ],
            },
            {
                "title": "Che cosa non prova",
                "points": [
                    "Il documento non ha ancora un numero di protocollo.",
                    "Non è detto che valga come domanda: dipende dalle vie che l’avviso ammette e dai controlli.",
                    "I file non sono stati ancora controllati.",
                ],
            },
        ],
        "next": {
            "title": "Che cosa succede ora",
            "text": "L’ufficio registra il documento. Se vale come domanda, la ricevuta di registrazione porta il numero e "
            "l’istante che conta per l’ordine di esame; altrimenti l’ufficio risponde dicendo che cosa fare.",
            "symbol": None,
            "address": "",
        },
    }
    return _typeset(facts, "arrived", pages, at=facts.kept_at, extra=())


def typeset_registered_receipt(facts: RegisteredFacts, extra: tuple[Attachment, ...] = ()) -> bytes:
    """The *registrato* receipt as PDF/A-3a, PDF/UA-1 with its facts and the caller's ``extra`` files attached.

    Raises ``TypesettingError``, and ``ValueError`` when an extra file takes the name of another.
    """
    registered = print_instant(facts.registered_at, milliseconds=True)
    pages = {
        "title": "Ricevuta di registrazione",
        "summary": f"Domanda registrata con il n. {facts.number} il {registered}. "
        "Sarà esaminata nell’ordine dell’istante che vale per legge. La registrazione prova l’arrivo, non l’accoglimento.",
        "highlight": {
            "label": "Numero di protocollo",
            "value": f"{facts.number}/{facts.year}",
            "note": f"registrato il {registered}",
        },
        "footer": f"{facts.register} n. {facts.number}/{facts.year}",
        "rows": [
            _row("Registro", f"{facts.register_name} ({facts.register})"),
            _row("Amministrazione", f"{facts.administration} ({facts.administration_code})"),
            _row("Area organizzativa", f"{facts.area} ({facts.area_code})"),
            _row("Istante che vale per legge", print_instant(facts.legal_instant, milliseconds=True)),
            _row("Da che cosa risulta", facts.legal_instant_source),
            _row("Ordine di esame", facts.rank_rule),
            _row("Canale", facts.channel),
            _row("Mittente", facts.sender),
            _row("Codice fiscale del mittente", facts.sender_tax_code, mono=True),
            _row("Oggetto", facts.subject),
            _row("Modulo", facts.form, mono=True),
            _row("Codice di verifica", facts.verification_code, mono=True),
        ],
        "files_title": "Documenti registrati",
        "meanings": [
            {
                "title": "Che cosa prova",
                "points": [
                    "I documenti elencati sono arrivati e sono registrati con questo numero e questa data.",
                    "Numero, data, mittente, oggetto e impronte non possono più cambiare (art. 53 del D.P.R. 445/2000).",
                    "La posizione nell’ordine di esame dipende dall’istante e dal numero scritti qui.",
                ],
            },
            {
                "title": "Che cosa non prova",
                "points": [
                    "La domanda non è accolta: l’ufficio deve ancora esaminarla.",
                    "I documenti non sono per questo completi né corretti.",
                    "La ricevuta non indica quante domande precedono: il numero cambia e si legge sul sito.",
                    "Da sola non dice se dopo qualcosa è stato tolto dal registro: lo dice la prova di oggi, sul sito.",
                ],
            },
        ],
        "next": {
            "title": "Come verificare questa ricevuta",
            "text": "La ricevuta è sigillata: chiunque può controllarla. Carichi questo file, senza stamparlo, "
            "all’indirizzo qui sotto; con la sola stampa vi scriva il codice di verifica. I dati per il controllo sono "
            f"allegati al PDF, nel file {RECEIPT_ATTACHMENT}.",
            "symbol": qr_symbol(facts.verify_at).svg() if facts.verify_at else None,
            "address": facts.verify_at,
        },
    }
    return _typeset(facts, "registered", pages, at=facts.registered_at, extra=extra)


def canonical_facts(facts: ReceivedFacts | ArrivedFacts | RegisteredFacts, kind: str) -> bytes:
    """The facts as canonical JSON (RFC 8785): instants ISO 8601 with their offset, sizes as numbers."""
    return rfc8785.dumps({"schema": 1, "kind": kind, **_plain(asdict(facts))})


def _typeset(
    facts: ReceivedFacts | ArrivedFacts | RegisteredFacts,
    kind: str,
    pages: dict[str, Any],
    *,
    at: datetime,
    extra: tuple[Attachment, ...],
) -> bytes:
    inputs = {
        **pages,
        "facts": {"administration": facts.administration, "office": facts.office},
        "rehearsal": rehearsal_input(facts.rehearsal),
        "files": [
            {
                "name": print_foreign_text(file.name),
                "description": print_foreign_text(file.description),
                "sha256": file.sha256,
                "size": print_size(file.size),
            }
            for file in facts.files
        ],
    }
    own = Attachment(RECEIPT_ATTACHMENT, canonical_facts(facts, kind), "I fatti che questa ricevuta attesta")
    return finish_pdf(typeset(TEMPLATE, "receipt", inputs, at=at).pdf, at=at, attachments=(own, *extra))


def _row(label: str, value: str, *, mono: bool = False) -> dict[str, Any]:
    return {"label": label, "value": print_foreign_text(value), "mono": mono}


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return {key: _plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    return value
