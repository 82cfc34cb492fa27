"""The seals of one owner, in one folder: the one in use, and those before it, which stay recognised.

Every seal has a number and is written once: `seal.cert.pem`, then `seal-2.cert.pem`, and so on. Beside the certificate stands
what seals with it, written last, so that a seal cut short in the making is not one: `.key.pem` (a private key) or `.token.json`
(the label of a key in a token). A seal that another replaces gets `.retired`, the instant, and its private key is destroyed.
"""

import json
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import cast

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from signing.key_files import write_durably
from signing.seal import KnownSeals
from signing.seal_key import FIRST_SEAL, SealingKey, SealKey, fingerprint_of
from signing.seal_pkcs11 import Token, TokenKey, TokenUnavailable

_CERTIFICATE, _KEY, _TOKEN, _RETIRED = ".cert.pem", ".key.pem", ".token.json", ".retired"
_PROBE, _ECDSA = b"sportello", ec.ECDSA(SHA256())
_STEM = re.compile(rf"^{FIRST_SEAL}(?:-(\d+))?$")


@dataclass(frozen=True, slots=True)
class RingSeal:
    """One seal of the folder. `retired_at` (aware) is None for the one in use; `in_token` tells where its key is."""

    number: int
    certificate: x509.Certificate
    in_token: bool
    retired_at: datetime | None

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate, lower-case hexadecimal."""
        return fingerprint_of(self.certificate)


class SealRing:
    """The folder. Nothing in it is ever replaced."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def seals(self) -> tuple[RingSeal, ...]:
        """Every seal there has been, the one in use first. Raises FileNotFoundError where there is none."""
        numbers = sorted(self._complete(), reverse=True)
        if not numbers:
            raise FileNotFoundError(f"{self.folder}: holds no seal")
        return tuple(self._read(number, in_use=number == numbers[0]) for number in numbers)

    def known(self) -> KnownSeals:
        """What `verify_seal` needs to recognise each of them."""
        return {one.fingerprint: one.retired_at for one in self.seals()}

    def current(self, token: Token | None = None) -> SealingKey:
        """The seal in use. Raises FileNotFoundError, ValueError for files that are no pair, TokenUnavailable without `token`
        for a seal whose key is in one."""
        newest = self.seals()[0]
        if not newest.in_token:
            return SealKey.load(self.folder, _stem(newest.number))
        if token is None:
            raise TokenUnavailable("La chiave del sigillo è in un dispositivo di firma, che non è configurato.")
        label = json.loads(self._path(newest.number, _TOKEN).read_text())["key_label"]
        return TokenKey(token, label, newest.certificate)

    def add(self, key: SealKey | TokenKey, *, at: datetime) -> RingSeal:
        """Put `key` in use from `at` (aware) on, and retire the others: their private keys are destroyed.

        Raises ValueError for a seal that is in the folder already or a key that is not of its certificate, TokenUnavailable.
        """
        _try(key)
        before = self.seals() if self._complete() else ()
        if key.fingerprint in {one.fingerprint for one in before}:
            raise ValueError("Questo sigillo è già stato in uso qui.")
        number = max((one.number for one in before), default=0) + 1
        if isinstance(key, SealKey):
            key.save(self.folder, _stem(number))
        else:
            write_durably(self._path(number, _CERTIFICATE), key.certificate.public_bytes(Encoding.PEM))
            write_durably(self._path(number, _TOKEN), json.dumps({"key_label": key.key_label}).encode())
        for one in before:
            if one.retired_at is None:
                write_durably(self._path(one.number, _RETIRED), at.isoformat().encode())
            self._path(one.number, _KEY).unlink(missing_ok=True)
        return self._read(number, in_use=True)

    def _complete(self) -> set[int]:
        """Numbers of the seals wholly written: the newest has its key, the older ones at least when they were retired."""
        whole = set()
        for path in self.folder.glob(f"{FIRST_SEAL}*{_CERTIFICATE}"):
            match = _STEM.match(path.name.removesuffix(_CERTIFICATE))
            number = int(match[1] or 1) if match else 0
            if number and any(self._path(number, kind).exists() for kind in (_KEY, _TOKEN, _RETIRED)):
                whole.add(number)
        return whole

    def _read(self, number: int, *, in_use: bool) -> RingSeal:
        certificate = x509.load_pem_x509_certificate(self._path(number, _CERTIFICATE).read_bytes())
        retired = self._path(number, _RETIRED)
        since = None if in_use or not retired.exists() else datetime.fromisoformat(retired.read_text().strip())
        return RingSeal(number, certificate, self._path(number, _TOKEN).exists(), since)

    def _path(self, number: int, kind: str) -> Path:
        return self.folder / f"{_stem(number)}{kind}"


def _try(key: SealingKey) -> None:
    """Sign something and verify it: a key of another certificate is found out before anything depends on it."""
    private, public = key.private_key, key.certificate.public_key()
    try:
        if isinstance(private, rsa.RSAPrivateKey):
            cast("rsa.RSAPublicKey", public).verify(
                private.sign(_PROBE, PKCS1v15(), SHA256()), _PROBE, PKCS1v15(), SHA256()
            )
        else:
            cast("ec.EllipticCurvePublicKey", public).verify(private.sign(_PROBE, _ECDSA), _PROBE, _ECDSA)
    except (InvalidSignature, TypeError) as error:
        raise ValueError("La chiave non è quella del certificato.") from error


def _stem(number: int) -> str:
    return FIRST_SEAL if number == 1 else f"{FIRST_SEAL}-{number}"
