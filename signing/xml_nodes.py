"""Sets of XML nodes as XML Signature means them (XPath 1.0 data model): a document or a subtree, less what was filtered out."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from lxml import etree

from signing.xml_document import Element, is_node
from signing.xpath_cost import (
    LONGEST_EXPRESSION,
    asks_ancestors_alone,
    cost_of_ancestors,
    cost_of_expression,
    cost_of_paths,
    plain_paths,
    size_without_attributes,
)

TextPlace: TypeAlias = tuple[Element, bool]
"""A text node: the element it belongs to, and False for the text before its first child, True for the one after its end."""

Charge: TypeAlias = Callable[[int], None]
"""Counts the nodes that an expression will visit. Raises UnsupportedSelection where they are too many."""

_POSITION = re.compile(r"\b(position|last)\s*\(")
_LARGEST_COMPARED = 500
_MOST_FILTERED = 2_000_000


class UnsupportedSelection(Exception):
    """A selection we cannot evaluate exactly, or only at a cost we do not accept; the text names it."""


@dataclass(frozen=True, slots=True)
class NodeSet:
    """What stands under `apex` (with what stands beside it when it is a whole document), less the hidden nodes and texts.

    Attributes and namespaces go with their element.
    """

    apex: Element
    whole_document: bool
    comments: bool
    hidden: frozenset[Element] = frozenset()
    hidden_texts: frozenset[TextPlace] = frozenset()

    def shows(self, node: Element) -> bool:
        """True where the element, comment or instruction itself belongs to the set."""
        return node not in self.hidden and (self.comments or node.tag is not etree.Comment) and self._holds(node)

    def _holds(self, node: Element) -> bool:
        if node.getroottree().getroot() is not self.apex.getroottree().getroot():
            return False
        return self.whole_document or node is self.apex or any(one is self.apex for one in node.iterancestors())

    def shows_whole(self, element: Element) -> bool:
        """True where the element and everything below it belong to the set."""
        if not self.shows(element):
            return False
        nodes = list(element.iter())
        texts = [(node, False) for node in nodes] + [(node, True) for node in nodes if node is not element]
        return self.hidden.isdisjoint(nodes) and self.hidden_texts.isdisjoint(texts)

    def without(self, element: Element) -> "NodeSet":
        """The set less the subtree of `element` (the text after its end stays)."""
        nodes = list(element.iter())
        texts = [(node, False) for node in nodes] + [(node, True) for node in nodes if node is not element]
        return replace(self, hidden=self.hidden.union(nodes), hidden_texts=self.hidden_texts.union(texts))

    def text(self) -> str:
        """The string-value: all visible text in document order."""
        found: list[str] = []
        for event, node in etree.iterwalk(self.apex, events=("start", "end", "comment", "pi")):
            if event == "start":
                found.append("" if (node, False) in self.hidden_texts else node.text or "")
            elif node is not self.apex:
                found.append("" if (node, True) in self.hidden_texts else node.tail or "")
        return "".join(found)

    def walk(self) -> list[Element]:
        """Every element, comment and instruction between the bounds of the set, hidden or not."""
        inside = list(self.apex.iter())
        if not self.whole_document:
            return inside
        return [*self.apex.itersiblings(preceding=True), *inside, *self.apex.itersiblings()]


def filter_by_predicate(
    nodes: NodeSet, expression: str, namespaces: dict[str, str], here: Element, *, charge: Charge
) -> NodeSet:
    """Keep each node for which the expression is true (XPath Filtering, XML Signature 6.6.3).

    Raises UnsupportedSelection for an expression that does not evaluate, that asks for positions, that tells attributes or
    namespaces from their element, or that would cost too much on this document.
    """
    _check_length(expression)
    if _POSITION.search(expression):
        raise UnsupportedSelection("XPath position")
    evaluate = _evaluator(nodes.apex, namespaces, here)
    test = f"boolean({expression})"
    if asks_ancestors_alone(expression):
        charge(cost_of_ancestors(nodes.apex, expression))
    else:
        charge(cost_of_expression(nodes.apex, expression, per_node=True))
        _check_attributes_follow(nodes, evaluate, test)
    chosen: list[Any] = evaluate(f"(//node())[{test}]")
    kept = frozenset(node for node in chosen if is_node(node))
    kept_texts = frozenset((text.getparent(), bool(text.is_tail)) for text in chosen if not is_node(text))
    walked = nodes.walk()
    return replace(
        nodes,
        hidden=nodes.hidden.union(node for node in walked if node not in kept),
        hidden_texts=nodes.hidden_texts.union(
            place for node in walked for place in ((node, False), (node, True)) if place not in kept_texts
        ),
    )


def _check_attributes_follow(nodes: NodeSet, evaluate: Callable[[str], Any], test: str) -> None:
    """Attributes and namespaces are nodes too, and an expression may tell them from their element; ours go with it."""
    if size_without_attributes(nodes.apex) > _LARGEST_COMPARED:
        raise UnsupportedSelection("XPath too costly")
    for axis in ("@*", "namespace::*"):
        if evaluate(f"count((//*)[{test}]/{axis}[not({test})]) + count((//*)[not({test})]/{axis}[{test}])"):
            raise UnsupportedSelection("XPath on attributes or namespaces")


@dataclass(frozen=True, slots=True)
class Filter:
    """One XPath element of a Filter 2.0 transform: operation, expression with its prefixes, and the element itself."""

    operation: str
    expression: str
    namespaces: dict[str, str]
    here: Element


def filter_by_subtrees(nodes: NodeSet, filters: list[Filter], *, charge: Charge) -> NodeSet:
    """XPath Filter 2.0: each filter selects subtrees that are intersected with, subtracted from or united to what is kept.

    Raises UnsupportedSelection as above, and for an unknown operation or an expression that selects anything but elements.
    """
    if len(filters) * sum(1 for _ in nodes.apex.iter()) > _MOST_FILTERED:
        raise UnsupportedSelection("XPath too costly")
    roots = [_selected_elements(nodes, one, charge) for one in filters]
    operations = [one.operation for one in filters]
    inside: dict[Element, tuple[bool, ...]] = {}
    for node in (*reversed(list(nodes.apex.iterancestors())), *nodes.walk()):
        above = inside.get(node.getparent(), (False,) * len(roots))
        inside[node] = tuple(
            reached or chosen is None or node in chosen for reached, chosen in zip(above, roots, strict=True)
        )
    kept = {node: _is_kept(operations, inside[node]) for node in nodes.walk()}
    hidden = frozenset(node for node, keeps in kept.items() if not keeps)
    hidden_texts = {(node, False) for node in hidden}
    hidden_texts.update((node, True) for node in kept if not kept.get(node.getparent(), True))
    return replace(nodes, hidden=nodes.hidden | hidden, hidden_texts=nodes.hidden_texts | hidden_texts)


def _is_kept(operations: list[str], inside: tuple[bool, ...]) -> bool:
    keeps = True
    for operation, within in zip(operations, inside, strict=True):
        match operation:
            case "intersect":
                keeps = keeps and within
            case "subtract":
                keeps = keeps and not within
            case _:
                keeps = keeps or within
    return keeps


def _selected_elements(nodes: NodeSet, one: Filter, charge: Charge) -> frozenset[Element] | None:
    """The roots of the selected subtrees; None for the whole document."""
    if one.operation not in {"intersect", "subtract", "union"}:
        raise UnsupportedSelection("XPath filter operation")
    if one.expression.strip() == "/":
        return None
    _check_length(one.expression)
    paths = plain_paths(one.expression)
    charge(
        cost_of_paths(nodes.apex, one.expression)
        if paths
        else cost_of_expression(nodes.apex, one.expression, per_node=False)
    )
    evaluate = _evaluator(nodes.apex, one.namespaces, one.here)
    found = [evaluate(path) for path in paths or [one.expression]]
    if any(not isinstance(result, list) or not all(map(is_node, result)) for result in found):
        raise UnsupportedSelection("XPath filter on something else than elements")
    return frozenset(node for result in found for node in result)


def _check_length(expression: str) -> None:
    if len(expression) > LONGEST_EXPRESSION:
        raise UnsupportedSelection("XPath too long")


def _evaluator(apex: Element, namespaces: dict[str, str], here: Element) -> Callable[[str], Any]:
    """Evaluates expressions on the document of `apex`; `here()` is the element that bears the expression."""
    root = apex.getroottree().getroot()
    prefixes = {prefix: uri for prefix, uri in namespaces.items() if prefix}

    def evaluate(expression: str) -> Any:
        try:
            compiled = etree.XPath(expression, namespaces=prefixes, extensions={(None, "here"): lambda _: [here]})
            return compiled(root)
        except etree.XPathError as error:
            raise UnsupportedSelection(f"XPath: {type(error).__name__}") from error

    return evaluate
