"""Coded notes on disk: what is written is read, and what is damaged is named."""

import json
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cac.coding import Code, CodedNote, CodeEvidence, CodeSystem
from cac.corpus import read_coded_notes, write_coded_notes
from cac.corpus.coded_notes import SCHEMA
from cac.errors import InputError
from cac.note import Note, Setting, Span

CODE = Code(CodeSystem.ICD10CM, "E11.9")
texts = st.text(st.characters(exclude_categories=()), min_size=1)


@st.composite
def coded_notes(draw):
    text = draw(texts)
    bounds = st.tuples(st.integers(0, len(text)), st.integers(0, len(text)))
    spans = tuple(Span(*sorted(b)) for b in draw(st.lists(bounds, max_size=3)) if b[0] != b[1])
    note = Note(
        draw(texts),
        text,
        note_type=draw(st.text(max_size=5)),
        language=draw(st.sampled_from(["en", "es"])),
        patient_id=draw(st.text(max_size=5)),
        setting=draw(st.sampled_from([None, *Setting])),
        service_date=draw(st.none() | st.dates()),
    )
    codes = tuple(draw(st.lists(st.sampled_from([CODE, Code(CodeSystem.CPT, "99213")]))))
    return CodedNote(note, codes, tuple(CodeEvidence(c, spans) for c in codes))


@given(notes=st.lists(coded_notes(), unique_by=lambda coded: coded.note.note_id))
@pytest.mark.parametrize("name", ["notes.jsonl", "notes.jsonl.gz"])
def test_round_trip(tmp_path_factory, name, notes):
    path = tmp_path_factory.mktemp("round") / name
    assert write_coded_notes(path, notes) == len(notes)
    assert list(read_coded_notes(path)) == notes


def test_a_line_is_a_note_whatever_its_text(tmp_path):
    text = "líne\u2028break\x85\r\nemoji 🙂 \ud800"
    path = tmp_path / "notes.jsonl"
    write_coded_notes(path, [CodedNote(Note("a", text), ()), CodedNote(Note("b", "ñ"), ())])
    assert path.read_bytes().count(b"\n") == 2
    assert "ñ".encode() in path.read_bytes()
    assert [c.note.text for c in read_coded_notes(path)] == [text, "ñ"]


def test_reading_streams(tmp_path):
    path = tmp_path / "notes.jsonl"
    write_coded_notes(path, [CodedNote(Note("a", "text"), ())])
    with path.open("a", encoding="utf-8") as file:
        file.write("damaged\n")
    notes = read_coded_notes(path)
    assert next(notes).note.note_id == "a"
    with pytest.raises(InputError, match="line 2: no JSON at column 1"):
        next(notes)


def test_an_interrupted_write_leaves_the_older_file(tmp_path):
    path = tmp_path / "notes.jsonl"
    write_coded_notes(path, [CodedNote(Note("old", "text"), ())])

    def interrupted():
        yield CodedNote(Note("new", "text"), ())
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_coded_notes(path, interrupted())
    assert [c.note.note_id for c in read_coded_notes(path)] == ["old"]
    assert os.listdir(tmp_path) == ["notes.jsonl"]


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(InputError, match=r"cannot be written: No such file.* Name a folder"):
        write_coded_notes(tmp_path / "none" / "notes.jsonl", [])
    with pytest.raises(InputError, match="cannot be read: No such file"):
        list(read_coded_notes(tmp_path / "none.jsonl"))


def test_damaged_compression_is_named(tmp_path):
    path = tmp_path / "notes.jsonl.gz"
    write_coded_notes(path, [CodedNote(Note(str(n), "text" * n), ()) for n in range(99)])
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(InputError, match="damaged compressed data"):
        list(read_coded_notes(path))


GOOD = {"schema": SCHEMA, "note_id": "n1", "text": "secret words", "codes": [], "evidence": []}
CODED = {"system": "ICD-10-CM", "code": "E11.9"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"schema": "cac.coded-note/9"}, "schema 'cac.coded-note/9' found"),
        ({"text": None}, "a field has the wrong type"),
        ({"text": 5}, "a field has the wrong type"),
        ({"codes": [{"system": "ICD11", "code": "1A00"}]}, "Unknown code system 'ICD11'"),
        ({"codes": [{"system": "CPT"}]}, "the field 'code' is missing"),
        ({"codes": [CODED], "evidence": [CODED | {"spans": [[3, 99]]}]}, "span 3 to 99 lies"),
        ({"codes": [CODED], "evidence": [CODED | {"spans": [[3, 3]]}]}, "span 3 to 3 lies"),
        ({"evidence": [CODED | {"spans": []}]}, "evidence for codes that the note has not: E11.9"),
        ({"setting": "ward"}, "'ward' is not a valid Setting"),
    ],
)
def test_damaged_records_are_named_without_their_text(tmp_path, change, message):
    path = tmp_path / "notes.jsonl"
    path.write_text(json.dumps(GOOD | change) + "\n", encoding="utf-8")
    with pytest.raises(InputError, match=message) as raised:
        list(read_coded_notes(path))
    assert "line 1" in str(raised.value)
    assert "secret" not in str(raised.value)


def test_an_id_that_stands_twice_is_named(tmp_path):
    path = tmp_path / "notes.jsonl"
    path.write_text((json.dumps(GOOD) + "\n") * 2, encoding="utf-8")
    with pytest.raises(InputError, match="line 2: note id 'n1' stands twice"):
        list(read_coded_notes(path))
