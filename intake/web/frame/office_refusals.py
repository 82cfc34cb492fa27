"""Refusals that speak of firms, of what one has sent and of a help desk, in words for those who work in the office."""

from __future__ import annotations

from http import HTTPStatus

from intake.applications.transmission import RegisterStopped
from intake.errors import NotFound, Refusal
from intake.people.sign_in import WrongCredentials
from intake.storage import StorageFull


class NotFoundInOffice(NotFound):
    code = "not_found_in_office"
    message = "Questa pagina dell'ufficio non c'è, oppure il suo profilo non la comprende."
    remedy = (
        "Torni all'inizio dell'ufficio e apra da lì il registro, gli arrivi o la coda. "
        "Se le serve un altro profilo, lo chieda all'amministratore del servizio."
    )


class WrongCredentialsInOffice(WrongCredentials):
    code = "wrong_credentials_in_office"
    remedy = (
        "Controlli maiuscole e tastiera e riprovi. "
        "Se ha perso la password, chieda un nuovo link all'amministratore del servizio."
    )


class StorageFullInOffice(StorageFull):
    code = "storage_full_in_office"
    remedy = "Quello che il servizio ha confermato è al sicuro. Avvisi subito l'amministratore del servizio."


class TooManyAttemptsInOffice(Refusal):
    code = "too_many_attempts_in_office"
    message = "Troppi tentativi in poco tempo."
    remedy = "Aspetti {minutes} minuti e riprovi. Se ha perso la password, scriva all'amministratore del servizio."
    status = HTTPStatus.TOO_MANY_REQUESTS


class WrongRequestInOffice(Refusal):
    code = "wrong_request_in_office"
    message = "Il servizio non ha capito la richiesta del browser."
    remedy = (
        "Torni all'inizio dell'ufficio e riprovi da lì. Se succede di nuovo, scriva all'amministratore del servizio."
    )
    status = HTTPStatus.BAD_REQUEST


class RegisterStoppedInOffice(RegisterStopped):
    code = "register_stopped_in_office"
    remedy = (
        "La base di dati ha meno registrazioni di quante il servizio ne conosceva. Avvisi subito l'amministratore del "
        "servizio: «sportello register verify» gli dice che cosa manca e come riprendere."
    )


_BY_CODE: dict[str, type[Refusal]] = {
    "not_found": NotFoundInOffice,
    "wrong_credentials": WrongCredentialsInOffice,
    "storage_full": StorageFullInOffice,
    "too_many_attempts": TooManyAttemptsInOffice,
    "wrong_request": WrongRequestInOffice,
    "register_stopped": RegisterStoppedInOffice,
}


def for_office(refusal: Refusal) -> Refusal:
    """The same refusal as the office says it; itself where it says the same to everybody."""
    kind = _BY_CODE.get(refusal.code)
    return kind(**refusal.facts) if kind else refusal
