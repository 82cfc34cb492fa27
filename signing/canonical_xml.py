"""Canonical XML 1.0 and 1.1, inclusive and exclusive, with and without comments, of any set of nodes.

libxml2 canonicalises node sets, but lxml only offers it whole documents: a subtree there loses inherited namespaces and `xml:`
attributes, and what a filter has hidden cannot be told. Where the two can both answer, tests hold them to the same bytes.
"""

from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

from lxml import etree

from signing.xml_document import Element
from signing.xml_nodes import NodeSet

_XML = "http://www.w3.org/XML/1998/namespace"
_INCLUSIVE_10 = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
_INCLUSIVE_11 = "http://www.w3.org/2006/12/xml-c14n11"
_EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
DEFAULT_CANONICALIZATION = _INCLUSIVE_10
_INHERITED_BY_11 = frozenset({"lang", "space"})
"""The `xml:` attributes that version 1.1 lets an orphan carry (Canonical XML 1.1, 2.4); version 1.0 lets it carry them all."""


class UnsupportedCanonicalization(Exception):
    """An algorithm, or a case of one, that we do not compute; the text names it."""


@dataclass(frozen=True, slots=True)
class Canonicalization:
    """One algorithm. `prefixes` are those an exclusive one treats inclusively, `None` among them for the default namespace."""

    exclusive: bool
    comments: bool
    version: str
    prefixes: frozenset[str | None] = frozenset()


_ALGORITHMS = {
    _INCLUSIVE_10: Canonicalization(exclusive=False, comments=False, version="1.0"),
    f"{_INCLUSIVE_10}#WithComments": Canonicalization(exclusive=False, comments=True, version="1.0"),
    _INCLUSIVE_11: Canonicalization(exclusive=False, comments=False, version="1.1"),
    f"{_INCLUSIVE_11}#WithComments": Canonicalization(exclusive=False, comments=True, version="1.1"),
    _EXCLUSIVE: Canonicalization(exclusive=True, comments=False, version="1.0"),
    f"{_EXCLUSIVE}WithComments": Canonicalization(exclusive=True, comments=True, version="1.0"),
}


def is_canonicalization(algorithm: str) -> bool:
    """True for the URI of an algorithm of this module."""
    return algorithm in _ALGORITHMS


def read_canonicalization(method: Element) -> Canonicalization:
    """The algorithm of a CanonicalizationMethod or Transform element, with its InclusiveNamespaces where it has them.

    Raises UnsupportedCanonicalization for another algorithm.
    """
    algorithm = method.get("Algorithm") or ""
    if algorithm not in _ALGORITHMS:
        raise UnsupportedCanonicalization(f"canonicalization {algorithm}")
    chosen = _ALGORITHMS[algorithm]
    listed = method.find(f"{{{_EXCLUSIVE}}}InclusiveNamespaces")
    if listed is None or not chosen.exclusive:
        return chosen
    prefixes = frozenset(None if one == "#default" else one for one in (listed.get("PrefixList") or "").split())
    return Canonicalization(exclusive=True, comments=chosen.comments, version="1.0", prefixes=prefixes)


def named_canonicalization(algorithm: str) -> Canonicalization:
    """The algorithm of that URI. Raises UnsupportedCanonicalization for another."""
    if algorithm not in _ALGORITHMS:
        raise UnsupportedCanonicalization(f"canonicalization {algorithm}")
    return _ALGORITHMS[algorithm]


def canonical_bytes(nodes: NodeSet, method: Canonicalization) -> bytes:
    """The octets of the set. Raises UnsupportedCanonicalization for an inherited `xml:base` in version 1.1."""
    return _Writer(nodes, method).written()


_Scope: TypeAlias = dict[str | None, str]


class _Writer:
    """Walks the tree with a stack of its own, so that no depth exhausts Python's."""

    def __init__(self, nodes: NodeSet, method: Canonicalization) -> None:
        self._nodes = nodes
        self._method = method
        self._comments = method.comments and nodes.comments
        self._out: list[str] = []

    def written(self) -> bytes:
        apex = self._nodes.apex
        if self._nodes.whole_document:
            for node in reversed(list(apex.itersiblings(preceding=True))):
                self._leaf(node, "", "\n")
        self._subtree(apex)
        if self._nodes.whole_document:
            for node in apex.itersiblings():
                self._leaf(node, "\n", "")
        return "".join(self._out).encode()

    def _subtree(self, apex: Element) -> None:
        hidden, hidden_texts, out = self._nodes.hidden, self._nodes.hidden_texts, self._out
        rendered: list[_Scope] = [{}]
        for event, node in etree.iterwalk(apex, events=("start", "end", "comment", "pi")):
            if event == "start":
                if node in hidden:
                    rendered.append(rendered[-1])
                else:
                    rendered.append(
                        self._open(node, rendered[-1], is_apex=len(rendered) == 1 or node.getparent() in hidden)
                    )
                if node.text and (node, False) not in hidden_texts:
                    out.append(_text(node.text))
                continue
            if event == "end":
                rendered.pop()
                if node not in hidden:
                    out.append(f"</{_name(node)}>")
            else:
                self._leaf(node, "", "")
            if node is not apex and node.tail and (node, True) not in hidden_texts:
                out.append(_text(node.tail))

    def _leaf(self, node: Element, before: str, after: str) -> None:
        if node in self._nodes.hidden:
            return
        if node.tag is etree.Comment:
            if self._comments:
                self._out.append(f"{before}<!--{_carriage_returns(node.text or '')}-->{after}")
        elif node.tag is etree.PI:
            content = _carriage_returns(node.text or "")
            self._out.append(f"{before}<?{node.target}{' ' if content else ''}{content}?>{after}")
        else:
            raise UnsupportedCanonicalization("entity reference")

    def _open(self, node: Element, rendered: _Scope, *, is_apex: bool) -> _Scope:
        in_scope: _Scope = {prefix: uri for prefix, uri in node.nsmap.items() if uri and prefix != "xml"}
        attributes = _attributes(node, in_scope)
        if is_apex and not self._method.exclusive:
            attributes.extend(self._inherited(node))
        wanted = in_scope
        if self._method.exclusive:
            used = {node.prefix, *(name.partition(":")[0] for uri, _, name, _ in attributes if uri and uri != _XML)}
            used |= self._method.prefixes
            wanted = {prefix: uri for prefix, uri in in_scope.items() if prefix in used}
        declared = {prefix: uri for prefix, uri in wanted.items() if rendered.get(prefix) != uri}
        forgets_default = None not in in_scope and rendered.get(None)
        if forgets_default and (not self._method.exclusive or node.prefix is None or None in self._method.prefixes):
            declared[None] = ""
        self._out.append(f"<{_name(node)}")
        for prefix in sorted(declared, key=lambda one: one or ""):
            self._out.append(f' xmlns{":" if prefix else ""}{prefix or ""}="{_attribute(declared[prefix])}"')
        for _, _, name, value in sorted(attributes):
            self._out.append(f' {name}="{_attribute(value)}"')
        self._out.append(">")
        return {**rendered, **declared} if declared else rendered

    def _inherited(self, node: Element) -> list[tuple[str, str, str, str]]:
        """`xml:` attributes of omitted ancestors, which an orphan carries itself (Canonical XML 2.4)."""
        found: dict[str, str] = {}
        for ancestor in node.iterancestors():
            for name, value in ancestor.attrib.items():
                if name.startswith(f"{{{_XML}}}") and name not in node.attrib:
                    found.setdefault(name.rpartition("}")[2], value)
        if self._method.version == "1.1":
            if "base" in found:
                raise UnsupportedCanonicalization("inherited xml:base")
            found = {local: value for local, value in found.items() if local in _INHERITED_BY_11}
        return [(_XML, local, f"xml:{local}", value) for local, value in found.items()]


def _name(node: Element) -> str:
    local = node.tag.rpartition("}")[2]
    return f"{node.prefix}:{local}" if node.prefix else local


def _attributes(node: Element, in_scope: _Scope) -> list[tuple[str, str, str, str]]:
    """Attributes as (namespace, local name, name as written, value), which is also the order they are written in."""
    found = []
    for position, (name, value) in enumerate(node.attrib.items(), start=1):
        if not name.startswith("{"):
            found.append(("", name, name, value))
            continue
        uri, _, local = name[1:].rpartition("}")
        found.append((uri, local, f"{_prefix(node, in_scope, uri, position)}:{local}", value))
    return found


def _prefix(node: Element, in_scope: _Scope, uri: str, position: int) -> str:
    if uri == _XML:
        return "xml"
    bound = [prefix for prefix, bound_uri in in_scope.items() if prefix and bound_uri == uri]
    if len(bound) == 1:
        return bound[0]
    # Two prefixes for one namespace: only XPath tells which of them the attribute was written with.
    return str(node.xpath(f"name(@*[{position}])")).partition(":")[0]


def _replaced(text: str, entities: tuple[tuple[str, str], ...]) -> str:
    for character, entity in entities:
        text = text.replace(character, entity)
    return text


_text = partial(_replaced, entities=(("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("\r", "&#xD;")))
_attribute = partial(
    _replaced,
    entities=(("&", "&amp;"), ("<", "&lt;"), ('"', "&quot;"), ("\t", "&#x9;"), ("\n", "&#xA;"), ("\r", "&#xD;")),
)
_carriage_returns = partial(_replaced, entities=(("\r", "&#xD;"),))
