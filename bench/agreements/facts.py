"""What one agreement says: drawn by a seed, and the truth that its reading is measured against."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from bench.agreements.people import ASSOCIATIONS, CITIES, SECTORS, firm, person, role, vat_number

Kind = Literal["agreement", "joint_examination", "prior_notice"]
Signing = Literal["telematic", "by_hand", "absent"]
Truth = dict[str, "str | tuple[str, ...] | None"]


@dataclass(frozen=True, slots=True)
class Facts:
    """``association`` None: nobody assists the employer; ``covid``, ``ordinary`` False: the text does not say it."""

    kind: Kind
    on: date
    city: str
    remote: bool
    employer: str
    vat: str
    representative: str
    role: str
    association: str | None
    sector: str
    unions: tuple[str, ...]
    officials: tuple[str, ...]
    workplace: Literal["RSU", "RSA"] | None
    total_staff: int
    workers: int
    periods: tuple[tuple[date, date], ...]
    weeks: int
    zero_hours: bool
    percent: int
    direct_payment: bool
    covid: bool
    ordinary: bool
    reached: bool | None
    signing: Signing


def drawn(rng: random.Random) -> Facts:
    """Facts of an agreement; layouts change what their kind of paper demands."""
    sector = rng.choice(list(SECTORS))
    unions = tuple(sorted(rng.sample(SECTORS[sector], rng.choice((1, 2, 2, 3, 3)))))
    staff = rng.randint(6, 64)
    weeks = rng.choice((4, 5, 6, 9, 9, 9, 13))
    starts = date(2020, 2, 24) + timedelta(days=rng.randrange(45))
    return Facts(
        kind="agreement",
        on=starts + timedelta(days=rng.randrange(2, 30)),
        city=rng.choice(CITIES),
        remote=False,
        employer=firm(rng),
        vat=vat_number(rng),
        representative=person(rng),
        role=role(rng),
        association=rng.choice((None, *ASSOCIATIONS)),
        sector=sector,
        unions=unions,
        officials=tuple(person(rng) for _ in unions),
        workplace=rng.choice((None, None, "RSU", "RSA")),
        total_staff=staff,
        workers=rng.randint(max(2, staff // 2), staff),
        periods=_periods(starts, weeks, split=weeks >= 9 and rng.random() < 0.2),
        weeks=weeks,
        zero_hours=rng.random() < 0.65,
        percent=rng.choice((20, 30, 40, 50, 60)),
        direct_payment=rng.random() < 0.8,
        covid=rng.random() < 0.92,
        ordinary=rng.random() < 0.92,
        reached=True,
        signing=rng.choice(("by_hand", "by_hand", "telematic", "absent")),
    )


def shaped(facts: Facts, **changes: object) -> Facts:
    """The same facts as another kind of paper needs them."""
    return replace(facts, **changes)  # type: ignore[arg-type]


def _periods(starts: date, weeks: int, *, split: bool) -> tuple[tuple[date, date], ...]:
    if not split:
        return ((starts, starts + timedelta(weeks=weeks, days=-1)),)
    first = weeks // 2
    end = starts + timedelta(weeks=first, days=-1)
    again = end + timedelta(days=8)
    return (starts, end), (again, again + timedelta(weeks=weeks - first, days=-1))


def yes(value: bool | None) -> str | None:
    return None if value is None else str(value).lower()


def truth_of(facts: Facts, told: frozenset[str]) -> Truth:
    """The values in the contract's form; a field that the paper does not tell has None."""
    everything: Truth = {
        "date": facts.on.isoformat(),
        "place": "videoconferenza" if facts.remote else facts.city,
        "employer": facts.employer,
        "representative": facts.representative,
        "association": facts.association,
        "unions": tuple(sorted((*facts.unions, *([facts.workplace] if facts.workplace else [])))),
        "total_staff": str(facts.total_staff),
        "workers_involved": str(facts.workers),
        "period_from": facts.periods[0][0].isoformat(),
        "period_to": facts.periods[-1][1].isoformat(),
        "weeks": str(facts.weeks),
        "zero_hours": yes(facts.zero_hours),
        "direct_payment": yes(facts.direct_payment),
        "covid_cause": "true" if facts.covid else None,
        "ordinary_schemes_unavailable": "true" if facts.ordinary else None,
        "agreement_reached": yes(facts.reached),
        "signatures": facts.signing,
    }
    return {field: value if field in told else None for field, value in everything.items()}


FIELDS = (
    "date", "place", "employer", "representative", "association", "unions", "total_staff", "workers_involved",
    "period_from", "period_to", "weeks", "zero_hours", "direct_payment", "covid_cause", "ordinary_schemes_unavailable",
    "agreement_reached", "signatures",
)  # fmt: skip
DECISIVE = (
    "date", "employer", "unions", "total_staff", "workers_involved", "period_from", "period_to", "covid_cause",
    "ordinary_schemes_unavailable", "agreement_reached",
)  # fmt: skip
"""The ten fields that the checks of an application rely on."""
EVERYTHING = frozenset(FIELDS)
