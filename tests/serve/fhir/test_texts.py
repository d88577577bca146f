"""Markup to text: what is shown, and where in the source it stands."""

import base64
import time
from html import unescape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from cac.note import Span
from serve.errors import DecisionError
from serve.fhir.attachments import attachment_text
from serve.fhir.cda_text import cda_text
from serve.fhir.extracted import Extracted
from serve.fhir.html_text import html_text

CDA = """<?xml version="1.0" encoding="UTF-8"?>
<ClinicalDocument xmlns="urn:hl7-org:v3"><title>Visit 🙂</title><recordTarget><patientRole>
<patient><name><given>Marmaduke</given></name></patient></patientRole></recordTarget>
<component><structuredBody><component><section><title>Assessment</title><text>
<paragraph>CKD stage&#160;3b &amp; <content styleCode="Bold">gout</content>.</paragraph>
<list><item>No  chest
 pain</item><item>asthma</item></list><table><tr><th>Test</th><td>A1c &lt; 7</td></tr></table>
<renderMultiMedia><caption>an image</caption></renderMultiMedia>
</text><entry><observation><text>not narrative</text></observation></entry></section></component>
</structuredBody></component></ClinicalDocument>"""


def source_of(extracted: Extracted, source: str, words: str) -> str:
    start = extracted.text.index(words)
    found = extracted.source_span(Span(start, start + len(words)))
    return source[found.start : found.end]


def test_the_narrative_of_cda_is_read_with_its_places() -> None:
    found = cda_text(CDA)
    assert found.text.split("\n") == [
        "Assessment",
        "CKD stage 3b & gout.",
        "No chest pain",
        "asthma",
        "Test\tA1c < 7",
    ]
    assert source_of(found, CDA, "CKD stage 3b") == "CKD stage&#160;3b"
    assert source_of(found, CDA, "3b & gout") == '3b &amp; <content styleCode="Bold">gout'
    assert source_of(found, CDA, "chest pain") == "chest\n pain"
    assert source_of(found, CDA, "< 7") == "&lt; 7"
    assert source_of(found, CDA, "Assessment") == "Assessment"


HTML = """<html><head><title>x</title><style>p{}</style></head><body><script>alert(1)</script>
<h2>Plan</h2><p>CKD&nbsp;3b &lt;new&gt;,<b> gout</b></p><ul><li>asthma</ul>a<br/>b &copy c 🙂
<!-- no --><table><tr><td>K<td>5.1</table></body>"""


def test_html_is_read_as_it_is_shown() -> None:
    found = html_text(HTML)
    assert found.text.split("\n") == [
        "Plan",
        "CKD 3b <new>, gout",
        "asthma",
        "a",
        "b © c 🙂",
        "K\t5.1",
    ]
    assert source_of(found, HTML, "CKD 3b") == "CKD&nbsp;3b"
    assert source_of(found, HTML, "<new>") == "&lt;new&gt;"
    assert source_of(found, HTML, "©") == "&copy"
    assert source_of(found, HTML, "🙂") == "🙂"


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>x<pre>\nHPI:\r\n  CKD\n\nPMH: <b>gout</b></pre> y  z",
         "x\nHPI:\n  CKD\n\nPMH: gout\ny z"),
        ("<div style='color: red; white-space:pre-wrap'>a\nb<div>c  d</div></div> e  f",
         "a\nb\nc  d\ne f"),
        ("<td style=\"font:'A'; white-space: pre\">a  b", "a  b"),
        ("<br style='white-space:pre'>a  b", "a b"),
        ("<svg/>gout", "gout"),
        ("<select><option>a<option>b</select>", "a\nb"),
    ],
)  # fmt: skip
def test_white_space_is_kept_where_a_browser_keeps_it(markup: str, text: str) -> None:
    assert html_text(markup).text == text


def test_an_element_of_xhtml_may_close_itself() -> None:
    source = "<html><head><title/><script src='x'/></head><body>gout</body></html>"
    assert html_text(source, is_xml=True).text == "gout"


def section(inner: str) -> str:
    return f"<h:d xmlns:h='urn:hl7-org:v3'><h:section><h:text>{inner}</h:text></h:section></h:d>"


@pytest.mark.parametrize(
    ("inner", "text"),
    [
        ("<![CDATA[& b &amp; c;]]>", "& b &amp; c;"),
        ("<h:content ID='a1'>gout</h:content> <h:linkHtml href='#a1'>see</h:linkHtml>", "gout see"),
        ("<content revised='delete'>asthma <br/></content>gout", "gout"),
        ("<table><tr><td>a<table><tr><td>b</td><td>c</td></tr></table></td></tr></table>",
         "a\nb\tc"),
        ("<list><caption>x</caption><item>a<list><item>b</item></list></item></list>", "x\na\nb"),
    ],
)  # fmt: skip
def test_narrative_blocks_of_cda(inner: str, text: str) -> None:
    source = section(inner)
    found = cda_text(source)
    assert found.text == text
    for character, start, end in zip(found.text, found.starts, found.ends, strict=True):
        if not character.isspace():
            assert source[start:end] == character


PLAIN = ["&amp;", "&#8364;", "\r\n", " ", "\t", "gout", "e\u0301", "🙂"]
HTML_PARTS = [
    *PLAIN, "<p>", "</p>", "<b>", "</b>", "<td>", "<br>", "<!-- x -->", "<", "&", "</", "<script>",
    "</script>", "&copyright ", "&copy", "<a b='>'>", "<svg>", "</svg>", "<title>", "</title>",
    "<pre>", "</pre>", "<svg/>", "<p style='white-space: pre'>",
]  # fmt: skip
WHOLE_PARTS = [
    *PLAIN, "<p>x</p>", "<b>", "</b>", "<br>", "<!-- x -->", "&copyright ", "&copy", "< 7",
    "<a b='>'>", "<script>var x = '<p>';</script>", "<svg><text>q</text></svg>",
    "<table><tr><td>y</table>", "<pre>", "</pre>", "<svg/>",
]  # fmt: skip
CDA_PARTS = [
    *PLAIN, "<paragraph>x</paragraph>", "<content>", "<br/>", "<!-- é -->", "<![CDATA[<a>]]>",
    "<?pi é?>",
]  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(HTML_PARTS)))
def test_each_character_of_html_stands_where_it_says(parts: list[str]) -> None:
    source = "".join(parts)
    found = html_text(source)
    assert len(found.text) == len(found.starts) == len(found.ends)
    for character, start, end in zip(found.text, found.starts, found.ends, strict=True):
        if not character.isspace():
            assert unescape(source[start:end]) == character
    assert list(found.starts) == sorted(found.starts)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(WHOLE_PARTS)))
def test_html_is_read_as_a_parser_of_the_standard_reads_it(parts: list[str]) -> None:
    source = "<body>" + "".join(parts)
    tree = LexborHTMLParser(source)
    tree.strip_tags(["script", "svg"])
    body = tree.body
    assert body is not None
    assert "".join(html_text(source).text.split()) == "".join(body.text().split())


@pytest.mark.parametrize(
    "unit",
    [
        "<",
        "<a ",
        "<!--",
        "&",
        "</",
        "<a b='",
        "<script>",
        "<![",
        "<svg>",
        "</svg>",
        "&a",
        "<pre>",
        "<p style='white-space:",
        "<i style=' white-space: x'>",
        "<p style='",
    ],
)
def test_no_markup_takes_longer_than_its_length(unit: str) -> None:
    start = time.process_time()
    html_text(unit * (400_000 // len(unit)))
    assert time.process_time() - start < 5


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(CDA_PARTS)))
def test_each_character_of_cda_stands_where_it_says(parts: list[str]) -> None:
    inner = "z" + "".join(p + "</content>" * (p == "<content>") for p in parts)
    source = f"<?xml version='1.0'?><d>é<section><text>{inner}</text></section></d>"
    found = cda_text(source)
    for character, start, end in zip(found.text, found.starts, found.ends, strict=True):
        if not character.isspace():
            assert unescape(source[start:end]) == character


ATTACKS = {
    "external entity": '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
    "external type": '<!DOCTYPE a SYSTEM "http://evil.example/a.dtd"><a/>',
    "laughs": '<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;&b;">]><a>&c;</a>',
    "parameter": '<!DOCTYPE a [<!ENTITY % x SYSTEM "file:///etc/passwd"> %x;]><a/>',
    "not closed": "<a><section><text>Marmaduke</a>",
    "no xml": "Marmaduke",
    "deep": "<content>" * 20_000 + "</content>" * 20_000,
    "unknown entity": "<a><section><text>&nbsp;</text></section></a>",
}


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_in_xml_is_refused(name: str) -> None:
    with pytest.raises(DecisionError) as refused:
        cda_text(ATTACKS[name])
    assert "Marmaduke" not in str(refused.value)
    assert "root:" not in str(refused.value)


def attachment(data: bytes, kind: str) -> dict[str, str]:
    return {"contentType": kind, "data": base64.b64encode(data).decode()}


@pytest.mark.parametrize(
    ("data", "kind", "text"),
    [
        ("Ménière".encode(), "text/plain", "Ménière"),
        ("Ménière".encode("latin-1"), "text/plain; charset=ISO-8859-1", "Ménière"),
        ("Ménière".encode("utf-16"), "text/plain", "Ménière"),
        (b"\xef\xbb\xbfgout", "text/plain;charset=utf-8", "gout"),
        (b"<meta charset='iso-8859-1'>M\xe9ni\xe8re \x93x\x94", "text/html", "Ménière “x”"),
        (b"<meta charset=utf-8>\xc3\xa9", "text/html;Charset=UTF-8", "é"),
        (b"<meta http-equiv=x content='text/html; charset=windows-1252'>\xe9", "text/html", "é"),
        (
            "<?xml version='1.0' encoding='ISO-8859-1'?><section><text>Ménière</text></section>"
            .encode("latin-1"), "text/xml", "Ménière",
        ),
    ],
)  # fmt: skip
def test_attachments_are_decoded_as_they_say(data: bytes, kind: str, text: str) -> None:
    assert attachment_text(attachment(data, kind)).text == text


@pytest.mark.parametrize(
    "given_attachment",
    [
        attachment(b"\xff\xff\xff", "text/plain"),
        attachment(b"x", "application/pdf"),
        attachment(b"x", "text/plain; charset=rot13"),
        attachment(b"x", "text/plain; charset=utf-7"),
        {"contentType": "text/plain", "data": "!!!"},
        {"contentType": "text/plain", "url": "http://169.254.169.254/"},
    ],
)
def test_what_cannot_be_read_is_refused(given_attachment: dict[str, str]) -> None:
    with pytest.raises(DecisionError):
        attachment_text(given_attachment)
