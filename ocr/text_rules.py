"""The ruling lines of a page, as they part a table into rows and columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

_DARK = 190
_LEVEL_MM = 25.0
_UPRIGHT_MM = 12.0
_PIECE_MM = 6.0
_THICK_MM = 1.2
_JOINED_PT = 3.0


@dataclass(frozen=True, slots=True)
class Rule:
    """A straight line: ``at`` is its place across, from ``start`` to ``end`` along it, in PDF points."""

    at: float
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Rules:
    """Level lines from the top down, upright ones from the left."""

    level: tuple[Rule, ...] = ()
    upright: tuple[Rule, ...] = ()


def rules_of(picture: NDArray[np.uint8], dpi: float) -> Rules:
    """The ruling lines of an upright grey picture."""
    dark = (picture < _DARK).astype(np.uint8)
    return Rules(tuple(_lines(dark, dpi, _LEVEL_MM)), tuple(_lines(np.ascontiguousarray(dark.T), dpi, _UPRIGHT_MM)))


def _lines(dark: NDArray[np.uint8], dpi: float, least_mm: float) -> Sequence[Rule]:
    """Dark runs along the rows of a picture; those that continue each other are one."""
    piece, thick = max(3, round(_PIECE_MM * dpi / 25.4)), max(2, round(_THICK_MM * dpi / 25.4))
    long = cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones((1, piece), np.uint8))
    solid = cv2.morphologyEx(long, cv2.MORPH_OPEN, np.ones((thick, 1), np.uint8))
    thin = cv2.subtract(long, cv2.dilate(solid, np.ones((3, 1), np.uint8)))
    _, _, facts, middles = cv2.connectedComponentsWithStats(thin, connectivity=8)
    scale = 72 / dpi
    found = [
        Rule(float(middle[1]) * scale, float(fact[cv2.CC_STAT_LEFT]) * scale, float(fact[0] + fact[2]) * scale)
        for fact, middle in zip(facts[1:], middles[1:], strict=True)
        if fact[cv2.CC_STAT_WIDTH] >= piece * 0.8
    ]
    joined = _joined(sorted(found, key=lambda rule: rule.at))
    return [rule for rule in joined if rule.end - rule.start >= least_mm * 72 / 25.4]


def _joined(rules: Sequence[Rule]) -> list[Rule]:
    joined: list[Rule] = []
    for rule in rules:
        near = next((other for other in joined[-12:] if abs(other.at - rule.at) <= _JOINED_PT), None)
        if near is None:
            joined.append(rule)
        else:
            joined[joined.index(near)] = Rule(near.at, min(near.start, rule.start), max(near.end, rule.end))
    return joined
