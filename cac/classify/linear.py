"""The sparse linear baseline: TF-IDF of words and pairs, one logistic regression a label.

It needs no torch, trains in minutes, and is what a neural model must beat.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar
from zipfile import BadZipFile

import numpy as np
from scipy import sparse
from scipy.special import expit

from cac.classify.ngrams import ngrams, placed_ngrams, token_offsets, tokens
from cac.classify.scorer import Floats, Ints, Progress, no_progress
from cac.classify.words import by_word, words_of
from cac.decide.calibration import Bools
from cac.errors import BundleError

WEIGHTS, VOCABULARY = "weights.npz", "vocabulary.json"
_N_TEXTS = 512


@dataclass(frozen=True, slots=True)
class LinearSettings:
    """How the baseline is fitted.

    ``strength`` is the inverse of the penalty (C of scikit-learn); a feature must stand in
    ``min_notes`` notes, the ``max_features`` commonest are kept, and of each label the
    ``max_weights`` largest weights.
    """

    strength: float = 10.0
    min_notes: int = 2
    max_features: int = 200_000
    max_weights: int = 2_000
    seed: int = 0

    # pydantic, where a run's YAML is read, refuses unknown keys of this class by name.
    __pydantic_config__: ClassVar[Any] = {"extra": "forbid"}


class LinearScorer:
    """Scores texts by sparse weights; shape of ``weights`` (n_features, n_labels)."""

    kind = "linear"
    methods: tuple[str, ...] = ("weights",)
    method: str = "weights"

    def __init__(
        self, terms: Sequence[str], idf: Floats, weights: sparse.csc_matrix, bias: Floats
    ) -> None:
        self._terms = tuple(terms)
        self._column = {term: i for i, term in enumerate(self._terms)}
        self._idf, self._weights, self._bias = idf, weights, bias
        self._vectorizer = _vectorizer(vocabulary=self._column)
        self._vectorizer.idf_ = idf

    @classmethod
    def fit(
        cls,
        texts: Sequence[str],
        truth: Bools,
        settings: LinearSettings | None = None,
        progress: Progress = no_progress,
    ) -> LinearScorer:
        """Fit on training notes; the same notes give the same weights.

        Args:
            texts: of the training notes.
            truth: which labels are gold; shape (n_texts, n_labels).
            settings: how.
            progress: told of each label done.
        """
        chosen = settings or LinearSettings()
        vectorizer = _vectorizer(
            min_df=min(chosen.min_notes, max(len(texts) // 2, 1)), max_features=chosen.max_features
        )
        rows = vectorizer.fit_transform(texts)
        columns, bias = [], np.zeros(truth.shape[1])
        for label in range(truth.shape[1]):
            column, bias[label] = _fit_label(rows, truth[:, label], chosen)
            columns.append(column)
            progress(1)
        weights = sparse.csc_matrix(sparse.hstack(columns, format="csc"))
        terms = vectorizer.get_feature_names_out().tolist()
        return cls(terms, np.asarray(vectorizer.idf_), weights, bias)

    @property
    def n_labels(self) -> int:
        """How many labels are scored."""
        return len(self._bias)

    @property
    def batch_size(self) -> int:
        """One: several are scored one after the other in any case."""
        return 1

    def scores(self, texts: Sequence[str], progress: Progress = no_progress) -> Floats:
        """Return uncalibrated probabilities; shape (n_texts, n_labels)."""
        found = np.zeros((len(texts), self.n_labels))
        for start in range(0, len(texts), _N_TEXTS):
            part = texts[start : start + _N_TEXTS]
            logits = (self._vectorizer.transform(part) @ self._weights).toarray() + self._bias
            found[start : start + len(part)] = expit(logits)
            progress(len(part))
        return found

    def word_weights(self, text: str, labels: Sequence[int]) -> tuple[Ints, Floats]:
        """Return the words of a text and what each adds to each label; nothing is below 0."""
        row = self._vectorizer.transform([text]).tocsr()
        added = self._weights[:, list(labels)].multiply(row.T).toarray()  # (n_features, n_chosen)
        held = tokens(text)
        places = [p for p in placed_ngrams(held) if p[0] in self._column]
        counts: dict[str, int] = {}
        for gram, _, _ in places:
            counts[gram] = counts.get(gram, 0) + 1
        by_token = np.zeros((len(labels), len(held)))
        for gram, start, end in places:
            share = np.maximum(added[self._column[gram]], 0.0) / counts[gram] / (end - start)
            by_token[:, start:end] += share[:, None]
        words = words_of(text)
        return words, by_word(words, token_offsets(text), by_token)

    def contents(self) -> Mapping[str, bytes]:
        """Return the files of a bundle, by name; no pickle among them."""
        arrays = io.BytesIO()
        np.savez_compressed(
            arrays,
            data=self._weights.data.astype(np.float32),
            indices=self._weights.indices.astype(np.int32),
            indptr=self._weights.indptr.astype(np.int64),
            idf=self._idf,
            bias=self._bias,
        )
        vocabulary = json.dumps(list(self._terms), ensure_ascii=False)
        return {WEIGHTS: arrays.getvalue(), VOCABULARY: vocabulary.encode()}

    @classmethod
    def restore(cls, read: Callable[[str], bytes], n_labels: int) -> LinearScorer:
        """Rebuild from the files of a bundle.

        Raises:
            BundleError: a file is damaged, or they do not belong together.
        """
        try:
            terms = json.loads(read(VOCABULARY))
            with np.load(io.BytesIO(read(WEIGHTS)), allow_pickle=False) as arrays:
                parts = (arrays["data"].astype(np.float64), arrays["indices"], arrays["indptr"])
                weights = sparse.csc_matrix(parts, shape=(len(terms), n_labels))
                idf, bias = arrays["idf"], arrays["bias"]
                if len(idf) != len(terms) or len(bias) != n_labels:
                    raise ValueError("other sizes")
        except (KeyError, TypeError, ValueError, BadZipFile, EOFError) as error:
            raise BundleError(
                f"The files of the bundle do not belong together ({type(error).__name__}). "
                "Train the bundle again, or fetch it again."
            ) from None
        return cls(terms, idf, weights, bias)


def _vectorizer(**settings: Any) -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer

    return TfidfVectorizer(analyzer=ngrams, sublinear_tf=True, **settings)


def _fit_label(
    rows: sparse.csr_matrix, truth: Bools, settings: LinearSettings
) -> tuple[sparse.csc_matrix, float]:
    """Return the weights and the bias of one label; (n_features, 1)."""
    if truth.all() or not truth.any():
        share = (truth.sum() + 0.5) / (len(truth) + 1)
        return sparse.csc_matrix((rows.shape[1], 1)), float(np.log(share / (1 - share)))
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(
        C=settings.strength, solver="liblinear", random_state=settings.seed, max_iter=200
    ).fit(rows, truth)
    weights = np.asarray(model.coef_[0])
    if np.count_nonzero(weights) > settings.max_weights:
        least = np.partition(np.abs(weights), -settings.max_weights)[-settings.max_weights]
        weights = np.where(np.abs(weights) >= least, weights, 0.0)
    # Stored as float32, so that a saved model answers as the fitted one does.
    kept = weights.astype(np.float32).astype(np.float64)
    return sparse.csc_matrix(kept[:, None]), float(model.intercept_[0])
