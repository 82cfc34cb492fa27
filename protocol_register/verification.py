"""Checking a whole register: numbers, instants, leaves, tree, signed heads, in one pass and constant memory.

Documents registered together share one signed head: their instants, one microsecond apart, say which.
Records are read in the order of the log from three tables at once (entries, annulments, resumptions), and only up to
the size the head had at the start: what is registered meanwhile does not disturb. They come a part at a time; each part
grows the tree, and what the database holds of the tree and its signed heads up to there is compared as a whole.
What the owner of the database could do behind the fences is what this looks for: a changed, removed, inserted or
renumbered record, a rewritten tree, a head signed by another key. A rewriting of everything, key included, is found
with what left the office: the published key, an older checkpoint, a receipt (`public_key`, `published`, `known_leaves`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, RowMapping, select

from protocol_register import tables
from protocol_register.checkpoint import Checkpoint, checkpoint_body, verify_checkpoint
from protocol_register.entries import Register, shown_number
from protocol_register.errors import CheckpointUnreadable, RegisterBehind, RegisterRewritten
from protocol_register.following import ANNULMENT, ENTRY, RESUMPTION, Head, LogRow, StoredLog
from protocol_register.growth import Growth, completed_by, grow
from protocol_register.keys import fingerprint_of
from protocol_register.leaf import SALT_POLICY
from protocol_register.merkle import EMPTY_ROOT, Frontier, fold
from protocol_register.registration import APART
from protocol_register.search import register_of

PROBLEMS_KEPT = 100
OF_AN_OLDER_COPY = frozenset({"published_ahead", "receipt_missing"})
OF_WHAT_WAS_GIVEN = frozenset({"key_changed", "published_checkpoint"})
HELD_BY_THE_KEY_GIVEN = frozenset({"published_ahead", "published_root", "receipt_changed", "receipt_missing"})
"""Papers that were believed by the given key: where the register has another, what they say stands or falls with it."""

CHECK_WHAT_WAS_GIVEN = (
    "Prima controlli ciò che ha indicato: chiave e stati firmati devono essere quelli che l’ufficio pubblica per questo "
    "registro. Solo se lo sono, il registro è stato riscritto."
)


@dataclass(frozen=True)
class RegisterProblem:
    """One thing that does not hold: a stable code, an Italian sentence, the leaf it is about."""

    code: str
    message: str
    log_index: int | None = None


@dataclass(frozen=True)
class RegisterCheck:
    """What a whole check found. `problems` keeps the first hundred; `problem_count` counts them all."""

    register: str
    entries: int
    annulments: int
    resumptions: int
    last_numbers: Mapping[int, int]
    size: int
    root: bytes
    problems: tuple[RegisterProblem, ...]
    problem_count: int

    @property
    def holds(self) -> bool:
        """Nothing was found."""
        return self.problem_count == 0

    @property
    def remedy(self) -> str | None:
        """What to do now, None where all holds: acts that are missing at the end are an older copy put back.

        Where everything may come of a key or a head that is not this register's, those are to be looked at first.
        """
        if self.holds:
            return None
        codes = {each.code for each in self.problems}
        if codes <= OF_AN_OLDER_COPY:
            return RegisterBehind.remedy
        held_by_key = HELD_BY_THE_KEY_GIVEN if "key_changed" in codes else frozenset()
        if codes <= OF_WHAT_WAS_GIVEN | held_by_key:
            return f"{CHECK_WHAT_WAS_GIVEN} {RegisterRewritten.remedy}"
        return RegisterRewritten.remedy


def verify_register(
    connection: Connection,
    code: str,
    *,
    public_key: bytes | None = None,
    published: Sequence[str] = (),
    kept: Sequence[str] = (),
    known_leaves: Mapping[int, bytes] | None = None,
    every_signature: bool = True,
) -> RegisterCheck:
    """Check every record of a register.

    `public_key` (32 raw bytes) is the register's as published; `published` are texts of checkpoints that left the
    office, `kept` those that the host itself kept outside the database; `known_leaves` are leaf hashes known from
    receipts, by log index. `every_signature` False verifies the signature of the newest head alone: it signs everything
    before it, and the text of every other head is still compared with the tree. Run it inside a
    transaction. Raises UnknownRegister.
    """
    register = register_of(connection, code)
    statement = select(tables.register_head).where(tables.register_head.c.register == code)
    head = connection.execute(statement).mappings().one()
    walk = _Walk(register, public_key or register.public_key, head["tree_size"], every_signature)
    walk.check_register(head)
    walk.expect_heads(published, "published_checkpoint")
    walk.expect_heads(kept, "kept_checkpoint")
    walk.compare_published(0, EMPTY_ROOT)
    walk.expect_leaves(known_leaves or {})
    stored = StoredLog(connection, code, walk.size, register.time_zone)
    for rows in stored.parts():
        walk.take_part(rows, stored)
    walk.finish(head, stored)
    return walk.result()


@dataclass
class _Walk:
    register: Register
    public_key: bytes
    size: int
    every_signature: bool
    index: int = 0
    expected_index: int = 0
    frontier: Frontier = ()
    broken: set[str] = field(default_factory=set)
    year: int = 0
    number: int = 0
    instant: str = ""
    unsigned: bool = False
    nodes: int = 0
    counts: dict[str, int] = field(default_factory=lambda: {ENTRY: 0, ANNULMENT: 0, RESUMPTION: 0})
    last_numbers: dict[int, int] = field(default_factory=dict)
    published: dict[int, list[Checkpoint]] = field(default_factory=dict)
    known: dict[int, bytes] = field(default_factory=dict)
    problems: list[RegisterProblem] = field(default_factory=list)
    problem_count: int = 0

    def problem(self, code: str, message: str, index: int | None = None) -> None:
        self.problem_count += 1
        if len(self.problems) < PROBLEMS_KEPT:
            self.problems.append(RegisterProblem(code, message, index))

    def problem_once(self, code: str, message: str, index: int | None = None) -> None:
        """Report what, once broken, stays broken for every leaf after."""
        if code not in self.broken:
            self.broken.add(code)
            self.problem(code, message, index)

    def check_register(self, head: RowMapping) -> None:
        if fingerprint_of(self.register.public_key) != self.register.fingerprint:
            self.problem("key_fingerprint", "La chiave del registro non corrisponde alla sua impronta.")
        if self.register.public_key != self.public_key:
            self.problem("key_changed", "La chiave nel registro non è quella pubblicata.")
        if self.register.salt_policy != SALT_POLICY:
            self.problem("salt_policy", f"La regola dei sali «{self.register.salt_policy}» non è conosciuta.")
        if head["open_place"] is not None:
            self.problem("open_place", "Un numero risulta preso e mai usato.")

    def signed(self, text: str) -> Checkpoint:
        """What a head states, signed with the published key; where the register's own is another, which was told, with
        either. Raises CheckpointUnreadable."""
        try:
            return verify_checkpoint(text, self.public_key)
        except CheckpointUnreadable:
            if self.public_key == self.register.public_key:
                raise
            return verify_checkpoint(text, self.register.public_key)

    def expect_heads(self, texts: Sequence[str], code: str) -> None:
        """Heads from outside the database; `code` tells one that this register did not sign."""
        for text in texts:
            try:
                stated = self.signed(text)
            except CheckpointUnreadable as error:
                self.problem(code, error.message)
                continue
            if stated.origin != self.register.origin:
                self.problem(code, f"Il sigillo pubblicato è di un altro registro: {stated.origin}.")
            elif stated.size > self.size:
                message = f"Il registro era arrivato a {stated.size} atti e ora ne ha {self.size}."
                self.problem("published_ahead", message)
            else:
                self.published.setdefault(stated.size, []).append(stated)

    def expect_leaves(self, leaves: Mapping[int, bytes]) -> None:
        self.known = dict(leaves)
        for index in sorted(index for index in leaves if index >= self.size):
            self.problem("receipt_missing", f"Manca l’atto {index} di una ricevuta consegnata.", index)

    def take_part(self, rows: Sequence[LogRow], stored: StoredLog) -> None:
        """Check the records that come next, the nodes they complete and the heads signed over them."""
        growth = grow(self.frontier, self.index, [row.leaf_hash for row in rows])
        heads = {head.size: head for head in stored.heads(growth.start, growth.end)}
        for size, row in enumerate(rows, growth.start + 1):
            self.take(row)
            self.unsigned = size not in heads
            self.index = size
        self.compare_nodes(growth, stored)
        for head in heads.values():
            self.check_signed_head(head, growth.root(head.size))
        for size in self.published.keys() & range(growth.start + 1, growth.end + 1):
            self.compare_published(size, growth.root(size))
        self.frontier = growth.frontier

    def take(self, row: LogRow) -> None:
        if self.unsigned and not (row.kind == ENTRY and _together(self.instant, row.instant)):
            self.head_missing()
        self.counts[row.kind] += 1
        if row.log_index != self.expected_index:
            self.problem(
                "log_gap", f"Nel registro manca o si ripete l’atto {self.expected_index}.", self.expected_index
            )
        if row.instant <= self.instant:
            message = f"L’istante {row.instant} non segue quello precedente."
            self.problem("instant_order", message, row.log_index)
        if row.leaf != row.leaf_hash:
            message = f"I dati dell’atto {row.log_index} ({_name(row)}) sono stati cambiati."
            self.problem("leaf_changed", message, row.log_index)
        if self.known and self.known.get(row.log_index, row.leaf) != row.leaf:
            message = f"L’atto {row.log_index} ({_name(row)}) non è quello della ricevuta consegnata."
            self.problem("receipt_changed", message, row.log_index)
        if row.kind != ANNULMENT:
            self.count_number(row)
        self.expected_index = row.log_index + 1
        self.instant = row.instant

    def count_number(self, row: LogRow) -> None:
        expected = self.number + 1 if row.year == self.year else 1
        if row.year < self.year or row.year != row.civil_year:
            message = f"L’anno {row.year} non è quello dell’istante di registrazione."
            self.problem("year", message, row.log_index)
        if row.kind == ENTRY and row.number != expected:
            message = f"Dopo {self.number}/{self.year} viene {row.number}/{row.year}: c’è un vuoto o un doppio."
            self.problem("number", message, row.log_index)
        self.year, self.number = row.year, row.number
        self.last_numbers[row.year] = row.number

    def compare_nodes(self, growth: Growth, stored: StoredLog) -> None:
        """Every node that a part completed against the one kept, level by level."""
        wrong = []
        for level, hashes in enumerate(growth.levels):
            first = growth.start >> level
            kept = stored.nodes(level, first, growth.end >> level)
            self.nodes += len(kept)
            expected = list(enumerate(hashes, first))
            if kept != expected:
                leaves = [completed_by(level, index) for index, _ in set(expected).symmetric_difference(kept)]
                wrong.append(min(leaves, default=growth.start))
        if wrong:
            message = f"Dall’atto {min(wrong)} l’albero conservato non è quello calcolato."
            self.problem_once("tree_node", message, min(wrong))

    def check_signed_head(self, head: Head, root: bytes) -> None:
        if self.every_signature or head.size == self.size:
            try:
                self.signed(head.note)
            except CheckpointUnreadable as error:
                self.problem("checkpoint_signature", error.message, head.size - 1)
                return
        if head.root != root or not head.note.startswith(checkpoint_body(self.register.origin, head.size, root)):
            message = f"Dal sigillo a {head.size} atti in poi l’albero firmato non è quello degli atti conservati."
            self.problem_once("checkpoint_root", message, head.size - 1)

    def head_missing(self) -> None:
        self.problem("checkpoint_missing", f"Manca il sigillo a {self.index} atti.", self.index - 1)

    def compare_published(self, size: int, root: bytes) -> None:
        for stated in self.published.get(size, ()):
            if stated.root != root:
                message = (
                    f"Lo stato pubblicato a {stated.size} atti non è quello di oggi: il registro è stato riscritto."
                )
                self.problem("published_root", message, stated.size)

    def finish(self, head: RowMapping, stored: StoredLog) -> None:
        if self.unsigned:
            self.head_missing()
        if self.index != self.size:
            self.problem("log_size", f"Il registro conta {self.size} atti, ma se ne leggono {self.index}.")
        if bytes(head["root"]) != fold(self.frontier):
            self.problem("head_root", "La radice del registro non è quella dei suoi atti.")
        if tuple(bytes(peak) for peak in head["frontier"]) != self.frontier:
            self.problem("head_frontier", "Il margine dell’albero non è quello dei suoi atti.")
        if (head["year"], head["last_number"]) != (self.year, self.number):
            message = f"La testa dice {head['last_number']}/{head['year']}, l’ultimo atto {self.number}/{self.year}."
            self.problem("head_number", message)
        nodes_left = stored.count_nodes() - self.nodes
        if nodes_left:
            self.problem("tree_node", f"L’albero ha {nodes_left} nodi che nessun atto spiega.")
        heads_left = stored.other_heads(self.index)
        if heads_left:
            self.problem("checkpoint_unexplained", f"Ci sono {heads_left} sigilli che nessun atto spiega.")

    def result(self) -> RegisterCheck:
        return RegisterCheck(
            register=self.register.code,
            entries=self.counts[ENTRY],
            annulments=self.counts[ANNULMENT],
            resumptions=self.counts[RESUMPTION],
            last_numbers=self.last_numbers,
            size=self.index,
            root=fold(self.frontier),
            problems=tuple(self.problems),
            problem_count=self.problem_count,
        )


def _together(earlier: str, later: str) -> bool:
    return datetime.fromisoformat(later) - datetime.fromisoformat(earlier) == APART


def _name(row: LogRow) -> str:
    words = {ENTRY: f"protocollo {shown_number(row.number)}", ANNULMENT: f"annullamento di {row.number}"}
    return f"{words.get(row.kind, f'ripresa dopo {row.number}')}/{row.year}"
