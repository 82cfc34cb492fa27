"""Sealing the papers of one edition: with a time-stamp where one is to be had, without rather than not at all."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from sqlalchemy import select

from intake.keys import seal_name
from intake.notices.models import NoticeEdition
from intake.service import Service
from signing.seal import seal_pdf
from signing.seal_key import SealKey
from signing.seal_pkcs11 import TokenKey, TokenUnavailable
from signing.seal_ring import RingSeal
from signing.time_stamping import TimeStampUnavailable


def seal_paper(service: Service, pdf: bytes, register_code: str, *, reason: str, name: str, at: datetime) -> bytes:
    """``pdf`` sealed by the edition of ``register_code``, ``at`` (aware). A time-stamping authority that fails costs the paper
    its time-stamp, never its seal (docs/adr/0007-time-stamps-when-to-be-had.md).

    Raises ``KeyMissing``, and ``TokenUnavailable`` when the key is in a device that cannot be used.
    """
    seal = partial(seal_pdf, pdf, service.keys.seal_key(register_code), at=at, reason=reason, name=name)
    authority = service.time_stamps.authority(at)
    if authority is None:
        return seal()
    try:
        return seal(authority=authority)
    except TimeStampUnavailable as why:
        service.time_stamps.failed(why, at)
        return seal()


def replace_seal(service: Service, register_code: str, *, device_key: str | None, at: datetime) -> RingSeal:
    """A new seal for one edition, from ``at`` on: a new key, or the one of the device with that label.

    Raises SQLAlchemy's ``NoResultFound`` for a register without edition, ``KeyMissing``, ``TokenUnavailable``, and
    ``ValueError`` when the device's key is not of its certificate or sealed here before; then the seal in use stays in use.
    """
    with service.transaction() as session:
        edition = session.scalars(select(NoticeEdition).where(NoticeEdition.register_code == register_code)).one()
        administration, rehearsal = service.pack_of(edition).administration.name, edition.is_rehearsal
    ring = service.keys.seals(register_code)
    key: SealKey | TokenKey
    if device_key is None:
        key = SealKey.create(seal_name(register_code, rehearsal=rehearsal), administration, at)
    elif service.keys.token is None:
        raise TokenUnavailable("Il dispositivo di firma non è configurato: indichi le variabili SPORTELLO_PKCS11_*.")
    else:
        key = TokenKey.find(service.keys.token, device_key)
    return ring.add(key, at=at)
