"""Reads the field map out of a typeset form: the template marks two corners of each value, Typst says where they fell."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from intake.typesetting.compiler import TypesettingError
from intake.typesetting.symbols import MARKER_MODULE_MM, MARKER_MODULES, MODULE_MM
from ocr.form_map import Box, FormField, FormMap, FormZone

MM = 72 / 25.4
PAGE_WIDTH, PAGE_HEIGHT = 210 * MM, 297 * MM
EDGE = 8 * MM
MARK = MARKER_MODULES * MARKER_MODULE_MM * MM
CODE_SIDE = 19 * MM
LAST_LINE = PAGE_HEIGHT - 32 * MM

Corner = dict[str, Any]


def read_form_map(form: str, measured: dict[str, list[Any]], workers: list[dict[str, str]], modules: int) -> FormMap:
    """Where every value and every reserved place falls.

    ``measured`` holds what the template measured under the labels ``map`` and ``columns``, ``workers`` the printed rows,
    ``modules`` the width of a page code. Raises ``TypesettingError`` when a value is split between pages or longer than one.
    """
    corners: list[Corner] = measured["map"][0]
    columns = measured["columns"][0]
    pages = max(corner["page"] for corner in corners)
    rows = _row_boxes(corners, columns)
    fields = [*_value_fields(corners), *_worker_fields(rows, columns, workers)]
    _refuse_what_leaves_the_page(fields)
    zones = [
        *_marked_zones(corners),
        *_table_zones(rows, corners, columns),
        *_page_zones(pages, modules * MODULE_MM * MM),
    ]
    return FormMap(form, pages, round(PAGE_WIDTH, 2), round(PAGE_HEIGHT, 2), tuple(fields), tuple(zones))


def read_page_map(form: str, measured: dict[str, list[Any]], modules: int) -> FormMap:
    """The same for a form without a table of workers: only what the template measured under the label ``map``."""
    corners: list[Corner] = measured["map"][0]
    pages = max(corner["page"] for corner in corners)
    fields = _value_fields(corners)
    _refuse_what_leaves_the_page(fields)
    zones = [*_marked_zones(corners), *_page_zones(pages, modules * MODULE_MM * MM)]
    return FormMap(form, pages, round(PAGE_WIDTH, 2), round(PAGE_HEIGHT, 2), tuple(fields), tuple(zones))


def _pairs(corners: Iterable[Corner], name: str) -> list[tuple[Corner, Corner]]:
    starts = {corner[name]: corner for corner in corners if name in corner and corner["at"] == "start"}
    ends = {corner[name]: corner for corner in corners if name in corner and corner["at"] == "end"}
    if starts.keys() != ends.keys() or any(starts[key]["page"] != ends[key]["page"] for key in starts):
        raise TypesettingError(
            "typesetting.value_split",
            "Un dato del modulo cade a cavallo di due pagine.",
            "È un difetto del programma: lo segnali a chi gestisce il servizio con il codice di questo errore.",
        )
    return [(starts[key], ends[key]) for key in starts]


def _box(left: float, top: float, right: float, bottom: float) -> Box:
    return Box(round(left, 2), round(top, 2), round(right, 2), round(bottom, 2))


def _between(start: Corner, end: Corner) -> Box:
    return _box(start["x"], start["y"], end["x"], end["y"])


def _value_fields(corners: list[Corner]) -> list[FormField]:
    return [
        FormField(
            start["field"],
            start["page"],
            _between(start, end),
            start["value"],
            start["kind"],
            start["font"],
            start["size"],
        )
        for start, end in _pairs(corners, "field")
    ]


def _refuse_what_leaves_the_page(fields: list[FormField]) -> None:
    for field in fields:
        if field.box.bottom > LAST_LINE + 1:
            raise TypesettingError(
                "typesetting.value_too_long",
                f"Il dato «{field.value[:40]}…» è troppo lungo per stare in una pagina ({field.name}).",
                "Accorci il testo, poi chieda di nuovo il modulo.",
            )


def _row_boxes(corners: list[Corner], columns: dict[str, Any]) -> dict[int, tuple[int, float, float]]:
    """Row number to page, top and bottom of its cells."""
    inset = columns["inset"][1]
    return {
        start["row"]: (start["page"], start["y"] - inset, end["y"] + inset) for start, end in _pairs(corners, "row")
    }


def _worker_fields(
    rows: dict[int, tuple[int, float, float]], columns: dict[str, Any], workers: list[dict[str, str]]
) -> list[FormField]:
    fields = []
    for row, (page, top, bottom) in rows.items():
        left = columns["left"]
        for column in columns["columns"]:
            right = left + column["width"]
            fields.append(
                FormField(
                    f"workers.{row}.{column['key']}",
                    page,
                    _box(left, top, right, bottom),
                    workers[row - 1][column["key"]],
                    column["kind"],
                    column["font"],
                    columns["size"],
                )
            )
            left = right
    return fields


def _marked_zones(corners: list[Corner]) -> list[FormZone]:
    named = [{**corner, "name_of_zone": corner["name"]} for corner in corners if "zone" in corner]
    return [
        FormZone(start["zone"], start["name"], start["page"], _between(start, end), start["label"])
        for start, end in _pairs(named, "name_of_zone")
    ]


def _table_zones(
    rows: dict[int, tuple[int, float, float]], corners: list[Corner], columns: dict[str, Any]
) -> list[FormZone]:
    """The worker table's part on each page, its repeated header row included."""
    header = next(corner for corner in corners if "header" in corner)
    first_page, first_top, _ = rows[1]
    header_height = first_top - (header["y"] - columns["inset"][1])
    assert header["page"] == first_page
    right = columns["left"] + sum(column["width"] for column in columns["columns"])
    zones = []
    for page in sorted({page for page, _, _ in rows.values()}):
        tops = [top for at, top, _ in rows.values() if at == page]
        bottoms = [bottom for at, _, bottom in rows.values() if at == page]
        box = _box(columns["table_left"], min(tops) - header_height, right, max(bottoms))
        zones.append(FormZone("table", "workers", page, box, "Elenco dei lavoratori"))
    return zones


def _page_zones(pages: int, code: float) -> list[FormZone]:
    right, bottom = PAGE_WIDTH - EDGE, PAGE_HEIGHT - EDGE
    marks = (
        _box(EDGE, EDGE, EDGE + MARK, EDGE + MARK),
        _box(right - MARK, EDGE, right, EDGE + MARK),
        _box(right - MARK, bottom - MARK, right, bottom),
        _box(EDGE, bottom - MARK, EDGE + MARK, bottom),
    )
    codes = {
        "top_right": _box(PAGE_WIDTH - CODE_SIDE - code, EDGE, PAGE_WIDTH - CODE_SIDE, EDGE + code),
        "bottom_left": _box(CODE_SIDE, bottom - code, CODE_SIDE + code, bottom),
    }
    return [
        zone
        for page in range(1, pages + 1)
        for zone in (
            *(FormZone("marker", str(number), page, box) for number, box in enumerate(marks)),
            *(FormZone("page_code", name, page, box) for name, box in codes.items()),
        )
    ]
