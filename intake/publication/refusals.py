"""Why a signed document of a notice is not published, or not withdrawn, for the administrator at the terminal."""

from __future__ import annotations

from http import HTTPStatus

from intake.errors import Refusal
from signing.report import Verdict

_SIGNED_DOCUMENT = "art. 20, comma 1-bis, e art. 21, d.lgs. 82/2005 (CAD)"
_CERTIFICATE = "art. 24, comma 4-bis, d.lgs. 82/2005 (CAD)"


class UnknownEdition(Refusal):
    code = "publication_unknown_notice"
    message = "Nessun avviso in corso ha il codice {code}."
    remedy = "Usi il codice del registro: {known}."
    status = HTTPStatus.NOT_FOUND


class UnknownDocument(Refusal):
    code = "publication_unknown_document"
    message = "Non è chiaro di quale documento dell'avviso {code} si tratta."
    remedy = "Indichi --document con una di queste chiavi: {known}."
    status = HTTPStatus.NOT_FOUND


class PublicationTooLarge(Refusal):
    code = "publication_too_large"
    message = "«{name}» supera i {most} MB che il servizio accetta: non è stato pubblicato."
    remedy = "Firmi un documento più leggero, oppure alzi SPORTELLO_LARGEST_UPLOAD."
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE


class PublicationNotSigned(Refusal):
    code = "publication_not_signed"
    message = "«{name}» non è firmato digitalmente, e qui si pubblica solo l'atto firmato. {reason}"
    remedy = "Lo faccia firmare a chi adotta l'atto, poi pubblichi il file che il programma di firma ha prodotto."
    law = _SIGNED_DOCUMENT
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class PublicationAltered(Refusal):
    code = "publication_altered"
    message = "«{name}» non è il documento che è stato firmato: chi lo legge non potrebbe fidarsi. {reason}"
    remedy = (
        "Pubblichi il file firmato com'è uscito dal programma di firma. Se non c'è più, faccia firmare di nuovo l'atto."
    )
    law = _SIGNED_DOCUMENT
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class PublicationCertificateInvalid(Refusal):
    code = "publication_certificate_invalid"
    message = "Il certificato con cui «{name}» è firmato non valeva: per la legge l'atto non è firmato. {reason}"
    remedy = "Faccia firmare di nuovo l'atto con un certificato valido."
    law = _CERTIFICATE
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class PublicationUnverifiable(Refusal):
    code = "publication_unverifiable"
    message = "Le firme di «{name}» non si possono verificare, e non sapremmo dire a chi legge di chi sono. {reason}"
    remedy = (
        "Se la firma è separata, indichi il documento con --detached. Altrimenti faccia firmare l'atto in PDF o .p7m."
    )
    law = _SIGNED_DOCUMENT
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class PublicationUnreadable(Refusal):
    code = "publication_unreadable"
    message = "«{name}» non si può aprire: non possiamo dire se è firmato. {reason}"
    remedy = "Controlli di avere scelto il file giusto e che si apra con il programma di firma, poi riprovi."
    law = _SIGNED_DOCUMENT
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class PublicationOnTrial(Refusal):
    code = "publication_signed_on_trial"
    message = "«{name}» è firmato con un certificato di prova, che non vale fuori dalla prova: questo avviso è vero."
    remedy = "Lo faccia firmare con una firma digitale vera, oppure lo pubblichi nella prova dell'avviso."
    law = _SIGNED_DOCUMENT
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class UnknownPublication(Refusal):
    code = "publication_unknown_number"
    message = "Il documento {key} dell'avviso {code} non ha una pubblicazione n. {number}: non è stato ritirato nulla."
    remedy = "Usi il numero di una di queste: {known}."
    status = HTTPStatus.NOT_FOUND


class AlreadyWithdrawn(Refusal):
    code = "publication_already_withdrawn"
    message = "La pubblicazione n. {number}, «{name}», è già ritirata dal {day}: {act}."
    remedy = "Non deve fare altro. Un nuovo atto si pubblica con: sportello notices publish."


class WithdrawalWithoutAct(Refusal):
    code = "publication_withdrawal_without_act"
    message = (
        "Per ritirare un atto pubblicato servono l'atto che lo dispone e il motivo: chi ha letto l'avviso deve saperli."
    )
    remedy = "Li indichi tutti e due, al massimo {most} caratteri ciascuno, con --act e --reason."
    status = HTTPStatus.UNPROCESSABLE_ENTITY


REFUSED: dict[Verdict, type[Refusal]] = {
    Verdict.not_signed: PublicationNotSigned,
    Verdict.unverifiable: PublicationUnverifiable,
    Verdict.invalid_certificate: PublicationCertificateInvalid,
    Verdict.changed: PublicationAltered,
    Verdict.broken: PublicationAltered,
    Verdict.unreadable: PublicationUnreadable,
}
"""The verdicts with which nothing is published."""
