"""The setting of an encounter, guessed from the sections of its note where none is given."""

from __future__ import annotations

from cac.note import AnnotatedNote, Setting
from cac.rank.rule_data import load_rules

_ORDER = (Setting.INPATIENT, Setting.EMERGENCY, Setting.PROFESSIONAL)


def guess_setting(annotated: AnnotatedNote) -> Setting:
    """Return the note's own setting, else the one whose sections or note type it has."""
    if annotated.note.setting is not None:
        return annotated.note.setting
    rules = load_rules("settings")
    categories = {section.category for section in annotated.sections}
    note_type = annotated.note.note_type.lower()
    for setting in _ORDER:
        rule = rules[setting.value]
        if categories & set(rule["sections"]) or any(w in note_type for w in rule["note_types"]):
            return setting
    return Setting.OUTPATIENT
