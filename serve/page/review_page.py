"""The values of the review page that do not depend on the note."""

from __future__ import annotations

from typing import Any

from cac.coding import CodeSystem

REASONS = {
    "not_supported": "Not supported by the note",
    "negated": "Negated",
    "history_only": "History only",
    "wrong_specificity": "Wrong specificity",
    "integral": "Integral to another code",
    "not_billable_here": "Not billable here",
    "duplicate": "Duplicate",
    "other": "Other (say why)",
}
"""Why a suggestion is rejected, in the field's words."""

POA = {
    "Y": "Yes: present at the time of inpatient admission",
    "N": "No: not present at the time of admission",
    "U": "Unknown: the documentation is insufficient",
    "W": "Clinically undetermined by the provider",
    "1": "Exempt from POA reporting",
}
"""Present on admission: the indicators of the ICD-10-CM guidelines, appendix I."""

MODULES = (
    "actions.js", "api.js", "card.js", "cards.js", "caret.js", "clock.js", "coded.js", "codes.js",
    "dialogs.js", "dom.js", "evidence.js", "fold.js", "help.js", "keys.js", "live.js", "marks.js",
    "note-pane.js", "offsets.js", "opening.js", "outbox.js", "outline.js", "past.js", "picker.js",
    "presence.js",
    "review-state.js", "save-state.js", "summary.js", "titles.js", "why.js",
)  # fmt: skip
"""What ``review.js`` imports: named in the page, so that the browser asks for all at once."""


def review_values(note_id: str, *, idle_minutes: float) -> dict[str, Any]:
    """Return what the template of a note's review needs beside who reads it.

    Args:
        note_id: The server's id of the note.
        idle_minutes: Of the session: the page leaves when nobody works for as long.
    """
    return {
        "note_id": note_id,
        "idle_minutes": idle_minutes,
        "reasons": list(REASONS.items()),
        "poa": list(POA.items()),
        "systems": [system.value for system in CodeSystem],
        "modules": MODULES,
    }
