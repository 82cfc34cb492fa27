"""What is said of a message that is not as it should be: a code, one sentence, what to do."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Remark:
    """Told to the operator beside the message; the message is kept whatever is said of it."""

    code: str
    message: str
    remedy: str


_NOT_A_RECEIPT = (
    "La tratti come un messaggio qualsiasi: legga che cosa contiene, poi la registri o la rifiuti con il motivo."
)
_TELL_PROVIDER = "Il messaggio si registra lo stesso. Se serve la prova della consegna, la chieda al gestore."

REMARKS = {
    each.code: each
    for each in (
        Remark(
            "mail.too_large",
            "Il messaggio supera la misura che il servizio apre: è conservato com'è, senza separare gli allegati.",
            "Lo scarichi e lo legga con il suo programma di posta, poi lo registri come un solo documento.",
        ),
        Remark(
            "mail.unreadable",
            "Il messaggio non si lascia aprire: è conservato com'è arrivato.",
            "Lo scarichi e lo guardi con il suo programma di posta, poi lo registri o lo rifiuti con il motivo.",
        ),
        Remark(
            "mail.not_certified",
            "È un messaggio di posta ordinaria: né il mittente né l'istante sono attestati da un gestore.",
            "Lo registri se è indirizzato all'ufficio; l'istante di arrivo è quello in cui è entrato nella casella.",
        ),
        Remark(
            "mail.instant_not_certified",
            "L'istante di arrivo è quello del caricamento: nessun gestore fidato ne attesta un altro.",
            "Se il messaggio era arrivato prima, guardi nella casella quando: da quello dipendono i termini.",
        ),
        Remark(
            "mail.anomaly",
            "È una busta di anomalia: il gestore ha inoltrato un messaggio che non è certificato, o che è alterato.",
            "Chi l'ha mandato non è attestato: controlli il contenuto prima di registrarlo.",
        ),
        Remark(
            "mail.daticert_missing",
            "I dati di certificazione (daticert.xml) mancano o non si leggono: mittente e date vengono dalle intestazioni.",
            _TELL_PROVIDER,
        ),
        Remark(
            "mail.daticert_mended",
            "I dati di certificazione (daticert.xml) contengono errori: abbiamo letto quello che si poteva.",
            _TELL_PROVIDER,
        ),
        Remark(
            "mail.original_missing",
            "La busta non contiene il messaggio originale (postacert.eml).",
            "Chieda al mittente di mandarlo di nuovo; la busta resta conservata.",
        ),
        Remark(
            "mail.other_recipient",
            "La busta era per una casella che non risulta dell'amministrazione: non dice quando il messaggio è arrivato "
            "qui.",
            "Chieda la ricevuta di consegna alla vostra casella, o cerchi lì il messaggio: da quell'istante dipendono i "
            "termini.",
        ),
        Remark(
            "mail.files_beside",
            "La busta porta anche file che non sono nel messaggio originale: nessuno attesta chi li ha mandati.",
            "Li guardi prima di registrare: se non sono del mittente lo scriva nell'oggetto, o rifiuti il messaggio.",
        ),
        Remark(
            "mail.parts_left",
            "Il messaggio ha più parti di quante il servizio ne apre: mancano allegati tra i file separati.",
            "Lo scarichi e lo legga con il suo programma di posta: è conservato e si registra intero.",
        ),
        Remark(
            "mail.sender_differs",
            "Il mittente scritto nel messaggio non è quello attestato dal gestore.",
            "Vale quello attestato. Prima di rispondere controlli l'indirizzo.",
        ),
        Remark("mail.seal_missing", "La busta non porta la firma del gestore.", _TELL_PROVIDER),
        Remark(
            "mail.seal_broken",
            "La firma del gestore non corrisponde al contenuto: la busta è stata cambiata dopo.",
            "Non si fidi di mittente e date: chieda al mittente di mandarlo di nuovo, e conservi questa.",
        ),
        Remark(
            "mail.seal_unverifiable",
            "La firma del gestore non si può controllare.",
            _TELL_PROVIDER,
        ),
        Remark(
            "mail.provider_unknown",
            "La firma della busta è integra, ma nessun certificato di questa installazione dice di chi è il gestore.",
            "Chieda all'amministratore di aggiungere i certificati dei gestori PEC tra quelli fidati.",
        ),
        Remark(
            "receipt.not_sealed",
            "Dice di essere una ricevuta, ma la firma del gestore manca o non regge: non prova nulla.",
            _NOT_A_RECEIPT,
        ),
        Remark(
            "receipt.provider_unknown",
            "Dice di essere una ricevuta, ma nessun certificato di questa installazione dice di chi è la firma.",
            "La tratti come un messaggio qualsiasi, e chieda all'amministratore di aggiungere i certificati dei gestori PEC.",
        ),
        Remark(
            "receipt.kinds_differ",
            "Dice di essere una ricevuta, ma intestazioni e dati di certificazione non dicono la stessa cosa.",
            _NOT_A_RECEIPT,
        ),
        Remark(
            "receipt.sender_differs",
            "Dice di essere una ricevuta, ma non viene dall'indirizzo di servizio del gestore che l'ha firmata.",
            _NOT_A_RECEIPT,
        ),
        Remark(
            "receipt.reference_differs",
            "Dice di essere una ricevuta, ma intestazioni e dati di certificazione parlano di due messaggi diversi.",
            _NOT_A_RECEIPT,
        ),
        Remark(
            "receipt.carries_files",
            "Dice di essere una ricevuta, ma porta documenti che una ricevuta non ha.",
            _NOT_A_RECEIPT,
        ),
        Remark(
            "mail.same_message_id",
            "Un altro messaggio arrivato ha lo stesso identificativo, ma non è uguale byte per byte.",
            "Li confronti: se è una copia la rifiuti indicando il numero dell'altro.",
        ),
    )
}
