"""What lawfully comes onto a form after printing: signatures, the firm's and the office's stamps, the revenue stamp's label."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.forms.issuing import BenchForm
from bench.forms.pen import draw, inked, made_pen, signature
from bench.forms.sheets import SHEET_DPI, Marked, MarkKind, Rgb, Sheet, pixel_box
from ocr.form_map import Box, FormZone
from tests.ocr.revenue_stamps_drawn import LABEL_MM, Label, label_picture

_MM = 72 / 25.4
_STAMP_INKS = ((150, 40, 60), (40, 40, 140), (90, 40, 130), (30, 90, 60))
_UNSIGNED_SHARE = 0.15
_COMPANY_STAMP_SHARE = 0.5
_OFFICE_STAMP_SHARE = 0.6


def signed_and_stamped(sheet: Sheet, form: BenchForm, *, seed: int) -> Sheet:
    """``sheet`` as a firm returns it: signed in most of its boxes, stamped by the firm now and then, with the revenue stamp
    where the form asks for one, and stamped by the office that took it.
    """
    rng = np.random.default_rng([seed, 21, sheet.page])
    picture = sheet.picture.copy()
    marks: list[Marked] = []
    for zone in form.form_map.zones_on_page(sheet.page, "signature"):
        if rng.random() >= _UNSIGNED_SHARE:
            box = draw(picture, signature(zone.box, rng), made_pen(rng), rng)
            marks.append(Marked("signature", sheet.page, zone.name, box))
            if rng.random() < _COMPANY_STAMP_SHARE:
                marks.append(_stamp(picture, zone, "company_stamp", (form.data["employer"]["name"], "P. IVA"), rng))
    marks += [
        _stamp(picture, zone, "office_stamp", ("ARRIVO", "9 APR 2020"), rng)
        for zone in form.form_map.zones_on_page(sheet.page, "office_stamp")
        if zone.name == "arrival" and rng.random() < _OFFICE_STAMP_SHARE
    ]
    marks += [
        _label(picture, zone, form.data["stamp_duty"]["identifier"], rng)
        for zone in form.form_map.zones_on_page(sheet.page, "revenue_stamp")
    ]
    return replace(sheet, picture=picture, marks=(*sheet.marks, *marks))


def _stamp(picture: Rgb, zone: FormZone, kind: MarkKind, lines: tuple[str, str], rng: np.random.Generator) -> Marked:
    """A rubber stamp with two lines, turned and unevenly pressed, inside its zone but for a little."""
    width, height = round(38 * SHEET_DPI / 25.4), round(14 * SHEET_DPI / 25.4)
    plate = np.zeros((height, width), np.uint8)
    if kind == "office_stamp":
        cv2.rectangle(plate, (6, 6), (width - 7, height - 7), 255, 5, cv2.LINE_AA)
    for row, text in enumerate(lines):
        (wide, high), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_DUPLEX, 1.0, 3)
        size = min(0.8 * width / wide, 0.28 * height / high)
        place = (round((width - wide * size) / 2), round(height * (0.42 + 0.38 * row)))
        cv2.putText(plate, text, place, cv2.FONT_HERSHEY_DUPLEX, size, 255, 3, cv2.LINE_AA)
    box = zone.box
    middle = (
        (box.left + box.right) / 2 + rng.normal(0, 1.0 * _MM),
        (box.top + box.bottom) / 2 + rng.normal(0, 0.8 * _MM),
    )
    pressed = np.asarray(plate / 255 * _uneven(plate.shape, rng), dtype=np.float32)
    colour = _STAMP_INKS[int(rng.integers(len(_STAMP_INKS)))]
    covered = _laid(picture, pressed, middle, float(rng.normal(0, 4)), colour, float(rng.uniform(0.5, 0.85)))
    return Marked(kind, zone.page, zone.name, covered)


def _uneven(shape: tuple[int, ...], rng: np.random.Generator) -> NDArray[np.float32]:
    coarse = rng.uniform(0.3, 1.0, (6, 12)).astype(np.float32)
    return np.asarray(cv2.resize(coarse, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC).clip(0, 1), np.float32)


def _laid(
    picture: Rgb,
    mask: NDArray[np.float32],
    middle: tuple[float, float],
    turn: float,
    colour: tuple[int, int, int],
    cover: float,
) -> Box:
    height, width = mask.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), turn, 1.0)
    size = int(np.hypot(width, height)) + 2
    matrix[:, 2] += (size - width) / 2, (size - height) / 2
    turned = np.asarray(cv2.warpAffine(mask, matrix, (size, size)), dtype=np.float32)
    rows, columns = np.flatnonzero(turned.max(axis=1) > 0.1), np.flatnonzero(turned.max(axis=0) > 0.1)
    left, top = (round(value * SHEET_DPI / 72 - size / 2) for value in middle)
    up, start = max(0, top), max(0, left)
    place = picture[up : top + size, start : left + size]
    inked(
        place, turned[up - top : up - top + place.shape[0], start - left : start - left + place.shape[1]], colour, cover
    )
    edges = (left + columns[0], top + rows[0], left + columns[-1], top + rows[-1])
    return Box(*(round(float(edge) * 72 / SHEET_DPI, 2) for edge in edges))


def _label(picture: Rgb, zone: FormZone, identifier: str, rng: np.random.Generator) -> Marked:
    """The revenue stamp's label glued onto its place, at most 2.5 degrees askew."""
    label = np.array(label_picture(Label(identifier=identifier), dpi=SHEET_DPI).convert("RGB"))
    height, width = label.shape[:2]
    left, top, right, bottom = pixel_box(zone.box)
    middle = ((left + right) / 2 + rng.normal(0, 6), (top + bottom) / 2 + rng.normal(0, 6))
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), float(rng.uniform(-2.5, 2.5)), 1.0)
    matrix[:, 2] += middle[0] - width / 2, middle[1] - height / 2
    size = (picture.shape[1], picture.shape[0])
    covered = cv2.warpAffine(np.full((height, width), 255, np.uint8), matrix, size) > 127
    glued = cv2.warpAffine(label, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    picture[covered] = glued[covered]
    half = np.array(LABEL_MM) / 2 * _MM
    x, y = (value * 72 / SHEET_DPI for value in middle)
    box = Box(*(round(float(edge), 2) for edge in (x - half[0], y - half[1], x + half[0], y + half[1])))
    return Marked("revenue_stamp", zone.page, zone.name, box, identifier)
