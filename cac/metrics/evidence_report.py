"""The evidence metrics of answers against annotated notes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple

import numpy as np
from scipy import sparse

from cac.coding import Code, CodedNote, CodeEvidence, Evidence, Suggestion
from cac.errors import InputError
from cac.metrics.codiesp import codiesp_x
from cac.metrics.counts import Counts, PrecisionRecallF1
from cac.metrics.evidence_spans import NoteEvidence, SpanMetrics, span_metrics, tokens
from cac.metrics.evidence_tokens import Explanation, token_metrics
from cac.metrics.figures import Bootstrap, Figure
from cac.metrics.matrices import Floats
from cac.metrics.pairing import Pairing
from cac.note import Span

WeightedSpans = Sequence[tuple[Span, float]]
_SPAN_METRICS = (
    "span_exact",
    "span_position_independent",
    "token_exact",
    "token_position_independent",
)


def evidence_figures(
    pairing: Pairing, predicted: sparse.csr_matrix, bootstrap: Bootstrap
) -> list[Figure]:
    """Return MDACE's, CodiEsp's and Edin's evidence figures; none without gold evidence.

    Raises:
        InputError: evidence of an answer lies outside its note, or is not the text there.
    """
    if not any(coded.evidence for coded in pairing.gold):
        return []
    kept = list(_kept_suggestions(pairing, predicted))
    _require_true_offsets(pairing.gold, kept)
    notes = [
        NoteEvidence(coded.note.text, coded.evidence, _as_code_evidence(found))
        for coded, found in zip(pairing.gold, kept, strict=True)
    ]
    figures = []
    for name in _SPAN_METRICS:
        counts = _by_note(notes, _span_metric(name))
        figures += bootstrap.micro("evidence (MDACE)", name, counts)
    counts = _by_note(notes, lambda n: codiesp_x({"": n.gold}, {"": n.predicted}))
    figures += bootstrap.micro("evidence (CodiEsp X)", "code_and_span", counts)
    figures += _token_figures("evidence tokens, gold codes", pairing.gold, kept, all_gold=True)
    return figures + _token_figures(
        "evidence tokens, predicted codes", pairing.gold, kept, all_gold=False
    )


def _span_metric(name: str) -> Callable[[NoteEvidence], PrecisionRecallF1]:
    def metric(note: NoteEvidence) -> PrecisionRecallF1:
        found: SpanMetrics = span_metrics([note])
        result: PrecisionRecallF1 = getattr(found, name)
        return result

    return metric


def _kept_suggestions(
    pairing: Pairing, predicted: sparse.csr_matrix
) -> Iterator[tuple[Suggestion, ...]]:
    """Yield each note's suggestions that reach the threshold."""
    column = {code: number for number, code in enumerate(pairing.codes)}
    for row, found in enumerate(pairing.suggestions):
        chosen = set(predicted.indices[predicted.indptr[row] : predicted.indptr[row + 1]].tolist())
        yield tuple(s for s in found if column[s.code] in chosen)


def _require_true_offsets(gold: Sequence[CodedNote], kept: Sequence[Sequence[Suggestion]]) -> None:
    for coded, found in zip(gold, kept, strict=True):
        for evidence in (e for s in found for e in s.evidence):
            if not _is_true(evidence, coded.note.text):
                raise InputError(
                    f"Note {coded.note.note_id!r}: evidence {evidence.span.start} to "
                    f"{evidence.span.end} is not what stands there in the gold note. "
                    "Make the answers from the same texts."
                )


def _is_true(evidence: Evidence, text: str) -> bool:
    span = evidence.span
    if not 0 <= span.start < span.end <= len(text):
        return False
    return not evidence.text or text[span.start : span.end] == evidence.text


def _as_code_evidence(found: Iterable[Suggestion]) -> tuple[CodeEvidence, ...]:
    return tuple(
        CodeEvidence(s.code, tuple(e.span for e in pieces)) for s in found for pieces in s.mentions
    )


def _by_note(
    notes: Sequence[NoteEvidence], metric: Callable[[NoteEvidence], PrecisionRecallF1]
) -> Counts:
    found = [metric(note) for note in notes]
    tp = np.array([f.n_correct for f in found])
    return Counts(
        tp,
        np.array([f.n_predicted for f in found]) - tp,
        np.array([f.n_gold for f in found]) - tp,
    )


def _token_figures(
    group: str,
    gold: Sequence[CodedNote],
    kept: Sequence[Sequence[Suggestion]],
    *,
    all_gold: bool,
) -> list[Figure]:
    explanations = [
        explanation
        for coded, found in zip(gold, kept, strict=True)
        for explanation in explanations_of(coded, _weighted(found), all_gold=all_gold)
    ]
    metrics = token_metrics(explanations, 0.0)
    names = ("auprc", "empty_share", "span_recall", "cover", "iou", "p_at_5", "r_at_5")
    values = astuple(metrics)[1:]
    return [
        Figure(group, "precision", metrics.token.precision),
        Figure(group, "recall", metrics.token.recall),
        Figure(group, "f1", metrics.token.f1),
        *(Figure(group, name, value) for name, value in zip(names, values, strict=True)),
    ]


def explanations_of(
    coded: CodedNote, predicted: Mapping[Code, WeightedSpans], *, all_gold: bool
) -> Iterator[Explanation]:
    """Yield the token weights of each gold code with evidence; of predicted ones unless all.

    Args:
        coded: the note with its gold evidence.
        predicted: the spans of each predicted code, with their weights.
        all_gold: gold codes that are not predicted have an empty explanation.
    """
    text = coded.note.text
    positions = tokens(text, Span(0, len(text)))
    by_code: dict[Code, list[tuple[Span, float]]] = {}
    for evidence in coded.evidence:
        by_code.setdefault(evidence.code, []).extend((span, 1.0) for span in evidence.spans)
    for code, spans in by_code.items():
        if all_gold or code in predicted:
            weights = _token_weights(positions, predicted.get(code, ()))
            yield Explanation(weights, _token_weights(positions, spans))


def _weighted(found: Sequence[Suggestion]) -> dict[Code, WeightedSpans]:
    return {s.code: [(e.span, e.weight) for e in s.evidence] for s in found}


def _token_weights(positions: Sequence[Span], spans: WeightedSpans) -> Floats:
    """Return the highest weight of the spans over each token; shape (n_tokens,)."""
    weights = np.zeros(len(positions))
    starts = np.array([p.start for p in positions])
    ends = np.array([p.end for p in positions])
    for span, weight in spans:
        covered = (starts < span.end) & (ends > span.start)
        weights[covered] = np.maximum(weights[covered], weight)
    return weights
