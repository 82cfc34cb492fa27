"""The installation's keys: made once, readable by the service alone, never replaced in silence.

Each edition of a notice has its own: a rehearsal's keys prove nothing about a live register.
"""

from __future__ import annotations

import contextlib
import secrets
import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from intake.durable import fsync_folder, write_private
from intake.settings import Settings
from protocol_register.keys import RegisterKey, check_code, key_path
from signing.rehearsal_signature import RehearsalAuthority
from signing.seal_key import SealingKey, SealKey
from signing.seal_pkcs11 import Token
from signing.seal_ring import SealRing


class KeyMissing(Exception):
    """A key that must be there is not; the message names its file and what to do."""


def token_of(settings: Settings) -> Token | None:
    """The device that the settings name."""
    module, label, pin_file = settings.pkcs11_module, settings.pkcs11_token, settings.pkcs11_pin_file
    return Token(module, label, pin_file) if module and label and pin_file else None


def seal_name(register_code: str, *, rehearsal: bool) -> str:
    """Whose seal it is, as its certificate says."""
    return f"{'PROVA - ' if rehearsal else ''}Sigillo {register_code}"


def _saved_whole(key: SealKey | RehearsalAuthority, folder: Path) -> None:
    """Under another name first: a pair cut short in the making is no key, while one that lost a file is never replaced."""
    unfinished = folder.with_name(f"{folder.name}.unfinished")
    if unfinished.exists():
        shutil.rmtree(unfinished)
    key.save(unfinished)
    unfinished.rename(folder)
    fsync_folder(folder.parent)


@dataclass(frozen=True, slots=True)
class Keys:
    """All keys under ``folder``, and those in ``token`` where there is one."""

    folder: Path
    token: Token | None = None

    def cookie_secret(self, surface: str) -> bytes:
        """Signs the cookies of one door; made at first use."""
        path = self.folder / f"cookies-{surface}.key"
        if not path.exists():
            # Where another process made one in the meantime, that one counts.
            with contextlib.suppress(FileExistsError):
                write_private(path, secrets.token_bytes(48))
        return path.read_bytes()

    def make_edition_keys(self, register_code: str, *, administration: str, rehearsal: bool, at: datetime) -> None:
        """Makes the keys of a new edition. What is already there stays; what was cut short in the making is made anew."""
        folder = self._edition(register_code)
        if not (folder / "form.pem").exists():
            pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            write_private(folder / "form.pem", pem)
        if not (folder / "seal").exists():
            _saved_whole(
                SealKey.create(seal_name(register_code, rehearsal=rehearsal), administration, at), folder / "seal"
            )
        if rehearsal and not (folder / "authority").exists():
            _saved_whole(RehearsalAuthority.create(at), folder / "authority")

    def form_key(self, register_code: str) -> Ed25519PrivateKey:
        """Signs the page codes of the forms of one edition. Raises ``KeyMissing``."""
        path = self._present(register_code, "form.pem")
        key = load_pem_private_key(path.read_bytes(), password=None)
        if not isinstance(key, Ed25519PrivateKey):
            raise KeyMissing(f"{path} non contiene una chiave Ed25519: ripristini la copia di sicurezza delle chiavi.")
        return key

    def form_public_key(self, register_code: str) -> Ed25519PublicKey:
        return self.form_key(register_code).public_key()

    def seal_key(self, register_code: str) -> SealingKey:
        """Seals the papers that the service issues for one edition. Raises ``KeyMissing``, ``TokenUnavailable``."""
        return self.seals(register_code).current(self.token)

    def seals(self, register_code: str) -> SealRing:
        """The seal in use for one edition and those before it. Raises ``KeyMissing``."""
        return SealRing(self._present(register_code, "seal"))

    def rehearsal_authority(self, register_code: str) -> RehearsalAuthority:
        """Signs for people without a signing kit, in rehearsals only. Raises ``KeyMissing``."""
        return RehearsalAuthority.load(self._present(register_code, "authority"))

    @property
    def registers(self) -> Path:
        """Folder of the registers' own keys."""
        return self.folder / "registers"

    def register_key(self, register_code: str) -> RegisterKey:
        """Signs the log of one register. Raises ``KeyUnreadable``."""
        return RegisterKey.load(self.registers, register_code)

    def remove_edition_keys(self, register_code: str) -> None:
        """The keys of a rehearsal that is forgotten: nothing that they signed can be verified any more."""
        for folder in (self._edition(register_code), key_path(self.registers, register_code).parent):
            if folder.exists():
                shutil.rmtree(folder)

    def _edition(self, register_code: str) -> Path:
        return self.folder / "editions" / check_code(register_code)

    def _present(self, register_code: str, name: str) -> Path:
        path = self._edition(register_code) / name
        if not path.exists():
            raise KeyMissing(
                f"Manca {path}. Ripristini la cartella delle chiavi dalla copia di sicurezza: "
                "con altre chiavi i moduli e le ricevute già rilasciati non si potrebbero più verificare."
            )
        return path
