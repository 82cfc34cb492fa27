"""What is said of a discrepancy between documents: code, sentence, remedy, law, and the place in both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from intake.checks.reconciliation_witness import NOWHERE, Place, Witness, WitnessKind, WorkerSeen
from intake.checks.severity import Severity

AVAILABILITY_LAW = "D.L. 185/2008, art. 19, c. 10"
_ADD_WHOM_IT_IS_FOR = (
    "Se il trattamento serve anche per chi manca, lo aggiunga alla domanda: così com'è non è chiesto. "
    "Altrimenti va bene."
)
_INSIDE = {
    WitnessKind.FORM: "nel modulo restituito",
    WitnessKind.LIST: "nell'elenco",
    WitnessKind.DECLARATIONS: "tra le dichiarazioni di disponibilità",
    WitnessKind.AGREEMENT: "nell'accordo",
    WitnessKind.INPS: "nell'elenco dell'INPS",
}
_ATTRIBUTES = {
    "tax_code": "codice fiscale",
    "name": "nome",
    "weekly_hours": "ore settimanali",
    "requested_hours": "ore richieste",
}


@dataclass(frozen=True, slots=True)
class AgreementRule:
    """Above ``above`` employees the notice wants the agreement. ``law``: where it says so. ``met``: it came, or is waived."""

    above: int
    law: str
    met: bool = False


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """Something that two sources say differently. ``ours``: its place in the application; ``theirs``: in ``kind``.

    ``worker``: the row of the application it is about, None for figures and for people whom only the other names. ``who``:
    the person's name, empty for figures.
    """

    code: str
    severity: Severity
    message: str
    remedy: str
    ours: Place
    theirs: Place
    kind: WitnessKind
    law: str | None = None
    worker: int | None = None
    who: str = ""


def inside(witness: Witness) -> str:
    """``nell'elenco «lista.pdf»``: where, in the middle of a sentence."""
    return f"{_INSIDE[witness.kind]} «{witness.name}»" if witness.name else _INSIDE[witness.kind]


def missing_worker(person: WorkerSeen, witness: Witness) -> Discrepancy:
    if witness.kind is WitnessKind.DECLARATIONS:
        return Discrepancy(
            "reconciliation.declaration_missing",
            Severity.WARNING,
            f"Manca la dichiarazione di disponibilità di {person.full_name}. Senza, il lavoratore perde il trattamento.",
            "La faccia firmare al lavoratore e la aggiunga.",
            person.place,
            Place(document=witness.document),
            witness.kind,
            AVAILABILITY_LAW,
            person.row,
            person.full_name,
        )
    return Discrepancy(
        "reconciliation.worker_missing",
        Severity.WARNING,
        f"{person.full_name} è nella domanda, alla riga {person.row}, ma non {inside(witness)}.",
        "Se manca per errore, carichi il documento completo. Se non va sospeso, corregga la domanda.",
        person.place,
        Place(document=witness.document),
        witness.kind,
        worker=person.row,
        who=person.full_name,
    )


def extra_worker(stranger: WorkerSeen, witness: Witness) -> Discrepancy:
    """A list of the firm may name all its staff, so that somebody more says nothing against the application."""
    return Discrepancy(
        "reconciliation.worker_not_filed",
        Severity.INFO if witness.kind is WitnessKind.LIST else Severity.WARNING,
        f"{stranger.full_name} è {inside(witness)} ma non nella domanda.",
        _ADD_WHOM_IT_IS_FOR,
        NOWHERE,
        stranger.place,
        witness.kind,
        who=stranger.full_name,
    )


def named_twice(again: WorkerSeen, witness: Witness) -> Discrepancy:
    return Discrepancy(
        "reconciliation.worker_twice",
        Severity.INFO,
        f"{again.full_name} compare più di una volta {inside(witness)}: ne contiamo una sola.",
        "Non serve fare nulla, se è la stessa persona.",
        NOWHERE,
        again.place,
        witness.kind,
        who=again.full_name,
    )


def differing_worker(person: WorkerSeen, seen: WorkerSeen, differing: Sequence[str], witness: Witness) -> Discrepancy:
    said = "; ".join(
        f"{_ATTRIBUTES[each]} «{_value(seen, each)}» invece di «{_value(person, each)}»" for each in differing
    )
    return Discrepancy(
        "reconciliation.worker_differs",
        Severity.WARNING,
        f"Di {person.full_name} {inside(witness)} si legge: {said}.",
        "Confronti i due documenti: corregga la domanda, oppure carichi il documento giusto.",
        person.place,
        seen.place,
        witness.kind,
        worker=person.row,
        who=person.full_name,
    )


def unsure_worker(person: WorkerSeen, seen: WorkerSeen, witness: Witness) -> Discrepancy:
    return Discrepancy(
        "reconciliation.unsure_worker",
        Severity.INFO,
        f"{person.full_name} sembra esserci {inside(witness)}, ma si legge male: «{_as_read(seen)}».",
        "Non serve fare nulla: l'ufficio guarderà l'immagine.",
        person.place,
        seen.place,
        witness.kind,
        worker=person.row,
        who=person.full_name,
    )


def unsigned(person: WorkerSeen, seen: WorkerSeen, witness: Witness) -> Discrepancy:
    return Discrepancy(
        "reconciliation.declaration_unsigned",
        Severity.WARNING,
        f"La dichiarazione di disponibilità di {person.full_name} non risulta firmata. Senza firma non vale.",
        "La faccia firmare al lavoratore, la scansioni di nuovo e la carichi al posto di questa.",
        person.place,
        seen.place,
        witness.kind,
        AVAILABILITY_LAW,
        person.row,
        person.full_name,
    )


def _value(worker: WorkerSeen, attribute: str) -> str:
    if attribute == "name":
        return worker.full_name
    value = getattr(worker, attribute)
    return value if isinstance(value, str) else f"{value.normalize():f}".replace(".", ",")


def _as_read(worker: WorkerSeen) -> str:
    return " ".join(part for part in (worker.surname, worker.given_name, worker.tax_code) if part)
