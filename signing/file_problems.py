"""Problems of a file before any of its signatures is judged: its form, its container, what stands in it and is not signed.

The rows belong to the table of `signing.problems`.
"""

from signing.problem_kinds import CAD_65, OFFICE_WILL_CHECK, SIGN_AGAIN, ProblemKind

FILE_KINDS: dict[str, ProblemKind] = {
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
        SIGN_AGAIN,
        CAD_65,
        "error",
    ),
    "asic_signature_unreadable": ProblemKind(
        "Il contenitore porta una firma danneggiata che non si riesce a leggere: non sappiamo di chi è.",
        SIGN_AGAIN,
        CAD_65,
        "error",
    ),
    "signed_mail": ProblemKind(
        "La firma è quella del messaggio di posta: nella PEC è del gestore, non di chi ha scritto.",
        "Guardi chi ha firmato i documenti allegati: è quella la firma che conta.",
        CAD_65,
    ),
    "mail_not_searched": ProblemKind(
        "Il file è un messaggio di posta: non abbiamo cercato firme nei suoi allegati.",
        "Salvi gli allegati firmati e li carichi uno per uno.",
    ),
    "asic_form": ProblemKind(
        "Il contenitore dovrebbe avere un solo documento e non è così: la sua forma non rispetta le regole.",
        SIGN_AGAIN,
        CAD_65,
        "error",
    ),
    "asic_replaced": ProblemKind(
        "Il documento firmato non c'è più e al suo posto c'è altro che nessuno ha firmato ({names}).",
        SIGN_AGAIN,
        CAD_65,
        "error",
    ),
    "asic_nothing_covered": ProblemKind(
        "La firma nel contenitore non riguarda nessuno dei suoi documenti: nessuno ha firmato {names}.",
        SIGN_AGAIN,
        CAD_65,
        "error",
    ),
    "detached_not_signed": ProblemKind(
        "Il documento aggiunto non è quello firmato: la firma riguarda il contenuto della busta, che è un altro.",
        "Carichi la busta da sola, o la firma separata che si riferisce a questo documento.",
        CAD_65,
        "error",
    ),
    "text_beside_envelope": ProblemKind(
        "Attorno alla busta di firma ci sono {count} byte di testo che nessuno ha firmato.",
        "Li ignoriamo. Se può, carichi il file come lo ha prodotto il programma di firma.",
    ),
    "parts_beside_envelope": ProblemKind(
        "Nel messaggio, accanto alla busta firmata, c'è altro che nessuno ha firmato ({kinds}).",
        "Vale solo ciò che sta nella busta. Se può, carichi il file come lo ha prodotto il programma di firma.",
    ),
    "asic_not_covered": ProblemKind(
        "Nel contenitore ci sono documenti che nessuna firma copre: {names}. Valgono solo quelli firmati.",
        "Controlli che il documento firmato sia quello giusto. L'ufficio non terrà conto degli altri.",
    ),
    "signs_other_content": ProblemKind(
        "Questa firma è integra ma riguarda altro: chi l'ha fatta non ha firmato il documento che è nel file.",
        SIGN_AGAIN,
        CAD_65,
        "error",
    ),
    "open_document_not_covered": ProblemKind(
        "La firma lascia scoperte parti del documento ({names}): possono essere state cambiate.",
        SIGN_AGAIN,
        CAD_65,
        "error",
    ),
    "timestamp_only": ProblemKind(
        "Il file porta una marca temporale, che serve a provare una data, e nessuna firma: nessuno lo ha firmato.",
        "Firmi il documento e lo carichi di nuovo.",
        CAD_65,
    ),
    "timestamp_answer_only": ProblemKind(
        "Il file è la risposta di chi rilascia marche temporali: porta una marca, che serve a provare una data, e nessuna "
        "firma: nessuno lo ha firmato.",
        "Firmi il documento e lo carichi di nuovo.",
        CAD_65,
    ),
    "evidence_record_only": ProblemKind(
        "Il file porta una prova del tempo, non una firma: nessuno lo ha firmato.",
        "Firmi il documento e lo carichi di nuovo.",
        CAD_65,
    ),
    "evidence_record_holds": ProblemKind(
        "Il file porta una prova del tempo, non una firma: prova che {names} esisteva già il {time}.",
        "Non deve fare nulla.",
        None,
        "info",
    ),
    "evidence_record_not_trusted": ProblemKind(
        "Il file porta una prova del tempo, non una firma: è integra e riguarda {names}, ma non abbiamo potuto "
        "verificare chi ha rilasciato le sue marche temporali. La data ({time}) non è provata.",
        OFFICE_WILL_CHECK,
    ),
    "evidence_record_of_other_data": ProblemKind(
        "La prova del tempo nel file non corrisponde a {names}: è di altri documenti, o questi sono cambiati dopo. "
        "Non ne prova la data.",
        OFFICE_WILL_CHECK,
    ),
    "evidence_record_broken": ProblemKind(
        "La prova del tempo nel file ({names}) non è integra: non prova alcuna data.", OFFICE_WILL_CHECK
    ),
    "evidence_record_unsupported": ProblemKind(
        "La prova del tempo nel file ({names}) ha una forma che non sappiamo verificare: la data non è provata.",
        OFFICE_WILL_CHECK,
    ),
    "evidence_records_left": ProblemKind(
        "Il file porta altre {count} prove del tempo: non le abbiamo controllate.", OFFICE_WILL_CHECK
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
        OFFICE_WILL_CHECK,
    ),
    "listed_documents_missing": ProblemKind(
        "La firma vale per un elenco di documenti che non sono nel file ({names}): non abbiamo potuto confrontarli.",
        "Carichi i documenti elencati insieme alla firma.",
    ),
    "xml_partly_covered": ProblemKind(
        "Questa firma copre solo una parte del documento: restano fuori {elements}.", OFFICE_WILL_CHECK
    ),
    "xml_text_cut": ProblemKind(
        "Un commento che la firma non copre spezza il testo di {elements}: alcuni programmi lo leggono solo in parte.",
        "Guardi che i valori siano quelli giusti. L'ufficio controllerà.",
    ),
    "xml_not_covered": ProblemKind(
        "Accanto a ciò che è firmato ci sono parti dallo stesso nome che nessuno ha firmato ({elements}): ingannano chi legge.",
        SIGN_AGAIN,
        CAD_65,
        "error",
    ),
    "internal": ProblemKind(
        "Il controllo delle firme si è fermato per un errore del servizio: il documento non è stato giudicato.",
        "Riprovi. Se succede ancora, scriva all'assistenza: non dipende da Lei.",
        None,
        "error",
    ),
}
