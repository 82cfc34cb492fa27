"""What is wrong with a notice pack, said to the person who writes it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem: the file, the dotted key in it (rows from 1), what is wrong and what to do."""

    file: str
    key: str
    message: str
    remedy: str

    def __str__(self) -> str:
        place = f"{self.file}, «{self.key}»" if self.key else self.file
        return f"{place}: {self.message} {self.remedy}"


class PackProblems(Exception):
    """The pack cannot be used; ``problems`` says all that is wrong with it."""

    code = "notice.invalid_pack"

    def __init__(self, folder: Path, problems: tuple[Problem, ...]) -> None:
        super().__init__(f"{folder.name}: " + "; ".join(str(problem) for problem in problems))
        self.folder = folder
        self.problems = problems
