"""How fast a form is issued, how large it is and what it claims to be: ours beside WeasyPrint on the same content.

Ours is what the service does: typeset, page codes signed, map and data attached, signature field added. WeasyPrint typesets an
HTML page of the same values in the same order as PDF/A-3a; it draws no page codes, attaches no map and has no signature field.
Both take turns in this process; each is warmed up once.
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from typing import Any

import pikepdf

from bench.forms.issuing import issued_form
from bench.forms.weasyprint_form import weasyprint_form
from bench.measure import arguments, median, tell

_WORKERS_OF_PAGES = {3: 30, 30: 900}
_SEED = 1


def main() -> None:
    parser = arguments(__doc__ or "")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument(
        "--skip-long", action="store_true", help="leave the long form to us alone; WeasyPrint takes minutes"
    )
    given = parser.parse_args()
    ours: dict[str, Any] = {}
    rival: dict[str, Any] = {} if find_spec("weasyprint") else {"left out": "not installed (uv sync --group bench)"}
    ratio: dict[str, Any] = {}
    for workers in _WORKERS_OF_PAGES.values():
        ways: dict[str, Callable[[], bytes]] = {"ours": partial(_issued, workers)}
        if not rival.get("left out"):
            ways["weasyprint"] = partial(weasyprint_form, issued_form(_SEED, workers=workers).data)
        seconds, made = _in_turns(ways, given.runs)
        told = {name: _figures(made[name], median(seconds[name])) for name in ways}
        title = f"{told['ours']['pages']} pages, {workers} workers"
        ours[title] = told["ours"]
        if "weasyprint" in told:
            rival[title] = told["weasyprint"]
            ratio[f"forms per second, ours to weasyprint, {title}"] = round(
                median(seconds["weasyprint"]) / median(seconds["ours"]), 1
            )
    tell("forms", runs=given.runs, ours=ours, against={"weasyprint": rival}, ratio=ratio, as_json=given.json)


def _issued(workers: int) -> bytes:
    return issued_form(_SEED, workers=workers).pdf


def _in_turns(ways: dict[str, Callable[[], bytes]], runs: int) -> tuple[dict[str, list[float]], dict[str, bytes]]:
    """Processor seconds of each run of each way, and what it made last."""
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    made: dict[str, bytes] = {}
    for run in range(runs + 1):
        for name, make in ways.items():
            began = time.process_time()
            made[name] = make()
            if run:
                seconds[name].append(time.process_time() - began)
    return seconds, made


def _figures(pdf: bytes, seconds: float) -> dict[str, Any]:
    with pikepdf.open(io.BytesIO(pdf)) as document, document.open_metadata() as facts:
        archive = f"{facts.get('pdfaid:part', '')}{facts.get('pdfaid:conformance', '').lower()}"
        return {
            "pages": len(document.pages),
            "forms per second": round(1 / seconds, 3),
            "processor seconds": round(seconds, 4),
            "bytes": len(pdf),
            "claims PDF/A": archive or "no",
            "claims PDF/UA": facts.get("pdfuaid:part") or "no",
        }


if __name__ == "__main__":
    main()
