"""A notice pack: all that one administration asks for one measure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from pydantic import BaseModel, Field

from intake.notices.administration import (
    Accreditation,
    Administration,
    CorrespondenceField,
    EmploymentCentre,
    HelpDesk,
    SignIn,
    Territory,
)
from intake.notices.measure import (
    Category,
    Channel,
    EmployerDuty,
    Employers,
    Employment,
    Filing,
    FindingRule,
    Inps,
    Money,
    Order,
    PeriodBounds,
    ReceiptEvent,
    SignatureWay,
    StampDuty,
    TermRule,
    Weeks,
    Windows,
)
from intake.notices.papers import (
    Attachment,
    Consent,
    Declaration,
    FieldHelp,
    Privacy,
    ReadingDocument,
    Texts,
)
from intake.notices.sourced import Key, NonEmpty, Rule, Table, Text


class Act(Rule):
    """A law or act the notice rests on."""

    title: NonEmpty
    day: date
    url: str | None = Field(default=None, pattern=r"^https?://\S+$")


class Measure(Rule):
    """What is asked, and the cause printed on the form."""

    title: NonEmpty
    short_title: NonEmpty
    cause: NonEmpty
    law: NonEmpty


class Message(Table):
    """A text of the notice's own for one event, in place of the service's general one."""

    key: Key
    text: NonEmpty


class NoticeFile(Table):
    """``notice.toml`` as written."""

    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    register_code: str = Field(pattern=r"^[A-Z0-9][A-Z0-9_.]{0,5}$", description="code of the live register")
    title: NonEmpty
    summary: NonEmpty
    administration: Administration
    territory: Territory
    help_desks: tuple[HelpDesk, ...] = Field(min_length=1)
    employment_centres: tuple[EmploymentCentre, ...] = ()
    sign_in: tuple[SignIn, ...] = Field(min_length=1)
    accreditation: Accreditation
    correspondence: tuple[CorrespondenceField, ...] = ()
    acts: tuple[Act, ...] = Field(min_length=1)
    measure: Measure
    windows: Windows
    weeks: Weeks
    periods: PeriodBounds
    employment: Employment
    employers: Employers
    categories: tuple[Category, ...] = Field(min_length=1)
    attachments: tuple[Attachment, ...]
    declarations: tuple[Declaration, ...]
    consents: tuple[Consent, ...] = Field(min_length=1)
    stamp_duty: StampDuty
    signatures: tuple[SignatureWay, ...] = Field(min_length=1)
    channels: tuple[Channel, ...] = Field(min_length=1)
    terms: Mapping[Key, TermRule]
    receipt: ReceiptEvent
    order: Order
    money: Money
    inps: Inps
    duties: tuple[EmployerDuty, ...] = ()
    filing: Filing
    findings: tuple[FindingRule, ...] = ()
    texts: Texts
    privacy: Privacy
    documents: tuple[ReadingDocument, ...] = ()
    field_help: tuple[FieldHelp, ...] = ()
    messages: tuple[Message, ...] = ()


class NoticePack(NoticeFile):
    """A loaded pack: the rules, the Markdown of its files by relative path, the digest of the whole folder."""

    pages: Mapping[str, str]
    digest: str = Field(pattern=r"^[0-9a-f]{64}$")

    def markdown(self, text: Text) -> str:
        """The Markdown of a text, from its file or from its place."""
        return self.pages[text.file] if text.file is not None else (text.inline or "")


def rules_in(table: BaseModel, key: str = "") -> Iterator[tuple[str, BaseModel]]:
    """Every table within ``table`` with its dotted key, rows counted from 1: ``attachments.2.reason``."""
    yield key, table
    for name in type(table).model_fields:
        yield from _tables_of(getattr(table, name), f"{key}.{name}" if key else name)


def _tables_of(value: object, key: str) -> Iterator[tuple[str, BaseModel]]:
    if isinstance(value, BaseModel):
        yield from rules_in(value, key)
    elif isinstance(value, tuple):
        for row, item in enumerate(value, start=1):
            yield from _tables_of(item, f"{key}.{row}")
    elif isinstance(value, Mapping):
        for name, item in value.items():
            yield from _tables_of(item, f"{key}.{name}")
