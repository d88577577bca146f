"""NUBes and IULA+: Spanish notes with negation and uncertainty cues and their scopes.

Lima et al. 2020. BRAT standoff; the texts have CRLF line ends, which the offsets count.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from cac.coding import CodedNote
from cac.corpus.asserted import AssertedNote
from cac.corpus.files import existing, read_text
from cac.errors import CorpusError
from cac.note import Assertion, Modifier, Note, Span

DOWNLOAD = (
    "Download https://github.com/Vicomtech/NUBes-negation-uncertainty-biomedical-corpus "
    "and put its folders NUBes/ and IULA+/ into nubes_es/ of the data folder."
)
# The publisher names ten samples and no splits; sentences of one sample stay together.
_SAMPLES = {
    "train": tuple(f"NUBes/SAMPLE-{n:03}" for n in range(1, 8)),
    "dev": tuple(f"NUBes/SAMPLE-{n:03}" for n in range(8, 11)),
    "iula": ("IULA+",),
}
_CUES = {
    "NegSynMarker": Assertion.NEGATED,
    "NegLexMarker": Assertion.NEGATED,
    "NegMorMarker": Assertion.NEGATED,
    "UncertSynMarker": Assertion.POSSIBLE,
    "UncertLexMarker": Assertion.POSSIBLE,
}
_SCOPES = ("Scope", "DiscScope")


def load_modifiers(folder: Path, split: str) -> Iterator[AssertedNote]:
    """Yield the notes of ``train``, ``dev`` or ``iula`` with their cues and scopes.

    Raises:
        CorpusError: a folder is missing, or an offset does not hold its annotated words.
    """
    for sample in _SAMPLES[split]:
        for path in sorted(existing(folder / "nubes_es" / sample, DOWNLOAD).glob("*.txt")):
            yield _asserted(path)


def load(folder: Path, split: str, language: str) -> list[CodedNote]:
    """Return the texts as notes without codes."""
    del language
    return [CodedNote(found.note, ()) for found in load_modifiers(folder, split)]


def _asserted(path: Path) -> AssertedNote:
    text = read_text(path)
    section = path.name.split(".")[2] if path.name.count(".") > 2 else ""
    note = Note(path.name.removesuffix(".txt"), text, note_type=section, language="es")
    spans, relations = _read_standoff(path.with_suffix(".ann"), text)
    cues = {key: _CUES[kind] for key, (kind, _) in spans.items() if kind in _CUES}
    scoped = [(cue, scope) for cue, scope in relations if cue in cues]
    alone = [(cue, cue) for cue in cues.keys() - {cue for cue, _ in scoped}]
    modifiers = sorted(
        (
            Modifier(cues[cue], spans[cue][1], spans[scope][1], spans[cue][0])
            for cue, scope in scoped + alone
        ),
        key=lambda m: (m.cue, m.scope),
    )
    entities = sorted((value for key, value in spans.items() if key not in cues), key=_position)
    return AssertedNote(note, tuple(modifiers), tuple(entities))


def _position(entity: tuple[str, Span]) -> tuple[Span, str]:
    return entity[1], entity[0]


def _read_standoff(
    path: Path, text: str
) -> tuple[dict[str, tuple[str, Span]], list[tuple[str, str]]]:
    """Read ``T1<tab>DISO 564 576<tab>words`` and ``R1<tab>Scope Arg1:T1 Arg2:T2``."""
    spans: dict[str, tuple[str, Span]] = {}
    relations = []
    for line in read_text(existing(path, DOWNLOAD)).splitlines():
        key, _, rest = line.partition("\t")
        if key.startswith("T"):
            place, _, words = rest.partition("\t")
            kind, start, end = place.split(" ")
            if text[int(start) : int(end)] != words:
                raise CorpusError(
                    f"{path}: {key} does not stand at {start} to {end}. "
                    "Download the texts again with their CRLF line ends."
                )
            spans[key] = kind, Span(int(start), int(end))
        elif key.startswith("R"):
            kind, cue, scope = rest.split()
            if kind in _SCOPES:
                relations.append((cue.removeprefix("Arg1:"), scope.removeprefix("Arg2:")))
    return spans, relations
