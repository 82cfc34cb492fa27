"""Twelve kinds of paper on which agreements come."""

from __future__ import annotations

import random
from collections.abc import Callable

from bench.agreements import wordings as say
from bench.agreements.blocks import Block, Columns, Items, NewPage, Signatures, Table, Text, Title
from bench.agreements.facts import EVERYTHING, Facts, shaped
from bench.agreements.written import count, day

Layout = Callable[[random.Random, Facts], tuple[list[Block], Facts, frozenset[str]]]
_Made = tuple[list[Block], Facts, frozenset[str]]


def cap(text: str) -> str:
    return text[0].upper() + text[1:]


def signatories(facts: Facts) -> tuple[str, ...]:
    workplace = (f"Per la {facts.workplace}",) if facts.workplace else ()
    return ("Per l'azienda", *(f"Per {union}" for union in facts.unions), *workplace)


def _core(rng: random.Random, facts: Facts) -> list[str]:
    return [
        cap(f"{say.workers(rng, facts)}, {say.period(rng, facts)};"),
        cap(f"{say.manner(rng, facts)};"),
        cap(f"{say.payment(rng, facts)}."),
    ]


def _premises(rng: random.Random, facts: Facts) -> list[str]:
    told = [f"{say.staff(rng, facts)};", *(f"{each};" for each in (*say.law(rng, facts), *say.reasons(rng, facts)))]
    rng.shuffle(told)
    return told


def _end(rng: random.Random, facts: Facts) -> list[Block]:
    return [*(Text(each) for each in say.closing(rng, facts)), Signatures(signatories(facts), line=rng.random() < 0.7)]


def letterhead(rng: random.Random, facts: Facts) -> _Made:
    blocks: list[Block] = [
        Text(
            f"{facts.employer.upper() if rng.random() < 0.5 else facts.employer} – {facts.city} – P.IVA {facts.vat}",
            "center",
        ),
        Title("VERBALE DI ACCORDO SINDACALE"),
        Text(say.opening(rng, facts)),
        Items((say.company(rng, facts), *say.unions(rng, facts))),
        Title("PREMESSO CHE"),
        Items(tuple(_premises(rng, facts))),
        Title(say.agreed(rng)),
        Items(tuple(_core(rng, facts)), numbered=True),
        *_end(rng, facts),
    ]
    return blocks, facts, EVERYTHING


def two_columns(rng: random.Random, facts: Facts) -> _Made:
    blocks: list[Block] = [
        Title("Verbale di accordo"),
        Text(say.opening(rng, facts)),
        Columns(
            ("PER L'AZIENDA", *say.company(rng, facts).split(", ")),
            ("PER LE ORGANIZZAZIONI SINDACALI", *say.unions(rng, facts)),
        ),
        Text("Le parti premettono che:"),
        Items(tuple(_premises(rng, facts))),
        Text(say.agreed(rng)),
        *(Text(each) for each in _core(rng, facts)),
        *_end(rng, facts),
    ]
    return blocks, facts, EVERYTHING


def numbered_articles(rng: random.Random, facts: Facts) -> _Made:
    articles = [
        (
            "Premesse",
            "Le premesse sono parte integrante dell'accordo. " + " ".join(cap(each) for each in _premises(rng, facts)),
        ),
        ("Lavoratori e durata", f"{cap(say.workers(rng, facts))}, {say.period(rng, facts)}."),
        ("Modalità", f"{cap(say.manner(rng, facts))}, con rotazione ove possibile."),
        ("Pagamento", f"{cap(say.payment(rng, facts))}."),
    ]
    blocks: list[Block] = [
        Title("ACCORDO PER IL RICORSO ALLA CASSA INTEGRAZIONE GUADAGNI IN DEROGA"),
        Text(say.opening(rng, facts)),
        Text(f"{say.company(rng, facts)}; {'; '.join(say.unions(rng, facts))}."),
        Text(say.agreed(rng)),
        *(Text(f"Art. {n} – {name}. {text}") for n, (name, text) in enumerate(articles, start=1)),
        *_end(rng, facts),
    ]
    return blocks, facts, EVERYTHING


def video_conference(rng: random.Random, facts: Facts) -> _Made:
    facts = shaped(facts, remote=True, signing="telematic")
    how = rng.choice(("in videoconferenza", "da remoto, in videoconferenza", "in modalità videoconferenza"))
    blocks: list[Block] = [
        Title("VERBALE DI RIUNIONE E ACCORDO SINDACALE"),
        Text(f"In data {day(rng, facts.on)}, {how}, {rng.choice(say.MET[:3])}:"),
        Items((say.company(rng, facts), *say.unions(rng, facts))),
        *(Text(cap(each)) for each in _premises(rng, facts)),
        Text(say.agreed(rng)),
        Items(tuple(_core(rng, facts)), numbered=True),
        *(Text(each) for each in say.closing(rng, facts)),
    ]
    return blocks, facts, EVERYTHING


def joint_examination(rng: random.Random, facts: Facts) -> _Made:
    facts = shaped(facts, kind="joint_examination")
    blocks: list[Block] = [
        Title("VERBALE DI ESAME CONGIUNTO"),
        Text(say.opening(rng, facts)),
        Text(f"per la parte datoriale {say.company(rng, facts)}"),
        Text(f"per la parte sindacale {'; '.join(say.unions(rng, facts))}"),
        Text("L'azienda espone quanto segue. " + " ".join(cap(each) for each in _premises(rng, facts))),
        Text("Le OO.SS., valutata la situazione, prendono atto e l'esame congiunto si conclude con esito positivo."),
        Text("In particolare le parti convengono che:"),
        *(Text(each) for each in _core(rng, facts)),
        *_end(rng, facts),
    ]
    return blocks, facts, EVERYTHING


def failed_agreement(rng: random.Random, facts: Facts) -> _Made:
    facts = shaped(facts, reached=False)
    blocks: list[Block] = [
        Title(rng.choice(("VERBALE DI MANCATO ACCORDO", "VERBALE DI CONSULTAZIONE SINDACALE"))),
        Text(say.opening(rng, facts)),
        Items((say.company(rng, facts), *say.unions(rng, facts))),
        *(Text(cap(each)) for each in _premises(rng, facts)),
        Text(f"L'azienda propone che {say.workers(rng, facts)}, {say.period(rng, facts)}, {say.manner(rng, facts)}."),
        Text(f"Quanto al pagamento, {say.payment(rng, facts)}."),
        Text(say.failed(rng)),
        *_end(rng, facts),
    ]
    return blocks, facts, EVERYTHING


def prior_notice(rng: random.Random, facts: Facts) -> _Made:
    staff = rng.randint(1, 5)
    facts = shaped(
        facts, kind="prior_notice", reached=None, total_staff=staff, workers=rng.randint(1, staff), association=None,
        workplace=None, direct_payment=True, signing=rng.choice(("by_hand", "absent")),
    )  # fmt: skip
    many = "dipendente" if facts.total_staff == 1 else "dipendenti"
    blocks: list[Block] = [
        Text(f"{facts.employer}, {facts.city}, P. IVA {facts.vat}"),
        *(Text(f"Spett.le {union} {facts.city}", "right") for union in facts.unions),
        Text(f"{facts.city}, {day(rng, facts.on)}"),
        Text("Oggetto: comunicazione preventiva di avvio della procedura per la richiesta di CIG in deroga"),
        Text(
            f"Il sottoscritto {facts.representative}, in qualità di {facts.role} della "
            f"{facts.employer}, con un organico complessivo di {count(rng, facts.total_staff)} "
            f"{many}, comunica che " + ", che ".join(say.reasons(rng, facts) or ["l'attività è sospesa"]) + "."
        ),
        Text(
            f"I lavoratori interessati sono {count(rng, facts.workers)}, {say.period(rng, facts)}, "
            f"{say.manner(rng, facts)}. "
            "Si chiederà il pagamento diretto da parte dell'INPS."
        ),
        Text("Distinti saluti"),
        Signatures((f"Il {facts.role}",), line=rng.random() < 0.5),
    ]
    return blocks, facts, EVERYTHING


def workers_table(rng: random.Random, facts: Facts) -> _Made:
    facts = shaped(facts, total_staff=min(facts.total_staff, 22), workers=min(facts.workers, 18))
    rows = tuple(
        (str(n), f"Lavoratore {n}", f"{rng.choice((20, 24, 30, 36, 40))}") for n in range(1, facts.workers + 1)
    )
    blocks, facts, told = letterhead(rng, facts)
    attached: list[Block] = [
        NewPage(),
        Title("Allegato – Elenco dei lavoratori"),
        Table((("N.", "Nominativo", "Ore settimanali"), *rows)),
    ]
    return blocks + attached, facts, told


def several_units(rng: random.Random, facts: Facts) -> _Made:
    first = max(1, facts.workers // 3)
    units = (
        f"unità di {facts.city}: {count(rng, first)} lavoratori",
        f"unità di Iglesias: {count(rng, facts.workers - first)} lavoratori",
    )
    blocks: list[Block] = [
        Title("VERBALE DI ACCORDO (più unità produttive)"),
        Text(say.opening(rng, facts)),
        Items((say.company(rng, facts), *say.unions(rng, facts))),
        Items(tuple(_premises(rng, facts))),
        Text(say.agreed(rng)),
        Text(f"Il trattamento è chiesto per complessivi {count(rng, facts.workers)} lavoratori, così ripartiti:"),
        Items(units),
        Text(f"Periodo: {say.period(rng, facts)}, {say.manner(rng, facts)}. {cap(say.payment(rng, facts))}."),
        *_end(rng, facts),
    ]
    return blocks, facts, EVERYTHING


def filled_model(rng: random.Random, facts: Facts) -> _Made:
    rows = [
        ("Data dell'accordo", day(rng, facts.on)),
        ("Luogo", facts.city),
        ("Azienda", facts.employer),
        ("Legale rappresentante", facts.representative),
        *([("Associazione datoriale", facts.association)] if facts.association else []),
        ("Organizzazioni sindacali", ", ".join((*facts.unions, *([facts.workplace] if facts.workplace else [])))),
        ("Organico complessivo", str(facts.total_staff)),
        ("Lavoratori interessati", str(facts.workers)),
        ("Periodo", " e ".join(f"dal {start:%d/%m/%Y} al {end:%d/%m/%Y}" for start, end in facts.periods)),
        ("Numero di settimane", str(facts.weeks)),
        ("Modalità", cap(say.manner(rng, facts))),
        ("Pagamento", cap(say.payment(rng, facts))),
    ]
    blocks: list[Block] = [
        Title("MODELLO DI ACCORDO SINDACALE – CIG IN DEROGA"),
        Table(tuple(rows)),
        Text("Le parti come sopra indicate concordano il ricorso al trattamento e danno atto che:"),
        Items(tuple(f"{each};" for each in say.reasons(rng, facts)) or ("si rinvia alla domanda;",)),
        *_end(rng, facts),
    ]
    return blocks, facts, EVERYTHING


def exchange_of_mails(rng: random.Random, facts: Facts) -> _Made:
    facts = shaped(facts, signing="telematic")
    blocks: list[Block] = [
        Text(f"{facts.city}, {day(rng, facts.on)}", "right"),
        Title("ACCORDO SINDACALE A DISTANZA"),
        Text(f"tra {say.company(rng, facts)}"),
        Text(f"e {', '.join(say.unions(rng, facts))}"),
        Text("Premesso che " + " ".join(_premises(rng, facts))),
        Text(say.agreed(rng)),
        *(Text(each) for each in _core(rng, facts)),
        Text(
            "Il presente accordo si perfeziona mediante scambio di PEC: ciascuna organizzazione lo "
            "restituisce per accettazione."
        ),
    ]
    return blocks, facts, EVERYTHING


def dense_narrative(rng: random.Random, facts: Facts) -> _Made:
    told = (
        f"{say.opening(rng, facts)} {say.company(rng, facts)}, e {', '.join(say.unions(rng, facts))}. "
        f"Premesso che {' '.join(_premises(rng, facts))} le parti, in caso di mancato accordo "
        f"impegnandosi a rivedersi, "
        f"dopo il confronto convengono che {say.workers(rng, facts)}, {say.period(rng, facts)}, "
        f"{say.manner(rng, facts)} e che "
        f"{say.payment(rng, facts)}."
    )
    return [Title("Verbale di accordo sindacale"), Text(told), *_end(rng, facts)], facts, EVERYTHING


LAYOUTS: dict[str, Layout] = {
    each.__name__: each
    for each in (
        letterhead, two_columns, numbered_articles, video_conference, joint_examination, failed_agreement,
        prior_notice, workers_table, several_units, filled_model, exchange_of_mails, dense_narrative,
    )
}  # fmt: skip
