"""Gradient-boosted trees as plain JSON: fitted with scikit-learn, applied with numpy alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

N_TREES = 150
_SETTINGS: dict[str, Any] = {
    "learning_rate": 0.06,
    "max_leaf_nodes": 15,
    "max_depth": 6,
    "min_samples_leaf": 40,
    "l2_regularization": 10.0,
    "max_features": 0.3,
    "early_stopping": False,
    "random_state": 0,
}


class Trees:
    """An ensemble of binary trees with one probability out; all trees stand in flat arrays.

    A leaf is its own left and right child, so that every row takes ``depth`` steps.
    """

    def __init__(
        self,
        names: Sequence[str],
        base: float,
        feature: Ints,
        threshold: Floats,
        left: Ints,
        right: Ints,
        value: Floats,
        roots: Ints,
        depth: int,
    ) -> None:
        self.names = tuple(names)
        self._base = base
        self._feature, self._threshold = feature, threshold
        self._left, self._right, self._value = left, right, value
        self._roots, self._depth = roots, depth

    def probabilities(self, rows: Floats) -> Floats:
        """Return the probability of each row.

        Shape: rows (n_rows, n_features); answer (n_rows,).
        """
        if not len(rows):
            return np.zeros(0)
        at = np.tile(self._roots, (len(rows), 1))  # (n_rows, n_trees)
        index = np.arange(len(rows))[:, None]
        for _ in range(self._depth):
            goes_left = rows[index, self._feature[at]] <= self._threshold[at]
            at = np.where(goes_left, self._left[at], self._right[at])
        raw = self._base + self._value[at].sum(axis=1)
        return np.asarray(1.0 / (1.0 + np.exp(-raw)))

    def to_json(self) -> dict[str, Any]:
        """Return plain data for a bundle."""
        return {
            "names": list(self.names),
            "base": self._base,
            "feature": self._feature.tolist(),
            "threshold": self._threshold.tolist(),
            "left": self._left.tolist(),
            "right": self._right.tolist(),
            "value": self._value.tolist(),
            "roots": self._roots.tolist(),
            "depth": self._depth,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Trees:
        """Read what `to_json` wrote."""
        feature, left, right, roots = (
            np.array(data[name], dtype=np.int64) for name in ("feature", "left", "right", "roots")
        )
        threshold, value = (
            np.array(data[name], dtype=np.float64) for name in ("threshold", "value")
        )
        names, base, depth = data["names"], float(data["base"]), int(data["depth"])
        return cls(names, base, feature, threshold, left, right, value, roots, depth)


class SplitTrees:
    """Two ensembles, one for the rows where a feature is 0 and one for the others."""

    def __init__(self, split: int, parts: tuple[Trees, Trees]) -> None:
        self._split, self._parts = split, parts

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the features, in order."""
        return self._parts[0].names

    def probabilities(self, rows: Floats) -> Floats:
        """Return the probability of each row.

        Shape: rows (n_rows, n_features); answer (n_rows,).
        """
        answers = np.zeros(len(rows))
        for part, chosen in zip(self._parts, _sides(rows, self._split), strict=True):
            answers[chosen] = part.probabilities(rows[chosen])
        return answers

    def to_json(self) -> dict[str, Any]:
        """Return plain data for a bundle."""
        return {"split": self._split, "parts": [part.to_json() for part in self._parts]}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> SplitTrees:
        """Read what `to_json` wrote."""
        one, two = (Trees.from_json(part) for part in data["parts"])
        return cls(int(data["split"]), (one, two))


def fit_split(
    rows: Floats, truth: Bools, names: Sequence[str], split: str, *, n_trees: int = N_TREES
) -> SplitTrees:
    """Fit an ensemble for each value of the feature ``split``.

    Shape: rows (n_rows, n_features); truth (n_rows,).
    """
    column = list(names).index(split)
    one, two = (
        fit_trees(rows[chosen], truth[chosen], names, n_trees=n_trees)
        for chosen in _sides(rows, column)
    )
    return SplitTrees(column, (one, two))


def _sides(rows: Floats, column: int) -> tuple[Bools, Bools]:
    above = rows[:, column] > 0
    return ~above, above


def fit_trees(rows: Floats, truth: Bools, names: Sequence[str], *, n_trees: int = N_TREES) -> Trees:
    """Fit an ensemble; the same rows always give the same trees.

    Where all rows are true, or none, the answer is the smoothed share of true rows.

    Shape: rows (n_rows, n_features); truth (n_rows,).
    """
    if truth.all() or not truth.any():
        base = float(np.log((truth.sum() + 0.5) / ((~truth).sum() + 0.5)))
        ints, floats = np.zeros(0, dtype=np.int64), np.zeros(0)
        return Trees(names, base, ints, floats, ints, ints, floats, ints, 0)
    from sklearn.ensemble import HistGradientBoostingClassifier

    model = HistGradientBoostingClassifier(max_iter=n_trees, **_SETTINGS).fit(rows, truth)
    # scikit-learn gives no public way to the nodes; a test compares the answers.
    base = float(np.ravel(model._baseline_prediction)[0])
    return _flatten([found[0].nodes for found in model._predictors], base, names)


def _flatten(trees: Sequence[Any], base: float, names: Sequence[str]) -> Trees:
    sizes = [len(nodes) for nodes in trees]
    roots = np.cumsum([0, *sizes[:-1]], dtype=np.int64)
    nodes = np.concatenate(trees)
    start, own = np.repeat(roots, sizes), np.arange(sum(sizes))
    leaf = nodes["is_leaf"].astype(bool)
    return Trees(
        names,
        base,
        np.where(leaf, 0, nodes["feature_idx"]).astype(np.int64),
        np.where(leaf, 0.0, nodes["num_threshold"]).astype(np.float64),
        np.where(leaf, own, nodes["left"].astype(np.int64) + start),
        np.where(leaf, own, nodes["right"].astype(np.int64) + start),
        np.where(leaf, nodes["value"], 0.0).astype(np.float64),
        roots,
        int(nodes["depth"].max()),
    )
