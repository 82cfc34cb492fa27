"""A token of SoftHSM2 with a seal's key and certificate: one in a process, whose PKCS #11 module reads its settings once."""

from __future__ import annotations

import os
import subprocess
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from unittest.mock import patch

from cryptography.hazmat.primitives import serialization

from signing.seal_key import SealKey
from signing.seal_pkcs11 import Token
from tests.pki.authority import AT

SOFTHSM = Path("/usr/lib/softhsm/libsofthsm2.so")
LABEL = "SIG"
_PIN = "482913"


@cache
def soft_token() -> Token:
    """The token «sigilli», made at first use and left in the temporary folder with the process."""
    folder = Path(mkdtemp(prefix="sportello-token-"))
    (folder / "tokens").mkdir()
    configuration = folder / "softhsm2.conf"
    configuration.write_text(f"directories.tokendir = {folder}/tokens\nobjectstore.backend = file\nlog.level = ERROR\n")
    (folder / "pin").write_text(f"{_PIN}\n")
    os.environ["SOFTHSM2_CONF"] = str(configuration)
    run = ["softhsm2-util", "--pin", _PIN, "--so-pin", "99887766"]
    subprocess.run([*run, "--init-token", "--free", "--label", "sigilli"], check=True, capture_output=True)
    with patch(
        "signing.seal_key._DAYS", 36_500
    ):  # a seal is made today too, and today is ever later than the papers of AT
        key = SealKey.create("Sigillo nel dispositivo", "Regione di Prova", AT)
    pem = key.private_key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "key.pem").write_bytes(pem)
    run += ["--token", "sigilli", "--import", str(folder / "key.pem"), "--label", LABEL, "--id", "A1"]
    subprocess.run(run, check=True, capture_output=True)
    _store_certificate(key)
    return Token(SOFTHSM, "sigilli", folder / "pin")


def _store_certificate(key: SealKey) -> None:
    import pkcs11
    from pkcs11.util.x509 import decode_x509_certificate

    der = key.certificate.public_bytes(serialization.Encoding.DER)
    with pkcs11.lib(str(SOFTHSM)).get_token(token_label="sigilli").open(user_pin=_PIN, rw=True) as session:
        session.create_object(
            {**decode_x509_certificate(der), pkcs11.Attribute.TOKEN: True, pkcs11.Attribute.LABEL: LABEL}
        )
