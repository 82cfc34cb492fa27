"""The main job and its refusals, step by step, as somebody would do it in a browser without JavaScript."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from intake.people.demonstration import demo_password
from intake.receipt_check import check_receipt
from intake.settings import TEMPLATES
from intake.trial import data, papers
from intake.trial.throwaway import Installation
from intake.trial.visitor import Page, Upload, Visitor, expect
from ocr.reading import identify_pages

CHECK_SECONDS = 180.0
RECEIPT_SECONDS = 60.0
EDITION = "SAR20-PROVA-1"
BEFORE_OPENING = "SAR20-PROVA-2"


@dataclass
class Filed:
    """One application on its way; ``path`` is its page."""

    path: str
    form: bytes = b""
    number: str = ""


@dataclass
class Trial:
    """What the steps hand to one another."""

    installation: Installation
    desk: Visitor
    stranger: Visitor
    office: Visitor
    filed: dict[str, Filed] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)

    @property
    def password(self) -> str:
        return demo_password(self.installation.data / "keys")


Step = tuple[str, Callable[[Trial], str]]


def sign_in(visitor: Visitor, username: str, password: str, path: str = "/accesso") -> None:
    """Through the page of one door. Raises ``TrialFailed``."""
    page = visitor.submit(visitor.open(path), "Accedi", {"username": username, "password": password})
    expect("corrispondono" not in page.text and page.status == 200, f"{username} cannot sign in: {page.text[:200]}")
    visitor.signed_in = True


def consultant_signs_in(trial: Trial) -> str:
    sign_in(trial.desk, "consulente", trial.password)
    expect("ALFA SRL" in trial.desk.open("/area").text, "the consultant does not see the firm that delegated her")
    return "consulente, per ALFA SRL e BETA SNC"


def application_compiled(trial: Trial) -> str:
    trial.filed["alfa"] = compile_application(trial.desk, "ALFA SRL", papers.ROSSI)
    return trial.filed["alfa"].path


def form_issued(trial: Trial) -> str:
    filed = trial.filed["alfa"]
    filed.form = issue(trial.desk, filed)
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(published(trial)["form"]))
    pages = identify_pages([("modulo.pdf", filed.form)], (key,))
    codes = [page.code for page in pages if page.code and page.code.valid]
    expect(len(codes) == len(pages), "not every page has a code that verifies with the published key")
    return f"{codes[0].code.form}, {len(pages)} pagine, tutte con il codice verificato"


def tampered_return_refused(trial: Trial) -> str:
    signed = papers.signed_pdf(trial.filed["alfa"].form, papers.ROSSI)
    page = returned(trial.desk, trial.filed["alfa"], [("domanda.pdf", papers.page_covered_after_signing(signed))])
    return refused(trial.desk, trial.filed["alfa"], page, "modificato dopo la firma")


def stranger_signature_refused(trial: Trial) -> str:
    signed = papers.signed_pdf(trial.filed["alfa"].form, papers.STRANGER)
    page = returned(trial.desk, trial.filed["alfa"], [("domanda.pdf", signed)])
    return refused(trial.desk, trial.filed["alfa"], page, "non risulta legale rappresentante")


def digital_return_checked(trial: Trial) -> str:
    signed = papers.enveloped(trial.filed["alfa"].form, papers.ROSSI)
    page = returned(trial.desk, trial.filed["alfa"], [("domanda.pdf.p7m", signed)])
    expect("Mario Rossi" in page.text, f"the signer is not named: {page.text[:800]}")
    return "busta .p7m firmata dal legale rappresentante: integra, dati uguali a quelli emessi"


def receipt_of_files(trial: Trial) -> str:
    receipt = receipt_pdf(trial.desk, f"{trial.filed['alfa'].path}/passo/6", "ricevuto")
    checked = check_receipt(receipt, at=datetime.now(UTC), seals={published(trial)["seal"]: None})
    expect(checked.holds, "; ".join(line.sentence for line in checked.lines))
    return checked.lines[-1].sentence


def transmitted(trial: Trial) -> str:
    return transmit(trial.desk, trial.filed["alfa"], expected="0000001")


def registered_receipt_verified(trial: Trial) -> str:
    receipt = receipt_pdf(trial.desk, trial.filed["alfa"].path, "registrato")
    with tempfile.TemporaryDirectory() as folder:
        file, key = Path(folder) / "ricevuta.pdf", Path(folder) / "chiave.txt"
        file.write_bytes(receipt)
        key.write_text(published(trial)["register"])
        done = trial.installation.command("receipt", "verify", str(file), "--key", str(key), "--json")
        file.write_bytes(receipt[:-200] + receipt[-200:].replace(b"0", b"1"))
        forged = trial.installation.command("receipt", "verify", str(file), "--key", str(key), "--json")
    expect(done.returncode == 0, f"the receipt does not verify offline: {done.stdout}{done.stderr}")
    expect(forged.returncode != 0, "a forged receipt verifies")
    public = trial.stranger.submit(
        trial.stranger.open("/verifica"), "Verifica", files={"ricevuta": [("ricevuta.pdf", receipt)]}
    )
    expect("0000001" in public.text, f"the public page does not verify the receipt: {public.text[:500]}")
    return "sigillo, numero, presenza nel registro: fuori linea e sulla pagina pubblica"


def missing_page_refused(trial: Trial) -> str:
    filed = compile_application(trial.desk, "BETA SNC", papers.VERDI)
    trial.filed["beta"] = filed
    filed.form = issue(trial.desk, filed)
    pages = papers.scanned(filed.form, who=papers.VERDI, seed=7)
    page = returned(trial.desk, filed, [("pagina-1.jpg", pages[0])])
    return refused(trial.desk, filed, page, "Manca la pagina 2")


def altered_cell_found(trial: Trial) -> str:
    filed = trial.filed["beta"]
    edit = papers.with_more_hours(filed.form, "workers.2.requested_hours")
    pages = papers.scanned(filed.form, who=papers.VERDI, seed=8, level="medium", edits=(edit,))
    page = returned(trial.desk, filed, _named(pages), identity=papers.identity_card(papers.VERDI))
    expect(f"A pagina {edit.page}" in page.text, f"the altered cell is not named: {page.text[:1500]}")
    altered = [
        each for each in page.text.split("A pagina ") if "dove il modulo emesso dice" in each or "aggiunto" in each
    ]
    expect(altered, "no alteration is told")
    attempt = trial.desk.submit(page, "Invia la domanda")
    expect("confermare" in attempt.text, f"it transmits without asking: {attempt.text[:500]}")
    return f"pagina {edit.page}, ore richieste del lavoratore 2"


def scanned_return_transmitted(trial: Trial) -> str:
    filed = trial.filed["beta"]
    pages = papers.scanned(filed.form, who=papers.VERDI, seed=9)
    returned(trial.desk, filed, _named(pages), identity=papers.identity_card(papers.VERDI))
    return transmit(trial.desk, filed, expected="0000002")


def second_transmission_refused(trial: Trial) -> str:
    page = trial.desk.get(f"{trial.filed['beta'].path}/passo/6")
    expect("Invia la domanda" not in page.text, "the transmitted application offers to transmit again")
    expect("0000002" in page.text, "its number is not shown")
    return "la domanda inviata non si invia di nuovo"


def out_of_window_refused(trial: Trial) -> str:
    loaded = trial.installation.command(
        "notices", "load", str(TEMPLATES / "notices" / "sardegna-2020"), "--hours-to-opening", "24"
    )
    expect(loaded.returncode == 0, f"the rehearsal before the opening cannot be loaded: {loaded.stderr}")
    filed = compile_application(trial.desk, "ALFA SRL", papers.ROSSI, edition=BEFORE_OPENING)
    filed.form = issue(trial.desk, filed)
    page = returned(trial.desk, filed, [("domanda.pdf", papers.signed_pdf(filed.form, papers.ROSSI))])
    before = refused(trial.desk, filed, page, "8 aprile 2020")
    closed = trial.desk.get("/domande/nuova?edizione=SAR20").text.partition("adesso non si preparano domande")[2]
    expect("31 agosto 2020" in closed, f"the closed notice does not say so: {closed[:500]}")
    return before


def others_see_nothing(trial: Trial) -> str:
    sign_in(trial.stranger, "altra", trial.password)
    asked = [
        f"{filed.path}{end}" for filed in trial.filed.values() for end in ("", "/passo/6", "/modulo.pdf", "/stato")
    ]
    own = trial.desk.open(trial.filed["alfa"].path)
    asked += [*own.links("/documenti/"), *own.links("/ricevute/")]
    for path in asked:
        status = trial.stranger.get(path).status
        expect(status == 404, f"{path} answers {status} to somebody who has nothing to do with it")
    return f"{len(asked)} indirizzi di altri: tutti 404"


def register_shows_them(trial: Trial) -> str:
    sign_in(trial.office, "protocollo", trial.password, "/ufficio/accesso")
    page = trial.office.open(f"/ufficio/registro/{EDITION}")
    expect("0000001" in page.text and "0000002" in page.text, f"the register does not show them: {page.text[:500]}")
    check = trial.installation.command("register", "verify", EDITION, "--json")
    expect(check.returncode == 0, f"the register does not verify: {check.stdout}{check.stderr}")
    return f"{json.loads(check.stdout)[0]['entries']} registrazioni, registro verificato"


def notice_published_signed(trial: Trial) -> str:
    path = f"/avvisi/{EDITION}/documenti/notice"
    page = trial.stranger.wait_for(
        path, lambda page: bool(page.links("/firmato/")), seconds=CHECK_SECONDS, what="the signed act of the notice"
    )
    expect("la firma è integra e verificata" in page.text, f"its signature is not verified: {page.text[:300]}")
    act = trial.stranger.open(page.link("/firmato/")).body
    digest = hashlib.sha256(act).hexdigest()
    expect(digest in page.text, "the file handed out is not the one that the page names")
    return f"{len(act)} byte, SHA-256 {digest}"


def officer_takes_the_first(trial: Trial) -> str:
    with Visitor(trial.installation.address) as officer:
        sign_in(officer, "istruttore", trial.password, "/ufficio/accesso")
        queue = officer.open(f"/ufficio/coda/{EDITION}")
        expect(queue.text.index("0000001") < queue.text.index("0000002"), "the queue is not in order")
        case = officer.submit(queue, "Prendi la prossima")
        expect("0000001" in case.text and "ALFA SRL" in case.text, f"another case was given: {case.text[:300]}")
        picture = officer.get(next(iter(_pictures(case))))
        expect(picture.headers.get("content-type", "").startswith("image/"), "the page image is not shown")
        expect("ESPOSITO" in case.text, "the worker list is not beside the image")
        done = officer.submit(case, "Dichiara ammissibile")
        expect("ammissibile" in done.text.lower(), f"the examination does not end: {done.text[:300]}")
    return "pratica n. 0000001 presa per prima, immagine e dati affiancati, ammissibile"


STEPS: tuple[Step, ...] = (
    ("la consulente accede", consultant_signs_in),
    ("la domanda è compilata", application_compiled),
    ("il modulo è emesso", form_issued),
    ("rifiuto: modificato dopo la firma", tampered_return_refused),
    ("rifiuto: firma di un estraneo", stranger_signature_refused),
    ("il modulo firmato torna ed è controllato", digital_return_checked),
    ("ricevuta di caricamento", receipt_of_files),
    ("la domanda è trasmessa", transmitted),
    ("la ricevuta di registrazione si verifica", registered_receipt_verified),
    ("rifiuto: manca una pagina", missing_page_refused),
    ("una cella cambiata è trovata al suo posto", altered_cell_found),
    ("la scansione è trasmessa", scanned_return_transmitted),
    ("rifiuto: seconda trasmissione", second_transmission_refused),
    ("rifiuto: fuori termine", out_of_window_refused),
    ("rifiuto: documenti di un'altra azienda", others_see_nothing),
    ("il protocollo le vede nel registro", register_shows_them),
    ("l'avviso è pubblicato firmato, con la firma verificata", notice_published_signed),
    ("l'istruttore prende la prima della coda", officer_takes_the_first),
)


def compile_application(visitor: Visitor, firm: str, who: papers.Signatory, *, edition: str = EDITION) -> Filed:
    """Steps 1 to 4. Raises ``TrialFailed``."""
    new = visitor.open(f"/domande/nuova?edizione={edition}")
    employer = next(
        option.get("value")
        for option in new.tree.xpath("//*[@name='azienda']/descendant-or-self::*[@value]")
        if firm in option.getparent().text_content() or firm in option.text_content()
    )
    page = visitor.submit(new, "Inizia", {"edizione": edition, "azienda": employer})
    path = page.url.split("/passo/", maxsplit=1)[0].removeprefix(visitor.address)
    page = visitor.submit(page, "Salva e continua", data.firm_step((who.given_name, who.surname, who.tax_code)))
    page = visitor.submit(visitor.open(f"{path}/passo/2"), "Salva e continua", data.PERIODS_STEP)
    category = "Lavoratore subordinato a tempo pieno e indeterminato"
    csv = data.WORKERS_CSV.format(category=category).encode()
    page = visitor.submit(visitor.open(f"{path}/passo/3"), "Importa", files={"file": [("lavoratori.csv", csv)]})
    expect("ESPOSITO" in page.body.decode(), f"the workers were not imported: {page.text[:500]}")
    visitor.submit(visitor.open(f"{path}/passo/4"), "Salva e continua", data.AGREEMENT_STEP)
    return Filed(path)


def issue(visitor: Visitor, filed: Filed) -> bytes:
    """Step 5: issues the form and downloads it. Raises ``TrialFailed``."""
    summary = visitor.open(f"{filed.path}/passo/5")
    issued = visitor.submit(summary, "Emetti il modulo")
    expect(issued.status == 200, f"the form is not issued: {issued.text[:600]}")
    form = visitor.open(f"{filed.path}/modulo.pdf")
    expect(form.body.startswith(b"%PDF"), "the form is no PDF")
    return form.body


def returned(visitor: Visitor, filed: Filed, files: list[Upload], *, identity: bytes | None = None) -> Page:
    """Step 6: uploads ``files`` in place of what was there and waits for the checks. Raises ``TrialFailed``."""
    upload(visitor, filed, files, identity=identity)
    return checked(visitor, filed)


def upload(visitor: Visitor, filed: Filed, files: list[Upload], *, identity: bytes | None = None) -> None:
    """Takes out what was there and uploads ``files``: their hashes are told at once. Raises ``TrialFailed``."""
    page = visitor.open(f"{filed.path}/passo/6")
    while any("Togli" in button.text_content() for button in page.tree.xpath("//button")):
        page = visitor.submit(page, "Togli")
    page = visitor.submit(page, "Carica", {"tipo": "modulo"}, {"file": files})
    hashes = [hashlib.sha256(content).hexdigest() for _, content in files]
    expect(all(each in page.body.decode() for each in hashes), f"the hashes are not told at once: {page.text[:500]}")
    if identity is not None:
        visitor.submit(page, "Carica", {"tipo": "identity_document"}, {"file": [("documento.jpg", identity)]})


def checked(visitor: Visitor, filed: Filed) -> Page:
    """The page once its checks have ended. Raises ``TrialFailed``."""
    step = f"{filed.path}/passo/6"
    return visitor.wait_for(step, _checked, seconds=CHECK_SECONDS, what="the result of the checks")


def refused(visitor: Visitor, filed: Filed, page: Page, words: str) -> str:
    """The reason is told, and transmitting is refused for it. Raises ``TrialFailed``."""
    expect(words in page.text, f"«{words}» is not told: {page.text[:1500]}")
    attempt = visitor.submit(page, "Invia la domanda")
    expect("Domanda registrata" not in attempt.text, f"it was transmitted in spite of «{words}»")
    expect(visitor.get(filed.path).url.endswith("/passo/6"), "it left the step of the return")
    return words


def transmit(visitor: Visitor, filed: Filed, *, expected: str) -> str:
    """Sends the application and reads its number. Raises ``TrialFailed``."""
    page = visitor.open(f"{filed.path}/passo/6")
    done = visitor.submit(page, "Invia la domanda")
    found = done.text.partition("Che cosa abbiamo trovato")[2]
    expect(expected in done.text, f"no number {expected}: {found[:1500]}")
    filed.number = expected
    return f"n. {expected}"


def receipt_pdf(visitor: Visitor, path: str, kind: str) -> bytes:
    """The sealed receipt of one kind, as soon as it is made. Raises ``TrialFailed``."""
    page = visitor.wait_for(
        path, lambda page: bool(_receipts(page, kind)), seconds=RECEIPT_SECONDS, what=f"the receipt «{kind}»"
    )
    return visitor.open(_receipts(page, kind)[-1]).body


def published(trial: Trial) -> dict[str, str]:
    """The keys of the edition, as anybody reads them on the public page."""
    if not trial.keys:
        page = trial.stranger.open("/verifica/chiavi")
        for name in ("form", "seal", "register"):
            found = page.tree.xpath(f"//*[@data-edition='{EDITION}']//*[@data-key='{name}']")
            expect(found, f"the {name} key of {EDITION} is not published")
            trial.keys[name] = " ".join(found[0].text_content().split())
    return trial.keys


def _receipts(page: Page, kind: str) -> list[str]:
    """Addresses of the sealed receipts of one kind: «ricevuto» or «registrato». The link to look again is none."""
    blocks = page.tree.xpath("//*[contains(@class, 'ricevuta')]")
    own = [block for block in blocks if f"«{kind}»" in block.text_content()]
    return [str(link) for block in own for link in block.xpath(".//a[not(ancestor::noscript)]/@href")]


def _checked(page: Page) -> bool:
    return not page.tree.xpath("//progress")


def _named(pages: list[bytes]) -> list[Upload]:
    return [(f"pagina-{number}.jpg", content) for number, content in enumerate(pages, 1)]


def _pictures(page: Page) -> list[str]:
    return [
        str(address)
        for address in page.tree.xpath("//img/@src|//image/@href")
        if "/immagini/" in address or "pagin" in address
    ]
