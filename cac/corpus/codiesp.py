"""CodiEsp v4: Spanish clinical cases with codes and evidence, and their English translation.

Miranda-Escalada et al. 2020, CLEF eHealth. The evidence stands on the Spanish text; the English
is a machine translation, one sentence a line, with the codes of the document and no spans.
"""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

from cac.coding import Code, CodedNote, CodeEvidence, CodeSystem
from cac.corpus.canonical import canonical_code
from cac.corpus.files import existing, read_text, read_tsv
from cac.errors import CorpusError
from cac.note import Note, Span

DOWNLOAD = (
    "Download CodiEsp v4 (codiesp.zip, https://doi.org/10.5281/zenodo.3837305) "
    "and unpack it so that codiesp/train, dev, test and background stand in the data folder."
)
LABELLED_SPLITS = ("train", "dev")
_LETTER = re.compile(r"\w")
_TEXTS = {"es": "text_files", "en": "text_files_en"}
_SYSTEMS = {"DIAGNOSTICO": CodeSystem.ICD10CM, "PROCEDIMIENTO": CodeSystem.ICD10PCS}


def load(folder: Path, split: str, language: str) -> list[CodedNote]:
    """Return the notes of a split in order of id; only train and dev carry codes.

    ``folder`` is the data folder. Spanish notes have one `CodeEvidence` a row of the X file,
    discontinuous spans in order of the text; English notes have codes without evidence.
    """
    notes = _notes(folder / "codiesp" / split, language)
    if split not in LABELLED_SPLITS:
        return [CodedNote(note, ()) for note in notes]
    codes = _codes(folder / "codiesp" / split, split)
    evidence = _evidence(folder / "codiesp" / split, split, notes) if language == "es" else {}
    return [
        CodedNote(note, tuple(codes[note.note_id]), tuple(evidence.get(note.note_id, ())))
        for note in notes
    ]


def _notes(split_folder: Path, language: str) -> list[Note]:
    texts = existing(split_folder / _TEXTS[language], DOWNLOAD)
    return [
        Note(path.stem, read_text(path), note_type="case report", language=language)
        for path in sorted(texts.glob("*.txt"))
    ]


def _codes(split_folder: Path, split: str) -> dict[str, list[Code]]:
    codes: dict[str, dict[Code, None]] = defaultdict(dict)
    for letter, system in (("D", CodeSystem.ICD10CM), ("P", CodeSystem.ICD10PCS)):
        path = existing(split_folder / f"{split}{letter}.tsv", DOWNLOAD)
        for note_id, value in read_tsv(path, 2):
            codes[note_id][canonical_code(system, value)] = None
    return defaultdict(list, {note_id: list(found) for note_id, found in codes.items()})


def _evidence(split_folder: Path, split: str, notes: list[Note]) -> dict[str, list[CodeEvidence]]:
    texts = {note.note_id: note.text for note in notes}
    evidence: dict[str, list[CodeEvidence]] = defaultdict(list)
    path = existing(split_folder / f"{split}X.tsv", DOWNLOAD)
    for note_id, label, value, words, positions in read_tsv(path, 5):
        spans = parse_positions(positions)
        if not _holds(texts.get(note_id, ""), spans, words):
            raise CorpusError(
                f"{path}: the words of {value} do not stand at {positions!r} of note {note_id}. "
                f"{DOWNLOAD}"
            )
        code = canonical_code(_SYSTEMS[label], value)
        evidence[note_id].append(CodeEvidence(code, spans))
    return evidence


def _holds(text: str, spans: tuple[Span, ...], words: str) -> bool:
    """Tell whether the spans hold the row's words, in any order of pieces, punctuation aside."""
    found = sorted("".join(_LETTER.findall(text[s.start : s.end])) for s in spans)
    wanted = "".join(_LETTER.findall(words))
    return bool(spans) and all(f in wanted for f in found) and sum(map(len, found)) == len(wanted)


def parse_positions(positions: str) -> tuple[Span, ...]:
    """Read ``"307 316;348 361"`` as spans in order of the text; empty pieces are dropped.

    A few rows of the corpus hold a piece such as ``341 341``, and some name the later piece first.
    """
    pieces = (piece.split() for piece in positions.split(";"))
    spans = {Span(int(start), int(end)) for start, end in pieces}
    return tuple(sorted(span for span in spans if span.end > span.start))
