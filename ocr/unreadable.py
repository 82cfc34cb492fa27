"""Why a file cannot be opened as pages, in the words of the person who sent it."""

from __future__ import annotations

from typing import Literal

UnreadableCode = Literal[
    "empty_file", "not_a_document", "encrypted_pdf", "too_many_pages", "damaged_pdf", "damaged_image", "image_too_large",
    "page_too_small",
]  # fmt: skip

_WORDS: dict[UnreadableCode, tuple[str, str]] = {
    "empty_file": ("Il file «{name}» è vuoto: non contiene nemmeno un byte.", "Carichi di nuovo il file completo."),
    "not_a_document": (
        "Il file «{name}» non è un documento che possiamo leggere: accettiamo PDF, JPEG, PNG e TIFF.",
        "Salvi o scansioni il documento in PDF e lo carichi di nuovo.",
    ),
    "encrypted_pdf": (
        "Il PDF «{name}» è protetto da una password e non può essere letto.",
        "Salvi una copia senza password e carichi quella.",
    ),
    "too_many_pages": (
        "Il file «{name}» ha più di {limit} pagine, il massimo che leggiamo in un solo file.",
        "Carichi solo le pagine del modulo, divise in più file se serve.",
    ),
    "damaged_pdf": (
        "Il PDF «{name}» è danneggiato e non può essere letto.",
        "Salvi o scansioni di nuovo il documento e lo carichi ancora.",
    ),
    "damaged_image": (
        "L’immagine «{name}» è danneggiata e non può essere letta.",
        "Scansioni di nuovo la pagina e la carichi ancora.",
    ),
    "image_too_large": (
        "Il file «{name}» contiene un’immagine o una pagina troppo grande: oltre {limit} milioni di punti.",
        "Scansioni a 300 dpi in formato A4 e carichi di nuovo il file.",
    ),
    "page_too_small": (
        "Il file «{name}» contiene una striscia di pochi punti, non una pagina.",
        "Scansioni la pagina intera a 300 dpi e carichi di nuovo il file.",
    ),
}


class UnreadablePages(Exception):
    """A file that gives no pages: ``code`` for programs, ``message`` and ``remedy`` for the person, ``name`` the file."""

    def __init__(self, code: UnreadableCode, *, name: str, limit: int = 0) -> None:
        message, remedy = _WORDS[code]
        self.code: UnreadableCode = code
        self.name = name
        self.message = message.format(name=name, limit=limit)
        self.remedy = remedy
        super().__init__(f"{self.message} {self.remedy}")
