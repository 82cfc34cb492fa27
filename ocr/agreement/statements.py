"""What an agreement states: why, which schemes cannot be used, how, who pays, whether it was reached at all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ocr.agreement.parts import Parts
from ocr.agreement.text import Found, RunningText


@dataclass(frozen=True, slots=True)
class Statement:
    """A wording and what it states; ``unless_before`` and ``unless_after``: words around it that take it back."""

    name: str
    value: str
    weight: float
    wording: re.Pattern[str]
    unless_before: re.Pattern[str] | None = None
    unless_after: re.Pattern[str] | None = None

    def found_in(self, text: RunningText) -> Iterator[Found]:
        for match in self.wording.finditer(text.plain):
            before, after = text.before(match.start(), 140), text.after(match.end(), 60)
            if self.unless_before and self.unless_before.search(before):
                continue
            if self.unless_after and self.unless_after.match(after):
                continue
            yield Found(self.value, match.start(), match.end(), self.weight, (self.name,))


def _said(
    name: str, value: str, weight: float, wording: str, before: str | None = None, after: str | None = None
) -> Statement:
    return Statement(
        name,
        value,
        weight,
        re.compile(wording),
        re.compile(before) if before else None,
        re.compile(after) if after else None,
    )


_COVID_WORD = (
    r"(?:covid|co[vy]id|coronavirus|corona\s+virus|sars[\s-]?cov|epidemiologic\w+|pandemi\w+|"
    r"epidemi\w+|emergenza\s+sanitaria|contagi\w*)"
)
_CAUSE = (
    r"(?:conseguen\w+|a\s+causa|causa\w*|a\s+seguito|per\s+effetto|effett[oi]|dovut\w+|"
    r"determina\w+|riconduc\w+|in\s+ragione|imputabil\w+|"
    r"motiv\w+|deriva\w+|dipend(?:e|ono|ente|enti)\b(?!\s*\d)|conness\w+|legat\w+|provoca\w+|"
    r"correlat\w+|discend\w+|origin\w+|per\s+via|"
    r"in\s+relazione|in\s+seguito|cagiona\w+|colpit\w+)"
)
_ACTIVITY = (
    r"(?:sospe\w+|riduzion\w+|ridott\w+|ricors\w+|attivita|crisi|cal[oi]\b|"
    r"cassa\s+integrazione|contrazion\w+|chius\w+|\bcigd?\b|"
    r"ammortizzat\w+|ordini|lavorazion\w+|lavoro|ferm\w+|difficolta|richiest\w+|trattament\w+|"
    r"fatturat\w+|produzion\w+|clientel\w+)"
)
_GAP = r"[^.;]{0,130}?"
_TITLE_OF_LAW = (
    r"(?:recante|misure\s+(?:urgenti|di\s+potenziamento|straordinarie|di\s+sostegno)|"
    r"convertito|d\.?p\.?c\.?m|protocollo)[^;]{0,90}$"
)
_DENIED = r"\bnon\s+(?:\w+\s+){0,3}$"

_COVID = (
    _said(
        "covid_not_the_cause",
        "false",
        0.97,
        rf"non\s+(?:(?:e'|e\b)\s+|sono\s+)?(?:in\s+alcun\s+modo\s+)?(?:conseguen\w+|riconduc\w+|dovut\w+|"
        rf"dipend\w+|legat\w+|causat\w+|conness\w+){_GAP}{_COVID_WORD}",
    ),
    _said(
        "covid_other_causes",
        "false",
        0.97,
        rf"(?:cause|ragioni|motivi)\s+(?:diverse|diversi|estrane[ei])\s+{_GAP}{_COVID_WORD}",
    ),
    _said("covid_activity_cause", "true", 0.95, rf"{_ACTIVITY}{_GAP}{_CAUSE}{_GAP}{_COVID_WORD}", _TITLE_OF_LAW),
    _said(
        "covid_cause_then_activity",
        "true",
        0.95,
        rf"{_CAUSE}{_GAP}{_COVID_WORD}{_GAP}{_ACTIVITY}",
        rf"(?:{_TITLE_OF_LAW})|(?:{_DENIED})",
    ),
    _said(
        "covid_then_activity",
        "true",
        0.8,
        rf"{_COVID_WORD}[^.;]{{0,90}}(?:ha|hanno)\s+(?:\w+\s+){{0,2}}(?:causa|determina|provoca|"
        rf"comporta|impos|costret|genera|procura)\w+{_GAP}{_ACTIVITY}",
        _TITLE_OF_LAW,
    ),
)

_SCHEMES = (
    r"(?:ammortizzator\w+(?:\s+sociali)?|cigo\b|c\.i\.g\.o|"
    r"cassa\s+integrazione\s+(?:guadagni\s+)?ordinari\w+|\bfis\b|f\.i\.s|"
    r"fondo\s+di\s+integrazione|"
    r"fond[oi]\s+(?:bilateral\w+|di\s+solidarieta)|tutele\s+(?:previste|ordinari\w+)|"
    r"strumenti\s+ordinari|altr[aeio]\s+(?:tutel\w+|strument\w+|forme)|"
    r"assegno\s+ordinario|titolo\s+i\b|integrazion\w+\s+salarial\w+\s+ordinari\w+)"
)
_ORDINARY = (
    _said(
        "schemes_impossible",
        "true",
        0.96,
        rf"impossibil\w+{_GAP}{_SCHEMES}",
        r"\bnon\s+(?:sussist|vi\s+e|ricorr)\w*[^.;]{0,40}$",
    ),
    _said(
        "schemes_cannot",
        "true",
        0.95,
        rf"\bnon\s+(?:\w+\s+){{0,2}}(?:puo|possono|possa|poss\w+|(?:e'|e\b)\s+possibile|potendo|poter\w*|"
        rf"ha|hanno|avendo|avere|(?:e'|e\b)|sono|essendo|rientr\w+|trova\w*|risult\w+|dispon\w+|sussist\w+|"
        rf"spett\w+|applic\w+|fruisc\w+|benefici\w+|soggett\w+|destinatari\w+){_GAP}{_SCHEMES}",
    ),
    _said(
        "schemes_without",
        "true",
        0.93,
        rf"(?:\bpriv[oaie]\b|sprovvist[oaie]|esclus[oaie]|al\s+di\s+fuori|fuori\s+d[ae]l|(?:in|la)\s+(?:mancanza|assenza)\s+di|"
        rf"indisponibilita)\s+{_GAP}{_SCHEMES}",
    ),
    _said(
        "schemes_used_up",
        "true",
        0.92,
        rf"(?:esaurit\w+|esaurimento|utilizzat\w+\s+integralmente){_GAP}{_SCHEMES}|{_SCHEMES}[^.;]{{0,60}}esaurit\w+",
    ),
    _said(
        "schemes_not_due",
        "true",
        0.92,
        rf"{_SCHEMES}[^.;]{{0,80}}\bnon\s+(?:\w+\s+){{0,2}}(?:applicabil|spetta|utilizzabil|"
        rf"accessibil|disponibil|dovut|sono\s+previst|(?:e'|e\b)\s+previst)\w*",
    ),
    _said(
        "schemes_open",
        "false",
        0.85,
        rf"\b(?:puo|possono)\s+(?:\w+\s+)?(?:accedere|ricorrere|fruire|utilizzare|beneficiare)[^.;]{{0,50}}{_SCHEMES}",
        r"\bnon\s+(?:\w+\s+){0,3}$|cui\s+$",
    ),
)

_MANNER = (
    _said("not_at_zero_hours", "false", 0.9, r"\bnon\s+(?:\w+\s+){0,2}a\s+(?:zero|[0o])\s+ore"),
    _said(
        "zero_or_reduced",
        "false",
        0.85,
        r"(?:zero|\b0)\s+ore\s*(?:,|e/o|o|oppure|ovvero|e|/)\s*(?:\w+\s+){0,4}(?:riduzion\w+|"
        r"ridott\w+|orario\s+ridotto)|(?:riduzion\w+|orario\s+ridotto)[^.;]{0,40}(?:e/o|oppure|"
        r"ovvero|\bo\b)\s+(?:\w+\s+){0,4}(?:zero|0)\s+ore|riduzion\w+[^.;]{0,60}[fs]ino\s+a\s+(?:zero|0)\s+ore",
    ),
    _said("zero_hours", "true", 0.95, r"\b(?:a\s+)?(?:zero|(?<=a\s)[0o])\s+ore\b"),
    _said("suspended_altogether", "true", 0.8, r"sospension\w+\s+(?:totale|completa|integrale)"),
    _said(
        "hours_reduced",
        "false",
        0.93,
        r"(?:riduzion\w+|ridu[rc]\w+|ridott\w+|contrazion\w+)[^.;]{0,60}(?:orari\w*|\bore\b|%|"
        r"per\s+cento)|orario[^.;]{0,40}ridott\w+|(?:%|per\s+cento)[^.;]{0,20}orari\w+",
    ),
)

_PAYMENT = (
    _said("paid_by_inps", "true", 0.95, r"pagament\w+(?:\s+(?:in\s+(?:via|forma)|con\s+modalita))?\s+dirett\w+"),
    _said("inps_pays", "true", 0.93, r"dirett\w+[^.;]{0,40}\binps\b|\binps\b[^.;]{0,70}dirett\w+"),
    _said(
        "not_advanced",
        "true",
        0.9,
        r"(?:\bnon\s+(?:\w+\s+){0,5}|senza\s+(?:\w+\s+){0,3}|impossibil\w+[^.;]{0,40})anticip\w+",
    ),
    _said(
        "advanced_by_employer",
        "false",
        0.93,
        r"anticip(?:era|eranno|ate?|at[oi]|are|azione|o|a|ando|ati)\b",
        r"(?:\bnon\s+(?:\w+\s+){0,5}|senza\s+(?:\w+\s+){0,3}|impossibil\w+[^.;]{0,40}|"
        r"in\s+alternativa[^.;]{0,30}|salvo[^.;]{0,30})$",
    ),
)

_SUPPOSED = (
    r"(?:in\s+caso\s+di|nel\s+caso\s+(?:di|in\s+cui)|qualora|anche\s+in|eventual\w+|ove\b|se\b|pena)[^.;]{0,50}$"
)
_REACHED = (
    _said(
        "no_agreement", "false", 0.97, r"mancat[oa]\s+(?:accordo|intesa)|mancanza\s+di\s+(?:accordo|intesa)", _SUPPOSED
    ),
    _said(
        "agreement_not_reached",
        "false",
        0.97,
        r"\bnon\s+(?:(?:si\s+)?(?:(?:e'|e\b)|ha|hanno|aver|avendo|essendo|sia|"
        r"e)\s+)?(?:stat[oa]\s+)?(?:possibile\s+)?(?:\w+\s+)?(?:raggiun\w+|"
        r"perven\w+)[^.;]{0,40}(?:accord\w+|intes\w+)|(?:accordo|"
        r"intesa)[^.;]{0,20}\bnon\s+(?:\w+\s+){0,2}raggiunt\w+",
        _SUPPOSED,
    ),
    _said(
        "agreement_refused",
        "false",
        0.93,
        r"\bnon\s+(?:intend\w+|ritien\w+|accett\w+)[^.;]{0,40}(?:sottoscriv\w+|firma\w+|"
        r"accord\w+)|\bnegano\s+l'\s?accordo|parti\s+non\s+(?:concordano|convengono)",
        _SUPPOSED,
    ),
    _said(
        "ended_without",
        "false",
        0.95,
        r"esito\s+(?:negativo|infruttuoso)|senza\s+(?:\w+\s+){0,4}(?:accordo|intesa)\b|in\s+disaccordo",
        _SUPPOSED,
    ),
    _said(
        "parties_agree",
        "true",
        0.9,
        r"\bsi\s+conviene|\b(?:convengono|concordano|pattuiscono|stipulano)\b|si\s+concorda",
        r"\bnon\s+$",
    ),
    _said(
        "agreement_reached",
        "true",
        0.93,
        r"(?:hanno\s+|si\s+(?:e'|e\b)\s+|viene\s+|"
        r"(?:e'|e\b)\s+stat[oa]\s+)?raggiunt[oa]\s+(?:\w+\s+){0,3}(?:accord\w+|intes\w+)|esito\s+positivo|"
        r"(?:accordo|intesa)\s+raggiunt[oa]",
        r"\bnon\s+(?:\w+\s+){0,3}$",
    ),
    _said(
        "title_of_agreement",
        "true",
        0.8,
        r"^[\s\S]{0,200}?(?:verbale\s+(?:di|d')\s?(?:accordo|intesa)|accordo\s+(?:sindacale|"
        r"aziendale|per\s+il\s+ricorso|in\s+deroga)|scheda\s+di\s+accordo)",
    ),
)


def find_covid_cause(text: RunningText) -> Found | None:
    """Whether the recourse is said to come of the epidemic; a law's title that names it does not say so."""
    return _firmest(text, _COVID)


def find_ordinary_schemes_unavailable(text: RunningText) -> Found | None:
    """Whether the ordinary schemes are said to be out of reach or used up."""
    return _firmest(text, _ORDINARY)


def find_zero_hours(text: RunningText, parts: Parts) -> Found | None:
    """``true`` where all hours are suspended, ``false`` where they are, or may be, only reduced."""
    found = list(_all(text, _MANNER))
    agreed = [each for each in found if each.start >= parts.core]
    return max(
        agreed or found,
        key=lambda each: (each.rules[0] in {"not_at_zero_hours", "zero_or_reduced"}, each.weight, -each.start),
        default=None,
    )


def find_direct_payment(text: RunningText) -> Found | None:
    """``true`` where INPS pays the workers, ``false`` where the employer advances the sums."""
    return _firmest(text, _PAYMENT)


def find_agreement_reached(text: RunningText, parts: Parts) -> Found | None:
    """``false`` as soon as the paper says that there is none; a notice before any meeting says neither."""
    found = list(_all(text, _REACHED))
    failed = [each for each in found if each.value == "false"]
    if parts.kind == "prior_notice" and not failed:
        return None
    return max(failed or found, key=lambda each: (each.weight, -each.start), default=None)


def _firmest(text: RunningText, statements: tuple[Statement, ...]) -> Found | None:
    return max(_all(text, statements), key=lambda each: (each.weight, -each.start), default=None)


def _all(text: RunningText, statements: tuple[Statement, ...]) -> Iterator[Found]:
    for statement in statements:
        yield from statement.found_in(text)
