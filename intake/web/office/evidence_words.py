"""How the office calls those who read a value, and the rules that made of the text what is shown."""

from __future__ import annotations

from flask_babel import gettext, lazy_gettext

_ENGINES = {
    "pdf": lazy_gettext("testo del PDF"),
    "comparison": lazy_gettext("confronto con il modulo emesso"),
    "ocr": lazy_gettext("riconoscimento dei caratteri"),
    "glyphs": lazy_gettext("confronto con i caratteri del modulo"),
    "tesseract": "Tesseract",
    "rapidocr": "RapidOCR",
    "spreadsheet": lazy_gettext("foglio di calcolo"),
}


def engine_in_words(engine: str | None) -> str:
    """Who read a value; an engine nobody named keeps its own name."""
    if engine is None:
        return str(gettext("nessuno"))
    return str(_ENGINES.get(engine, engine))


def rule_in_words(rule: str) -> str:
    """A rule's name with its signs as spaces."""
    return rule.replace("_", " ").replace(".", " ")
