"""C2, N3: what an XPath selection of a signature would cost is known before libxml2, which has no limit, evaluates it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from signing import xml_references
from signing.report import Verdict
from signing.xml_nodes import Filter, NodeSet, filter_by_subtrees
from signing.xpath_cost import cost_of_expression, plain_paths
from tests.pki.xml_signer import EXCLUSIVE, canonical, filter2, reference, sign_xml_as, transform, xpath
from tests.signing.xml_documents import codes, enveloped, inspected

REFUSED = (Verdict.unverifiable, {"algorithm_unsupported"})
MANY = "<a>testo</a>" * 10_000
BRANCHES = " or ".join(["@k='b'"] * 180)


def answer(chosen: str, nodes: str) -> tuple[Verdict, set[str]]:
    report = inspected(enveloped(sign_xml_as("rossi", reference("", b"x", chosen)), nodes))
    return report.verdict, codes(report)


@pytest.mark.parametrize(
    "expression",
    [
        "//a/.. | //a",
        "/*/a/following-sibling::a",
        "/*/a/preceding::a",
        "//a/ancestor::*",
        "//a//a",
        "//descendant::a",
        "(//a)[. = //a]",
        "//a/namespace::*",
        "/*[contains(., ..)]",
        "/*[translate(., 'abc', '') = 'x']",
    ],
)
def test_c2_a_path_that_libxml2_follows_in_more_than_one_pass_is_not_evaluated(expression):
    assert answer(filter2(("subtract", expression.replace("<", "&lt;"))), MANY) == REFUSED


@pytest.mark.parametrize(
    "expression",
    [
        "count(ancestor-or-self::* | //a) &gt; 3",
        "ancestor-or-self::* &lt; ancestor-or-self::*",
        "contains(/, concat(/, 'z'))",
    ],
)
def test_c2_a_test_of_every_node_that_goes_through_the_document_is_not_evaluated(expression):
    assert answer(xpath(expression), MANY) == REFUSED


ELEMENTS = "<a/>" * 300
WITH_ATTRIBUTES = "<a h='1' i='2' k='3'/>" * 130


@pytest.mark.parametrize(
    ("expression", "nodes"),
    [
        ("not(ancestor-or-self::*[local-name(.)='Signature'])", ELEMENTS),
        ("count(ancestor-or-self::ds:Signature) = 0", WITH_ATTRIBUTES),
        ("count(ancestor-or-self::ds:Signature) != 1 and not(self::zz)", WITH_ATTRIBUTES),
    ],
    ids=lambda one: one if len(one) < 80 else str(len(one)),
)
def test_c2_ordinary_tests_of_every_node_of_a_small_document_are_evaluated(expression, nodes):
    assert kept_of(xpath(expression.replace("<", "&lt;")), nodes) == Verdict.signed


@pytest.mark.parametrize(
    ("expression", "nodes"),
    [
        ("//b[not(@z)]", WITH_ATTRIBUTES),
        ("//*[@q]", WITH_ATTRIBUTES),
        ("//a//b", WITH_ATTRIBUTES),
        ("//b[text()='x']", WITH_ATTRIBUTES),
        ("id('x')", MANY),
        ("//b[1]", MANY),
    ],
    ids=lambda one: one if len(one) < 40 else str(len(one)),
)
def test_c2_ordinary_selections_of_a_small_document_are_evaluated(expression, nodes):
    chosen = filter2(("subtract", "//ds:Signature"), ("subtract", expression))
    assert kept_of(chosen, nodes) == Verdict.signed


def kept_of(chosen: str, nodes: str) -> Verdict:
    """The verdict on a document all of whose elements are signed but for the signature."""
    octets = canonical(f"<domanda>{nodes}</domanda>")
    return inspected(
        f"<domanda>{nodes}{sign_xml_as('rossi', reference('', octets, chosen + transform(EXCLUSIVE)))}</domanda>"
    ).verdict


@pytest.mark.parametrize("expression", ["//b[@*]", "//b[@node()]", "//b[@ ds : *]", "//b[attribute ::zz]"])
def test_c2_attributes_count_where_an_expression_finds_all_of_them(expression):
    root = etree.fromstring(f"<d>{WITH_ATTRIBUTES}</d>")
    named = cost_of_expression(root, "//b[@z]", per_node=False)
    assert cost_of_expression(root, expression, per_node=False) > 10 * named


def test_c2_united_sets_of_ancestors_cost_the_square_of_the_depth():
    united = " | ".join(["ancestor-or-self::*"] * 60)
    nodes = "<a>" * 200 + "<a/>" * 500 + "</a>" * 200
    assert answer(xpath(united), nodes) == REFUSED


def test_c2_very_many_filters_of_one_selection_are_not_evaluated():
    assert answer(filter2(*[("union", "/")] * 300), MANY) == REFUSED


def test_c2_a_long_list_of_branches_is_bounded_by_the_size_of_the_document():
    root = etree.fromstring(f"<d>{MANY}</d>")
    expression = f"//a[{BRANCHES}]"
    assert plain_paths(expression) == [expression]
    assert answer(filter2(("subtract", expression)), "<a/>" * 60_000) == REFUSED
    assert cost_of_expression(root, "//a//a", per_node=False) > xml_references.MOST_VISITS


def test_c2_selections_of_one_document_add_up(monkeypatch):
    octets = canonical("<domanda><ore>40</ore></domanda>")
    chosen = filter2(("subtract", "//*[local-name() = 'Signature' and (1 = 1)]")) + transform(EXCLUSIVE)
    one, two = (sign_xml_as("rossi", reference("", octets, chosen) * times) for times in (1, 2))
    root = etree.fromstring(enveloped(two))
    cost = cost_of_expression(root, "//*[local-name() = 'Signature' and (1 = 1)]", per_node=False)
    monkeypatch.setattr(xml_references, "MOST_VISITS", cost + cost // 2)
    assert inspected(enveloped(one)).verdict is Verdict.signed
    report = inspected(enveloped(two))
    assert (report.verdict, codes(report)) == REFUSED


def test_c2_plain_paths_are_united_over_a_large_document():
    content = f"<domanda>{'<a/>' * 20_000}<ore>40</ore></domanda>"
    kept = filter2(("subtract", "//a | //zz | /domanda/ds:Signature[@Id = 's' or @Id = 't']"))
    chosen = kept + transform(EXCLUSIVE)
    signature = sign_xml_as("rossi", reference("", canonical("<domanda><ore>40</ore></domanda>"), chosen))
    report = inspected(content.replace("</domanda>", signature + "</domanda>"))
    assert (report.verdict, codes(report)) == (Verdict.signed_with_reservations, {"xml_partly_covered"})


@pytest.mark.parametrize(
    ("expression", "plain"),
    [
        ("//a", True),
        ("/a/b[@Id='x|y']", False),
        ("here()/ancestor::ds:Signature[1]", True),
        ("/descendant-or-self::ds:*", True),
        ("//*[local-name()='a' and @Id = 'b']/c", True),
        ("//a/..", False),
        ("//a/.", False),
        ("/a/following-sibling::b", False),
        ("/a/parent::b", False),
        ("//descendant::a", False),
        ("/a/descendant::b", False),
        ("//a[1]", True),
        ("//*[local-name(.)='a' and name( . ) = 'a']", True),
        ("id('a')/b", True),
        ("id(//@k)", False),
        ("//a[last()]", False),
        ("//a[b]", False),
        ("a", False),
    ],
)
def test_c2_plain_paths_are_told_from_others(expression, plain):
    assert bool(plain_paths(expression)) is plain


_paths = st.sampled_from(["//a", "//b", "/d/a", "/d/b/a", "/descendant::b", "//*[@k='1']", "//a[@k='1' or @k='2']/b"])
_trees = st.recursive(
    st.sampled_from(["<a/>", "<b k='1'/>", "t"]),
    lambda inside: st.lists(inside, max_size=3).flatmap(
        lambda held: st.sampled_from([f"<a k='2'>{''.join(held)}</a>", f"<b>{''.join(held)}</b>"])
    ),
    max_leaves=8,
)


@settings(max_examples=40, deadline=None)
@given(_trees, st.lists(_paths, min_size=1, max_size=3))
def test_c2_paths_followed_one_by_one_select_what_the_whole_expression_does(tree, paths):
    root = etree.fromstring(f"<d>{tree}</d>")
    nodes = NodeSet(root, whole_document=True, comments=True)
    expression = "|".join(paths)
    roots = set(root.xpath(expression))
    kept = filter_by_subtrees(nodes, [Filter("intersect", expression, {}, root)], charge=lambda _: None)
    shown = {node for node in root.iter() if kept.shows(node)}
    assert shown == {node for node in root.iter() if not roots.isdisjoint([node, *node.iterancestors()])}
