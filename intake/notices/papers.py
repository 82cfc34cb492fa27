"""What is read, declared and attached: texts, documents to read, attachments, declarations, consents."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from intake.notices.sourced import Key, NonEmpty, Rule, Table, Text

RequiredWhen = Literal[
    "always",
    "optional",
    "staff_above_threshold",
    "staff_up_to_threshold",
    "stamp_by_contrassegno",
    "stamp_by_digital",
    "stamp_by_f23",
    "stamp_virtual",
    "each_worker",
    "hand_signed",
    "filed_by_delegate",
    "exception_claimed",
]
"""The closed vocabulary of the conditions under which an attachment is due."""


class Attachment(Rule):
    """A document that goes with the application.

    ``statement``: of one due from each worker, what the worker declares, in paragraphs; with it the service prints one page
    for each worker, prefilled, to be signed.
    """

    key: Key
    title: NonEmpty
    required_when: RequiredWhen
    reason: NonEmpty
    signed: bool = False
    statement: Text | None = None
    help: str | None = None


class Declaration(Rule):
    """A statement under DPR 445/2000, art. 46 and 47, printed on the form and confirmed one by one."""

    key: Key
    title: NonEmpty
    text: Text
    law: NonEmpty
    given_by: Literal["legal_representative", "applicant", "worker"] = "legal_representative"
    required: bool = True


class Consent(Rule):
    """A consent, and what happens without it."""

    key: Key
    title: NonEmpty
    text: Text
    law: NonEmpty
    given_by: Literal["legal_representative"] = "legal_representative"
    required: bool = True
    without_it: NonEmpty


class ReadingDocument(Rule):
    """A document of the notice that people can read: law, framework agreement, circular, model."""

    key: Key
    title: NonEmpty
    kind: Literal["notice", "law", "agreement", "circular", "model", "guide"]
    summary: Text
    file: str | None = None
    url: str | None = Field(default=None, pattern=r"^https?://\S+$")
    prefilled: bool = False
    digitally_signed: bool = False


class Texts(Table):
    """The pages of the notice, in Markdown."""

    vademecum: Text
    guide: Text
    privacy: Text
    effects: Text


class Privacy(Rule):
    """Facts of the privacy notice that the service itself uses."""

    controller: NonEmpty
    data_protection_officer: NonEmpty
    kept_years: int = Field(ge=1, le=100)
    requests_to: NonEmpty
    processors: tuple[NonEmpty, ...] = Field(min_length=1)


class FieldHelp(Table):
    """A help text beside one field of the application; ``field`` is its path, such as ``workers.hired_on``."""

    field: str = Field(pattern=r"^[a-z_]+(\.[a-z_]+)*$")
    text: NonEmpty
