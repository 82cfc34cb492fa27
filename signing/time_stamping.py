"""Asking a time-stamping authority for a token (RFC 3161 over HTTP), and believing the answer only once it is checked.

A digest goes out, nothing else of the document. The answer must be granted, carry our nonce and our digest, be signed intact
by a certificate for time-stamping, and state a time near our own clock; whether that authority is trusted is for whoever reads
the token to ask. pyHanko writes and reads the messages, because the seal of a PDF needs its time-stamper; httpx carries them.
"""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import httpx
from asn1crypto import parser, tsp

from signing.algorithms import UnsupportedSignature, digest_name, hash_of
from signing.foreign_input import MALFORMED
from signing.signed_data import Integrity, enclosed_in, examine_signers, load_signed_data

if TYPE_CHECKING:
    from pyhanko.sign.timestamps import TimeStamper

_ALGORITHMS = {32: "sha256", 48: "sha384", 64: "sha512"}
_LARGEST_ANSWER = 64 * 1024
_WIDEST_SKEW = timedelta(minutes=10)
_TST_INFO = "1.2.840.113549.1.9.16.1.4"
_QUERY, _REPLY = "application/timestamp-query", "application/timestamp-reply"


class TimeStampUnavailable(Exception):
    """No token was had: the authority is down, slow, refuses, or answers what does not hold. `str()` says which, in Italian."""


@dataclass(frozen=True, slots=True)
class TimeStampAuthority:
    """Where tokens are asked for. `seconds` is the time-out of one attempt; `attempts` counts the first one too.

    `user` and `password` are for HTTP basic authentication, both None where the authority wants none.
    """

    url: str
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    seconds: float = 5.0
    attempts: int = 2


@dataclass(frozen=True, slots=True)
class TimeStamp:
    """A token as received (DER of the CMS message), the time it states (aware), and who says so."""

    token: bytes
    time: datetime
    authority: str


def stamp(digest: bytes, authority: TimeStampAuthority, *, at: datetime) -> TimeStamp:
    """A token over `digest` (SHA-256, SHA-384 or SHA-512, told by its length). `at` (aware) is our own clock.

    Raises TimeStampUnavailable, and ValueError for a digest of another length or a naive `at`. Must not be called from a
    running event loop.
    """
    if len(digest) not in _ALGORITHMS:
        raise ValueError("the digest is none of SHA-256, SHA-384, SHA-512")
    if at.tzinfo is None:
        raise ValueError("`at` must be aware")
    token = asyncio.run(time_stamper(authority).async_timestamp(digest, _ALGORITHMS[len(digest)]))
    return checked_token(token.dump(), digest, at=at)


def checked_token(token: bytes, digest: bytes, *, at: datetime) -> TimeStamp:
    """The token, if it is of this digest, intact, and of about `at`. Raises TimeStampUnavailable."""
    read = read_token(token)
    if read is None:
        raise TimeStampUnavailable("La marca temporale ricevuta non è integra, o non è di un'autorità di marcatura.")
    if read.digest != digest:
        raise TimeStampUnavailable("La marca temporale ricevuta riguarda un'altra impronta.")
    if abs(read.time - at) > _WIDEST_SKEW:
        raise TimeStampUnavailable(
            f"La marca temporale ricevuta dice {read.time.isoformat()}: troppo lontano dal nostro orologio."
        )
    return TimeStamp(token, read.time, read.authority)


@dataclass(frozen=True, slots=True)
class ReadToken:
    """What an intact token says: the digest it is of and its algorithm, the time (aware), the name of its authority."""

    digest: bytes
    algorithm: str
    time: datetime
    authority: str

    def is_of(self, data: bytes) -> bool:
        """Whether the token stamps exactly these bytes."""
        return hash_of(data, self.algorithm) == self.digest


def read_token(token: bytes) -> ReadToken | None:
    """An intact token by one certificate that is for time-stamping (RFC 3161, 2.3); None for anything else. Never raises."""
    try:
        signed_data = load_signed_data(token)
        enclosed = enclosed_in(signed_data)
        if enclosed.content_type != _TST_INFO or enclosed.content is None:
            return None
        info = tsp.TSTInfo.load(enclosed.content)
        imprint, time = info["message_imprint"], info["gen_time"].native
        digest, algorithm = imprint["hashed_message"].native, digest_name(imprint["hash_algorithm"])
        (signer,) = examine_signers(signed_data, enclosed.content)
        if signer.integrity is not Integrity.intact or signer.certificate is None:
            return None
        usage = signer.certificate.extended_key_usage_value
        if usage is None or usage.native != ["time_stamping"]:
            return None
        authority = str(signer.certificate.subject.native.get("common_name", signer.certificate.subject.human_friendly))
    except (UnsupportedSignature, *MALFORMED):
        return None
    return ReadToken(digest, algorithm, time if time.tzinfo else time.replace(tzinfo=UTC), authority)


def time_stamper(authority: TimeStampAuthority) -> "TimeStamper":
    """pyHanko's time-stamper over this authority; whatever goes wrong in it is a TimeStampUnavailable."""
    from pyhanko.sign.timestamps import TimeStamper, TimestampRequestError

    class HttpTimeStamper(TimeStamper):
        async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
            return await _answer(authority, req.dump())

        async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> object:
            try:
                return await super().async_timestamp(message_digest, md_algorithm)
            except TimeStampUnavailable:
                raise
            except TimestampRequestError as error:
                raise TimeStampUnavailable("L'autorità di marcatura ha risposto a un'altra richiesta.") from error
            except MALFORMED as error:
                raise TimeStampUnavailable(
                    f"La risposta dell'autorità di marcatura non si legge ({type(error).__name__})."
                ) from error

    return HttpTimeStamper()  # type: ignore[no-untyped-call]


async def _answer(authority: TimeStampAuthority, query: bytes) -> tsp.TimeStampResp:
    login = httpx.BasicAuth(authority.user, authority.password or "") if authority.user else None
    async with httpx.AsyncClient(timeout=authority.seconds, auth=login) as client:
        for attempt in range(1, authority.attempts + 1):
            try:
                async with asyncio.timeout(authority.seconds):
                    return _granted(await _posted(client, authority.url, query))
            except (httpx.TransportError, TimeoutError) as error:
                if attempt == authority.attempts:
                    raise TimeStampUnavailable(
                        f"L'autorità di marcatura {authority.url} non risponde ({type(error).__name__})."
                    ) from error
            await asyncio.sleep(0.2 * attempt)
    raise ValueError("`attempts` must be at least 1")


def _granted(received: bytes) -> tsp.TimeStampResp:
    """The response, if it grants a token: asn1crypto cannot read one without, as every refusal is (RFC 3161, 2.4.2)."""
    contents = parser.parse(received)[4]
    status = tsp.PKIStatusInfo.load(contents)
    if status["status"].native != "granted":
        words = "; ".join(status["status_string"].native or [status["status"].native])
        raise TimeStampUnavailable(f"L'autorità di marcatura ha rifiutato la richiesta: {words}.")
    return tsp.TimeStampResp.load(received)


async def _posted(client: httpx.AsyncClient, url: str, query: bytes) -> bytes:
    headers = {"Content-Type": _QUERY, "Accept": _REPLY}
    async with client.stream("POST", url, content=query, headers=headers) as response:
        if response.status_code in {502, 503, 504}:
            raise httpx.RemoteProtocolError(f"status {response.status_code}")
        if response.status_code != 200:
            raise TimeStampUnavailable(f"L'autorità di marcatura {url} risponde {response.status_code}.")
        received = b""
        async for chunk in response.aiter_bytes():
            received += chunk
            if len(received) > _LARGEST_ANSWER:
                raise TimeStampUnavailable(f"L'autorità di marcatura {url} manda più di quanto una marca può essere.")
    return received
