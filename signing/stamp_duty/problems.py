"""Every problem of a mark of stamp duty: code, what happened and why it matters, what to do, the law.

None of them makes an application invalid: the office receives it and has it put right (DPR 642/1972, art. 19 and 31).
"""

from signing.problem_kinds import ProblemKind
from signing.report import Problem

_DPR = "D.P.R. 642/1972"
_ART_15 = "D.P.R. 642/1972, art. 15"
_DIGITAL = "Provvedimento dell'Agenzia delle Entrate 19 settembre 2014"
_OFFICE_LOOKS = "Può inviare: l'ufficio controllerà."
_BUY_AGAIN = "Acquisti la marca digitale per il modulo così come il servizio l'ha emesso, prima di firmarlo."

KINDS: dict[str, ProblemKind] = {
    # digital, @e.bollo
    "digital_unreadable": ProblemKind(
        "Il file della marca da bollo digitale è danneggiato e non si legge.",
        "Scarichi di nuovo la marca da chi l'ha venduta e la carichi senza modificarla.",
        _DIGITAL,
        "error",
    ),
    "digital_not_as_prescribed": ProblemKind(
        "La marca da bollo digitale non è scritta come prescrive l'Agenzia delle Entrate: {detail}.",
        "Scarichi di nuovo la marca da chi l'ha venduta e la carichi senza modificarla.",
        _DIGITAL,
    ),
    "digital_not_signed": ProblemKind(
        "La marca da bollo digitale non porta la firma di chi l'ha venduta: non prova il pagamento.",
        "Carichi il file della marca così come l'ha ricevuto dopo il pagamento.",
        _DIGITAL,
        "error",
    ),
    "digital_broken": ProblemKind(
        "La marca da bollo digitale è stata modificata dopo il rilascio: la sua firma non corrisponde.",
        "Carichi il file della marca così come l'ha ricevuto dopo il pagamento.",
        _DIGITAL,
        "error",
    ),
    "digital_signature_unsupported": ProblemKind(
        "La firma della marca da bollo digitale usa un metodo che non sappiamo verificare.", _OFFICE_LOOKS, _DIGITAL
    ),
    "digital_issuer_unknown": ProblemKind(
        "La marca da bollo digitale è integra, ma non abbiamo potuto verificare che chi l'ha venduta sia autorizzato "
        "dall'Agenzia delle Entrate.",
        _OFFICE_LOOKS,
        _DIGITAL,
    ),
    "digital_seller_not_authorised": ProblemKind(
        "Il certificato di chi ha venduto la marca da bollo digitale non valeva nel momento dell'acquisto.",
        "Chieda una marca valida a chi l'ha venduta.",
        _DIGITAL,
        "error",
    ),
    "digital_of_other_document": ProblemKind(
        "La marca da bollo digitale è stata acquistata per un altro documento: la sua impronta non è quella del modulo.",
        _BUY_AGAIN + " Se l'ha già fatto, invii pure: l'ufficio controllerà.",
        _DIGITAL,
    ),
    "digital_without_document": ProblemKind(
        "La marca da bollo digitale si può confrontare solo con il documento per cui è stata acquistata.",
        "Controlli la marca insieme al documento.",
        _DIGITAL,
    ),
    # virtual
    "authorization_incomplete": ProblemKind(
        "La dicitura del bollo virtuale non riporta tutti gli estremi dell'autorizzazione: manca {missing}.",
        "Scriva ufficio, numero e data dell'autorizzazione. " + _OFFICE_LOOKS,
        _ART_15,
    ),
    "authorization_not_compared": ProblemKind(
        "L'autorizzazione al bollo virtuale è indicata per intero, ma qui manca l'elenco con cui confrontarla.",
        "La confronti con l'elenco delle autorizzazioni che l'ufficio conserva.",
        _ART_15,
    ),
    "authorization_unknown": ProblemKind(
        "L'autorizzazione al bollo virtuale indicata non è nell'elenco dell'ufficio.",
        "Controlli numero e data. Se sono giusti, invii pure: l'ufficio la verificherà.",
        _ART_15,
    ),
    "authorization_other_office": ProblemKind(
        "Numero e data dell'autorizzazione al bollo virtuale sono nell'elenco, ma rilasciati da un altro ufficio: {office}.",
        "Controlli l'ufficio che ha rilasciato l'autorizzazione. " + _OFFICE_LOOKS,
        _ART_15,
    ),
    "authorization_not_in_force": ProblemKind(
        "L'autorizzazione al bollo virtuale non vale in questa data: {validity}.",
        "Paghi l'imposta in un altro modo, oppure indichi l'autorizzazione in vigore.",
        _ART_15,
        "error",
    ),
    "authorization_of_another": ProblemKind(
        "L'autorizzazione al bollo virtuale è di {holder}, che non risulta legato a questa domanda.",
        _OFFICE_LOOKS,
        _ART_15,
    ),
    # exemption
    "exemption_without_law": ProblemKind(
        "Il documento si dichiara esente dal bollo senza indicare la norma.",
        "Indichi la norma di esenzione. " + _OFFICE_LOOKS,
        f"{_DPR}, tabella allegato B",
    ),
    "exemption_not_yet_in_force": ProblemKind(
        "La norma di esenzione indicata ({law}) vale dal {since}: prima di quel giorno il bollo è dovuto.",
        "Paghi l'imposta di bollo, oppure indichi un'altra norma.",
        None,
        "error",
    ),
    "exemption_to_assess": ProblemKind(
        "L'esenzione indicata ({law}) dipende da chi presenta la domanda e dall'uso del documento.",
        _OFFICE_LOOKS,
        None,
    ),
    # F23
    "f23_other_code": ProblemKind(
        "La ricevuta F23 non riporta il codice tributo 456T, quello dell'imposta di bollo.",
        "Carichi la ricevuta del versamento con codice 456T.",
        _DPR,
    ),
    "f23_incomplete": ProblemKind(
        "Nella ricevuta F23 non si legge {missing}.",
        "Carichi una copia più nitida, oppure invii pure: l'ufficio controllerà.",
        _DPR,
    ),
    # contrassegno
    "label_code_and_text_differ": ProblemKind(
        "Sul contrassegno il codice a barre e le cifre stampate sopra non dicono lo stesso numero.",
        "Controlli che il contrassegno sia integro e scansioni di nuovo la pagina a 300 dpi. " + _OFFICE_LOOKS,
        f"{_DPR}, art. 3",
    ),
    "label_read_by_one_witness": ProblemKind(
        "L'identificativo del contrassegno si legge solo {where}: non abbiamo potuto confrontarlo.",
        "Scansioni la pagina a 300 dpi, senza riflessi. " + _OFFICE_LOOKS,
        f"{_DPR}, art. 3",
        "info",
    ),
    "label_unread": ProblemKind(
        "C'è un contrassegno, ma il suo identificativo di 14 cifre non si legge.",
        "Scansioni di nuovo la pagina a 300 dpi, senza riflessi e senza coprire il codice a barre. " + _OFFICE_LOOKS,
        f"{_DPR}, art. 3",
    ),
    "label_unusual_identifier": ProblemKind(
        "L'identificativo del contrassegno non ha la forma usuale (14 cifre che cominciano con 01).",
        _OFFICE_LOOKS,
        f"{_DPR}, art. 3",
    ),
    "label_amount_unread": ProblemKind(
        "Sul contrassegno non si legge l'importo.",
        "Scansioni di nuovo la pagina a 300 dpi. " + _OFFICE_LOOKS,
        f"{_DPR}, art. 3",
        "info",
    ),
    # whatever the mark
    "later_than_document": ProblemKind(
        "La marca da bollo è stata rilasciata dopo il documento: {issued}.",
        "Può inviare: l'ufficio può chiedere la regolarizzazione.",
        f"{_DPR}, art. 2 e 31",
    ),
    "trial_mark": ProblemKind(
        "È una marca da bollo di prova ({identifier}): fuori dalla prova dell'avviso non vale nulla.",
        "Usi una marca da bollo vera. Può inviare: l'ufficio può chiedere la regolarizzazione.",
        f"{_DPR}, art. 19 e 31",
        "error",
    ),
    "kind_not_admitted": ProblemKind(
        "L'avviso non ammette questo modo di pagare il bollo: {way}.", "Usi uno dei modi indicati nell'avviso.", None
    ),
}


def stamp_problem(code: str, technical: str | None = None, **places: object) -> Problem:
    """The problem ``stamp_duty.CODE`` with its places filled. Raises KeyError for a code that is not in the table."""
    kind = KINDS[code]
    return Problem(f"stamp_duty.{code}", kind.message.format(**places), kind.remedy, kind.law, technical, kind.severity)
