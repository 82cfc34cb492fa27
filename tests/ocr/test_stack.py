"""Part of T3, T5 and C4: a stack of pages sorts itself, every page is named with why, bad pages with one plain word."""

from __future__ import annotations

import io
import struct
import zlib

import cv2
import numpy as np
import pikepdf
import pytest
import typst
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from trial_form import KEYS, TrialForm, trial_form

from ocr.identification import identify_pages
from ocr.page_quality import measured
from ocr.pages import open_pages
from ocr.papers.stack import KnownForm, StackPage, sort_stack
from ocr.papers.stack_kinds import KIND_NAMES, kind_of_text
from ocr.simulation import simulate_scan

DPI = 150

AGREEMENT = """VERBALE DI ACCORDO SINDACALE. In data odierna si sono incontrate ALFA SRL e le organizzazioni sindacali
FILCAMS CGIL e FISASCAT CISL. Le parti convengono la sospensione dei lavoratori."""
MINUTES_END = (
    "Quanto sopra viene riletto a voce alta dai presenti e firmato in due copie nella sede della società in mattinata."
)
WORKER_LIST = """ELENCO DEI LAVORATORI. Cognome e nome, codice fiscale, qualifica. ROSSI MARIO RSSMRA80A01H501U operaio
VERDI ANNA VRDNNA75D41H501K impiegata BIANCHI UGO BNCGUO66T10H501E quadro"""


@pytest.fixture(scope="module")
def sheets(form: TrialForm) -> list[Image.Image]:
    pages = simulate_scan(form.pdf, seed=3, dpi=DPI, level="clean", output="jpeg")
    return [Image.open(io.BytesIO(page)).convert("L") for page in pages]


@pytest.fixture(scope="module")
def known(form: TrialForm) -> tuple[KnownForm, ...]:
    return (KnownForm(form.form_map.form, "form_page", form.form_map.pages),)


def jpeg(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=85)
    return out.getvalue()


def side_by_side(left: Image.Image, right: Image.Image, scale: float = 0.7071) -> Image.Image:
    sheet = Image.new("L", (left.width + right.width, left.height), 250)
    sheet.paste(left, (0, 0))
    sheet.paste(right, (left.width, 0))
    return sheet.resize((round(sheet.width * scale), round(sheet.height * scale)), Image.Resampling.LANCZOS)


def drawn(*pages: str, landscape: bool = False) -> bytes:
    """A born-digital PDF, one page for each text; two texts parted by ``|`` stand side by side on it."""
    size = "width: 297mm, height: 210mm" if landscape else "width: 210mm, height: 297mm"
    body = "\n#pagebreak()\n".join(
        f"#grid(columns: (1fr,) * {page.count('|') + 1}, column-gutter: 20mm, "
        + ", ".join(f"[{part}]" for part in page.split("|"))
        + ")"
        for page in pages
    )
    return typst.compile(f"#set page({size}, margin: 15mm)\n#set text(size: 11pt)\n{body}".encode())


def told(page: StackPage) -> tuple[str, int]:
    return page.kind, page.form_page


@pytest.mark.whole
def test_t3_pages_in_any_order_and_turn_and_two_on_a_sheet_are_known(form, sheets, known):
    first, second = sheets
    files = [
        ("turned.jpg", jpeg(second.rotate(180))),
        ("both.jpg", jpeg(side_by_side(first, second))),
        ("both sideways.jpg", jpeg(side_by_side(second, first).rotate(90, expand=True))),
        ("empty.jpg", jpeg(Image.new("L", first.size, 238))),
    ]
    read = sort_stack(files, KEYS, known)
    assert [told(page) for page in read.pages] == [
        *[("form_page", 2), ("form_page", 1), ("form_page", 2), ("form_page", 1), ("form_page", 2), ("blank", 0)]
    ]
    assert read.pages[0].rotation == 180
    left, right = read.pages[1].part, read.pages[2].part
    assert left is not None
    assert right is not None
    assert left.right == right.left == pytest.approx(841.89 / 2, abs=1)
    assert {page.form_page for page in read.forms()[form.form_map.form]} == {1, 2}


@pytest.mark.whole
def test_t3_pages_of_other_applications_and_forged_codes_are_told_apart(form, sheets, known):
    other = trial_form(workers=3, form="PROVA-2026-000777")
    stranger = Ed25519PrivateKey.generate().public_key()
    scan = simulate_scan(other.pdf, seed=4, dpi=DPI, level="clean")
    older = (*known, KnownForm("PROVA-2026-000777", "form_page", 1, superseded=True))
    read = sort_stack([("a", jpeg(sheets[0])), ("b", scan)], KEYS, known)
    assert [page.kind for page in read.pages] == ["form_page", "other_form"]
    assert "PROVA-2026-000777" in read.pages[1].why
    assert "emesso prima" in sort_stack([("b", scan)], KEYS, older).pages[0].why
    assert [page.kind for page in sort_stack([("a", jpeg(sheets[0]))], (stranger,), known).pages] == ["false_code"]


def test_unknown_pages_are_named_by_their_words_and_run_on_within_their_file():
    read = sort_stack([("accordo.pdf", drawn(AGREEMENT, MINUTES_END)), ("elenco.pdf", drawn(WORKER_LIST))], KEYS)
    assert [page.kind for page in read.pages] == ["union_agreement", "union_agreement", "worker_list"]
    assert "verbale di accordo" in read.pages[0].why
    assert "segue il verbale" in read.pages[1].why
    assert read.pages[1].confidence < read.pages[0].confidence
    alone = sort_stack([("coda.pdf", drawn(MINUTES_END))], KEYS)
    assert [(page.kind, page.confidence) for page in alone.pages] == [("unknown", 0.0)]


def test_two_pages_without_codes_on_one_sheet_are_two():
    (agreement, workers) = sort_stack(
        [("due.pdf", drawn(f"{AGREEMENT * 5}|{WORKER_LIST * 5}", landscape=True))], KEYS
    ).pages
    assert [agreement.kind, workers.kind] == ["union_agreement", "worker_list"]
    assert agreement.part is not None
    assert workers.part is not None
    assert agreement.part.right < workers.part.left


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        (AGREEMENT, "union_agreement"),
        ("VERBALE DI MANCATO ACCORDO tra la società e la RSU", "union_agreement"),
        (WORKER_LIST, "worker_list"),
        (
            "Io sottoscritta dichiaro la mia immediata disponibilità a un percorso di riqualificazione",
            "availability_declaration",
        ),
        ("REPUBBLICA ITALIANA COMUNE DI BARI CARTA D’IDENTITÀ scade il 3/4/2031", "identity_document"),
        ("C<ITACA00000AA5<<<<<<<<<<<<<<< 8001014M3101012ITA<<<<<<<<<<<4 ROSSI<<MARIO<<<<<<<<<", "identity_document"),
        ("Agenzia delle Entrate modello F23 codice tributo 456T 16,00", "stamp_duty_paper"),
        ("La ditta ALFA SRL comunica il cambio di sede", "unknown"),
        ("", "unknown"),
    ],
)
def test_the_words_decide_what_a_page_is(words, kind):
    guess = kind_of_text(words)
    assert guess.kind == kind
    assert bool(guess.words) is (kind != "unknown")


@given(st.text(max_size=300))
def test_any_text_gets_one_of_the_kinds(words):
    guess = kind_of_text(words)
    assert guess.kind in KIND_NAMES
    assert 0.0 <= guess.confidence <= 1.0


@pytest.fixture(scope="module")
def grey(form: TrialForm) -> np.ndarray:
    return open_pages(simulate_scan(form.pdf, seed=5, dpi=200, level="medium"), name="x")[0].image(200)


def _cut(page):
    return np.ascontiguousarray(page[:, page.shape[1] // 4 :])


def _turned(page):
    height, width = page.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), 11, 0.9)
    return cv2.warpAffine(page, matrix, (width, height), borderValue=240)


SPOILT = {
    "dark": lambda page: (page * 0.3).astype(np.uint8),
    "faint": lambda page: (200 - (255 - page.astype(np.float32)) * 0.1).astype(np.uint8),
    "blurred": lambda page: cv2.GaussianBlur(page, (0, 0), 3),
    "cut": _cut,
    "skewed": _turned,
}


@pytest.mark.whole
@pytest.mark.parametrize("fault", SPOILT)
def test_a_bad_page_gets_its_own_word(grey, fault):
    assert measured(grey, 200, 200).faults == ()
    quality = measured(SPOILT[fault](grey), 200, 200)
    assert quality.faults[0] == fault
    assert quality.sentence


@pytest.mark.whole
def test_a_coarse_page_is_named_and_not_read(form):
    scan = simulate_scan(form.pdf, seed=5, dpi=60, level="clean")
    (first, _) = sort_stack([("grezzo.pdf", scan)], KEYS).pages
    assert first.quality is not None
    assert first.quality.faults == ("coarse",)
    assert first.quality.hopeless
    assert first.text is None
    assert "grossolana" in first.why
    assert "300 dpi" in (identify_pages([("grezzo.pdf", scan)], KEYS)[0].problem or "")


def test_bad_input_is_named_and_bounded():
    landscape = np.linspace(40, 220, 900 * 1200).reshape(900, 1200).astype(np.uint8)
    files = [
        ("vuoto.pdf", b""),
        ("trecento.pdf", _blank_pdf(300)),
        ("enorme.png", _png(20_000, 20_000)),
        ("rotto.pdf", _broken_jpeg_in_pdf()),
        ("panorama.jpg", jpeg(Image.fromarray(landscape))),
    ]
    read = sort_stack(files, KEYS)
    assert {each.source: each.code for each in read.unreadable} == {
        "vuoto.pdf": "empty_file",
        "trecento.pdf": "too_many_pages",
        "enorme.png": "image_too_large",
    }
    kinds = {page.source: page.kind for page in read.pages}
    assert kinds.keys() == {"rotto.pdf", "panorama.jpg"}
    assert kinds["panorama.jpg"] == "unknown"
    assert kinds["rotto.pdf"] == "unreadable"


@pytest.mark.whole
def test_what_there_is_no_time_for_is_named_too(sheets, known):
    read = sort_stack([("a", jpeg(sheets[0])), ("b", jpeg(sheets[1]))], KEYS, known, seconds=-1.0)
    assert [(page.source, page.kind) for page in read.pages] == [("a", "not_looked_at"), ("b", "not_looked_at")]


def _blank_pdf(pages: int) -> bytes:
    out = io.BytesIO()
    with pikepdf.new() as document:
        for _ in range(pages):
            document.add_blank_page()
        document.save(out)
    return out.getvalue()


def _png(width: int, height: int) -> bytes:
    """A PNG that says it is so large; its pixels never come."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")


def _broken_jpeg_in_pdf() -> bytes:
    """A page that is one JPEG, of which only the first bytes came through."""
    picture = jpeg(Image.effect_noise((1200, 1700), 60))
    out = io.BytesIO()
    with pikepdf.new() as document:
        page = document.add_blank_page(page_size=(595, 842))
        stream = document.make_stream(picture[:60] + b"\0" * 400)
        stream.update(
            pikepdf.Dictionary(
                Type=pikepdf.Name.XObject,
                Subtype=pikepdf.Name.Image,
                Width=1200,
                Height=1700,
                ColorSpace=pikepdf.Name.DeviceGray,
                BitsPerComponent=8,
                Filter=pikepdf.Name.DCTDecode,
            )
        )
        page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Scan=stream))
        page.Contents = document.make_stream(b"q 595 0 0 842 0 0 cm /Scan Do Q")
        document.save(out)
    return out.getvalue()
