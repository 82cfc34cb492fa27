"""Fields of a draft as a page shows them: value, words of the choices, help of the notice, what is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext

from intake.applications.draft import get
from intake.applications.draft_check import DraftProblem, choices_of, words_of
from intake.applications.fields import Field, Kind
from intake.notices.measure import CategoryField
from intake.notices.pack import NoticePack
from intake.web.desk.application_shown import anchor

_TYPES = {Kind.EMAIL: "email", Kind.DATE: "date"}
_KEYBOARDS = {
    Kind.NUMBER: "numeric",
    Kind.HOURS: "decimal",
    Kind.POSTAL_CODE: "numeric",
    Kind.INPS_NUMBER: "numeric",
    Kind.VAT_NUMBER: "numeric",
}
_EXTRA_KINDS = {
    "number": Kind.HOURS,
    "date": Kind.DATE,
    "text": Kind.TEXT,
    "boolean": Kind.CHOICE,
    "choice": Kind.CHOICE,
}


@dataclass(frozen=True, slots=True)
class ShownField:
    """One control. ``error`` keeps the form from being issued, ``doubt`` only asks to look again."""

    name: str
    label: str
    value: str
    type: str
    options: tuple[tuple[str, str], ...]
    required: bool
    help: str | None
    error: str | None
    doubt: str | None
    attributes: Mapping[str, str]

    @property
    def id(self) -> str:
        return anchor(self.name)

    @property
    def help_id(self) -> str:
        """Rows of a table share one help: ``workers-hired_on-help``."""
        return f"{anchor('.'.join(part for part in self.name.split('.') if not part.isdigit()))}-help"

    @property
    def words(self) -> str:
        """The value as people read it: the words of a choice, a day as dd/mm/yyyy."""
        if self.options:
            return dict(self.options).get(self.value, self.value)
        if self.type == "date" and _is_date(self.value):
            return f"{date.fromisoformat(self.value):%d/%m/%Y}"
        return self.value


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is said beside each field: the first problem of each kind by path."""

    errors: Mapping[str, str]
    doubts: Mapping[str, str]


def judgement(problems: Iterable[DraftProblem], draft: Mapping[str, Any], *, also_missing: bool) -> Judgement:
    """``also_missing``: whether what is not yet typed counts; a page just opened says nothing of it."""
    errors: dict[str, str] = {}
    doubts: dict[str, str] = {}
    for problem in problems:
        if not problem.blocks:
            doubts.setdefault(problem.field, f"{problem.message} {problem.remedy}")
        elif also_missing or is_typed(draft, problem.field):
            errors.setdefault(problem.field, f"{problem.message} {problem.remedy}")
    return Judgement(errors, doubts)


def is_typed(draft: Mapping[str, Any], path: str) -> bool:
    """Whether there is anything at a dotted path, rows counted from 1."""
    node: Any = draft
    for part in path.split("."):
        if isinstance(node, Mapping):
            node = node.get(part)
        elif isinstance(node, list) and part.isdecimal() and 0 < int(part) <= len(node):
            node = node[int(part) - 1]
        else:
            return False
    return bool(node)


def single_fields(
    fields: Sequence[Field], draft: Mapping[str, Any], pack: NoticePack, judged: Judgement
) -> list[ShownField]:
    """Fields that an application has once."""
    return [_shown(field, field.path, get(draft, field.path), pack, judged) for field in fields]


def row_fields(
    fields: Sequence[Field], table: str, row: int, values: Mapping[str, Any], pack: NoticePack, judged: Judgement
) -> list[ShownField]:
    """The fields of row ``row`` (from 1) of a table."""
    return [
        _shown(field, f"{table}.{row}.{field.path}", str(values.get(field.path, "")), pack, judged) for field in fields
    ]


def category_fields(
    row: int, category: str, values: Mapping[str, Any], pack: NoticePack, judged: Judgement
) -> list[ShownField]:
    """What the category of the worker of row ``row`` asks for besides."""
    asked = next((each.fields for each in pack.categories if each.key == category), ())
    return [_extra(row, field, str(values.get(field.key, "")), judged) for field in asked]


def _shown(field: Field, name: str, value: str, pack: NoticePack, judged: Judgement) -> ShownField:
    words = words_of(field, choices_of(pack))
    return ShownField(
        name=name,
        label=gettext(field.label),
        value=value,
        type=_type(field.kind, value),
        options=tuple((key, gettext(word)) for key, word in words.items()),
        required=field.required,
        help=_help(pack, name),
        error=judged.errors.get(name),
        doubt=judged.doubts.get(name),
        attributes=_attributes(field.kind, field.autocomplete) | _held(name, value, judged),
    )


def _held(name: str, value: str, judged: Judgement) -> dict[str, str]:
    """The firm's tax code is that of the application: it can be typed only while it is missing or wrong."""
    held = name == "employer.tax_code" and value and name not in judged.errors
    return {"readonly": "readonly"} if held else {}


def _extra(row: int, field: CategoryField, value: str, judged: Judgement) -> ShownField:
    name, kind = f"workers.{row}.extra.{field.key}", _EXTRA_KINDS[field.kind]
    options = [(choice, choice) for choice in field.choices]
    if field.kind == "boolean":
        options = [("true", gettext("sì")), ("false", gettext("no"))]
    return ShownField(
        name=name,
        label=field.label,
        value=value,
        type=_type(kind, value),
        options=tuple(options),
        required=field.required,
        help=field.help,
        error=judged.errors.get(name),
        doubt=judged.doubts.get(name),
        attributes=_attributes(kind, "off"),
    )


def _type(kind: Kind, value: str) -> str:
    """A date that cannot be read stays visible as it was typed, which a date control would not do."""
    if kind is Kind.CHOICE:
        return "select"
    if kind is Kind.DATE and value and not _is_date(value):
        return "text"
    return _TYPES.get(kind, "text")


def _is_date(value: str) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _attributes(kind: Kind, autocomplete: str) -> dict[str, str]:
    attributes = {"autocomplete": autocomplete}
    if keyboard := _KEYBOARDS.get(kind):
        attributes["inputmode"] = keyboard
    if kind in {Kind.TAX_CODE, Kind.PERSON_TAX_CODE, Kind.PROVINCE}:
        attributes |= {"autocapitalize": "characters", "spellcheck": "false"}
    return attributes


def _help(pack: NoticePack, name: str) -> str | None:
    """The notice's help for a field; rows of a table share theirs."""
    path = ".".join(part for part in name.split(".") if not part.isdigit())
    return next((each.text for each in pack.field_help if each.field == path), None)
