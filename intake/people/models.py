"""Tables of people, roles, firms, mandates and sign-ins."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from intake.orm import Base, HasUuid


class Role(StrEnum):
    """What a person may do. ``FILER`` is an employer or a consultant; the others work in the office."""

    FILER = "filer"
    CPI_OPERATOR = "cpi_operator"
    PROTOCOL_OFFICE = "protocol_office"
    OFFICER = "officer"
    DIRECTOR = "director"
    DIRECTOR_GENERAL = "director_general"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"


OFFICE_ROLES = frozenset(Role) - {Role.FILER}


class Surface(StrEnum):
    """The two doors of the service; a sign-in at one opens nothing at the other."""

    DESK = "desk"
    OFFICE = "office"


class Capacity(StrEnum):
    """Why a person acts for a firm."""

    REPRESENTATIVE = "representative"
    DELEGATE = "delegate"


class Person(HasUuid, Base):
    """Somebody with an account. ``accredited_at``: the CPI operator's certification, without which nothing is transmitted."""

    __tablename__ = "person"

    username: Mapped[str] = mapped_column(unique=True)
    tax_code: Mapped[str] = mapped_column(unique=True)
    given_name: Mapped[str]
    surname: Mapped[str]
    email: Mapped[str]
    password_hash: Mapped[str | None]
    created_at: Mapped[datetime]
    accredited_at: Mapped[datetime | None]
    disabled_at: Mapped[datetime | None]
    demo: Mapped[bool] = mapped_column(default=False)

    roles: Mapped[list[RoleGrant]] = relationship(back_populates="person", lazy="selectin")

    @property
    def full_name(self) -> str:
        return f"{self.given_name} {self.surname}"

    def has_role(self, *roles: Role) -> bool:
        return any(grant.role in roles and grant.revoked_at is None for grant in self.roles)


class RoleGrant(HasUuid, Base):
    """A role somebody has or had."""

    __tablename__ = "role_grant"
    __table_args__ = (
        Index("uq_role_grant_active", "person_id", "role", unique=True, postgresql_where=text("revoked_at IS NULL")),
    )

    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    role: Mapped[Role]
    granted_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship(back_populates="roles")


class Employer(HasUuid, Base):
    """A firm that may apply. Its data on a form are those of the draft, not these."""

    __tablename__ = "employer"

    tax_code: Mapped[str] = mapped_column(unique=True)
    vat_number: Mapped[str | None]
    name: Mapped[str]
    created_at: Mapped[datetime]

    mandates: Mapped[list[Mandate]] = relationship(back_populates="employer")


class Mandate(HasUuid, Base):
    """A person acts for a firm, as its legal representative or by delegation, from a day until revoked."""

    __tablename__ = "mandate"
    __table_args__ = (
        Index(
            "uq_mandate_active",
            *("employer_id", "person_id", "capacity"),
            unique=True,
            postgresql_where=text("revoked_at IS NULL"),
        ),
    )

    employer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("employer.id"))
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), index=True)
    capacity: Mapped[Capacity]
    granted_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"))
    granted_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]

    employer: Mapped[Employer] = relationship(back_populates="mandates")
    person: Mapped[Person] = relationship(foreign_keys=[person_id])


class SignIn(HasUuid, Base):
    """A sign-in: the browser holds a random token, this row only its SHA-256. Ended rows stay, for the auditor."""

    __tablename__ = "sign_in"

    token_sha256: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    surface: Mapped[Surface]
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), index=True)
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship(lazy="joined")


class PasswordLink(HasUuid, Base):
    """A link by which somebody sets a password, once. ``used_at``: when it was used or gave way to another."""

    __tablename__ = "password_link"
    __table_args__ = (CheckConstraint("expires_at > created_at", name="lives"),)

    token_sha256: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship(lazy="joined")
