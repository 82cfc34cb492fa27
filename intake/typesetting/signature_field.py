"""The empty signature field of a form, part of the structure tree so that PDF/UA-1 still holds.

A signing program finds the field by its name and signs on the printed box; nothing of the page changes. A field added
later by the signing program itself would stand outside the structure tree (ISO 14289-1, 7.18).
"""

from __future__ import annotations

from dataclasses import dataclass

import pikepdf
from pikepdf import Array, Dictionary, Name, String

from ocr.form_map import Box

PRINT_FLAG = 4


@dataclass(frozen=True, slots=True)
class SignatureField:
    """An empty signature field called ``name`` on ``box`` of ``page`` (from 1); ``tooltip`` is read aloud."""

    name: str
    tooltip: str
    page: int
    box: Box


def add_signature_field(document: pikepdf.Pdf, field: SignatureField) -> None:
    """Adds the field, its widget and its Form structure element to a tagged document.

    Raises ``ValueError`` when the document is not tagged the way Typst tags it (one root element, a flat parent tree).
    """
    tree = document.Root.get("/StructTreeRoot")
    if tree is None or "/Nums" not in tree.get("/ParentTree", {}):
        raise ValueError("the document has no structure tree with a flat parent tree")
    page = document.pages[field.page - 1].obj
    widget = document.make_indirect(_widget(document, page, field))
    root_element = tree.K[0] if isinstance(tree.K, Array) else tree.K
    element = document.make_indirect(
        Dictionary(
            Type=Name.StructElem,
            S=Name.Form,
            P=root_element,
            Pg=page,
            Alt=String(field.tooltip),
            K=Array([Dictionary(Type=Name.OBJR, Obj=widget, Pg=page)]),
        )
    )
    root_element.K.append(element)
    key = int(tree.ParentTreeNextKey)
    widget.StructParent = key
    tree.ParentTree.Nums = Array([*tree.ParentTree.Nums, key, element])
    tree.ParentTreeNextKey = key + 1
    page.Annots = Array([*page.get("/Annots", []), widget])
    page.Tabs = Name.S
    document.Root.AcroForm = document.make_indirect(Dictionary(Fields=Array([widget])))


def _widget(document: pikepdf.Pdf, page: pikepdf.Object, field: SignatureField) -> Dictionary:
    height = float(page.MediaBox[3])
    width, tall = field.box.right - field.box.left, field.box.bottom - field.box.top
    appearance = document.make_stream(b"", Type=Name.XObject, Subtype=Name.Form, BBox=Array([0.0, 0.0, width, tall]))
    return Dictionary(
        Type=Name.Annot,
        Subtype=Name.Widget,
        FT=Name.Sig,
        T=String(field.name),
        TU=String(field.tooltip),
        F=PRINT_FLAG,
        Rect=Array([field.box.left, height - field.box.bottom, field.box.right, height - field.box.top]),
        P=page,
        AP=Dictionary(N=appearance),
    )
