"""Many leaves appended to the log's tree at once, level by level, with the root at every size in between.

The nodes and roots are those that `merkle.append` and `merkle.fold` give leaf by leaf; whoever checks a million leaves
cannot afford a call for each node.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from protocol_register.merkle import EMPTY_ROOT, Frontier

_sha256 = hashlib.sha256


@dataclass(frozen=True)
class Growth:
    """A tree of `start` leaves that became one of `end`: `levels` holds, for each level, the nodes that became complete.

    `peaks` are the largest complete nodes of the tree of `start`, each at its level, empty where there is none.
    """

    start: int
    end: int
    peaks: tuple[bytes, ...]
    levels: tuple[Sequence[bytes], ...]

    @property
    def frontier(self) -> Frontier:
        """The largest complete nodes of the tree of `end`, left to right."""
        return tuple(reversed(self._peaks_of(self.end)))

    @property
    def nodes(self) -> Iterator[tuple[int, int, bytes]]:
        """Level, index and hash of every node that became complete, level by level, in their order."""
        for level, hashes in enumerate(self.levels):
            for index, found in enumerate(hashes, self.start >> level):
                yield level, index, found

    def root(self, size: int) -> bytes:
        """The root when the tree had `size` leaves, from `start` to `end`."""
        peaks = self._peaks_of(size)
        if not peaks:
            return EMPTY_ROOT
        folded = peaks[0]
        for left in peaks[1:]:
            folded = _sha256(b"\x01" + left + folded).digest()
        return folded

    def _peaks_of(self, size: int) -> list[bytes]:
        """The largest complete nodes of the tree of `size`, right to left."""
        start, levels, peaks = self.start, self.levels, self.peaks
        found, level, rest = [], 0, size
        while rest:
            if rest & 1:
                place = rest - 1 - (start >> level)
                found.append(levels[level][place] if place >= 0 else peaks[level])
            rest >>= 1
            level += 1
        return found


def grow(frontier: Frontier, size: int, leaves: Sequence[bytes]) -> Growth:
    """Append leaf hashes to a tree of `size` leaves with this frontier."""
    smallest_first = iter(reversed(frontier))
    peaks = tuple(next(smallest_first) if size >> level & 1 else b"" for level in range(size.bit_length()))
    levels: list[Sequence[bytes]] = []
    added: Sequence[bytes] = leaves
    while added:
        level = len(levels)
        levels.append(added)
        waiting = [peaks[level]] if size >> level & 1 else []
        row = [*waiting, *added]
        added = [_sha256(b"\x01" + left + right).digest() for left, right in zip(row[::2], row[1::2], strict=False)]
    return Growth(size, size + len(leaves), peaks, tuple(levels))


def completed_by(level: int, index: int) -> int:
    """The leaf with which a node becomes complete."""
    return ((index + 1) << level) - 1
