"""Invented notes that ship with the package: to show what it does, and to test it.

Nobody in them ever lived. Beside each note stands what a coder would assign, what is also
right, and what must not be suggested.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

from cac.note import Note, Setting

DEMO_NAMES = ("outpatient", "emergency", "discharge_summary")
DEMO_NAMES_BY_LANGUAGE = {"en": DEMO_NAMES, "es": ("alta_es",)}

_NOTES = files(__name__) / "notes"


@dataclass(frozen=True, slots=True)
class Expected:
    """What a coder makes of a demo note.

    ``wanted`` is in sequence, the first-listed code first; ``allowed`` is right but optional;
    ``unwanted`` maps a code or its beginning to the reason.
    """

    wanted: tuple[str, ...]
    allowed: tuple[str, ...]
    unwanted: Mapping[str, str]


def load_demo_notes(language: str = "en") -> tuple[Note, ...]:
    """Return the demo notes of a language, none where there is none."""
    return tuple(load_demo_note(name) for name in DEMO_NAMES_BY_LANGUAGE.get(language, ()))


def load_demo_note(name: str) -> Note:
    """Return the demo note ``name`` with its setting and language."""
    card = json.loads((_NOTES / f"{name}.expected.json").read_text("utf-8"))
    return Note(
        note_id=name,
        text=(_NOTES / card["note"]).read_text("utf-8"),
        note_type=card["note_type"],
        language=card["language"],
        setting=Setting(card["setting"]),
    )


def load_expected(name: str) -> Expected:
    """Return what a coder makes of the demo note ``name``."""
    card = json.loads((_NOTES / f"{name}.expected.json").read_text("utf-8"))
    return Expected(tuple(card["wanted"]), tuple(card["allowed"]), card["unwanted"])
