"""What a page nobody issued most likely is, by the words on it: a few clues with weights, and the words that decided."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from ocr.tax_codes import LENGTH, compact, looks_like_tax_code

TextKind = Literal[
    "identity_document", "union_agreement", "worker_list", "availability_declaration", "stamp_duty_paper", "unknown"
]

KIND_NAMES: dict[TextKind, str] = {
    "identity_document": "un documento d'identità",
    "union_agreement": "un verbale di accordo sindacale",
    "worker_list": "un elenco di lavoratori",
    "availability_declaration": "una dichiarazione di disponibilità",
    "stamp_duty_paper": "una prova dell'imposta di bollo",
    "unknown": "un documento che non riconosciamo",
}

ENOUGH = 4.0
_AHEAD = 1.0
_SURE = 8.0
_LIST_CODES = 3
_PEOPLE_CODES = 2
_A_LETTER = "[A-Z0-9]"
TAX_CODE = re.compile(r"\b[A-Z]{6}[0-9LMNPQRSTUV]{2}[ABCDEHLMPRST][0-9LMNPQRSTUV]{2}[A-Z][0-9LMNPQRSTUV]{3}[A-Z]\b")


@dataclass(frozen=True, slots=True)
class Clue:
    """Words that speak for a kind of document, as a pattern of folded capitals, and how loudly."""

    pattern: re.Pattern[str]
    weight: float


@dataclass(frozen=True, slots=True)
class KindGuess:
    """``score`` of the best kind, ``words`` the clues found for it; ``unknown`` where none is clearly ahead."""

    kind: TextKind
    score: float
    words: tuple[str, ...]

    @property
    def confidence(self) -> float:
        """From 0 to 1."""
        return round(min(1.0, self.score / _SURE), 3) if self.kind != "unknown" else 0.0


def _clues(*pairs: tuple[str, float]) -> tuple[Clue, ...]:
    return tuple(Clue(re.compile(pattern), weight) for pattern, weight in pairs)


_CLUES: dict[TextKind, tuple[Clue, ...]] = {
    "identity_document": _clues(
        (r"CARTA D.? ?IDENTITA", 4.0),
        (r"IDENTITY CARD", 4.0),
        (r"PATENTE DI GUIDA|DRIVING LICEN[CS]E", 5.0),
        (r"\bPASSAPORTO\b|\bPASSPORT\b", 4.0),
        (rf"\b[PIAC]<?[A-Z<]?ITA{_A_LETTER}[A-Z0-9<]{{8,}}|[A-Z]+<<[A-Z<]+<<<<", 5.0),
        (r"MINISTERO DELL.? ?INTERNO", 1.5),
        (r"REPUBBLICA ITALIANA", 1.0),
        (r"\bSTATURA\b|\bHEIGHT\b", 1.0),
        (r"\bCONNOTATI\b|SEGNI PARTICOLARI|\bCAPELLI\b", 1.5),
        (r"CITTADINANZA|NATIONALITY", 1.0),
        (r"SCADENZA|EXPIRY|\bSCADE IL\b|VALID[AO] FINO", 1.0),
        (r"FIRMA DEL TITOLARE|HOLDER.?S SIGNATURE", 1.5),
    ),
    "union_agreement": _clues(
        (r"VERBALE (?:DI )?(?:MANCATO )?ACCORDO", 5.0),
        (r"ACCORDO SINDACALE|ACCORDO AZIENDALE|IPOTESI DI ACCORDO", 4.0),
        (r"ESAME CONGIUNTO|CONSULTAZIONE SINDACALE", 3.0),
        (r"\bR\.? ?S\.? ?[UA]\b|RAPPRESENTANZ[AE] SINDACAL[EI]", 1.5),
        (r"\b(?:CGIL|CISL|UIL|UGL|FILCAMS|FISASCAT|UILTUCS|FIOM|FIM|UILM|FILCTEM|FEMCA|FILLEA|FILT)\b", 2.0),
        (r"ORGANIZZAZION[EI] SINDACAL[EI]|\bOO\.? ?SS\b", 2.0),
        (r"\bLE PARTI\b", 1.5),
        (r"LETTO,? (?:APPROVATO|CONFERMATO) E SOTTOSCRITTO|LETTO,? CONFERMATO", 2.0),
        (r"CONFINDUSTRIA|CONFCOMMERCIO|CONFARTIGIANATO|CONFESERCENTI|CONFAPI|\bCNA\b|ASSOCIAZIONE (?:DEI )?DATOR", 1.0),
    ),
    "worker_list": _clues(
        (r"(?:ELENCO|LISTA|TABELLA|PROSPETTO) (?:NOMINATIVO )?(?:DEI |DEGLI )?(?:LAVORATORI|DIPENDENTI|ADDETTI)", 4.0),
        (r"COGNOME E NOME|\bNOMINATIVO\b", 1.5),
        (r"\bMANSIONE\b|\bQUALIFICA\b|\bLIVELLO\b", 1.0),
        (r"DATA (?:DI )?ASSUNZIONE|ASSUNT[OA] IL", 1.0),
        (r"ORE (?:SETT|CIG|RICHIEST|SOSPES)", 1.0),
    ),
    "availability_declaration": _clues(
        (r"DICHIARAZIONE DI (?:IMMEDIATA )?DISPONIBILITA", 4.0),
        (r"IMMEDIATA(?:MENTE)? DISPONIBIL", 3.0),
        (r"DISPONIBILITA AL? LAVORO|DISPONIBILE A LAVORARE|DISPONIBILITA A (?:UN )?LAVOR", 2.0),
        (r"PERCORSO DI RIQUALIFICAZIONE|RIQUALIFICAZIONE PROFESSIONALE|\bRIQUALIFICAR", 2.0),
        (r"SOTTOSCRITT[OA]", 1.0),
        (r"\bDICHIAR[AO]\b", 0.5),
    ),
    "stamp_duty_paper": _clues(
        (r"\bF ?23\b", 3.0),
        (r"MODELLO DI PAGAMENTO|\bCODICE TRIBUTO\b|\b456T\b", 2.0),
        (r"MARCA DA BOLLO|IMPOSTA DI BOLLO|CONTRASSEGNO TELEMATICO", 2.5),
        (r"AGENZIA DELLE ENTRATE", 1.5),
        (r"SEDICI/00|\b16[.,]00\b", 1.0),
    ),
}


def kind_of_text(text: str) -> KindGuess:
    """The kind that the words speak for most, if it is clearly ahead of the next."""
    plain = folded(text)
    found = {kind: _found(plain, clues) for kind, clues in _CLUES.items()}
    codes = len(set(TAX_CODE.findall(plain)))
    scores = {kind: sum(weight for _, weight in words) for kind, words in found.items()}
    scores["worker_list"] += min(6.0, codes) if codes >= _LIST_CODES else 0.0
    best, next_best = sorted(scores, key=lambda kind: -scores[kind])[:2]
    if scores[best] < ENOUGH or scores[best] - scores[next_best] < _AHEAD:
        return KindGuess("unknown", scores[best], ())
    words = tuple(said for said, _ in found[best])
    if best == "worker_list" and codes >= _LIST_CODES:
        words += (f"{codes} codici fiscali",)
    return KindGuess(best, round(scores[best], 2), words)


def list_pages(texts: Iterable[tuple[int, str]]) -> frozenset[int]:
    """Numbers of the pages that list people, of a file's pages with their text: those that name several by their tax codes,
    and those behind them that go on with at least one."""
    found: set[int] = set()
    for number, text in texts:
        codes = len(tax_codes_in(text))
        if codes >= _PEOPLE_CODES or (codes and number - 1 in found):
            found.add(number)
    return frozenset(found)


def tax_codes_in(text: str) -> frozenset[str]:
    """What can be meant as a tax code among the words of a text, letters and digits confused in reading forgiven."""
    words = (code for code in map(compact, text.split()) if len(code) == LENGTH and looks_like_tax_code(code))
    return frozenset((*words, *TAX_CODE.findall(text.upper())))


def folded(text: str) -> str:
    """Capitals without accents, plain apostrophes, single spaces."""
    parts = unicodedata.normalize("NFD", text.upper().replace("’", "'").replace("`", "'"))
    letters = "".join(part for part in parts if not unicodedata.combining(part))
    return " ".join(letters.split())


def _found(plain: str, clues: tuple[Clue, ...]) -> list[tuple[str, float]]:
    return [(seen[0][:40].lower(), clue.weight) for clue in clues if (seen := clue.pattern.search(plain))]
