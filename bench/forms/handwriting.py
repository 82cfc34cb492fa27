"""Letters and digits as single strokes, written by a hand of its own: slant, width, wobble differ from hand to hand.

A glyph lies in a box one unit high, its strokes are knots ``x,y`` from the top left, joined by a smooth curve.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ocr.simulated_pen import smooth

_GLYPHS = {
    "0": ".3,0 .02,.3 .05,.75 .3,1 .55,.7 .55,.25 .3,0",
    "1": ".05,.3 .3,0 .3,.5 .3,1",
    "2": ".03,.25 .25,0 .5,.2 .3,.6 .02,1 .55,.97",
    "3": ".05,.1 .35,0 .5,.22 .22,.46 .52,.7 .3,1 .02,.88",
    "4": ".4,0 .02,.66 .6,.66|.42,.38 .42,1",
    "5": ".5,.02 .12,.03 .08,.44 .4,.42 .52,.75 .28,1 .02,.9",
    "6": ".45,.02 .12,.4 .05,.8 .3,1 .52,.75 .3,.52 .07,.7",
    "7": ".02,.04 .52,.02 .32,.5 .2,1|.15,.5 .45,.48",
    "8": ".3,.46 .08,.22 .3,0 .5,.2 .3,.46 .03,.76 .3,1 .55,.74 .3,.46",
    "9": ".5,.25 .28,0 .06,.25 .28,.48 .5,.25 .48,.65 .3,1",
    "A": "0,1 .3,0 .6,1|.12,.65 .5,.63",
    "B": ".05,0 .05,1|.05,.02 .45,.1 .4,.4 .07,.47 .5,.6 .45,.93 .05,1",
    "C": ".55,.15 .3,0 .03,.35 .07,.8 .35,1 .57,.85",
    "D": ".05,0 .05,1|.03,0 .45,.12 .58,.5 .42,.9 .03,1",
    "E": ".5,0 .05,.02 .05,.5 .05,1 .52,.98|.05,.5 .4,.48",
    "F": ".05,1 .05,.5 .05,.02 .5,0|.05,.48 .4,.46",
    "G": ".55,.15 .3,0 .03,.4 .1,.85 .38,1 .57,.8 .57,.56|.33,.57 .6,.55",
    "H": ".05,0 .05,1|.52,0 .52,1|.05,.5 .52,.48",
    "I": ".1,0 .1,.5 .1,1",
    "J": ".4,0 .4,.75 .22,1 .02,.8",
    "K": ".05,0 .05,1|.5,0 .07,.52 .52,1",
    "L": ".06,0 .05,.6 .05,.98 .5,.97",
    "M": "0,1 .08,0 .32,.6 .55,0 .65,1",
    "N": ".04,1 .05,0 .5,1 .52,0",
    "O": ".3,0 .02,.3 .05,.75 .32,1 .6,.7 .58,.25 .3,0",
    "P": ".05,1 .05,.5 .05,0 .42,.05 .45,.4 .07,.5",
    "Q": ".3,0 .02,.3 .05,.75 .32,1 .6,.7 .58,.25 .3,0|.38,.75 .65,1.08",
    "R": ".05,1 .05,0 .45,.06 .42,.42 .07,.48|.2,.48 .55,1",
    "S": ".5,.1 .28,0 .08,.2 .3,.48 .5,.74 .28,1 .02,.9",
    "T": ".02,.02 .6,0|.3,.02 .3,1",
    "U": ".04,0 .05,.7 .28,1 .5,.7 .52,0",
    "V": ".02,0 .27,1 .55,0",
    "W": ".02,0 .17,1 .35,.35 .53,1 .7,0",
    "X": ".04,0 .52,1|.52,0 .02,1",
    "Y": ".02,0 .28,.5|.54,0 .28,.5 .2,1",
    "Z": ".04,.03 .52,0 .02,.98 .55,.97",
    "/": ".35,0 .02,1.05",
    ",": ".12,.9 .05,1.2",
    ".": ".08,.96 .1,1",
    "’": ".12,-.05 .05,.2",
    "-": ".05,.55 .35,.53",
}
_SPACE = 0.35


@dataclass(frozen=True, slots=True)
class Hand:
    """How somebody writes: ``slant`` is how far the top leans right, ``wobble`` a share of a letter's height."""

    slant: float
    width: float
    wobble: float
    gap: float


def made_hand(rng: np.random.Generator) -> Hand:
    return Hand(
        float(rng.uniform(-0.1, 0.3)),
        float(rng.uniform(0.8, 1.1)),
        float(rng.uniform(0.01, 0.045)),
        float(rng.uniform(0.1, 0.2)),
    )


def written(text: str, hand: Hand, rng: np.random.Generator, *, height: float) -> list[NDArray[np.float64]]:
    """The strokes of ``text``, as points from the top left corner of its first letter, in the unit of ``height``.

    Accents are left out, as many hands do in capitals. Raises ``KeyError`` for a sign that this hand cannot write.
    """
    strokes, x = [], 0.0
    for sign in text.upper().translate(_PLAIN):
        if sign == " ":
            x += _SPACE
            continue
        parts = [_knots(part) for part in _GLYPHS[sign].split("|")]
        lift = rng.uniform(-0.04, 0.04)
        for knots in parts:
            moved = knots + rng.normal(0, hand.wobble, knots.shape)
            across = (moved[:, 0] + hand.slant * (1 - moved[:, 1])) * hand.width + x
            strokes.append(smooth(np.column_stack([across, moved[:, 1] + lift]), 12) * height)
        x += max(knots[:, 0].max() for knots in parts) * hand.width + hand.gap
    return strokes


def moved(strokes: list[NDArray[np.float64]], x: float, y: float) -> list[NDArray[np.float64]]:
    """``strokes`` with their corner at ``x``, ``y``."""
    return [stroke + np.array([x, y]) for stroke in strokes]


_PLAIN = str.maketrans("ÀÁÈÉÌÍÒÓÙÚÇŢŁ'", "AAEEIIOOUUCTL’")


def _knots(part: str) -> NDArray[np.float64]:
    return np.array([[float(value) for value in knot.split(",")] for knot in part.split()])
