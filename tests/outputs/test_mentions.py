"""Pieces of a discontinuous mention belong together in every form of an answer, and read back."""

import csv
import json
import re
from pathlib import Path

import pytest

from cac.coding import Code, CodeSystem, CodingResult, Evidence, Suggestion
from cac.corpus.answers import read_answers
from cac.note import Assertion, Note, Span
from cac.outputs import ResultWriter
from cac.outputs.csv_rows import CsvWriter
from cac.outputs.jsonl import JsonLinesWriter
from cac.outputs.page import HtmlWriter
from cac.outputs.sink import Sink
from cac.outputs.table import TableWriter

TEXT = "Fracture, closed, of the left distal radius. Cast on left arm."
NOTE = Note("a", TEXT)


def piece(words: str, mention: int | None) -> Evidence:
    start = TEXT.index(words)
    span = Span(start, start + len(words))
    return Evidence(span, words, "assessment", Assertion.PRESENT, 0.5, mention)


SUGGESTION = Suggestion(
    code=Code(CodeSystem.ICD10CM, "S52.502A"),
    description="Fracture of lower end of left radius",
    probability=0.9,
    rank=1,
    evidence=(piece("left distal radius", 7), piece("left arm", None), piece("Fracture", 7)),
)
RESULT = CodingResult("a", (SUGGESTION,), "m", {}, "us-inpatient")


def written(writer: ResultWriter, path: Path) -> str:
    writer.write(NOTE, RESULT)
    writer.close()
    return path.read_text("utf-8")


def test_pieces_stand_together_in_the_order_of_the_text() -> None:
    assert SUGGESTION.mention_numbers == (1, 2, 1)
    mentions = [[e.text for e in pieces] for pieces in SUGGESTION.mentions]
    assert mentions == [["Fracture", "left distal radius"], ["left arm"]]


def test_pieces_without_a_number_are_mentions_by_themselves() -> None:
    same = piece("left arm", None)
    bare = Suggestion(SUGGESTION.code, "", 0.5, 1, (same, same))
    assert bare.mention_numbers == (1, 2)
    assert bare.mentions == ((same,), (same,))


def test_json_lines_number_the_mentions_and_are_read_back(tmp_path: Path) -> None:
    path = tmp_path / "o.jsonl"
    writer = JsonLinesWriter(Sink(path), options={}, include_rejected=False)
    record = json.loads(written(writer, path))
    assert [e["mention"] for e in record["suggestions"][0]["evidence"]] == [1, 2, 1]
    [read] = read_answers(path)
    assert read.suggestions[0].mentions == tuple(
        tuple(Evidence(e.span, e.text, e.section, e.assertion, e.weight, number) for e in pieces)
        for number, pieces in enumerate(SUGGESTION.mentions, start=1)
    )


def test_answers_of_before_are_read_with_each_piece_alone(tmp_path: Path) -> None:
    path = tmp_path / "o.jsonl"
    record = {"start": 0, "end": 8}, {"start": 25, "end": 43}
    suggestion = {"system": "ICD-10-CM", "code": "S52.502A", "evidence": record}
    path.write_text(json.dumps({"note_id": "a", "suggestions": [suggestion]}) + "\n")
    [read] = read_answers(path)
    assert [len(pieces) for pieces in read.suggestions[0].mentions] == [1, 1]


def test_csv_rows_of_one_mention_have_one_number(tmp_path: Path) -> None:
    path = tmp_path / "o.csv"
    rows = list(
        csv.DictReader(written(CsvWriter(Sink(path), include_rejected=False), path).splitlines())
    )
    assert [(row["evidence"], row["mention"]) for row in rows] == [
        ("left distal radius", "1"),
        ("left arm", "2"),
        ("Fracture", "1"),
    ]


def test_the_table_shows_both_pieces_on_one_line(tmp_path: Path) -> None:
    path = tmp_path / "o.txt"
    flat = " ".join(written(TableWriter(Sink(path), include_rejected=False), path).split())
    assert "[Fracture], closed, of the [left distal radius]. Cast" in flat


@pytest.mark.parametrize(("gap", "shown"), [(5, " word "), (300, " … ")])
def test_what_stands_between_is_shown_where_it_is_short(
    tmp_path: Path, gap: int, shown: str
) -> None:
    text = "Ulcer" + (" word" * gap)[:gap] + " of the heel"
    spans = Span(0, 5), Span(len(text) - 4, len(text))
    pieces = tuple(
        Evidence(s, text[s.start : s.end], "other", Assertion.PRESENT, 1.0, 1) for s in spans
    )
    found = CodingResult(
        "a", (Suggestion(SUGGESTION.code, "", 0.5, 1, pieces),), "m", {}, "us-inpatient"
    )
    writer = TableWriter(Sink(tmp_path / "o.txt"), include_rejected=False)
    writer.write(Note("a", text), found)
    writer.close()
    flat = " ".join((tmp_path / "o.txt").read_text("utf-8").split())
    assert f"[Ulcer]{shown}{'of the ' if gap == 5 else ''}[heel]" in flat


def test_the_page_numbers_a_mention_once_after_its_last_piece(tmp_path: Path) -> None:
    path = tmp_path / "o.html"
    writer = HtmlWriter(Sink(path), outline=lambda _: (), include_rejected=False)
    html = written(writer, path)
    assert html.count('class="ref"') == 2
    assert re.search(r'class="present part goes-on">Fracture</mark>(?!<a class="ref")', html)
    assert re.search(r'class="present part">left distal radius</mark><a class="ref"', html)
    assert re.search(r'class="present">left arm</mark>', html)
    links = r'<li><a href="#n1-s1-0">Fracture</a> … <a href="#n1-s1-1">left distal radius</a>'
    assert re.search(links, html)
