"""The band of a suggestion stands in every form of the answer."""

import csv
import io
import json
from pathlib import Path

import pytest

from cac.coding import Band, Code, CodeSystem, CodingResult, Suggestion
from cac.note import Note
from cac.outputs.csv_rows import CsvWriter
from cac.outputs.page import HtmlWriter
from cac.outputs.records import result_record
from cac.outputs.sink import Sink
from cac.outputs.table import TableWriter


def result(band: Band | None) -> CodingResult:
    code = Code(CodeSystem.ICD10CM, "I10")
    return CodingResult(
        "a", (Suggestion(code, "Title", 0.9, 1, (), band=band),), "m", {}, "c", True
    )


@pytest.mark.parametrize("band", [*Band, None])
def test_the_band_is_a_field_of_lines_and_rows(band: Band | None, tmp_path: Path) -> None:
    record = json.loads(json.dumps(result_record(result(band))))
    assert record["suggestions"][0]["band"] == (band.value if band else None)
    writer = CsvWriter(Sink(tmp_path / "a.csv"), include_rejected=False)
    writer.write(Note("a", ""), result(band))
    writer.close()
    [row] = csv.DictReader(io.StringIO((tmp_path / "a.csv").read_text()))
    assert row["band"] == (band.value if band else "")


def written(writer: TableWriter | HtmlWriter, path: Path, band: Band | None) -> str:
    writer.write(Note("a", ""), result(band))
    writer.close()
    return path.read_text()


def test_the_band_is_shown_to_people(tmp_path: Path) -> None:
    path = tmp_path / "answer"
    for band in (Band.ACCEPT, None):
        table = TableWriter(Sink(path), include_rejected=False)
        assert ("band: accept" in written(table, path, band)) == (band is not None)
        page = HtmlWriter(Sink(path), outline=lambda _: (), include_rejected=False)
        assert ("· accept<" in written(page, path, band)) == (band is not None)
