"""N2: the tree of RFC 6962, its proofs and their laws, and the signed heads of C2SP."""

import json
import os
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from protocol_register.checkpoint import (
    Checkpoint,
    make_checkpoint,
    open_note,
    parse_verifier_key,
    verifier_key,
    verify_checkpoint,
)
from protocol_register.errors import CheckpointUnreadable
from protocol_register.growth import completed_by, grow
from protocol_register.merkle import (
    EMPTY_ROOT,
    append,
    consistency_paths,
    cover,
    extends,
    fold,
    includes,
    inclusion_paths,
    leaf_hash,
    node_hash,
    proof,
    tree,
)

LEAVES = [leaf_hash(str(number).encode()) for number in range(70)]
ROOT, NODES = tree(LEAVES)
SIZES = st.integers(min_value=1, max_value=len(LEAVES))


def root_by_definition(leaves: list[bytes]) -> bytes:
    """RFC 6962 section 2.1, word for word."""
    if not leaves:
        return EMPTY_ROOT
    if len(leaves) == 1:
        return leaves[0]
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return node_hash(root_by_definition(leaves[:half]), root_by_definition(leaves[half:]))


def root_at(size: int) -> bytes:
    return fold([NODES[node] for node in cover(0, size)])


@given(size=st.integers(min_value=0, max_value=len(LEAVES)))
def test_n2_incremental_root_is_the_definition(size: int) -> None:
    frontier: tuple[bytes, ...] = ()
    for index in range(size):
        frontier, _ = append(frontier, index, LEAVES[index])
    assert fold(frontier) == root_at(size) == root_by_definition(LEAVES[:size])


@given(steps=st.lists(st.integers(0, 20), max_size=6))
def test_n2_leaves_appended_together_make_the_same_nodes_and_the_same_root_at_every_size(steps: list[int]) -> None:
    frontier: tuple[bytes, ...] = ()
    size = 0
    for step in steps:
        leaves = LEAVES[size : size + step]
        growth = grow(frontier, size, leaves)
        made = {(level, index): found for level, index, found in growth.nodes}
        completed = {node for node in NODES if size <= completed_by(*node) < size + len(leaves)}
        assert made == {node: NODES[node] for node in completed}
        for between in range(growth.start, growth.end + 1):
            assert growth.root(between) == root_by_definition(LEAVES[:between])
        frontier, size = growth.frontier, growth.end
    assert fold(frontier) == root_by_definition(LEAVES[:size])


@given(size=SIZES, data=st.data())
def test_n2_every_leaf_is_proved_and_only_at_its_place(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(min_value=0, max_value=size - 1))
    other = data.draw(st.integers(min_value=0, max_value=size - 1).filter(lambda place: place != index or size == 1))
    hashes = proof(inclusion_paths(index, size), NODES)
    assert includes(root_at(size), size, index, LEAVES[index], hashes)
    assert len(hashes) <= size.bit_length()
    assert other == index or not includes(root_at(size), size, other, LEAVES[index], hashes)
    assert not includes(root_at(size), size, index, leaf_hash(b"another"), hashes)
    assert not includes(root_at(size), size, index, LEAVES[index], [*hashes, ROOT])
    assert not hashes or not includes(root_at(size), size, index, LEAVES[index], hashes[:-1])


@given(new=SIZES, data=st.data())
def test_n2_every_tree_extends_every_earlier_one_and_no_other(new: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(min_value=0, max_value=new))
    hashes = proof(consistency_paths(old, new), NODES)
    assert extends(old, root_at(old), new, root_at(new), hashes)
    assert not extends(old, leaf_hash(b"rewritten"), new, root_at(new), hashes)
    assert not extends(old, root_at(old), new, root_at(new), [*hashes, ROOT])
    assert old == 0 or not extends(old, root_at(old), new, leaf_hash(b"rewritten"), hashes)
    assert not hashes or not extends(old, root_at(old), new, root_at(new), hashes[:-1])


def test_n2_out_of_range_is_refused() -> None:
    with pytest.raises(ValueError, match="not in a tree"):
        inclusion_paths(3, 3)
    with pytest.raises(ValueError, match="does not extend"):
        consistency_paths(4, 3)
    assert not includes(ROOT, 3, 3, LEAVES[3], [])
    assert not extends(4, ROOT, 3, ROOT, [])


@pytest.mark.conformance
def test_n2_published_vectors_of_rfc_6962() -> None:
    folder = os.environ.get("SPORTELLO_CONFORMANCE")
    if not folder:
        pytest.skip("SPORTELLO_CONFORMANCE non indica la raccolta delle norme")
    vectors = json.loads(Path(folder, "reference", "rfc6962_vectors.json").read_text())
    leaves = [leaf_hash(bytes.fromhex(leaf)) for leaf in vectors["leaves_hex"]]
    roots = [bytes.fromhex(root) for root in vectors["roots_by_size"]]
    assert [tree(leaves[:size])[0] for size in range(len(leaves) + 1)] == roots
    _, nodes = tree(leaves)
    for case in vectors["consistency"]:
        hashes = proof(consistency_paths(case["from"], case["to"]), nodes)
        assert [step.hex() for step in hashes] == case["proof"]
        assert extends(case["from"], roots[case["from"]], case["to"], roots[case["to"]], hashes)
    for case in vectors.get("inclusion", []):
        hashes = proof(inclusion_paths(case["leaf"], case["size"]), nodes)
        assert [step.hex() for step in hashes] == case["proof"]


@given(size=st.integers(min_value=0, max_value=2**62), root=st.binary(min_size=32, max_size=32))
def test_n2_a_checkpoint_states_what_was_signed(size: int, root: bytes) -> None:
    key = Ed25519PrivateKey.generate()
    text = make_checkpoint("r_prova/A1B2C3D/PROTGEN", size, root, key)
    stated = verify_checkpoint(text, key.public_key().public_bytes_raw())
    assert stated == Checkpoint("r_prova/A1B2C3D/PROTGEN", size, root)


def test_n2_a_note_of_the_standard_opens() -> None:
    """The example note and key of golang.org/x/mod/sumdb/note, from which C2SP signed-note comes."""
    name, key = parse_verifier_key("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    note = (
        "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n"
        "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
    )
    assert open_note(note, name, key).endswith("your problem is.\n")
    assert verifier_key(name, key).startswith("PeterNeumann+c74f20a3+")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text.replace("\n7\n", "\n8\n"),
        lambda text: text.replace("\n7\n", "\n07\n"),
        lambda text: text.replace("PROTGEN", "PROTGEM"),
        lambda text: text.replace("\n\n", "\n"),
        lambda text: text.removesuffix("\n"),
        lambda text: text + "— someone not-base64\n",
        lambda text: text.partition("— ")[0],
        lambda text: "",
    ],
)
def test_n2_a_changed_checkpoint_is_refused(spoil) -> None:  # type: ignore[no-untyped-def]
    key = Ed25519PrivateKey.generate()
    text = make_checkpoint("r_prova/A1B2C3D/PROTGEN", 7, bytes(32), key)
    assert spoil(text) != text
    with pytest.raises(CheckpointUnreadable):
        verify_checkpoint(spoil(text), key.public_key().public_bytes_raw())


def test_n2_a_witness_may_sign_beside_the_log_and_another_key_may_not_sign_for_it() -> None:
    key, other = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    text = make_checkpoint("log", 7, bytes(32), key)
    witness = make_checkpoint("log", 7, bytes(32), other).split("\n")[-2].replace("— log ", "— witness.example ")
    public = key.public_key().public_bytes_raw()
    assert verify_checkpoint(f"{text}{witness}\n", public).size == 7
    with pytest.raises(CheckpointUnreadable):
        verify_checkpoint(text, other.public_key().public_bytes_raw())
