"""The Merkle tree of RFC 6962 section 2.1 over SHA-256: append, inclusion and consistency proofs, and their checks.

A *node* is named by `(level, index)`: the root of the complete subtree over leaves `index << level` up to
`(index + 1) << level`, excluded. Complete nodes never change once written, so a store may keep them for ever, and every
proof is a fold of a few of them. The *frontier* of a tree is the list of its largest complete nodes, left to right:
all that an append needs. The functions that name nodes do no hashing; those that hash read no store.

Verification follows RFC 9162 sections 2.1.3.2 and 2.1.4.2, the same tree with the algorithms written out.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence

Node = tuple[int, int]
Frontier = tuple[bytes, ...]

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()


def leaf_hash(data: bytes) -> bytes:
    """The hash of one leaf: SHA-256 of 0x00 and the data."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node: SHA-256 of 0x01 and its two children."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def fold(hashes: Sequence[bytes]) -> bytes:
    """One hash from adjoining complete nodes, largest first; the root of the empty tree from none."""
    if not hashes:
        return EMPTY_ROOT
    folded = hashes[-1]
    for left in reversed(hashes[:-1]):
        folded = node_hash(left, folded)
    return folded


def append(frontier: Frontier, size: int, leaf: bytes) -> tuple[Frontier, tuple[tuple[Node, bytes], ...]]:
    """Append one leaf hash to a tree of `size` leaves: the new frontier, and each node that became complete."""
    peaks = list(frontier)
    level, index, current = 0, size, leaf
    completed = [((level, index), current)]
    while index & 1:
        current = node_hash(peaks.pop(), current)
        level, index = level + 1, index >> 1
        completed.append(((level, index), current))
    return (*peaks, current), tuple(completed)


def tree(leaves: Iterable[bytes]) -> tuple[bytes, dict[Node, bytes]]:
    """The root over leaf hashes, and every complete node: for trees that fit in memory."""
    frontier: Frontier = ()
    nodes: dict[Node, bytes] = {}
    for size, leaf in enumerate(leaves):
        frontier, completed = append(frontier, size, leaf)
        nodes.update(completed)
    return fold(frontier), nodes


def cover(start: int, end: int) -> tuple[Node, ...]:
    """The complete nodes, largest first, that make up the leaves `start` to `end` (excluded).

    `start` must be a multiple of the largest power of two below the width, as in every subtree of RFC 6962.
    """
    nodes = []
    while start < end:
        level = (end - start).bit_length() - 1
        nodes.append((level, start >> level))
        start += 1 << level
    return tuple(nodes)


def split_of(width: int) -> int:
    """The largest power of two smaller than `width` (RFC 6962: k < n <= 2k)."""
    return 1 << ((width - 1).bit_length() - 1)


def inclusion_paths(index: int, size: int) -> tuple[tuple[Node, ...], ...]:
    """For each hash of the inclusion proof of leaf `index` in a tree of `size`, the nodes it is folded from."""
    if not 0 <= index < size:
        raise ValueError(f"leaf {index} is not in a tree of {size}")
    start, end, paths = 0, size, []
    while end - start > 1:
        middle = start + split_of(end - start)
        if index < middle:
            paths.append(cover(middle, end))
            end = middle
        else:
            paths.append(cover(start, middle))
            start = middle
    return tuple(reversed(paths))


def consistency_paths(old: int, new: int) -> tuple[tuple[Node, ...], ...]:
    """For each hash of the consistency proof between two sizes, the nodes it is folded from."""
    if not 0 <= old <= new:
        raise ValueError(f"a tree of {new} does not extend one of {old}")
    if old in {0, new}:
        return ()
    start, end, old_end, whole, paths = 0, new, old, True, []
    while old_end != end:
        middle = start + split_of(end - start)
        if old_end <= middle:
            paths.append(cover(middle, end))
            end = middle
        else:
            paths.append(cover(start, middle))
            start, whole = middle, False
    if not whole:
        paths.append(cover(start, end))
    return tuple(reversed(paths))


def proof(paths: Sequence[Sequence[Node]], nodes: Mapping[Node, bytes]) -> tuple[bytes, ...]:
    """The hashes of a proof, folded from the nodes its paths name. Raises KeyError when a node is missing."""
    return tuple(fold([nodes[node] for node in path]) for path in paths)


def includes(root: bytes, size: int, index: int, leaf: bytes, hashes: Sequence[bytes]) -> bool:
    """Whether an inclusion proof shows that the tree `(size, root)` holds the leaf hash at `index`."""
    if not 0 <= index < size or any(len(step) != HASH_BYTES for step in hashes):
        return False
    place, last, current = index, size - 1, leaf
    for sibling in hashes:
        if last == 0:
            return False
        if place & 1 or place == last:
            current = node_hash(sibling, current)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            current = node_hash(current, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and current == root


def extends(old: int, old_root: bytes, new: int, new_root: bytes, hashes: Sequence[bytes]) -> bool:
    """Whether a consistency proof shows that the tree `(new, new_root)` only added leaves to `(old, old_root)`."""
    if not 0 <= old <= new or any(len(step) != HASH_BYTES for step in hashes):
        return False
    if old == new:
        return not hashes and old_root == new_root
    if old == 0:
        return not hashes and old_root == EMPTY_ROOT
    steps = list(hashes)
    if old & (old - 1) == 0:
        steps.insert(0, old_root)
    if not steps:
        return False
    place, last = old - 1, new - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    before = after = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            before, after = node_hash(step, before), node_hash(step, after)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            after = node_hash(after, step)
        place, last = place >> 1, last >> 1
    return last == 0 and before == old_root and after == new_root
