"""A time-stamp in a file of its own (RFC 3161), bare or in its authority's answer, held against the document given beside it.

The token is a signed message too, but who signs it is the authority that states the time: nobody's signature of the document.
"""

from datetime import datetime

from signing.certificate_path import Material
from signing.enclosed import Enclosed, EnvelopeFindings
from signing.problems import problem
from signing.report import TimeProof
from signing.time_stamp_answer import token_of_answer
from signing.timestamps import examine_timestamp
from signing.trust import TrustStore

_DOCUMENT = "il documento"


def inspect_token(
    data: bytes, *, name: str, detached: bytes | None, trust: TrustStore, existed_by: tuple[datetime, ...] = ()
) -> EnvelopeFindings:
    """What the stamp proves of the document, which is then looked into. Never raises for any bytes."""
    token = token_of_answer(data)
    alone = problem("timestamp_only" if token is None else "timestamp_answer_only")
    if detached is None:
        return EnvelopeFindings(problems=(alone,))
    found = examine_timestamp(data if token is None else token, detached, trust=trust, material=Material())
    covers = () if found.problem == "timestamp_of_other_data" else (_DOCUMENT,)
    times = (found.time,) if found.proves and found.time is not None else ()
    told = (problem(found.problem),) if found.problem else ()
    return EnvelopeFindings(
        problems=(alone, *told),
        enclosed=Enclosed("", detached, (*existed_by, *times)),
        time_proofs=(TimeProof("time_stamp", name, covers, found.time, found.proves, found.problem),),
        looks_outside=True,
    )
