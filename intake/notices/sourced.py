"""The grain of a notice pack: strict frozen tables, values that say their source, texts in files."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated, Generic, Literal, TypeVar
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, NaiveDatetime, model_validator

ROME = ZoneInfo("Europe/Rome")

Basis = Literal["seed", "law", "assumed"]
"""Where a rule comes from: the notice's own document, a law or official act, or our assumption to be confirmed."""

T = TypeVar("T")


class Table(BaseModel):
    """A table of ``notice.toml``: immutable, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True, populate_by_name=True)


NonEmpty = Annotated[str, Field(min_length=1)]
Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


OFFICE_RULE = "regola stabilita dall'ufficio"


class Rule(Table):
    """A table that is itself a rule. ``source`` says where it comes from; what is assumed says why, to the office."""

    basis: Basis
    source: NonEmpty

    @property
    def citation(self) -> str:
        """The source as people read it: the act, or that the office set the rule where no act does."""
        return OFFICE_RULE if self.basis == "assumed" else self.source


class Sourced(Rule, Generic[T]):
    """One value that is a rule: ``{ value = 9, basis = "seed", source = "art. 3 dell'avviso" }``."""

    value: T


def _exact_amount(raw: object) -> Decimal:
    """A string or an integer as an exact amount; a binary fraction (0.1 in TOML) is refused."""
    written = str(raw) if isinstance(raw, (str, int, Decimal)) and not isinstance(raw, bool) else ""
    try:
        amount = Decimal(written)
    except InvalidOperation as wrong:
        raise ValueError(
            'l\'importo va scritto tra virgolette, con il punto e i centesimi, per esempio "16.00"'
        ) from wrong
    if not amount.is_finite():
        raise ValueError("l'importo non è un numero finito")
    return amount


def _positive(amount: Decimal) -> Decimal:
    if amount <= 0:
        raise ValueError("l'importo deve essere maggiore di zero")
    return amount


Euro = Annotated[Decimal, BeforeValidator(_exact_amount), AfterValidator(_positive)]
"""An amount in euros, written as a string so that no binary fraction slips in."""


def _existing_wall_time(wall: datetime) -> datetime:
    earlier, later = (wall.replace(tzinfo=ROME, fold=fold).utcoffset() for fold in (0, 1))
    if earlier != later:
        raise ValueError("quest'ora non esiste o esiste due volte, per il cambio dell'ora legale: ne scelga un'altra")
    return wall


WallTime = Annotated[NaiveDatetime, AfterValidator(_existing_wall_time)]
"""A local time in Italy (Europe/Rome), as an office writes it: no offset, and it exists exactly once."""


def rome_instant(wall: datetime) -> datetime:
    """The aware instant of a wall time in Italy."""
    return wall.replace(tzinfo=ROME)


class Text(Table):
    """What people read: a Markdown file of the pack's folder, or a short text in place."""

    file: NonEmpty | None = None
    inline: NonEmpty | None = None

    @model_validator(mode="after")
    def one_of_the_two(self) -> Text:
        if (self.file is None) == (self.inline is None):
            raise ValueError("indichi il testo in un solo modo: «file» (un documento della cartella) oppure «inline»")
        return self
