"""Evidence annotated on a text, carried to its translation by aligning sentences and words.

CodiEsp marks its evidence on the Spanish; this gives the English notes spans to learn terms from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice

from cac.coding import CodedNote, CodeEvidence
from cac.corpus.projection.links import align_words
from cac.corpus.projection.spans import LinkedBead, project_spans
from cac.corpus.projection.texts import BeadWords, align_pairs, pair_of
from cac.errors import CorpusError
from cac.note import Note

__all__ = ["ProjectionStatistics", "project_evidence", "projection_statistics"]


@dataclass(frozen=True, slots=True)
class ProjectionStatistics:
    """How many annotations were carried over, and how many of those stand in one piece."""

    n_notes: int
    n_annotations: int
    n_projected: int
    n_contiguous: int


def project_evidence(
    spanish: Sequence[CodedNote],
    english: Sequence[CodedNote],
    extra_spanish: Sequence[Note] = (),
    extra_english: Sequence[Note] = (),
) -> list[CodedNote]:
    """Return the English notes with the evidence of the Spanish ones.

    An annotation whose words have no link is left out; its code stays. The extra notes teach the
    alignment by their texts alone: with CodiEsp's background texts about 95 % is carried over.

    Raises:
        CorpusError: the notes do not come in pairs of one id.
        SettingsError: eflomal is not installed.
    """
    _require_pairs([c.note for c in spanish], [c.note for c in english])
    _require_pairs(extra_spanish, extra_english)
    source = [c.note.text for c in spanish] + [note.text for note in extra_spanish]
    target = [c.note.text for c in english] + [note.text for note in extra_english]
    pairs = [pair_of(s, t) for s, t in zip(source, target, strict=True)]
    linked = _link(align_pairs(pairs))
    return [
        replace(en, evidence=_carried(es, en, beads))
        for es, en, beads in zip(spanish, english, linked[: len(spanish)], strict=True)
    ]


def projection_statistics(
    spanish: Sequence[CodedNote], projected: Sequence[CodedNote]
) -> ProjectionStatistics:
    """Count what `project_evidence` carried over; annotations that became one count as one."""
    carried = [evidence for coded in projected for evidence in coded.evidence]
    return ProjectionStatistics(
        n_notes=len(projected),
        n_annotations=sum(len(coded.evidence) for coded in spanish),
        n_projected=len(carried),
        n_contiguous=sum(len(evidence.spans) == 1 for evidence in carried),
    )


def _require_pairs(spanish: Sequence[Note], english: Sequence[Note]) -> None:
    ids, translated = [n.note_id for n in spanish], [n.note_id for n in english]
    if ids != translated:
        different = sorted(set(ids) ^ set(translated))[:3]
        raise CorpusError(
            f"{len(ids)} notes and {len(translated)} translations do not pair by id"
            f"{': ' + ', '.join(different) if different else ''}. Give both in the same order."
        )


def _link(aligned: Sequence[Sequence[BeadWords]]) -> list[list[LinkedBead]]:
    beads = [[b for b in of_pair if b.source and b.target] for of_pair in aligned]
    links = iter(align_words([_stems(bead) for of_pair in beads for bead in of_pair]))
    return [
        [
            LinkedBead(b, found)
            for b, found in zip(of_pair, islice(links, len(of_pair)), strict=True)
        ]
        for of_pair in beads
    ]


def _stems(bead: BeadWords) -> tuple[list[str], list[str]]:
    return [word.stem for word in bead.source], [word.stem for word in bead.target]


def _carried(
    spanish: CodedNote, english: CodedNote, beads: Sequence[LinkedBead]
) -> tuple[CodeEvidence, ...]:
    projected = (
        CodeEvidence(e.code, project_spans(e.spans, beads, english.note.text))
        for e in spanish.evidence
    )
    return tuple(dict.fromkeys(e for e in projected if e.spans))
