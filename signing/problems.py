"""Every problem this library can report: one code, what happened and why it matters, what to do now, the law if there is one.

The texts are Italian because people read them; the codes are stable and belong to the `inspect` contract.
"""

from signing.file_problems import FILE_KINDS
from signing.problem_kinds import CAD_65, OFFICE_WILL_CHECK, SIGN_AGAIN, ProblemKind
from signing.report import Problem

_CAD_24 = "art. 24, comma 4-bis, d.lgs. 82/2005 (CAD)"
_CNS = "art. 61, comma 2, DPCM 22 febbraio 2013"
_EIDAS_3 = "art. 3, regolamento (UE) 910/2014 (eIDAS)"
_TRUSTED_LISTS = "art. 22, regolamento (UE) 910/2014 (eIDAS)"
_DPCM_4 = "art. 4, comma 3, DPCM 22 febbraio 2013"
_DPCM_41 = "art. 41, DPCM 22 febbraio 2013"
_WITHOUT_ACTIVE_CONTENT = (
    "Salvi il documento come PDF/A, che non ammette questi contenuti, lo firmi e lo carichi di nuovo."
)

LONGEST_FACT = 300
"""Characters of a fact that stands in a sentence."""

KINDS: dict[str, ProblemKind] = {
    **FILE_KINDS,
    # the mathematics
    "hash_mismatch": ProblemKind(
        "Il contenuto non è quello che è stato firmato: la firma non vale.", SIGN_AGAIN, CAD_65, "error"
    ),
    "signature_mismatch": ProblemKind(
        "La firma non corrisponde al certificato che la accompagna: non vale.", SIGN_AGAIN, CAD_65, "error"
    ),
    "wrong_certificate": ProblemKind(
        "La firma indica un certificato diverso da quello che la accompagna: non vale.", SIGN_AGAIN, CAD_65, "error"
    ),
    "signature_malformed": ProblemKind(
        "La firma è scritta in una forma che non rispetta le regole: non si può accettare.",
        SIGN_AGAIN,
        CAD_65,
        "error",
    ),
    "byte_range_forged": ProblemKind(
        "La firma dichiara di coprire il documento, ma lascia fuori una parte oltre a se stessa: la sua forma è falsata.",
        SIGN_AGAIN,
        CAD_65,
        "error",
    ),
    "signature_prepared": ProblemKind(
        "Il documento è stato preparato per una firma che poi non è stata apposta.",
        "Completi la firma con il Suo programma di firma e carichi il file che ne risulta.",
        CAD_65,
    ),
    "no_signer": ProblemKind(
        "La busta di firma non contiene alcuna firma.", "Firmi il documento e lo carichi di nuovo.", CAD_65, "error"
    ),
    # what is missing to answer
    "too_many_signatures": ProblemKind(
        "Il documento porta centinaia di firme: non le abbiamo controllate.",
        "Carichi il documento firmato da chi deve firmarlo, senza altre firme.",
        None,
        "error",
    ),
    "content_missing": ProblemKind(
        "La firma riguarda un documento che qui manca: senza, non possiamo verificarla.",
        "Aggiunga il documento a cui la firma si riferisce.",
        None,
        "error",
    ),
    "signs_nothing": ProblemKind(
        "La firma non riguarda alcun documento: comprende solo i dati di chi l'ha fatta.", SIGN_AGAIN, CAD_65, "error"
    ),
    "certificate_missing": ProblemKind(
        "Nella firma manca il certificato di chi ha firmato: non possiamo dire di chi è.", SIGN_AGAIN, None, "error"
    ),
    "attributes_not_der": ProblemKind(
        "Il programma di firma ha scritto la firma in un ordine che le regole non ammettono: non possiamo ritenerla valida.",
        "Firmi di nuovo con un programma di firma aggiornato.",
        None,
        "error",
    ),
    "algorithm_unsupported": ProblemKind(
        "La firma usa un algoritmo che non sappiamo verificare.",
        "Firmi di nuovo con un programma di firma aggiornato.",
        None,
        "error",
    ),
    # what acts instead of only being shown
    "contains_script": ProblemKind(
        "Il PDF contiene {count} programmi JavaScript, che possono cambiare ciò che si vede{examples}.",
        _WITHOUT_ACTIVE_CONTENT,
        _DPCM_4,
    ),
    "contains_program_start": ProblemKind(
        "Il PDF contiene {count} comandi che avviano un programma o aprono un file{examples}.",
        _WITHOUT_ACTIVE_CONTENT,
        _DPCM_4,
    ),
    "contains_data_sending": ProblemKind(
        "Il PDF contiene {count} comandi che spediscono in rete i dati del modulo{examples}.",
        _WITHOUT_ACTIVE_CONTENT,
        _DPCM_4,
    ),
    "contains_data_import": ProblemKind(
        "Il PDF contiene {count} comandi che prendono i dati del modulo da un altro file{examples}.",
        _WITHOUT_ACTIVE_CONTENT,
        _DPCM_4,
    ),
    "contains_media": ProblemKind(
        "Il PDF contiene {count} elementi multimediali, che possono mostrare altro da ciò che è stato firmato.",
        _WITHOUT_ACTIVE_CONTENT,
        _DPCM_4,
    ),
    "contains_outside_content": ProblemKind(
        "Il PDF prende da altri file, che possono cambiare senza che la firma se ne accorga, "
        "{count} delle sue parti{examples}.",
        _WITHOUT_ACTIVE_CONTENT,
        _DPCM_4,
    ),
    "contains_hidden_layers": ProblemKind(
        "Il PDF ha livelli nascosti o che si accendono da soli: programmi diversi, o la stampa, possono mostrare altro.",
        _WITHOUT_ACTIVE_CONTENT,
        _DPCM_4,
    ),
    "contains_dynamic_form": ProblemKind(
        "Il PDF contiene un modulo dinamico XFA: ciò che si vede dipende dal programma che lo apre.",
        _WITHOUT_ACTIVE_CONTENT,
        _DPCM_4,
    ),
    "contains_embedded_file": ProblemKind(
        "Il PDF porta contenuti che nelle pagine non si vedono, ma fanno parte di ciò che è firmato: "
        "{count} file allegati{examples}.",
        "Non deve fare nulla. Chi riceve il documento apra gli allegati solo se li aspetta.",
        None,
        "info",
    ),
    "contains_link": ProblemKind(
        "Il PDF contiene {count} collegamenti verso l'esterno{examples}.",
        "Non deve fare nulla. Chi riceve il documento li segua solo se li riconosce.",
        None,
        "info",
    ),
    "active_content_not_searched": ProblemKind(
        "Il PDF ha più di {limit} oggetti: non li abbiamo guardati tutti in cerca di contenuti attivi.",
        "Salvi di nuovo il documento come PDF/A, lo firmi e lo carichi.",
    ),
    # what was done after signing
    "changed_after_signing": ProblemKind(
        "Dopo la firma il documento è stato modificato in un modo che nessuna regola spiega.",
        SIGN_AGAIN,
        CAD_65,
        "error",
    ),
    "changes_not_analysable": ProblemKind(
        "Dopo la firma il documento è stato modificato e non riusciamo a capire come: dobbiamo considerarlo alterato.",
        SIGN_AGAIN,
        CAD_65,
        "error",
    ),
    "changes_forbidden": ProblemKind(
        "Chi ha firmato ha vietato modifiche successive, ma ce ne sono.", SIGN_AGAIN, CAD_65, "error"
    ),
    "not_covered": ProblemKind(
        "La firma lascia scoperta una parte del documento: quella parte può essere stata cambiata.",
        SIGN_AGAIN,
        CAD_65,
        "error",
    ),
    "bytes_after_signature": ProblemKind(
        "Dopo l'ultima firma sono stati aggiunti {count} byte che nessuna firma copre.", SIGN_AGAIN, CAD_65, "error"
    ),
    "bytes_beside_signature": ProblemKind(
        "Nello spazio riservato alla firma ci sono {count} byte che non ne fanno parte e che nessuno ha firmato.",
        OFFICE_WILL_CHECK,
    ),
    "permitted_additions": ProblemKind(
        "Dopo la firma sono stati compilati campi del modulo: {fields}.",
        "Controlli che le aggiunte siano Sue. L'ufficio le vedrà evidenziate.",
    ),
    "form_settings_changed": ProblemKind(
        "Dopo la firma sono cambiate le impostazioni del modulo, come i caratteri con cui si scrivono i campi.",
        "Controlli che il documento si veda come quando è stato firmato. L'ufficio lo guarderà.",
    ),
    # the certificate
    "trust_not_established": ProblemKind(
        "La firma è integra, ma non abbiamo potuto verificare chi ha rilasciato il certificato.", OFFICE_WILL_CHECK
    ),
    "revocation_not_established": ProblemKind(
        "La firma è integra, ma non abbiamo potuto verificare se il certificato era revocato.", OFFICE_WILL_CHECK
    ),
    "certificate_for_other_uses": ProblemKind(
        "La firma è integra, ma il certificato è fatto per altri usi, non per firmare documenti.",
        "Se può, firmi di nuovo con un certificato di firma. Altrimenti trasmetta: l'ufficio controllerà.",
        _EIDAS_3,
    ),
    "weak_certificate": ProblemKind(
        "La firma è integra, ma il certificato usa un algoritmo che oggi non dà più garanzie.", OFFICE_WILL_CHECK
    ),
    "expired_now": ProblemKind(
        "La firma è integra, ma il certificato è scaduto il {since} e niente prova che la firma sia anteriore.",
        "Se può, firmi di nuovo con un certificato valido. Altrimenti trasmetta: l'ufficio controllerà.",
        _CAD_24,
    ),
    "expired_at_signing": ProblemKind(
        "Il certificato era scaduto il {since}, prima della firma: per la legge il documento non è firmato.",
        "Firmi di nuovo con un certificato valido.",
        _CAD_24,
        "error",
    ),
    "not_yet_valid": ProblemKind(
        "Il certificato vale dal {since}: la firma risulta fatta prima.",
        "Firmi di nuovo il documento.",
        _CAD_24,
        "error",
    ),
    "revoked": ProblemKind(
        "Il certificato è stato revocato o sospeso il {since}: per la legge il documento non è firmato.",
        "Firmi di nuovo con un certificato valido.",
        _CAD_24,
        "error",
    ),
    "weak_digest": ProblemKind(
        "La firma è integra, ma usa un'impronta ({digest}) che oggi non dà più garanzie.", OFFICE_WILL_CHECK
    ),
    "cns_or_cie": ProblemKind(
        "La firma è fatta con una carta CNS o CIE: non è una firma digitale, ma verso l'amministrazione vale come firma "
        "elettronica avanzata.",
        "Può trasmettere.",
        _CNS,
        "info",
    ),
    # trusted lists
    "trusted_list_used": ProblemKind(
        "Chi ha rilasciato il certificato è nella lista di fiducia {territory} n. {sequence} del {issued} ({age} giorni fa).",
        "Non deve fare nulla.",
        _TRUSTED_LISTS,
        "info",
    ),
    "trusted_list_stale": ProblemKind(
        "La lista di fiducia {territory} n. {sequence} del {issued} ({age} giorni fa) andava aggiornata entro il {next}: "
        "quello che dice di chi ha rilasciato il certificato può non valere più.",
        OFFICE_WILL_CHECK,
        _TRUSTED_LISTS,
    ),
    "trusted_lists_searched": ProblemKind(
        "Abbiamo cercato chi ha rilasciato il certificato nelle liste di fiducia ({territories}) senza trovarlo. "
        "La più vecchia è del {issued} ({age} giorni fa).",
        "Non deve fare nulla.",
        _TRUSTED_LISTS,
        "info",
    ),
    "trusted_lists_searched_stale": ProblemKind(
        "Abbiamo cercato chi ha rilasciato il certificato nelle liste di fiducia ({territories}) senza trovarlo. "
        "La più vecchia è del {issued} ({age} giorni fa): non tutte sono aggiornate.",
        OFFICE_WILL_CHECK,
        _TRUSTED_LISTS,
    ),
    "service_withdrawn": ProblemKind(
        "La firma è integra, ma dal {since} chi ha rilasciato il certificato non era più un prestatore qualificato: "
        "la firma non è qualificata.",
        "Se può, firmi di nuovo con un certificato qualificato. Altrimenti trasmetta: l'ufficio controllerà.",
        _EIDAS_3,
    ),
    "certificate_not_qualified": ProblemKind(
        "La firma è integra, ma per la lista di fiducia il certificato non è qualificato: non è una firma digitale.",
        "Se può, firmi di nuovo con un certificato qualificato. Altrimenti trasmetta: l'ufficio controllerà.",
        _EIDAS_3,
    ),
    "qualification_time_unproven": ProblemKind(
        "La firma è integra, ma la qualifica del certificato è cambiata nel tempo e niente prova la data della firma.",
        OFFICE_WILL_CHECK,
        _EIDAS_3,
    ),
    # time-stamps
    "timestamp_missing": ProblemKind(
        "Il file dovrebbe portare una marca temporale, ma non ne ha: la data non è provata.", OFFICE_WILL_CHECK
    ),
    "timestamp_malformed": ProblemKind(
        "La marca temporale non si può leggere: la data non è provata.", OFFICE_WILL_CHECK
    ),
    "timestamp_of_other_data": ProblemKind(
        "La marca temporale si riferisce ad altri dati: la data non è provata.", OFFICE_WILL_CHECK
    ),
    "timestamp_broken": ProblemKind("La marca temporale non è integra: la data non è provata.", OFFICE_WILL_CHECK),
    "timestamp_without_authority": ProblemKind(
        "La marca temporale non dice quale autorità l'ha rilasciata: la data non è provata.", OFFICE_WILL_CHECK
    ),
    "timestamp_unsupported": ProblemKind(
        "Una marca temporale della firma ha una forma che non sappiamo verificare: la sua data non è provata.",
        OFFICE_WILL_CHECK,
    ),
    "archive_timestamp_of_other_data": ProblemKind(
        "La marca temporale di archivio non corrisponde alla firma com'è ora: dopo la marca qualcosa è stato cambiato. "
        "La sua data non è provata.",
        OFFICE_WILL_CHECK,
    ),
    "archive_timestamp_broken": ProblemKind(
        "La marca temporale di archivio non è integra: la sua data non è provata.", OFFICE_WILL_CHECK
    ),
    "archive_timestamps_unchecked": ProblemKind(
        "Marche temporali di archivio che la firma porta e che il servizio non sa verificare: {count}. Non ne ricava una data.",
        "Non deve fare nulla: contano le altre prove della data, se ce ne sono.",
        None,
        "info",
    ),
    "timestamps_not_examined": ProblemKind(
        "Marche temporali che la firma porta oltre le prime {examined}, e che il servizio non esamina: {count}. "
        "Non ne ricava una data.",
        "Non deve fare nulla: contano le altre prove della data, se ce ne sono.",
        None,
        "info",
    ),
    "archive_timestamp_partial": ProblemKind(
        "Elementi aggiunti alla firma dopo la marca temporale di archivio, che la marca non copre: {count}. "
        "Il documento e la firma sono coperti.",
        "Non deve fare nulla: la data che la marca prova resta valida.",
        None,
        "info",
    ),
    "timestamp_not_trusted": ProblemKind(
        "Non abbiamo potuto verificare chi ha rilasciato la marca temporale: la data non è provata.", OFFICE_WILL_CHECK
    ),
    # times that are still to come
    "claimed_time_in_future": ProblemKind(
        "La firma dichiara di essere stata fatta il {claimed}, dopo il momento della verifica: quella data non è attendibile.",
        "Controlli data e ora del computer con cui si firma e, se può, firmi di nuovo. Altrimenti trasmetta: l'ufficio "
        "controllerà.",
        _DPCM_41,
    ),
    "timestamp_in_future": ProblemKind(
        "La marca temporale porta la data del {stamped}, dopo il momento della verifica: quella data non prova niente.",
        "Se può, faccia apporre un'altra marca temporale. Altrimenti trasmetta: l'ufficio controllerà.",
        _DPCM_41,
    ),
    # our own seal
    "seal_missing": ProblemKind(
        "Il documento non porta il sigillo del servizio.",
        "Usi il documento come lo ha ricevuto dal servizio.",
        None,
        "error",
    ),
    "seal_followed": ProblemKind(
        "Dopo il sigillo del servizio è stato aggiunto altro: vale solo ciò che il sigillo copre.",
        "Usi il documento come lo ha ricevuto dal servizio.",
        None,
        "error",
    ),
    "seal_out_of_time": ProblemKind(
        "Il sigillo dichiara un momento in cui il suo certificato non valeva.",
        "Chieda il documento al servizio che lo ha emesso.",
        None,
        "error",
    ),
    "seal_of_another": ProblemKind(
        "Il sigillo non è quello del servizio: il documento non viene da qui.",
        "Chieda il documento al servizio che lo ha emesso.",
        None,
        "error",
    ),
}


def printable(text: str) -> str:
    """The text in a line, without characters that are not shown but change how others are: controls, marks of direction."""
    plain = (each if each.isprintable() else " " if each.isspace() else "" for each in text)
    return "".join(plain)


def problem(code: str, technical: str | None = None, **places: object) -> Problem:
    """The problem of that code, its places filled. Raises KeyError for a code that is not in the table."""
    kind = KINDS[code]
    told = {name: _fact(value) for name, value in places.items()}
    return Problem(code, kind.message.format(**told), kind.remedy, kind.law, technical, kind.severity)


def _fact(value: object) -> str:
    """A name that a stranger chose may be as long as a file, or turn the sentence around: said is its beginning, in a line."""
    text = printable(str(value))
    return text if len(text) <= LONGEST_FACT else f"{text[: LONGEST_FACT - 1]}…"
