"""What can go wrong in a protocol register, as a person must read it: code, Italian sentence, remedy, law."""

from typing import ClassVar


class RegisterError(Exception):
    """Base of every error of this library.

    A subclass states `code` (stable), `template` (Italian, filled with the keyword arguments), `remedy` (what to do
    now) and `law` (the rule behind it, or None). The filled sentence is `message`.
    """

    code: ClassVar[str]
    template: ClassVar[str]
    remedy: ClassVar[str]
    law: ClassVar[str | None] = None

    def __init__(self, **facts: object) -> None:
        self.facts = facts
        self.message = self.template.format(**facts)
        super().__init__(self.message)


class UnknownRegister(RegisterError):
    """No register has this code."""

    code = "register.unknown"
    template = "Il registro {register} non esiste."
    remedy = "Controlli il codice. Un registro nasce solo con un atto voluto: sportello register create."
    law = "DPR 445/2000, art. 50 c. 4"


class RegisterExists(RegisterError):
    """A register with this code exists: a second one would give the same numbers twice."""

    code = "register.exists"
    template = "Il registro {register} esiste già: crearlo di nuovo darebbe due volte gli stessi numeri."
    remedy = "Usi il registro che c’è, oppure scelga un codice mai usato."
    law = "DPR 445/2000, art. 50 c. 4"


class InvalidRegisterCode(RegisterError):
    """The code does not fit CodiceRegistro of the segnatura, or another code of the register is malformed."""

    code = "register.invalid_code"
    template = "«{value}» non è un valore ammesso per {field}."
    remedy = "Usi da 1 a 16 lettere, cifre, punti, trattini o trattini bassi, cominciando con una lettera o una cifra."
    law = "Linee guida AgID, allegato 6 (CodiceRegistro)"


class WrongRegisterKey(RegisterError):
    """The key at hand is not the one the register was created with."""

    code = "register.wrong_key"
    template = (
        "La chiave del registro {register} non è la sua: impronta attesa {expected}, trovata {found}. "
        "Le ricevute già date non si potrebbero più verificare."
    )
    remedy = "Rimetta la cartella delle chiavi della copia di sicurezza fatta insieme alla base di dati e riavvii."


class KeyExists(RegisterError):
    """A key file is already there: it is never overwritten."""

    code = "register.key_exists"
    template = "La chiave del registro {register} esiste già in {path}: non viene sostituita."
    remedy = "Se il registro va creato ora, verifichi di chi è quella chiave; altrimenti usi un altro codice."


class KeyUnreadable(RegisterError):
    """The key file is missing, malformed, or open to other users."""

    code = "register.key_unreadable"
    template = "La chiave del registro {register} non si può usare ({path}): {reason}."
    remedy = "Rimetta il file dalla copia di sicurezza, leggibile solo dall’utente del servizio (chmod 600)."


class InvalidEntry(RegisterError):
    """The facts of a registration are not those the law asks for."""

    code = "register.invalid_entry"
    template = "La registrazione non è completa: {reason}."
    remedy = "Corregga il dato indicato e registri di nuovo. Nessun numero è stato usato."
    law = "DPR 445/2000, art. 53 c. 1"


class EmergencyNumberUsed(RegisterError):
    """The emergency entry has its ordinary number already: an import run again gives no second one."""

    code = "register.emergency_number_used"
    template = "La registrazione di emergenza {emergency_number} ha già il numero ordinario {number} del {year}."
    remedy = "Non serve registrarla di nuovo: continui dalla successiva."
    law = "DPR 445/2000, art. 63"


class DeferralNotAllowed(RegisterError):
    """Deferred registration asked where it cannot be used."""

    code = "register.deferral_not_allowed"
    template = "Il protocollo differito qui non si può usare: {reason}."
    remedy = "Registri senza differimento, oppure indichi motivo e provvedimento per un documento in arrivo."
    law = "Linee guida AgID sul documento informatico, gestione documentale (protocollo differito)"


class UnknownEntry(RegisterError):
    """No entry has this number in this year."""

    code = "register.unknown_entry"
    template = "Nel registro {register} non c’è il numero {number} del {year}."
    remedy = "Controlli numero e anno sulla ricevuta."


class AlreadyAnnulled(RegisterError):
    """The entry was annulled before."""

    code = "register.already_annulled"
    template = "Il protocollo {number}/{year} è già stato annullato il {instant}."
    remedy = "Legga l’annullamento esistente: data, operatore e provvedimento restano visibili."
    law = "DPR 445/2000, art. 54"


class InvalidResumption(RegisterError):
    """A register cannot resume from a number it has already passed."""

    code = "register.invalid_resumption"
    template = "Il registro {register} non può riprendere dopo il numero {after}: l’ultimo dato è {last}."
    remedy = "Indichi l’ultimo numero che risulta dalle ricevute già consegnate, più alto di quello nel registro."
    law = "DPR 445/2000, art. 57"


class RegisterBehind(RegisterError):
    """The database is older than a head that left the house: a backup was put back, and acts after it are lost."""

    code = "register.behind"
    template = (
        "Il registro {register} ha {size} atti, ma ne aveva già {known} (ultimo numero noto {number}): "
        "la base di dati è una copia più vecchia. Registrando ora si darebbero numeri già dati."
    )
    remedy = (
        "Se esiste una copia più recente la ripristini. Altrimenti, con un provvedimento, riprenda dopo l’ultimo numero "
        "che risulta dalle ricevute: sportello register resume CODICE --after NUMERO --act PROVVEDIMENTO."
    )
    law = "DPR 445/2000, art. 57"


class RegisterRewritten(RegisterError):
    """The log has another history than the one of a head that left the house."""

    code = "register.rewritten"
    template = "Il registro {register} non è quello di prima: i suoi primi {size} atti sono stati cambiati."
    remedy = "Non registri nulla. Ripristini una copia di sicurezza, e avvisi il responsabile del protocollo."
    law = "DPR 445/2000, art. 53"


class CheckpointUnreadable(RegisterError):
    """A checkpoint is not a signed note, or no signature of the given key holds."""

    code = "register.checkpoint_unreadable"
    template = "Il sigillo del registro non è valido: {reason}."
    remedy = "Scarichi di nuovo il sigillo dalla pagina pubblica del registro e controlli la chiave usata."


class ReceiptUnreadable(RegisterError):
    """A receipt's facts do not have the shape of a receipt."""

    code = "register.receipt_unreadable"
    template = "La ricevuta non si può leggere: {reason}."
    remedy = "Usi il file originale della ricevuta, così come è stato scaricato."


class ForeignXmlRefused(RegisterError):
    """An XML document of others is malformed, too large, or would make a program do what it must not."""

    code = "register.foreign_xml_refused"
    template = "Il file XML non si può leggere: {reason}."
    remedy = "Conservi il file così come è arrivato e ne chieda un altro a chi lo ha mandato."


class SegnaturaUnreadable(RegisterError):
    """A segnatura, or a message about one, does not say which registration it speaks of."""

    code = "register.segnatura_unreadable"
    template = "La segnatura non si può leggere: {reason}."
    remedy = "Registri il messaggio a mano, dai suoi documenti; il file resta conservato come è arrivato."
    law = "Linee guida AgID, allegato 6"


class EmergencySheetUnreadable(RegisterError):
    """A file is no sheet of this register's emergency register."""

    code = "register.emergency_sheet_unreadable"
    template = "Il foglio del registro di emergenza non si può leggere: {reason}."
    remedy = "Importi il file XLSX o CSV preparato dal sistema, compilato senza cambiare le celle già scritte."
    law = "DPR 445/2000, art. 63"


class EmergencySheetRefused(RegisterError):
    """A sheet contradicts itself or the clock. `facts["problems"]` has every one of them."""

    code = "register.emergency_sheet_refused"
    template = "Il foglio del registro di emergenza ha {count} punti da correggere. Il primo: {first}"
    remedy = "Corregga i punti indicati e importi di nuovo il foglio. Finché non torna, nessun numero viene dato."
    law = "DPR 445/2000, art. 63"


class EmergencySheetImported(RegisterError):
    """The sheet's registrations have their ordinary numbers already."""

    code = "register.emergency_sheet_imported"
    template = "Il foglio {series} è già stato importato il {day}."
    remedy = "Non serve importarlo di nuovo: le sue registrazioni sono nel registro con il loro numero di emergenza."
    law = "DPR 445/2000, art. 63"


class NotRehearsal(RegisterError):
    """Only a rehearsal register may be wiped."""

    code = "register.not_rehearsal"
    template = "Il registro {register} non è di prova: nessuno lo cancella."
    remedy = "Controlli il codice. Un registro vero si conserva; una registrazione errata si annulla con un atto."
    law = "DPR 445/2000, art. 54"
