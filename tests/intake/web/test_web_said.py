"""What the rooms say in Italian comes out in English where its English is written, else as Italian marked as such (N7)."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask_babel import Babel

from intake.settings import PROJECT, TEMPLATES
from intake.web.frame.language import chosen_language
from intake.web.frame.said import in_english, patterns, said

ROOMS = ("intake/applications", "intake/arrivals", "intake/checks", "intake/notices", "ocr", "signing")


@pytest.fixture(scope="module")
def app() -> Flask:
    made = Flask(__name__)
    made.secret_key = "x"
    Babel(made, default_locale="it", locale_selector=chosen_language)
    return made


def written_in_rooms() -> str:
    """The source of the rooms, with the strings that stand on several lines made one, and the notices' own words."""
    files = [file for room in ROOMS for file in (PROJECT / room).rglob("*.py")]
    sources = (file.read_text() for file in (*files, *(TEMPLATES / "notices").rglob("*.toml")))
    return re.sub(r'"\s*\n\s*f?"', "", "\n".join(sources))


def test_every_pattern_is_of_a_sentence_that_some_room_still_says() -> None:
    """Otherwise its English is dead: take it out, or follow the new Italian."""
    written = written_in_rooms()
    facts = re.compile(r"\{\w+\}")
    stale = [
        pattern.italian
        for pattern in patterns()
        if not all(piece.strip("«». :") in written for piece in facts.split(pattern.italian))
    ]
    assert stale == []


def test_every_pattern_says_its_facts_again() -> None:
    named = re.compile(r"\{(\w+)\}")
    for pattern in patterns():
        assert sorted(named.findall(pattern.italian)) == sorted(named.findall(pattern.english)), pattern.italian


@pytest.mark.parametrize(
    ("italian", "english"),
    [
        (
            "Ha firmato Mario Rossi, legale rappresentante di ALFA S.R.L..",
            "It is signed by Mario Rossi, legal representative of ALFA S.R.L..",
        ),
        (
            "Manca la pagina 2 di 3. Senza, l'ufficio non può leggere tutta la domanda.",
            "Page 2 of 3 is missing. Without it the office cannot read the whole application.",
        ),
        ("Riga 4. La cifra di controllo non torna.", "Row 4. The check digit does not hold."),
        ("Riga 4. Una frase che nessuno ha tradotto.", None),
        (
            "Manca almeno un periodo. Indichi da quando a quando.",
            "At least one period is missing. Say from when to when.",
        ),
        ("Manca almeno un periodo. Una frase che nessuno ha tradotto.", None),
    ],
)
def test_a_sentence_is_put_in_english_whole_or_not_at_all(app: Flask, italian: str, english: str | None) -> None:
    with app.test_request_context("/?lingua=en"):
        assert in_english(italian) == english


@pytest.mark.parametrize("piece", ["a. ", "a: b. ", "Manca il modulo firmato. ", "«a»: Riga 4. b. "])
def test_a_name_full_of_stops_is_given_up_and_not_divided_in_every_way(app: Flask, piece: str) -> None:
    """Dividing it in every way would never end: whoever names a file must not stop the page of who reads it."""
    with app.test_request_context("/?lingua=en"):
        for times in (5, 10, 20, 400):
            assert in_english(f"Ha firmato «{piece * times}», dice una frase che nessuno ha tradotto.") is None
            assert in_english(f"{piece * times}Una frase che nessuno ha tradotto.") is None


def test_the_page_marks_the_italian_that_it_cannot_put_in_english(app: Flask) -> None:
    with app.test_request_context("/?lingua=en"):
        assert said("Frase <nuova>.") == '<span lang="it">Frase &lt;nuova&gt;.</span>'
        assert said("Manca il modulo firmato.") == "The signed form is missing."
    with app.test_request_context("/"):
        assert said("Manca il modulo firmato.") == "Manca il modulo firmato."
        assert said(None) == ""


@pytest.mark.parametrize(
    ("italian", "english"),
    [
        (
            "Riga 2: MARIO ROSSI è assunto dal 1° giugno 2025: deve essere in forza all'8 aprile 2020.",
            "Row 2: MARIO ROSSI was hired on 1 June 2025: the worker must have been in force on 8 April 2020.",
        ),
        (
            (
                "L'ultimo giorno per questa domanda è lunedì 4 gennaio 2027 (90 giorni dal 5 ottobre 2026, art. 3). "
                "Domenica 3 gennaio 2027 è festivo: il termine passa al 4 gennaio 2027 (art. 9)."
            ),
            (
                "The last day for this application is Monday 4 January 2027 (90 days from 5 October 2026, art. 3). "
                "Sunday 3 January 2027 is a holiday: the term moves to 4 January 2027 (art. 9)."
            ),
        ),
        (
            "Il termine per le domande è scaduto sabato 23 maggio 2020, ore 13:00 (art. 3).",
            "The term for applications passed on Saturday 23 May 2020, 13:00 (Rome time) (art. 3).",
        ),
        (
            "Riga 2: ANNA ROSSI è assunto dal 1° giugno 2025: deve essere in forza al 1° maggio 2020. Corregga la cella.",
            "Row 2: ANNA ROSSI was hired on 1 June 2025: the worker must have been in force on 1 May 2020. Correct the cell.",
        ),
        ("Il periodo 2 finisce presto, prima di cominciare.", None),
        (
            "I periodi sono 70 giorni, cioè 10 settimane: il massimo è 9. Riduca i periodi: in tutto al massimo 63 giorni.",
            "The periods are 70 days, that is 10 weeks: the maximum is 9. Shorten the periods: 63 days at most in all.",
        ),
        (
            "Nella riga 3 manca la data di assunzione, o non è scritto bene. Completi il dato.",
            "Row 3 lacks the date of hiring, or it is not well written. Complete the value.",
        ),
    ],
)
def test_days_rows_and_the_last_fact_of_a_sentence_are_no_more_than_they_are(
    app: Flask, italian: str, english: str | None
) -> None:
    with app.test_request_context("/?lingua=en"):
        assert in_english(italian) == english
