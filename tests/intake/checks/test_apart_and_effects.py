"""Checks that die or hang are given up and said so; every code has its effect at transmission (house 2 and 8, N7, N10)."""

from __future__ import annotations

import ast
import os
import signal
import time
from collections.abc import Callable
from fnmatch import fnmatchcase
from unittest.mock import patch

import pytest
import structlog

import intake.checks.child as child_module
from intake.applications.models import Application
from intake.applications.returns import Incoming
from intake.applications.transmission import CannotTransmit
from intake.checks.apart import ApartFailed, Limits, Tell, run_apart, run_each_apart
from intake.checks.examination import Request, examine
from intake.checks.finding import Examination, Finding
from intake.checks.models import CheckRun, RunState
from intake.checks.run import perform_check
from intake.checks.severity import Severity
from intake.notices.findings import DEFAULT_EFFECTS
from intake.notices.load import load_pack
from intake.service import Service
from intake.settings import PROJECT, TEMPLATES
from signing.report import Verdict
from tests.intake.filings import issued, sent, sent_back

pytestmark = pytest.mark.shared_installation


def dies(_given: object, _tell: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def hangs(_given: object, _tell: object) -> None:
    while True:
        time.sleep(1)


def swells(_given: object, _tell: object) -> int:
    return len(bytearray(64 * 1024**3))


def errs(_given: object, _tell: object) -> None:
    raise LookupError("il contenuto del file non esce di qui")


def logs(_given: object, _tell: object) -> str:
    structlog.get_logger().warning("something_left_over", page=3)
    return "fatto"


def answers(given: str, tell: object) -> str:
    tell("metà", 1, 2)  # type: ignore[operator]
    return given.upper()


def test_what_work_apart_logs_never_comes_between_the_answers_on_standard_output(capfd: pytest.CaptureFixture) -> None:
    assert run_apart(logs, None, lambda *_: None, seconds=60, forked=True) == "fatto"
    told = capfd.readouterr()
    assert told.out == ""
    assert "something_left_over" in told.err


def test_work_apart_answers_and_tells_how_far_it_is() -> None:
    heard: list[object] = []
    assert run_apart(answers, "ecco", lambda *told: heard.append(told), seconds=60, forked=True) == "ECCO"
    assert heard == [("metà", 1, 2)]


@pytest.mark.parametrize("work", [dies, hangs, swells, errs])
def test_work_that_dies_hangs_swells_or_errs_is_given_up(work: object) -> None:
    with pytest.raises(ApartFailed) as failure:
        run_apart(work, None, lambda *_: None, seconds=1 if work is hangs else 60, forked=True)  # type: ignore[arg-type]
    assert "contenuto" not in failure.value.reason
    assert failure.value.ours is (work is errs)


def reads_pages_to_death(given: Request, tell: Tell) -> Examination:
    """The whole look ends the process, the look at the signatures alone does not."""
    if given.read_pages:
        os._exit(3)
    return examine(given, tell)


@pytest.mark.parametrize(
    ("work", "codes"),
    [(dies, {"file.unopenable"}), (reads_pages_to_death, {"checks.given_up", "signature.broken"})],
)
def test_a_check_that_dies_lets_nothing_pass_unseen(
    service: Service, monkeypatch: pytest.MonkeyPatch, work: Callable[..., object], codes: set[str]
) -> None:
    application_id, form = issued(service)
    with service.transaction() as session:
        edition = session.get_one(Application, application_id).edition.register_code
    signed = bytearray(
        service.keys.rehearsal_authority(edition).sign_pdf(form, "Mario", "Rossi", "RSSMRA68C02I452O", service.clock())
    )
    assert signed[10] > 127, "the comment after the head, which no reader looks at"
    signed[10] ^= 1
    run_id = sent_back(service, application_id, Incoming("a.pdf", bytes(signed)))
    monkeypatch.setattr(
        child_module,
        "run_apart",
        lambda _work, given, hear, *, seconds: run_apart(work, given, hear, seconds=60, forked=True),
    )
    perform_check(service, run_id)
    with service.transaction() as session:
        run = session.get_one(CheckRun, run_id)
        assert run.state is RunState.GIVEN_UP
        assert codes <= {each.code for each in run.findings}
        assert session.get_one(Application, application_id).events[-1].name == "checks_ended"
    with pytest.raises(CannotTransmit):
        sent(service, application_id)


def test_names_in_foreign_bytes_that_no_database_holds_do_not_stop_a_check(service: Service) -> None:
    application_id, _ = issued(service)
    run_id = sent_back(service, application_id, Incoming("a.pdf", b"%PDF-1.7"))
    name = "MARIO\0 ROSSI\ud800"
    told = Finding("signature.signed", Severity.INFO, f"Ha firmato {name}.", technical=name, field=name)
    found = Examination((told,), {"a": {"signer": name}}, {"alterations": [{name: (name, 1, None)}]})
    with patch("intake.checks.run.examine_apart", lambda *_, **__: found):
        perform_check(service, run_id)
    with service.transaction() as session:
        run = session.get_one(CheckRun, run_id)
        assert [(each.message, each.technical) for each in run.findings] == [
            ("Ha firmato MARIO ROSSI?.", "MARIO ROSSI?"),
        ]
        assert run.verdicts == {"a": {"signer": "MARIO ROSSI?"}}
        assert run.reading == {"alterations": [{"MARIO ROSSI?": ["MARIO ROSSI?", 1, None]}]}


def _finding_codes() -> set[str]:
    """Every code that the source gives to a finding, an obstacle or a rule's problem; placeholders as ``*``."""
    found = set()
    for path in (PROJECT / "intake").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            place = {"Finding": 0, "Discrepancy": 0, "Obstacle": 1, "RuleProblem": 0, "rule_problem": 1}.get(name)
            if place is not None and place < len(node.args):
                found |= set(_texts(node.args[place]))
    return found


def _texts(node: ast.expr) -> list[str]:
    match node:
        case ast.Constant(value=str() as text):
            return [text]
        case ast.JoinedStr(values=parts):
            return ["".join(part.value if isinstance(part, ast.Constant) else "*" for part in parts)]
        case ast.IfExp(body=body, orelse=other):
            return _texts(body) + _texts(other)
        case _:
            return []


def test_every_code_of_the_source_has_an_explicit_effect() -> None:
    codes = _finding_codes()
    assert len(codes) > 40, sorted(codes)
    packs = [load_pack(path.parent) for path in sorted((TEMPLATES / "notices").glob("*/notice.toml"))]
    for pack in packs:
        patterns = [rule.pattern for rule in pack.findings] + [pattern for pattern, _ in DEFAULT_EFFECTS]
        unexplained = [
            code for code in codes if not any(fnmatchcase(code.replace("*", "x"), each) for each in patterns)
        ]
        assert unexplained == [], pack.id


@pytest.mark.parametrize(
    ("codes", "effect"),
    [
        (
            (
                *("form.not_ours", "form.superseded", "pages.missing", "file.damaged_pdf", "signature.not_signed"),
                *("signature.broken", "signature.changed", "signature.invalid_certificate", "document.missing"),
                *("filing.identity_document_missing", "filing.not_accredited", "window.closed", "eligibility.sector"),
                *("signature.rehearsal_on_live", "signature.unreadable", "signer.stranger"),
            ),
            "refuses",
        ),
        (
            (
                *("signer.other_person", "cells.altered", "signature.unverifiable", "agreement.fields"),
                "worker.hiring_exception",
            ),
            "asks",
        ),
        (("signature.signed_with_reservations", "stamp_duty.reused", "cells.doubtful"), "informs"),
        (("checks.given_up", "pages.unknown", "pages.unread"), "asks"),
    ],
)
def test_the_defaults_are_those_of_the_mission(codes: tuple[str, ...], effect: str) -> None:
    for code in codes:
        first = next(effect for pattern, effect in DEFAULT_EFFECTS if fnmatchcase(code, pattern))
        assert first == effect, code


def test_every_verdict_has_an_effect_on_the_form() -> None:
    clean = {Verdict.signed, Verdict.signed_with_reservations}
    for verdict in Verdict:
        effect = next(
            effect for pattern, effect in DEFAULT_EFFECTS if fnmatchcase(f"signature.{verdict.value}", pattern)
        )
        expected = "informs" if verdict in clean else "asks" if verdict is Verdict.unverifiable else "refuses"
        assert effect == expected, verdict


def does(given: str, tell: Tell) -> str:
    """A piece of work for each way in which one can end."""
    tell("comincia", given)
    if given in {"muore", "pende"}:
        (dies if given == "muore" else hangs)(None, None)
    if given == "gonfia":
        return str(len(bytearray(900 * 1024**2)))
    if given == "sbaglia":
        errs(None, None)
    return given.upper()


def test_one_bad_piece_of_work_in_a_list_costs_the_others_nothing() -> None:
    pieces = ["uno", "muore", "due", "sbaglia", "tre", "gonfia", "quattro"]
    ends = ["UNO", False, "DUE", True, "TRE", False, "QUATTRO"]
    refused, watched = {"address_space": 400 * 1024**2}, {"resident": 400 * 1024**2}
    for given, ended, limits in (
        (pieces, ends, Limits(60, **refused)),
        (pieces, ends, Limits(60, **watched)),
        (["uno", "pende", "due"], ["UNO", False, "DUE"], Limits(6)),
    ):
        outcomes = list(run_each_apart(does, given, limits, together=3))
        assert [each.failure.ours if each.failure else each.result for each in outcomes] == ended
        assert [each.told for each in outcomes] == [(("comincia", piece),) for piece in given]
