"""A pack that does not hold says which file, which key and what to do: whoever writes the fourth Region needs no Python."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from intake.notices.load import check_packs, load_pack, render_report
from intake.notices.problems import PackProblems, Problem

Spoil = Callable[..., Path]

OPENS = "opens_at = { value = 2020-04-08T09:00:00"

BROKEN = {
    "unknown key": ("[windows]\n", "[windows]\nopens_att = 1\n", "windows.opens_att", "sconosciuta", "«opens_at»"),
    "unknown key in a row": (
        'key = "covid_cause"\n', 'key = "covid_cause"\ntitel = "x"\n', "declarations.2.titel", "sconosciuta", "«title»",
    ),
    "unknown key in a sourced value": (
        "maximum = { value = 9,", "maximum = { valeu = 9,", "weeks.maximum.valeu", "sconosciuta", "«value»",
    ),
    "unknown key in a term": (
        "[terms.sr41]\n", "[terms.sr41]\nlenght = 6\n", "terms.sr41.lenght", "sconosciuta", "«length»",
    ),
    "missing key": ('register_code = "SAR20"\n', "", "register_code", "manca", "Aggiunga «register_code»"),
    "no basis": ('9, basis = "seed",', "9,", "weeks.maximum.basis", "manca", "Aggiunga"),
    "basis unheard of": (
        'maximum = { value = 9, basis = "seed"', 'maximum = { value = 9, basis = "rumour"', "weeks.maximum.basis",
        "rumour", "'seed', 'law', 'assumed'",
    ),
    "weeks in words": (
        "maximum = { value = 9,", 'maximum = { value = "nove",', "weeks.maximum.value", "numero intero", "senza virgolette",
    ),
    "closes before it opens": (
        "closes_at = { value = 2020-09-01T00:00:00", "closes_at = { value = 2020-04-01T00:00:00", "windows.closes_at",
        "non viene dopo l'apertura", "dopo «windows.opens_at»",
    ),
    "drafts after the opening": (
        "draft_from = { value = 2020-04-01T09:00:00", "draft_from = { value = 2020-05-01T09:00:00", "windows.draft_from",
        "dopo l'apertura", "anticipi",
    ),
    "an hour that does not exist": (
        OPENS, "opens_at = { value = 2020-03-29T02:30:00", "windows.opens_at.value", "ora legale", "Corregga",
    ),
    "an hour with an offset": (
        OPENS, "opens_at = { value = 2020-04-08T09:00:00+02:00", "windows.opens_at.value", "fuso", "senza fuso",
    ),
    "the attachment asked for does not exist": (
        'required_when = "staff_above_threshold"', 'required_when = "optional"', "employers.agreement_above",
        "allegato che non c'è", "[[attachments]]",
    ),
    "a condition outside the vocabulary": (
        'required_when = "hand_signed"', 'required_when = "full_moon"', "attachments.3.required_when", "full_moon",
        "'always'",
    ),
    "a declaration that is not there": (
        'value = "other_schemes_first"', 'value = "other_schemes"', "employers.other_schemes_declaration",
        "non esiste come dichiarazione", "other_schemes_first",
    ),
    "negative amount": ('amount = "16.00"', 'amount = "-16.00"', "stamp_duty.regimes.1.amount", "maggiore di zero", "Corregga"),
    "amount as a binary fraction": ('amount = "16.00"', "amount = 16.1", "stamp_duty.regimes.1.amount", "virgolette", "Corr"),
    "duty regimes out of order": (
        "from_day = 2020-04-09", "from_day = 2010-04-09", "stamp_duty.regimes.2.from_day", "non segue", "in ordine",
    ),
    "no duty regime at the opening": (
        "from_day = 2013-06-26", "from_day = 2020-05-01", "stamp_duty.regimes.1.from_day", "dopo l'apertura", "Aggiunga",
    ),
    "exempt with no reason": (
        "exemption = \"Domanda esente dall'imposta di bollo\"\n", "", "stamp_duty.regimes.2.exemption",
        "motivo dell'esenzione", "norma",
    ),
    "a term is missing": ("[terms.appeal]", "[terms.appeals]", "terms.appeal", "manca", "[terms.appeal]"),
    "a field of hours that is not there": (
        'hours_limit_field = "limit_hours"', 'hours_limit_field = "limit_days"', "categories.2.hours_limit_field",
        "limit_days", 'kind = "number"',
    ),
    "two categories with one key": ('key = "fishing"\ntitle = "Addetto', 'key = "ordinary"\ntitle = "Addetto', "categories",
                                    "2 volte", "una sola voce"),
    "an extension before the date it extends": (
        "hired_from = 2020-02-24", "hired_from = 2020-02-20", "employment.extensions.1", "non segue", "hired_from",
    ),
    "a text in two ways": (
        'vademecum = { file = "vademecum.md" }', 'vademecum = { file = "vademecum.md", inline = "x" }', "texts.vademecum",
        "un solo modo", "Corregga",
    ),
    "a text file that is not there": (
        '"declarations/consent.md"', '"declarations/consenso.md"', "consents.1.text.file", "non c'è", "consenso.md",
    ),
    "a text file outside the folder": (
        '{ file = "guide.md" }', '{ file = "../guide.md" }', "texts.guide.file", "fuori dalla cartella", "nella cartella",
    ),
    "another name than the folder": ('id = "sardegna-2020"', 'id = "sardegna-2021"', "id", "cartella", "stesso nome"),
    "an empty list": (
        'provinces = ["CA", "NU", "OR", "SS", "SU"]', "provinces = []", "territory.provinces", "vuoto", "almeno un",
    ),
    "a statement of each worker that no worker is asked for": (
        'key = "delegation"\n', 'key = "delegation"\nstatement = { inline = "dichiaro" }\n', "attachments.4.statement",
        "di ciascun lavoratore", "each_worker",
    ),
    "nobody is admitted to file": (
        'title = "Servizio online"\napplication = true', 'title = "Servizio online"\napplication = false', "channels",
        "nessun canale", "application = true",
    ),
}  # fmt: skip


def problems_of(folder: Path) -> tuple[Problem, ...]:
    with pytest.raises(PackProblems) as raised:
        load_pack(folder)
    return raised.value.problems


@pytest.mark.parametrize(("old", "new", "key", "message", "remedy"), BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_pack_names_file_key_and_remedy(
    *, spoilt: Spoil, old: str, new: str, key: str, message: str, remedy: str
) -> None:
    found = {problem.key: problem for problem in problems_of(spoilt(old, new))}
    assert key in found, list(found.values())
    assert found[key].file == "notice.toml"
    assert message in found[key].message
    assert remedy in found[key].remedy


def test_a_syntax_error_gives_its_line(spoilt: Spoil) -> None:
    folder = spoilt("[weeks]\n", "[weeks\n")
    line = 1 + (folder / "notice.toml").read_text("utf-8").splitlines().index("[weeks")
    (problem,) = problems_of(folder)
    assert problem.key.startswith(f"riga {line},")
    assert "TOML" in problem.message


def test_a_key_written_twice_is_a_syntax_error_with_its_line(spoilt: Spoil) -> None:
    (problem,) = problems_of(spoilt("[stamp_duty]\n", "[stamp_duty]\nways = []\n"))
    assert "riga" in problem.key


def test_a_text_that_nothing_names_is_said(spoilt: Spoil) -> None:
    folder = spoilt()
    (folder / "declarations" / "forgotten.md").write_text("Testo.", "utf-8")
    (problem,) = problems_of(folder)
    assert (problem.file, "richiamato" in problem.message) == ("declarations/forgotten.md", True)


def test_an_english_text_beside_the_italian_one_is_welcome(spoilt: Spoil) -> None:
    folder = spoilt()
    (folder / "guide.en.md").write_text("# How to fill in", "utf-8")
    assert load_pack(folder).pages["guide.en.md"] == "# How to fill in"


def test_an_empty_text_and_one_in_another_encoding_are_said(spoilt: Spoil) -> None:
    folder = spoilt()
    (folder / "guide.md").write_text(" \n", "utf-8")
    (folder / "privacy.md").write_bytes("già".encode("latin-1"))
    (folder / "effects.en.md").write_bytes(b"\xff\xfe")
    found = {problem.file: problem.message for problem in problems_of(folder)}
    assert "vuoto" in found["guide.md"]
    assert "UTF-8" in found["privacy.md"]
    assert "UTF-8" in found["effects.en.md"]


def test_a_folder_without_notice_and_a_path_without_folders(tmp_path: Path) -> None:
    (tmp_path / "molise-2020").mkdir()
    report = check_packs(tmp_path)
    assert not report.ok
    assert "notice.toml" in render_report(report)
    empty = check_packs(tmp_path / "molise-2020")
    assert not empty.ok
    assert "nessun avviso" in render_report(empty)


def test_all_the_problems_are_said_at_once_and_the_report_lists_them(spoilt: Spoil) -> None:
    folder = spoilt('required_when = "staff_above_threshold"', 'required_when = "optional"')
    (folder / "forgotten.md").write_text("Testo.", "utf-8")
    report = check_packs(folder)
    assert {problem.file for problem in report.packs[0].problems} == {"notice.toml", "forgotten.md"}
    assert "✖ sardegna-2020: 2 problemi" in render_report(report)
