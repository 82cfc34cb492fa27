"""Several ways to say each thing that an agreement says."""

from __future__ import annotations

import random
from datetime import date

from bench.agreements.facts import Facts
from bench.agreements.written import count, day, in_letters, solemn_day

MET = ("si sono incontrati", "si sono riuniti", "sono presenti", "si è svolto l'incontro tra")
_OPENINGS = (
    "{Day}, in {city}, {met}:",
    "{Day} presso la sede della società in {city} {met}:",
    "L'anno {year}, {day}, in {city} {met}",
    "In {city}, {day}, {met}",
)
_STAFF = (
    "l'azienda occupa {n} dipendenti",
    "la Società occupa complessivamente {n} lavoratori",
    "l'organico complessivo aziendale è pari a {n} unità",
    "alla data odierna risultano in forza {n} dipendenti",
    "la forza lavoro complessiva è composta da {n} addetti",
    "l'impresa ha alle proprie dipendenze {n} lavoratori",
)
_WORKERS = (
    "la sospensione interesserà un numero massimo di {n} lavoratori",
    "il trattamento è richiesto per {n} lavoratori, come da elenco allegato",
    "saranno coinvolti {n} dipendenti",
    "i lavoratori interessati alla sospensione sono {n}",
    "il ricorso alla CIG in deroga riguarderà {n} lavoratori",
    "la riduzione di attività coinvolge fino a un massimo di {n} unità lavorative",
)
_COVID = (
    (
        "il ricorso alla cassa integrazione in deroga è necessario in conseguenza degli effetti "
        "diretti e indiretti dell'emergenza epidemiologica da COVID-19"
    ),
    (
        "a causa dell'emergenza sanitaria da Coronavirus e delle misure di contenimento "
        "l'azienda ha dovuto sospendere la propria attività"
    ),
    "la sospensione delle lavorazioni è dovuta alla pandemia COVID-19 e ai provvedimenti delle autorità",
    "per effetto della diffusione del virus COVID-19 si è registrato un drastico calo degli ordini",
    "l'attività è stata sospesa a seguito dell'emergenza epidemiologica COVID 19",
)
_ORDINARY = (
    (
        "sussiste l'impossibilità di fare ricorso, per l'unità produttiva e per i lavoratori "
        "interessati, alle tutele previste in materia di ammortizzatori ordinari"
    ),
    "la società non può accedere agli ammortizzatori sociali ordinari previsti dal D.Lgs. n. 148/2015",
    "l'azienda non rientra nel campo di applicazione della CIGO né del Fondo di integrazione salariale",
    (
        "per i lavoratori in parola non trovano applicazione le tutele previste dalle vigenti "
        "disposizioni in materia di sospensione in costanza di rapporto di lavoro"
    ),
    (
        "il datore di lavoro è privo di ogni altra tutela in materia di ammortizzatori ordinari, "
        "non essendo destinatario di CIGO e FIS"
    ),
)
_PERIODS = (
    "dal {a} al {b}",
    "a decorrere dal {a} e fino al {b}",
    "con decorrenza {a} e termine {b}",
    "nel periodo dal {a} fino al {b}",
)
_WEEKS = (
    "per {n} settimane",
    "per una durata di {n} settimane",
    "per un periodo massimo di {n} settimane",
    "per complessive {n} settimane",
)
_ZERO = (
    "con sospensione a zero ore",
    "i lavoratori saranno sospesi a zero ore",
    "con sospensione totale dell'attività lavorativa (zero ore)",
)
_REDUCED = (
    "con riduzione dell'orario di lavoro nella misura del {p}%",
    "mediante riduzione dell'orario fino al {p} per cento",
    "con una riduzione media del {p}% dell'orario contrattuale",
)
_DIRECT = (
    "le parti chiedono il pagamento diretto da parte dell'INPS",
    "il trattamento sarà erogato direttamente dall'INPS ai lavoratori",
    (
        "la società, per le difficoltà finanziarie, non anticiperà il trattamento: si chiede "
        "all'INPS il pagamento diretto"
    ),
)
_ADVANCE = (
    "la società anticiperà il trattamento alle normali scadenze di paga",
    "il trattamento sarà anticipato dall'azienda",
    "l'azienda provvederà ad anticipare ai lavoratori l'integrazione salariale",
)
_AGREED = (
    "Tutto ciò premesso, le parti concordano quanto segue:",
    "Le Parti convengono e stipulano quanto segue",
    "SI CONVIENE",
    "Tanto premesso, si è raggiunto il seguente accordo:",
)
_FAILED = (
    "Dopo ampia discussione le parti danno atto del mancato accordo.",
    "Le parti, esperito l'esame congiunto, dichiarano che non è stato possibile raggiungere un'intesa.",
    "Le Organizzazioni sindacali non intendono sottoscrivere l'accordo e la procedura si chiude con esito negativo.",
    "All'esito del confronto non si è raggiunto alcun accordo.",
)
_TELEMATIC = (
    "Il presente verbale è sottoscritto digitalmente dalle parti.",
    "Le parti firmano in modalità telematica, mediante scambio di posta elettronica certificata.",
    "Verbale redatto da remoto e sottoscritto con firma digitale.",
)
_ASSISTED = (
    "assistita da {who} {city}",
    "con l'assistenza di {who}",
    "assistita dall'associazione datoriale {who} nella persona di {person}",
)
_LAWS = (
    (
        "visto l'art. 22 del D.L. 17 marzo 2020, n. 18, per cui le Regioni possono riconoscere "
        "trattamenti in deroga per un periodo non superiore a nove settimane"
    ),
    "visto l'Accordo quadro del 26 marzo 2020 tra la Regione e le parti sociali CGIL, CISL, UIL e Confindustria",
    "in data 20 marzo 2020 la società ha inviato alle OO.SS. la comunicazione prevista",
    "l'azienda opera nel settore {sector} e applica il CCNL {sector}",
)


def opening(rng: random.Random, facts: Facts) -> str:
    told = solemn_day(rng, facts.on)
    return rng.choice(_OPENINGS).format(
        Day=told[0].upper() + told[1:], day=told, city=facts.city, met=rng.choice(MET), year=facts.on.year
    )


def company(rng: random.Random, facts: Facts) -> str:
    """The employer as a party: name, codes, who represents it, who assists."""
    parts = [
        rng.choice(("la società {e}", "l'azienda {e}", "la ditta {e}", "{e}")).format(e=facts.employer),
        f"con sede in {facts.city}, {rng.choice(('C.F. e P.IVA', 'P. IVA', 'codice fiscale'))} {facts.vat}",
        rng.choice(
            (
                "in persona del {r} {sig} {p}",
                "rappresentata dal {sig} {p} in qualità di {r}",
                "nella persona del {r} pro tempore {sig} {p}",
            )
        ).format(r=facts.role, p=facts.representative, sig=rng.choice(("Sig.", "dott.", "sig."))),
    ]
    if facts.association:
        parts.append(assisted(rng, facts))
    return ", ".join(parts)


def assisted(rng: random.Random, facts: Facts) -> str:
    return rng.choice(_ASSISTED).format(who=facts.association, city=facts.city, person=facts.officials[0])


def unions(rng: random.Random, facts: Facts) -> list[str]:
    """Each union with who speaks for it, and the workplace's own representatives."""
    dash = rng.choice((" ", "-", " - ", "/"))
    joined = [
        rng.choice(("la {u}, rappresentata da {p}", "{u} territoriale nella persona di {p}", "per la {u}: {p}")).format(
            u=union.replace(" ", dash), p=official
        )
        for union, official in zip(facts.unions, facts.officials, strict=True)
    ]
    if facts.workplace:
        dotted = ".".join(facts.workplace) + "."
        joined.append(f"la {rng.choice((facts.workplace, dotted))} aziendale")
    return joined


def staff(rng: random.Random, facts: Facts) -> str:
    return rng.choice(_STAFF).format(n=count(rng, facts.total_staff))


def workers(rng: random.Random, facts: Facts) -> str:
    return rng.choice(_WORKERS).format(n=count(rng, facts.workers))


def law(rng: random.Random, facts: Facts) -> list[str]:
    return [each.format(sector=facts.sector) for each in rng.sample(_LAWS, rng.choice((1, 2, 3)))]


def reasons(rng: random.Random, facts: Facts) -> list[str]:
    """The two statements, where they are made."""
    return [
        *([rng.choice(_COVID)] if facts.covid else []),
        *([rng.choice(_ORDINARY)] if facts.ordinary else []),
    ]


def period(rng: random.Random, facts: Facts) -> str:
    pairs = [_pair(rng, start, end) for start, end in facts.periods]
    return f"{' e '.join(pairs)}, {rng.choice(_WEEKS).format(n=count(rng, facts.weeks))}"


def _pair(rng: random.Random, start: date, end: date) -> str:
    state = rng.getstate()
    first = day(rng, start)
    rng.setstate(state)
    return rng.choice(_PERIODS).format(a=first, b=_same_style(rng, start, end, first))


def _same_style(rng: random.Random, start: date, end: date, first: str) -> str:
    for _ in range(50):
        second, again = rng.getstate(), day(rng, start)
        rng.setstate(second)
        written = day(rng, end)
        if again == first:
            return written
    return f"{end:%d/%m/%Y}"


def manner(rng: random.Random, facts: Facts) -> str:
    return rng.choice(_ZERO) if facts.zero_hours else rng.choice(_REDUCED).format(p=facts.percent)


def payment(rng: random.Random, facts: Facts) -> str:
    return rng.choice(_DIRECT if facts.direct_payment else _ADVANCE)


def agreed(rng: random.Random) -> str:
    return rng.choice(_AGREED)


def failed(rng: random.Random) -> str:
    return rng.choice(_FAILED)


def closing(rng: random.Random, facts: Facts) -> list[str]:
    """The last lines of the text."""
    read = rng.choice(("Letto, confermato e sottoscritto.", "L.C.S.", "Letto, approvato e sottoscritto"))
    return [rng.choice(_TELEMATIC), read] if facts.signing == "telematic" else [read]


def letters(number: int) -> str:
    return in_letters(number)
