"""C2, N1: what in a PDF acts instead of only being shown is named, with what to do about it and the law."""

from io import BytesIO

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, String

from signing.inspect import inspect_signatures
from signing.report import Problem, Verdict
from tests.pki.authority import AT, sign_p7m_as, sign_pdf_as, trust_store
from tests.signing.documents import plain_pdf

TRUST = trust_store()


def _open_action(document: pikepdf.Pdf, **action: object) -> None:
    document.Root.OpenAction = Dictionary(Type=Name.Action, **action)


def _link(document: pikepdf.Pdf, **action: object) -> None:
    link = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=[0, 0, 9, 9], A=Dictionary(**action))
    document.pages[0].Annots = Array([document.make_indirect(link)])


def _annotation(document: pikepdf.Pdf, kind: Name) -> None:
    document.pages[0].Annots = Array([Dictionary(Type=Name.Annot, Subtype=kind, Rect=[0, 0, 9, 9])])


def _attached(document: pikepdf.Pdf) -> None:
    document.attachments["conti.xlsx"] = b"PK"


def _dynamic_form(document: pikepdf.Pdf) -> None:
    document.Root.AcroForm = Dictionary(Fields=Array([]), XFA=document.make_stream(b"<xdp/>"))


def _script_of_a_field(document: pikepdf.Pdf) -> None:
    script = Dictionary(S=Name.JavaScript, JS=document.make_stream(b"this.getField('ore').value = 48"))
    field = Dictionary(FT=Name.Tx, T=String("ore"), AA=Dictionary(C=script))
    document.Root.AcroForm = Dictionary(Fields=Array([document.make_indirect(field)]))


def _layers(document: pikepdf.Pdf, **shown: object) -> None:
    layer = document.make_indirect(Dictionary(Type=Name.OCG, Name=String("ore")))
    settings = {key: Array([layer]) if value is None else value for key, value in shown.items()}
    document.Root.OCProperties = Dictionary(OCGs=Array([layer]), D=Dictionary(**settings))


def _outside(document: pikepdf.Pdf) -> None:
    document.pages[0].Contents = document.make_stream(b"", F=String("pagina.txt"))


def _page_of_another(document: pikepdf.Pdf) -> None:
    target = Dictionary(F=Dictionary(Type=Name.Filespec, F=String("altro.pdf")), Page=0)
    shown = document.make_stream(b"", Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, 9, 9], Ref=target)
    document.pages[0].Resources.XObject = Dictionary(Altro=shown)


ACTS = {
    "page outside the file": (_outside, "contains_outside_content"),
    "page of another file": (_page_of_another, "contains_outside_content"),
    "layer that is off": (lambda pdf: _layers(pdf, OFF=None), "contains_hidden_layers"),
    "layers all off": (lambda pdf: _layers(pdf, BaseState=Name.OFF), "contains_hidden_layers"),
    "layers by themselves": (
        lambda pdf: _layers(pdf, AS=Array([Dictionary(Event=Name.Print)])),
        "contains_hidden_layers",
    ),
    "layers by command": (lambda pdf: _open_action(pdf, S=Name.SetOCGState, State=Array([])), "contains_hidden_layers"),
    "script": (lambda pdf: _open_action(pdf, S=Name.JavaScript, JS=String("app.alert(1)")), "contains_script"),
    "script of a field": (_script_of_a_field, "contains_script"),
    "launch": (lambda pdf: _open_action(pdf, S=Name.Launch, F=String("cmd.exe")), "contains_program_start"),
    "submit": (
        lambda pdf: _link(pdf, S=Name.SubmitForm, F=String("http://altrove.example/")),
        "contains_data_sending",
    ),
    "import": (lambda pdf: _link(pdf, S=Name.ImportData, F=String("dati.fdf")), "contains_data_import"),
    "link": (lambda pdf: _link(pdf, S=Name.URI, URI=String("https://altrove.example/")), "contains_link"),
    "other document": (lambda pdf: _link(pdf, S=Name.GoToR, F=String("altro.pdf"), D=Array([0])), "contains_link"),
    "rich media": (lambda pdf: _annotation(pdf, Name.RichMedia), "contains_media"),
    "movie": (lambda pdf: _annotation(pdf, Name.Movie), "contains_media"),
    "attachment": (_attached, "contains_embedded_file"),
    "dynamic form": (_dynamic_form, "contains_dynamic_form"),
}
DETAILS = {
    "launch": "cmd.exe",
    "submit": "http://altrove.example/",
    "link": "https://altrove.example/",
    "attachment": "conti.xlsx",
    "page outside the file": "pagina.txt",
}


def _with(change, **saving: object) -> bytes:
    document = pikepdf.open(BytesIO(plain_pdf()))
    change(document)
    output = BytesIO()
    document.save(output, deterministic_id=True, **saving)
    return output.getvalue()


def _told(pdf: bytes) -> tuple[Verdict, list[Problem]]:
    report = inspect_signatures(pdf, trust=TRUST, at=AT)
    return report.verdict, list(report.problems)


@pytest.mark.parametrize("name", ACTS)
@pytest.mark.parametrize("packed", [False, True])
def test_c2_each_active_content_is_named(name, packed):
    change, code = ACTS[name]
    mode = pikepdf.ObjectStreamMode.generate if packed else pikepdf.ObjectStreamMode.disable
    verdict, told = _told(_with(change, object_stream_mode=mode))
    assert verdict is Verdict.not_signed
    assert [one.code for one in told] == [code]
    assert DETAILS.get(name, "") in told[0].message


def test_c2_names_written_with_escapes_hide_nothing():
    plain = _with(ACTS["script"][0], object_stream_mode=pikepdf.ObjectStreamMode.disable)
    hidden = plain.replace(b"/JavaScript", b"/#4aavaScript").replace(b"/JS ", b"/J#53 ").replace(b"/JS(", b"/J#53(")
    assert b"JavaScript" not in hidden
    assert [one.code for one in _told(hidden)[1]] == ["contains_script"]


@pytest.mark.parametrize(
    ("name", "verdict"), [("script", Verdict.signed_with_reservations), ("attachment", Verdict.signed)]
)
def test_n1_a_signed_document_that_can_change_what_it_shows_has_a_reservation(name, verdict):
    seen, told = _told(sign_pdf_as("rossi", _with(ACTS[name][0])))
    assert seen is verdict
    assert (told[0].law is not None) is (name == "script")


def test_c2_a_plain_form_acts_in_no_way():
    assert _told(plain_pdf()) == (Verdict.not_signed, [])
    assert _told(sign_pdf_as("rossi", plain_pdf())) == (Verdict.signed, [])


def test_c2_objects_beyond_the_limit_are_said_not_to_be_searched(monkeypatch):
    monkeypatch.setattr("signing.active_content.MOST_OBJECTS", 3)
    codes = [one.code for one in _told(_with(ACTS["script of a field"][0]))[1]]
    assert "active_content_not_searched" in codes


def _form(**attached: bytes) -> bytes:
    return _with(
        lambda document: [document.attachments.__setitem__(f"{name}.json", attached[name]) for name in attached]
    )


def _attachments_told(pdf: bytes, issued: bytes) -> list[str]:
    report = inspect_signatures(pdf, issued=issued, trust=TRUST, at=AT)
    return [one.message for one in report.problems if one.code == "contains_embedded_file"]


def test_c2_the_files_that_the_issued_form_carries_itself_are_not_told_to_who_returns_it():
    issued = _form(mappa=b"{}", domanda=b'{"ore": 40}')
    signed = sign_pdf_as("rossi", issued)
    assert "2 file" in _attachments_told(signed, plain_pdf())[0]
    for returned in (issued, signed, sign_p7m_as("rossi", signed)):
        assert _attachments_told(returned, issued) == []


@pytest.mark.parametrize(
    ("attached", "told"),
    [
        ({"mappa": b"{}", "domanda": b'{"ore": 48}'}, "1 file allegati (domanda.json)"),
        ({"mappa": b"{}", "domanda": b'{"ore": 40}', "altro": b"{}"}, "1 file allegati (altro.json)"),
        ({"mappa": b"{}", "dichiarazione": b'{"ore": 40}'}, "1 file allegati (dichiarazione.json)"),
    ],
)
def test_c2_a_file_of_other_bytes_or_of_another_name_is_still_told(attached, told):
    (message,) = _attachments_told(_form(**attached), _form(mappa=b"{}", domanda=b'{"ore": 40}'))
    assert told in message
