"""Other wordings, kept apart: the rules of reading are never tuned to them."""

from __future__ import annotations

import random
from datetime import date

from bench.agreements.facts import Facts
from bench.agreements.written import MONTHS, in_letters


def long_day(on: date) -> str:
    return f"{'1°' if on.day == 1 else on.day} {MONTHS[on.month - 1]} {on.year}"


def span(rng: random.Random, facts: Facts) -> str:
    """The period or periods, as another hand writes them."""
    shape = rng.randrange(5)
    return "; ".join(_shaped(shape, start, end) for start, end in facts.periods)


def _shaped(shape: int, a: date, b: date) -> str:
    return (
        f"dal giorno {a:%d/%m/%Y} al giorno {b:%d/%m/%Y}",
        f"dal {long_day(a)} sino al {long_day(b)}",
        f"decorrenza {a:%d.%m.%Y} - scadenza {b:%d.%m.%Y}",
        f"da {a.day} {MONTHS[a.month - 1]} a {long_day(b)}",
        f"con inizio il {a:%d/%m/%Y} e fine il {b:%d/%m/%Y}",
    )[shape]


def weeks(rng: random.Random, facts: Facts) -> str:
    word = in_letters(facts.weeks)
    return rng.choice(
        (
            f"per la durata complessiva di {word} settimane",
            f"({facts.weeks} settimane)",
            f"pari a {facts.weeks} settimane",
            f"per settimane {facts.weeks}",
        )
    )


def staff(rng: random.Random, facts: Facts) -> str:
    n = facts.total_staff
    return rng.choice(
        (
            f"che presso l'impresa prestano servizio {n} dipendenti in totale",
            f"che l'organico dell'azienda conta {n} persone",
            f"che il numero dei dipendenti in forza è di {n} ({in_letters(n)})",
            f"che la società impiega {n} lavoratori subordinati",
            f"che i dipendenti occupati sono complessivamente {n}",
        )
    )


def workers(rng: random.Random, facts: Facts) -> str:
    n = facts.workers
    return rng.choice(
        (
            f"l'intervento interessa {n} lavoratori",
            f"verranno posti in cassa integrazione n. {n} dipendenti",
            f"i beneficiari del trattamento saranno al massimo {n}",
            f"l'integrazione salariale viene richiesta in favore di {n} ({in_letters(n)}) lavoratori",
            f"il personale coinvolto ammonta a {n} unità",
        )
    )


def covid(rng: random.Random) -> str:
    return rng.choice(
        (
            "la contrazione dell'attività discende direttamente dall'emergenza Covid-19",
            (
                "le cause della richiesta sono riconducibili all'epidemia da Coronavirus (Covid-19) e "
                "alle conseguenti ordinanze"
            ),
            "in ragione dell'emergenza epidemiologica in atto (COVID-19) il lavoro si è fermato",
            "la crisi in corso è stata determinata dal diffondersi del contagio da SARS-CoV-2",
            "il ricorso alla CIGD si rende necessario quale conseguenza del fenomeno epidemiologico COVID-19",
        )
    )


def ordinary(rng: random.Random) -> str:
    return rng.choice(
        (
            "all'impresa non è consentito ricorrere agli strumenti ordinari di integrazione salariale",
            "il datore di lavoro dichiara di non avere titolo a CIGO, FIS o altri fondi di solidarietà",
            "non risultano utilizzabili, per i lavoratori indicati, gli ammortizzatori sociali ordinari",
            "è esclusa la possibilità di attivare le tutele ordinarie in costanza di rapporto",
            "l'azienda ha esaurito gli ammortizzatori ordinari di cui poteva fruire",
        )
    )


def manner(rng: random.Random, facts: Facts) -> str:
    if facts.zero_hours:
        return rng.choice(
            (
                "sospensione dal lavoro a 0 ore",
                "la prestazione sarà sospesa a zero ore per tutti",
                "sospensione completa a ZERO ORE",
            )
        )
    return rng.choice(
        (
            f"l'orario settimanale sarà ridotto del {facts.percent}%",
            f"riduzione d'orario pari al {facts.percent}%",
            f"contrazione dell'orario fino a un massimo del {facts.percent} %",
        )
    )


def payment(rng: random.Random, facts: Facts) -> str:
    if facts.direct_payment:
        return rng.choice(
            (
                "pagamento a carico diretto dell'INPS",
                "l'INPS pagherà direttamente i lavoratori",
                "modalità di pagamento: diretto INPS",
            )
        )
    return rng.choice(
        (
            "l'impresa anticipa le somme per conto dell'INPS",
            "pagamento: anticipo a cura del datore di lavoro",
            "l'azienda anticiperà mensilmente le somme dovute",
        )
    )


def agreed(rng: random.Random) -> str:
    return rng.choice(
        (
            "Le parti, unanimemente, pattuiscono:",
            "Si stipula il presente accordo, articolato come segue.",
            "Viene raggiunta l'intesa che segue.",
        )
    )


def failed(rng: random.Random) -> str:
    return rng.choice(
        (
            "Le parti si danno reciprocamente atto di non aver raggiunto l'intesa.",
            "Constatata la distanza delle posizioni, l'incontro termina senza accordo.",
            "La consultazione si chiude con verbale di mancata intesa.",
        )
    )


def telematic(rng: random.Random) -> str:
    return rng.choice(
        (
            "Documento firmato digitalmente da tutte le parti.",
            "Le firme sono apposte con modalità telematica.",
            "L'accordo è sottoscritto tramite scambio di e-mail certificate (PEC).",
        )
    )
