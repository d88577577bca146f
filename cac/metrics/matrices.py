"""Arrays and sparse matrices of notes by codes, brought to one form and checked."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import sparse

from cac.errors import SettingsError

Floats: TypeAlias = npt.NDArray[np.float64]
Ints: TypeAlias = npt.NDArray[np.int64]
#: A dense array or any scipy sparse matrix of shape (n_notes, n_codes).
Matrix: TypeAlias = Any


def binary(matrix: Matrix) -> sparse.csr_matrix:
    """Return a CSR matrix of 0 and 1; every entry but zero counts as 1.

    Raises:
        SettingsError: the matrix has not two dimensions.
    """
    found = _csr(matrix)
    found.data = (found.data != 0).astype(np.int64)
    found.eliminate_zeros()
    return found.astype(np.int64)


def scores_of(matrix: Matrix) -> sparse.csr_matrix:
    """Return the scores as a CSR matrix of floats; what is not stored has no score.

    Of a dense array every entry is stored, zeros too: all its codes are ranked.

    Raises:
        SettingsError: the matrix has not two dimensions, or a score is not finite.
    """
    found = _csr(matrix).astype(np.float64) if sparse.issparse(matrix) else _full(matrix)
    if not np.isfinite(found.data).all():
        raise SettingsError("A score is not a finite number. Mend the model that wrote it.")
    return found


def require_same_shape(first: Matrix, second: Matrix) -> None:
    """Refuse matrices over different notes or codes.

    Raises:
        SettingsError: naming both shapes.
    """
    if first.shape != second.shape:
        raise SettingsError(
            f"Shapes {first.shape} and {second.shape} found. Both must be (n_notes, n_codes) over "
            "the same notes and codes."
        )


def row_sums(matrix: sparse.csr_matrix) -> Floats:
    """Return the sum of each row; shape (n_rows,)."""
    return np.asarray(matrix.sum(axis=1), dtype=np.float64).ravel()


def column_sums(matrix: sparse.csr_matrix) -> Floats:
    """Return the sum of each column; shape (n_columns,)."""
    return np.asarray(matrix.sum(axis=0), dtype=np.float64).ravel()


def ratio(numerator: Floats, denominator: Floats) -> Floats:
    """Divide where the denominator is not zero; NaN elsewhere."""
    shape = np.broadcast_shapes(np.shape(numerator), np.shape(denominator))
    missing = np.full(shape, np.nan)
    return np.divide(numerator, denominator, out=missing, where=np.asarray(denominator) != 0)


def mean_of_defined(values: Floats) -> float:
    """Return the mean of what is not NaN; NaN where nothing is."""
    defined = values[~np.isnan(values)]
    return float(defined.mean()) if defined.size else float("nan")


def _csr(matrix: Matrix) -> sparse.csr_matrix:
    if np.ndim(matrix) != 2 and not sparse.issparse(matrix):
        raise SettingsError(
            f"{np.ndim(matrix)} dimensions found; a matrix of shape (n_notes, n_codes) is wanted."
        )
    found = sparse.csr_matrix(matrix, copy=True)
    found.sum_duplicates()
    return found


def _full(matrix: Matrix) -> sparse.csr_matrix:
    dense = np.asarray(matrix, dtype=np.float64)
    if dense.ndim != 2:
        return _csr(dense)
    n_rows, n_columns = dense.shape
    columns = np.tile(np.arange(n_columns), n_rows)
    starts = np.arange(0, dense.size + 1, n_columns) if n_columns else np.zeros(n_rows + 1, int)
    return sparse.csr_matrix((dense.ravel(), columns, starts), shape=dense.shape)
