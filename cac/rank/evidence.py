"""The spans that support a code: merged, once each, weighed by what they contribute."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cac.coding import Evidence, Mention
from cac.note import Assertion, Note, Span
from cac.rank.assertions import telling_assertion

_MAX_EVIDENCE = 20  # a code named on every line needs no more to be believed


@dataclass(frozen=True, slots=True)
class Piece:
    """A span with its section, what is said of it and how much it speaks for the code."""

    span: Span
    section: str
    assertion: Assertion
    strength: float


def pieces_of(mention: Mention, assertion: Assertion, strength: float) -> list[Piece]:
    """Return one piece a span of the mention."""
    share = strength / len(mention.spans)
    return [Piece(span, mention.section, assertion, share) for span in mention.spans]


def gather_evidence(note: Note, pieces: Iterable[Piece]) -> tuple[Evidence, ...]:
    """Merge overlapping pieces and return them strongest first; the weights sum to 1."""
    merged = _merge(sorted(pieces, key=lambda p: p.span))
    merged.sort(key=lambda p: (-p.strength, p.span))
    kept = merged[:_MAX_EVIDENCE]
    total = sum(piece.strength for piece in kept) or 1.0
    return tuple(
        Evidence(
            span=piece.span,
            text=note.text[piece.span.start : piece.span.end],
            section=piece.section,
            assertion=piece.assertion,
            weight=round(piece.strength / total, 4),
        )
        for piece in kept
    )


def _merge(pieces: Sequence[Piece]) -> list[Piece]:
    merged: list[Piece] = []
    for piece in pieces:
        if merged and piece.span.overlaps(merged[-1].span):
            merged[-1] = _joined(merged[-1], piece)
        else:
            merged.append(piece)
    return merged


def _joined(first: Piece, second: Piece) -> Piece:
    span = Span(first.span.start, max(first.span.end, second.span.end))
    said = telling_assertion((first.assertion, second.assertion))
    return Piece(span, first.section, said, max(first.strength, second.strength))
