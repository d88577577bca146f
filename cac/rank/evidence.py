"""The spans that support a code: merged, once each, weighed by what they contribute."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cac.coding import Evidence, Mention
from cac.note import Assertion, Note, Span
from cac.rank.assertions import telling_assertion

_MAX_EVIDENCE = 20  # a code named on every line needs no more to be believed


@dataclass(frozen=True, slots=True)
class Piece:
    """A span with its section, what is said of it and how much it speaks for the code.

    ``mentions`` are those that it is a piece of.
    """

    span: Span
    section: str
    assertion: Assertion
    strength: float
    mentions: frozenset[tuple[Span, ...]]


def pieces_of(mention: Mention, assertion: Assertion, strength: float) -> list[Piece]:
    """Return one piece a span of the mention."""
    share, own = strength / len(mention.spans), frozenset([mention.spans])
    return [Piece(span, mention.section, assertion, share, own) for span in mention.spans]


def gather_evidence(note: Note, pieces: Iterable[Piece]) -> tuple[Evidence, ...]:
    """Merge overlapping pieces and return them strongest first; the weights sum to 1.

    Mentions that share a piece are one mention.
    """
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
            mention=number,
        )
        for piece, number in zip(kept, _mention_numbers(kept), strict=True)
    )


def _mention_numbers(pieces: Sequence[Piece]) -> list[int | None]:
    """Return one number for the pieces that mentions join; None for a piece that stands alone."""
    group = list(range(len(pieces)))
    first: dict[tuple[Span, ...], int] = {}
    for place, piece in enumerate(pieces):
        for mention in piece.mentions:
            other = group[first.setdefault(mention, place)]
            own = group[place]
            group = [other if number == own else number for number in group]
    sizes = Counter(group)
    return [number + 1 if sizes[number] > 1 else None for number in group]


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
    strength, mentions = max(first.strength, second.strength), first.mentions | second.mentions
    return Piece(span, first.section, said, strength, mentions)
