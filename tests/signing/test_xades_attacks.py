"""C2, N3: no stand-in, comment or hostile document passes for what a signature in XML covers, and none is costly to refuse."""

import pytest

from signing.report import Verdict
from tests.pki.xml_signer import (
    BASE64,
    DS,
    ENVELOPED,
    EXCLUSIVE,
    canonical,
    encoded,
    filter2,
    reference,
    sign_xml_as,
    transform,
    xpath,
)
from tests.signing.xml_documents import DATA, codes, enveloped, good, inspected


def wrapped(stand_in: str) -> str:
    """A signed element moved aside, and `stand_in` where readers look."""
    octets = b'<ore Id="o">40</ore>'
    signature = sign_xml_as("rossi", reference("#o", octets, transform(EXCLUSIVE)))
    return f"<domanda>{stand_in}{signature}<altro>{octets.decode()}</altro></domanda>"


@pytest.mark.parametrize(
    "stand_in", ["<ore>48</ore>", '<ore Id="o">48</ore>', '<ore ID="o">48</ore>', "<x><ore>48</ore></x>"]
)
def test_c2_a_stand_in_for_what_was_signed_is_never_clean(stand_in):
    assert inspected(wrapped("")).verdict is Verdict.signed
    assert inspected(wrapped(stand_in)).verdict in {Verdict.changed, Verdict.broken}


FALSE = '<ore xmlns="urn:altro">48</ore>'


@pytest.mark.parametrize("place", ["</ds:Signature>", "</ds:KeyInfo>", "</xades:QualifyingProperties>", "</ds:Object>"])
@pytest.mark.parametrize("stand_in", ["<ore>48</ore>", FALSE, "<Ore>48</Ore>"], ids=["same", "namespace", "case"])
def test_c2_a_stand_in_hidden_inside_the_signature_is_never_clean(place, stand_in):
    report = inspected(good().replace(place, stand_in + place))
    assert (report.verdict, codes(report)) == (Verdict.changed, {"xml_not_covered"})


@pytest.mark.parametrize("stand_in", [FALSE, '<x:ore xmlns:x="urn:altro">48</x:ore>', "<ORE>48</ORE>"])
def test_c2_a_stand_in_of_another_namespace_or_case_is_never_clean(stand_in):
    chosen = filter2(("intersect", "//ore[1]")) + transform(EXCLUSIVE)
    signature = sign_xml_as("rossi", reference("", b"<ore>40</ore>", chosen))
    assert inspected(enveloped(signature)).verdict is Verdict.signed
    assert inspected(enveloped(signature, DATA + stand_in)).verdict is Verdict.changed


@pytest.mark.parametrize("method", [EXCLUSIVE, f"{EXCLUSIVE}WithComments"])
def test_c2_a_comment_within_a_signed_text_is_told_unless_it_is_signed(method):
    parted = "<ore>4<!-- 8 -->0</ore>"
    octets = (
        b'<o Id="o"><ore>4<!-- 8 -->0</ore></o>'
        if method.endswith("Comments")
        else b'<o Id="o">' + b"<ore>40</ore></o>"
    )
    signature = sign_xml_as("rossi", reference("#xpointer(id('o'))", octets, transform(method)))
    report = inspected(f'<busta><o Id="o">{parted}</o>{signature}</busta>')
    if method.endswith("Comments"):
        assert report.verdict is Verdict.signed
    else:
        assert (report.verdict, codes(report)) == (Verdict.signed_with_reservations, {"xml_text_cut"})


def test_c2_a_style_sheet_that_nobody_signed_is_told():
    signature = sign_xml_as("rossi", reference("#d", b'<d Id="d"><ore>40</ore></d>', ENVELOPED + transform(EXCLUSIVE)))
    document = f'<d Id="d"><ore>40</ore>{signature}</d>'
    assert inspected(document).verdict is Verdict.signed
    report = inspected(f'<?xml-stylesheet href="altro.xsl"?>{document}')
    assert (report.verdict, codes(report)) == (Verdict.signed_with_reservations, {"xml_partly_covered"})
    assert "<?xml-stylesheet?>" in report.signatures[0].problems[0].message


def test_c2_attributes_around_what_is_signed_are_not_signed():
    octets = b'<ore Id="o">40</ore>'
    signature = sign_xml_as("rossi", reference("#o", octets, transform(EXCLUSIVE)))
    bare = f'<domanda Id="d" xml:lang="it">{octets.decode()}{signature}</domanda>'
    assert inspected(bare).verdict is Verdict.signed
    report = inspected(bare.replace('Id="d"', 'Id="d" importo="100"'))
    assert (report.verdict, "xml_partly_covered" in codes(report)) == (Verdict.signed_with_reservations, True)


def test_c2_a_signed_object_moved_behind_a_false_one_is_never_clean():
    thing = f'<ds:Object xmlns:ds="{DS}" Id="o">{encoded(b"vero")}</ds:Object>'
    signature = sign_xml_as("rossi", reference("#o", b"vero", BASE64), objects=thing)
    assert inspected(signature).verdict is Verdict.signed
    false = f"<ds:Object>{encoded(b'falso')}</ds:Object><ds:Object><w>{thing}</w></ds:Object>"
    assert inspected(signature.replace(thing, false)).verdict is Verdict.changed
    replaced = signature.replace(thing, f"<ds:Object>{encoded(b'falso')}</ds:Object>")
    assert inspected(f"<busta>{replaced}{thing}</busta>").verdict is Verdict.changed


def test_c2_a_comment_cannot_cut_what_is_read():
    octets = canonical(f"<domanda>{DATA}</domanda>")
    chosen = xpath("not(ancestor-or-self::ds:Signature)")
    signature = sign_xml_as("rossi", reference("", octets, chosen + transform(EXCLUSIVE)))
    cut = signature.replace("not(ancestor-or-self::ds:Signature)", "not(ancestor-or-self::<!-- -->ds:Signature)")
    assert inspected(enveloped(cut)).verdict is Verdict.signed
    shortened = signature.replace("not(ancestor", "true()<!-- -->not(ancestor")
    assert inspected(enveloped(shortened)).verdict is Verdict.broken


GIVEN_UP = [(Verdict.unverifiable, {"xml_refused"}), (Verdict.unreadable, {"xml_unreadable"})]
"""Refused, or stopped by the parser, before any signature is looked at."""

BOMB = (
    '<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    + "]>"
)


@pytest.mark.parametrize(
    "document",
    [
        '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + good().replace(">40<", ">&x;<"),
        BOMB + good().replace(">40<", ">&j;<"),
        BOMB + good().replace("<ore>", '<ore n="&j;">'),
        "<!DOCTYPE domanda>" + good(),
        good().replace(DATA, "<a>" * 3000 + "</a>" * 3000),
        good().replace(DATA, "<a>" * 300 + "</a>" * 300),
        good().replace(DATA, "<a/>" * 500_000),
        good().replace(DATA, "<a " + " ".join(f'n{number}=""' for number in range(5_000)) + "/>"),
        good().replace(DATA, "<a " + " ".join(f'xmlns:n{number}="u"' for number in range(5_000)) + "/>"),
    ],
    ids=[
        *("file entity", "bomb in text", "bomb in attribute", "doctype", "3000 deep", "300 deep"),
        *("500,000 elements", "5,000 attributes", "5,000 namespaces"),
    ],
)
def test_c2_hostile_xml_is_refused_at_once(document):
    report = inspected(document)
    assert (report.verdict, codes(report)) in GIVEN_UP


def test_c2_a_costly_xpath_is_not_evaluated():
    nodes = "<a/>" * 20_000
    chosen = xpath("count(//a[count(//a) &gt; 0]) &gt; 0")
    document = enveloped(sign_xml_as("rossi", reference("", b"x", chosen)), nodes)
    report = inspected(document)
    assert (report.verdict, codes(report)) == (Verdict.unverifiable, {"algorithm_unsupported"})


@pytest.mark.parametrize(
    ("chosen", "depth"),
    [
        (filter2(("subtract", "//*[count(../*) &gt; 5]")), 1),
        (filter2(("subtract", "/*/*[count(../*) &gt; 5]")), 1),
        (filter2(("subtract", "/*/a[string(/) = 'x']")), 1),
        (xpath(" and ".join(f"not(ancestor-or-self::b{each})" for each in range(60))), 100),
    ],
    ids=["predicate of every node", "predicate of every child", "predicate on all the text", "ancestors of every node"],
)
def test_c2_a_selection_that_goes_through_the_document_again_and_again_is_not_evaluated(chosen, depth):
    nodes = "<a>" * depth + "<a>testo</a>" * 10_000 + "</a>" * depth
    report = inspected(enveloped(sign_xml_as("rossi", reference("", b"x", chosen)), nodes))
    assert (report.verdict, codes(report)) == (Verdict.unverifiable, {"algorithm_unsupported"})


@pytest.mark.parametrize(
    "step", ["ds:Signature[@Id='s']", "*[local-name()='Signature']", f"*[namespace-uri()='{DS}' and @Id = 's']"]
)
def test_c2_signatures_are_left_out_of_a_large_document_by_what_they_are_called(step):
    content = f"<domanda>{DATA * 700}</domanda>"
    chosen = xpath(f"not(ancestor-or-self::{step})") + transform(EXCLUSIVE)
    signature = sign_xml_as("rossi", reference("", canonical(content), chosen))
    assert inspected(content.replace("</domanda>", signature + "</domanda>")).verdict is Verdict.signed


def test_c2_many_signatures_over_one_large_document_are_bounded():
    content = f"<domanda>{'<a/>' * 10_000}</domanda>"
    signed = reference("", canonical(content), filter2(("subtract", "//ds:Signature")) + transform(EXCLUSIVE))
    one = sign_xml_as("bianchi", signed, properties="")
    report = inspected(content.replace("</domanda>", one * 60 + "</domanda>"))
    assert (report.verdict, codes(report)) == (Verdict.unverifiable, {"xml_refused"})
