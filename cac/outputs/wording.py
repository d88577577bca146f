"""Words that the table and the page share."""

from __future__ import annotations

from cac.coding import CodingResult
from cac.note import Note


def versions_line(note: Note, result: CodingResult) -> str:
    """Say on what an answer rests: setting, convention, calibration, model, code sets."""
    code_sets = ", ".join(f"{k} {v}" for k, v in sorted(result.code_set_versions.items()))
    setting = f"{note.setting.value}; " if note.setting else ""
    kind = "calibrated" if result.calibrated else "uncalibrated"
    return (
        f"{setting}convention {result.convention}; probabilities {kind}; "
        f"{code_sets or 'no code set'}; model {result.model_version}"
    )


def readable(name: str) -> str:
    """Return the name of a section or of an assertion as words."""
    return name.replace("_", " ")
