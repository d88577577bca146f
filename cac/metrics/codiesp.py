"""The scores of the CodiEsp shared task, as its evaluation script computes them.

Miranda-Escalada et al. 2020. That script drops predicted codes outside its list of valid codes
before it scores; give it codes of that list, or leave the others out beforehand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from cac.coding import Code, CodeEvidence
from cac.metrics.counts import PrecisionRecallF1, precision_recall_f1
from cac.metrics.matrices import mean_of_defined
from cac.note import Span

Ranking = Mapping[str, Sequence[Code]]
Annotations = Mapping[str, Sequence[CodeEvidence]]

_TOLERANCE = 10
_DEPTH = 1000


def codiesp_map(gold: Ranking, ranked: Ranking, *, as_published: bool = False) -> float:
    """Return MAP for tasks D and P from the codes of each note in their order.

    A code that stands twice counts where it stands first; gold codes that are not ranked count in
    the divisor. Notes without gold codes are left out.

    Args:
        gold: gold codes by note id.
        ranked: predicted codes by note id, best first; the first 1,000 are scored.
        as_published: leave out notes without any prediction, as the task's script does (its
            divisor counts the notes that both files name); else they count as 0.
    """
    values = [
        _average_precision(set(codes), ranked.get(note_id, ()))
        for note_id, codes in gold.items()
        if codes and not (as_published and not ranked.get(note_id))
    ]
    return mean_of_defined(np.array(values, dtype=np.float64))


def codiesp_x(gold: Annotations, predicted: Annotations) -> PrecisionRecallF1:
    """Return micro precision, recall and F1 on code and evidence, task X.

    Pairs of a note and a code are counted once. One is right where some predicted reference holds
    a gold reference of that code with at most ten characters to spare on either side; pieces of a
    discontinuous reference count as one, from the first character to the last.

    Args:
        gold: annotated evidence by note id.
        predicted: predicted evidence by note id.
    """
    wanted, found = _extents(gold), _extents(predicted)
    n_correct = sum(
        any(_holds(p, g) for p in found.get(pair, ()) for g in references)
        for pair, references in wanted.items()
    )
    return precision_recall_f1(n_correct, len(found), len(wanted))


def _average_precision(gold: set[Code], ranked: Sequence[Code]) -> float:
    n_hits, total = 0, 0.0
    for rank, code in enumerate(list(dict.fromkeys(ranked))[:_DEPTH], start=1):
        if code in gold:
            n_hits += 1
            total += n_hits / rank
    return total / len(gold)


def _extents(annotations: Annotations) -> dict[tuple[str, Code], list[Span]]:
    extents: dict[tuple[str, Code], list[Span]] = {}
    for note_id, evidence in annotations.items():
        for item in evidence:
            references = extents.setdefault((note_id, item.code), [])
            if item.spans:
                references.append(
                    Span(min(s.start for s in item.spans), max(s.end for s in item.spans))
                )
    return extents


def _holds(predicted: Span, gold: Span) -> bool:
    before, after = gold.start - predicted.start, predicted.end - gold.end
    return 0 <= before <= _TOLERANCE and 0 <= after <= _TOLERANCE
