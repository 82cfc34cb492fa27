"""Later time-stamps of a signature, judged: which instants they prove, and what has to be said of the others."""

from dataclasses import dataclass
from datetime import datetime

from signing.cades_time_stamps import MOST_TOKENS, LateStamp
from signing.certificate_path import Material
from signing.problems import problem
from signing.report import Problem
from signing.timestamps import LATE_FLAWS, examine_timestamp
from signing.trust import TrustStore


@dataclass(frozen=True, slots=True)
class LateFindings:
    """Instants (aware) at which the signature is proven to have existed, and what has to be told."""

    times: tuple[datetime, ...] = ()
    problems: tuple[Problem, ...] = ()


def examine_late_stamps(stamps: tuple[LateStamp, ...], *, trust: TrustStore, material: Material) -> LateFindings:
    """Check each token like any other. One that lists what is no longer there does not hold (EN 319 122-1, 5.5.2)."""
    sound: list[tuple[LateStamp, datetime]] = []
    flaws: list[str] = []
    for stamp in stamps:
        if stamp.stamped is None:
            continue
        found = examine_timestamp(stamp.token, stamp.stamped, trust=trust, material=material)
        flaw = found.problem or ("timestamp_of_other_data" if stamp.altered else None)
        if flaw is not None:
            flaws.append(LATE_FLAWS.get(flaw, flaw))
        elif found.time is not None:
            sound.append((stamp, found.time))
    told = [problem(code) for code in dict.fromkeys(flaws)]
    beyond = sum(1 for stamp in stamps if stamp.beyond)
    unread = sum(1 for stamp in stamps if stamp.stamped is None) - beyond
    told += [problem("archive_timestamps_unchecked", count=unread)] if unread else []
    told += [problem("timestamps_not_examined", count=beyond, examined=MOST_TOKENS)] if beyond else []
    left = _left_out([stamp for stamp, _ in sound])
    told += [problem("archive_timestamp_partial", count=left)] if left else []
    return LateFindings(tuple(time for stamp, time in sound if stamp.over_signature), tuple(told))


def _left_out(sound: list[LateStamp]) -> int:
    """How many parts of the signature no archive time-stamp covers, of those that hold."""
    places = [stamp.left_out for stamp in sound if stamp.left_out is not None]
    return len(frozenset.intersection(*places)) if places else 0
