"""The report of a verification of signatures as a paper to keep: what was found, on which bytes, when, with what trust.

It is made from the report as it was kept, never from a new look: what it says is what was said. Sealing it is the caller's act.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import rfc8785

from intake.typesetting.compiler import typeset
from intake.typesetting.finishing import Attachment, finish_pdf
from intake.typesetting.printed import print_foreign_text, print_instant, print_size
from intake.typesetting.rehearsal import RehearsalMark, rehearsal_input
from signing.reported_seals import holding_seals, is_seal

TEMPLATE = "signature_report.typ"
REPORT_ATTACHMENT = "verifica.json"
ETSI_ATTACHMENT = "verifica-etsi.xml"

_VERDICTS = {
    "signed": "Firmato",
    "signed_with_reservations": "Firmato, con riserve",
    "not_signed": "Non firmato",
    "unverifiable": "Non verificabile",
    "invalid_certificate": "Certificato non valido",
    "changed": "Modificato dopo la firma",
    "broken": "Firma non valida",
    "unreadable": "Non leggibile",
}
_SEAL_VERDICTS = _VERDICTS | {
    "signed": "Valido",
    "signed_with_reservations": "Valido, con riserve",
    "changed": "Documento modificato dopo il sigillo",
    "broken": "Non valido",
}
_QUALIFICATIONS = {
    "qualified_signature": "firma digitale qualificata, secondo la lista di fiducia",
    "qualified_seal": "sigillo elettronico qualificato, secondo la lista di fiducia",
    "advanced": "firma elettronica avanzata",
    "cns_or_cie": "firma con carta CNS o CIE",
    "not_qualified": "certificato non qualificato",
    "unknown": "non stabilita: nessuna lista di fiducia la conferma",
}
_KINDS = {
    "p7m": "busta .p7m (CAdES)",
    "p7s": "firma separata (.p7s)",
    "pdf": "documento PDF",
    "xml": "documento XML",
    "asic-s": "contenitore ASiC-S",
    "asic-e": "contenitore ASiC-E",
    "tsd": "documento con marca temporale (.tsd)",
    "m7m": "busta con marca temporale (.m7m)",
    "image": "immagine",
    "eml": "messaggio di posta",
}
_COVERS = {
    ("whole_file", "none"): "tutto il documento",
    ("revision", "none"): "il documento com’era alla firma; dopo non è cambiato nulla di ciò che si legge",
    ("revision", "permitted"): "il documento com’era alla firma; dopo ci sono aggiunte ammesse",
    ("revision", "suspicious"): "il documento com’era alla firma; dopo ci sono cambiamenti che nessuna regola spiega",
}
_SEALED_ALONE = (
    "Un sigillo dice da quale organizzazione viene il documento e che da allora non è cambiato. "
    "Non è la firma di una persona: dove serve una firma, non la sostituisce."
)
_LIMITS = (
    "Non prova che quello che c’è scritto nel documento sia vero, né che la domanda sia completa o accolta.",
    "Vale per i byte con l’impronta scritta qui: un file con un’altra impronta è un altro documento.",
    "Dice come stavano le cose all’istante della verifica, con le fonti indicate: un certificato può essere revocato dopo.",
    "Il momento dichiarato da chi firma non è provato, se non c’è una marca temporale.",
)


@dataclass(frozen=True, slots=True)
class ReportFacts:
    """Of which file, for whom. ``report`` as ``SignatureReport.as_json`` with its ``trust``; ``reference`` names the case."""

    administration: str
    office: str
    reference: str
    name: str
    size: int
    sha256: str
    received_at: datetime
    asked_at: datetime
    report: Mapping[str, Any]
    rehearsal: RehearsalMark | None = None


def typeset_signature_report(facts: ReportFacts, etsi: bytes | None, *, at: datetime) -> bytes:
    """The report as PDF/A-3a, PDF/UA-1 dated ``at``, with itself as JSON (RFC 8785) and as ETSI XML attached.

    Raises ``TypesettingError``.
    """
    report = facts.report
    inputs = {
        "title": "Rapporto di verifica delle firme",
        "administration": facts.administration,
        "office": facts.office,
        "rehearsal": rehearsal_input(facts.rehearsal),
        "footer": facts.reference,
        "verdict": print_foreign_text(_verdict(report)),
        "told": [print_foreign_text(each) for each in _told(report) if each],
        "file": [
            _row("Nome", facts.name),
            _row("Impronta SHA-256", facts.sha256, mono=True),
            _row("Dimensione", print_size(facts.size)),
            _row("Tipo", _KINDS.get(report["container"], "file di altro tipo")),
            _row("Ricevuto il", print_instant(facts.received_at, milliseconds=True)),
            _row("Riferimento", facts.reference),
        ],
        "nested": [
            {
                "kind": _KINDS.get(each["kind"], "file di altro tipo"),
                "size": print_size(each["size"]),
                "sha256": each["sha256"],
            }
            for each in report.get("nested", ())
        ],
        "signatures": [_signature(each) for each in report["signatures"]],
        "problems": [_said(each) for each in report["findings"]],
        "trust": [
            _row("Verifica chiesta", print_instant(facts.asked_at, milliseconds=True)),
            *_trust(report.get("trust")),
        ],
        "limits": list(_LIMITS),
    }
    attached = [Attachment(REPORT_ATTACHMENT, rfc8785.dumps(_plain(facts)), "Il rapporto, per i programmi")]
    if etsi is not None:
        attached.append(Attachment(ETSI_ATTACHMENT, etsi, "Il rapporto secondo ETSI TS 119 102-2", "application/xml"))
    return finish_pdf(typeset(TEMPLATE, "report", inputs, at=at).pdf, at=at, attachments=tuple(attached))


def _verdict(report: Mapping[str, Any]) -> str:
    """In a word or two; a document that bears seals alone is sealed, neither signed nor unsigned."""
    seals = holding_seals(report)
    if not seals:
        return _VERDICTS[report["verdict"]]
    names = dict.fromkeys("questo servizio" if each["own_seal"] else _name(each) for each in seals)
    reserved = ", con riserve" if report["verdict"] == "signed_with_reservations" else ""
    return f"Sigillato da {', '.join(names)}{reserved}"


def _told(report: Mapping[str, Any]) -> tuple[str, str, str]:
    sentence = _SEALED_ALONE if holding_seals(report) else report.get("sentence", "")
    return sentence, report.get("reason", ""), report.get("remedy", "")


def _name(signature: Mapping[str, Any]) -> str:
    return signature["signer"]["common_name"] or "firmatario non indicato"


def _signature(each: Mapping[str, Any]) -> dict[str, Any]:
    signer = each["signer"]
    name = _name(each)
    who = (
        "Sigillo di questo servizio"
        if each["own_seal"]
        else f"Controfirma di {name}"
        if each["counter_signature"]
        else f"Sigillo di {name}"
        if is_seal(each)
        else name
    )
    code = f"{each['indication']}{' / ' + each['sub_indication'] if each['sub_indication'] else ''}"
    rows = [
        _row("Esito", (_SEAL_VERDICTS if is_seal(each) else _VERDICTS)[each["verdict"]]),
        *([_row("Codice fiscale", signer["tax_code"], mono=True)] if signer["tax_code"] else []),
        *([_row("Certificato rilasciato da", signer["issuer"])] if signer["issuer"] else []),
        *(
            [_row("Impronta del certificato", each["certificate_sha256"], mono=True)]
            if each["certificate_sha256"]
            else []
        ),
        *_times(each),
        _row(
            "Natura del sigillo" if is_seal(each) else "Natura della firma",
            _QUALIFICATIONS.get(each["qualification"], each["qualification"]),
        ),
        _row("Che cosa copre", _COVERS.get((each["covers"], each["changes_after"]), each["covers"])),
        _row("Secondo lo standard", f"{each['format']}, {each['digest']}: {code}", mono=True),
    ]
    return {"who": print_foreign_text(who), "rows": rows, "problems": [_said(problem) for problem in each["problems"]]}


def _times(each: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    if each["proven_time"]:
        yield _row("Momento provato da marca", print_instant(datetime.fromisoformat(each["proven_time"])))
    if each["claimed_time"]:
        yield _row("Momento dichiarato", f"{print_instant(datetime.fromisoformat(each['claimed_time']))} (non provato)")


def _trust(trust: Mapping[str, Any] | None) -> Iterator[dict[str, Any]]:
    if trust is None:
        return
    yield _row("Autorità riconosciute", str(trust["anchors"]))
    lists = [
        f"{each['territory']} n. {each['sequence']} del {print_instant(datetime.fromisoformat(each['issued_at']))}"
        for each in trust["lists"]
        if each["territory"] in {"IT", "EU"}
    ]
    shown = f"{len(trust['lists'])}; {'; '.join(lists)}" if lists else str(len(trust["lists"]) or "nessuna")
    yield _row("Liste europee di fiducia", shown)
    newest = trust["newest_revocations"]
    since = f", il più recente del {print_instant(datetime.fromisoformat(newest))}" if newest else ""
    yield _row("Elenchi di revoca", f"{trust['revocation_lists'] or 'nessuno'}{since}")


def _said(problem: Mapping[str, Any]) -> str:
    law = f" ({problem['law']})" if problem["law"] else ""
    return print_foreign_text(f"{problem['message']} {problem['remedy']}{law}")


def _row(label: str, value: str, *, mono: bool = False) -> dict[str, Any]:
    return {"label": label, "value": print_foreign_text(value), "mono": mono}


def _plain(facts: ReportFacts) -> dict[str, Any]:
    return {
        "schema": 1,
        "reference": facts.reference,
        "file": {"name": facts.name, "size": facts.size, "sha256": facts.sha256},
        "received_at": facts.received_at.isoformat(),
        "asked_at": facts.asked_at.isoformat(),
        "rehearsal": facts.rehearsal is not None,
        "report": dict(facts.report),
    }
