"""Which incremental updates after a signature are explained: pyHanko's whitelist, with rules of our own.

The document security store may be rewritten as a whole (ISO 32000-2, 12.8.4.3): signers in use replace VRI entries when they
extend a signature, and nothing of the store is ever shown on a page. References that lead nowhere, which PDFs with an embedded
office document carry in /AdditionalStreams, neither stop the analysis nor hide what comes after.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import Reference
from pyhanko.pdf_utils.reader import HistoricalResolver, RawPdfPath
from pyhanko.sign.diff_analysis import (
    DEFAULT_DIFF_POLICY,
    DiffResult,
    DSSCompareRule,
    ModificationLevel,
    StandardDiffPolicy,
    SuspiciousModification,
)
from pyhanko.sign.diff_analysis.form_rules_api import FormUpdate, FormUpdatingRule
from pyhanko.sign.diff_analysis.rules_api import Context, ReferenceUpdate, WhitelistRule
from pyhanko.sign.fields import FieldMDPSpec, MDPPerm

from signing.equal_copies import RevisionThroughCopies, equal_copies
from signing.foreign_input import MALFORMED
from signing.pdf_fields import resolved, signature_fields
from signing.shown_changes import FormSettings, form_settings, hides_a_page, values_replaced
from signing.structure_rule import StructureTreeRule
from signing.tolerant_reader import TolerantReader, TooManySteps
from signing.update_writing import is_ambiguous

_STORE = ("/Root", "/DSS")
_STORE_KEYS = {"/Type", "/VRI", "/Certs", "/CRLs", "/OCSPs"}
_RELATED_KEYS = {"/Type", "/Cert", "/CRL", "/OCSP", "/TU", "/TS"}
_Path = tuple[str | int, ...]
_ADDITIONAL_STREAMS: tuple[_Path, ...] = tuple(("/AdditionalStreams", place) for place in range(4))


class SecurityStoreRule(WhitelistRule):
    """Clears every object of the new /DSS, as long as the old revision used it nowhere else."""

    def apply(self, old: HistoricalResolver, new: HistoricalResolver) -> Iterable[ReferenceUpdate]:
        """Yield what the store explains. Raises SuspiciousModification for a store with foreign entries."""
        new_store = _store_of(new)
        if new_store is None:
            return
        _refuse_foreign_entries(new_store)
        old_store = _store_of(old)
        known: dict[Reference, list[_Path]] = {}
        for path, reference in _walk(old.root, _STORE) if old_store is not None else ():
            known.setdefault(reference, []).append(path)
        for reference in {reference for _, reference in _walk(new.root, _STORE)}:
            for path in (*known.get(reference, ()), *_ADDITIONAL_STREAMS):
                yield ReferenceUpdate(reference, context_checked=Context.from_absolute(old, RawPdfPath(*path)))


def _store_of(revision: HistoricalResolver) -> generic.DictionaryObject | None:
    root = revision.root
    store = resolved(root, "/DSS")
    if store is None or isinstance(store, generic.NullObject):
        return None
    if not isinstance(store, generic.DictionaryObject):
        raise SuspiciousModification("/DSS is no dictionary")
    return store


def _refuse_foreign_entries(store: generic.DictionaryObject) -> None:
    related = resolved(store, "/VRI")
    expected = set(store) <= _STORE_KEYS and (related is None or isinstance(related, generic.DictionaryObject))
    for entry in [related[key] for key in related] if isinstance(related, generic.DictionaryObject) else []:
        if isinstance(entry, generic.NameObject):
            continue
        expected = expected and isinstance(entry, generic.DictionaryObject) and set(entry) <= _RELATED_KEYS
    if not expected:
        raise SuspiciousModification("the document security store has foreign entries")


def _walk(root: generic.DictionaryObject, path: tuple[str, str]) -> Iterator[tuple[_Path, Reference]]:
    """Every reference inside the store with its path from the trailer; of a stream only its /Length."""
    pending: list[tuple[_Path, generic.PdfObject]] = [(path, root.raw_get(path[-1]))]
    while pending:
        here, value = pending.pop()
        if isinstance(value, generic.IndirectObject):
            yield here, value.reference
            value = value.get_object()  # type: ignore[no-untyped-call]
        if len(here) > 8:
            continue
        if isinstance(value, generic.DictionaryObject):
            keys = {"/Length"} & set(value) if isinstance(value, generic.StreamObject) else set(value)
            pending.extend(((*here, key), value.raw_get(key)) for key in keys)
        elif isinstance(value, generic.ArrayObject):
            pending.extend(((*here, index), value.raw_get(index)) for index in range(len(value)))


class _Policy(StandardDiffPolicy):
    """The whitelist, after one thing it takes for granted: that no older revision refers to what a later one will define."""

    def apply(
        self,
        old: HistoricalResolver,
        new: HistoricalResolver,
        field_mdp_spec: FieldMDPSpec | None = None,
        doc_mdp: MDPPerm | None = None,
    ) -> DiffResult:
        """Raises SuspiciousModification also where an update fills a reference that led nowhere when it was signed."""
        old._load_reverse_xref_cache()  # type: ignore[no-untyped-call]  # noqa: SLF001 - as the policy itself does
        for reference in new.explicit_refs_in_revision():  # type: ignore[no-untyped-call]
            usages = old._get_usages_of_ref(reference)  # noqa: SLF001 - as the policy itself does
            if usages and old.is_ref_unassignable(reference) and _shown_somewhere(usages):
                raise SuspiciousModification(f"{reference} led nowhere when it was signed, and was filled afterwards")
        return super().apply(old, new, field_mdp_spec, doc_mdp)


def _shown_somewhere(usages: Iterable[RawPdfPath]) -> bool:
    return any(next(iter(path), None) != "/AdditionalStreams" for path in usages)


_STORE_AND_STRUCTURE = (
    SecurityStoreRule().as_qualified(ModificationLevel.LTA_UPDATES),
    StructureTreeRule().as_qualified(ModificationLevel.FORM_FILLING),
)
_RULES = [
    *(rule for rule in DEFAULT_DIFF_POLICY.global_rules if not isinstance(getattr(rule, "rule", rule), DSSCompareRule)),
    *_STORE_AND_STRUCTURE,
]


class _Recorder(FormUpdatingRule):
    """The rule for forms, which keeps what it explained."""

    def __init__(self, rule: FormUpdatingRule) -> None:
        super().__init__(rule.field_rules, rule.ignored_acroform_keys)
        self.updates: list[FormUpdate] = []

    def apply(self, old: HistoricalResolver, new: HistoricalResolver) -> Iterator[tuple[ModificationLevel, FormUpdate]]:
        for level, update in super().apply(old, new):
            self.updates.append(update)
            yield level, update


@dataclass(frozen=True, slots=True)
class _Step:
    """One update that rules explain: `changed` are the fields it changes as a lock would forbid, `certifiable`
    whether a certification bears it."""

    level: ModificationLevel
    changed: frozenset[str]
    certifiable: bool


def _explained(old: HistoricalResolver, new: HistoricalResolver) -> _Step:
    """Raises SuspiciousModification where the rules do not explain the update."""
    assert DEFAULT_DIFF_POLICY.form_rule is not None
    recorder = _Recorder(DEFAULT_DIFF_POLICY.form_rule)
    result = _Policy(_RULES, recorder).apply(old, new)
    settings = form_settings(old, new)
    written = new.explicit_refs_in_revision()  # type: ignore[no-untyped-call]
    updates = [one for one in recorder.updates if one.updated_ref in written and not one.valid_when_locked]
    filled = frozenset(one.field_name for one in updates if one.field_name)
    if (filled and values_replaced(old, new)) or settings is FormSettings.replaced or hides_a_page(old, new):
        raise SuspiciousModification("what was signed is shown otherwise")
    told = ModificationLevel.NONE if settings is FormSettings.unchanged else ModificationLevel.FORM_FILLING
    return _Step(
        max(result.modification_level, told),
        filled,
        all(one.valid_when_certifying for one in recorder.updates),
    )


MOST_OBJECTS_COMPARED = 60_000
"""Objects of all compared revisions together: five thousand pages with a handful of signatures stay below."""


class UpdateReview:
    """Judges what follows a revision. Updates are judged one by one, each against the revision before it, and only once for
    all the signatures of the document, whatever each of them permits."""

    def __init__(self, data: bytes, reader: TolerantReader) -> None:
        self._data = data
        self.reader = reader
        self.signature_names = frozenset(field.name for field in signature_fields(reader))
        self._steps: dict[int, _Step | None] = {}
        self._compared = 0

    def after(self, revision: int, locked: FieldMDPSpec | None, level: MDPPerm | None) -> DiffResult | None:
        """The judgement of all updates after `revision`; None where one of them is not explained, or touches what the
        signature has locked or certified.

        Raises UpdateNotAnalysable when the analysis itself fails.
        """
        worst, fields = ModificationLevel.NONE, set[str]()
        for number in range(revision + 1, self.reader.xrefs.total_revisions):
            step = self._step(number)
            if step is None or (level is not None and not step.certifiable):
                return None
            if locked is not None and any(locked.is_locked(name) for name in step.changed):
                return None
            worst = max(worst, step.level)
            fields |= step.changed
        return DiffResult(worst, fields)

    def _step(self, revision: int) -> _Step | None:
        if revision not in self._steps:
            self._compared += self._objects_until(revision)
            if self._compared > MOST_OBJECTS_COMPARED:
                raise UpdateNotAnalysable("too many updates")
            try:
                self._steps[revision] = self._judged(revision)
            except (TooManySteps, *MALFORMED) as error:
                raise UpdateNotAnalysable(type(error).__name__) from error
        return self._steps[revision]

    def _judged(self, revision: int) -> _Step | None:
        if is_ambiguous(self._data, self.reader, revision):
            return None
        before, after = (self.reader.get_historical_resolver(one) for one in (revision - 1, revision))
        try:
            return _explained(before, after)
        except SuspiciousModification:
            copies = equal_copies(before, after)
        if not copies:
            return None
        try:
            return _explained(before, RevisionThroughCopies(self.reader, revision, copies))
        except SuspiciousModification:
            return None

    def _objects_until(self, revision: int) -> int:
        xrefs = self.reader.xrefs
        return sum(len(xrefs.explicit_refs_in_revision(one)) for one in range(revision + 1))


class UpdateNotAnalysable(Exception):
    """An update is written so that it cannot be compared; the text is the class of the parser's error."""
