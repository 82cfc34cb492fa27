"""Writes `docs/signatures.md`: our answers beside those of plain pyHanko, `pdfsig` and openssl, on the same documents.

    python -m bench.signature_table FOLDER

FOLDER is a collection with a `manifest.tsv` (see `bench/collection.py`) and a folder `trust/`. Every document goes once to each
tool that reads its kind; each answer is compared with the one that the manifest expects.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime
from importlib.metadata import version
from pathlib import Path

from bench.collection import FITTING, Sample, samples
from bench.rival_validators import Answer, openssl_cms, pdfsig, pyhanko_cms, pyhanko_pdf, version_of
from intake.checks.apart import Limits, Outcome, run_each_apart
from signing.inspect import inspect_signatures
from signing.report import Verdict
from signing.trust import TrustStore

PAGE = Path(__file__).resolve().parent.parent / "docs" / "signatures.md"
PDF_FAMILIES = ("pades", "attack", "unsigned")
FAMILIES = {
    "pades": "PAdES, signatures inside a PDF",
    "attack": "PDFs forged on purpose",
    "unsigned": "PDFs without signatures",
    "cades": "CAdES, envelopes and detached signatures",
    "xades": "XAdES, signatures in XML",
    "asic": "ASiC containers",
}
_LIMITS = Limits(seconds=60, resident=1024**3)
_TEXT = """# How often we are right about signatures

Measured on {day} with {tools}.
This page is written by `python -m bench.signature_table FOLDER`; do not edit it.

The documents come from the test suites of other projects (EU DSS, pyHanko, SiVa, pdf.js, veraPDF, qpdf), with forgeries and
Italian layouts made for the purpose; each has the answer it must get. Trust is set aside: a signature of an unknown provider is
good when it is intact and nothing unexplained came after it.

- **right**: the answer that the document must get. Tools that only say *valid* or *not valid* are right when that leads to the
  same decision; of us the exact verdict is asked.
- **false accepts**: forged, changed or unsigned, and called clean. The one figure that must be zero.
- **false alarms**: good, and not called clean.
- **crashes**: an exception that is none of the tool's own, a signal, or no answer within a minute.

{tables}
What we cannot verify is said to be so (`unverifiable`), never clean. What each problem means stands in [errors.md](errors.md);
how the time is spent is measured by `python -m bench.signatures`.
"""
Answers = list[tuple[Sample, Answer, bool]]
"""Sample, what the tool said, and whether that fits."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--out", type=Path, default=PAGE)
    given = parser.parse_args()
    trust, at = TrustStore.from_folder(given.folder / "trust"), datetime.now(UTC)
    tables = [
        _table(family, title, given.folder, trust, at)
        for family, title in FAMILIES.items()
        if samples(given.folder, family)
    ]
    given.out.write_text(_page(tables, at.date()))
    print(f"{given.out} written", file=sys.stderr)


def _table(family: str, title: str, folder: Path, trust: TrustStore, at: datetime) -> str:
    asked = samples(folder, family)
    rows = [_row("Sportello", _ours(asked, trust, at))]
    for name, ask in _rivals(family, trust, at):
        rows.append(_row(name, _asked_apart(asked, ask)))
    head = "| tool | documents | right | false accepts | false alarms | crashes |\n| --- | ---: | ---: | ---: | ---: | ---: |"
    return "\n".join([f"## {title}", "", head, *rows, ""])


def _ours(asked: Sequence[Sample], trust: TrustStore, at: datetime) -> Answers:
    def judge(sample: Sample, _tell: object) -> Verdict:
        return inspect_signatures(
            sample.path.read_bytes(),
            name=sample.path.name,
            detached=sample.detached.read_bytes() if sample.detached else None,
            trust=trust,
            at=at,
        ).verdict

    answers = []
    for sample, outcome in zip(asked, run_each_apart(judge, asked, _LIMITS), strict=True):
        verdict = outcome.result
        told = Answer.crash if verdict is None else _in_few_words(verdict)
        answers.append((sample, told, verdict in FITTING[sample.expected]))
    return answers


def _in_few_words(verdict: Verdict) -> Answer:
    if verdict.is_clean:
        return Answer.clean
    return Answer.no_signature if verdict is Verdict.not_signed else Answer.not_clean


def _rivals(family: str, trust: TrustStore, at: datetime) -> Iterator[tuple[str, Callable[[Sample], Answer]]]:
    if family in PDF_FAMILIES:
        yield "pyHanko", lambda sample: pyhanko_pdf(sample.path.read_bytes(), trust, at)
        yield "pdfsig", lambda sample: pdfsig(sample.path)
    if family == "cades":
        yield (
            "pyHanko",
            lambda sample: pyhanko_cms(
                sample.path.read_bytes(), sample.detached.read_bytes() if sample.detached else None, trust, at
            ),
        )
        yield "openssl cms", lambda sample: openssl_cms(sample.path, sample.detached)


def _asked_apart(asked: Sequence[Sample], ask: Callable[[Sample], Answer]) -> Answers:
    outcomes: Iterator[Outcome[Answer]] = run_each_apart(lambda sample, _tell: ask(sample), asked, _LIMITS)
    answers = []
    for sample, outcome in zip(asked, outcomes, strict=True):
        told = outcome.result or Answer.crash
        answers.append((sample, told, told in _fitting(sample)))
    return answers


def _fitting(sample: Sample) -> set[Answer]:
    """A tool that has fewer words than we is right when its answer leads a reader to the same decision."""
    return {_in_few_words(verdict) for verdict in FITTING[sample.expected]}


def _row(name: str, answers: Answers) -> str:
    counts = Counter(
        key
        for sample, told, right in answers
        for key, holds in {
            "right": right,
            "accepts": told is Answer.clean and not sample.may_be_clean,
            "alarms": sample.expected == "OK_TECH" and not right,
            "crashes": told is Answer.crash,
        }.items()
        if holds
    )
    share = counts["right"] / len(answers)
    figures = (len(answers), f"{counts['right']} ({share:.0%})", counts["accepts"], counts["alarms"], counts["crashes"])
    return f"| {name} | {' | '.join(map(str, figures))} |"


def _page(tables: Sequence[str], day: date) -> str:
    openssl = version_of(["openssl", "version"]).split(" (")[0]
    tools = f"pyHanko {version('pyhanko')}, {version_of(['pdfsig', '-v'])}, {openssl}"
    return _TEXT.format(day=day.isoformat(), tools=tools, tables="\n".join(tables))


if __name__ == "__main__":
    main()
