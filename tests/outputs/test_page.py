"""The HTML page: escaped, self-contained, every link ending somewhere, the text unchanged."""

import base64
import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from cac.coding import Code, CodeSystem, CodingResult, Concern, Evidence, Suggestion
from cac.note import Assertion, Note, Section, Setting, Span
from cac.outputs.page import HtmlWriter
from cac.outputs.sink import Sink

HOSTILE = '<script>alert("x")</script> & <img src=x onerror="y">'
TEXT = f"ASSESSMENT:\nacute on chronic systolic heart failure 😀, no edema. {HOSTILE}\n\x1b[31mred"


class Page(HTMLParser):
    """Collects what the tests ask of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.notes: list[str] = []
        self._depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.tags.add(tag)
        self.attributes.update(values)
        if "id" in values:
            self.ids.append(values["id"])
        if "href" in values:
            self.links.append(values["href"])
        if values.get("class") == "note":
            self.notes.append("")
            self._depth = 1

    def handle_endtag(self, tag: str) -> None:
        if tag == "div":
            self._depth = 0

    def handle_data(self, data: str) -> None:
        if self._depth:
            self.notes[-1] += data


def suggestion(code: str, rank: int, *words: str, because: str = "") -> Suggestion:
    spans = [Span(TEXT.index(w), TEXT.index(w) + len(w)) for w in words]
    return Suggestion(
        code=Code(CodeSystem.ICD10CM, code),
        description=f"Title of {code} {HOSTILE}",
        probability=0.5,
        rank=rank,
        evidence=tuple(
            Evidence(s, TEXT[s.start : s.end], "assessment", Assertion.PRESENT) for s in spans
        ),
        concerns=(Concern("unspecified", HOSTILE),),
        rejected_because=because,
    )


RESULT = CodingResult(
    note_id="a",
    suggestions=(
        suggestion("I50.23", 1, "acute on chronic systolic heart failure", "no edema"),
        suggestion("I50.22", 2, "chronic systolic heart failure"),
        suggestion("I50.9", 3, "heart failure 😀", "heart failure"),
        suggestion("R00", 4),
    ),
    model_version="m",
    code_set_versions={"ICD-10-CM": "2027"},
    convention="us-billing",
    rejected=(suggestion("R60.9", 0, "edema", "heart failure", because="negated"),),
)


def outline(note: Note) -> tuple[Section, ...]:
    header = Section("assessment", Span(0, 11), Span(11, 60))
    return (header, Section("other", Span(60, 60), Span(60, len(note.text))))


@pytest.fixture
def html(tmp_path: Path) -> str:
    path = tmp_path / "page.html"
    writer = HtmlWriter(Sink(path), outline=outline, include_rejected=True)
    for note_id in ("a", HOSTILE):
        writer.write(Note(note_id, TEXT, setting=Setting.INPATIENT), RESULT)
    writer.close()
    return path.read_text("utf-8")


@pytest.fixture
def page(html: str) -> Page:
    parser = Page()
    parser.feed(html)
    parser.close()
    return parser


def test_the_text_is_the_notes_own(page: Page) -> None:
    # The picture of the escape character stands for it, one for one.
    assert page.notes == [TEXT.replace("\x1b", "\u241b")] * 2


def test_nothing_of_a_note_becomes_markup(page: Page, html: str) -> None:
    assert not {"script", "img", "iframe", "object", "link", "form"} & page.tags
    assert not {a for a in page.attributes if a.startswith("on")} | {"style"} & page.attributes
    assert HOSTILE not in html


def test_nothing_is_fetched_and_only_the_style_sheet_is_allowed(page: Page, html: str) -> None:
    assert "src" not in page.attributes
    assert "://" not in html
    assert all(link.startswith("#") for link in page.links)
    [css] = re.findall("<style>(.*)</style>", html, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'sha256-{digest}'" in html


def test_every_link_ends_somewhere_and_every_anchor_is_one(page: Page) -> None:
    assert len(page.ids) == len(set(page.ids))
    assert {link.removeprefix("#") for link in page.links} <= set(page.ids)


def test_each_code_links_to_its_evidence_and_back(page: Page) -> None:
    for number in (1, 2):
        for card, n_evidence in (("s1", 2), ("s2", 1), ("s3", 2), ("r1", 2)):
            for evidence in range(n_evidence):
                assert f"#n{number}-{card}-{evidence}" in page.links
                assert f"n{number}-{card}-{evidence}" in page.ids
            assert page.links.count(f"#n{number}-{card}") == n_evidence


def test_headers_are_outlined_and_text_without_one_is_not(page: Page) -> None:
    assert {"n1-h0", "n2-h0"} <= set(page.ids)
    assert "n1-h1" not in page.ids


def test_it_says_on_what_it_rests(html: str) -> None:
    assert "inpatient; convention us-billing; probabilities uncalibrated; ICD-10-CM 2027" in html
    assert "1 found but not suggested" in html
