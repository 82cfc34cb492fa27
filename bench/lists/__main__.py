"""Rows and cells of foreign lists read exactly, by layout and kind of file; beside them what plain Tesseract finds.

    python -m bench.lists [--json] [--seeds 900] [--layouts ruled,zebra] [--levels clean,fax] [--dpis 300,200] [--workers 30]

Names compare without accents. ``unasked`` counts wrong cells that nobody would be asked to look at.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any, get_args

import pytesseract
from PIL import Image

from bench.forms.scanning import Level
from bench.lists.files import MadeList, as_pdf, as_workbook, made_list
from bench.lists.layouts import LAYOUTS
from bench.lists.measure import Score, score
from bench.lists.scans import as_scan
from bench.measure import arguments, tell
from ocr.pages import open_pages

LEVELS: tuple[Level, ...] = get_args(Level)
_SUMMED = (
    "rows",
    "rows_exact",
    "cells",
    "cells_exact",
    "wrong_unasked",
    "wrong_codes",
    "strangers",
    "asked",
    "seconds",
)


def main() -> None:
    parser = arguments(__doc__ or "")
    parser.add_argument("--seeds", default="900")
    parser.add_argument("--layouts", default=",".join(each.name for each in LAYOUTS))
    parser.add_argument("--levels", default=",".join(LEVELS))
    parser.add_argument("--dpis", default="300")
    parser.add_argument("--workers", type=int, default=30)
    given = parser.parse_args()
    seeds = [int(each) for each in given.seeds.split(",")]
    lists = [
        made_list(layout, seed, count=given.workers)
        for layout in LAYOUTS
        if layout.name in given.layouts.split(",")
        for seed in seeds
    ]
    scored = list(_scored(lists, [each for each in given.levels.split(",") if each], given.dpis.split(",")))
    ours = _table(scored)
    rival = _rival([(made, kind, data) for made, kind, data, _ in scored if kind.endswith("300")])
    ratio = {"codes_exact": _codes_of(scored) / rival["codes_exact"]} if rival.get("codes_exact") else {}
    tell("lists", runs=len(scored), ours=ours, against={"tesseract": rival}, ratio=ratio, as_json=given.json)


def _scored(lists: list[MadeList], levels: list[str], dpis: list[str]) -> Iterator[tuple[MadeList, str, bytes, Score]]:
    for made in lists:
        pdf = as_pdf(made)
        for kind, data in _files(made, pdf, levels, dpis):
            yield made, kind, data, score(made.truth, [(kind, data)])[0]


def _files(made: MadeList, pdf: bytes, levels: list[str], dpis: list[str]) -> Iterator[tuple[str, bytes]]:
    yield "pdf", pdf
    yield "xlsx", as_workbook(made)
    for level in levels:
        for dpi in dpis:
            yield f"{level} {dpi}", as_scan(pdf, level=level, dpi=int(dpi), seed=made.seed)  # type: ignore[arg-type]


def _table(scored: list[tuple[MadeList, str, bytes, Score]]) -> dict[str, Any]:
    table: dict[str, Any] = {}
    for made, kind, _, one in scored:
        for key in (kind, f"{kind} / {made.layout.name}"):
            kept = table.setdefault(key, dict.fromkeys(_SUMMED, 0))
            for name in _SUMMED:
                kept[name] = round(kept[name] + asdict(one)[name], 3)
    for kept in table.values():
        kept["rows_share"] = round(kept["rows_exact"] / kept["rows"], 4)
        kept["cells_share"] = round(kept["cells_exact"] / kept["cells"], 4)
    return dict(sorted(table.items(), key=lambda each: ("/" in each[0], each[0])))


def _rival(files: list[tuple[MadeList, str, bytes]]) -> dict[str, Any]:
    """Plain pytesseract, whole page: how many codici fiscali stand in its text as they are on paper."""
    began, found, there = time.perf_counter(), 0, 0
    for made, kind, data in files:
        text = "".join(
            pytesseract.image_to_string(Image.fromarray(page.image(300)), lang="ita", config="--psm 3")
            for page in open_pages(data, name=kind)
        ).replace(" ", "")
        found += sum(person.tax_code in text for person in made.people)
        there += len(made.people)
    if not there:
        return {}
    return {"codes_exact": round(found / there, 4), "seconds": round(time.perf_counter() - began, 1)}


def _codes_of(scored: list[tuple[MadeList, str, bytes, Score]]) -> float:
    scans = [one for _, kind, _, one in scored if kind.endswith("300")]
    return sum(one.codes_exact for one in scans) / max(1, sum(one.rows for one in scans))


if __name__ == "__main__":
    main()
