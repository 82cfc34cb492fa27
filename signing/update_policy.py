"""Which incremental updates after a signature are explained: pyHanko's whitelist, with two rules of our own.

The document security store may be rewritten as a whole (ISO 32000-2, 12.8.4.3): signers in use replace VRI entries when they
extend a signature, and nothing of the store is ever shown on a page. References that lead nowhere, which PDFs with an embedded
office document carry in /AdditionalStreams, neither stop the analysis nor hide what comes after.
"""

from collections.abc import Iterable, Iterator

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import Reference
from pyhanko.pdf_utils.reader import HistoricalResolver, PdfFileReader, RawPdfPath
from pyhanko.sign.diff_analysis import (
    DEFAULT_DIFF_POLICY,
    DiffResult,
    DSSCompareRule,
    ModificationLevel,
    StandardDiffPolicy,
    SuspiciousModification,
)
from pyhanko.sign.diff_analysis.rules_api import Context, ReferenceUpdate, WhitelistRule
from pyhanko.sign.fields import FieldMDPSpec, MDPPerm

from signing.foreign_input import MALFORMED
from signing.pdf_fields import resolved
from signing.structure_rule import StructureTreeRule

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


class _Revision(HistoricalResolver):
    """A revision in which a reference to an object that no revision defines leads nowhere instead of failing."""

    def _collect_indirect_references(
        self, obj: generic.PdfObject, seen: set[Reference], since_revision: int | None = None
    ) -> None:
        try:
            super()._collect_indirect_references(obj, seen, since_revision)  # type: ignore[no-untyped-call]
        except KeyError:
            if not isinstance(obj, generic.IndirectObject):
                raise


class TolerantReader(PdfFileReader):
    """pyHanko's lenient reader whose revisions bear references that lead nowhere, and to which null is as good as absent."""

    @property
    def encrypt_dict(self) -> generic.DictionaryObject | None:
        """The encryption dictionary; None also for `/Encrypt null` (ISO 32000-2, 7.3.9)."""
        if "/Encrypt" in self.trailer and isinstance(self.trailer.raw_get("/Encrypt"), generic.NullObject):
            return None
        return super().encrypt_dict

    def get_historical_resolver(self, revision: int) -> HistoricalResolver:
        """The document as of that revision."""
        cache = self._historical_resolver_cache
        if revision not in cache:
            cache[revision] = _Revision(self, revision)
        return cache[revision]


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


def _our_rules() -> StandardDiffPolicy:
    kept = [
        rule for rule in DEFAULT_DIFF_POLICY.global_rules if not isinstance(getattr(rule, "rule", rule), DSSCompareRule)
    ]
    store = SecurityStoreRule().as_qualified(ModificationLevel.LTA_UPDATES)
    structure = StructureTreeRule().as_qualified(ModificationLevel.FORM_FILLING)
    return _Policy([*kept, store, structure], DEFAULT_DIFF_POLICY.form_rule)


UPDATE_POLICY = _our_rules()

MOST_OBJECTS_COMPARED = 60_000
"""Objects of all compared revisions together: five thousand pages with a handful of signatures stay below."""


class UpdateReview:
    """Judges what follows a revision. Updates are judged one by one, each against the revision before it, and only once for
    all the signatures of the document; a signature with permissions of its own is judged against its own revision."""

    def __init__(self, reader: PdfFileReader) -> None:
        self.reader = reader
        self._steps: dict[int, DiffResult | None] = {}
        self._compared = 0

    def after(self, revision: int, locked: FieldMDPSpec | None, level: MDPPerm | None) -> DiffResult | None:
        """The judgement of all updates after `revision`; None where one of them is not explained.

        Raises UpdateNotAnalysable when the analysis itself fails.
        """
        try:
            if locked is not None or level is not None:
                result = UPDATE_POLICY.review_file(self.reader, revision, field_mdp_spec=locked, doc_mdp=level)
                return result if isinstance(result, DiffResult) else None
            return self._joined(revision)
        except MALFORMED as error:
            raise UpdateNotAnalysable(type(error).__name__) from error

    def _joined(self, revision: int) -> DiffResult | None:
        worst, fields = ModificationLevel.NONE, set[str]()
        for step in range(revision + 1, self.reader.xrefs.total_revisions):
            result = self._step(step)
            if result is None:
                return None
            worst = max(worst, result.modification_level)
            fields |= result.changed_form_fields
        return DiffResult(worst, fields)

    def _step(self, revision: int) -> DiffResult | None:
        if revision not in self._steps:
            before = self.reader.get_historical_resolver(revision - 1)
            self._compared += self._objects_until(revision)
            if self._compared > MOST_OBJECTS_COMPARED:
                raise UpdateNotAnalysable("too many updates")
            try:
                self._steps[revision] = UPDATE_POLICY.apply(before, self.reader.get_historical_resolver(revision))
            except SuspiciousModification:
                self._steps[revision] = None
        return self._steps[revision]

    def _objects_until(self, revision: int) -> int:
        xrefs = self.reader.xrefs
        return sum(len(xrefs.explicit_refs_in_revision(one)) for one in range(revision + 1))


class UpdateNotAnalysable(Exception):
    """An update is written so that it cannot be compared; the text is the class of the parser's error."""
