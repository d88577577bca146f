"""``cac read``: how notes are read: sections, sentences, and what is asserted, with its cue."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from typing import Any

from cac.cli import complain
from cac.errors import InputError
from cac.inputs import NoteDefaults, parse_language, read_notes
from cac.note import AnnotatedNote, Modifier, Note, Span
from cac.outputs.marking import printable

_MAX_QUOTE = 70


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of this command."""
    parser.add_argument(
        "inputs", nargs="+", metavar="INPUT", help="a text file, a folder, a file of notes, or -"
    )
    parser.add_argument(
        "--language", metavar="L", default="en", help="en or es, for notes that do not say it"
    )
    parser.add_argument(
        "--format", choices=("table", "jsonl"), default="table", help="table, or one note a line"
    )


def run(args: argparse.Namespace) -> int:
    """Print how each note is read; 1 where a note could not be."""
    from cac.read import read_note

    show: Callable[[AnnotatedNote], str] = _table if args.format == "table" else _json
    defaults = NoteDefaults(language=parse_language(args.language))
    n_faults = 0
    for item in read_notes(args.inputs, defaults):
        if isinstance(item, InputError):
            complain(str(item))
            n_faults += 1
        else:
            sys.stdout.write(show(read_note(item)))
    return 1 if n_faults else 0


def _table(annotated: AnnotatedNote) -> str:
    note = annotated.note
    entries = [(s.start, 1, _sentence_line(note, s)) for s in annotated.sentences]
    entries += [
        (min(s.title.start, s.body.start), 0, f"\n{s.category}  {_quote(note, s.title)}".rstrip())
        for s in annotated.sections
    ]
    entries += [(m.cue.start, 2, _modifier_line(note, m)) for m in annotated.modifiers]
    head = f"{note.note_id}: {len(note.text)} characters, reader {annotated.fingerprint[:12]}"
    return "\n".join([head, *(line for _, _, line in sorted(entries))]) + "\n"


def _sentence_line(note: Note, sentence: Span) -> str:
    return f"  {sentence.start}-{sentence.end}  {_quote(note, sentence)}"


def _modifier_line(note: Note, modifier: Modifier) -> str:
    cue, scope = _quote(note, modifier.cue), _quote(note, modifier.scope)
    return f"    {modifier.assertion}: {cue!r} over {scope!r}"


def _quote(note: Note, span: Span) -> str:
    words = " ".join(printable(note.text[span.start : span.end]).split())
    return words if len(words) <= _MAX_QUOTE else words[: _MAX_QUOTE - 1] + "…"


def _json(annotated: AnnotatedNote) -> str:
    record: dict[str, Any] = {
        "note_id": annotated.note.note_id,
        "sections": [
            {"category": s.category, "title": _pair(s.title), "body": _pair(s.body)}
            for s in annotated.sections
        ],
        "sentences": [_pair(s) for s in annotated.sentences],
        "modifiers": [
            {
                "assertion": m.assertion.value,
                "cue": _pair(m.cue),
                "scope": _pair(m.scope),
                "rule": m.rule,
            }
            for m in annotated.modifiers
        ],
        "fingerprint": annotated.fingerprint,
    }
    return json.dumps(record) + "\n"


def _pair(span: Span) -> list[int]:
    return [span.start, span.end]
