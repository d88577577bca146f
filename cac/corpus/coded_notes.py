"""Coded notes on disk: JSON lines, one note a line, the form that every command reads and writes.

A line holds ``note_id``, ``text``, the other fields of `Note` where they are set, ``codes`` as
``{"system", "code"}`` in order of sequence, and ``evidence`` as ``{"system", "code", "spans":
[[start, end], ...]}`` with half-open Python characters; ``schema`` (`SCHEMA`) is written, and may
be left out; ``split`` is read by `read_divided_notes`. Codes may be written without their dot.
Files ending in ``.gz`` are compressed. Reading streams; writing is atomic: the file appears whole
or not at all.
"""

from __future__ import annotations

import gzip
import json
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext, suppress
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO

from cac.coding import Code, CodedNote, CodeEvidence, CodeSystem
from cac.corpus.canonical import canonical_code
from cac.errors import CacError, InputError
from cac.note import Note, Setting, Span

SCHEMA = "cac.coded-note/1"
_OPTIONAL = ("note_type", "language", "patient_id", "encounter_id")


def read_coded_notes(path: str | Path) -> Iterator[CodedNote]:
    """Yield the notes of a JSON-lines file.

    Raises:
        InputError: the file cannot be read, a line is damaged or of another schema, a note id
            stands twice, or a span lies outside its text; the message names file and line.
    """
    return (coded for _, _, coded in read_divided_notes(path))


def read_divided_notes(path: str | Path) -> Iterator[tuple[str, str, CodedNote]]:
    """Yield each note's place, its split (empty where the line names none), and the note.

    Raises:
        InputError: as `read_coded_notes`.
    """
    seen: set[str] = set()
    for where, record in read_json_lines(path):
        try:
            coded, split = _from_record(record), _text(record.get("split", ""))
        except (KeyError, TypeError, ValueError, AttributeError, CacError) as error:
            raise InputError(f"{where}: not a coded note of {SCHEMA}: {reason(error)}.") from error
        if coded.note.note_id in seen:
            raise InputError(f"{where}: note id {coded.note.note_id!r} stands twice. Keep one.")
        seen.add(coded.note.note_id)
        yield where, split, coded


def write_coded_notes(path: str | Path, notes: Iterable[CodedNote]) -> int:
    """Write the notes as JSON lines and return how many there were.

    Raises:
        InputError: the folder or the disk does not take the file; an older file is left as it was.
    """
    return write_json_lines(path, (coded_note_record(coded) for coded in notes))


def read_json_lines(path: str | Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each line's place (``file, line n``) and its JSON object; blank lines are skipped.

    Raises:
        InputError: the file cannot be read, or a line is no JSON object in UTF-8.
    """
    file = Path(path)
    opened = gzip.open if file.suffix == ".gz" else open
    number = 0
    try:
        with opened(file, "rb") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    yield f"{file}, line {number}", _object(line)
    except (EOFError, OSError) as error:
        why = getattr(error, "strerror", None) or "damaged compressed data"
        raise InputError(f"{file} cannot be read: {why}.") from error
    except ValueError as error:
        raise InputError(f"{file}, line {number}: {reason(error)}. Mend that line.") from error


def write_json_lines(path: str | Path, records: Iterable[Mapping[str, Any]]) -> int:
    """Write the records through a temporary file of the same folder, then rename it.

    Raises:
        InputError: the folder or the disk does not take the file.
    """
    file = Path(path)
    try:
        return _write_and_rename(file, records)
    except OSError as error:
        raise InputError(
            f"{file} cannot be written: {error.strerror}. Name a folder that can be written to, "
            "with room on its disk."
        ) from error


def _write_and_rename(file: Path, records: Iterable[Mapping[str, Any]]) -> int:
    handle, temporary = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.", suffix=".tmp")
    n_records = 0
    try:
        with os.fdopen(handle, "wb") as raw:
            with _packed(raw, file) as out:
                for record in records:
                    out.write(_line(record))
                    n_records += 1
            raw.flush()
            os.fsync(raw.fileno())
        os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, file)
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(temporary)
        raise
    return n_records


def _packed(raw: BinaryIO, file: Path) -> AbstractContextManager[BinaryIO | gzip.GzipFile]:
    if file.suffix == ".gz":
        return gzip.GzipFile(fileobj=raw, mode="wb", mtime=0, filename="")
    return nullcontext(raw)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _line(record: Mapping[str, Any]) -> bytes:
    try:
        return json.dumps(record, ensure_ascii=False).encode("utf-8") + b"\n"
    except UnicodeEncodeError:
        # A lone surrogate has no UTF-8 form; its JSON escape keeps it.
        return json.dumps(record).encode("ascii") + b"\n"


def _object(line: bytes) -> dict[str, Any]:
    record = json.loads(line.decode("utf-8-sig"))
    if not isinstance(record, dict):
        raise ValueError("no JSON object")
    return record


def reason(error: Exception) -> str:
    """Tell what is wrong without the line's text, which may be a note's."""
    if isinstance(error, json.JSONDecodeError):
        return f"no JSON at column {error.colno}"
    if isinstance(error, UnicodeDecodeError):
        return f"not UTF-8 at byte {error.start}"
    if isinstance(error, KeyError):
        return f"the field {error.args[0]!r} is missing"
    if isinstance(error, (TypeError, AttributeError)):
        return "a field has the wrong type"
    return str(error).rstrip(".")


def coded_note_record(coded: CodedNote) -> dict[str, Any]:
    """Return the object of a note's line."""
    note = coded.note
    record: dict[str, Any] = {"schema": SCHEMA, "note_id": note.note_id, "text": note.text}
    record |= {name: getattr(note, name) for name in _OPTIONAL if getattr(note, name)}
    if note.setting:
        record["setting"] = note.setting.value
    if note.service_date:
        record["service_date"] = note.service_date.isoformat()
    record["codes"] = [_code_record(code) for code in coded.codes]
    record["evidence"] = [
        _code_record(e.code) | {"spans": [[s.start, s.end] for s in e.spans]}
        for e in coded.evidence
    ]
    return record


def _code_record(code: Code) -> dict[str, Any]:
    return {"system": code.system.value, "code": code.value}


def _from_record(record: Mapping[str, Any]) -> CodedNote:
    schema = record.get("schema", SCHEMA)
    if schema != SCHEMA:
        raise ValueError(f"schema {schema!r} found; write it again with this version")
    note = _note(record)
    codes = tuple(code_from_record(r) for r in record.get("codes", ()))
    evidence = tuple(
        CodeEvidence(code_from_record(r), spans_from_record(r["spans"], len(note.text)))
        for r in record.get("evidence", ())
    )
    strangers = sorted({str(e.code) for e in evidence} - {str(code) for code in codes})
    if strangers:
        raise ValueError(f"evidence for codes that the note has not: {', '.join(strangers)}")
    return CodedNote(note, codes, evidence)


def _note(record: Mapping[str, Any]) -> Note:
    day = record.get("service_date")
    setting = record.get("setting")
    return Note(
        _text(record["note_id"]),
        _text(record["text"]),
        note_type=_text(record.get("note_type", "")),
        language=_text(record.get("language", "en")),
        patient_id=_text(record.get("patient_id", "")),
        encounter_id=_text(record.get("encounter_id", "")),
        setting=Setting(setting) if setting else None,
        service_date=date.fromisoformat(day) if day else None,
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def code_from_record(record: Mapping[str, Any]) -> Code:
    """Read ``{"system", "code"}``; the dot may be left out.

    Raises:
        CorpusError: the value has not the shape of its system.
    """
    return canonical_code(CodeSystem.parse(record["system"]), record["code"])


def spans_from_record(pairs: Iterable[Iterable[int]], n_characters: int) -> tuple[Span, ...]:
    """Read ``[[start, end], ...]``; raise ValueError where one lies outside the text."""
    spans = tuple(Span(start, end) for start, end in pairs)
    for span in spans:
        if not 0 <= span.start < span.end <= n_characters:
            raise ValueError(f"span {span.start} to {span.end} lies outside the text")
    return spans
