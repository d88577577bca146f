"""Notes from every form of input, with each fault named in its place and no word of a note."""

import io
import json
import sys
from datetime import date
from pathlib import Path

import pyarrow
import pytest
from pyarrow import parquet

from cac.errors import InputError
from cac.inputs import MAX_CHARACTERS, NoteDefaults, count_notes, read_notes
from cac.note import Note, Setting

CANARY = "Zebulon Quixworth"
TEXT = f"{CANARY} has asthma.\r\nNo fever; naïve to insulin 😀."


def read(*inputs: object, **defaults: object) -> tuple[list[Note], list[str]]:
    """Return the notes and the messages, of which none may name the patient."""
    found = list(read_notes([str(i) for i in inputs], NoteDefaults(**defaults)))  # type: ignore[arg-type]
    errors = [str(item) for item in found if isinstance(item, InputError)]
    for message in errors:
        assert not any(word in message for word in CANARY.split())
        assert "\n" not in message
    return [item for item in found if isinstance(item, Note)], errors


def write(path: Path, data: str | bytes) -> Path:
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def lines(*rows: object) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def test_a_text_file_is_one_untouched_note(tmp_path: Path) -> None:
    notes, errors = read(write(tmp_path / "visit.txt", TEXT))
    assert not errors
    assert notes == [Note("visit", TEXT)]


def test_a_byte_order_mark_is_no_part_of_the_note(tmp_path: Path) -> None:
    notes, _ = read(write(tmp_path / "visit.txt", b"\xef\xbb\xbf" + TEXT.encode()))
    assert notes[0].text == TEXT


def test_a_folder_gives_its_text_files_in_order(tmp_path: Path) -> None:
    (tmp_path / "ward").mkdir()
    for name in ("b.txt", "a.TXT", "ward/a.txt", ".hidden.txt", "picture.png"):
        write(tmp_path / name, TEXT)
    notes, errors = read(tmp_path)
    assert not errors
    assert [n.note_id for n in notes] == ["a", "b", "ward/a"]


@pytest.mark.parametrize("suffix", ["jsonl", "ndjson", "csv", "tsv", "parquet"])
def test_every_table_gives_the_same_notes(tmp_path: Path, suffix: str) -> None:
    row = {
        "note_id": "n1",
        "text": TEXT + ' "quoted", tab\tand more',
        "note_type": "progress",
        "language": "es",
        "patient_id": "p",
        "encounter_id": "e",
        "setting": "inpatient",
        "service_date": "2026-10-01",
        "left_aside": "x",
    }
    path = tmp_path / f"notes.{suffix}"
    write_table(path, [row])
    notes, errors = read(path)
    assert not errors
    assert notes == [
        Note("n1", row["text"], "progress", "es", "p", "e", Setting.INPATIENT, date(2026, 10, 1))
    ]


def write_table(path: Path, rows: list[dict[str, str]]) -> None:
    import csv

    if path.suffix == ".parquet":
        parquet.write_table(pyarrow.Table.from_pylist(rows), path)
    elif path.suffix in (".jsonl", ".ndjson"):
        write(path, lines(*rows))
    else:
        with path.open("w", newline="", encoding="utf-8-sig") as stream:
            delimiter = "\t" if path.suffix == ".tsv" else ","
            writer = csv.DictWriter(stream, rows[0], delimiter=delimiter)
            writer.writeheader()
            writer.writerows(rows)


def test_typed_dates_and_whole_number_ids_are_read_from_parquet(tmp_path: Path) -> None:
    table = {"note_id": [7], "text": [TEXT], "service_date": [date(2026, 4, 1)]}
    parquet.write_table(pyarrow.table(table), tmp_path / "n.parquet")
    notes, _ = read(tmp_path / "n.parquet")
    assert (notes[0].note_id, notes[0].service_date) == ("7", date(2026, 4, 1))


def test_defaults_hold_for_notes_that_do_not_say_it(tmp_path: Path) -> None:
    rows = [{"note_id": "a", "text": TEXT, "setting": None}]
    rows.append({"note_id": "b", "text": TEXT, "setting": "Emergency", "language": "en"})
    path = write(tmp_path / "n.jsonl", lines(*rows))
    notes, _ = read(path, language="es", setting=Setting.INPATIENT, service_date=date(2025, 1, 1))
    assert [(n.language, n.setting) for n in notes] == [
        ("es", Setting.INPATIENT),
        ("en", Setting.EMERGENCY),
    ]
    assert {n.service_date for n in notes} == {date(2025, 1, 1)}


def stdin(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    buffer = io.BufferedReader(io.BytesIO(data))  # type: ignore[arg-type]
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(buffer))


def test_standard_input_is_a_text_or_json_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    stdin(monkeypatch, TEXT.encode())
    assert read("-")[0] == [Note("stdin", TEXT)]
    stdin(monkeypatch, lines({"note_id": "a", "text": TEXT}).encode())
    assert read("-")[0] == [Note("a", TEXT)]


def bad_row(**fields: object) -> dict[str, object]:
    return {"note_id": "bad", "text": TEXT} | fields


@pytest.mark.parametrize(
    ("row", "wanted"),
    [
        (bad_row(text=""), "note 'bad': the text is empty"),
        (bad_row(text=" \n\t"), "note 'bad': the text is empty"),
        (bad_row(text=None), "note 'bad': the text is missing"),
        (bad_row(text=3), "note 'bad': the text is a number"),
        (bad_row(text="x" * 1_000_000), f"1,000,000 characters. Allowed: {MAX_CHARACTERS:,}"),
        (bad_row(text=CANARY + "\0"), "a NUL stands at character 17"),
        (bad_row(text=CANARY + "\ud800"), "a lone surrogate (U+D800) stands at character 17"),
        (bad_row(patient_id=CANARY + "\udc00"), "a lone surrogate (U+DC00)"),
        (bad_row(patient_id=[CANARY]), "patient_id is of type list"),
        (bad_row(language="fr"), "Unknown language 'fr'. Known: en, es"),
        (bad_row(language=CANARY), "Unknown language (of 17 characters, not shown)"),
        (bad_row(setting="hospice"), "Unknown setting 'hospice'. Known: inpatient, outpatient"),
        (bad_row(setting=TEXT), "Unknown setting (of"),
        (bad_row(service_date="2026-13-01"), "'2026-13-01' is not a date. Allowed: year-month"),
        (bad_row(service_date=TEXT), "not shown) is not a date"),
        (bad_row(note_id=""), "the note_id is empty or no string"),
        (bad_row(note_id=None), "the note_id is empty or no string"),
        (bad_row(note_id=1.5), "the note_id is empty or no string"),
        (bad_row(note_id=TEXT), "Are note_id and text exchanged?"),
        (bad_row(note_id="good"), "note 'good': a second note of this id"),
        ({"id": "bad", "text": TEXT}, "no column 'note_id' (found: id, text)"),
        ({"note_id": "bad"}, "no column 'text' (found: note_id)"),
        ({CANARY + " has asthma": 1}, "that do not look like names"),
        ([TEXT], "JSON, but no object"),
    ],
)
def test_a_bad_row_is_named_and_the_others_are_done(
    tmp_path: Path, row: object, wanted: str
) -> None:
    good = {"note_id": "good", "text": TEXT}
    path = write(tmp_path / "n.jsonl", lines(good, row, good | {"note_id": "last"}))
    notes, errors = read(path)
    assert [n.note_id for n in notes] == ["good", "last"]
    assert len(errors) == 1
    assert errors[0].startswith(f"{path} line 2: ")
    assert wanted in errors[0]


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        (b'{"note_id": "x", "text": "Zebulon', "no JSON (Invalid control character at, column 34)"),
        (b"\xe9Zebulon", "byte 0xE9 at byte offset 39 is not UTF-8"),
        (b"[" * 100_000, "JSON"),
    ],
)
def test_a_line_that_is_no_json_is_named(tmp_path: Path, line: bytes, wanted: str) -> None:
    good = lines({"note_id": "a", "text": "Has asthma"}).encode()
    assert len(good) == 39
    path = write(tmp_path / "n.jsonl", good + line + b"\n" + good.replace(b'"a"', b'"b"'))
    notes, errors = read(path)
    assert [n.note_id for n in notes] == ["a", "b"]
    assert errors[0].startswith(f"{path} line 2: ")
    assert wanted in errors[0]


@pytest.mark.parametrize("suffix", ["txt", "jsonl", "csv"])
@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "utf-16-be"])
def test_another_unicode_encoding_is_named(tmp_path: Path, suffix: str, encoding: str) -> None:
    mark = b"\xfe\xff" if encoding == "utf-16-be" else b""
    path = write(tmp_path / f"n.{suffix}", mark + TEXT.encode(encoding))
    notes, errors = read(path)
    assert not notes
    name = encoding.upper().removesuffix("-BE")
    assert f"the encoding is {name} (byte-order mark at byte offset 0)" in errors[0]


def test_utf_16_without_its_mark_is_refused(tmp_path: Path) -> None:
    _, errors = read(write(tmp_path / "n.txt", "No fever".encode("utf-16-le")))
    assert "a NUL stands at character 1" in errors[0]


def test_latin_1_is_refused_with_the_byte(tmp_path: Path) -> None:
    _, errors = read(write(tmp_path / "n.txt", "Zebulon, na\u00efve".encode("latin-1")))
    assert "byte 0xEF at byte offset 11 is not UTF-8" in errors[0]
    assert "WINDOWS-1252" in errors[0]


def test_latin_1_in_a_csv_row_is_named_and_the_others_are_done(tmp_path: Path) -> None:
    data = b'note_id,text\na,"Zebulon\nna\xefve"\nb,Has asthma\n'
    notes, errors = read(write(tmp_path / "n.csv", data))
    assert [n.note_id for n in notes] == ["b"]
    assert f"line 2: byte 0xEF at byte offset {data.index(0xEF)}" in errors[0]


@pytest.mark.parametrize(
    ("magic", "name"),
    [(b"%PDF-1.7", "a PDF"), (b"PK\x03\x04", "a ZIP archive"), (b"\x1f\x8b\x08", "a gzip")],
)
def test_other_formats_are_named(tmp_path: Path, magic: bytes, name: str) -> None:
    _, errors = read(write(tmp_path / "n.txt", magic + b" Zebulon"))
    assert f"this is {name}" in errors[0]


def test_a_text_of_many_megabytes_is_not_read_whole(tmp_path: Path) -> None:
    _, errors = read(write(tmp_path / "n.txt", b"Zebulon " * 500_000))
    assert f"more than {4 * MAX_CHARACTERS + 4:,} bytes of text" in errors[0]


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        ("id,body", "no column 'note_id' or 'text' (found: id, body)"),
        ("", "(found: none)"),
        (f"1,{CANARY} has asthma", "found 2 that do not look like names: is the header line"),
    ],
)
def test_a_missing_column_names_those_found(tmp_path: Path, header: str, wanted: str) -> None:
    _, errors = read(write(tmp_path / "n.csv", f"{header}\n1,{CANARY} is well\n"))
    assert wanted in errors[0]
    assert len(errors) == 1


def test_a_missing_parquet_column_names_those_found(tmp_path: Path) -> None:
    parquet.write_table(pyarrow.table({"id": ["a"], "body": [TEXT]}), tmp_path / "n.parquet")
    _, errors = read(tmp_path / "n.parquet")
    assert "(found: id, body)" in errors[0]


def test_a_csv_row_with_a_loose_quote_or_cell_is_named(tmp_path: Path) -> None:
    data = 'note_id,text\na,"Zebulon" is\nb,one,two\nc,Has asthma\n'
    notes, errors = read(write(tmp_path / "n.csv", data))
    assert [n.note_id for n in notes] == ["c"]
    assert "line 2: no CSV" in errors[0]
    assert "line 3: the row has 3 cells and the header 2" in errors[1]


def test_an_unclosed_quote_does_not_swallow_rows_in_silence(tmp_path: Path) -> None:
    notes, errors = read(write(tmp_path / "n.csv", 'note_id,text\na,"Zebulon\nb,Has asthma\n'))
    assert not notes
    assert "line 2: no CSV (unexpected end of data)" in errors[0]


def test_a_damaged_parquet_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "n.parquet"
    parquet.write_table(pyarrow.table({"note_id": ["a"], "text": [TEXT]}), path)
    write(path, path.read_bytes()[:-20])
    _, errors = read(path)
    assert f"{path}: no whole Parquet file" in errors[0]
    _, errors = read(write(path, "note_id,text"))
    assert f"{path}: no whole Parquet file" in errors[0]


def test_what_is_not_there_is_named_and_the_rest_done(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "other").mkdir()
    write(tmp_path / "other" / "scan.pdf", "x")
    inputs = ("gone.txt", tmp_path / "empty", tmp_path / "other", write(tmp_path / "a.txt", TEXT))
    notes, errors = read(*inputs)
    assert [n.note_id for n in notes] == ["a"]
    assert errors[0].startswith("gone.txt: no such file or folder")
    assert "the folder holds no .txt file (it is empty)" in errors[1]
    assert "the folder holds no .txt file (1 files: .pdf)" in errors[2]


def test_a_note_given_in_place_of_a_name_is_not_repeated() -> None:
    for text in (TEXT, f"{CANARY} has had asthma since childhood", "Zebulon" * 100):
        _, errors = read(text)
        assert errors[0].startswith(f"an input of {len(text)} characters that looks like text")


def test_json_in_one_piece_is_refused_with_the_mend(tmp_path: Path) -> None:
    _, errors = read(write(tmp_path / "n.json", "[]"))
    assert "one object a line" in errors[0]


def test_notes_are_counted_where_that_is_cheap(tmp_path: Path) -> None:
    row = {"note_id": "a", "text": TEXT}
    write(tmp_path / "n.jsonl", lines(row, row) + "\n")
    parquet.write_table(pyarrow.Table.from_pylist([row] * 3), tmp_path / "n.parquet")
    write(tmp_path / "n.txt", TEXT)
    write(tmp_path / "n.csv", "note_id,text\n")
    path = str(tmp_path)
    assert count_notes([f"{path}/n.jsonl", f"{path}/n.parquet", f"{path}/n.txt", path]) == 7
    assert count_notes([f"{path}/n.csv"]) is None
    assert count_notes(["-"]) is None
    assert count_notes(["gone.parquet"]) is None
