"""N2, C6: the commands on registers say what holds, by their exit code too (0 holds, 1 does not, 2 wrong use, 3 unreadable)."""

from __future__ import annotations

import io
import json
import uuid
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import pikepdf
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from intake.applications.models import Receipt, ReceiptKind
from intake.applications.receipts import PROOF_ATTACHMENT, make_receipt
from intake.cli import main
from intake.clock import ROME
from intake.protocol.heads import keep_heads
from intake.receipt_check import registered_facts
from intake.service import Service
from intake.typesetting.receipts import RECEIPT_ATTACHMENT
from protocol_register.checkpoint import make_checkpoint, verifier_key
from protocol_register.facts import entry_from_facts
from protocol_register.keys import RegisterKey
from protocol_register.leaf import leaf_of
from protocol_register.log_proof import current_proof
from protocol_register.receipt import receipt_facts
from protocol_register.search import checkpoint_text, register_of
from signing.seal import seal_pdf
from signing.seal_key import SealKey
from tests.intake.applications_made import rehearsal_of
from tests.intake.filings import SARDEGNA, checked, issued, sent
from tests.intake.protocol.test_daily_register import days_later, registered
from tests.intake.protocol.test_emergency_import import filled
from tests.intake.protocol.test_heads import put_back

pytestmark = pytest.mark.shared_installation


@pytest.fixture
def run(service: Service, monkeypatch: pytest.MonkeyPatch):
    """Runs a command on the test's installation."""

    def invoke(*arguments: str, at: Service = service) -> Result:
        for module in ("register", "register_office"):
            monkeypatch.setattr(f"intake.commands.{module}.installation", lambda **_: nullcontext(at))
        return CliRunner().invoke(main, ["register", *arguments])

    import intake.commands.register  # noqa: F401 - the command loads it; the patch needs it before

    return invoke


def receipt_of(service: Service, folder: Path, **unit: str) -> tuple[str, Path]:
    """The register's code and the receipt of a registration in it."""
    application_id, _ = issued(service, **unit)
    checked(service, application_id)
    sent(service, application_id)
    with service.transaction() as session:
        code = rehearsal_of(session, SARDEGNA).register_code
        kind = (Receipt.application_id == application_id, Receipt.kind == ReceiptKind.REGISTERED)
        receipt_id: uuid.UUID = session.scalars(select(Receipt.id).where(*kind)).one()
    make_receipt(service, receipt_id)
    with service.transaction() as session:
        pdf = service.store.get(session.get_one(Receipt, receipt_id).pdf_sha256 or "")
    (folder / "ricevuta.pdf").write_bytes(pdf)
    return code, folder / "ricevuta.pdf"


def test_n2_a_register_is_held_to_receipts_and_heads_that_left_it(service: Service, run, tmp_path: Path) -> None:
    code, receipt = receipt_of(service, tmp_path)
    with service.transaction() as session:
        register = register_of(session.connection(), code)
        head = checkpoint_text(session.connection(), code)
    (tmp_path / "testa.txt").write_text(head or "")
    (tmp_path / "chiave.txt").write_text(verifier_key(register.origin, register.public_key))
    (tmp_path / "altra.txt").write_text(RegisterKey.generate(code).public.hex())
    held = ("verify", "--receipt", str(receipt), "--checkpoint", str(tmp_path / "testa.txt"))
    found = run(*held, "--key", str(tmp_path / "chiave.txt"), "--every-signature", "--json")
    assert found.exit_code == 0
    assert json.loads(found.stdout)[0]["holds"]
    assert run("verify", code, "--key", str(tmp_path / "altra.txt")).exit_code == 1
    with service.transaction() as session:
        entry = (registered_facts(receipt.read_bytes()) or {})["entry"]
        proof = current_proof(session.connection(), code, entry["year"], entry["number"])
    (tmp_path / "prova.txt").write_text(proof)
    assert run("verify", "--checkpoint", str(tmp_path / "prova.txt")).exit_code == 0
    with service.transaction() as session:
        edition = rehearsal_of(session, SARDEGNA)
    put_back(service, code)
    registered(service, edition)
    assert run("verify", code).exit_code == 0
    rewritten = run(*held)
    assert rewritten.exit_code == 1
    assert "non è quello della ricevuta consegnata" in rewritten.output
    assert "il registro è stato riscritto" in rewritten.output
    assert "Che cosa fare: Non registri nulla." in rewritten.output
    put_back(service, code)
    shortened = run(*held)
    assert shortened.exit_code == 1
    assert "Manca l’atto 0 di una ricevuta consegnata." in shortened.output
    assert "Che cosa fare: Se esiste una copia più recente la ripristini." in shortened.output
    registered(service, edition)


def test_n2_what_cannot_be_read_or_makes_no_sense_is_said(service: Service, run, tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("x")
    assert run("verify", "--receipt", str(tmp_path / "x.txt")).exit_code == 3
    assert run("verify", "--key", str(tmp_path / "x.txt")).exit_code == 2
    assert run("verify", "--checkpoint", str(tmp_path / "x.txt")).exit_code == 1
    no_receipt = CliRunner().invoke(main, ["receipt", "verify", str(tmp_path / "x.txt")])
    assert (no_receipt.exit_code, "non è una ricevuta di questo servizio" in no_receipt.output) == (3, True)
    (tmp_path / "x.bin").write_bytes(b"\xff\xfe\x00")
    for option in ("--checkpoint", "--key"):
        no_text = run("verify", "X", option, str(tmp_path / "x.bin"))
        assert (no_text.exit_code, "non è un testo" in no_text.output) == (3, True)
    for number in ("0", "99999999999"):
        assert run("resume", "X", "--after", number, "--act", "Det. 1", "--operator", "admin").exit_code == 2


def test_n2_a_false_receipt_accuses_no_register(service: Service, run, tmp_path: Path) -> None:
    _, receipt = receipt_of(service, tmp_path, firm="BETA SNC", unit="Laboratorio")
    false = tmp_path / "falsa.pdf"
    with pikepdf.open(receipt) as pdf:
        facts = json.loads(pdf.attachments[PROOF_ATTACHMENT].get_file().read_bytes())
        facts["entry"]["subject"] = "Altro oggetto"
        pdf.attachments[PROOF_ATTACHMENT] = json.dumps(facts).encode()
        pdf.save(false)
    answered = run("verify", "--receipt", str(false))
    assert answered.exit_code == 1
    assert "La ricevuta falsa.pdf non regge da sola, quindi del registro non dice nulla." in answered.output
    (tmp_path / "altra.txt").write_text(RegisterKey.generate("X").public.hex())
    other = run("verify", "--receipt", str(receipt), "--key", str(tmp_path / "altra.txt"))
    assert (other.exit_code, "non è firmata con la chiave che ha indicato" in other.output) == (1, True)
    with pikepdf.open(receipt) as pdf:
        pdf.attachments[PROOF_ATTACHMENT] = b"[1]"
        pdf.save(false)
    assert run("verify", "--receipt", str(false)).exit_code == 3


def test_n2_what_a_stranger_signed_with_a_key_of_their_own_accuses_no_register(
    service: Service, run, tmp_path: Path
) -> None:
    code, receipt = receipt_of(service, tmp_path, firm="BETA SNC", unit="Falegnameria")
    with service.transaction() as session:
        register = register_of(session.connection(), code)
    stranger = RegisterKey.generate(code)
    with pikepdf.open(receipt) as pdf:
        entry = entry_from_facts(json.loads(pdf.attachments[PROOF_ATTACHMENT].get_file().read_bytes())["entry"])
        entry = replace(entry, subject="Mai registrata", log_index=0)
        entry = replace(entry, leaf_hash=leaf_of(entry))
        head = make_checkpoint(register.origin, 1, entry.leaf_hash, stranger.private)
        facts = receipt_facts(replace(register, public_key=stranger.public), entry, (), head)
        pdf.attachments[PROOF_ATTACHMENT] = json.dumps(facts).encode()
        pdf.save(tmp_path / "falsa.pdf")
    (tmp_path / "testa.txt").write_text(head)
    false = run("verify", "--receipt", str(tmp_path / "falsa.pdf"))
    assert (false.exit_code, false.output.count(f"non è firmata con la chiave del registro {code}")) == (1, 1)
    assert "Non registri nulla" not in false.output
    for given in (
        (code, "--key", stranger.public.hex()),
        ("--checkpoint", str(tmp_path / "testa.txt")),
        ("--checkpoint", str(tmp_path / "testa.txt"), "--key", stranger.public.hex()),
    ):
        answered = run("verify", *given)
        assert answered.exit_code == 1
        assert "Che cosa fare: Prima controlli ciò che ha indicato" in answered.output
    assert run("verify", code).exit_code == 0


def test_n2_a_page_composed_by_a_stranger_round_the_true_proof_is_told_by_its_seal(
    service: Service, run, tmp_path: Path
) -> None:
    code, receipt = receipt_of(service, tmp_path, firm="BETA SNC", unit="Deposito")
    page = io.BytesIO()
    with pikepdf.new() as pdf, pikepdf.open(receipt) as genuine:
        pdf.add_blank_page()
        for name in (RECEIPT_ATTACHMENT, PROOF_ATTACHMENT):
            pdf.attachments[name] = genuine.attachments[name].get_file().read_bytes()
        pdf.save(page)
    at = service.clock()
    stranger = SealKey.create("Regione", "Regione", at)
    (tmp_path / "altra.pdf").write_bytes(seal_pdf(page.getvalue(), stranger, at=at, reason="Ricevuta", name="Regione"))
    with service.transaction() as session:
        register = register_of(session.connection(), code)
    key, seal = verifier_key(register.origin, register.public_key), service.keys.seal_key(code).fingerprint

    def verified(name: str, *more: str) -> Result:
        return CliRunner().invoke(main, ["receipt", "verify", str(tmp_path / name), "--key", key, *more])

    assert (verified("ricevuta.pdf", "--seal", seal).exit_code, verified("altra.pdf").exit_code) == (0, 0)
    assert "Non sappiamo se il sigillo è quello dell'ufficio" in verified("altra.pdf").output
    found = verified("altra.pdf", "--seal", seal)
    assert (found.exit_code, "Il sigillo non è quello dell'ufficio" in found.output) == (1, True)
    assert verified("ricevuta.pdf", "--seal", "12").exit_code == 2
    assert CliRunner().invoke(main, ["receipt", "verify", str(receipt), "--key", "chiave.txt"]).exit_code == 2


@pytest.mark.own_installation
def test_c6_resume_asks_for_at_least_the_number_known(service: Service, run) -> None:
    with service.transaction() as session:
        edition = rehearsal_of(session, SARDEGNA)
    for _ in range(2):
        registered(service, edition)
    keep_heads(service)
    put_back(service, edition.register_code)
    act = ("--act", "Det. 9")
    refused = run("resume", edition.register_code, "--after", "1", *act)
    assert refused.exit_code == 1
    assert "0000002" in refused.output
    assert run("resume", edition.register_code, "--after", "2", *act).exit_code == 0
    assert registered(service, edition).number == 3


@pytest.mark.own_installation
def test_c6_a_day_of_emergency_and_its_daily_register_from_the_terminal(service: Service, run, tmp_path: Path) -> None:
    with service.transaction() as session:
        code = rehearsal_of(session, SARDEGNA).register_code
    assert run("emergency", "prepare", code, "--rows", "3", "--out", str(tmp_path)).exit_code == 0
    sheet = next(tmp_path.glob("*.csv"))
    today = service.clock()
    (tmp_path / "male.csv").write_bytes(filled(sheet.read_bytes(), today, hours=("09:40", "09:10")))
    refused = run("emergency", "import", str(tmp_path / "male.csv"))
    assert refused.exit_code == 1
    assert "precede la registrazione" in refused.output
    (tmp_path / "bene.csv").write_bytes(filled(sheet.read_bytes(), today))
    assert run("emergency", "import", str(tmp_path / "bene.csv")).output.count("→") == 2
    day = today.astimezone(ROME).date().isoformat()
    assert run("daily", day).exit_code == 1
    made = run("daily", day, "--register", code, at=days_later(service, 1))
    assert made.exit_code == 0
    assert "2 registrazioni" in made.output
    assert run("daily", "1999-01-01").exit_code == 0
    assert run("daily", "1999-01-01", "--register", code).exit_code == 1
