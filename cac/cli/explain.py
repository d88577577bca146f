"""``cac explain``: why, or why not, a note got a code."""

from __future__ import annotations

import argparse
import sys

from cac.cli.loading import load_suggester
from cac.cli.options import add_note_options, note_defaults
from cac.codes import normalise
from cac.coding import Code, CodeSystem
from cac.errors import InputError
from cac.explanation import Explanation, Reason
from cac.inputs import NoteDefaults, read_notes
from cac.note import Note, Span
from cac.outputs.marking import printable

_MAX_QUOTE = 200


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of this command."""
    parser.add_argument("note", metavar="NOTE", help="a text file, a file of notes, or -")
    parser.add_argument("code", metavar="CODE", help="such as E11.9")
    parser.add_argument("--note-id", metavar="ID", help="which note of a file of notes")
    parser.add_argument("--system", default="icd10cm", help="the system of CODE (icd10cm)")
    add_note_options(parser)


def run(args: argparse.Namespace) -> int:
    """Print the reasons, each with the words of the note that it speaks of."""
    code = _code(args.system, args.code)
    note = _only_note(args.note, args.note_id, note_defaults(args))
    suggester = load_suggester(args.bundle, systems=(code.system,), convention=args.convention)
    sys.stdout.write(_described(note, suggester.explain(note, code)))
    return 0


def _code(system_name: str, value: str) -> Code:
    system = CodeSystem.parse(system_name)
    return Code(system, normalise(value) if system is CodeSystem.ICD10CM else value.upper())


def _only_note(source: str, note_id: str | None, defaults: NoteDefaults) -> Note:
    """Return the one note asked for; raise InputError where there is none, or more than one."""
    found = read_notes([source], defaults)
    if note_id is not None:
        found = (n for n in found if isinstance(n, InputError) or n.note_id == note_id)
    faults = []
    notes = []
    for item in found:
        if isinstance(item, InputError):
            faults.append(item)
        else:
            notes.append(item)
        if len(notes) == 2 or (note_id is not None and notes):
            break
    if len(notes) == 1:
        return notes[0]
    if notes:
        raise InputError(f"{source} holds several notes. Choose one with --note-id.")
    if faults:
        raise faults[0]
    asked = f" {note_id!r}" if note_id else ""
    raise InputError(f"{source} holds no note{asked}. `--note-id` must be an id in it.")


def _described(note: Note, explanation: Explanation) -> str:
    code = f"{explanation.code.system.value} {explanation.code.value}"
    if explanation.suggested:
        head = f"{code} is suggested: rank {explanation.rank}"
        if explanation.probability is not None:
            head += f", probability {explanation.probability:.2f}"
    else:
        head = f"{code} is not suggested"
    return "\n".join([head, *(_reason(note, r) for r in explanation.reasons)]) + "\n"


def _reason(note: Note, reason: Reason) -> str:
    lines = [f"  {reason.kind}: {reason.message}"]
    lines += [f"    {span.start}-{span.end}: {_quote(note, span)}" for span in reason.spans]
    return "\n".join(lines)


def _quote(note: Note, span: Span) -> str:
    words = printable(note.text[span.start : span.end])
    cut = "…" if len(words) > _MAX_QUOTE else ""
    return " ".join(words[:_MAX_QUOTE].split()) + cut
