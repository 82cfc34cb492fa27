"""Loads a notice pack from its folder, or says all that is wrong with it."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from intake.notices.consistency import inconsistencies
from intake.notices.pack import NoticeFile, NoticePack, rules_in
from intake.notices.papers import ReadingDocument
from intake.notices.problems import PackProblems, Problem
from intake.notices.sourced import Text
from intake.notices.validation import NOTICE_FILE, parse_notice


@dataclass(frozen=True, slots=True)
class CheckedPack:
    """One folder looked at: what it says, or what is wrong."""

    folder: str
    pack: NoticePack | None
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class PackReport:
    """All the folders looked at under one path."""

    path: str
    packs: tuple[CheckedPack, ...]

    @property
    def ok(self) -> bool:
        return bool(self.packs) and not any(checked.problems for checked in self.packs)


def load_pack(folder: Path) -> NoticePack:
    """The pack in ``folder``. Raises :class:`PackProblems` with every problem found, in Italian."""
    raw = _read_toml(folder)
    notice, problems = parse_notice(raw)
    if notice is None:
        raise PackProblems(folder, problems)
    pages, page_problems = _read_pages(folder, notice)
    problems = (*_name_problems(folder, notice), *page_problems, *inconsistencies(notice))
    if problems:
        raise PackProblems(folder, problems)
    fields = {name: getattr(notice, name) for name in NoticeFile.model_fields}
    return NoticePack(**fields, pages=pages, digest=pack_digest(folder))


def check_packs(path: Path) -> PackReport:
    """Checks the pack at ``path``, or every pack in the folders directly under it."""
    folders = [path] if (path / NOTICE_FILE).is_file() else sorted(p for p in path.glob("[!.]*") if p.is_dir())
    return PackReport(str(path), tuple(_check(folder) for folder in folders))


def render_report(report: PackReport) -> str:
    """The report as people read it on a terminal: one line a pack, one a problem."""
    if not report.packs:
        return f"{report.path}: nessun avviso. Indichi la cartella di un avviso, con dentro {NOTICE_FILE}."
    return "\n".join(line for checked in report.packs for line in _report_lines(checked))


def pack_digest(folder: Path) -> str:
    """SHA-256 (hex) over the relative path, size and bytes of every file of the folder, in order of path."""
    digest = hashlib.sha256()
    for file in _files(folder):
        content = file.read_bytes()
        digest.update(f"{file.relative_to(folder).as_posix()}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def _check(folder: Path) -> CheckedPack:
    try:
        return CheckedPack(folder.name, load_pack(folder), ())
    except PackProblems as wrong:
        return CheckedPack(folder.name, None, wrong.problems)


def _report_lines(checked: CheckedPack) -> Iterator[str]:
    if checked.pack is not None:
        marks = [getattr(table, "basis", None) for _, table in rules_in(checked.pack)]
        counts = ", ".join(f"{marks.count(basis)} {basis}" for basis in ("seed", "law", "assumed"))
        yield f"✔ {checked.folder}: {checked.pack.title} (regole: {counts}; impronta {checked.pack.digest[:16]})"
        return
    count = len(checked.problems)
    yield f"✖ {checked.folder}: {'un problema' if count == 1 else f'{count} problemi'}"
    yield from (f"  - {problem}" for problem in checked.problems)


def _read_toml(folder: Path) -> dict[str, Any]:
    file = folder / NOTICE_FILE
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        message = f"nella cartella {folder.name} manca il file."
        problem = Problem(NOTICE_FILE, "", message, f"Crei {NOTICE_FILE}: senza, la cartella non è un avviso.")
    except UnicodeDecodeError as wrong:
        problem = Problem(NOTICE_FILE, "", f"non è scritto in UTF-8 (byte {wrong.start}).", "Lo salvi in UTF-8.")
    except tomllib.TOMLDecodeError as wrong:
        problem = _syntax_problem(str(wrong))
    raise PackProblems(folder, (problem,))


def _syntax_problem(said: str) -> Problem:
    place = re.search(r"at line (\d+), column (\d+)", said)
    where = f"riga {place[1]}, colonna {place[2]}" if place else "fine del file"
    return Problem(
        NOTICE_FILE,
        where,
        f"la sintassi TOML non torna ({said}).",
        "Corregga quella riga: spesso manca una virgoletta.",
    )


def _name_problems(folder: Path, notice: NoticeFile) -> Iterator[Problem]:
    if notice.id != folder.resolve().name:
        message = f"vale «{notice.id}», ma la cartella si chiama «{folder.resolve().name}»."
        yield Problem(NOTICE_FILE, "id", message, "Dia lo stesso nome alla cartella e a «id».")


def _files(folder: Path) -> list[Path]:
    return sorted((f for f in folder.rglob("*") if f.is_file()), key=lambda f: f.relative_to(folder).as_posix())


def _read_pages(folder: Path, notice: NoticeFile) -> tuple[dict[str, str], tuple[Problem, ...]]:
    wanted = {text.file: f"{key}.file" for key, text in rules_in(notice) if isinstance(text, Text) and text.file}
    attached = {d.file: f"{key}.file" for key, d in rules_in(notice) if isinstance(d, ReadingDocument) and d.file}
    problems = [p for name, key in (wanted | attached).items() if (p := _missing_file(folder, name, key))]
    problems += [_unreferenced(name) for name in _orphans(folder, set(wanted), set(attached))]
    unreadable = {problem.key for problem in problems}
    translations = [name for text in wanted if (folder / (name := _english(text))).is_file()]
    pages: dict[str, str] = {}
    for name in [*(name for name, key in wanted.items() if key not in unreadable), *translations]:
        pages[name], problem = _read_page(folder, name)
        problems += [problem] if problem else []
    return pages, tuple(problems)


def _english(name: str) -> str:
    return f"{name.removesuffix('.md')}.en.md"


def _read_page(folder: Path, name: str) -> tuple[str, Problem | None]:
    try:
        page = (folder / name).read_text("utf-8")
    except UnicodeDecodeError as wrong:
        return "", Problem(name, "", f"non è scritto in UTF-8 (byte {wrong.start}).", "Lo salvi in UTF-8.")
    return page, None if page.strip() else Problem(name, "", "è vuoto.", "Scriva il testo, o tolga il riferimento.")


def _missing_file(folder: Path, name: str, key: str) -> Problem | None:
    inside = not PurePosixPath(name).is_absolute() and ".." not in PurePosixPath(name).parts
    if not inside:
        message = f"indica «{name}», fuori dalla cartella dell'avviso."
        return Problem(NOTICE_FILE, key, message, "Metta il file nella cartella e indichi il percorso da lì.")
    if not (folder / name).is_file():
        return Problem(
            NOTICE_FILE, key, f"indica il file «{name}», che non c'è.", f"Aggiunga {name} o corregga il nome."
        )
    return None


def _orphans(folder: Path, wanted: set[str], attached: set[str]) -> Iterator[str]:
    known = wanted | attached | {_english(name) for name in wanted} | {NOTICE_FILE}
    yield from (name for f in _files(folder) if (name := f.relative_to(folder).as_posix()) not in known)


def _unreferenced(name: str) -> Problem:
    return Problem(
        name, "", "non è richiamato da nessuna chiave.", f"Lo richiami in {NOTICE_FILE} oppure lo tolga dalla cartella."
    )
