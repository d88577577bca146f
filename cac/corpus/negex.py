"""NegEx/ConText sentences: one concept a sentence, with negation, temporality and experiencer.

Chapman et al. 2001, Harkema et al. 2009: de-identified reports of the University of Pittsburgh.
"""

from __future__ import annotations

import re
from pathlib import Path

from cac.coding import CodedNote
from cac.corpus.asserted import AssertedConcept
from cac.corpus.files import existing, read_tsv
from cac.errors import CorpusError
from cac.note import Assertion, Note, Span

DOWNLOAD = (
    "Download rsAnnotations-1-120-random.txt of https://github.com/chapmanbe/negex and write its "
    "rows as negex/dev.tsv: concept, sentence, negation, temporality, experiencer, with a header."
)
# "Not particular" marks what has not happened: "return if she experiences chest pain".
_ASSERTIONS: dict[str, Assertion | None] = {
    "Affirmed": None,
    "Negated": Assertion.NEGATED,
    "Possible": Assertion.POSSIBLE,
    "Recent": None,
    "Historical": Assertion.HISTORICAL,
    "Not particular": Assertion.HYPOTHETICAL,
    "Patient": None,
    "Family member": Assertion.OTHER_SUBJECT,
    "Other": Assertion.OTHER_SUBJECT,
}


def load_concepts(folder: Path) -> list[AssertedConcept]:
    """Return the sentences of ``negex/dev.tsv`` in order, each with its concept.

    Raises:
        CorpusError: the file is missing, or holds a label that is not known.
    """
    path = existing(folder / "negex" / "dev.tsv", DOWNLOAD)
    rows = list(read_tsv(path, 5))[1:]
    return [_concept(path, number, row) for number, row in enumerate(rows, start=1)]


def load(folder: Path, split: str, language: str) -> list[CodedNote]:
    """Return the sentences as notes without codes (``split`` is ``dev``)."""
    del split, language
    return [CodedNote(found.sentence, ()) for found in load_concepts(folder)]


def _concept(path: Path, number: int, row: tuple[str, ...]) -> AssertedConcept:
    concept, sentence, *labels = row
    unknown = [label for label in labels if label not in _ASSERTIONS]
    if unknown:
        raise CorpusError(
            f"{path}, row {number}: unknown label {unknown[0]!r}. Known: {', '.join(_ASSERTIONS)}."
        )
    found = {assertion for label in labels if (assertion := _ASSERTIONS[label])}
    return AssertedConcept(
        Note(f"negex-{number}", sentence, note_type="sentence"),
        _find(concept, sentence),
        tuple(a for a in Assertion if a in found) or (Assertion.PRESENT,),
    )


def _find(concept: str, sentence: str) -> Span:
    """Find the concept, upper-cased in the sentence or else as written, whatever its spaces."""
    pattern = r"\W*".join(map(re.escape, re.findall(r"\w+", concept)))
    match = re.search(re.escape(concept.upper()), sentence)
    match = match or re.search(pattern, sentence, re.IGNORECASE)
    return Span(*match.span()) if match else Span(0, 0)
