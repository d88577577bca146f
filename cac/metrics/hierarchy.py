"""Metrics that give credit for a near code: categories, and CoPHE's hierarchical F1."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from scipy import sparse

from cac.coding import Code, CodeSystem
from cac.metrics.counts import Counts, PrecisionRecallF1, counts_by_note, pooled
from cac.metrics.matrices import Matrix, binary, require_same_shape, row_sums

Ancestors = Callable[[Code], Sequence[str]]

_CATEGORY_LENGTH = 3


def category(code: Code) -> str:
    """Return the category: three characters (ICD-9 E codes four, ICD-9-PCS two, CPT all)."""
    bare = code.value.replace(".", "")
    if code.system in (CodeSystem.CPT, CodeSystem.HCPCS):
        return bare
    if code.system is CodeSystem.ICD9PCS:
        return bare[:2]
    is_external = code.system is CodeSystem.ICD9CM and bare.startswith("E")
    return bare[: _CATEGORY_LENGTH + is_external]


def prefix_ancestors(code: Code) -> tuple[str, ...]:
    """Return the code's shorter forms up to its category, nearest first, itself left out."""
    bare = code.value.replace(".", "")
    shortest = len(category(code))
    return tuple(bare[:length] for length in range(len(bare) - 1, shortest - 1, -1))


def membership(codes: Sequence[Code], ancestors: Ancestors) -> sparse.csr_matrix:
    """Return which ancestor each code has; shape (n_codes, n_ancestors), 0 or 1.

    Ancestors of different systems are kept apart though they are spelt alike.
    """
    names: dict[tuple[CodeSystem, str], int] = {}
    rows, columns = [], []
    for row, code in enumerate(codes):
        for name in ancestors(code):
            rows.append(row)
            columns.append(names.setdefault((code.system, name), len(names)))
    ones = np.ones(len(rows), dtype=np.int64)
    return sparse.csr_matrix((ones, (rows, columns)), shape=(len(codes), len(names)))


def category_counts_by_note(y_true: Matrix, y_pred: Matrix, codes: Sequence[Code]) -> Counts:
    """Count the sets of categories of each note; each field has shape (n_notes,)."""
    to_category = membership(codes, lambda code: (category(code),))
    return counts_by_note(binary(y_true) @ to_category, binary(y_pred) @ to_category)


def category_micro(y_true: Matrix, y_pred: Matrix, codes: Sequence[Code]) -> PrecisionRecallF1:
    """Return micro precision, recall and F1 over the sets of categories of each note.

    Args:
        y_true: gold codes, shape (n_notes, n_codes), 0 or 1.
        y_pred: predicted codes, the same shape.
        codes: the code of each column.
    """
    return pooled(category_counts_by_note(y_true, y_pred, codes))


def hierarchical_counts_by_note(
    y_true: Matrix, y_pred: Matrix, codes: Sequence[Code], ancestors: Ancestors = prefix_ancestors
) -> Counts:
    """Count each note's codes with their ancestors, see `hierarchical_micro`; shape (n_notes,)."""
    true, pred = binary(y_true), binary(y_pred)
    require_same_shape(true, pred)
    to_node = membership(codes, lambda code: (code.value.replace(".", ""), *ancestors(code)))
    true, pred = true @ to_node, pred @ to_node
    tp = row_sums(true.minimum(pred))
    return Counts(tp, row_sums(pred) - tp, row_sums(true) - tp)


def hierarchical_micro(
    y_true: Matrix, y_pred: Matrix, codes: Sequence[Code], ancestors: Ancestors = prefix_ancestors
) -> PrecisionRecallF1:
    """Return CoPHE's count-preserving hierarchical F1 (Falis et al. 2021).

    The codes and all their ancestors are scored together. Each counts as often as the note has
    codes at or under it; the smaller of its gold and predicted counts is correct.

    Args:
        y_true: gold codes, shape (n_notes, n_codes), 0 or 1.
        y_pred: predicted codes, the same shape.
        codes: the code of each column.
        ancestors: names of a code's ancestors, without the dot.
    """
    return pooled(hierarchical_counts_by_note(y_true, y_pred, codes, ancestors))
