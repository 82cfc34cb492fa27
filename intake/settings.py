"""Frozen settings, read once from ``SPORTELLO_*`` variables; a wrong one stops the start and is named."""

from __future__ import annotations

from ipaddress import ip_address
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

PROJECT = Path(__file__).resolve().parent.parent
TEMPLATES = PROJECT / "templates"
ASSETS = PROJECT / "node_modules"

MEGABYTE = 1024 * 1024


class WrongSettings(Exception):
    """A ``SPORTELLO_*`` variable cannot be used; the message names it."""


class Settings(BaseSettings):
    """What may differ between installations. Sizes are bytes, durations are what the name says."""

    model_config = SettingsConfigDict(env_prefix="SPORTELLO_", frozen=True, extra="ignore")

    data: Path = Field(default=PROJECT / "var", description="Folder of everything that must survive a restart")
    host: str = Field(default="127.0.0.1", description="Address the web process listens on")
    port: int = Field(default=8000, ge=0, le=65535, description="Port the web process listens on")
    database_url: SecretStr | None = Field(
        default=None, description="PostgreSQL of somebody else, as the application role; unset: the embedded server"
    )
    database_owner_url: SecretStr | None = Field(
        default=None, description="The same database as the owner role, for migrations and the creation of registers"
    )
    storage_url: str | None = Field(
        default=None, description="s3://bucket/prefix for documents; unset: the folder documents/ of the data folder"
    )
    largest_upload: int = Field(default=30 * MEGABYTE, gt=0, description="Bytes a single file may have")
    most_files: int = Field(default=40, gt=0, description="Files that one application may have uploaded at a time")
    most_pages: int = Field(default=200, gt=0, description="Pages that one returned document may have")
    check_seconds: int = Field(
        default=600, gt=0, description="After this the checks of a return are given up, and said so"
    )
    session_hours: int = Field(default=10, gt=0, description="Longest life of a sign-in")
    session_idle_minutes: int = Field(default=60, gt=0, description="A sign-in unused for this long ends")
    public_url: str | None = Field(
        default=None, description="Address people know, printed on receipts; unset: the one the web process listens on"
    )
    secure_cookies: bool = Field(
        default=False, description="Cookies only over TLS: set it wherever people come by https"
    )
    trusted_proxies: int = Field(default=0, ge=0, description="How many reverse proxies stand in front")
    trust: Path | None = Field(
        default=None,
        description="Folder with lists/, anchors/, intermediates/, crls/ to verify signatures with; unset: trust/ of the "
        "data folder, where that exists",
    )
    trust_update: bool = Field(
        default=False, description="Fetch the EU trusted lists every night; otherwise `sportello trust update` does"
    )
    revocation_online: bool = Field(
        default=False, description="Ask the authorities over the network whether a signer's certificate is revoked"
    )
    revocation_seconds: float = Field(
        default=5.0, gt=0, le=60, description="Longest time spent asking about revocation for one return"
    )
    revocation_private_addresses: bool = Field(
        default=False, description="Also ask authorities at private addresses: only for one inside the office"
    )
    proxy: str | None = Field(
        default=None,
        description="Proxy for what is asked outside (trusted lists, revocation); unset: what HTTPS_PROXY, HTTP_PROXY, "
        "ALL_PROXY and NO_PROXY say",
    )
    mail_host: str | None = Field(
        default=None, description="IMAP server of the certified mailbox (PEC); unset: messages are uploaded by hand"
    )
    mail_port: int = Field(default=993, gt=0, le=65535, description="Port of that server")
    mail_security: Literal["tls", "starttls", "none"] = Field(
        default="tls", description="How the connection is protected; `none` only to a server on this machine"
    )
    mail_user: str = Field(default="", description="User of the mailbox")
    mail_password: SecretStr = Field(default=SecretStr(""), description="Password of that user")
    mail_folder: str = Field(default="INBOX", description="Folder of the mailbox that is read")
    mail_register: str | None = Field(
        default=None, description="Code of the register whose protocol office gets the messages of the mailbox"
    )
    rehearsal_kept_days: int = Field(
        default=30,
        ge=0,
        description="Days for which what was done in a rehearsal is kept after its end, then forgotten",
    )
    largest_message: int = Field(
        default=50 * MEGABYTE, gt=0, description="Bytes of a mail message that is opened; a larger one is kept whole"
    )
    tsa_url: str | None = Field(
        default=None, description="Time-stamping authority (RFC 3161); unset: seals and heads carry no time-stamp"
    )
    tsa_user: str | None = Field(default=None, description="User of the time-stamping authority, if it wants one")
    tsa_password: SecretStr | None = Field(default=None, description="Password of that user")
    tsa_seconds: float = Field(
        default=5.0, gt=0, le=60, description="Longest wait for one answer of the time-stamping authority"
    )
    pkcs11_module: Path | None = Field(
        default=None, description="Library of the device that keeps the seal's key (PKCS #11); unset: keys are files"
    )
    pkcs11_token: str | None = Field(default=None, description="Label of the device's token")
    pkcs11_pin_file: Path | None = Field(default=None, description="File with the PIN of that token")
    conservation: Path | None = Field(
        default=None,
        description="Folder where daily registers are handed over; unset: conservation/ of the data folder",
    )
    heads: Path | None = Field(
        default=None,
        description="Folder of the newest heads of the registers, better on another disk; unset: heads/ of the data folder",
    )
    rate_limit_storage: str | None = Field(
        default=None,
        description="Where sign-in attempts are counted, as the `limits` package names it; unset: the service's database",
    )
    web_processes: int = Field(default=2, gt=0, description="Processes that answer people")
    web_threads: int = Field(
        default=32, gt=0, description="Threads of each web process: so many people are answered at once"
    )
    work_at_once: int = Field(default=2, gt=0, description="Jobs a worker runs at the same time")

    @property
    def on_loopback(self) -> bool:
        """Whether only this machine can reach the service."""
        return _is_this_machine(self.host)

    @property
    def reached_by_others(self) -> bool:
        """Whether people on other machines can come in, directly or through a proxy in front."""
        return not self.on_loopback or self.trusted_proxies > 0

    @property
    def address(self) -> str:
        """Where people find the service, without a final slash."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def documents(self) -> Path:
        return self.data / "documents"

    @property
    def conservation_folder(self) -> Path:
        return self.conservation or self.data / "conservation"

    @property
    def heads_folder(self) -> Path:
        return self.heads or self.data / "heads"

    @property
    def keys(self) -> Path:
        return self.data / "keys"

    @property
    def trust_folder(self) -> Path | None:
        """The folder of what is trusted, None where nobody configured any trust."""
        return self.trust or (self.trust_target if self.trust_target.is_dir() else None)

    @property
    def trust_target(self) -> Path:
        """Where trusted lists are kept, whether anything is there yet or not."""
        return self.trust or self.data / "trust"

    @property
    def revocation_cache(self) -> Path:
        return self.data / "revocation"

    @property
    def notices(self) -> Path:
        return TEMPLATES / "notices"


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def read_settings(**overrides: object) -> Settings:
    """Settings from the environment; ``overrides`` win. Raises ``WrongSettings`` naming each wrong variable."""
    try:
        settings = Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        wrong = "; ".join(
            f"SPORTELLO_{'_'.join(str(part) for part in problem['loc']).upper()}: {problem['msg']}"
            for problem in error.errors()
        )
        raise WrongSettings(f"Impostazioni non utilizzabili. {wrong}") from error
    if settings.mail_host and not settings.mail_register:
        raise WrongSettings(
            "SPORTELLO_MAIL_HOST è impostata ma manca SPORTELLO_MAIL_REGISTER: "
            "i messaggi della casella non avrebbero un registro a cui andare."
        )
    if settings.mail_host and settings.mail_security == "none" and not _is_this_machine(settings.mail_host):
        raise WrongSettings(
            "SPORTELLO_MAIL_SECURITY è «none» verso un'altra macchina: la password della casella viaggerebbe in chiaro."
        )
    if settings.database_url and not settings.database_owner_url:
        raise WrongSettings(
            "SPORTELLO_DATABASE_URL è impostata ma manca SPORTELLO_DATABASE_OWNER_URL: "
            "le migrazioni hanno un ruolo proprio, diverso da quello dell'applicazione."
        )
    if settings.database_owner_url and not settings.database_url:
        raise WrongSettings(
            "SPORTELLO_DATABASE_OWNER_URL è impostata ma manca SPORTELLO_DATABASE_URL: "
            "senza, il servizio userebbe un database proprio e vuoto al posto di quello."
        )
    device = (settings.pkcs11_module, settings.pkcs11_token, settings.pkcs11_pin_file)
    if any(device) and not all(device):
        raise WrongSettings(
            "SPORTELLO_PKCS11_MODULE, SPORTELLO_PKCS11_TOKEN e SPORTELLO_PKCS11_PIN_FILE vanno indicate tutte e tre, "
            "o nessuna."
        )
    return settings.model_copy(update={"data": settings.data.absolute()})
