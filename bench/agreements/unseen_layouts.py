"""Other papers, kept apart: the rules of reading are never tuned to them. Used for seeds from 900 on."""

from __future__ import annotations

import random

from bench.agreements import unseen_wordings as say
from bench.agreements.blocks import Block, Columns, Items, Signatures, Table, Text, Title
from bench.agreements.facts import EVERYTHING, Facts, shaped
from bench.agreements.layouts import Layout

_Made = tuple[list[Block], Facts, frozenset[str]]


def _parties(rng: random.Random, facts: Facts) -> tuple[str, list[str]]:
    role = rng.choice(("legale rappresentante", "rappresentata da"))
    company = f"{facts.employer} (P.IVA {facts.vat}), sede legale {facts.city}, {role} {facts.representative}"
    if facts.association:
        company += f", assistita da {facts.association}"
    unions = [f"{union} – {official}" for union, official in zip(facts.unions, facts.officials, strict=True)]
    if facts.workplace:
        unions.append(f"{facts.workplace} dell'unità produttiva")
    return company, unions


def _statements(rng: random.Random, facts: Facts) -> list[str]:
    return [*([say.covid(rng)] if facts.covid else []), *([say.ordinary(rng)] if facts.ordinary else [])]


def _signing(rng: random.Random, facts: Facts) -> list[Block]:
    """Rooms for the signatures; a paper signed from afar says so, else nobody could know."""
    workplace = (facts.workplace,) if facts.workplace else ()
    stated = [Text(say.telematic(rng))] if facts.signing == "telematic" else []
    return [*stated, Signatures(("Il datore di lavoro", *facts.unions, *workplace))]


def consultation(rng: random.Random, facts: Facts) -> _Made:
    company, unions = _parties(rng, facts)
    blocks: list[Block] = [
        Title("Consultazione sindacale ai fini della CIGD – Verbale d'intesa"),
        Text(f"{facts.city}, {say.long_day(facts.on)}"),
        Text("Sono intervenuti:"),
        Text(f"per la parte datoriale: {company}"),
        *(Text(f"per i lavoratori: {union}") for union in unions),
        Text(
            "Considerato "
            + ", ".join((say.staff(rng, facts), *(f"che {each}" for each in _statements(rng, facts))))
            + ","
        ),
        Text(say.agreed(rng)),
        Text(f"a) {say.workers(rng, facts)}, {say.span(rng, facts)} {say.weeks(rng, facts)};"),
        Text(f"b) {say.manner(rng, facts)};"),
        Text(f"c) {say.payment(rng, facts)}."),
        *_signing(rng, facts),
    ]
    return blocks, facts, EVERYTHING


def scheda(rng: random.Random, facts: Facts) -> _Made:
    _, unions = _parties(rng, facts)
    rows = (
        ("Accordo del", f"{facts.on:%d/%m/%Y}"),
        ("Sottoscritto a", facts.city),
        ("Datore di lavoro", facts.employer),
        ("Rappresentato da", facts.representative),
        ("Associazione di categoria", facts.association or "nessuna"),
        ("Sigle sindacali", "; ".join(union.split(" – ", maxsplit=1)[0] for union in unions)),
        ("Dipendenti in forza", str(facts.total_staff)),
        ("Dipendenti coinvolti", str(facts.workers)),
        ("Periodo richiesto", say.span(rng, facts)),
        ("Settimane", str(facts.weeks)),
        ("Modalità", say.manner(rng, facts)),
        ("Pagamento", say.payment(rng, facts)),
    )
    blocks: list[Block] = [
        Title("SCHEDA DI ACCORDO"),
        Table(rows),
        *(Text(f"Si dà atto che {each}.") for each in _statements(rng, facts)),
        Text(say.agreed(rng)),
        *_signing(rng, facts),
    ]
    return blocks, facts, EVERYTHING


def side_by_side(rng: random.Random, facts: Facts) -> _Made:
    company, unions = _parties(rng, facts)
    blocks: list[Block] = [
        Title("ACCORDO AZIENDALE"),
        Text(f"Oggi, {say.long_day(facts.on)}, in {facts.city}, tra"),
        Columns(tuple(company.split(", ")), tuple(unions)),
        Text(
            f"Si premette {say.staff(rng, facts)}. "
            + " ".join(f"{each[0].upper()}{each[1:]}." for each in _statements(rng, facts))
        ),
        Text(say.agreed(rng)),
        Items(
            (
                say.workers(rng, facts),
                f"{say.span(rng, facts)} {say.weeks(rng, facts)}",
                say.manner(rng, facts),
                say.payment(rng, facts),
            )
        ),
        *_signing(rng, facts),
    ]
    return blocks, facts, EVERYTHING


def no_deal(rng: random.Random, facts: Facts) -> _Made:
    facts = shaped(facts, reached=False)
    company, unions = _parties(rng, facts)
    blocks: list[Block] = [
        Title("Verbale di incontro sindacale"),
        Text(
            f"In {facts.city}, alle ore 10,30 del {say.long_day(facts.on)}, {company} ha incontrato {'; '.join(unions)}."
        ),
        Text(
            f"L'impresa riferisce {say.staff(rng, facts)}; "
            + "; ".join(f"che {each}" for each in _statements(rng, facts))
            + "."
        ),
        Text(
            f"L'impresa chiede che {say.workers(rng, facts)}, {say.span(rng, facts)} {say.weeks(rng, facts)}; "
            f"{say.manner(rng, facts)}; {say.payment(rng, facts)}."
        ),
        Text(say.failed(rng)),
        *_signing(rng, facts),
    ]
    return blocks, facts, EVERYTHING


def remote(rng: random.Random, facts: Facts) -> _Made:
    facts = shaped(facts, remote=True, signing="telematic")
    company, unions = _parties(rng, facts)
    blocks: list[Block] = [
        Title("VERBALE DI ACCORDO"),
        Text(
            f"Il {say.long_day(facts.on)}, collegati in videoconferenza, sono presenti {company}; {'; '.join(unions)}."
        ),
        Text(
            f"Premesso {say.staff(rng, facts)}; " + "; ".join(f"che {each}" for each in _statements(rng, facts)) + "."
        ),
        Text(say.agreed(rng)),
        Text(
            (
                f"{say.workers(rng, facts)}; {say.span(rng, facts)} {say.weeks(rng, facts)}; "
                f"{say.manner(rng, facts)}; {say.payment(rng, facts)}."
            ).capitalize()
        ),
        Text(say.telematic(rng)),
    ]
    return blocks, facts, EVERYTHING


def notice_letter(rng: random.Random, facts: Facts) -> _Made:
    staff = rng.randint(2, 5)
    facts = shaped(
        facts, kind="prior_notice", reached=None, total_staff=staff, workers=rng.randint(2, staff), association=None,
        workplace=None, direct_payment=True, signing="by_hand",
    )  # fmt: skip
    blocks: list[Block] = [
        Text(f"{facts.employer} – {facts.city} – P.IVA {facts.vat}", "center"),
        *(Text(f"Alla {union} di {facts.city}", "right") for union in facts.unions),
        Title("INFORMATIVA AI SENSI DELL'ART. 22 D.L. 18/2020"),
        Text(
            f"La scrivente impresa {facts.employer}, rappresentata da {facts.representative}, informa {say.staff(rng, facts)}, "
             + ", ".join(f"che {each}" for each in _statements(rng, facts)) + "."),
        Text(
            f"Si precisa che {say.workers(rng, facts)}, {say.span(rng, facts)} {say.weeks(rng, facts)}; "
            f"{say.manner(rng, facts)}; {say.payment(rng, facts)}."
        ),
        Text(f"{facts.city}, {facts.on:%d/%m/%Y}"),
        Signatures(("L'impresa",)),
    ]  # fmt: skip
    return blocks, facts, EVERYTHING


UNSEEN_LAYOUTS: dict[str, Layout] = {
    each.__name__: each for each in (consultation, scheda, side_by_side, no_deal, remote, notice_letter)
}
