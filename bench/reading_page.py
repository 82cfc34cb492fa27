"""The figures of ``bench.reading`` as a table, and as the page that publishes them."""

from __future__ import annotations

from typing import Any

_LEVELS = ("clean", "medium", "fax", "low_contrast", "phone", "own levels", "independent")
_TITLES = {
    "low_contrast": "low contrast",
    "own levels": "the five together",
    "independent": "made by other means",
}
_ROWS = (
    ("pages identified", "pages identified"),
    ("pages laid over the issued one", "pages laid over the issued one"),
    ("cells exact", "cells exact"),
    ("codici fiscali exact", "codici fiscali exact"),
    ("codici fiscali repaired wrongly", "codici fiscali repaired wrongly"),
    ("codici fiscali exact where changed in print", "codici fiscali read exactly where print was changed"),
    ("other values exact where changed in print", "other values read exactly where print was changed"),
    ("changes found", "changes found"),
    ("digit replaced", "– a printed digit replaced"),
    ("letter replaced", "– a printed letter of a surname replaced"),
    ("surname replaced", "– a surname replaced"),
    ("digit appended", "– a digit appended"),
    ("struck rewritten", "– a value struck and rewritten by hand"),
    ("row struck", "– a row struck"),
    ("row added", "– a row added by hand"),
    ("reprinted values found", "values found where a third of a page was reprinted"),
    ("pen over a digit found", "pen over a printed digit found"),
    ("pen over a digit found, blue", "– blue pen"),
    ("pen over a digit found, black", "– black pen"),
    ("false alarms, cells", "false alarms, cells of untouched pages"),
    ("false alarms, pages", "false alarms, untouched pages"),
    ("false alarms, cells beside changed ones", "false alarms, cells beside changed ones"),
    ("signature boxes right", "signature boxes told right"),
    ("revenue stamps read", "revenue stamps read"),
    ("revenue stamps read as another", "revenue stamps read as another one"),
)
_SECONDS = "processor seconds a page"
_TEXT = """# How well we read what comes back

Measured {machine}, on the seeds {seeds}, by the program in this folder of the project: `python -m bench.reading`.
This page is written by `python -m bench.reading --from RESULT.json --write docs/accuracy.md`; do not edit it.

An issued form comes back as a scan, a fax or a photograph. We say which page it is, whether every printed value is still the
one we issued, what was added by hand, and whether it is signed. How often that is right can only be measured where the truth
is known, so the program makes the documents itself: it issues forms with the real templates, prints them, signs and stamps
them, alters some, and scans them in six ways at 300 and 200 dots an inch.

{extent}

## What this does not tell

- **Every document is synthetic.** No real scan was used. Real printers, fax machines and telephones do worse things than
  these, and the figures are an upper bound until real returned forms have been counted.
- The same project wrote the generator and the reader. The column *made by other means* is a second way of wearing a page,
  written apart with other tools; half of the forms are drawn by another program than the one the reader uses. Neither
  replaces real paper.
- Handwriting is drawn by a program, with one way of forming each letter. We look for it and show it; we do not read it.
- A share of 100% of 60 things does not exclude that one in twenty fails: the number beside each share says on how much it
  rests, and *likely between* says what that allows, 95 times of 100.
- That holds for things that fail independently. Cells of one page do not: a bad page spoils many of them.

## The goals

{goals}

{short}

## In words

- **Pages identified**: told to be this page of this form. To be compared it must then be laid over the issued page.
- **Cells exact**: of pages that nobody altered, the share of printed values that were read as they stand and called in order.
- **False alarms**: of the same pages, values or pages that were called changed or doubtful. An officer looks at each.
- **Changes found**: single printed changes by somebody with the same printer and template, values or rows struck by pen, rows
  written in by hand. A change counts as found when the place is shown to the officer.
- **Pen over a printed digit**: a digit written over a printed one so that it becomes another. The hardest case.
- **Repaired wrongly**: a codice fiscale that was read as another one that could exist. The one figure that must be zero.
- **Processor seconds**: on one core, for untouched pages, identification, alignment and comparison together.

## 300 dots an inch

{table_300}

## 200 dots an inch

{table_200}

A fax has one bit a pixel and its own resolution: 204 dots an inch in the first table, 160 in the second.

## Against tools that read any page

Plain Tesseract (`pytesseract`, its defaults, Italian) and OCRmyPDF read the fullest page of each form that nobody altered, and
so do we, each page by itself. They do not know the form: to compare cells they are told the true place of each word, and what
they read of the table's rules is left out. Ours knows what was issued and compares.

{rivals}

{ratios}

## Union agreements

{agreements}

From seed 900 on these are agreements in words and layouts that no rule was written for. They are a few of each kind;
`python -m bench.agreements` measures more of them.

## Memory

{memory}
"""


def goals_table(result: dict[str, Any]) -> str:
    """Each goal beside its figure, as a Markdown table."""
    lines = [
        "| what | dpi | goal | figure | of | likely between | |",
        "| --- | ---: | ---: | ---: | ---: | ---: | --- |",
    ]
    for goal in result["ours"]["goals"]:
        sign = "≥" if goal["sense"] == "least" else "≤"
        wanted, figure = (_in_unit(goal[key], goal["unit"]) for key in ("goal", "figure"))
        verdict = "reached" if goal["reached"] else "**falls short**"
        between = " and ".join(f"{100 * bound:.3g}%" for bound in goal.get("between", ())) or "–"
        told = (goal["what"], goal["dpi"], f"{sign} {wanted}", figure, goal["of"], between, verdict)
        lines.append(f"| {' | '.join(map(str, told))} |")
    return "\n".join(lines)


def accuracy_page(result: dict[str, Any]) -> str:
    """The page for people, from the JSON document of one run."""
    ours, machine = result["ours"], result["machine"]
    seeds = ours["seeds"]
    short = [f"{goal['what']} ({goal['dpi']} dpi)" for goal in ours["goals"] if not goal["reached"]]
    where = f"on {machine['processor'] or 'an unnamed processor'} ({machine['cores']} cores)"
    return _TEXT.format(
        machine=where,
        seeds=f"{seeds[0]} to {seeds[-1]}",
        extent=_extent(ours),
        goals=goals_table(result),
        short=f"What falls short: {'; '.join(short)}." if short else "Every goal is reached.",
        table_300=_table(ours["300 dpi"]),
        table_200=_table(ours["200 dpi"]),
        rivals=_rivals(result["against"]),
        ratios="\n".join(f"- {name}: {value:g}" for name, value in result["ratio"].items()),
        agreements="\n".join(_agreements(ours["agreements"])) or "Not measured in this run.",
        memory="\n".join(f"- {name}: {value} MB at most" for name, value in ours["megabytes"].items()),
    )


def _extent(ours: dict[str, Any]) -> str:
    """How much of the study was done: a short one must not pass for the whole."""
    kind = "a quick study: few pages, few of the ways at 200 dots an inch" if ours["quick"] else "the whole study"
    left_out = ours["tasks left out for lack of time"]
    return f"This is {kind}. Tasks left out for lack of time: {left_out}."


def _table(figures: dict[str, Any]) -> str:
    levels = [level for level in _LEVELS if level in figures]
    head = "| | " + " | ".join(_TITLES.get(level, level) for level in levels) + " |"
    rows = [head, "| --- |" + " ---: |" * len(levels)]
    for key, title in _ROWS:
        cells = [figures[level].get(key) for level in levels]
        if any(cells):
            rows.append(f"| {title} | " + " | ".join(_share(cell) for cell in cells) + " |")
    seconds = [figures[level].get(_SECONDS) for level in levels]
    told = [f"{each['median']:g}" if each else "–" for each in seconds]
    rows.append(f"| processor seconds a page (median) | {' | '.join(told)} |")
    return "\n".join(rows)


def _rivals(against: dict[str, Any]) -> str:
    rows = [
        "| tool | scans | pages | its cells exact | ours | its pages per processor second | ours |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for tool, told in against.items():
        if "left out" in told:
            rows.append(f"| {tool} | {told['left out']} | – | – | – | – | – |")
            continue
        for scans, each in told.items():
            shares = (each["cells exact"], each["cells exact, ours on the same pages"])
            speeds = (each["pages per second"], each["pages per second, ours on the same pages"])
            told_of = [*(f"{share:.1%}" for share in shares), *(f"{speed:.2g}" for speed in speeds)]
            rows.append(f"| {tool} | {scans.replace('_', ' ')} | {each['pages']} | {' | '.join(told_of)} |")
    return "\n".join(rows)


def _agreements(figures: dict[str, dict[str, Any]]) -> list[str]:
    return [
        f"- {dpi}: ten fields exact {_percent(told['ten fields exact'])} of {told['agreements']} agreements, "
        f"{told['fields made up']} fields read that the paper does not say"
        for dpi, told in figures.items()
    ]


def _share(cell: dict[str, Any] | None) -> str:
    return f"{_percent(cell['share'])} of {cell['of']}" if cell else "–"


def _in_unit(figure: float, unit: str) -> str:
    if unit == "share":
        return _percent(figure)
    return f"{figure:g}" if unit == "times" else f"{figure:g} {'s' if unit == 'seconds' else unit}"


def _percent(share: float) -> str:
    return f"{100 * share:.4g}%"
