"""Who runs the notice: the administration, its offices, how people reach help and the employment centres."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from intake.notices.sourced import Basis, Key, NonEmpty, Rule, Table, Text, WallTime


class PostalAddress(Table):
    """An address in Italy."""

    street: NonEmpty
    postal_code: str = Field(pattern=r"^\d{5}$")
    city: NonEmpty
    province: str = Field(pattern=r"^[A-Z]{2}$")


class Link(Table):
    """A link of the page's footer or header."""

    label: NonEmpty
    url: str = Field(pattern=r"^(https?://|/)\S*$")


class Deciders(Rule):
    """Who signs, who decides appeals."""

    director: NonEmpty
    director_general: NonEmpty


class Administration(Rule):
    """The administration that receives and decides."""

    name: NonEmpty
    short_name: NonEmpty
    code: NonEmpty = Field(description="IPA code of the administration")
    aoo: NonEmpty = Field(description="code of the homogeneous organisational area that keeps the register")
    tax_code: str | None = Field(default=None, pattern=r"^\d{11}$")
    website: str | None = Field(default=None, pattern=r"^https?://\S+$")
    office: NonEmpty
    address: PostalAddress
    pec: str = Field(pattern=r"^[^@\s]+@[^@\s]+\.[a-z]{2,}$")
    email: str | None = Field(default=None, pattern=r"^[^@\s]+@[^@\s]+\.[a-z]{2,}$")
    patron_saint_city: str | None = Field(
        default=None, pattern=r"^[A-Z]{2}$", description="province code whose patron saint closes the office"
    )
    offices: Deciders
    footer: tuple[Link, ...] = ()


class Territory(Rule):
    """Where the productive units must be."""

    region: NonEmpty
    provinces: tuple[str, ...] = Field(min_length=1)


class HelpDesk(Rule):
    """A help service: what it answers, how to reach it, when."""

    key: Key
    title: NonEmpty
    subject: Literal["filling_in", "technical", "accreditation", "general"]
    phones: tuple[NonEmpty, ...] = ()
    email: str | None = Field(default=None, pattern=r"^[^@\s]+@[^@\s]+\.[a-z]{2,}$")
    hours: str | None = None
    free_of_charge: bool = False


class EmploymentCentre(Table):
    """A Centro per l'Impiego whose operators certify who accredits."""

    name: NonEmpty
    address: PostalAddress
    email: str = Field(pattern=r"^[^@\s]+@[^@\s]+\.[a-z]{2,}$")
    basis: Basis


SignInWay = Literal["co_account", "spid_cie", "smart_card"]


class SignIn(Rule):
    """One way to enter the service."""

    way: SignInWay
    title: NonEmpty
    note: NonEmpty


class Accreditation(Rule):
    """How one who has no credentials gets them."""

    available_from: WallTime | None = None
    certified_by_employment_centre: bool = False
    online_form: str | None = Field(default=None, pattern=r"^https?://\S+$")
    explanation: Text


class CorrespondenceField(Table):
    """A datum every outgoing letter of the office carries, as on its letterhead."""

    key: Literal["protocol_number", "date", "attachments", "reply_to_letter", "reply_to_number", "subject"]
    label: NonEmpty
