"""The content of an application set by WeasyPrint: the same values in the same order, in tables of the same columns."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Any

from intake.typesetting.printed import print_application

_STYLE = """
@page { size: A4; margin: 32mm 10mm; @bottom-right { content: counter(page) ' di ' counter(pages); font: 8pt sans-serif } }
body { font: 8pt sans-serif } h1 { font-size: 17pt } h2 { font-size: 10pt; color: #004d99 }
table { border-collapse: collapse; width: 100% } td, th { border: .4pt solid #777; padding: 1mm; text-align: left }
td.code { font-family: monospace }
"""
_COLUMNS = {
    "surname": "Cognome",
    "given_name": "Nome",
    "tax_code": "Codice fiscale",
    "qualification": "Qualifica",
    "contract": "Contratto",
    "category": "Categoria",
    "weekly_hours": "Ore settim.",
    "hired_on": "Assunto il",
    "requested_hours": "Ore chieste",
}
_CODES = frozenset({"tax_code", "weekly_hours", "hired_on", "requested_hours"})


def weasyprint_form(data: dict[str, Any]) -> bytes:
    """PDF/A-3a of the printed values of ``data``. Raises ``ImportError`` where WeasyPrint is not installed."""
    from weasyprint import HTML  # type: ignore[import-not-found, unused-ignore]

    made = HTML(string=_page(print_application(data))).write_pdf(pdf_variant="pdf/a-3a")
    assert isinstance(made, bytes)
    return made


def _page(printed: dict[str, Any]) -> str:
    title = "Domanda di cassa integrazione in deroga"
    parts = [f"<h2>{escape(name)}</h2>{_values(printed[name])}" for name in printed if name != "workers"]
    body = f"<h1>{title}</h1>{''.join(parts)}<h2>Lavoratori</h2>{_workers(printed['workers'])}"
    return f'<html lang="it"><head><title>{title}</title><style>{_STYLE}</style></head><body>{body}</body></html>'


def _values(node: Any) -> str:
    rows = "".join(f"<tr><th>{escape(path)}</th><td>{escape(value)}</td></tr>" for path, value in _leaves(node, ""))
    return f"<table>{rows}</table>"


def _leaves(node: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(node, str):
        yield path.strip("."), node
        return
    for key, value in node.items() if isinstance(node, dict) else enumerate(node, 1):
        yield from _leaves(value, f"{path}.{key}")


def _workers(rows: list[dict[str, str]]) -> str:
    head = "".join(f"<th>{escape(title)}</th>" for title in _COLUMNS.values())
    cells = "".join(f"<tr>{''.join(_cell(key, row[key]) for key in _COLUMNS)}</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{cells}</tbody></table>"


def _cell(key: str, value: str) -> str:
    return f'<td class="code">{escape(value)}</td>' if key in _CODES else f"<td>{escape(value)}</td>"
