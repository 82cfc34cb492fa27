"""A token's private key in the shape of `cryptography`'s, for programs that sign with such an object (XML signatures).

It signs and tells its public half; everything that would take the key out of its token is refused.
"""

from collections.abc import Callable
from typing import Any, NoReturn

from cryptography.hazmat.primitives.asymmetric import ec, rsa, utils
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import Hash, HashAlgorithm

Sign = Callable[[str, bytes], bytes]
"""Signs with a PKCS #11 mechanism (its name) what is given."""


def _refuse(*_: object, **__: object) -> NoReturn:
    raise TypeError("the private key does not leave its token")


class TokenEllipticKey(ec.EllipticCurvePrivateKey):
    """ECDSA: the digest is made here, the signature in the token."""

    def __init__(self, public: ec.EllipticCurvePublicKey, sign: Sign) -> None:
        self._public, self._sign = public, sign

    def sign(self, data: Any, signature_algorithm: ec.EllipticCurveSignatureAlgorithm) -> bytes:
        """The signature in DER. Raises TypeError for another scheme, and what the token raises."""
        algorithm = signature_algorithm.algorithm
        if not isinstance(signature_algorithm, ec.ECDSA) or not isinstance(algorithm, HashAlgorithm):
            raise TypeError("the token signs with ECDSA over data")
        digest = Hash(algorithm)
        digest.update(data)
        raw = self._sign("ECDSA", digest.finalize())
        half = len(raw) // 2
        return utils.encode_dss_signature(int.from_bytes(raw[:half], "big"), int.from_bytes(raw[half:], "big"))

    def public_key(self) -> ec.EllipticCurvePublicKey:
        """The public half, from the certificate."""
        return self._public

    @property
    def curve(self) -> ec.EllipticCurve:
        """Its curve."""
        return self._public.curve

    @property
    def key_size(self) -> int:
        """In bits."""
        return self._public.key_size

    exchange = private_numbers = private_bytes = __copy__ = __deepcopy__ = _refuse


class TokenRsaKey(rsa.RSAPrivateKey):
    """RSA: digest, PKCS #1 v1.5 padding and signature in the token."""

    def __init__(self, public: rsa.RSAPublicKey, sign: Sign) -> None:
        self._public, self._sign = public, sign

    def sign(self, data: Any, padding: Any, algorithm: Any) -> bytes:
        """The signature. Raises TypeError for another padding, and what the token raises."""
        if not isinstance(padding, PKCS1v15) or not isinstance(algorithm, HashAlgorithm):
            raise TypeError("the token signs with PKCS #1 v1.5 over data")
        return self._sign(f"{algorithm.name.upper()}_RSA_PKCS", data)

    def public_key(self) -> rsa.RSAPublicKey:
        """The public half, from the certificate."""
        return self._public

    @property
    def key_size(self) -> int:
        """In bits."""
        return self._public.key_size

    decrypt = private_numbers = private_bytes = __copy__ = __deepcopy__ = _refuse
