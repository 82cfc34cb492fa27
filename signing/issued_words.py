"""What was added to an issued document, in Italian, for whoever has to decide about it."""

from collections.abc import Iterable

from signing.issued_additions import SIGNING, Added, Addition

_WORDS: dict[Added, tuple[str, str]] = {
    Added.signature: ("una firma", "{count} firme"),
    Added.time_stamp: ("una marca temporale", "{count} marche temporali"),
    Added.signature_field: ("un campo per la firma", "{count} campi per la firma"),
    Added.signature_appearance: ("il disegno della firma", "il disegno della firma"),
    Added.filled_field: ("un campo compilato", "{count} campi compilati"),
    Added.validation_data: ("i dati che servono a verificare la firma", "i dati che servono a verificare la firma"),
    Added.metadata: ("le informazioni sul file", "le informazioni sul file"),
    Added.page_content: ("il contenuto della pagina", "il contenuto della pagina"),
    Added.annotation: ("un'annotazione", "{count} annotazioni"),
    Added.attachment: ("un file allegato", "file allegati"),
    Added.action: ("un'azione automatica", "{count} azioni automatiche"),
    Added.other: ("un oggetto che non riconosciamo", "{count} oggetti che non riconosciamo"),
}
_ANNOTATIONS: dict[str, tuple[str, str]] = {
    "FreeText": ("un testo scritto sopra la pagina", "{count} testi scritti sopra la pagina"),
    "Text": ("una nota", "{count} note"),
    "Highlight": ("un'evidenziazione", "{count} evidenziazioni"),
    "Stamp": ("un timbro", "{count} timbri"),
    "Ink": ("un segno a mano libera", "{count} segni a mano libera"),
    "Link": ("un collegamento", "{count} collegamenti"),
    "Square": ("un rettangolo", "{count} rettangoli"),
    "Redact": ("una cancellatura", "{count} cancellature"),
    "FileAttachment": ("un file allegato", "{count} file allegati"),
}


def in_words(additions: Iterable[Addition], *, signing_too: bool) -> str:
    """One enumeration, as ``una firma, un campo per la firma a pagina 1``; empty where nothing has a name of its own.

    `signing_too` False leaves out what a signing program writes.
    """
    told = [_one(each) for each in additions if each.kind in _WORDS and (signing_too or each.kind not in SIGNING)]
    return ", ".join(dict.fromkeys(told))


def _one(each: Addition) -> str:
    single, many = _ANNOTATIONS.get(each.detail or "", _WORDS[each.kind])
    words = single if each.count == 1 else many.format(count=each.count)
    if each.page is None:
        return words
    return f"{words} {each.page}" if words.endswith("pagina") else f"{words} a pagina {each.page}"
