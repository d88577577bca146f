"""Notes from files, folders, tables and standard input.

What cannot be read is named by its place (file, line or row, note id) and passed over; the
other notes are still read. No message holds a word of a note.
"""

from cac.inputs.fields import (
    LANGUAGES,
    MAX_CHARACTERS,
    NoteDefaults,
    parse_date,
    parse_language,
    parse_setting,
)
from cac.inputs.sources import count_notes, read_notes

__all__ = [
    "LANGUAGES",
    "MAX_CHARACTERS",
    "NoteDefaults",
    "count_notes",
    "parse_date",
    "parse_language",
    "parse_setting",
    "read_notes",
]
