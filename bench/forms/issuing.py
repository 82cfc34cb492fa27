"""The form of a made-up application, typeset and coded as the service does it."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from bench.forms.applications import made_application
from intake.typesetting.application_form import FormTexts, typeset_application
from ocr.form_map import FormField, FormMap

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
KEYS: tuple[Ed25519PublicKey, ...] = (KEY.public_key(),)
_ISSUED_AT = datetime(2020, 4, 7, 15, 30, tzinfo=UTC)
_TEXTS = FormTexts(
    administration="Regione Esempio",
    office="Dipartimento Lavoro – Ufficio Ammortizzatori sociali",
    form_title="Domanda di cassa integrazione in deroga",
    notice_title="Avviso pubblico per la cassa integrazione in deroga",
    act="Deliberazione della Giunta regionale n. 1 del 26 marzo 2020",
    signing="Firmi nel riquadro, con firma digitale oppure a mano.",
)


@dataclass(frozen=True, eq=False)
class BenchForm:
    """An issued form: its PDF, its map and the data printed on it."""

    seed: int
    pdf: bytes
    form_map: FormMap
    data: dict[str, Any]

    def field(self, name: str) -> FormField:
        """Raises ``StopIteration`` for a field that the form has not."""
        return next(field for field in self.form_map.fields if field.name == name)

    def workers_on(self, page: int) -> tuple[int, ...]:
        """Rows of the worker table on ``page``, counted from 1 over the whole form."""
        rows = {
            int(field.name.split(".")[1]) for field in self.form_map.on_page(page) if field.name.startswith("workers.")
        }
        return tuple(sorted(rows))


def issued_form(seed: int, *, workers: int | None = None) -> BenchForm:
    """The form of ``made_application(seed, workers)``, its page codes signed with ``KEY``."""
    return _typeset(seed, made_application(seed, workers))


def forged_form(form: BenchForm, printed: dict[str, str]) -> BenchForm | None:
    """The same form with other printed values (field name to what the paper shall say), as a forger with the same
    template prints it; None where a value takes more lines and moves what stands below it.
    """
    data = copy.deepcopy(form.data)
    for name, value in printed.items():
        _set(data, form.field(name), value)
    forged = _typeset(form.seed, data)
    alike = [field.box for field in forged.form_map.fields] == [field.box for field in form.form_map.fields]
    return forged if alike else None


def _typeset(seed: int, data: dict[str, Any]) -> BenchForm:
    issued = typeset_application(
        data, form=f"BAS20-{seed:010}", notice=_TEXTS, key=KEY, issued_at=_ISSUED_AT, rehearsal=None
    )
    return BenchForm(seed, issued.pdf, issued.form_map, data)


def _set(data: dict[str, Any], field: FormField, printed: str) -> None:
    *path, leaf = field.name.split(".")
    node: Any = data
    for step in path:
        node = node[int(step) - 1] if isinstance(node, list) else node[step]
    node[leaf] = _as_data(field, printed)


def _as_data(field: FormField, printed: str) -> str:
    if field.kind == "date":
        day, month, year = printed.split("/")
        return date(int(year), int(month), int(day)).isoformat()
    return printed.replace(",", ".") if field.kind == "number" else printed
