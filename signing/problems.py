"""Every problem this library can report: one code, what happened and why it matters, what to do now, the law if there is one.

The texts are Italian because people read them; the codes are stable and belong to the `inspect` contract.
"""

from dataclasses import dataclass

from signing.report import Problem

_CAD_24 = "art. 24, comma 4-bis, d.lgs. 82/2005 (CAD)"
_CAD_65 = "art. 65, comma 1, d.lgs. 82/2005 (CAD)"
_CNS = "art. 61, comma 2, DPCM 22 febbraio 2013"
_EIDAS_3 = "art. 3, regolamento (UE) 910/2014 (eIDAS)"
_TRUSTED_LISTS = "art. 22, regolamento (UE) 910/2014 (eIDAS)"
_SIGN_AGAIN = "Firmi di nuovo il documento emesso dal servizio e lo carichi senza modificarlo."
_DPCM_4 = "art. 4, comma 3, DPCM 22 febbraio 2013"
_WITHOUT_ACTIVE_CONTENT = (
    "Salvi il documento come PDF/A, che non ammette questi contenuti, lo firmi e lo carichi di nuovo."
)
_OFFICE_WILL_CHECK = "Può trasmettere: l'ufficio controllerà."


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """A row of the table of errors: texts may hold named places filled when the problem is met."""

    message: str
    remedy: str
    law: str | None = None
    severity: str = "warning"


KINDS: dict[str, ProblemKind] = {
    # the file
    "empty_file": ProblemKind(
        "Il file è vuoto: non contiene alcun documento.",
        "Carichi di nuovo il file, controllando che si apra.",
        None,
        "error",
    ),
    "pdf_unreadable": ProblemKind(
        "Il PDF è danneggiato e non si riesce ad aprirlo: non possiamo controllare le firme.",
        "Carichi di nuovo il file originale, senza farlo passare da altri programmi.",
        None,
        "error",
    ),
    "pdf_encrypted": ProblemKind(
        "Il PDF è protetto da una password: non possiamo leggerlo né controllarne le firme.",
        "Tolga la password e carichi di nuovo il file.",
        None,
        "error",
    ),
    "envelope_unreadable": ProblemKind(
        "La busta di firma è danneggiata e non si riesce ad aprirla.",
        "Carichi di nuovo il file .p7m come lo ha prodotto il programma di firma.",
        None,
        "error",
    ),
    "envelope_encrypted": ProblemKind(
        "Il file è cifrato, non firmato: solo il destinatario della cifratura può aprirlo.",
        "Carichi il documento firmato e non cifrato.",
        None,
        "error",
    ),
    "too_many_envelopes": ProblemKind(
        "Il file contiene più di {limit} buste di firma una dentro l'altra: ci siamo fermati prima del documento.",
        "Carichi il documento firmato una sola volta, con tutte le firme sulla stessa busta.",
        None,
        "error",
    ),
    "trailing_bytes": ProblemKind(
        "Dopo la busta di firma ci sono {count} byte che nessuno ha firmato.",
        "Li ignoriamo. Se può, carichi il file come lo ha prodotto il programma di firma.",
    ),
    "empty_content": ProblemKind(
        "La busta firmata è vuota: non contiene alcun documento.",
        "Firmi il modulo emesso dal servizio e carichi il file che ne risulta.",
    ),
    "container_not_supported": ProblemKind(
        "Il file è una busta {kind}: per ora non sappiamo verificarne le firme.",
        "Firmi il documento in formato PDF (PAdES) o .p7m (CAdES) e lo carichi di nuovo.",
    ),
    "xml_unreadable": ProblemKind(
        "Il file XML è danneggiato e non si riesce ad aprirlo: non possiamo controllare le firme.",
        "Carichi di nuovo il file originale, senza farlo passare da altri programmi.",
        None,
        "error",
    ),
    "package_refused": ProblemKind(
        "Il contenitore delle firme è danneggiato, cifrato o troppo grande, oppure contiene nomi ambigui: non lo apriamo.",
        "Carichi il contenitore come lo ha prodotto il programma di firma, o il documento firmato in PDF o .p7m.",
        None,
        "error",
    ),
    "asic_manifest_unreadable": ProblemKind(
        "L'elenco dei documenti firmati è danneggiato: non si può dire che cosa è stato firmato.",
        _SIGN_AGAIN,
        _CAD_65,
        "error",
    ),
    "asic_signature_unreadable": ProblemKind(
        "Il contenitore porta una firma danneggiata che non si riesce a leggere: non sappiamo di chi è.",
        _SIGN_AGAIN,
        _CAD_65,
        "error",
    ),
    "signed_mail": ProblemKind(
        "La firma è quella del messaggio di posta: nella PEC è del gestore, non di chi ha scritto.",
        "Guardi chi ha firmato i documenti allegati: è quella la firma che conta.",
        _CAD_65,
    ),
    "asic_form": ProblemKind(
        "Il contenitore dovrebbe avere un solo documento e non è così: la sua forma non rispetta le regole.",
        _SIGN_AGAIN,
        _CAD_65,
        "error",
    ),
    "asic_replaced": ProblemKind(
        "Il documento firmato non c'è più e al suo posto c'è altro che nessuno ha firmato ({names}).",
        _SIGN_AGAIN,
        _CAD_65,
        "error",
    ),
    "asic_not_covered": ProblemKind(
        "Nel contenitore ci sono documenti che nessuna firma copre: {names}. Valgono solo quelli firmati.",
        "Controlli che il documento firmato sia quello giusto. L'ufficio non terrà conto degli altri.",
    ),
    "open_document_not_covered": ProblemKind(
        "La firma lascia scoperte parti del documento ({names}): possono essere state cambiate.",
        _SIGN_AGAIN,
        _CAD_65,
        "error",
    ),
    "timestamp_only": ProblemKind(
        "Il file porta una marca temporale, che prova una data, ma nessuna firma: nessuno lo ha firmato.",
        "Firmi il documento e lo carichi di nuovo.",
        _CAD_65,
    ),
    "evidence_record_only": ProblemKind(
        "Il file porta una prova del tempo, non una firma: nessuno lo ha firmato.",
        "Firmi il documento e lo carichi di nuovo.",
        _CAD_65,
    ),
    "evidence_record_holds": ProblemKind(
        "Il contenitore porta una prova del tempo, non una firma: prova che {names} esisteva già il {time}.",
        "Non deve fare nulla.",
        None,
        "info",
    ),
    "evidence_record_not_trusted": ProblemKind(
        "Il contenitore porta una prova del tempo, non una firma: è integra e riguarda {names}, ma non abbiamo potuto "
        "verificare chi ha rilasciato le sue marche temporali. La data ({time}) non è provata.",
        _OFFICE_WILL_CHECK,
    ),
    "evidence_record_of_other_data": ProblemKind(
        "La prova del tempo nel contenitore non corrisponde a {names}: è di altri documenti, o questi sono cambiati dopo. "
        "Non ne prova la data.",
        _OFFICE_WILL_CHECK,
    ),
    "evidence_record_broken": ProblemKind(
        "La prova del tempo nel contenitore ({names}) non è integra: non prova alcuna data.", _OFFICE_WILL_CHECK
    ),
    "evidence_record_unsupported": ProblemKind(
        "La prova del tempo nel contenitore ({names}) ha una forma che non sappiamo verificare: la data non è provata.",
        _OFFICE_WILL_CHECK,
    ),
    "evidence_records_left": ProblemKind(
        "Il contenitore porta altre {count} prove del tempo: non le abbiamo controllate.", _OFFICE_WILL_CHECK
    ),
    "xml_refused": ProblemKind(
        "Il file XML contiene costrutti che non apriamo per sicurezza, o è troppo grande: le firme restano da verificare.",
        "Firmi il documento in formato PDF (PAdES) o .p7m (CAdES) e lo carichi di nuovo.",
        None,
        "error",
    ),
    "evidence_record_alone": ProblemKind(
        "Il file è una prova di conservazione separata dal documento: da sola non dice chi ha firmato che cosa.",
        "Carichi il documento firmato.",
        None,
        "error",
    ),
    "plain_xml_signature": ProblemKind(
        "La firma XML è integra, ma non è una firma XAdES: non dichiara con quale certificato né quando è stata fatta.",
        _OFFICE_WILL_CHECK,
    ),
    "listed_documents_missing": ProblemKind(
        "La firma vale per un elenco di documenti che non sono nel file ({names}): non abbiamo potuto confrontarli.",
        "Carichi i documenti elencati insieme alla firma.",
    ),
    "xml_partly_covered": ProblemKind(
        "Questa firma copre solo una parte del documento: restano fuori {elements}.", _OFFICE_WILL_CHECK
    ),
    "xml_not_covered": ProblemKind(
        "Accanto a ciò che è firmato ci sono parti dallo stesso nome che nessuno ha firmato ({elements}): ingannano chi legge.",
        _SIGN_AGAIN,
        _CAD_65,
        "error",
    ),
    "internal": ProblemKind(
        "Il controllo delle firme si è fermato per un errore del servizio: il documento non è stato giudicato.",
        "Riprovi. Se succede ancora, scriva all'assistenza: non dipende da Lei.",
        None,
        "error",
    ),
    # the mathematics
    "hash_mismatch": ProblemKind(
        "Il contenuto non è quello che è stato firmato: la firma non vale.", _SIGN_AGAIN, _CAD_65, "error"
    ),
    "signature_mismatch": ProblemKind(
        "La firma non corrisponde al certificato che la accompagna: non vale.", _SIGN_AGAIN, _CAD_65, "error"
    ),
    "wrong_certificate": ProblemKind(
        "La firma indica un certificato diverso da quello che la accompagna: non vale.", _SIGN_AGAIN, _CAD_65, "error"
    ),
    "signature_malformed": ProblemKind(
        "La firma è scritta in una forma che non rispetta le regole: non si può accettare.",
        _SIGN_AGAIN,
        _CAD_65,
        "error",
    ),
    "byte_range_forged": ProblemKind(
        "La firma dichiara di coprire il documento, ma lascia fuori una parte oltre a se stessa: la sua forma è falsata.",
        _SIGN_AGAIN,
        _CAD_65,
        "error",
    ),
    "signature_prepared": ProblemKind(
        "Il documento è stato preparato per una firma che poi non è stata apposta.",
        "Completi la firma con il Suo programma di firma e carichi il file che ne risulta.",
        _CAD_65,
    ),
    "no_signer": ProblemKind(
        "La busta di firma non contiene alcuna firma.", "Firmi il documento e lo carichi di nuovo.", _CAD_65, "error"
    ),
    # what is missing to answer
    "too_many_signatures": ProblemKind(
        "Il documento porta centinaia di firme: non le abbiamo controllate.",
        "Carichi il documento firmato da chi deve firmarlo, senza altre firme.",
        None,
        "error",
    ),
    "content_missing": ProblemKind(
        "La firma è separata dal documento firmato, che manca: senza, non possiamo verificarla.",
        "Aggiunga il documento a cui la firma si riferisce.",
        None,
        "error",
    ),
    "certificate_missing": ProblemKind(
        "Nella firma manca il certificato di chi ha firmato: non possiamo dire di chi è.", _SIGN_AGAIN, None, "error"
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
    "contains_dynamic_form": ProblemKind(
        "Il PDF contiene un modulo dinamico XFA: ciò che si vede dipende dal programma che lo apre.",
        _WITHOUT_ACTIVE_CONTENT,
        _DPCM_4,
    ),
    "contains_embedded_file": ProblemKind(
        "Il PDF porta con sé {count} file allegati{examples}: fanno parte di ciò che è firmato, ma nelle pagine non si vedono.",
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
        _SIGN_AGAIN,
        _CAD_65,
        "error",
    ),
    "changes_not_analysable": ProblemKind(
        "Dopo la firma il documento è stato modificato e non riusciamo a capire come: dobbiamo considerarlo alterato.",
        _SIGN_AGAIN,
        _CAD_65,
        "error",
    ),
    "changes_forbidden": ProblemKind(
        "Chi ha firmato ha vietato modifiche successive, ma ce ne sono.", _SIGN_AGAIN, _CAD_65, "error"
    ),
    "not_covered": ProblemKind(
        "La firma lascia scoperta una parte del documento: quella parte può essere stata cambiata.",
        _SIGN_AGAIN,
        _CAD_65,
        "error",
    ),
    "bytes_after_signature": ProblemKind(
        "Dopo l'ultima firma sono stati aggiunti {count} byte che nessuna firma copre.", _SIGN_AGAIN, _CAD_65, "error"
    ),
    "bytes_beside_signature": ProblemKind(
        "Nello spazio riservato alla firma ci sono {count} byte che non ne fanno parte e che nessuno ha firmato.",
        _OFFICE_WILL_CHECK,
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
        "La firma è integra, ma non abbiamo potuto verificare chi ha rilasciato il certificato.", _OFFICE_WILL_CHECK
    ),
    "revocation_not_established": ProblemKind(
        "La firma è integra, ma non abbiamo potuto verificare se il certificato era revocato.", _OFFICE_WILL_CHECK
    ),
    "weak_certificate": ProblemKind(
        "La firma è integra, ma il certificato usa un algoritmo che oggi non dà più garanzie.", _OFFICE_WILL_CHECK
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
        "La firma è integra, ma usa un'impronta ({digest}) che oggi non dà più garanzie.", _OFFICE_WILL_CHECK
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
        _OFFICE_WILL_CHECK,
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
        _OFFICE_WILL_CHECK,
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
        _OFFICE_WILL_CHECK,
        _EIDAS_3,
    ),
    # time-stamps
    "timestamp_missing": ProblemKind(
        "Il file dovrebbe portare una marca temporale, ma non ne ha: la data non è provata.", _OFFICE_WILL_CHECK
    ),
    "timestamp_malformed": ProblemKind(
        "La marca temporale non si può leggere: la data non è provata.", _OFFICE_WILL_CHECK
    ),
    "timestamp_of_other_data": ProblemKind(
        "La marca temporale si riferisce ad altri dati: la data non è provata.", _OFFICE_WILL_CHECK
    ),
    "timestamp_broken": ProblemKind("La marca temporale non è integra: la data non è provata.", _OFFICE_WILL_CHECK),
    "timestamp_without_authority": ProblemKind(
        "La marca temporale non dice quale autorità l'ha rilasciata: la data non è provata.", _OFFICE_WILL_CHECK
    ),
    "timestamp_unsupported": ProblemKind(
        "Una marca temporale della firma ha una forma che non sappiamo verificare: la sua data non è provata.",
        _OFFICE_WILL_CHECK,
    ),
    "archive_timestamp_of_other_data": ProblemKind(
        "La marca temporale di archivio non corrisponde alla firma com'è ora: dopo la marca qualcosa è stato cambiato. "
        "La sua data non è provata.",
        _OFFICE_WILL_CHECK,
    ),
    "archive_timestamp_broken": ProblemKind(
        "La marca temporale di archivio non è integra: la sua data non è provata.", _OFFICE_WILL_CHECK
    ),
    "timestamp_not_trusted": ProblemKind(
        "Non abbiamo potuto verificare chi ha rilasciato la marca temporale: la data non è provata.", _OFFICE_WILL_CHECK
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


def problem(code: str, technical: str | None = None, **places: object) -> Problem:
    """The problem of that code, its places filled. Raises KeyError for a code that is not in the table."""
    kind = KINDS[code]
    return Problem(code, kind.message.format(**places), kind.remedy, kind.law, technical, kind.severity)
