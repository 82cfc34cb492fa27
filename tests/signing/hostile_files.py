"""Documents made to hurt who opens them: bombs, loops, webs, depths and crowds. Each is made by code, small on disk."""

import re
import zlib
from collections.abc import Callable
from io import BytesIO

import pikepdf
from asn1crypto import cms
from pikepdf import Array, Dictionary, Name, String

from tests.pki.authority import sign_p7m_as, sign_pdf_as
from tests.signing.documents import plain_pdf

MEGABYTE = 1024**2
_DEEP = 60_000


def bomb(size: int) -> bytes:
    """`size` zeros in a thousandth of their size."""
    packer = zlib.compressobj(9)
    parts = [packer.compress(bytes(MEGABYTE)) for _ in range(size // MEGABYTE)]
    return b"".join([*parts, packer.flush()])


def pdf_of(objects: dict[int, bytes], trailer: bytes = b"/Root 1 0 R") -> bytes:
    """A PDF of these objects, as they are, with a table of where they begin."""
    body, starts = b"%PDF-1.7\n", {}
    for number, value in objects.items():
        starts[number] = len(body)
        body += b"%d 0 obj\n%s\nendobj\n" % (number, value)
    size = max(objects) + 1
    lines = [
        b"%010d 00000 n \n" % starts[number] if number in starts else b"0000000000 65535 f \n" for number in range(size)
    ]
    table = b"xref\n0 %d\n%s" % (size, b"".join(lines))
    return body + table + b"trailer\n<< /Size %d %s >>\nstartxref\n%d\n%%%%EOF\n" % (size, trailer, len(body))


def stream(data: bytes, keys: bytes = b"/Filter /FlateDecode") -> bytes:
    return b"<< %s /Length %d >>\nstream\n%s\nendstream" % (keys, len(data), data)


def _catalog(form: bytes = b"", *, pages: bytes = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>") -> dict[int, bytes]:
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>"
    return {1: b"<< /Type /Catalog /Pages 2 0 R %s >>" % form, 2: pages, 3: page}


def object_stream_bomb() -> bytes:
    packed = stream(bomb(80 * MEGABYTE), b"/Type /ObjStm /N 2 /First 8 /Filter /FlateDecode")
    rows = {0: (0, 0, 65535), 1: (2, 5, 0), 2: (2, 5, 1)}
    return _with_cross_reference_stream({5: packed}, rows)


def cross_reference_bomb() -> bytes:
    table = stream(
        bomb(120 * MEGABYTE),
        b"/Type /XRef /Size 30000000 /W [1 2 1] /Index [0 30000000] /Root 1 0 R /Filter /FlateDecode",
    )
    head = b"%PDF-1.7\n"
    return head + b"9 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n" % (table, len(head))


def _with_cross_reference_stream(objects: dict[int, bytes], rows: dict[int, tuple[int, int, int]]) -> bytes:
    body = b"%PDF-1.7\n"
    rows = dict(rows)
    for number, value in objects.items():
        rows[number] = (1, len(body), 0)
        body += b"%d 0 obj\n%s\nendobj\n" % (number, value)
    own = max(rows) + 1
    rows[own] = (1, len(body), 0)
    entries = b"".join(
        kind.to_bytes(1, "big") + where.to_bytes(4, "big") + more.to_bytes(2, "big")
        for kind, where, more in (rows.get(number, (0, 0, 0)) for number in range(own + 1))
    )
    keys = b"/Type /XRef /Size %d /W [1 4 2] /Root 1 0 R /Filter /FlateDecode" % (own + 1)
    table = stream(zlib.compress(entries), keys)
    return body + b"%d 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n" % (own, table, len(body))


def metadata_bomb_after_signing() -> bytes:
    """Signed with RSA: to what it signs with other keys pyHanko gives metadata, and no key may stand twice in a catalog."""
    signed = sign_pdf_as("cns", plain_pdf())
    return appended(
        signed,
        {90: stream(bomb(60 * MEGABYTE), b"/Type /Metadata /Subtype /XML /Filter /FlateDecode")},
        catalog=b"/Metadata 90 0 R",
    )


def appended(signed: bytes, objects: dict[int, bytes], *, catalog: bytes = b"") -> bytes:
    """An incremental update with these objects, the catalog getting some keys more."""
    root = int(re.findall(rb"/Root (\d+) 0 R", signed)[-1])
    previous = int(re.findall(rb"startxref\s+(\d+)", signed)[-1])
    size = max(int(each) for each in re.findall(rb"/Size (\d+)", signed))
    old = re.findall(rb"\n%d 0 obj\s*<<(.*?)>>\s*endobj" % root, signed, re.DOTALL)[-1]
    written = {**objects, root: b"<<%s%s>>" % (old, catalog)} if catalog else objects
    body, table = signed, b""
    for number, value in sorted(written.items()):
        table += b"%d 1\n%010d 00000 n \n" % (number, len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, value)
    size = max(size, *(number + 1 for number in written))
    trailer = b"trailer\n<< /Size %d /Root %d 0 R /Prev %d >>\n" % (size, root, previous)
    return body + b"xref\n" + table + trailer + b"startxref\n%d\n%%%%EOF\n" % len(body)


def previous_table_loop() -> bytes:
    pdf = pdf_of(_catalog())
    return pdf.replace(b"/Root 1 0 R", b"/Root 1 0 R /Prev %d" % pdf.index(b"xref\n0"))


def page_tree_loop() -> bytes:
    return pdf_of(_catalog(pages=b"<< /Type /Pages /Kids [2 0 R 2 0 R 3 0 R] /Count 9 >>"))


def signed_page_tree_loop() -> bytes:
    signed = sign_pdf_as("rossi", plain_pdf())
    pages = int(re.findall(rb"/Pages (\d+) 0 R", signed)[0])
    return appended(signed, {pages: b"<< /Type /Pages /Kids [%d 0 R] /Count 1 >>" % pages})


def nested_arrays() -> bytes:
    return pdf_of({**_catalog(b"/Deep " + b"[" * _DEEP + b"]" * _DEEP)})


def nested_dictionaries() -> bytes:
    return pdf_of({**_catalog(b"/Deep " + b"<</D" * _DEEP + b" 1" + b">>" * _DEEP)})


def chained_objects() -> bytes:
    """Each object holds the next one: deep without being nested."""
    chain = {number: b"[%d 0 R]" % (number + 1) for number in range(10, 10 + 20_000)}
    return sign_pdf_as(
        "bianchi",
        sign_pdf_as("rossi", pdf_of({**_catalog(b"/Deep 10 0 R"), **chain, 20_010: b"null"})),
        field_name="F2",
    )


def web_of_objects() -> bytes:
    """Each of forty objects holds the next one twice: two to the fortieth ways from the first to the last."""
    web = {number: b"[%d 0 R %d 0 R]" % (number + 1, number + 1) for number in range(10, 50)}
    return sign_pdf_as(
        "bianchi", sign_pdf_as("rossi", pdf_of({**_catalog(b"/Web 10 0 R"), **web, 50: b"null"})), field_name="F2"
    )


def ten_thousand_fields() -> bytes:
    """Ten thousand fields which all have the same signature as their value."""
    signed = sign_pdf_as("rossi", plain_pdf())
    value = int(re.findall(rb"/V (\d+) 0 R", signed)[-1])
    numbers = range(1000, 11_000)
    fields = {number: b"<< /FT /Sig /T (F%d) /V %d 0 R >>" % (number, value) for number in numbers}
    kids = b" ".join(b"%d 0 R" % number for number in numbers)
    form = int(re.findall(rb"/AcroForm (\d+) 0 R", signed)[-1])
    return appended(signed, {**fields, form: b"<< /Fields [%s] /SigFlags 3 >>" % kids})


def ten_thousand_empty_fields() -> bytes:
    numbers = range(10, 10_010)
    fields = {number: b"<< /FT /Sig /T (F%d) /V << /Type /Sig >> >>" % number for number in numbers}
    kids = b" ".join(b"%d 0 R" % number for number in numbers)
    return pdf_of({**_catalog(b"/AcroForm << /Fields [%s] >>" % kids), **fields})


def field_loop() -> bytes:
    field = b"<< /T (A) /FT /Sig /Kids [5 0 R 5 0 R 6 0 R] >>"
    return pdf_of({**_catalog(b"/AcroForm << /Fields [5 0 R 6 0 R] >>"), 5: field, 6: field})


def structure_tree_loop() -> bytes:
    document = pikepdf.open(BytesIO(plain_pdf()))
    node = document.make_indirect(Dictionary())
    node.Kids = Array([node] * 12)
    tree = document.make_indirect(Dictionary(Type=Name.StructTreeRoot, ParentTree=node, ParentTreeNextKey=0))
    tree.K = Array([document.make_indirect(Dictionary(Type=Name.StructElem, S=Name.Document, P=tree))])
    document.Root.StructTreeRoot = tree
    output = BytesIO()
    document.save(output, deterministic_id=True)
    return sign_pdf_as("bianchi", sign_pdf_as("rossi", output.getvalue()), field_name="F2")


def wide_byte_range() -> bytes:
    signed = sign_pdf_as("rossi", plain_pdf())
    value = int(re.findall(rb"/V (\d+) 0 R", signed)[-1])
    numbers = b" ".join(b"%d 1" % place for place in range(100_000))
    return appended(
        signed, {value: b"<< /Type /Sig /SubFilter /ETSI.CAdES.detached /ByteRange [%s] /Contents <30> >>" % numbers}
    )


def crowded_envelope() -> bytes:
    """An envelope of ten thousand signers."""
    signed_data = cms.ContentInfo.load(sign_p7m_as("rossi", bytes(100_000)))["content"]
    info = signed_data["signer_infos"][0].dump()
    parts = [
        signed_data[name].dump() for name in ("version", "digest_algorithms", "encap_content_info", "certificates")
    ]
    inner = _der(0x30, b"".join(parts) + _der(0x31, info * 10_000))
    return _der(0x30, bytes.fromhex("06092a864886f70d010702") + _der(0xA0, inner))


def _der(tag: int, contents: bytes) -> bytes:
    length = len(contents).to_bytes(4, "big")
    return bytes([tag, 0x84]) + length + contents


def nested_asn1() -> bytes:
    """SignedData whose inside is a hundred thousand values of indefinite length, one in the other."""
    return bytes.fromhex("308006092a864886f70d010702a080") + b"\x30\x80" * 100_000


def nested_envelopes() -> bytes:
    data = b"testo"
    for _ in range(40):
        data = sign_p7m_as("bianchi", data)
    return data


def nested_multipart() -> bytes:
    levels = 3_000
    heads = b"".join(b"--b%d\nContent-Type: multipart/mixed; boundary=b%d\n\n" % (n, n + 1) for n in range(levels))
    return b"MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b0; x=pkcs7-mime\n\n" + heads


def endless_base64() -> bytes:
    return b"MII" + b"A" * (20 * MEGABYTE)


def script_in_the_open() -> bytes:
    document = pikepdf.open(BytesIO(plain_pdf()))
    document.Root.OpenAction = Dictionary(S=Name.JavaScript, JS=String("while(true){}"))
    output = BytesIO()
    document.save(output)
    return output.getvalue()


HOSTILE: dict[str, Callable[[], bytes]] = {
    made.__name__: made
    for made in (
        object_stream_bomb,
        cross_reference_bomb,
        metadata_bomb_after_signing,
        previous_table_loop,
        page_tree_loop,
        signed_page_tree_loop,
        nested_arrays,
        nested_dictionaries,
        chained_objects,
        web_of_objects,
        ten_thousand_fields,
        ten_thousand_empty_fields,
        field_loop,
        structure_tree_loop,
        wide_byte_range,
        crowded_envelope,
        nested_asn1,
        nested_envelopes,
        nested_multipart,
        endless_base64,
        script_in_the_open,
    )
}
