"""Who agreed on the employer's side: the firm, who represents it, the association that assists it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from ocr.agreement.parts import Parts
from ocr.agreement.text import Found, RunningText, plain_of

_FORM = re.compile(
    r"(?:(?<![\w.])|(?<=[a-zà-ú]{3}\.))(?:[s5]\.?\s?r\.?\s?[l1i]\.?(?:\s?s\.?(?![\w.]))?|[s5]\.?\s?p\.?\s?a\.?|"
    r"[s5]\.?\s?n\.?\s?c\.?|[s5]\.?\s?a\.?\s?[s5]\.?|"
    r"so[a-z](?:\.|iet[aà]'?)\s?coop(?:\.|erativa)?(?:\s+(?:sociale|a\s+r\.?\s?l\.?))*|"
    r"s\.?c\.?a\.?r\.?l\.?|o\.?n\.?l\.?u\.?s\.?)(?!\w)",
    re.IGNORECASE,
)
_BY_FORM = "firm_with_legal_form"
_SHORT_FORMS = frozenset({"srl", "srls", "spa", "snc", "sas"})
_LETTERS_OF_FORMS = str.maketrans("1i|05", "lllos")
_JOINS = frozenset({
    "di", "del", "della", "dello", "dei", "degli", "delle", "da", "e", "ed", "&", "il", "la", "lo", "le", "i",
    "gli", "al", "alla", "and", "in", "f.lli",
})  # fmt: skip
_NEVER_IN_A_NAME = frozenset({
    "societa", "azienda", "ditta", "impresa", "parte", "parti", "spett", "spettle", "spett.le", "per", "tra", "fra",
    "con", "oggetto", "verbale", "accordo", "sig", "signor", "denominazione", "ragione", "sociale", "datore",
    "lavoro", "scrivente", "datoriale", "oggi", "premesso", "che", "sede", "rappresentante", "legale",
})  # fmt: skip
_PLAIN_FIRM = re.compile(
    r"\b(?:[Ll]a|[Ll]'|[Ll]’|[Pp]er\s+la|[Pp]er\s+l['’]|[Dd]ella|[Dd]ell['’])\s*"
    r"(?:[Ss]ociet[aà]|[Aa]zienda|[Dd]itta(?:\s+individuale)?|[Ii]mpresa(?:\s+individuale)?|"
    r"[Cc]ooperativa|[Aa]ssociazione|[Ff]ondazione)\s+"
    r"[\"“«]?([A-ZÀ-Ú][^,;\n\t\"”»(]{2,60}?)[\"”»]?\s*(?=,|\(|;|\s+con\s+sede|\s+rappresentat|"
    r"\s+[Cc]\.?\s?[Ff]|\s+[Pp]\.?\s?[Ii])"
)
_LABELLED_FIRM = re.compile(
    r"(?:^|[\n\t])\s*(?:[Aa]zienda|AZIENDA|[Dd]atore\s+di\s+lavoro|DATORE\s+DI\s+LAVORO|"
    r"[Rr]agione\s+sociale|[Dd]enominazione|"
    r"[Ii]mpresa|[Dd]itta|[Ss]ociet[aà])\s*(?::\s*|[\t\n]\s*)([^\n\t]{3,70})"
)
_NOT_THE_FIRM = re.compile(
    r"\binps\b|\bregione\b|\bconf\w+|\bcgil\b|\bcisl\b|\buil\b|lavorator|sindacal|consulen|\brsu\b|\brsa\b"
)

_TITLE = (
    r"(?:(?:[Ss]ig(?:\.?\s?r?a|nor[ae]?)?|[Dd]ott(?:\.?\s?ssa)?|[Dd]r(?:\.?\s?ssa)?|[Ii]ng|"
    r"[Rr]ag|[Aa]vv|[Gg]eom|[Aa]rch|[Cc]av)\.?\s*)*"
)
_PERSON = r"([A-ZÀ-Ú][\w'’]*[a-zà-úA-ZÀ-Ú](?: (?:[Dd][aei]l? )?[A-ZÀ-Ú][\w'’]*[a-zà-úA-ZÀ-Ú]){1,3})"
_OFFICE = (
    r"(?:[Ll]egale\s+[Rr]appresentante|[Aa]mministrat(?:ore|rice)(?:\s+(?:[Uu]nic[oa]|"
    r"[Dd]elegat[oa]))?|[Tt]itolare|[Pp]residente|[Ss]oci[oa](?:\s+[Aa]mministratore)?|"
    r"[Pp]rocurat(?:ore|rice)|[Dd]irett(?:ore|rice))"
)
_REPRESENTATIVES = (
    (
        "in_person_of",
        0.95,
        re.compile(
            rf"(?:[Ii]n|[Nn]ella)\s+persona\s+[a-z]{{1,2}}(?:l|lla|"
            rf"ll['’])\s*(?:suo\s+)?{_OFFICE}(?:\s+pro[\s-]tempore)?[\s,.]*{_TITLE}{_PERSON}"
        ),
    ),
    (
        "represented_by",
        0.94,
        re.compile(
            rf"[Rr]appresentat[oa](?:\s+\w+){{0,2}}?\s+da(?:l|lla|ll['’])?\s*(?:suo\s+)?(?:{_OFFICE}\s*,?\s*)?{_TITLE}{_PERSON}"
        ),
    ),
    (
        "legal_representative",
        0.93,
        re.compile(
            rf"(?:[Ll]egale\s+[Rr]appresentante|LEGALE\s+RAPPRESENTANTE)(?:\s+pro[\s-]tempore)?[\s:,]*{_TITLE}{_PERSON}"
        ),
    ),
    ("undersigned", 0.93, re.compile(rf"\b(?:[Ss]ottoscritt[oa]|[Ss]crivente)\s+{_TITLE}{_PERSON}")),
    (
        "in_quality_of",
        0.9,
        re.compile(rf"{_PERSON}\s*,?\s*(?:in\s+qualit[aà]\s+di|nella\s+(?:sua\s+)?qualit[aà]\s+di|quale)\s+{_OFFICE}"),
    ),
)

_ASSOCIATIONS = (
    "Confcommercio",
    "Confindustria",
    "Confartigianato",
    "Confesercenti",
    "Confapi",
    "Legacoop",
    "Confcooperative",
    "Coldiretti",
    "Confagricoltura",
    "Confprofessioni",
    "Casartigiani",
    "Federalberghi",
    "Federfarma",
    "Assolavoro",
    "Unimpresa",
    "Confimi",
    "Confimprese",
    "Federdistribuzione",
    "Conflavoro",
    "Assoimpresa",
    "Confetra",
    "Federmeccanica",
)


def _loosely(name: str) -> str:
    return name.lower().replace("conf", r"conf[-\s]?", 1)


_SHORT_ASSOCIATIONS = ("CNA", "AGCI", "ANCE", "CLAAI", "API", "UNCI", "FIPE", "CIA")
_ASSOCIATION = re.compile(r"\b(?:" + "|".join(f"({_loosely(name)})" for name in _ASSOCIATIONS) + r")\b")
_SHORT_ASSOCIATION = re.compile(rf"(?<![\w.])({'|'.join(_SHORT_ASSOCIATIONS)})(?![\w])")
_ASSISTED = re.compile(
    r"(?:assist\w+|associazione|per\s+il\s+tramite|rappresentanza|organizzazione\s+(?:datoriale|di\s+categoria)|aderente|ader\w+)[^.;]{0,70}$"
)
_OF_CONTRACTS = re.compile(r"(?:ccnl|c\.c\.n\.l|contratto\s+collettivo|accordo\s+quadro|parti\s+sociali)[^;]{0,130}$")


def find_employer(text: RunningText, parts: Parts) -> Found | None:
    """The firm's name as written, with its legal form; the name said most and in the likeliest place."""
    candidates = list(_firms(text, parts))
    times = Counter(_key(str(each.value)) for each in candidates)
    return max(
        candidates,
        key=lambda each: (each.weight + 0.02 * min(times[_key(str(each.value))], 3), -each.start),
        default=None,
    )


def _firms(text: RunningText, parts: Parts) -> Iterator[Found]:
    reach = max(parts.parties_end, 1200)
    for match in _LABELLED_FIRM.finditer(text.shown, 0, reach):
        yield from _firm(text, match.start(1), match.end(1), 0.95, "firm_label")
    for form in _FORM.finditer(text.shown):
        start = _name_start(text.shown, form.start())
        if start is not None:
            weight = 0.95 if form.start() < reach else 0.85
            yield from (_with_form(each, form[0]) for each in _firm(text, start, form.end(), weight, _BY_FORM))
    for match in _PLAIN_FIRM.finditer(text.shown, 0, reach):
        yield from _firm(text, match.start(1), match.end(1), 0.82, "firm_in_party")


def _firm(text: RunningText, start: int, end: int, weight: float, rule: str) -> Iterator[Found]:
    name = " ".join(text.shown[start:end].split()).strip(' ,;:"“”«»-–')
    if len(name) > 3 and not _NOT_THE_FIRM.search(plain_of(name)):
        yield Found(name, start, end, weight, (rule,))


def _with_form(found: Found, form: str) -> Found:
    """The name with its legal form spelt out, where a letter of the form was read as another sign."""
    letters = re.sub(r"[^a-z0-9|]", "", plain_of(form)).translate(_LETTERS_OF_FORMS)
    if letters not in _SHORT_FORMS or letters == re.sub(r"[^a-z0-9|]", "", form.casefold()):
        return found
    signs = [sign for sign in form if sign.isalnum() or sign == "|"]
    capitals = letters.upper() if signs[1].isupper() else letters[:1].upper() + letters[1:]
    spelt = iter(letters if signs[0].islower() else capitals)
    written = "".join(next(spelt) if sign.isalnum() or sign == "|" else sign for sign in form)
    value = str(found.value).removesuffix(" ".join(form.split()).strip()) + written
    return replace(found, value=value, rules=(*found.rules, "legal_form_spelt_out"))


def _name_start(shown: str, form_start: int) -> int | None:
    """Where the name that ends before a legal form begins: back over words with capitals and the little words between, and
    over the gaps of a line whose words were set apart to fill it."""
    start = None
    spread = _is_spread(shown[shown.rfind("\n", 0, form_start) + 1 : form_start])
    for word in reversed(list(re.finditer(r"[^\s]+", shown[max(0, form_start - 90) : form_start]))):
        place = word.start() + max(0, form_start - 90)
        gap = "\t" in shown[word.end() + max(0, form_start - 90) : start or form_start]
        if (gap and not spread) or word[0][-1] in ",;:)":
            break
        bare = plain_of(word[0].strip('"“”«»(),.;:'))
        bare = (
            bare.split("'")[-1]
            if bare.startswith(("l'", "dell'", "all'", "dall'")) and bare[-7:] in {"azienda", "impresa"}
            else bare
        )
        if bare in _NEVER_IN_A_NAME or (not _capital(word[0]) and bare not in _JOINS) or word[0] in "•-–*":
            break
        if _capital(word[0]):
            start = place
    return start


def _is_spread(line: str) -> bool:
    """Whether several words stand on a line with a wide gap between any two."""
    cells = [cell for cell in line.split("\t") if cell.strip()]
    return len(cells) > 1 and all(len(cell.split()) == 1 for cell in cells)


def _capital(word: str) -> bool:
    bare = word.lstrip('"“«(')
    elided = "'" in bare[:4] and bare[-1:].isalpha() and any(letter.isupper() for letter in bare)
    return bare[:1].isupper() or bare[:1].isdigit() or elided


def _key(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", plain_of(name))


def find_representative(text: RunningText) -> Found | None:
    """Who stands for the employer, not for a union."""
    found = [
        _person(match, weight, rule)
        for rule, weight, pattern in _REPRESENTATIVES
        for match in pattern.finditer(text.shown)
        if rule in _OF_THE_FIRM_ALONE or not _speaks_for_a_union(text, match.start())
    ]
    return max(found, key=lambda each: (each.weight, -each.start), default=None)


def _person(match: re.Match[str], weight: float, rule: str) -> Found:
    """The name without initials of something else that follow a name in small letters."""
    names = match[1].split()
    while len(names) > 2 and names[-1].isupper() and not names[0].isupper():
        names.pop()
    return Found(" ".join(names), match.start(1), match.end(1), weight, (rule,))


_OF_THE_FIRM_ALONE = frozenset({"undersigned", "in_quality_of"})
_UNION_WORD = re.compile(
    r"\b(?:cgil|cisl|uil|ugl|rsu|rsa|filcams|fisascat|fiom|uilm|organizzazion\w+\s+sindacal\w+|oo\.?ss)\b"
)
_FIRM_WORD = re.compile(
    r"\b(?:societa|azienda|ditta|impresa|cooperativa|s\.?r\.?l|s\.?p\.?a|s\.?n\.?c|s\.?a\.?s|p\.?\s?iva|datore)\b"
)


def _speaks_for_a_union(text: RunningText, place: int) -> bool:
    before = _own_column(text.before(place, 220))
    union = max((each.end() for each in _UNION_WORD.finditer(before)), default=-1)
    firm = max((each.end() for each in _FIRM_WORD.finditer(before)), default=-1)
    return union > firm


def _own_column(before: str) -> str:
    """What leads up to a place, of parties set side by side those of the same column: above it, and on its own line."""
    *above, line = before.split("\n")
    column = line.count("\t")
    cells = [each.split("\t") for each in above]
    return "\n".join([*(each[column] if column < len(each) else each[-1] for each in cells), line])


def find_association(text: RunningText, parts: Parts) -> Found | None:
    """The employers' association that takes part; those of contracts and framework agreements do not."""
    best = None
    for name, start, end in _associations(text):
        before = text.before(start, 200)
        if _OF_CONTRACTS.search(before):
            continue
        assisted = bool(_ASSISTED.search(before))
        if not assisted and start > parts.parties_end:
            continue
        found = Found(
            name,
            start,
            end,
            0.96 if assisted else 0.75,
            ("association_assists" if assisted else "association_in_parties",),
        )
        best = found if best is None or found.weight > best.weight else best
    return best


def _associations(text: RunningText) -> Iterator[tuple[str, int, int]]:
    for match in _ASSOCIATION.finditer(text.plain):
        yield _ASSOCIATIONS[(match.lastindex or 1) - 1], match.start(), match.end()
    for match in _SHORT_ASSOCIATION.finditer(text.shown):
        yield match[1], match.start(), match.end()
