"""Asking over the network whether a certificate is revoked: OCSP (RFC 6960) first, the revocation list (RFC 5280) otherwise.

Only certificates on a path that already leads to an anchor are asked about, at the addresses they name. What comes back is
material like any other: `signing.certificate_path` checks its signature and its time, and says what is worth keeping on disk.
"""

import itertools
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from asn1crypto import crl, ocsp, x509
from pyhanko_certvalidator.path import ValidationPath

from signing.certificates import publishes_no_revocation
from signing.guarded_http import Body, FetchFailed, Limits, fetch
from signing.outward_proxy import Proxies
from signing.revocation_answers import next_update, ocsp_request, usable_list, usable_response
from signing.revocation_cache import kept, store

LARGEST_RESPONSE = 256 * 1024
LARGEST_REVOCATION_LIST = 24 * 1024 * 1024
_MOST_ADDRESSES = 2
_LONGEST_PATH = 5


@dataclass(frozen=True, slots=True)
class RevocationPolicy:
    """Permission to ask, and its limits. `seconds` in all for one document; `cache` is a folder, None keeps nothing.

    `now` (aware) is when we ask: answers have to be valid then. `private_addresses` admits authorities inside the office;
    `proxies` are the office's way out.
    """

    now: datetime
    seconds: float = 5.0
    cache: Path | None = None
    private_addresses: bool = False
    proxies: Proxies = field(default_factory=Proxies)


@dataclass(frozen=True, slots=True)
class Answer:
    """What was fetched or found in the cache about a path, each with the key it is kept under."""

    responses: tuple[tuple[str, ocsp.OCSPResponse], ...] = ()
    lists: tuple[tuple[str, crl.CertificateList], ...] = ()

    def joined(self, other: "Answer") -> "Answer":
        return Answer((*self.responses, *other.responses), (*self.lists, *other.lists))


@dataclass(slots=True)
class RevocationSource:
    """Asks under a policy, each thing once, and counts the seconds spent. One for each document examined."""

    policy: RevocationPolicy
    _spent: float = 0.0
    _known: dict[str, Answer] = field(default_factory=dict)

    def answers(self, path: ValidationPath) -> Iterator[Answer]:
        """What the authorities of the path say, the anchor left out; then, asked for more, also the lists of those that gave
        a response. Never raises for what servers answer.
        """
        first, more = Answer(), Answer()
        for certificate, issuer in _pairs(path):
            response = self._once(f"ocsp {certificate.sha256.hex()}", self._response, certificate, issuer)
            if response.responses:
                first = first.joined(response)
            else:
                first = first.joined(self._once(f"crl {certificate.sha256.hex()}", self._list, certificate, issuer))
        yield first
        for certificate, issuer in _pairs(path):
            more = more.joined(self._once(f"crl {certificate.sha256.hex()}", self._list, certificate, issuer))
        yield first.joined(more)

    def keep(self, answer: Answer) -> None:
        """Puts into the cache what proved usable; a response that does not say until when is never kept."""
        if self.policy.cache is None:
            return
        for key, response in answer.responses:
            if next_update(response) is not None:
                store(self.policy.cache, key, response.dump())
        for key, revocation_list in answer.lists:
            store(self.policy.cache, key, revocation_list.dump())

    def _once(self, what: str, asked: "_Question", certificate: x509.Certificate, issuer: x509.Certificate) -> Answer:
        if what not in self._known:
            silent = publishes_no_revocation(certificate)
            self._known[what] = Answer() if silent else asked(certificate, issuer)
        return self._known[what]

    def _response(self, certificate: x509.Certificate, issuer: x509.Certificate) -> Answer:
        for address in certificate.ocsp_urls[:_MOST_ADDRESSES]:
            key = f"{address}#{certificate.sha256.hex()}"
            old = kept(self.policy.cache, key)
            response = usable_response(old, None, self.policy.now) if old else None
            if response is None:
                nonce = os.urandom(16)
                body = Body(ocsp_request(certificate, issuer, nonce), "application/ocsp-request")
                received = self._fetched(address, LARGEST_RESPONSE, body)
                response = usable_response(received, nonce, self.policy.now) if received else None
            if response is not None:
                return Answer(responses=((key, response),))
        return Answer()

    def _list(self, certificate: x509.Certificate, issuer: x509.Certificate) -> Answer:
        for address in itertools.islice(_list_addresses(certificate), _MOST_ADDRESSES):
            old = kept(self.policy.cache, address)
            found = usable_list(old, issuer, self.policy.now) if old else None
            if found is None:
                received = self._fetched(address, LARGEST_REVOCATION_LIST, None)
                found = usable_list(received, issuer, self.policy.now) if received else None
            if found is not None:
                return Answer(lists=((address, found),))
        return Answer()

    def _fetched(self, address: str, most_bytes: int, body: Body | None) -> bytes | None:
        left = self.policy.seconds - self._spent
        if left <= 0:
            return None
        started, policy = time.monotonic(), self.policy
        limits = Limits(left, most_bytes, private_addresses=policy.private_addresses, proxies=policy.proxies)
        try:
            return fetch(address, limits, body)
        except FetchFailed:
            return None
        finally:
            self._spent += time.monotonic() - started


_Question = Callable[[x509.Certificate, x509.Certificate], Answer]


def _pairs(path: ValidationPath) -> list[tuple[x509.Certificate, x509.Certificate]]:
    """Each certificate of the path that is not its anchor, with its issuer, the signer's own first."""
    certificates = list(path.iter_certs(include_root=True))
    return [(lower, upper) for upper, lower in itertools.pairwise(certificates)][::-1][:_LONGEST_PATH]


def _list_addresses(certificate: x509.Certificate) -> Iterator[str]:
    for point in certificate.crl_distribution_points:
        if point.url and point.url.lower().startswith(("http://", "https://")):
            yield point.url
