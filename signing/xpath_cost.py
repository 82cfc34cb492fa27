"""What an XPath expression of a signature costs on its document, told before libxml2 evaluates it.

libxml2 has no limit of its own: where a step starts from many nodes, or sets are united or compared, it holds each node found
against those found before, and a short expression on a small document runs for hours.
"""

import re

from lxml import etree

from signing.xml_document import Element

LONGEST_EXPRESSION = 2000
"""Characters; a longer one is not looked at."""

_LITERAL = r"""(?:'[^']*+'|"[^"]*+")"""
_OWN = r"(?:@[\w:.-]++|(?:local-name|name|namespace-uri)\(\s*+\.?+\s*+\))"
_TOLD_BY = rf"(?:\s|\band\b|\bor\b|{_OWN}\s*=\s*{_LITERAL})++"
_NAME = r"(?:[^\W\d][\w.-]*+(?::(?:[\w.-]++|\*))?+|\*)"
_ABOVE = rf"(?:here\(\)/ancestor::{_NAME}\[1\]|ancestor-or-self::{_NAME}(?:\[{_TOLD_BY}\])?)"
_UNITED = rf"{_ABOVE}(?:\s*+\|\s*+{_ABOVE})*+"
_COUNTED = rf"count\(\s*+{_UNITED}\s*+\)"
_BY_ANCESTORS = re.compile(
    rf"(?:\s|\bnot\b|\band\b|\bor\b|[()]|{_COUNTED}(?:\s*+(?:[<>]=?|!?=)\s*+(?:{_COUNTED}|\d++))?+|{_UNITED})++"
)
_CLIMB = re.compile(r"\bancestor-or-self\b")
_STEP = rf"{_NAME}(?:\[(?:\s*+\d++\s*+|{_TOLD_BY})\])?+"
_START = (
    rf"(?:here\(\)/ancestor(?:-or-self)?::{_NAME}\[1\]|id\(\s*+{_LITERAL}\s*+\)"
    rf"|//{_STEP}|/(?:descendant(?:-or-self)?::)?+{_STEP})"
)
_PATH = re.compile(rf"\s*+{_START}(?:/{_STEP})*+\s*+")
_MOVES = re.compile(r"//|descendant|\bid\s*\(|\||[=<>](?!=?\s*(?:\d|'|\"))|/\s*(?:parent\b|\.\.)")
_FAR_MOVES = re.compile(r"following|preceding|/\s*ancestor|namespace\s*::")
"""What makes libxml2 compare each node found with those found before: the far ones do so for every node they start from."""

_THROUGH_TEXT = re.compile(r"contains|substring-(?:before|after)|translate|concat")
"""Functions that may go through one text for every character of another."""

_SIMPLE_PREDICATE = re.compile(rf"\[(?:\s*\d+\s*|{_TOLD_BY})\]")
_EVERY_ATTRIBUTE = re.compile(r"@\s*(?:\*|node\b|[\w.-]+\s*:\s*\*)|attribute\s*::")
"""What finds more attributes than one for each element."""

_CHARACTERS_A_NODE = 256
_CHARACTERS_A_TERM = 32
_CHARACTERS_A_STEP = 2


def asks_ancestors_alone(expression: str) -> bool:
    """True for a test of the elements above alone, with which attributes and namespaces go as their element does."""
    return _BY_ANCESTORS.fullmatch(expression) is not None


def plain_paths(expression: str) -> list[str]:
    """The united paths of an expression, where each is followed in one pass through the document; none where it is another."""
    paths = expression.split("|")
    return paths if all(_PATH.fullmatch(path) for path in paths) else []


def cost_of_ancestors(root: Element, expression: str) -> int:
    """Nodes visited where every node asks for those above it; united sets are compared each with each."""
    exponent = 2 if "|" in expression else 1
    return len(_CLIMB.findall(expression)) * _depths(root, exponent)


def cost_of_paths(root: Element, expression: str) -> int:
    """Nodes visited by plain paths."""
    return (1 + len(expression) // _CHARACTERS_A_STEP) * _size(root, _CHARACTERS_A_NODE)


def cost_of_expression(root: Element, expression: str, *, per_node: bool) -> int:
    """Nodes visited at worst by any expression, once or for each node with its attributes and namespaces."""
    nesting = _nesting(_SIMPLE_PREDICATE.sub("", expression))
    moves = len(_MOVES.findall(expression)) + 2 * len(_FAR_MOVES.findall(expression))
    textual = bool(_THROUGH_TEXT.search(expression))
    passes = 1 + nesting + min(moves, 1) + (1 + 2 * nesting if moves > 1 else 0) + textual
    size = _size(root, 1 if textual else _CHARACTERS_A_NODE)
    held = size if textual or _EVERY_ATTRIBUTE.search(expression) else size - _attributes(root)
    asked = size + _namespaces(root) if per_node else 1
    return (1 + len(expression) // _CHARACTERS_A_TERM) * asked * size * int(held ** (passes - 1))


def size_without_attributes(root: Element) -> int:
    """Nodes of the document but for attributes, all text counted by what comparing it costs."""
    return _size(root, _CHARACTERS_A_NODE) - _attributes(root)


def _nesting(expression: str) -> int:
    """How deep predicates stand in each other: each may go through the document for every node before it."""
    depth = deepest = 0
    for character in expression:
        depth += (character == "[") - (character == "]")
        deepest = max(deepest, depth)
    return deepest


def _size(root: Element, characters_a_node: int) -> int:
    everything = list(root.getroottree().iter())
    texts = sum(len(one.text or "") + len(one.tail or "") for one in everything)
    values = [value for one in everything if isinstance(one.tag, str) for value in one.attrib.values()]
    return len(everything) + len(values) + (texts + sum(map(len, values))) // characters_a_node


def _attributes(root: Element) -> int:
    return sum(len(one.attrib) for one in root.getroottree().iter(etree.Element))


def _namespaces(root: Element) -> int:
    """Namespace nodes: one for every element and every prefix in scope there."""
    return sum(1 + len(one.nsmap) for one in root.getroottree().iter(etree.Element))


def _depths(root: Element, exponent: int) -> int:
    """The depths of all elements together, which is how far an expression climbs on its way up from each."""
    depth = total = 0
    for event, _ in etree.iterwalk(root.getroottree(), events=("start", "end")):
        depth += 1 if event == "start" else -1
        total += int(depth**exponent)
    return total
