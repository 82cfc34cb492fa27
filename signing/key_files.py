"""Keys the installation keeps on disk: P-256, PKCS #8 in PEM, mode 0600, written durably, never replaced."""

import os
import tempfile
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec


def save_pair(folder: Path, stem: str, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> None:
    """Write `stem.cert.pem` and `stem.key.pem`. Raises FileExistsError rather than replace a key that is there."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    key_path = folder / f"{stem}.key.pem"
    if key_path.exists():
        raise FileExistsError(f"{key_path}: a key is already there")
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    write_durably(folder / f"{stem}.cert.pem", certificate.public_bytes(serialization.Encoding.PEM))
    write_durably(key_path, pem)


def load_pair(folder: Path, stem: str) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    """Read what `save_pair` wrote. Raises FileNotFoundError, or ValueError naming the file when the two are no pair."""
    certificate = x509.load_pem_x509_certificate((folder / f"{stem}.cert.pem").read_bytes())
    key_path = folder / f"{stem}.key.pem"
    key = serialization.load_pem_private_key(key_path.read_bytes(), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != certificate.public_key():
        raise ValueError(f"{key_path}: not the key of the certificate beside it")
    return certificate, key


def write_durably(path: Path, data: bytes) -> None:
    """Write a file that is there whole or not at all, also after a crash; readable by its owner alone."""
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    Path(temporary).replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
