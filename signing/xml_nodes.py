"""Sets of XML nodes as XML Signature means them (XPath 1.0 data model): a document or a subtree, less what was filtered out."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from lxml import etree

from signing.xml_document import Element, is_node

TextPlace: TypeAlias = tuple[Element, bool]
"""A text node: the element it belongs to, and False for the text before its first child, True for the one after its end."""

_WIDE_AXES = re.compile(r"//|descendant|following|preceding|\bid\s*\(")
_POSITION = re.compile(r"\b(position|last)\s*\(")
_CLIMB = re.compile(r"\bancestor-or-self\b")
_TOLD_BY = r"""(?:\s|\band\b|(?:@[\w:.-]++|(?:local-name|name|namespace-uri)\(\))\s*=\s*(?:'[^']*+'|"[^"]*+"))++"""
_BY_ANCESTORS = re.compile(
    r"(?:\s|\bnot\b|\bcount\b|\band\b|\bor\b|[()<>=|]|here\(\)/ancestor::[\w:.-]++\[1\]"
    rf"|ancestor-or-self::(?:[\w:.-]++|\*)(?:\[{_TOLD_BY}\])?)+"
)
"""Expressions of the elements above alone, with which attributes and namespaces go as their element does."""

_SIMPLE_PREDICATE = re.compile(rf"\[(?:\s*\d+\s*|{_TOLD_BY})\]")
_LONGEST_EXPRESSION = 2000
_CHARACTERS_A_NODE = 256
_LARGEST_COMPARED = 500
_MOST_VISITS = 50_000_000


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


def filter_by_predicate(nodes: NodeSet, expression: str, namespaces: dict[str, str], here: Element) -> NodeSet:
    """Keep each node for which the expression is true (XPath Filtering, XML Signature 6.6.3).

    Raises UnsupportedSelection for an expression that does not evaluate, that asks for positions, that tells attributes or
    namespaces from their element, or that would cost too much on this document.
    """
    _check_cost(nodes, expression, per_node=True)
    if _POSITION.search(expression):
        raise UnsupportedSelection("XPath position")
    evaluate = _evaluator(nodes.apex, namespaces, here)
    test = f"boolean({expression})"
    if not _BY_ANCESTORS.fullmatch(expression):
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
    if _size(nodes) > _LARGEST_COMPARED:
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


def filter_by_subtrees(nodes: NodeSet, filters: list[Filter]) -> NodeSet:
    """XPath Filter 2.0: each filter selects subtrees that are intersected with, subtracted from or united to what is kept.

    Raises UnsupportedSelection as above, and for an unknown operation or an expression that selects anything but elements.
    """
    roots = [_selected_elements(nodes, one) for one in filters]
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


def _selected_elements(nodes: NodeSet, one: Filter) -> frozenset[Element] | None:
    """The roots of the selected subtrees; None for the whole document."""
    if one.operation not in {"intersect", "subtract", "union"}:
        raise UnsupportedSelection("XPath filter operation")
    if one.expression.strip() == "/":
        return None
    _check_cost(nodes, one.expression, per_node=False)
    found = _evaluator(nodes.apex, one.namespaces, one.here)(one.expression)
    if not isinstance(found, list) or any(not is_node(node) for node in found):
        raise UnsupportedSelection("XPath filter on something else than elements")
    return frozenset(found)


def _check_cost(nodes: NodeSet, expression: str, *, per_node: bool) -> None:
    if len(expression) > _LONGEST_EXPRESSION:
        raise UnsupportedSelection("XPath too long")
    nesting = _nesting(_SIMPLE_PREDICATE.sub("", expression))
    passes = max(len(_WIDE_AXES.findall(expression)), int(nesting > 0)) + per_node + nesting
    climbs = len(_CLIMB.findall(expression)) if per_node else 0
    if _size(nodes) ** passes > _MOST_VISITS or climbs * _depths(nodes, climbs) > _MOST_VISITS:
        raise UnsupportedSelection("XPath too costly")


def _nesting(expression: str) -> int:
    """How deep predicates stand in each other: each may go through the document for every node before it."""
    depth = deepest = 0
    for character in expression:
        depth += (character == "[") - (character == "]")
        deepest = max(deepest, depth)
    return deepest


def _size(nodes: NodeSet) -> int:
    """Nodes of the document, its texts counted by what comparing them costs."""
    everything = list(nodes.apex.getroottree().iter())
    texts = sum(len(one.text or "") + len(one.tail or "") for one in everything)
    return len(everything) + texts // _CHARACTERS_A_NODE


def _depths(nodes: NodeSet, climbs: int) -> int:
    """The depths of all elements together, which is how far an expression climbs on its way up from each."""
    depth = total = 0
    for event, _ in etree.iterwalk(nodes.apex.getroottree(), events=("start", "end")) if climbs else ():
        depth += 1 if event == "start" else -1
        total += depth
    return total


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
