"""A sealing key in a token (PKCS #11): a smart card, an HSM, SoftHSM2. The private key never leaves it.

This is the only wrapper of PKCS #11: whatever the token or its module answers becomes TokenUnavailable.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from signing.pdf_signing import asn1_certificate
from signing.seal_key import fingerprint_of
from signing.token_private_key import TokenEllipticKey, TokenRsaKey

if TYPE_CHECKING:
    from pkcs11 import Session, SignMixin
    from pyhanko.sign.signers import Signer


class TokenUnavailable(Exception):
    """The token, its module, its PIN or the key in it cannot be used. `str()` says which, in Italian."""


@dataclass(frozen=True, slots=True)
class Token:
    """Where the key is: the module's library, the label of the token, the file whose first line is the user's PIN."""

    module: Path
    label: str
    pin_file: Path


@dataclass(frozen=True, slots=True)
class TokenKey:
    """A key of a token by its label, and the certificate the seal carries."""

    token: Token
    key_label: str
    certificate: x509.Certificate

    @classmethod
    def find(cls, token: Token, key_label: str) -> "TokenKey":
        """The key whose certificate stands in the token under the same label. Raises TokenUnavailable."""
        from pkcs11 import Attribute, ObjectClass

        with _session(token) as session:
            wanted = {Attribute.CLASS: ObjectClass.CERTIFICATE, Attribute.LABEL: key_label}
            found = [bytes(one[Attribute.VALUE]) for one in session.get_objects(wanted)]
            if len(found) != 1:
                count = "nessun certificato" if not found else "più di un certificato"
                raise TokenUnavailable(f"Nel dispositivo «{token.label}» c'è {count} con l'etichetta «{key_label}».")
            return cls(token, key_label, x509.load_der_x509_certificate(found[0]))

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate, lower-case hexadecimal."""
        return fingerprint_of(self.certificate)

    @property
    def private_key(self) -> ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey:
        """A key that signs in the token, one session for each signature. Raises TokenUnavailable for a key of another kind."""
        public = self.certificate.public_key()
        if isinstance(public, ec.EllipticCurvePublicKey):
            return TokenEllipticKey(public, self._sign)
        if isinstance(public, rsa.RSAPublicKey):
            return TokenRsaKey(public, self._sign)
        raise TokenUnavailable("La chiave del dispositivo di firma non è RSA né a curva ellittica.")

    def _sign(self, mechanism: str, data: bytes) -> bytes:
        from pkcs11 import Mechanism, ObjectClass

        with _session(self.token) as session:
            key = cast("SignMixin", session.get_key(object_class=ObjectClass.PRIVATE_KEY, label=self.key_label))
            return bytes(key.sign(data, mechanism=Mechanism[mechanism]))

    @contextmanager
    def signer(self) -> "Iterator[Signer]":
        """pyHanko's signer over a session of the token that lasts as long as the block. Raises TokenUnavailable."""
        from pyhanko.sign.pkcs11 import PKCS11Signer

        # Tokens that hash for ECDSA themselves are rare: the digest is made here, the signature there.
        elliptic = isinstance(self.certificate.public_key(), ec.EllipticCurvePublicKey)
        with _session(self.token) as session:
            yield PKCS11Signer(
                session,
                signing_cert=asn1_certificate(self.certificate),
                key_label=self.key_label,
                use_raw_mechanism=elliptic,
            )


@contextmanager
def _session(token: Token) -> "Iterator[Session]":
    from pkcs11.exceptions import PKCS11Error
    from pyhanko.sign.general import SigningError

    try:
        with _opened(token) as session:
            yield session
    except (PKCS11Error, SigningError) as error:
        raise _unavailable(token, error) from error


def _opened(token: Token) -> "Session":
    from pkcs11.exceptions import PKCS11Error
    from pyhanko.config.pkcs11 import TokenCriteria
    from pyhanko.sign.pkcs11 import open_pkcs11_session

    criteria = TokenCriteria(label=token.label)
    try:
        return open_pkcs11_session(str(token.module), token_criteria=criteria, user_pin=_pin(token.pin_file))
    except (PKCS11Error, RuntimeError) as error:  # the module itself cannot be loaded: a bare RuntimeError
        raise _unavailable(token, error) from error


def _unavailable(token: Token, error: Exception) -> TokenUnavailable:
    return TokenUnavailable(
        f"Il dispositivo di firma «{token.label}» non si può usare ({type(error).__name__}: {error})."
    )


def _pin(path: Path) -> str:
    try:
        return path.read_text().split("\n", 1)[0].strip()
    except OSError as error:
        raise TokenUnavailable(f"Il file del PIN {path} non si può leggere ({error.strerror}).") from error
