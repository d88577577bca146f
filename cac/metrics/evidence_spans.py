"""MDACE's four evidence metrics (Cheng et al. 2023): spans or tokens, with or without position."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

from cac.coding import Code, CodeEvidence
from cac.metrics.counts import PrecisionRecallF1, precision_recall_f1
from cac.note import Span

_TOKEN = re.compile(r"\w+")
_LARGEST_NUMBER = 10


@dataclass(frozen=True, slots=True)
class NoteEvidence:
    """The text of a note with its gold and its predicted evidence."""

    text: str
    gold: tuple[CodeEvidence, ...]
    predicted: tuple[CodeEvidence, ...]


@dataclass(frozen=True, slots=True)
class SpanMetrics:
    """MDACE's metrics, micro over all notes."""

    span_exact: PrecisionRecallF1
    span_position_independent: PrecisionRecallF1
    token_exact: PrecisionRecallF1
    token_position_independent: PrecisionRecallF1


def span_metrics(notes: Iterable[NoteEvidence]) -> SpanMetrics:
    """Return MDACE's metrics; each piece of a discontinuous mention is a span of its own.

    A span is right where a gold span of the same code has its bounds (exact), or its lower-cased
    words (position-independent); tokens likewise. Within a note what is equal counts once.
    Tokens are those of the publisher: runs of word characters but numbers over ten. Its script
    ends each token where it begins; here it has its own end, which changes no figure.
    """
    totals = [[0, 0, 0] for _ in range(4)]
    for note in notes:
        gold, predicted = _keys(note.text, note.gold), _keys(note.text, note.predicted)
        for total, found, wanted in zip(totals, predicted, gold, strict=True):
            total[0] += len(found & wanted)
            total[1] += len(found)
            total[2] += len(wanted)
    return SpanMetrics(*(precision_recall_f1(*total) for total in totals))


def tokens(text: str, span: Span) -> list[Span]:
    """Return MDACE's tokens inside a span: no punctuation, no number over ten."""
    found = _TOKEN.finditer(text, span.start, span.end)
    return [Span(*m.span()) for m in found if not _is_large_number(m.group())]


def _is_large_number(word: str) -> bool:
    return word.isdecimal() and int(word) > _LARGEST_NUMBER


def _keys(text: str, evidence: Sequence[CodeEvidence]) -> list[set[Hashable]]:
    spans = {(e.code, span) for e in evidence for span in e.spans}
    pieces = {(code, token) for code, span in spans for token in tokens(text, span)}
    return [set(spans), _worded(text, spans), set(pieces), _worded(text, pieces)]


def _worded(text: str, spans: Iterable[tuple[Code, Span]]) -> set[Hashable]:
    return {(code, text[span.start : span.end].lower()) for code, span in spans}
