"""C2: the canonical form of XML, on which every XML signature rests, is that of the standard and of libxml2."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from signing.canonical_xml import UnsupportedCanonicalization, canonical_bytes, named_canonicalization
from signing.inspect import inspect_signatures
from signing.xml_document import parse_xml
from signing.xml_nodes import NodeSet
from tests.pki.authority import AT, trust_store
from tests.pki.xml_signer import ENVELOPED, EXCLUSIVE, canonical, reference, sign_xml_as, transform

INCLUSIVE_10 = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
INCLUSIVE_11 = "http://www.w3.org/2006/12/xml-c14n11"
ALGORITHMS = {
    INCLUSIVE_10: (False, False),
    f"{INCLUSIVE_10}#WithComments": (False, True),
    INCLUSIVE_11: (False, False),
    f"{INCLUSIVE_11}#WithComments": (False, True),
    EXCLUSIVE: (True, False),
    f"{EXCLUSIVE}WithComments": (True, True),
}

_texts = st.text(alphabet="ab é<>&\"'\t\n\r]", max_size=6).map(
    lambda text: "".join(f"&#{ord(c)};" if c in "<>&\"'\t\r]" else c for c in text)
)
_prefixes = st.sampled_from(["", "p:", "q:"])
_declarations = st.lists(
    st.sampled_from(
        ['xmlns="urn:a"', 'xmlns=""', 'xmlns:p="urn:a"', 'xmlns:p="urn:b"', 'xmlns:q="urn:a"', 'xml:lang="it"']
    ),
    unique_by=lambda one: one.partition("=")[0],
    max_size=3,
)
_attributes = st.lists(st.tuples(st.sampled_from(["", "p:", "r:"]), st.sampled_from("mno")), unique=True, max_size=2)


def _written(prefix, declarations, attributes, text, children):
    named = " ".join(f'{place}{name}="{text}"' for place, name in attributes)
    return f"<{prefix}e {' '.join(declarations)} {named}>{text}{''.join(children)}</{prefix}e>"


def _element(children):
    return st.builds(_written, _prefixes, _declarations, _attributes, _texts, st.lists(children, max_size=3))


_documents = st.recursive(
    st.sampled_from(["<!-- nota -->", "<?istruzione x?>", "<![CDATA[a<b]]>", "testo"]) | _texts, _element, max_leaves=8
).map(
    lambda inside: f'<?prima?><!--a--><radice xmlns:p="urn:p" xmlns:q="urn:q" xmlns:r="urn:r">{inside}</radice><!--b-->'
)


@settings(max_examples=60, deadline=None)
@given(_documents, st.sampled_from(sorted(ALGORITHMS)))
def test_c2_whole_documents_have_the_form_that_libxml2_gives_them(document, algorithm):
    root = parse_xml(document.encode())
    exclusive, comments = ALGORITHMS[algorithm]
    expected = etree.tostring(root.getroottree(), method="c14n", exclusive=exclusive, with_comments=comments)
    found = canonical_bytes(NodeSet(root, whole_document=True, comments=True), named_canonicalization(algorithm))
    assert found == expected


@pytest.mark.parametrize(
    ("algorithm", "expected"),
    [
        (
            INCLUSIVE_10,
            '<n1:b xmlns="urn:d" xmlns:n0="urn:0" xmlns:n1="urn:1" xml:lang="it" xml:space="preserve"></n1:b>',
        ),
        (
            INCLUSIVE_11,
            '<n1:b xmlns="urn:d" xmlns:n0="urn:0" xmlns:n1="urn:1" xml:lang="it" xml:space="preserve"></n1:b>',
        ),
        (EXCLUSIVE, '<n1:b xmlns:n1="urn:1" xml:space="preserve"></n1:b>'),
    ],
)
def test_c2_a_subtree_keeps_what_it_inherits_only_where_the_form_is_inclusive(algorithm, expected):
    root = parse_xml(
        b'<a xmlns="urn:d" xmlns:n0="urn:0" xml:lang="it" xml:space="default">'
        b'<n1:b xmlns:n1="urn:1" xml:space="preserve"/></a>'
    )
    nodes = NodeSet(root[0], whole_document=False, comments=False)
    assert canonical_bytes(nodes, named_canonicalization(algorithm)).decode() == expected


def test_c2_version_1_1_inherits_language_and_space_alone_and_declines_an_inherited_base():
    root = parse_xml(b'<a xml:id="x" xml:lang="it" xml:space="preserve" xml:other="y"><b/></a>')
    nodes = NodeSet(root[0], whole_document=False, comments=False)
    every = b'<b xml:id="x" xml:lang="it" xml:other="y" xml:space="preserve"></b>'
    assert canonical_bytes(nodes, named_canonicalization(INCLUSIVE_10)) == every
    assert canonical_bytes(nodes, named_canonicalization(INCLUSIVE_11)) == b'<b xml:lang="it" xml:space="preserve"></b>'
    based = NodeSet(parse_xml(b'<a xml:base="http://example.it/"><b/></a>')[0], whole_document=False, comments=False)
    with pytest.raises(UnsupportedCanonicalization):
        canonical_bytes(based, named_canonicalization(INCLUSIVE_11))


def test_c2_two_prefixes_of_one_namespace_stay_apart():
    root = parse_xml(b'<e xmlns:b="urn:x" xmlns:a="urn:x" b:m="1" a:n="2"/>')
    whole = NodeSet(root, whole_document=True, comments=False)
    assert canonical_bytes(whole, named_canonicalization(EXCLUSIVE)) == (
        b'<e xmlns:a="urn:x" xmlns:b="urn:x" b:m="1" a:n="2"></e>'
    )


CONTENT = "<domanda><ore n='40'>quaranta</ore><nome>Rossi</nome></domanda>"
SIGNED = CONTENT.replace(
    "</domanda>",
    sign_xml_as("rossi", reference("", canonical(CONTENT), ENVELOPED + transform(EXCLUSIVE))) + "</domanda>",
).encode()


@settings(max_examples=120, deadline=None)
@given(st.integers(0, len(SIGNED) - 1), st.integers(1, 255))
def test_c2_a_changed_byte_is_never_clean_unless_what_is_signed_stays_the_same(position, flip):
    changed = bytearray(SIGNED)
    changed[position] ^= flip
    report = inspect_signatures(bytes(changed), trust=trust_store(), at=AT)
    if not report.verdict.is_clean:
        return
    root = parse_xml(bytes(changed))
    signature = root.find("{http://www.w3.org/2000/09/xmldsig#}Signature")
    root.remove(signature)
    assert etree.tostring(root, method="c14n", exclusive=True) == canonical(CONTENT)
