"""What single sentences of an agreement say, and what they must not be taken to say (issue part 8; N6)."""

from __future__ import annotations

import pytest
from agreement_papers import page_of

from ocr.agreement.counts import find_total_staff, find_weeks, find_workers_involved
from ocr.agreement.dates import dates_in
from ocr.agreement.opening import find_date, find_place
from ocr.agreement.parties import find_association, find_employer, find_representative
from ocr.agreement.parts import parts_of
from ocr.agreement.periods import find_first_day, find_periods, first_of, last_of
from ocr.agreement.statements import (
    find_agreement_reached,
    find_covid_cause,
    find_direct_payment,
    find_ordinary_schemes_unavailable,
    find_zero_hours,
)
from ocr.agreement.text import RunningText, running_text
from ocr.agreement.unions import find_unions
from ocr.form_map import Box
from ocr.text_words import PageText, Word


def text_of(*lines: str) -> RunningText:
    return running_text([page_of(*lines)])


def value(found):
    return found.value if found else None


@pytest.mark.parametrize(
    ("sentence", "reached"),
    [
        ("Verbale di mancato accordo", "false"),
        ("Le parti danno atto che non si è raggiunta l'intesa.", "false"),
        ("Le organizzazioni sindacali non intendono sottoscrivere il verbale.", "false"),
        ("L'esame congiunto si chiude con esito negativo.", "false"),
        ("Non è stato possibile raggiungere alcun accordo.", "false"),
        ("Si è raggiunto il seguente accordo.", "true"),
        ("Le parti convengono quanto segue.", "true"),
        ("Le parti concordano; in caso di mancato accordo si rivedranno.", "true"),
        ("Si conviene che, qualora non si raggiunga l'accordo sulla rotazione, decide l'azienda.", "true"),
        ("La sospensione riguarda dieci lavoratori.", None),
    ],
)
def test_an_agreement_is_reached_or_not_and_suppositions_say_neither(sentence, reached):
    text = text_of(sentence, "cassa integrazione in deroga per settimane nove")
    assert value(find_agreement_reached(text, parts_of(text))) == reached


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        ("La sospensione è dovuta all'emergenza epidemiologica da COVID-19.", "true"),
        ("A causa del coronavirus l'azienda ha sospeso ogni attività.", "true"),
        ("La pandemia ha determinato un calo degli ordini.", "true"),
        ("La sospensione non è riconducibile all'emergenza COVID-19.", "false"),
        ("La crisi nasce da cause estranee all'emergenza COVID-19.", "false"),
        ("Visto il D.L. 18/2020 recante misure connesse all'emergenza epidemiologica da COVID-19.", None),
        ("Si chiede la cassa integrazione in deroga.", None),
    ],
)
def test_the_epidemic_as_cause_is_said_denied_or_only_named(sentence, said):
    assert value(find_covid_cause(text_of(sentence))) == said


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        ("Sussiste l'impossibilità di ricorrere agli ammortizzatori ordinari.", "true"),
        ("L'impresa non rientra nel campo di applicazione della CIGO e del FIS.", "true"),
        ("L'azienda è priva di altre tutele in materia di ammortizzatori.", "true"),
        ("Gli ammortizzatori sociali ordinari sono esauriti.", "true"),
        ("In assenza di altri ammortizzatori si chiede la deroga.", "true"),
        ("L'azienda può accedere agli ammortizzatori sociali ordinari.", "false"),
        ("Gli ammortizzatori sociali servono a tutti.", None),
    ],
)
def test_the_ordinary_schemes_are_out_of_reach_open_or_only_named(sentence, said):
    assert value(find_ordinary_schemes_unavailable(text_of(sentence))) == said


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        ("I lavoratori sono sospesi a zero ore.", "true"),
        ("Sospensione a 0 ore per tutti.", "true"),
        ("Riduzione dell'orario del 40%.", "false"),
        ("Sospensione a zero ore o con orario ridotto.", "false"),
        ("Sospensione, ma non a zero ore.", "false"),
        ("Riduzione dell'attività fino a zero ore.", "false"),
        ("Sospensione dell'attività.", None),
    ],
)
def test_zero_hours_against_reduction(sentence, said):
    text = text_of(sentence)
    assert value(find_zero_hours(text, parts_of(text))) == said


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        ("Si chiede il pagamento diretto da parte dell'INPS.", "true"),
        ("L'INPS erogherà le somme direttamente ai lavoratori.", "true"),
        ("L'azienda non è in grado di anticipare il trattamento.", "true"),
        ("L'azienda anticiperà il trattamento.", "false"),
        ("Il trattamento è erogato.", None),
    ],
)
def test_who_pays(sentence, said):
    assert value(find_direct_payment(text_of(sentence))) == said


@pytest.mark.parametrize(
    ("sentence", "unions"),
    [
        ("la FILCAMS-CGIL e la FISASCAT/CISL", ("FILCAMS CGIL", "FISASCAT CISL")),
        ("la UIL TUCS e le R.S.A.", ("UILTUCS UIL", "RSA")),
        ("la F.I.O.M. CGIL", ("FIOM CGIL",)),
        ("la FILCAM5 CGIL", ("FILCAMS CGIL",)),
        ("la CGIL e la UGL territoriali", ("CGIL", "UGL")),
        ("la FIOM CGIL, in assenza di RSU", ("FIOM CGIL",)),
        ("la FIOM CGIL; la FIM CISL non ha sottoscritto", ("FIOM CGIL",)),
        ("l'azienda applica il CCNL sottoscritto da FILCAMS CGIL", None),
    ],
)
def test_unions_that_take_part_in_their_several_spellings(sentence, unions):
    text = text_of("Sono presenti:", sentence)
    assert value(find_unions(text, parts_of(text))) == unions


def test_unions_of_framework_agreements_are_no_parties():
    text = text_of(
        "Sono presenti l'azienda Prova S.r.l. e la FIM CISL",
        "Premesso che l'accordo quadro fu firmato da CGIL, CISL, UIL, UGL e Confindustria",
        "si conviene: nove settimane",
    )
    parts = parts_of(text)
    assert value(find_unions(text, parts)) == ("FIM CISL",)
    assert find_association(text, parts) is None


@pytest.mark.parametrize(
    ("sentence", "staff"),
    [
        ("l'azienda occupa, alla data odierna, n. 12 (dodici) dipendenti", "12"),
        ("organico complessivo: 12", "12"),
        ("con 12 dipendenti in forza", "12"),
        ("ha alle proprie dipendenze dodici lavoratori", "12"),
        ("interessa 12 lavoratori", None),
    ],
)
def test_the_whole_staff(sentence, staff):
    assert value(find_total_staff(text_of(sentence))) == staff


@pytest.mark.parametrize(
    ("sentence", "workers"),
    [
        ("la sospensione interesserà un massimo di 9 lavoratori", "9"),
        ("i lavoratori coinvolti sono n. 9", "9"),
        ("il trattamento è richiesto per nove lavoratori", "9"),
        ("per complessivi 9 lavoratori, di cui 3 lavoratori nell'unità di Olbia", "9"),
        ("la sospensione riguarda l'intero organico", "12"),
        ("l'accordo è letto a tutti i lavoratori", None),
    ],
)
def test_the_workers_involved(sentence, workers):
    text = text_of("l'azienda occupa 12 dipendenti", "si conviene quanto segue", sentence)
    assert value(find_workers_involved(text, find_total_staff(text), parts_of(text).core)) == workers


def test_weeks_asked_for_are_not_those_of_the_law():
    law = "visto l'art. 22, per cui le Regioni possono riconoscere un periodo non superiore a nove settimane;"
    assert find_weeks(text_of(law), 0) is None
    text = text_of(law, "si conviene quanto segue: sospensione per 5 (cinque) settimane")
    assert value(find_weeks(text, parts_of(text).core)) == "5"


def test_several_periods_are_all_kept_and_spanned():
    text = text_of("Si conviene la sospensione dal 23/03/2020 al 19/04/2020 e dal 27/04/2020 al 31/05/2020.")
    periods = find_periods(text, dates_in(text.plain), 0)
    assert len(periods) == 2
    assert (value(first_of(periods)), value(last_of(periods))) == ("2020-03-23", "2020-05-31")
    assert "latest_of_several" in last_of(periods).rules


@pytest.mark.parametrize(
    "written",
    [
        "dal 23/03/2020 al 24/05/2020",
        "dal giorno 23 marzo 2020 sino al giorno 24 maggio 2020",
        "decorrenza 23.03.2020 - scadenza 24.05.2020",
        "periodo: 23/03/2020 - 24/05/2020",
        "a decorrere dal 23 marzo 2020 e fino al 24 maggio 2020",
        "con inizio il 23/03/2020 e termine il 24/05/2020",
        "dal23/03/2020 al24/05/2020",
    ],
)
def test_a_period_in_its_several_wordings(written):
    text = text_of(f"Si conviene la sospensione dei lavoratori {written}.")
    periods = find_periods(text, dates_in(text.plain), 0)
    assert (value(first_of(periods)), value(last_of(periods))) == ("2020-03-23", "2020-05-24")


def test_a_first_day_without_a_last_makes_no_period():
    text = text_of("Si conviene la sospensione a decorrere dal 23 marzo 2020 per nove settimane.")
    dates = dates_in(text.plain)
    assert find_periods(text, dates, 0) == ()
    assert value(find_first_day(text, dates, 0)) == "2020-03-23"


def test_periods_had_before_are_not_asked_for():
    text = text_of("L'azienda ha già fruito di ammortizzatori dal 01/02/2019 al 31/03/2019.")
    assert find_periods(text, dates_in(text.plain), 0) == ()


@pytest.mark.parametrize(
    ("lines", "day", "place"),
    [
        (("L'anno 2020, addì 6 aprile 2020, in Nuoro si sono riuniti",), "2020-04-06", "Nuoro"),
        (("NUORO, 06/04/2020", "Verbale di accordo"), "2020-04-06", "Nuoro"),
        (("Oggi 6 aprile 2020, in videoconferenza, sono presenti",), "2020-04-06", "videoconferenza"),
        (("Verbale d'intesa sindacale Carbonia, 19 aprile 2020", "Sono intervenuti:"), "2020-04-19", "Carbonia"),
        (("Visto il D.L. 17 marzo 2020, n. 18",), None, None),
        (("In data 20 marzo 2020 la società ha inviato alle OO.SS. la comunicazione",), None, None),
    ],
)
def test_day_and_place_of_the_agreement_not_of_other_acts(lines, day, place):
    text = text_of(*lines)
    parts, dates = parts_of(text), dates_in(text.plain)
    found = find_date(text, dates, parts)
    assert value(found[0] if found else None) == day
    assert value(find_place(text, found[1] if found else None, parts)) == place


@pytest.mark.parametrize(
    ("sentence", "employer"),
    [
        ("la società Forno Sant'Elia S.r.l., con sede in Nuoro", "Forno Sant'Elia S.r.l."),
        ("per la ditta OFFICINE DI PROVA SNC rappresentata da", "OFFICINE DI PROVA SNC"),
        ("la ditta individuale Prova Efisio, con sede in Nuoro", "Prova Efisio"),
        ("Azienda: Panificio di Prova Soc. Coop.", "Panificio di Prova Soc. Coop."),
        ("i lavoratori della zona", None),
    ],
)
def test_the_employer_with_its_legal_form(sentence, employer):
    text = text_of("Sono presenti", sentence)
    assert value(find_employer(text, parts_of(text))) == employer


def side_by_side(*lines: str) -> RunningText:
    """A line for each text; ``|`` parts words with a wide gap between them."""
    words = []
    for number, line in enumerate(lines):
        left, top = 50.0, 50.0 + 20 * number
        for piece in line.split("|"):
            for text in piece.split():
                words.append(Word(text, Box(left, top, left + 5.0 * len(text), top + 12), 1.0, number))
                left += 5.0 * len(text) + 4
            left += 90
    return running_text([PageText("accordo.pdf", 1, 900.0, 842.0, tuple(words), "pdf")])


def test_parties_set_side_by_side_are_told_apart_by_their_column():
    text = side_by_side(
        "Autotrasporti|Prova|S.a.s.|(P.IVA|FEMCA CISL - Lucia Esempio",
        "sede legale Carbonia|RSU aziendale",
        "rappresentata da Marta Esempio",
    )
    assert value(find_representative(text)) == "Marta Esempio"
    assert value(find_employer(text, parts_of(text))) == "Autotrasporti Prova S.a.s."
    other = side_by_side("la società Prova|FEMCA CISL", "sede Carbonia|rappresentata da Lucia Esempio")
    assert find_representative(other) is None


def test_who_represents_the_employer_is_not_who_represents_a_union():
    text = text_of(
        "la FILCAMS CGIL rappresentata da Anna Esempio",
        "la società Prova S.r.l. in persona del legale rappresentante dott.ssa Maria De Prova",
    )
    assert value(find_representative(text)) == "Maria De Prova"
