"""Agreements written for the tests: lines of text on a drawn page, and the same page as a picture."""

from __future__ import annotations

import io

import typst
from PIL import Image

from ocr.form_map import Box
from ocr.text_words import PageText, Word

COMPLETE = (
    "VERBALE DI ACCORDO SINDACALE",
    "Il giorno 6 aprile 2020, in Nuoro, si sono incontrati:",
    "la società Forno Prova S.r.l., con sede in Nuoro, P. IVA 01234567897, rappresentata dal sig. Efisio Prova,",
    "assistita da Confcommercio Nuoro;",
    "la FILCAMS CGIL, rappresentata da Anna Esempio; la UILTUCS UIL, rappresentata da Ugo Esempio; la RSU aziendale.",
    "Premesso che l'azienda occupa n. 12 (dodici) dipendenti;",
    "che la sospensione è dovuta all'emergenza epidemiologica COVID-19;",
    "che l'azienda non può accedere agli ammortizzatori sociali ordinari;",
    "le parti concordano che la sospensione interesserà n. 9 lavoratori, dal 23 marzo 2020 al 24 maggio 2020,",
    "per nove settimane, a zero ore, con pagamento diretto da parte dell'INPS.",
    "Letto, confermato e sottoscritto.",
    "Per l'azienda",
)
VALUES = {
    "date": "2020-04-06",
    "place": "Nuoro",
    "employer": "Forno Prova S.r.l.",
    "representative": "Efisio Prova",
    "association": "Confcommercio",
    "unions": ("FILCAMS CGIL", "UILTUCS UIL", "RSU"),
    "total_staff": "12",
    "workers_involved": "9",
    "period_from": "2020-03-23",
    "period_to": "2020-05-24",
    "weeks": "9",
    "zero_hours": "true",
    "direct_payment": "true",
    "covid_cause": "true",
    "ordinary_schemes_unavailable": "true",
    "agreement_reached": "true",
    "signatures": "absent",
}


def paper(*lines: str) -> bytes:
    """A PDF drawn with text, one paragraph a line."""
    return typst.compile(_source(lines), format="pdf")


def picture(*lines: str, dpi: int = 200) -> Image.Image:
    """The same page as a grey picture."""
    png = typst.compile(_source(lines), format="png", ppi=float(dpi))
    return Image.open(io.BytesIO(png[0] if isinstance(png, list) else png)).convert("L")


def page_of(*lines: str) -> PageText:
    """Words without a page behind them: each line a paragraph that ends before the margin."""
    words = []
    for number, line in enumerate(lines):
        left = 50.0
        for text in line.split():
            width = 5.0 * len(text)
            words.append(Word(text, Box(left, 50.0 + 20 * number, left + width, 62.0 + 20 * number), 1.0, number))
            left += width + 4
    return PageText("accordo.pdf", 1, 100_000.0, 842.0, tuple(words), "pdf")


def _source(lines: tuple[str, ...]) -> bytes:
    text = "\n\n".join(f"#{_quoted(line)}" for line in lines)
    return f'#set page(paper: "a4", margin: 25mm)\n#set text(font: "DejaVu Sans", size: 10.5pt)\n{text}'.encode()


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
