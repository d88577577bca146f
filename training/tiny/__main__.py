"""Write ``training/tiny/notes.jsonl``; the same seed gives the same file.

Each note says two to four findings, each coded where it stands; so little is learnt by a random
encoder in seconds. ``python -m training.tiny``
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

from cac.coding import Code, CodedNote, CodeEvidence, CodeSystem
from cac.corpus import write_coded_notes
from cac.note import Note, Setting, Span

NOTES = Path(__file__).parent / "notes.jsonl"
N_PATIENTS, N_VISITS, SEED = 90, 2, 11
WORDS: dict[str, tuple[str, ...]] = {
    "J18.9": ("pneumonia", "lobar consolidation with fever"),
    "E11.9": ("type 2 diabetes", "T2DM"),
    "I10": ("hypertension", "high blood pressure"),
    "J45.909": ("asthma", "asthmatic wheeze"),
    "J44.1": ("COPD exacerbation", "exacerbation of COPD"),
    "I48.91": ("atrial fibrillation", "AF"),
    "N39.0": ("urinary tract infection", "UTI"),
    "G43.909": ("migraine", "migrainous headache"),
    "E03.9": ("hypothyroidism", "underactive thyroid"),
    "D50.9": ("iron deficiency anemia", "low ferritin anemia"),
    "K21.9": ("acid reflux", "GERD"),
    "M10.9": ("gout", "gouty toe"),
}
_OPENINGS = ("Seen in clinic today.", "Comes for a follow-up visit.", "Walks in without a plan.")
_SAID = ("Known {}.", "{} is treated.", "Doing well on therapy for {}.", "Today with {}.")
_TYPES = ("office visit", "emergency note")


def tiny_notes() -> list[CodedNote]:
    """Return the notes, two visits a patient."""
    chance = random.Random(SEED)
    return [
        _note(chance, f"patient-{patient}", f"visit-{patient}-{visit}", visit)
        for patient in range(N_PATIENTS)
        for visit in range(N_VISITS)
    ]


def _note(chance: random.Random, patient_id: str, note_id: str, visit: int) -> CodedNote:
    text = f"HPI: {chance.choice(_OPENINGS)}\n\nAssessment:\n"
    evidence = []
    for value in chance.sample(sorted(WORDS), k=chance.randint(2, 4)):
        words, line = chance.choice(WORDS[value]), chance.choice(_SAID)
        start = len(text) + line.index("{}")
        text += line.format(words) + "\n"
        evidence.append(
            CodeEvidence(Code(CodeSystem.ICD10CM, value), (Span(start, start + len(words)),))
        )
    text += "\nFamily history: Not known.\n"
    setting = Setting.OUTPATIENT if visit == 0 else Setting.EMERGENCY
    note = Note(note_id, text, _TYPES[visit], "en", patient_id, note_id, setting)
    return CodedNote(note, tuple(e.code for e in evidence), tuple(evidence))


if __name__ == "__main__":
    n_notes = write_coded_notes(NOTES, tiny_notes())
    sys.stderr.write(f"{n_notes} notes written to {NOTES.name}\n")
