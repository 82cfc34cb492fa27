"""Comments that part a text: canonical forms leave them out, so that they come and go without a signature noticing."""

from collections.abc import Iterable

from lxml import etree

from signing.xml_document import Element, local_name

_DSIG = "{http://www.w3.org/2000/09/xmldsig#}"
_XADES = "{http://uri.etsi.org/01903/"
_MOST_COMMENTS = 20
"""Comments looked for in the signed octets; further ones are taken for unsigned."""


def texts_cut_by_comments(root: Element, octets: Iterable[bytes]) -> tuple[str, ...]:
    """Names of elements whose text a comment parts, where no signed octets hold that comment: it may have been put there
    afterwards, and some programs read a text only up to it."""
    parting = [one for one in root.iter(etree.Comment) if _parts_a_text(one)]
    if not parting:
        return ()
    held = tuple(octets)
    looked_for, others = parting[:_MOST_COMMENTS], parting[_MOST_COMMENTS:]
    loose = [one for one in looked_for if not any(b"<!--%s-->" % _encoded(one) in each for each in held)]
    return tuple(dict.fromkeys(local_name(_parent(one)) for one in (*loose, *others)))


def _parts_a_text(comment: Element) -> bool:
    holder = _parent(comment)
    is_data = holder.tag == f"{_DSIG}Object" or not str(holder.tag).startswith((_DSIG, _XADES))
    return is_data and bool((comment.tail or "").strip()) and bool(_text_before(comment).strip())


def _parent(comment: Element) -> Element:
    parent = comment.getparent()
    return comment if parent is None else parent


def _encoded(comment: Element) -> bytes:
    return (comment.text or "").replace("\r", "&#xD;").encode()


def _text_before(comment: Element) -> str:
    before = comment.getprevious()
    return str((before.tail if before is not None else _parent(comment).text) or "")
